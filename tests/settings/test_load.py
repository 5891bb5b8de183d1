"""Settings: where a value comes from, and that each bad one is refused in a sentence that says where it stands."""

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from zelo.settings.load import SettingError, load
from zelo.settings.table import FILE_NAME, PREFIX, Settings

ROWS: Final[dict[str, Any]] = {row.name: row for row in fields(Settings)}
INTEGERS: Final = [name for name, row in ROWS.items() if isinstance(row.default, int) and row.default is not False]
OTHERS: Final = {
    "data_dir": "dados",
    "database_url": "postgresql://zelo@localhost/zelo",
    "ambiente": "producao",
    "listen_host": "0.0.0.0",  # noqa: S104 only a value here
    "cookie_secure": "sim",
    "simulator_url": "https://127.0.0.1:9443",
    "sefaz_ca_file": "ca.pem",
    "log_level": "debug",
    "guard_intervals": "PR|5-10-120/",
    "guard_limits": "PR|10-20/",
    "public_url": "https://zelo.provedor.com.br",
    "smtp_host": "correio.provedor.com.br",
    "smtp_user": "avisos",
    "smtp_password": "uma senha",
    "smtp_sender": "avisos@provedor.com.br",
    "smtp_ca_file": "correio.pem",
    "smtp_security": "tls",
}
HUGE: Final = "9" * 5000

unhurried = hypothesis_settings(deadline=None)


def variable(name: str) -> str:
    return PREFIX + name.upper()


def another(row: Any) -> str:
    """A good value that is not the default."""
    return OTHERS.get(row.name) or str(row.default + 1)


def refused(environ: dict[str, str], file: str = "") -> str:
    with pytest.raises(SettingError) as caught:
        load(environ, file)
    return str(caught.value)


def test_nothing_set_gives_the_defaults() -> None:
    assert load({}) == Settings()
    assert load({}, "# só um comentário\n") == Settings()


@pytest.mark.parametrize("name", ROWS)
def test_environment_wins_over_file_and_file_over_default(name: str) -> None:
    default, good = ROWS[name].default, another(ROWS[name])
    quoted = f"{name} = {good!r}"
    in_file = getattr(load({}, quoted), name)
    assert in_file != default
    assert str(in_file).lower() in (good.lower(), "true")
    assert getattr(load({variable(name): good}), name) == in_file
    shown = {False: "não"}.get(default, str(default))
    assert getattr(load({variable(name): shown}, quoted), name) == default


@pytest.mark.parametrize("name", ["listen_port", "cookie_secure"])
def test_a_file_may_give_its_own_types(name: str) -> None:
    text = {"listen_port": "listen_port = 9000", "cookie_secure": "cookie_secure = true"}[name]
    assert getattr(load({}, text), name) == tomllib.loads(text)[name]


@pytest.mark.parametrize("name", INTEGERS)
@pytest.mark.parametrize(
    "text", ["", "x", "-", "--5", "+5", "5.0", " 5", "5 ", "1_0", "٣", "²", "1e3", HUGE, "-" + HUGE]
)
def test_what_is_no_integer_is_refused_by_name(name: str, text: str) -> None:
    said = refused({variable(name): text})
    assert said.startswith(f"{variable(name)}: use um número inteiro")


@pytest.mark.parametrize("name", INTEGERS)
def test_integers_have_a_least_and_a_most(name: str) -> None:
    least, most = ROWS[name].metadata["least"], ROWS[name].metadata["most"]
    assert 0 <= least <= ROWS[name].default <= most
    for beyond in (least - 1, most + 1):
        said = refused({}, f"{name} = {beyond}")
        assert said.startswith(f"{FILE_NAME}: {name}: use um número inteiro de {least} a {most}")
        assert ROWS[name].metadata["unit"] in said


def test_a_port_is_a_port() -> None:
    assert load({"ZELO_LISTEN_PORT": "65535"}).listen_port == 65_535
    assert refused({"ZELO_LISTEN_PORT": "65536"}).startswith("ZELO_LISTEN_PORT: ")
    assert load({"ZELO_LISTEN_PORT": "0"}).listen_port == 0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", True),
        ("SIM", True),
        ("yes", True),
        ("True", True),
        ("0", False),
        ("não", False),
        ("NAO", False),
        ("", False),
    ],
)
def test_yes_and_no_in_words(text: str, value: bool) -> None:  # noqa: FBT001 a table of cases
    assert load({"ZELO_COOKIE_SECURE": text}).cookie_secure is value


@pytest.mark.parametrize(
    ("environ", "file", "begins"),
    [
        ({"ZELO_COOKIE_SECURE": "talvez"}, "", "ZELO_COOKIE_SECURE: use sim ou não"),
        ({}, "cookie_secure = 2", "zelo.toml: cookie_secure: use sim ou não"),
        ({"ZELO_AMBIENTE": "Producao"}, "", "ZELO_AMBIENTE: use homologacao ou producao"),
        ({}, "ambiente = 'teste'", "zelo.toml: ambiente: use homologacao ou producao"),
        ({"ZELO_LOG_LEVEL": "loud"}, "", "ZELO_LOG_LEVEL: use debug, info, warning ou error"),
        ({}, "log_level = ''", "zelo.toml: log_level: use debug, info, warning ou error"),
        ({}, "data_dir = ['a']", "zelo.toml: data_dir: use um texto"),
        ({}, "data_dir = {a = 1}", "zelo.toml: data_dir: use um texto"),
        ({}, "data_dir = 2026-01-01", "zelo.toml: data_dir: use um texto"),
        ({}, "listen_port = 1.5", "zelo.toml: listen_port: use um número inteiro"),
        ({}, "listen_port = true", "zelo.toml: listen_port: use um número inteiro"),
        ({}, "ambiente =", "zelo.toml: "),
        ({}, "ambiente = 'a'\nambiente = 'b'", "zelo.toml: "),
        ({}, "\x00", "zelo.toml: "),
        ({"ZELO_SIMULATOR_URL": "http://127.0.0.1"}, "", "ZELO_SIMULATOR_URL: use um endereço https"),
        ({}, "simulator_url = 'ftp://x'", "zelo.toml: simulator_url: use um endereço https"),
        ({"ZELO_PUBLIC_URL": "zelo.com.br"}, "", "ZELO_PUBLIC_URL: comece por https://"),
        ({"ZELO_SMTP_SECURITY": "ssl"}, "", "ZELO_SMTP_SECURITY: use starttls, tls ou none"),
        (
            {"ZELO_SMTP_SECURITY": "none", "ZELO_SMTP_HOST": "correio.provedor.com.br"},
            "",
            "ZELO_SMTP_SECURITY: sem cifra só nesta máquina",
        ),
        ({"ZELO_SMTP_SECURITY": "none"}, "smtp_host = '127.0.0.1.nip.io'", "ZELO_SMTP_SECURITY: sem cifra só nesta"),
    ],
)
def test_a_bad_value_is_told_with_its_place_and_remedy(environ: dict[str, str], file: str, begins: str) -> None:
    said = refused(environ, file)
    assert said.startswith(begins)
    assert said.endswith(".")


def test_an_unknown_name_in_the_file_is_told() -> None:
    said = refused({}, "lisen_port = 1\nzzz = 2\n[tabela]\nx = 1")
    assert said.startswith("zelo.toml: configuração desconhecida: lisen_port, tabela, zzz. Veja ")
    page = Path(__file__).parents[2] / said.removesuffix(".").split()[-1]
    assert page.is_file(), "the page that the sentence names"


def test_other_variables_of_the_environment_are_none_of_our_business() -> None:
    assert load({"PATH": "/bin", "ZELO_SEEDS": "4"}) == Settings()


@pytest.mark.parametrize("place", ["environment", "file"])
def test_production_never_uses_the_simulator(place: str) -> None:
    url = "https://127.0.0.1:9443"
    environ = {"ZELO_AMBIENTE": "producao"}
    file = ""
    if place == "environment":
        environ["ZELO_SIMULATOR_URL"] = url
    else:
        file = f"simulator_url = '{url}'"
    said = refused(environ, file)
    assert "o simulador nunca é usado em produção" in said
    assert said.startswith("ZELO_SIMULATOR_URL: " if place == "environment" else "zelo.toml: simulator_url: ")
    assert load({"ZELO_SIMULATOR_URL": url}).simulator_url == url


@unhurried
@given(st.integers(1, 400), st.integers(1, 400), st.integers(1, 800), st.integers(1, 800))
def test_waits_are_consistent_or_refused(connect: int, answer: int, horizon: int, lease: int) -> None:
    """An outcome is asked after, or a lease given away, only when no answer can come any more."""
    environ = {
        "ZELO_HTTP_CONNECT_SECONDS": str(connect),
        "ZELO_HTTP_TIMEOUT_SECONDS": str(answer),
        "ZELO_UNKNOWN_HORIZON_SECONDS": str(horizon),
        "ZELO_LEASE_SECONDS": str(lease),
    }
    if horizon > answer and lease > connect + answer:
        assert load(environ).lease_seconds == lease
    else:
        name = "UNKNOWN_HORIZON" if horizon <= answer else "LEASE"
        assert refused(environ).startswith(f"ZELO_{name}_SECONDS: ")


@unhurried
@given(st.dictionaries(st.sampled_from([variable(name) for name in ROWS]), st.text(max_size=30)), st.text(max_size=60))
def test_whatever_is_given_there_are_settings_or_a_sentence(environ: dict[str, str], file: str) -> None:
    try:
        said = repr(load(environ, file))
    except SettingError as error:
        said = str(error)
    assert said.startswith((PREFIX, FILE_NAME, "unknown_horizon_seconds: ", "lease_seconds: ", "Settings("))
