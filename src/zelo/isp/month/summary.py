"""The page on top of a month's pack, as plain text: the equation, what is still open, what is missing. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from zelo.fiscal.money import show
from zelo.isp.month.balance import Balance, Sum
from zelo.isp.month.gaps import Gap, Reason
from zelo.isp.month.tile import TILES, Side

MOST_MISSING: Final = 100
"""Missing files that the summary names; all of them are in a file of their own."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A file that should be in the pack and is not, with why and what to do."""

    name: str
    why: str

    @property
    def line(self) -> str:
        """As people read it."""
        return f"{self.name}: {self.why}"


@dataclass(frozen=True, slots=True)
class Made:
    """Of what a pack is, and when and by whom it was made."""

    company: str
    month: str
    part: str
    ambiente: str
    at: str
    by: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What the month came to in one look: the whole, each establishment by name, each série's gaps by name."""

    whole: Balance
    places: Sequence[tuple[str, Balance]]
    numbers: Sequence[tuple[str, Sequence[Gap]]]


def text(made: Made, figures: Figures, files: Mapping[str, int], missing: Sequence[Missing]) -> str:
    """The whole page; `files` says how many stand in each folder."""
    parts = [_head(made), _equation(figures), _open(figures.whole), _numbers(figures), _files(files, missing), _check()]
    return "\r\n".join(line for part in parts for line in (*part, "")) + "\r\n"


def missing_text(missing: Sequence[Missing]) -> str:
    """Every missing file, one a line."""
    return "".join(f"{one.line}\r\n" for one in missing)


def _head(made: Made) -> Iterator[str]:
    yield f"PACOTE DO MÊS: {made.month}"
    yield f"Empresa: {made.company}"
    yield f"Estabelecimentos: {made.part}"
    yield f"Ambiente: {made.ambiente}"
    yield f"Feito em {made.at} por {made.by}"


def _equation(figures: Figures) -> Iterator[str]:
    yield "FATURADO = AUTORIZADO + PENDENTE + RECUSADO"
    for name, balance in (("Total", figures.whole), *figures.places):
        yield name
        yield f"  faturado   {_sum(balance.billed)}"
        for side in (Side.AUTHORISED, Side.PENDING, Side.REFUSED):
            yield f"  {side.value:<10} {_sum(balance.side(side))}"
        if balance.side(Side.OUT).notes:
            yield f"  fora do faturado (canceladas, substituídas ou trocadas): {_sum(balance.side(Side.OUT))}"


def _open(whole: Balance) -> Iterator[str]:
    yield "O QUE AINDA ESTÁ ABERTO"
    found = [(about, whole.tiles[tile]) for tile, about in TILES.items() if about.side in (Side.PENDING, Side.REFUSED)]
    waiting = [f"  {about.label} ({about.sentence}): {_sum(each)}" for about, each in found if each.notes]
    yield from waiting or ["  Nada: toda nota faturada está autorizada."]


def _numbers(figures: Figures) -> Iterator[str]:
    yield "NÚMEROS SEM NOTA AUTORIZADA (cada um em numeracao.csv)"
    for name, gaps in figures.numbers:
        counted = {reason: sum(gap.numbers for gap in gaps if gap.reason is reason) for reason in Reason}
        said = ", ".join(f"{reason.label}: {count}" for reason, count in counted.items() if count)
        yield f"  {name}: {said or 'nenhum'}"


def _files(files: Mapping[str, int], missing: Sequence[Missing]) -> Iterator[str]:
    yield "O QUE ESTÁ NO PACOTE"
    for folder, count in files.items():
        yield f"  {folder}: {count}"
    yield f"  arquivos que faltam: {len(missing)}{' (todos em faltando.txt)' if missing else ''}"
    yield from (f"    {one.line}" for one in missing[:MOST_MISSING])


def _check() -> Iterator[str]:
    yield "COMO CONFERIR"
    yield "  Cada XML está byte a byte como foi guardado. manifesto.sha256 traz o resumo (SHA-256) de cada arquivo:"
    yield "  descompacte e rode, na pasta, sha256sum -c manifesto.sha256"


def _sum(found: Sum) -> str:
    return f"R$ {show(found.value)} em {found.notes} {'nota' if found.notes == 1 else 'notas'}"
