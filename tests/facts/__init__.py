"""Tests of zelo.facts."""
