"""Tests of zelo.archive."""
