"""Tests of zelo.settings."""
