"""`zelo print`: the DANFE-COM of a note or of a month, with a bar that moves; of an XML file, whatever paper it has."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import select

from zelo.cli.emit import find_company, progress_bar
from zelo.cli.files import content_of, made_whole
from zelo.cli.screen import plain, say
from zelo.engine.schema.flow import document
from zelo.fiscal.fault import Fault
from zelo.flow import paper
from zelo.flow.lifecycle import State
from zelo.flow.tools import Tools
from zelo.guard.diagnosis.evidence import Trouble
from zelo.models.cfe import coupon
from zelo.models.cfe.coupon import Kind
from zelo.models.cfe.reading import MOST_COUPON_BYTES
from zelo.monitor import shell as monitor
from zelo.monitor.shell import Wanted
from zelo.printing import book
from zelo.printing.book import Sheaf
from zelo.printing.extrato import escpos, wording
from zelo.printing.extrato import strip as extrato
from zelo.printing.extrato.escpos import PAGES
from zelo.printing.extrato.piece import ROLLS, Strip

Made = TypeVar("Made", bytes, Strip)

_MONTH: Final = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Form:
    """How an extrato is wanted: without its items, as bytes for a printer, width of the paper in mm, code page."""

    brief: bool
    escpos: bool
    width_mm: int
    page: str


class PrintError(RuntimeError):
    """Nothing can be printed; the message says why in pt-BR."""


def run(tools: Tools, chave: str, month: str, output: Path | None, company: str) -> None:
    """One note or one month. Raises PrintError, and EmitError where the company is not clear."""
    if bool(chave) is bool(month):
        raise PrintError("Informe a chave de uma nota, ou o mês com --month AAAA-MM.")
    if chave:
        _one(tools, chave, output)
        return
    if not _MONTH.fullmatch(month):
        raise PrintError("Escreva o mês como 2026-11.")
    chosen = find_company(tools, company)
    _month(tools, chosen.id, Wanted(period=month.replace("-", "")), output or Path(f"danfecom-{month}.zip"))


def _one(tools: Tools, chave: str, output: Path | None) -> None:
    with tools.engine.read() as connection:
        row = connection.execute(select(document).where(document.c.chave == chave)).first()
        sheaf = paper.sheaf(connection, row) if row else None
    if sheaf is None:
        raise PrintError("Nenhuma nota guardada com esta chave.")
    printed = book.danfe(sheaf)
    if isinstance(printed, Fault):
        raise PrintError(f"{printed.sentence} {printed.remedy}")
    file = output or Path(paper.name(chave))
    file.write_bytes(printed)
    say(f"DANFE-COM em {plain(file)}.")


def _month(tools: Tools, company_id: str, wanted: Wanted, output: Path) -> None:
    """In place when it is whole, so that half a month never looks like one."""
    with tools.engine.read() as connection:
        standing = monitor.standing(connection, company_id, wanted).get(State.AUTHORISED.value)
    if standing is None:
        raise PrintError("Nenhuma nota autorizada neste mês.")
    left_out = 0
    with progress_bar() as bar, made_whole(output) as file:
        task = bar.add_task("Imprimindo", total=standing.documents)
        for printed in book.zipped(paper.sheaves(tools.engine, company_id, wanted), file):
            left_out += isinstance(printed, Fault)
            bar.advance(task)
    say(f"{standing.documents - left_out} DANFE-COM em {plain(output)}.")
    if left_out:
        say(f"{left_out} notas não puderam ser impressas: veja {book.LEFT_OUT} no zip.")


def of_files(files: Sequence[Path], output: Path | None, form: Form) -> None:
    """The paper of an XML, without an installation: a coupon, a cancel with its sale, a note. Raises PrintError."""
    if form.width_mm not in ROLLS or form.page not in PAGES:
        widths, pages = ", ".join(map(str, ROLLS)), ", ".join(PAGES)
        raise PrintError(f"A largura é uma de {widths}; a página de códigos, uma de {pages}.")
    contents = [_content(file) for file in files]
    kinds = [coupon.kind_of(content) for content in contents]
    if kinds == [None]:
        printed, name = _whole(book.danfe(Sheaf(contents[0]))), f"{files[0].stem}-danfecom.pdf"
    else:
        strip = _strip(contents, kinds, brief=form.brief)
        ending, printed = ("bin", _bytes(strip, form)) if form.escpos else ("pdf", _pdf(strip, form))
        name = f"{strip.chave}-extrato.{ending}"
    file = output or Path(name)
    file.write_bytes(printed)
    say(f"Gravado em {plain(file)}.")


def _content(file: Path) -> bytes:
    content = content_of(file, MOST_COUPON_BYTES)
    if isinstance(content, Trouble):
        raise PrintError(f"{file} não pôde ser lido: confira se é um arquivo XML.")
    return content


def _strip(contents: Sequence[bytes], kinds: Sequence[Kind | None], *, brief: bool) -> Strip:
    """One sale, one cancel that lacks its sale, or both in any order."""
    found = dict(zip(kinds, contents, strict=True))
    match sorted(kind.value if kind else "" for kind in kinds):
        case ["sale"]:
            return _whole(wording.sale(found[Kind.SALE], brief=brief))
        case ["cancel"]:
            return _whole(wording.cancel(found[Kind.CANCEL], b""))
        case ["cancel", "sale"]:
            return _whole(wording.cancel(found[Kind.CANCEL], found[Kind.SALE]))
    raise PrintError("Informe o XML de uma venda, ou o de um cancelamento e o da venda cancelada.")


def _whole(made: Made | Fault) -> Made:
    if isinstance(made, Fault):
        where = f" ({made.where})" if made.where else ""
        raise PrintError(f"{made.sentence.removesuffix('.')}{where}. {made.remedy}")
    return made


def _pdf(strip: Strip, form: Form) -> bytes:
    return extrato.pdf(strip, ROLLS[form.width_mm])


def _bytes(strip: Strip, form: Form) -> bytes:
    return escpos.stream(strip, ROLLS[form.width_mm], PAGES[form.page])
