"""CF-e, model 59: what a till asks a SAT or MFE to issue and what the device returns, read within bounds.

It decides what a sale and a coupon say and whether they agree with themselves; it must not talk to a device, number,
sign or store one.
"""
