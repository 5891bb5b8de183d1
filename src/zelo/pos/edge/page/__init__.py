"""The gateway's own page and what `zelo-edge` asks it: how everything stands, and the few things a person decides.

It decides how that is said; it must not show or log an activation code, and it changes nothing without the token.
"""
