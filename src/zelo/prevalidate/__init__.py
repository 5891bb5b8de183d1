"""Runs rules over a subject and gathers the faults: what is wrong, where, and what to do about it.

It decides order, bounds and grouping of faults; it must know no model, repair nothing and store nothing.
"""
