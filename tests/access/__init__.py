"""Tests of zelo.access."""
