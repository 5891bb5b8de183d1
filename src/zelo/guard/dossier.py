"""The file with which a company asks the authority to be unblocked: a letter of facts, tables, and their digests. Pure.

Every value is starred of CPFs by who collects it. The same dossier gives the same bytes.
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final
from zoneinfo import ZoneInfo

from zelo.fiscal import cnpj
from zelo.fiscal.instant import show

MOST_LINES: Final = 20_000
"""Of each table; what is left off is said."""
_SHOWN: Final = 500
"""Of each table in the readable page."""
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""A zip bears dates; ours bear none, so that the same facts are the same file."""
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b2330}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem;font-size:.85rem}"
    "td,th{border-bottom:1px solid #ccd3dd;padding:.3rem .5rem;text-align:left;vertical-align:top;"
    "overflow-wrap:anywhere}pre{white-space:pre-wrap;font:inherit}.scroll{overflow-x:auto}"
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of the dossier: file name, title, heads and rows."""

    name: str
    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Fact:
    """A block as the letter tells it: when, with which certificate, what it was about, what was done since."""

    at: datetime
    cstat: str
    where: str
    certificate: str
    cause: str
    changes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything that goes in."""

    company: str
    cnpj_base: str
    ambiente: str
    made_at: datetime
    zone: ZoneInfo
    facts: Sequence[Fact]
    sheets: Sequence[Sheet]
    journal_is_whole: bool


def letter(dossier: Dossier) -> str:
    """The letter to SEFAZ, as plain text."""
    lines = [
        "À Secretaria da Fazenda",
        "Assunto: pedido de desbloqueio por consumo indevido (cStat 656 ou 678)",
        "",
        f"Empresa: {dossier.company}, raiz do CNPJ {dossier.cnpj_base}. Ambiente: {dossier.ambiente}.",
        f"Feito em {show(dossier.made_at, dossier.zone)}, com o que o programa zelo guardou.",
        "",
        _many(len(dossier.facts), "resposta de bloqueio foi recebida", "respostas de bloqueio foram recebidas") + ".",
    ]
    for number, fact in enumerate(dossier.facts, start=1):
        lines += [
            "",
            f"{number}. {show(fact.at, dossier.zone)}, {fact.where}, cStat {fact.cstat}.",
            f"   Certificado: {cnpj.show(fact.certificate)}.",
            f"   Causa: {fact.cause}",
            *(f"   Depois: {change}" for change in fact.changes),
        ]
    whole = (
        "O diário de cada número é encadeado por hashes; conferido, está inteiro."
        if dossier.journal_is_whole
        else "ATENÇÃO: o diário de um dos números não confere com a cadeia de hashes."
    )
    lines += ["", whole, "As tabelas que acompanham esta carta, e o SHA-256 de cada uma, estão em manifesto.txt."]
    return "\n".join(lines) + "\n"


def pack(dossier: Dossier) -> bytes:
    """The zip: letter, readable page, tables and the manifest of digests."""
    files = {"carta.txt": letter(dossier).encode(), "leia.html": _page(dossier).encode()}
    files |= {sheet.name: _csv(sheet) for sheet in dossier.sheets}
    manifest = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (*files.items(), ("manifesto.txt", manifest.encode())):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _csv(sheet: Sheet) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(sheet.heads)
    writer.writerows([_harmless(cell) for cell in row] for row in sheet.rows[:MOST_LINES])
    if len(sheet.rows) > MOST_LINES:
        writer.writerow([f"mais {len(sheet.rows) - MOST_LINES} linhas ficaram de fora"])
    return out.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _page(dossier: Dossier) -> str:
    tables = "".join(_table(sheet) for sheet in dossier.sheets)
    return (
        f'<!doctype html><html lang="pt-BR"><head><meta charset="utf-8"><title>Dossiê de desbloqueio</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>'
        f"<h1>Dossiê de desbloqueio</h1><pre>{escape(letter(dossier))}</pre>{tables}</body></html>"
    )


def _table(sheet: Sheet) -> str:
    heads = "".join(f"<th>{escape(head)}</th>" for head in sheet.heads)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in sheet.rows[:_SHOWN])
    left = (
        f"<p>As outras {len(sheet.rows) - _SHOWN} linhas estão em {sheet.name}.</p>" if len(sheet.rows) > _SHOWN else ""
    )
    body = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>" if rows else "<p>Nada.</p>"
    return f'<h2>{escape(sheet.title)}</h2><div class="scroll">{body}</div>{left}'


def _many(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
