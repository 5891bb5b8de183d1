"""Text in the letters that a device has: what it lacks is spelled in what it has, and nothing can give it orders."""

import unicodedata
from typing import Final

UNKNOWN: Final = "?"
_SPELLED: Final = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": ",", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-",
        "…": "...", "•": "*", "·": ".", "€": "EUR", "™": "TM", "ª": "a", "º": "o", "°": "o", "×": "x", "œ": "oe",
        "Œ": "OE", "ﬁ": "fi", "ﬂ": "fl", "½": "1/2", "¼": "1/4", "¾": "3/4", "²": "2", "³": "3", "ß": "ss",
    }
)  # fmt: skip
"""What people type and tills copy, in plain letters; only where the letter itself is wanting."""
_SILENT: Final = frozenset(("Cf", "Mn", "Me", "Cs"))
"""Joiners, marks, variation selectors: part of the letter before them."""


def spelled(text: str, encoding: str) -> str:
    """The text in letters of that encoding: composed, blanks evened out, no control; a question mark at worst."""
    return "".join(_letter(letter, encoding) for letter in " ".join(unicodedata.normalize("NFC", text).split()))


def _letter(letter: str, encoding: str) -> str:
    kind = unicodedata.category(letter)
    if kind == "Cc":
        return UNKNOWN
    if _has(letter, encoding):
        return letter
    if kind in _SILENT:
        return ""
    plain = unicodedata.normalize("NFKD", letter.translate(_SPELLED)).encode("ascii", "ignore").decode()
    return plain or UNKNOWN


def _has(letter: str, encoding: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
