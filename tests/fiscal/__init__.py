"""Tests of zelo.fiscal."""
