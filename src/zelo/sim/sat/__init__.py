"""An emulated fiscal device (SAT of SP, MFE of CE, model 59) and the SEFAZ that it sends its coupons to.

It decides what each call of the device interface is answered, what a coupon is worth, what the device remembers and
when it blocks itself: a pure step from state and call to state and reply. It must not share logic with what talks to
it, and must never be taken for a real device: its certificates come from the test authority.
"""
