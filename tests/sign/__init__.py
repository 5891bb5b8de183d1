"""Tests of zelo.sign."""
