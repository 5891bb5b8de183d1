"""The simulated centre: takes batches from tills, keeps every item once, and can tell what is missing of whom.

It decides what it has received, of which emitter something is lost or unaccounted for, and what goes wrong on purpose.
It reads the protocol by itself and must share no logic with the gateway that it stands across from.
"""
