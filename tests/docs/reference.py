"""Writes docs/reference and the examples from the code (`make docs`). A test holds them equal to what this writes."""

import argparse
import ast
import inspect
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import typer

from bench import replay
from tests.docs.words import ROOT, SOURCE
from zelo.access.may import Action, Role
from zelo.cli import example
from zelo.cli.main import app
from zelo.facts import authorizer, limit
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.fault import Rule
from zelo.flow import lifecycle, stops
from zelo.flow.event import lifecycle as event_lifecycle
from zelo.isp.billing.cell import CELL_CHARS
from zelo.isp.billing.charging import FORMS
from zelo.isp.billing.columns import BILLING, COMPOSICAO, Column
from zelo.isp.billing.names import NAMES
from zelo.isp.billing.source.rows import MOST_COLUMNS, MOST_LINES
from zelo.isp.billing.source.workbook import MOST_ENTRIES, MOST_UNPACKED_BYTES
from zelo.models.nfcom.document import MODELO
from zelo.models.nfcom.rules.cancel import CANCEL_RULES
from zelo.models.nfcom.rules.table import RULES
from zelo.models.nfcom.services import RECEPCAO
from zelo.monitor.wording import EVENT_WORDING, WORDING
from zelo.pos.edge.command.main import parser as edge_parser
from zelo.pos.edge.config import DEVICE, OPTIONS, Option
from zelo.pos.edge.door.api import contract as edge
from zelo.pos.edge.gather.alarm import WELL
from zelo.pos.edge.gather.device_rules import DEVICE_RULES
from zelo.pos.edge.gather.place_rules import PLACE_RULES
from zelo.pos.edge.gather.rules import Level
from zelo.pos.edge.gather.rules import Rule as AlarmRule
from zelo.settings.table import PREFIX, Settings
from zelo.sim.centre.faults import TROUBLES as centre_troubles
from zelo.sim.faults import TROUBLES
from zelo.sim.reading import READINGS
from zelo.sim.sat.faults import TROUBLES as mishaps
from zelo.sim.sat.functions import FUNCTIONS, Function
from zelo.sim.sat.profile import PROFILES
from zelo.sim.sat.shell import frame
from zelo.sim.sat.shell.management import COMMANDS as SAT_COMMANDS

DAY = date(2026, 11, 21)
_WRITTEN = "<!-- Written by `make docs` from the code; edit the code. -->\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def settings() -> str:
    """Every setting."""
    rows = [
        (
            f"`{f.name}`",
            f"`{PREFIX}{f.name.upper()}`",
            f"`{f.default!r}`",
            f.metadata["unit"],
            f.metadata["scope"],
            f.metadata["sentence"],
        )
        for f in fields(Settings)
    ]
    return (
        "# Settings\n\nFrom the environment, else from `zelo.toml` in the data folder, else the default.\n\n"
        + _table(("setting", "variable", "default", "unit", "scope", "what it is (pt-BR)"), rows)
    )


def rules() -> str:
    """Every rule that a note meets before it is numbered."""

    def rows(rules: Iterable[Rule[Any]]) -> list[tuple[object, ...]]:
        return [(f"`{r.id}`", r.cstat, r.sentence, r.remedy, r.good, r.bad, r.source) for r in rules]

    head = ("regra", "cStat evitado", "o que está errado", "o que fazer", "certo", "errado", "fonte")
    return (
        "# Regras conferidas antes do envio (NFCom)\n\nUma nota que falta a uma regra não é numerada nem enviada.\n\n"
        + _table(head, rows(RULES))
        + "\n## Antes de cancelar\n\n"
        + _table(head, rows(CANCEL_RULES))
    )


def billing() -> str:
    """The columns of both files, what ERPs call them, and the words for a charge."""

    def rows(columns: Sequence[Column]) -> list[tuple[object, ...]]:
        return [
            (f"`{c.name}`", "sim" if c.required else "não", c.meaning, c.unit, c.default, f"`{c.example}`")
            for c in columns
        ]

    head = ("coluna", "obrigatória", "o que é", "unidade", "sem ela", "exemplo")
    names = [
        (f"`{column}`", known.erp, ", ".join(f"`{other}`" for other in others))
        for known in NAMES
        for column, others in known.columns.items()
    ]
    sources = [(known.erp, known.source) for known in NAMES]
    words: dict[str, list[str]] = {}
    for word, form in FORMS.items():
        words.setdefault(form, []).append(word)
    return (
        "# Arquivos de faturamento\n\nUma linha por item; as linhas de uma `fatura` (ou de uma `ref`) formam uma nota. "
        "O formato é descoberto pelo conteúdo, não pelo nome: CSV (UTF-8, Windows-1252 ou UTF-16; ponto e vírgula, "
        "vírgula, tabulação ou barra), XLSX, JSON (lista de objetos, ou `faturas` com `itens`) e tabela HTML. Linhas "
        "de título acima do cabeçalho, totais, linhas em branco, faturas canceladas e pagas são puladas e contadas.\n\n"
        "Exemplos prontos: [`billing.csv`](../../examples/62/billing.csv) e "
        "[`composicoes.csv`](../../examples/62/composicoes.csv); na página *Faturamento* há modelos em CSV, XLSX e "
        f"JSON com todas as colunas.\n\nLimites: {MOST_LINES} linhas, {MOST_COLUMNS} colunas, {CELL_CHARS} caracteres "
        f"por célula; uma planilha, {MOST_UNPACKED_BYTES // 1_000_000} MB descompactada e {MOST_ENTRIES} partes. O "
        "tamanho do arquivo é o ajuste `upload_bytes`.\n\n## billing.csv\n\n"
        + _table(head, rows(BILLING))
        + "\n## composicoes.csv\n\n"
        + _table(head, rows(COMPOSICAO))
        + "\n## Como os ERPs chamam as colunas\n\nSem acento, caixa nem pontuação. O nome do zelo vem antes; depois o "
        "mapeamento gravado; depois estes.\n\n"
        + _table(("coluna", "ERP", "nomes"), names)
        + "\n"
        + _table(("ERP", "fonte"), sources)
        + "\n## Palavras de `forma_cobranca`\n\n"
        + _table(("forma", "palavras"), [(f"`{form}`", ", ".join(others)) for form, others in words.items()])
    )


def life() -> str:
    """The lifecycle as a picture and in words."""
    rows = [(f"`{state}`", w.label, w.sentence) for state, w in WORDING.items()]
    events = [(f"`{state}`", w.label, w.sentence) for state, w in EVENT_WORDING.items()]
    return (
        "# Lifecycle of a document\n\nDrawn from the table that moves them, `flow/lifecycle.py`.\n\n```mermaid\n"
        + lifecycle.diagram()
        + "\n```\n\n## What people read\n\n"
        + _table(("state", "página", "frase"), rows)
        + "\n# Lifecycle of an event\n\nDrawn from `flow/event/lifecycle.py`.\n\n```mermaid\n"
        + event_lifecycle.diagram()
        + "\n```\n\n"
        + _table(("state", "página", "frase"), events)
    )


def halts() -> str:
    """The reasons for which work stands still."""
    rows = [(f"`{reason}`", ", ".join(f"`{state}`" for state in states)) for reason, states in stops.STOPS.items()]
    return (
        "# Halts\n\nWhat stops many documents at once. Each appears on the page Situação with its detail, the note "
        "that caused it and who may lift it.\n\n" + _table(("reason", "keeps these states from moving"), rows)
    )


def limits() -> str:
    """Official limits and who authorises whom."""
    rows = [
        (row.limite, row.autorizador, row.modelo, row.servico, f"{row.valor} {row.unidade}", row.confianca, row.fonte)
        for row in limit.all_limits()
    ]
    served = [
        (
            name,
            " ".join(sorted(authorizer.ufs_of(MODELO, name, DAY))),
            authorizer.endereco(MODELO, name, Ambiente.HOMOLOGACAO, RECEPCAO.name, DAY),
        )
        for name in authorizer.autorizadores(MODELO)
    ]
    return (
        f"# Limites oficiais e autorizadores\n\nFatos com fonte, como valem em {DAY:%d/%m/%Y}.\n\n"
        + _table(("limite", "autorizador", "modelo", "serviço", "valor", "confiança", "fonte"), rows)
        + "\n## Autorizadores da NFCom\n\n"
        + _table(("autorizador", "UFs", "recepção (homologação)"), served)
    )


def commands() -> str:
    """Every command with its options."""
    root: Any = typer.main.get_command(app)
    return "# Comandos\n\n" + "\n".join(_commands(root, "zelo"))


def _commands(command: Any, path: str) -> Iterable[str]:
    """A command, or those of a group. Typer brings a click of its own, hence no type to name."""
    for name in sorted(getattr(command, "commands", ())):
        yield from _commands(command.commands[name], f"{path} {name}")
    if not getattr(command, "invoke_without_command", True):
        return
    yield f"## `{path}`\n\n{command.help}\n"
    rows = [(f"`{' '.join(p.opts)}`", getattr(p, "help", "") or "") for p in command.params if p.name != "help"]
    if rows:
        yield _table(("opção", "o que é"), rows)


def edge_settings() -> str:
    """Every key of the gateway's file."""

    def about(option: Option) -> str:
        words = f" Um de: {', '.join(f'`{word}`' for word in option.words)}." if option.words else ""
        limits = f" De {option.least} a {option.most}." if option.kind is int and not option.words else ""
        return f"{option.sentence}{words}{limits}"

    rows = [
        (
            f"`[{option.section}]`" if option.section != DEVICE else f"`[[{DEVICE}]]`",
            f"`{option.key}`",
            "obrigatória" if option.default is None else f"`{option.default!r}`",
            option.unit,
            about(option),
        )
        for option in OPTIONS
    ]
    return (
        "# Opções do gateway (edge.toml)\n\n`zelo-edge init` escreve o arquivo com todas, comentadas. O que não for "
        "desta lista é recusado com o lugar. De 1 a 32 blocos `[[equipamento]]`.\n\n"
        + _table(("seção", "chave", "sem ela", "unidade", "o que é"), rows)
    )


def edge_commands() -> str:
    """Every command of `zelo-edge`."""
    head = (
        "# Comandos do gateway (zelo-edge)\n\n`zelo-edge --config ARQUIVO comando`; sem `--config` vale o edge.toml da "
        "pasta em que se está. Sai com 0 quando deu certo, com 1 quando algo está errado.\n"
    )
    parts = [head]
    for path, command in _edge_parsers(edge_parser(), "zelo-edge"):
        parts.append(f"## `{path}`\n\n{command.description}\n")
        rows = [
            (f"`{' '.join(action.option_strings) or action.metavar or action.dest}`", action.help or "")
            for action in command._actions
            if action.dest != "help" and not isinstance(action, argparse._SubParsersAction)
        ]
        parts.append(_table(("argumento", "o que é"), rows) if rows else "")
    return "\n".join(part for part in parts if part)


def _edge_parsers(parser: argparse.ArgumentParser, path: str) -> Iterable[tuple[str, argparse.ArgumentParser]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, own in action.choices.items():
                yield f"{path} {name}", own
                yield from _edge_parsers(own, f"{path} {name}")


def edge_alarms() -> str:
    """What the gateway finds noteworthy."""

    def rows(rules: Iterable[AlarmRule[Any]]) -> list[tuple[object, ...]]:
        return [
            (
                f"`{rule.id}`",
                rule.sentence.replace("{}", "…"),
                " · ".join(_step(rule, bound, level) for bound, level in rule.steps),
                rule.remedy,
                rule.source,
            )
            for rule in rules
        ]

    head = ("alarme", "o que diz", "quando", "o que fazer", "fonte")
    return (
        "# Alarmes do gateway\n\nHá um só aberto de cada por equipamento. Começa quando é visto, muda quando piora ou "
        f"melhora, e termina depois de {int(WELL.total_seconds() // 60)} minutos sem ser visto. Cada vez sobe para a "
        "central.\n\n## De um equipamento\n\n"
        + _table(head, rows(DEVICE_RULES))
        + "\n## Do gateway\n\n"
        + _table(head, rows(PLACE_RULES))
    )


def _step(rule: AlarmRule[Any], bound: float, level: Level) -> str:
    return f"{level.value}: {'≥' if rule.rising else '≤'} {bound:g}{f' {rule.unit}' if rule.unit else ''}"


def access() -> str:
    """Who may do what."""
    words = {"INSTALLATION": "quem administra a instalação", None: "qualquer pessoa conhecida"}
    rows = [(f"`{a.name}`", a.meaning, a.least.rotulo if isinstance(a.least, Role) else words[a.least]) for a in Action]
    return "# Quem pode o quê\n\n" + _table(("ação", "o que permite", "papel mínimo na empresa"), rows)


def simulator() -> str:
    """Faults and readings of the simulator, profiles and faults of the emulated device, faults of the centre."""
    faults = [(f"`{t.name}`", t.meaning, t.sentence) for t in TROUBLES.values()]
    readings = [(f"`{r.name}`", r.meaning) for r in READINGS.values()]
    return (
        "# The simulator's faults and readings\n\n## Faults\n\n"
        + _table(("fault", "what happens", "frase"), faults)
        + "\n## Readings of consumo indevido\n\n"
        + _table(("reading", "how equal rejections are counted"), readings)
        + "\n## Profiles of the emulated device\n\n"
        + _table(
            ("profile", "how it answers", "frase"), [(f"`{p.name}`", p.meaning, p.sentence) for p in PROFILES.values()]
        )
        + "\n## Faults of the emulated device\n\n"
        + _table(("fault", "what happens", "frase"), [(f"`{t.name}`", t.meaning, t.sentence) for t in mishaps.values()])
        + f"\n## Functions of the emulated device\n\n{_PROTOCOL}\n"
        + _table(("function", "EEEEE", "arguments"), [_function(each) for each in FUNCTIONS.values()])
        + "\n## Commands of the emulated device\n\n"
        + _table(("command", "what it does"), [(f"`{name}`", act.__doc__) for name, act in SAT_COMMANDS.items()])
        + "\n## Faults of the simulated centre\n\n"
        + _table(("fault", "frase"), [(f"`{t.name}`", t.sentence) for t in centre_troubles.values()])
    )


_PROTOCOL = f"The protocol of the port:\n\n```text\n{ast.get_docstring(ast.parse(inspect.getsource(frame)))}\n```\n"


def _function(row: Function) -> tuple[str, str, str]:
    told = [f"{name}{'#' if kind is int else ''}" for name, kind in row.parameters]
    return f"`{row.name}`", f"{row.prefix}xxx", ", ".join(told) or "none"


def rooms() -> str:
    """Every room with its paragraph, and the first sentence of every file in it."""
    parts = [
        "# Rooms\n\nThe first lines of every folder and file. How they may know each other: [the map](../map.md).\n"
    ]
    for package in sorted(file.parent for file in SOURCE.rglob("__init__.py")):
        files = [file for file in sorted(package.glob("*.py")) if file.name != "__init__.py"]
        if package == SOURCE or package.name in ("migrations", "versions"):
            continue
        rows = [(f"`{file.stem}`", _docstring(file).split("\n\n")[0]) for file in files]
        name = ".".join(package.relative_to(SOURCE).parts)
        parts.append(
            f"## {name}\n\n{_docstring(package / '__init__.py')}\n\n" + (_table(("file", ""), rows) if rows else "")
        )
    return "\n".join(parts)


def _docstring(file: Path) -> str:
    return ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""


PAGES: dict[str, Callable[[], str]] = {
    "settings": settings,
    "rules": rules,
    "billing": billing,
    "lifecycle": life,
    "halts": halts,
    "limits": limits,
    "commands": commands,
    "access": access,
    "edge-settings": edge_settings,
    "edge-commands": edge_commands,
    "edge-alarms": edge_alarms,
    "simulator": simulator,
    "rooms": rooms,
    "replay": replay.page,
}


def files() -> dict[Path, str]:
    """Every file that is written, with what it must hold."""
    pages = {ROOT / "docs" / "reference" / f"{name}.md": _WRITTEN + write() for name, write in PAGES.items()}
    folder = ROOT / "examples" / "62"
    return pages | {
        ROOT / "docs" / "reference" / "edge-openapi.json": json.dumps(edge.document(), indent=1, ensure_ascii=False)
        + "\n",
        folder / "billing.csv": example.billing_csv(),
        folder / "composicoes.csv": example.composicoes_csv(),
    }


if __name__ == "__main__":
    for place, text in files().items():
        place.write_text(text, "utf-8")
