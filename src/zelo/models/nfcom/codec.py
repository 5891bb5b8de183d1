"""Drafts as JSON: what an ERP posts and what we keep. Tag names are the keys, amounts are strings, None is left out."""

import json
from dataclasses import is_dataclass
from typing import Any, Final

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from zelo.fiscal.fault import Fault
from zelo.models.nfcom import draft as draft_module
from zelo.models.nfcom import tax as tax_module
from zelo.models.nfcom.draft import NfcomDraft

for _member in [*vars(draft_module).values(), *vars(tax_module).values()]:
    if is_dataclass(_member) and isinstance(_member, type):
        with_config(ConfigDict(extra="forbid"))(_member)
ADAPTER: Final = TypeAdapter(NfcomDraft)
"""A tag that the layout does not know is a fault, never dropped in silence."""
MOST_BYTES: Final = 2_000_000
MOST_FAULTS: Final = 50
BAD_JSON: Final = "NFCOM-JSON"
BAD_FIELD: Final = "NFCOM-CAMPO"


def dump(draft: NfcomDraft) -> bytes:
    """Canonical JSON: the same draft gives the same bytes, whatever order it was written in.

    The fields of the draft's types give the order. Other bytes than those of an earlier release would make every fatura
    that comes again look corrected.
    """
    return ADAPTER.dump_json(draft, exclude_none=True)


def load(content: bytes) -> NfcomDraft | list[Fault]:
    """The draft of a JSON text, or what is wrong with it, field by field."""
    if len(content) > MOST_BYTES:
        return [Fault(BAD_JSON, f"O JSON passa de {MOST_BYTES} bytes.", "Divida a nota: são até 990 itens.")]
    try:
        return ADAPTER.validate_json(content)
    except ValidationError as error:
        return [_fault(item) for item in error.errors(include_url=False, include_context=False)[:MOST_FAULTS]]


def from_python(value: Any) -> NfcomDraft | list[Fault]:
    """The same from an object that was already parsed."""
    return load(json.dumps(value, ensure_ascii=False).encode())


_SENTENCES: Final = {
    "missing": ("Falta o campo.", "Preencha o campo."),
    "json_invalid": ("O texto não é JSON.", "Confira aspas, vírgulas e chaves."),
    "unexpected_keyword_argument": ("O campo não existe no leiaute da NFCom.", "Confira o nome da tag."),
}


def _fault(item: Any) -> Fault:
    """A validation error in words."""
    where = "/".join(str(part) for part in item["loc"])
    default = ("O valor não serve para o campo.", "Confira o tipo: texto, número com ponto ou data AAAA-MM-DD.")
    sentence, remedy = _SENTENCES.get(item["type"], default)
    value = item.get("input")
    shown = "" if isinstance(value, dict | list) or value is None else str(value)[:100]
    return Fault(BAD_JSON if not where else BAD_FIELD, sentence, remedy, where, shown)
