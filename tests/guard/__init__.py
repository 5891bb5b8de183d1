"""Tests of zelo.guard."""
