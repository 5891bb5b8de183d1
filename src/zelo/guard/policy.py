"""The parameters that users set per UF, in the strings that they know: waits by band of attempts, safety and maximum.

    PR|5-10-120;11-15-300;16-20-600;21-*-900/      from the 5th to the 10th attempt wait 120 seconds, and so on
    PR|10-20/SP|10-20/                             stop by itself after 10 equal rejections, for anybody after 20

They only ever make us slower than the authorizer's own limit allows. Reading never raises: what is wrong comes back
with its position, counted from 1, and what to write instead. A last band that runs backwards (`21-20-900`, as the
reference manual prints it) is read as "from 21 on", with a warning.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from zelo.fiscal.fault import Fault
from zelo.fiscal.uf import Uf

Value = TypeVar("Value")

RULE: Final = "PARAMETRO"
MOST_CHARS: Final = 10_000
"""Twenty-seven UFs with twenty bands each take less."""
MOST_FAULTS: Final = 20
MOST_ATTEMPTS: Final = 999
MOST_WAIT_SECONDS: Final = 86_400
OPEN: Final = "*"
_BAND_FORM: Final = "DE-ATÉ-SEGUNDOS, por exemplo 5-10-120"
_LIMITS_FORM: Final = "SEGURANÇA-MÁXIMO, por exemplo 10-20"
_NUMBER: Final = re.compile(r"[0-9]{1,6}")
_SHOWN_CHARS: Final = 20


@dataclass(frozen=True, slots=True)
class Band:
    """From attempt `first` to attempt `last` (None: from there on), both inclusive, wait `wait_seconds` before each."""

    first: int
    last: int | None
    wait_seconds: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Equal rejections after which nothing goes by itself, and after which only an administrator may release."""

    safety: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Reading(Generic[Value]):
    """What a string says, by UF. With `refusals` the values are of no use; `warnings` are read all the same."""

    values: Mapping[Uf, Value]
    refusals: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of the string and where it begins, counted from 1."""

    text: str
    position: int

    def split(self, separator: str) -> Iterator["_Part"]:
        """The pieces between separators, blanks around them left out; empty ones too, for they are mistakes."""
        position = self.position
        for piece in self.text.split(separator):
            yield _Part(piece.strip(), position + len(piece) - len(piece.lstrip()))
            position += len(piece) + len(separator)

    def fault(self, sentence: str, remedy: str) -> Fault:
        """Something wrong here."""
        return Fault(RULE, sentence, remedy, f"posição {self.position}", self.text[:_SHOWN_CHARS])


def read_intervals(text: str) -> Reading[tuple[Band, ...]]:
    """The waits of each UF."""
    warnings: list[Fault] = []
    return _read(text, lambda part, refusals: _bands(part, refusals, warnings), warnings)


def read_limits(text: str) -> Reading[Limits]:
    """Safety and maximum of each UF. `judge_limits` compares them with the authorizer's own."""
    return _read(text, _limits, [])


def print_intervals(values: Mapping[Uf, Sequence[Band]]) -> str:
    """The string that reads back as `values`."""
    return "".join(f"{uf.value}|{';'.join(map(_print_band, bands))}/" for uf, bands in values.items())


def print_limits(values: Mapping[Uf, Limits]) -> str:
    """The string that reads back as `values`."""
    return "".join(f"{uf.value}|{limits.safety}-{limits.maximum}/" for uf, limits in values.items())


def judge_limits(values: Mapping[Uf, Limits], official: Callable[[Uf], int]) -> list[Fault]:
    """Maxima that reach what the authorizer of the UF itself tolerates: they would protect from nothing."""
    return [
        Fault(
            RULE,
            f"O máximo de {uf.value} ({limits.maximum}) chega ao limite da própria SEFAZ ({official(uf)}).",
            f"Use no máximo {official(uf) - 1}.",
            uf.value,
            str(limits.maximum),
        )
        for uf, limits in values.items()
        if limits.maximum >= official(uf)
    ]


def wait_seconds(bands: Sequence[Band], attempt: int) -> int:
    """How long to wait before that attempt, counted from 1, after the one before; later ones wait as the last band."""
    waits = [band.wait_seconds for band in bands if band.first <= attempt]
    return waits[-1] if waits else 0


def preview(bands: Sequence[Band], attempts: int) -> list[int]:
    """Seconds after the first attempt at which a note rejected over and over would be sent, the first one included."""
    at = [0]
    for attempt in range(2, attempts + 1):
        at.append(at[-1] + wait_seconds(bands, attempt))
    return at


def _read(text: str, read: Callable[[_Part, list[Fault]], Value | None], warnings: list[Fault]) -> Reading[Value]:
    if len(text) > MOST_CHARS:
        sentence = f"O texto tem {len(text)} caracteres; o aceito é até {MOST_CHARS}."
        return Reading({}, (Fault(RULE, sentence, "Confira o que foi colado.", f"posição {MOST_CHARS + 1}"),))
    values: dict[Uf, Value] = {}
    refusals: list[Fault] = []
    pieces = list(_Part(text, 1).split("/"))
    if pieces and not pieces[-1].text:
        pieces.pop()
    for piece in pieces:
        found = _of_uf(piece, values, refusals)
        value = read(found[1], refusals) if found else None
        if found and value is not None:
            values[found[0]] = value
        if len(refusals) >= MOST_FAULTS:
            break
    return Reading(values, tuple(refusals[:MOST_FAULTS]), tuple(warnings[:MOST_FAULTS]))


def _of_uf(piece: _Part, known: Mapping[Uf, object], refusals: list[Fault]) -> tuple[Uf, _Part] | None:
    """The UF before the bar, and what comes after it."""
    if "|" not in piece.text:
        refusals.append(piece.fault("Falta a UF com a barra vertical.", "Comece por UF|, por exemplo PR|."))
        return None
    name, rest = next(piece.split("|")), piece.text.partition("|")[2]
    try:
        uf = Uf(name.text.upper())
    except ValueError:
        refusals.append(name.fault("Não é uma UF.", "Use a sigla de uma UF, por exemplo PR."))
        return None
    if uf in known:
        refusals.append(name.fault(f"{uf.value} aparece duas vezes.", "Junte tudo numa só."))
        return None
    return uf, _Part(rest, piece.position + piece.text.index("|") + 1)


def _bands(part: _Part, refusals: list[Fault], warnings: list[Fault]) -> tuple[Band, ...] | None:
    pieces = list(part.split(";"))
    if len(pieces) > 1 and not pieces[-1].text:
        pieces.pop()
    bands: list[Band] = []
    before = len(refusals)
    for place, piece in enumerate(pieces, start=1):
        band = _band(piece, bands[-1] if bands else None, refusals, warnings, is_last=place == len(pieces))
        if band is None:
            break
        bands.append(band)
    return tuple(bands) if len(refusals) == before else None


def _band(
    piece: _Part, before: Band | None, refusals: list[Fault], warnings: list[Fault], *, is_last: bool
) -> Band | None:
    numbers = _numbers(piece, 3, _BAND_FORM, refusals)
    if numbers is None:
        return None
    first, last, wait = numbers
    backwards = first is not None and last is not None and last < first
    asked = f"{first}-{OPEN}-{wait}"
    if first is None or wait is None or (last is None and not is_last):
        refusals.append(
            piece.fault(f"Só a última faixa pode ficar aberta, e só no fim ({OPEN}).", f"Use {_BAND_FORM}.")
        )
    elif first < 1 or max(first, last or 0) > MOST_ATTEMPTS or wait > MOST_WAIT_SECONDS:
        limits = f"tentativas de 1 a {MOST_ATTEMPTS} e até {MOST_WAIT_SECONDS} segundos"
        refusals.append(piece.fault("A faixa passa do aceito.", f"Use {limits}."))
    elif backwards and not is_last:
        refusals.append(piece.fault("A faixa anda para trás.", f"Use {last}-{first}-{wait}."))
    elif before is not None and first != (before.last or 0) + 1:
        what = "repete tentativas da anterior" if first <= (before.last or 0) else "deixa um buraco depois da anterior"
        follows = f"{(before.last or 0) + 1}-{OPEN if last is None or backwards else last}-{wait}"
        refusals.append(piece.fault(f"A faixa {what}.", f"Use {follows}."))
    else:
        if backwards:
            sentence = f"A última faixa anda para trás; foi lida como da {first}ª tentativa em diante."
            warnings.append(piece.fault(sentence, f"Escreva {asked}."))
        return Band(first, None if backwards else last, wait)
    return None


def _limits(part: _Part, refusals: list[Fault]) -> Limits | None:
    piece = next(part.split("\0"))
    numbers = _numbers(piece, 2, _LIMITS_FORM, refusals)
    if numbers is None:
        return None
    safety, maximum = numbers
    if safety is None or maximum is None or not 1 <= safety <= MOST_ATTEMPTS or maximum > MOST_ATTEMPTS:
        refusals.append(piece.fault("Os limites não servem.", f"Use {_LIMITS_FORM}, de 1 a {MOST_ATTEMPTS}."))
    elif safety > maximum:
        refusals.append(piece.fault("O limite de segurança passa do máximo.", f"Use {maximum}-{safety}."))
    else:
        return Limits(safety, maximum)
    return None


def _numbers(piece: _Part, count: int, form: str, refusals: list[Fault]) -> list[int | None] | None:
    """The numbers between hyphens; None among them for an asterisk."""
    pieces = list(piece.split("-"))
    wrong = next((one for one in pieces if one.text != OPEN and not _NUMBER.fullmatch(one.text)), None)
    if wrong is not None or len(pieces) != count:
        refusals.append((wrong or piece).fault(f"Não entendi: esperava {count} números.", f"Use {form}."))
        return None
    return [None if one.text == OPEN else int(one.text) for one in pieces]


def _print_band(band: Band) -> str:
    return f"{band.first}-{OPEN if band.last is None else band.last}-{band.wait_seconds}"
