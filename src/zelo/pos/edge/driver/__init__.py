"""One fiscal device each: the emulated one over its wire, or a maker's library in a process of its own.

A driver decides only whether a call surely never arrived; it must not repeat one, nor read what the answer means.
"""
