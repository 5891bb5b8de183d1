"""The simulated centre."""
