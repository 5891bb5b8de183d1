"""Tests of zelo.models."""
