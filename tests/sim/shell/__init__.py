"""Tests of zelo.sim.shell."""
