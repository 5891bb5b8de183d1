"""Tests of zelo.monitor."""
