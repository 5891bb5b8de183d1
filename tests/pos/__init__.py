"""Tests of the points of sale."""
