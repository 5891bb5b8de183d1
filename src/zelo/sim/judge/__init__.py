"""The checks of a request in the order of the manual, one small function or row each, from rule to cStat.

The first that fails is the answer. It decides on the message, the base and the clock that it is handed; it must not
remember, answer or count anything itself.
"""
