"""The edge.toml that `zelo-edge init` writes: every option with its sentence, all but what must be said commented."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from zelo.pos.edge.config import DEVICE, LIBRARY, OPTIONS, Option

_TOLD: Final = {"nome": "SAT 1", "tipo": LIBRARY, "biblioteca": "/opt/sat/libsat-fabricante.so"}
"""What the first device says, to be corrected by hand."""
_HEAD: Final = """\
# edge.toml: o gateway do caixa. Descomente e mude o que for seu; o que fica comentado vale como está escrito.
# Cada opção: docs/reference/edge-settings.md. Depois: zelo-edge run, e zelo-edge code EQUIPAMENTO.
"""


def sample() -> str:
    """The whole file."""
    return "\n".join((_HEAD, *_sections())) + "\n"


def _sections() -> Iterator[str]:
    for section, options in groupby(OPTIONS, lambda option: option.section):
        if section == DEVICE:
            yield "# Um bloco [[equipamento]] para cada um; repita o bloco inteiro."
            yield f"[[{section}]]"
        else:
            yield f"[{section}]"
        for option in options:
            yield from _lines(option)
        yield ""


def _lines(option: Option) -> Iterator[str]:
    limits = (
        f" De {option.least} a {f'{option.most} {option.unit}'.rstrip()}."
        if option.kind is int and option.most < 1_000_000
        else ""
    )
    words = f" Um de: {', '.join(option.words)}." if option.words else ""
    yield f"# {option.sentence}{words}{limits}"
    told = _TOLD.get(option.key) if option.section == DEVICE else None
    value = option.default if told is None else told
    yield f"{'' if told is not None else '# '}{option.key} = {_toml(value)}"


def _toml(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    return str(value) if isinstance(value, int) else '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
