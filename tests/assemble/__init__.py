"""Tests of the numbers of each série."""
