"""How a long-lived process of zelo keeps its memory in order."""

import gc
from typing import Final

NEW_OBJECTS: Final = 50_000
"""So many new containers before the collector looks at them; a billing file makes millions, and hardly any circle."""


def settle() -> None:
    """What the program consists of is nobody's garbage, and young objects are looked at less often: a month comes in a
    quarter faster.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)
