"""The table of settings itself: every row says its unit, scope and meaning in words that people read."""

from dataclasses import fields
from typing import Any, Final

import pytest

from zelo.settings.table import INSTALLATION, PROCESS, Settings
from zelo.settings.version import VERSION

ROWS: Final[dict[str, Any]] = {row.name: row for row in fields(Settings)}
UNITS: Final = {
    "URL", "arquivo", "bytes", "consultas", "dias", "documentos", "endereço", "envios", "erros", "horas", "minutos",
    "milissegundos", "palavra", "parâmetro", "pasta", "porta", "rejeições iguais", "segundos", "sim ou não", "texto",
    "threads",
}  # fmt: skip
"""People read the unit in a sentence in Portuguese."""


@pytest.mark.parametrize("name", ROWS)
def test_a_row_tells_all_that_people_need(name: str) -> None:
    told = ROWS[name].metadata
    assert told["sentence"].endswith(".")
    assert told["sentence"][0].isupper()
    assert told["unit"] in UNITS
    assert told["scope"] in (INSTALLATION, PROCESS)


@pytest.mark.parametrize("name", ROWS)
def test_a_number_has_bounds_and_nothing_else_has(name: str) -> None:
    told, default = ROWS[name].metadata, ROWS[name].default
    is_number = isinstance(default, int) and not isinstance(default, bool)
    assert (told["least"] is not None) is is_number
    assert (told["most"] is not None) is is_number


def test_the_defaults_are_safe() -> None:
    """Danger is spelled out: production and other machines are reached only by a setting."""
    settings = Settings()
    assert settings.ambiente == "homologacao"
    assert settings.listen_host == "127.0.0.1"
    assert settings.guard_margin > 0
    assert settings.unknown_horizon_seconds > 2 * settings.http_timeout_seconds


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(AttributeError):
        Settings().ambiente = "producao"  # type: ignore[misc]


def test_the_version_fits_the_tag_that_carries_it() -> None:
    """verProc: 1 to 20 characters, with the name before it."""
    assert VERSION.count(".") == 2
    assert len(f"zelo {VERSION}") <= 20
