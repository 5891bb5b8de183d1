"""Tests of zelo.access.shell, on both databases."""
