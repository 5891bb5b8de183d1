"""Tests of zelo.sim."""
