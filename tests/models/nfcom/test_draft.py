"""The typed drafts and the layout name the same tags: none is misspelt, none that the layout demands is missing."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, get_args, get_origin, get_type_hints

from tests.models.nfcom.golden import layout
from zelo.models.canonical.layout import Step
from zelo.models.nfcom.document import Emit, Ide, InfNFCom, InfNFComSupl
from zelo.models.nfcom.draft import NfcomDraft

ABROAD: Final = {"cPais", "xPais"}
"""One address type serves three places; only the subscriber's may name a country."""
REPEATED_PAIR: Final = "assinante/NroTermAdic"
"""A repeated sequence: objects under the name of its first tag."""


def _types(cls: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Path and type of every field of a tree of dataclasses."""
    for name, hint in get_type_hints(cls).items():
        inner = f"{path}/{name}".lstrip("/")
        yield inner, hint
        for part in (hint, *get_args(hint), *(deep for arg in get_args(hint) for deep in get_args(arg))):
            if is_dataclass(part):
                yield from _types(part, "assinante" if inner == REPEATED_PAIR else inner)


def _steps(step: Step, path: str, *, demanded: bool) -> Iterator[tuple[str, Step, bool]]:
    """Path and step of every tag, and whether its parent cannot be without it."""
    for child in [*step.attributes, *step.steps]:
        needed = demanded and child.least > 0
        if child.kind == "tag":
            inner = f"{path}/{child.name}".lstrip("/")
            yield inner, child, needed
            yield from _steps(child, inner, demanded=True)
        else:
            yield from _steps(child, path, demanded=needed and child.kind == "seq")


def _known() -> dict[str, tuple[Step, bool]]:
    return {path: (step, need) for path, step, need in _steps(layout().find("infNFCom"), "", demanded=True)}


def test_every_field_is_a_tag_of_the_layout() -> None:
    known = _known()
    fields_of_ours = [path for path, _ in _types(InfNFCom, "")]
    strange = [path for path in fields_of_ours if path not in known]
    assert {path.rpartition("/")[2] for path in strange} <= ABROAD
    assert "infNFComSupl/qrCodNFCom" in {f"infNFComSupl/{field.name}" for field in fields(InfNFComSupl)}


def test_every_tag_that_the_layout_demands_has_a_field() -> None:
    ours = {path for path, _ in _types(InfNFCom, "")}
    parents = {path.rpartition("/")[0] for path in ours}
    missing = [
        path
        for path, (_, needed) in _known().items()
        if needed and path.rpartition("/")[0] in parents and path not in ours
    ]
    assert missing == []


def test_amounts_are_decimals_dates_are_dates_and_repeated_tags_are_tuples() -> None:
    known = _known()
    for path, hint in _types(InfNFCom, ""):
        if path not in known or path == REPEATED_PAIR:
            continue
        step = known[path][0]
        plain = {hint, *get_args(hint)}
        assert (tuple in {get_origin(part) for part in plain}) == (step.most > 1), path
        kind = step.type.chain()[-1].name if step.type else ""
        assert (Decimal in plain) == kind.startswith(("TDec_", "TDec1302")), path
        assert (date in plain) == (kind == "TData"), path


def test_a_draft_is_the_document_without_what_numbering_adds() -> None:
    draft = {field.name for field in fields(NfcomDraft)}
    whole = {field.name for field in fields(InfNFCom)} | {field.name for field in fields(Ide)}
    assert draft <= whole
    assert not draft & {field.name for field in fields(Emit)} - {"CNPJ"}
