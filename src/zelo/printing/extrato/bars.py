"""CODE 128 of a chave: which letters go in which code set, how wide that is, in how many parts it fits.

Code set C packs two digits into a symbol of 11 modules, B holds one letter (ISO/IEC 15417): a chave with a CNPJ of
letters, which there may be since 2026, is wider than one of digits.
"""

import re
from typing import Final

MODULE_DOTS: Final = 2
"""Of the narrowest bar: a quarter of a millimetre."""
_SYMBOL: Final = 11
_STOP: Final = 13
_PARTS: Final = (1, 2, 4)
_RUN: Final = re.compile(r"(?P<C>(?:[0-9]{2}){2,})|(?P<B>.)", re.ASCII)
"""Four digits pay for the change of the code set."""


def runs(text: str) -> list[tuple[str, str]]:
    """The text as runs of one code set each: ("C", even number of digits) or ("B", letters)."""
    found: list[tuple[str, str]] = []
    for run in _RUN.finditer(text):
        code_set = run.lastgroup or "B"
        if found and found[-1][0] == code_set:
            found[-1] = (code_set, found[-1][1] + run[0])
        else:
            found.append((code_set, run[0]))
    return found


def modules(text: str) -> int:
    """How wide it is: the code sets named, the letters, the check symbol, the stop; no quiet zone."""
    symbols = sum(1 + (len(run) // 2 if code_set == "C" else len(run)) for code_set, run in runs(text))
    return (symbols + 1) * _SYMBOL + _STOP


def parts(text: str, most_modules: int) -> list[str]:
    """The text in as few equal parts as are no wider than that; in the most parts where none are."""
    cuts = [_cut(text, count) for count in _PARTS]
    return next((cut for cut in cuts if max(map(modules, cut)) <= most_modules), cuts[-1])


def _cut(text: str, count: int) -> list[str]:
    size = -(-len(text) // count)
    return [text[start : start + size] for start in range(0, len(text), size)]
