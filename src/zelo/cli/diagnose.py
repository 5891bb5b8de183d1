"""`zelo guard diagnose`: who caused a block, from a folder or a zip of any program's XML. Needs no installation."""

import json
import os
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from rich.progress import Progress
from rich.table import Table

from zelo.cli.emit import progress_bar
from zelo.cli.files import content_of
from zelo.cli.screen import out, plain, say
from zelo.fiscal import cnpj
from zelo.guard.diagnosis import told, unpack
from zelo.guard.diagnosis.diagnose import diagnose
from zelo.guard.diagnosis.evidence import Finding, Trouble
from zelo.guard.diagnosis.reading import read
from zelo.guard.diagnosis.report import Report, Standing, as_json
from zelo.guard.diagnosis.unpack import Bounds, TooMuchError

SHOWN: Final = 10
"""Rows of each table; the JSON has them all."""
SHOWN_FILES: Final = 3
"""Of each kind, as proof."""
STEP: Final = 500
"""Files between two movements of the bar."""


def run(source: Path, json_file: Path | None, bounds: Bounds | None = None) -> None:
    """Read everything, tell it, and write the JSON where it is wanted. Raises TooMuchError and OSError."""
    with progress_bar() as bar:
        report = diagnose(findings(source, bounds or Bounds(), bar))
    show(report)
    if json_file is not None:
        text = json.dumps(as_json(report, told.sentences(report)), ensure_ascii=False, indent=2)
        json_file.write_text(f"{text}\n", "utf-8")
        say(f"JSON em {plain(json_file)}.")


def findings(source: Path, bounds: Bounds, bar: Progress) -> Iterator[Finding | Trouble | None]:
    """What each file proves, one after the other. Raises TooMuchError and OSError."""
    task = bar.add_task("Lendo", total=None)
    with closing(_folder(source, bounds) if source.is_dir() else _zip(source, bounds)) as found:
        for done, (whole, name, content) in enumerate(found, start=1):
            if done % STEP == 0 or done == whole:
                bar.update(task, completed=done, total=whole)
            yield content if isinstance(content, Trouble) else read(name, content)


Step = tuple[int, str, bytes | Trouble]
"""How many there are, the name of one, and its bytes."""


def _folder(source: Path, bounds: Bounds) -> Generator[Step, None, None]:
    """Regular files, in order of their names; links are not followed, so that nothing outside is read."""
    found = sorted(_files(source, bounds))
    for name in found:
        yield len(found), name, content_of(source / name, bounds.each_bytes)


def _files(source: Path, bounds: Bounds) -> list[str]:
    names: list[str] = []
    folders = [source]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(Path(entry.path))
                elif entry.is_file(follow_symlinks=False):
                    names.append(Path(entry.path).relative_to(source).as_posix())
                if len(names) + len(folders) > bounds.files:
                    raise TooMuchError(unpack.too_many(bounds))
    return names


def _zip(source: Path, bounds: Bounds) -> Generator[Step, None, None]:
    with source.open("rb") as file:
        archive, inside = unpack.opened(file, bounds)
        for name, content in unpack.documents(archive, inside, bounds):
            yield len(inside), name, content


def show(report: Report) -> None:
    """The report on a terminal: who did it first, then what proves it."""
    first = told.headline(report)
    say(f"[bold]{plain(first.text)}[/]")
    if told.others(report):
        say(plain(told.others(report)))
    if first.remedy:
        say(plain(first.remedy))
    _culprits(report)
    _blocks(report)
    _standings("Mais perto de um bloqueio", report.nearest, report.nearest_in_all)
    _standings("Consultas demais da mesma chave", report.consultas, len(report.consultas))
    _standings("Consultas demais do mesmo recibo", report.receipts, len(report.receipts))
    _codes(report)
    _senders(report)
    duplicated = told.duplicates(report)
    notices = [
        *map(told.loop, report.status_loops),
        *([duplicated] if duplicated else []),
        *map(told.doubt, report.warnings),
    ]
    for notice in notices:
        say(f"[yellow]{plain(notice.text)}[/] {plain(notice.remedy)}")
    say(plain(told.looked_at(report)))


def _culprits(report: Report) -> None:
    for place, culprit in enumerate(report.culprits[:SHOWN], start=1):
        subject, sender = culprit.standing.subject, culprit.standing.sender
        table = Table(title=f"{place}. {plain(told.name(subject))}", title_justify="left", show_header=False)
        table.add_column(style="dim")
        table.add_column()
        rows = (
            ("Como se sabe", told.GRADES[culprit.grade]),
            ("Onde", ", ".join(filter(None, (told.about(subject), told.SERVICES[subject.service])))),
            *(("Prova", line) for line in told.proof(culprit)),
            ("Recusa", f"{culprit.standing.cstat} {culprit.standing.motivo}" if culprit.standing.cstat else ""),
            ("Programa", ", ".join(sender.programs) or told.UNSEEN),
            ("Certificado", ", ".join(sender.certificates)),
            ("IP", ", ".join(sender.ips)),
            ("Id", told.detail(subject)),
            ("Chaves", "\n".join(subject.chaves)),
            ("O que fazer", told.remedy(culprit.standing)),
            ("Arquivos", "\n".join((*culprit.standing.files[:SHOWN_FILES], *culprit.files[:SHOWN_FILES]))),
        )
        for label, value in rows:
            if value:
                table.add_row(label, plain(value))
        out.print(table)


def _blocks(report: Report) -> None:
    if not report.blocks:
        return
    table = Table(
        "Bloqueio", "Serviço", "Emitente", "Causador", "Como se sabe", title=_title("Bloqueios", report.blocks_in_all)
    )
    table.add_column("Recusados", justify="right")
    for one in report.blocks[:SHOWN]:
        table.add_row(
            told.span(one.first, one.last), told.SERVICES[one.service], cnpj.show(one.emitter),
            plain(told.block(one, report)), told.GRADES[one.grade], told.whole(one.refused),
        )  # fmt: skip
    out.print(table)


def _standings(title: str, rows: tuple[Standing, ...], in_all: int) -> None:
    if not rows:
        return
    table = Table("O quê", "Emitente", "Recusa", title=_title(title, in_all))
    table.add_column("Conta", justify="right")
    table.add_column("Limite", justify="right")
    for name in ("Quando", "Programa"):
        table.add_column(name)
    for one in rows[:SHOWN]:
        table.add_row(
            plain(told.name(one.subject)), cnpj.show(one.subject.emitter), one.cstat, told.whole(one.count),
            told.whole(one.limit), told.span(one.first, one.last), plain(", ".join(one.sender.programs)),
        )  # fmt: skip
    out.print(table)


def _codes(report: Report) -> None:
    if not report.codes:
        return
    table = Table("Código", "Motivo", "Serviço", title=_title("Recusas", len(report.codes)))
    table.add_column("Vezes", justify="right")
    table.add_column("Notas ou pedidos", justify="right")
    for one in report.codes[:SHOWN]:
        service = f"{told.MODELS.get(one.modelo, one.modelo)}, {told.SERVICES[one.service]}"
        table.add_row(one.cstat, plain(one.motivo), service, told.whole(one.count), told.whole(one.subjects))
    out.print(table)


def _senders(report: Report) -> None:
    if not report.programs and not report.certificates:
        return
    table = Table("Emitente", "Quem enviou", "De quando a quando", title="Programas e certificados")
    table.add_column("Notas", justify="right")
    for kind, rows in (("programa", report.programs), ("certificado", report.certificates)):
        for one in rows[:SHOWN]:
            table.add_row(
                cnpj.show(one.emitter),
                plain(f"{kind} {one.name}"),
                told.span(one.first, one.last),
                told.whole(one.notes),
            )
    out.print(table)


def _title(text: str, in_all: int) -> str:
    return f"{text} ({SHOWN} de {told.whole(in_all)})" if in_all > SHOWN else text
