"""Measurements: CPU time on one core, each figure beside its yardstick in the same run, told as ratios."""
