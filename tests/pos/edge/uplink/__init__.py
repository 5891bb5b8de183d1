"""The way up, against the simulated centre and its troubles."""
