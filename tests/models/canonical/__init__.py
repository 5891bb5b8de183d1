"""Tests of zelo.models.canonical."""
