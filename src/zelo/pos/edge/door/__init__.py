"""The doors of the gateway: what tills already speak, each turned into a `Request` and its answer turned back.

It decides what a door understands, who may knock and how it says no; it must not choose a device, keep a sale or repeat
one: behind every door there is only `Answer`. Each door is a pure core (`contract`, `paper`, …) and a thin shell.
"""
