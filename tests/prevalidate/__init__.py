"""Tests of zelo.prevalidate."""
