"""A new schema package without code: installed by a command, shown with its days, obeyed from its own local day on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.drafts import internet
from tests.house import House, VirtualClock, new_house, packages
from tests.models.canonical.packages import NAME, in_folder, manifest, tightened, zipped
from tests.simulation.judge import violations
from zelo.cli import schemas, screen
from zelo.engine.contract import Engine
from zelo.engine.schema.flow import history
from zelo.flow.house import open_house
from zelo.flow.lifecycle import State
from zelo.models.canonical.facet import TOO_LONG
from zelo.models.canonical.package import SchemaPackage
from zelo.models.canonical.shell import install
from zelo.settings.table import Settings
from zelo.sim import journal as journals

LONG, SHORT = "MARIA DA SILVA", "ANA LIMA"
BEFORE = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
"""Half past eleven in the evening of the 21st in Porto Alegre, half past ten in Cuiabá."""
BETWEEN = BEFORE + timedelta(hours=1)
"""The 22nd in Porto Alegre and still the 21st in Cuiabá."""
AFTER = BEFORE + timedelta(hours=2)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> SchemaPackage:
    """From the 22nd on a recipient's name has at most twelve characters."""
    folder = tmp_path_factory.mktemp("package")
    return install(in_folder(folder / "source", tightened()), manifest(), folder / "schemas")


@pytest.fixture
def house(new_embedded: Callable[[], Engine], changed: SchemaPackage) -> House:
    made = new_house(new_embedded(), clock=VirtualClock(BEFORE))
    made.tools = replace(made.tools, packages=[*packages(), changed])
    return made


def _emit(house: House, reference: str, uf: str, name: str) -> str:
    return house.submit(reference, internet(uf, name=name), uf).document_id


def _told(house: House, document_id: str) -> str:
    """Everything that the history tells of a note."""
    with house.tools.engine.read() as connection:
        query = select(history.c.detail).where(history.c.document_id == document_id).order_by(history.c.at)
        return "\n".join(connection.execute(query).scalars())


def test_each_note_is_checked_by_the_package_of_its_own_local_day(house: House) -> None:
    (shipped,) = packages()
    emitted = {}
    for instant, notes in (
        (BEFORE, (("RS", LONG), ("MT", LONG))),
        (BETWEEN, (("RS", LONG), ("RS", SHORT), ("MT", LONG))),
        (AFTER, (("MT", LONG), ("MT", SHORT))),
    ):
        house.clock.now = instant
        for uf, name in notes:
            emitted[instant, uf, name] = _emit(house, f"{instant:%H}{uf}{name}", uf, name)
        house.settle(most=timedelta(minutes=20))
    outcomes = {key: house.row(document_id) for key, document_id in emitted.items()}
    refused = {key for key, row in outcomes.items() if row.state == State.INVALID}
    assert refused == {(BETWEEN, "RS", LONG), (AFTER, "MT", LONG)}
    assert house.states() == {State.INVALID: 2, State.AUTHORISED: 5}
    for key in refused:
        (fault,) = outcomes[key].faults
        assert (fault["rule"], fault["where"]) == (TOO_LONG, "infNFCom/dest/xNome")
    for (instant, uf, name), document_id in emitted.items():
        new = instant == AFTER or (instant == BETWEEN and uf == "RS")
        told = _told(house, document_id)
        assert (NAME in told) is (new and name == SHORT)
        assert (shipped.name in told) is not new
    authorised = {row.chave for key, row in outcomes.items() if key not in refused}
    assert set(journals.authorised(house.sefaz.journal)) == authorised
    assert violations(house) == [], "a note refused by the new package took no number"


def test_the_day_of_emission_counts_and_not_that_of_arrival(house: House) -> None:
    document_id = _emit(house, "F1", "RS", LONG)
    house.clock.now = BETWEEN
    house.settle()
    assert house.row(document_id).state == State.INVALID


def test_a_note_signed_before_the_change_goes_out_unchanged_after_it(house: House) -> None:
    document_id = _emit(house, "F1", "RS", LONG)
    house.sefaz.set_rates({"pause_108": 1000})
    house.settle(most=timedelta(minutes=20))
    before = house.row(document_id)
    assert before.state == State.PAUSED
    house.sefaz.set_rates({})
    house.clock.now = BETWEEN
    house.settle()
    after = house.row(document_id)
    assert (after.state, after.chave, after.digest) == (State.AUTHORISED, before.chave, before.digest)
    assert violations(house) == []


@pytest.mark.parametrize(
    ("instant", "shipped_holds", "new_holds"),
    [
        (BEFORE, "homologação e produção", "não"),
        (BETWEEN, "produção", "homologação"),
        (datetime(2026, 12, 1, 2, 59, tzinfo=UTC), "produção", "homologação"),
        (datetime(2026, 12, 1, 3, 0, tzinfo=UTC), "não", "homologação e produção"),
    ],
)
def test_the_command_installs_and_the_list_shows_names_days_and_which_holds_today(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    instant: datetime,
    shipped_holds: str,
    new_holds: str,
) -> None:
    monkeypatch.setattr(screen.out, "_width", 200)
    monkeypatch.setattr(screen.out, "_height", 50)
    settings = Settings(data_dir=str(tmp_path / "data"))
    text = tmp_path / "manifest.toml"
    text.write_text(manifest(), "utf-8")
    schemas.install(settings, zipped(tmp_path / "p.zip", tightened()), text)
    assert f"Instalado {NAME}" in capsys.readouterr().out
    tools = open_house(settings)
    schemas.show(replace(tools, clock=lambda: instant))
    tools.engine.close()
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in capsys.readouterr().out.splitlines()]
    assert [row for row in rows if row] == [
        ["62", "PL_NFCOM_1.00_NT2026.002_RTC_1.01", "11/05/2026", "12/04/2022", "12/04/2022", shipped_holds],
        ["62", NAME, "02/11/2026", "22/11/2026", "01/12/2026", new_holds],
    ]


def test_a_name_is_shown_as_it_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "manifest.toml"
    text.write_text(manifest("PL [red]"), "utf-8")
    schemas.install(Settings(data_dir=str(tmp_path)), in_folder(tmp_path / "source", tightened()), text)
    assert "Instalado PL [red]." in capsys.readouterr().out
