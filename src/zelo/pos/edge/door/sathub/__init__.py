"""The REST contract of SATHub, as clients of satcfe and of the old server speak it, over HTTP on the own machine.

It decides which form field is which argument; it must not ask the till for the activation code, which lives on the
gateway, and cannot know that a till repeats itself, for this contract has no identity of a call.
"""
