"""Tests of zelo.sim.judge."""
