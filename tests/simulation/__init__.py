"""Whole lives in virtual time: seeded faults, crashes at any point, and the journal of the simulator as judge."""
