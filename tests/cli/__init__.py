"""Tests of zelo.cli."""
