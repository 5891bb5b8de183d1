"""A simulated SEFAZ for NFCom (model 62): the demo, the homologation environment, the oracle of our tests.

It decides, stricter than the authority, what a request deserves, what is remembered and what goes wrong on the wire;
the same seed, clock and requests give the same answers. It must not share logic with what it judges, nor ever play the
production environment.
"""
