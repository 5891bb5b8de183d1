"""Identifiers of our own rows: 26 characters that sort by birth. Time and chance are arguments."""

from datetime import datetime
from typing import Final
from zlib import crc32

from zelo.fiscal.instant import to_micros

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS: Final = [one + other for one in _ALPHABET for other in _ALPHABET]
CHANCE_BYTES: Final = 10
BUCKETS: Final = 1024
"""Fixed from day one: rows of a company move together when a database is split (design §2)."""


def new_id(now: datetime, chance: bytes) -> str:
    """A ULID: 48 bits of milliseconds and 80 bits of chance in Crockford's base 32."""
    if len(chance) != CHANCE_BYTES:
        raise ValueError(f"an id takes {CHANCE_BYTES} bytes of chance, got {len(chance)}")
    number = (to_micros(now) // 1000 << 80) | int.from_bytes(chance, "big")
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])


def bucket_of(company_id: str) -> int:
    """The shard bucket of a company, 0 to 1023."""
    return crc32(company_id.encode()) % BUCKETS
