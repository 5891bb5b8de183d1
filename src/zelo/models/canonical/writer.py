"""Writes a value as canonical XML, driven by a layout, enforcing every facet on the way.

Canonical means: what inclusive C14N 1.0 would give for the same element (W3C REC-xml-c14n-20010315), so that bytes are
hashed and signed as they are written. A value is any object whose attributes bear the names of the tags; None is
absent; a tuple or list is a repeated tag. Nothing is raised for bad data: faults come back with their place.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

from zelo.fiscal.fault import Fault
from zelo.models.canonical.facet import SCHEMA_CSTAT, SimpleType
from zelo.models.canonical.layout import Row, Step

MISSING: Final = "LEIAUTE-FALTA"
TOO_MANY: Final = "LEIAUTE-QUANTIDADE"
EXCLUSIVE: Final = "LEIAUTE-ESCOLHA"

_REMEMBER_CHARS: Final = 40
_REMEMBER_COUNT: Final = 256
_TEXT_SPECIAL: Final[Callable[[str], object]] = re.compile(r"[&<>\r]").search
_ATTRIBUTE_SPECIAL: Final[Callable[[str], object]] = re.compile(r'[&<"\t\n\r]').search


def escape_text(text: str) -> str:
    """Character data as C14N writes it."""
    if not _TEXT_SPECIAL(text):
        return text
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")


def escape_attribute(text: str) -> str:
    """An attribute value as C14N writes it."""
    if not _ATTRIBUTE_SPECIAL(text):
        return text
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return text.replace("\t", "&#x9;").replace("\n", "&#xA;").replace("\r", "&#xD;")


def write(step: Step, value: object) -> tuple[str, list[Fault]]:
    """The element of `step` with everything inside, and what is wrong with it (then the text is of no use)."""
    out: list[str] = []
    faults: list[Fault] = []
    _tag(step, value, step.name, out, faults)
    return "".join(out), faults


def _tag(step: Step, value: object, path: str, out: list[str], faults: list[Fault]) -> None:
    """One occurrence of a tag, leaf or group."""
    if step.type is not None:
        out.append(_leaf(step, step.type, value, path, faults))
        return
    opening, closing = step.marks
    out.append(f"{opening[:-1]}{_attributes(step, value, path, faults)}>" if step.attributes else opening)
    _inside(step.plan, value, path, out, faults)
    out.append(closing)


def _leaf(step: Step, kind: SimpleType, value: object, path: str, faults: list[Fault]) -> str:
    """A leaf checked and written; short ones are remembered, for codes, rates and zeroes come in every note."""
    text = kind.text_of(value)
    if not kind.accepts(text):
        faults.append(kind.fault(text, path))
        return ""
    written = f"<{step.name}>{escape_text(text)}</{step.name}>"
    if len(text) <= _REMEMBER_CHARS and len(step.written) < _REMEMBER_COUNT:
        step.written[text] = written
    return written


def _attributes(step: Step, value: object, path: str, faults: list[Fault]) -> str:
    written = []
    for attribute in step.attributes:
        text = getattr(value, attribute.name, None)
        place = f"{path}/@{attribute.name}"
        if text is None:
            if attribute.least:
                faults.append(_missing(place))
            continue
        kind = attribute.type
        text = str(text)
        if kind is not None and not kind.accepts(text):
            faults.append(kind.fault(text, place))
        written.append(f' {attribute.name}="{escape_attribute(text)}"')
    return "".join(written)


def _inside(plan: Sequence[Row], value: object, path: str, out: list[str], faults: list[Fault]) -> None:
    """The tags of a group, in the order of the layout. No attribute bears the name of a particle."""
    for name, memory, missed, step in plan:
        child = getattr(value, name, None)
        if child is None:
            if missed:
                _absent(step, value, path, out, faults)
        elif memory is not None:
            known = memory.get(child if type(child) is str else str(child))
            if known is None:
                _tag(step, child, f"{path}/{name}", out, faults)
            else:
                out.append(known)
        elif step.most == 1:
            _tag(step, child, f"{path}/{name}", out, faults)
        else:
            _repeated(step, child, path, out, faults)


def _absent(step: Step, value: object, path: str, out: list[str], faults: list[Fault]) -> None:
    """A particle, which is looked for by the tags inside it, or a tag that must be there and is not."""
    if step.kind == "tag":
        faults.append(_missing(f"{path}/{step.name}"))
    else:
        _PARTICLE[step.kind](step, value, path, out, faults)


def _repeated(step: Step, children: Sequence[object], path: str, out: list[str], faults: list[Fault]) -> None:
    if not step.least <= len(children) <= step.most:
        sentence = f"Há {len(children)} ocorrências; o leiaute aceita de {step.least} a {step.most}."
        faults.append(Fault(TOO_MANY, sentence, "Ajuste a quantidade.", f"{path}/{step.name}", "", SCHEMA_CSTAT))
        return
    for index, child in enumerate(children, start=1):
        _tag(step, child, f"{path}/{step.name}[{index}]", out, faults)


def _present(step: Step, value: object) -> bool:
    for name in step.names:  # noqa: SIM110 a plain loop costs half of any() here
        if getattr(value, name, None) is not None:
            return True
    return False


def _seq(step: Step, value: object, path: str, out: list[str], faults: list[Fault]) -> None:
    """Tags that come together. A repeated `seq` is a list of objects under the name of its first tag."""
    if step.most == 1:
        if step.least or _present(step, value):
            _inside(step.plan, value, path, out, faults)
        return
    first = step.steps[0].name
    for index, child in enumerate(getattr(value, first, None) or (), start=1):
        _inside(step.plan, child, f"{path}[{first} {index}]", out, faults)


def _choice(step: Step, value: object, path: str, out: list[str], faults: list[Fault]) -> None:
    """Exactly one of several, or none where the layout allows it."""
    present = [row for row in step.plan if _present(row[3], value)]
    if len(present) > 1:
        names = " e ".join(alternative.names[0] for *_, alternative in present)
        sentence = f"{names} não podem vir juntos."
        faults.append(Fault(EXCLUSIVE, sentence, "Informe só um deles.", path, "", SCHEMA_CSTAT))
    elif present:
        _inside(present, value, path, out, faults)
    elif step.least and all(alternative.least for alternative in step.steps):
        names = ", ".join(alternative.names[0] for alternative in step.steps)
        faults.append(Fault(EXCLUSIVE, f"Falta um de: {names}.", "Informe um deles.", path, "", SCHEMA_CSTAT))


_PARTICLE: Final = {"seq": _seq, "choice": _choice}


def _missing(path: str) -> Fault:
    return Fault(MISSING, "Falta um campo obrigatório do leiaute.", "Preencha o campo.", path, "", SCHEMA_CSTAT)
