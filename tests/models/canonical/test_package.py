"""Schema packages stand side by side: day and environment pick the one in force, and each checks as its XSD says."""

import itertools
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from lxml import etree

from tests import house
from tests.models.canonical.official import ENTRY
from tests.models.canonical.packages import MOST_NAME, NAME, in_folder, manifest, tightened, zipped
from tests.sim import notes
from zelo.facts.table import UnknownFactError
from zelo.fiscal.ambiente import Ambiente
from zelo.models.canonical.package import SchemaPackage, in_force
from zelo.models.canonical.shell import install, installed

SHORT: Final = "Maria Silva"
LONG: Final = "Maria da Silva Santos"
RECIPIENT: Final = "infNFCom/dest/xNome"
MODELO: Final = "62"


@cache
def note(name: str) -> bytes:
    """A whole signed note for a recipient of that name, made by no code of ours."""
    draft = notes.Draft().but(("Assinante de Teste", name))
    return notes.signed(draft, house.a1(house.PLACES[0].cnpj))


def second(tmp_path: Path, **dates: str) -> SchemaPackage:
    """The tightened package, installed."""
    return install(in_folder(tmp_path / "source", tightened()), manifest(**dates), tmp_path / "schemas")


@pytest.mark.parametrize("kind", ["folder", "zip", "zip of a folder"])
def test_an_installed_package_checks_as_its_own_schema_does(tmp_path: Path, kind: str) -> None:
    files, schemas = tightened(), tmp_path / "schemas"
    if kind == "folder":
        source = in_folder(tmp_path / "source", files)
    else:
        inside = "PL_NFCOM/" if kind == "zip of a folder" else ""
        source = zipped(tmp_path / "source.zip", {inside + name: content for name, content in files.items()})
    install(source, manifest(), schemas)
    source.rename(tmp_path / "gone")
    (package,) = installed(schemas)
    judge = etree.XMLSchema(file=str(in_folder(tmp_path / "judge", files) / ENTRY))
    (shipped,) = house.packages()
    for name, fits in ((SHORT, True), (LONG, False)):
        assert judge.validate(etree.fromstring(note(name))) is fits
        assert (package.check(note(name)) == []) is fits
        assert shipped.check(note(name)) == []
    assert (package.name, package.modelo, package.published) == (NAME, MODELO, date(2026, 11, 2))


def test_the_layout_follows_the_schema_it_came_with(tmp_path: Path) -> None:
    kinds = [package.layout.find(RECIPIENT).type for package in (*house.packages(), second(tmp_path))]
    assert [kind.most for kind in kinds if kind] == [60, MOST_NAME]


def test_a_refusal_names_the_tag_and_the_rejection_that_it_avoids(tmp_path: Path) -> None:
    (fault,) = second(tmp_path).check(note(LONG))
    assert "xNome" in fault.sentence
    assert fault.cstat == "215"
    assert fault.remedy


SHIPPED: Final = "PL_NFCOM_1.00_NT2026.002_RTC_1.01"


@pytest.mark.parametrize(
    ("ambiente", "day", "name"),
    [
        (Ambiente.HOMOLOGACAO, date(2026, 11, 21), SHIPPED),
        (Ambiente.HOMOLOGACAO, date(2026, 11, 22), NAME),
        (Ambiente.PRODUCAO, date(2026, 11, 30), SHIPPED),
        (Ambiente.PRODUCAO, date(2026, 12, 1), NAME),
        (Ambiente.HOMOLOGACAO, date(2030, 1, 1), NAME),
    ],
)
def test_the_one_in_force_is_picked_by_day_and_environment(
    tmp_path: Path, ambiente: Ambiente, day: date, name: str
) -> None:
    for order in itertools.permutations([*house.packages(), second(tmp_path)]):
        assert in_force(order, MODELO, ambiente, day).name == name


def _named(name: str, published: date, **since: date) -> SchemaPackage:
    (shipped,) = house.packages()
    return replace(shipped, name=name, published=published, since={Ambiente[word]: day for word, day in since.items()})


def test_the_latest_to_begin_holds_and_of_two_on_one_day_the_newer_publication() -> None:
    day = date(2026, 6, 1)
    early = _named("early", date(2026, 5, 9), HOMOLOGACAO=date(2026, 5, 10))
    older = _named("older", date(2026, 4, 1), HOMOLOGACAO=day)
    newer = _named("newer", date(2026, 4, 2), HOMOLOGACAO=day)
    for order in itertools.permutations([early, older, newer]):
        assert in_force(order, MODELO, Ambiente.HOMOLOGACAO, day).name == "newer"
    assert in_force([early, older], MODELO, Ambiente.HOMOLOGACAO, day).name == "older"


@pytest.mark.parametrize(
    ("modelo", "ambiente", "day"),
    [
        ("55", Ambiente.HOMOLOGACAO, date(2026, 6, 1)),
        (MODELO, Ambiente.PRODUCAO, date(2026, 6, 1)),
        (MODELO, Ambiente.HOMOLOGACAO, date(2026, 5, 31)),
    ],
    ids=["another model", "an environment that it says nothing of", "the day before"],
)
def test_where_none_holds_none_is_guessed(modelo: str, ambiente: Ambiente, day: date) -> None:
    only = _named("only", date(2026, 5, 1), HOMOLOGACAO=date(2026, 6, 1))
    with pytest.raises(UnknownFactError):
        in_force([only], modelo, ambiente, day)
