"""The simulator on the wire: HTTPS on loopback, its folder on disk, its clock, the port that commands it.

It decides nothing about a note: it reads bytes within bounds, hands them to the core with the instant, writes the
journal before the answer leaves, and delivers, delays or breaks the connection as it is told.
"""
