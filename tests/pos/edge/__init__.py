"""Tests of the till's gateway."""
