"""Tests of zelo.transmit."""
