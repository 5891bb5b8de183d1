"""A simple type of a layout: which texts it accepts, how a number is written in it, and what to say when it does not.

Facets of a type and of the types it restricts all apply (XML Schema part 2). Patterns are compiled once, for ASCII
digits only, which is stricter than XML Schema's `\\d`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from zelo.fiscal.fault import Fault

TOO_LONG: Final = "LEIAUTE-TAMANHO"
NOT_IN_LIST: Final = "LEIAUTE-LISTA"
BAD_SHAPE: Final = "LEIAUTE-FORMA"
SCHEMA_CSTAT: Final = "215"

_MOST_PLACES: Final = 10
_MOST_DIGITS: Final = 20
"""A number further than that from the point fits no tag; spelling it out could take all memory (1E+999999999)."""
_XML: Final = "[\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*"
"""Characters that an XML document may hold at all (XML 1.0, 2.2); patterns with a dot would let others pass."""
_DOT: Final = re.compile(r"(\\.|\[(?:\\.|[^\]\\])*\])|\.")
_LATIN: Final = re.compile(r"[ -ÿ]*")


@dataclass(frozen=True)
class SimpleType:
    """Own facets plus those of `base`. `patterns` are alternatives of one another; `enum` empty means any.

    `accepts(text)` is truthy when every facet of the chain holds: one membership or one compiled expression, for it
    runs on every leaf of every document.
    """

    name: str
    base: "SimpleType | None" = None
    patterns: tuple[str, ...] = ()
    enum: tuple[str, ...] = ()
    min_chars: int | None = None
    max_chars: int | None = None
    least: int = field(init=False, repr=False, compare=False)
    most: int | None = field(init=False, repr=False, compare=False)
    allowed: frozenset[str] = field(init=False, repr=False, compare=False)
    accepts: Callable[[str], object] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile the facets of the whole chain once."""
        chain = self.chain()
        least = max((t.min_chars or 0 for t in chain), default=0)
        longest = [t.max_chars for t in chain if t.max_chars is not None]
        lists = [frozenset(t.enum) for t in chain if t.enum]
        allowed = frozenset.intersection(*lists) if lists else frozenset[str]()
        object.__setattr__(self, "least", least)
        object.__setattr__(self, "most", min(longest) if longest else None)
        object.__setattr__(self, "allowed", allowed)
        object.__setattr__(self, "accepts", allowed.__contains__ if allowed else self._expression(chain))

    def _expression(self, chain: list["SimpleType"]) -> Callable[[str], object]:
        """One expression for length and every pattern: all but the last are looked ahead at."""
        patterns = [_XML, *(f"(?:{_python('|'.join(t.patterns))})" for t in chain if t.patterns)]
        ahead = [rf"(?={pattern}\Z)" for pattern in patterns[:-1]]
        if self.least or self.most is not None:
            ahead.insert(0, rf"(?s:(?=.{{{self.least},{'' if self.most is None else self.most}}}\Z))")
        return re.compile("".join(ahead) + patterns[-1], re.ASCII).fullmatch

    def chain(self) -> list["SimpleType"]:
        """This type and every type it restricts."""
        return [self, *(self.base.chain() if self.base else [])]

    def text_of(self, value: object) -> str:
        """How a value is written: a Decimal with as many places as the type asks for, anything else as it prints."""
        text = str(value)
        if isinstance(value, Decimal) and abs(value.adjusted()) <= _MOST_DIGITS and not self.accepts(text):
            plain = f"{value:f}"
            whole, _, fraction = plain.partition(".")
            for places in range(len(fraction), _MOST_PLACES):
                padded = f"{whole}.{fraction:0<{places}}" if places else whole
                if self.accepts(padded):
                    return padded
            return plain
        return text

    def fault(self, text: str, where: str) -> Fault:
        """Why `text` is not accepted, in words that help."""
        if self.allowed:
            options = ", ".join(sorted(self.allowed)[:30])
            return Fault(
                NOT_IN_LIST, "Valor fora da lista do leiaute.", f"Use um de: {options}.", where, text, SCHEMA_CSTAT
            )
        if len(text) < self.least or (self.most is not None and len(text) > self.most):
            span = f"de {self.least} a {self.most}" if self.most is not None else f"ao menos {self.least}"
            sentence = f"O texto tem {len(text)} caracteres; o leiaute aceita {span}."
            return Fault(TOO_LONG, sentence, "Ajuste o tamanho do texto.", where, text, SCHEMA_CSTAT)
        return Fault(BAD_SHAPE, self._shape_sentence(text), self._shape_remedy(text), where, text, SCHEMA_CSTAT)

    def _shape_sentence(self, text: str) -> str:
        strange = [c for c in text if not _LATIN.fullmatch(c)]
        if strange:
            return f"O caractere {strange[0]!r} não existe no alfabeto aceito pela SEFAZ (Latin-1)."
        if text != text.strip():
            return "Há espaço no começo ou no fim do texto."
        return f"O valor não tem a forma exigida pelo leiaute ({self.name})."

    def _shape_remedy(self, text: str) -> str:
        if any(not _LATIN.fullmatch(c) for c in text):
            return "Troque travessão por hífen, aspas curvas por retas e retire emojis."
        if text != text.strip():
            return "Retire o espaço."
        patterns = [p for t in self.chain() for p in t.patterns]
        return f"Forma aceita: {' ou '.join(patterns)}." if patterns else "Corrija o valor."


def _python(pattern: str) -> str:
    """A pattern of XML Schema in Python's dialect: there a dot takes neither line feed nor carriage return."""
    return _DOT.sub(lambda found: found[1] or r"[^\n\r]", pattern)
