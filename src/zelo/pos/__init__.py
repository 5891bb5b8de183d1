"""Points of sale: the gateway beside the tills, and later the fleet of devices as the centre sees it.

It decides how a sale reaches a fiscal device and how what was issued reaches the centre; it must not know notes of
providers, nor pretend that a coupon of one model is one of another.
"""
