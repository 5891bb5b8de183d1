"""Forms as tables: how a field is called, shown and read. What was typed stays, a fault sits at its field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Final

from zelo.fiscal.fault import Fault
from zelo.isp.billing import cell
from zelo.isp.billing.cell import Read, Value

Option = tuple[str, str]
"""What is sent and what people read."""

MISSING: Final = Fault("CAMPO-VAZIO", "Falta preencher.", "")
NOT_OFFERED: Final = Fault("CAMPO-OPCAO", "A escolha não existe.", "Escolha uma das opções.")
CONTROL: Final = Fault("CAMPO-CARACTERE", "Há um caractere que não se imprime.", "Apague o campo e digite de novo.")
_HARD_SPACE: Final = "\u00a0"
"""What word processors put between words; people do not see it."""
_LINE_ENDS: Final = str.maketrans("", "", "\r\n\t")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: `kind` is the HTML type (or "area"), `width` how many of the row's six columns it takes."""

    name: str
    label: str
    read: Read = cell.text
    kind: str = "text"
    required: bool = True
    options: tuple[Option, ...] = ()
    hint: str = ""
    chars: int = 120
    width: int = 3
    autocomplete: str = "off"
    inputmode: str = ""


@dataclass(slots=True)
class Filled:
    """A form as it came: what was typed, what could be read of it, and what is wrong, by the name of the field.

    `values` alone drops the prefix of the names; `labels` are what people call the fields.
    """

    typed: dict[str, str] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    general: list[Fault] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)

    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults and not self.general

    def text(self, name: str) -> str:
        """A value as text, "" where there is none."""
        return str(self.values.get(name, ""))

    def number(self, name: str) -> Decimal:
        """An amount, zero where there is none."""
        value = self.values.get(name)
        return value if isinstance(value, Decimal) else Decimal(0)

    def day(self, name: str) -> date | None:
        """A day, None where there is none."""
        value = self.values.get(name)
        return value if isinstance(value, date) else None

    def refuse(self, name: str, fault: Fault) -> None:
        """Put a fault at a field; the first one stays."""
        self.faults.setdefault(name, replace(fault, where=name))


def fill(fields: Sequence[Field], posted: Mapping[str, str], prefix: str = "") -> Filled:
    """Read the fields of a form; their names carry `prefix` in the form, in `typed` and in `faults`."""
    filled = Filled(labels=_labels(fields, prefix))
    for one in fields:
        name = prefix + one.name
        text = posted.get(name, "")
        if one.kind != "password":
            text = text.replace(_HARD_SPACE, " ").strip()
        filled.typed[name] = text
        value = _read(one, text)
        if isinstance(value, Fault):
            filled.refuse(name, value)
        elif value is not None:
            filled.values[one.name] = value
    return filled


def blank(fields: Sequence[Field], typed: Mapping[str, object] | None = None, prefix: str = "") -> Filled:
    """A form not yet sent, with what it should begin with."""
    given = typed or {}
    return Filled({prefix + one.name: _shown(given.get(one.name)) for one in fields}, labels=_labels(fields, prefix))


def _labels(fields: Sequence[Field], prefix: str) -> dict[str, str]:
    return {prefix + one.name: one.label for one in fields}


def _shown(value: object) -> str:
    return "" if value is None else str(value)


def _read(one: Field, text: str) -> Value | Fault | None:
    if not text:
        return MISSING if one.required else None
    if len(text) > one.chars:
        return Fault("CAMPO-TAMANHO", f"O texto passa de {one.chars} caracteres.", "Encurte o texto.")
    if one.kind != "password" and not printable(text, lines=one.kind == "area"):
        return CONTROL
    if one.options and text not in {sent for sent, _ in one.options}:
        return NOT_OFFERED
    return one.read(text)


def printable(text: str, *, lines: bool = False) -> bool:
    """Whether every character can be shown; a database refuses some that cannot. `lines` lets line ends pass."""
    return (text.translate(_LINE_ENDS) if lines else text).isprintable()


def month(text: str) -> Value | Fault:
    """A month as browsers send it (2026-11) or as people write it (11/2026), given as AAAAMM."""
    return cell.period(text.replace("-", "") if text[:2] == "20" else text)


def password(least: int) -> Read:
    """A new password of at least so many characters."""

    def read(text: str) -> Value | Fault:
        if len(text) < least:
            return Fault("SENHA-CURTA", f"A senha precisa de {least} caracteres ou mais.", "Use uma frase.")
        return text

    return read


def email(text: str) -> Value | Fault:
    """An address that could be one; whether it exists only a message can tell."""
    name, at, domain = text.partition("@")
    if name and at and "." in domain and " " not in text and "@" not in domain:
        return text.lower()
    return Fault("CAMPO-EMAIL", "Não é um e-mail.", "Escreva como nome@provedor.com.br.", value=text)
