"""The provider's month: what was billed, where each real stands, what may be corrected, which numbers were left.

It decides what a month looks like and which corrections are certain; all of it is a projection of what flow and guard
keep, and so is the pack that the accountant takes away. It must not number, sign or send: it
hands corrections and a person's go to the conductor.
"""
