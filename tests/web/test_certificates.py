"""Installing a certificate: read, judged against the company, sealed; and taken out of use."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.house import BORN, DIES, PLACES, START, a1, authority
from tests.web.town import OTHER_BASE, Town, said, tree
from zelo.access.shell import companies, sessions
from zelo.sim import pki


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    """One key for all, for keys are slow to make."""
    return a1(PLACES[0].cnpj).key


def issued(key: RSAPrivateKey, cnpj: str, **changes: Any) -> bytes:
    """The file of a certificate."""
    given: dict[str, Any] = {"valid_from": BORN, "valid_until": DIES, **changes}
    return pki.issue_a1(authority(), cnpj, "PROVEDOR", key=key, **given).pfx


def install(town: Town, content: bytes, password: str = pki.PASSWORD, persona: str = "administrator") -> Any:
    """Send the form."""
    company_id = town.other_id if persona == "stranger" else town.company_id
    files = {"arquivo": ("a1.pfx", content, "application/x-pkcs12")}
    return town.post(persona, f"/e/{company_id}/certificados", {"senha": password}, files=files)


def kept(town: Town) -> list[Any]:
    """The certificates of the company."""
    with town.engine.read() as connection:
        return list(companies.certificates(connection, town.company_id))


def test_a_certificate_of_the_company_is_installed_and_sealed(town: Town, key: RSAPrivateKey) -> None:
    content = issued(key, "11222333000262", valid_until=DIES - timedelta(days=1))
    assert install(town, content).status_code == 303
    new = next(row for row in kept(town) if row.cnpj == "11222333000262")
    assert content not in (new.sealed_file,)
    assert pki.PASSWORD.encode() not in new.sealed_password
    with town.engine.read() as connection:
        opened = companies.open_certificate(connection, town.house.tools.vault, new.id)
    assert opened == (content, pki.PASSWORD)


@pytest.mark.parametrize(
    ("make", "password", "told"),
    [
        (lambda key: issued(key, f"{OTHER_BASE}000191"), pki.PASSWORD, "O certificado é de outra empresa"),
        (lambda key: issued(key, ""), pki.PASSWORD, "O certificado não traz CNPJ."),
        (lambda key: issued(key, PLACES[0].cnpj, valid_until=START - timedelta(days=1)), pki.PASSWORD, "venceu em"),
        (lambda key: issued(key, PLACES[0].cnpj, valid_from=START + timedelta(days=9)), pki.PASSWORD, "a partir de"),
        (lambda key: issued(key, PLACES[0].cnpj, may_sign=False), pki.PASSWORD, "não foi emitido para assinar"),
        (lambda key: issued(key, PLACES[0].cnpj), "errada", "A senha não abre o certificado."),
        (lambda key: issued(key, PLACES[0].cnpj)[:-50], pki.PASSWORD, "não é um certificado A1 legível"),
        (lambda _key: b"bobagem", pki.PASSWORD, "não é um certificado A1 legível"),
        (lambda _key: b"", pki.PASSWORD, "Falta o arquivo."),
        (lambda _key: b"x" * 300_000, pki.PASSWORD, "grande demais"),
    ],
)
def test_a_file_that_does_not_serve_is_told_and_not_kept(
    town: Town, key: RSAPrivateKey, make: Any, password: str, told: str
) -> None:
    before = len(kept(town))
    answer = install(town, make(key), password)
    assert answer.status_code == 422
    assert told in said(answer)
    assert len(kept(town)) == before
    assert f'value="{password}"' not in answer.text


def test_the_same_certificate_is_not_installed_twice(town: Town) -> None:
    answer = install(town, a1(PLACES[0].cnpj).pfx)
    assert answer.status_code == 422
    assert "já está instalado" in said(answer)


def test_the_days_that_are_left_have_a_colour(town: Town) -> None:
    for days, tone in ((400, "done"), (20, "waiting"), (3, "action"), (-1, "action")):
        town.clock.now = DIES - timedelta(days=days)
        town.tokens["administrator"] = fresh_session(town)
        page = tree(town.get("administrator", f"{town.home}/certificados"))
        badge = page.xpath("//li//span[starts-with(@class,'badge')]")[0]
        assert badge.get("class") == f"badge {tone}"
        assert badge.text == ("vencido" if days < 0 else f"vence em {days} dias")


def fresh_session(town: Town) -> str:
    """A session that begins now."""
    tools = town.house.tools
    with town.engine.begin() as connection:
        return sessions.start(
            connection, now=town.clock(), chance=tools.chance, account_id=town.accounts["administrator"], hours=12
        )


def test_taking_a_certificate_out_of_use_leaves_no_establishment_with_it(town: Town) -> None:
    certificate = kept(town)[0].id
    path = f"{town.home}/certificados/{certificate}/retirar"
    assert town.post("administrator", path).status_code == 422, "not confirmed"
    assert town.post("administrator", path, {"certeza": "sim"}).status_code == 303
    assert kept(town) == []
    with town.engine.read() as connection:
        rows = companies.establishments(connection, town.company_id)
    assert {row.certificate_id for row in rows} == {None}
    assert town.post("administrator", path, {"certeza": "sim"}).status_code == 404


def test_another_companys_certificate_is_out_of_reach(town: Town) -> None:
    path = f"/e/{town.other_id}/certificados/{kept(town)[0].id}/retirar"
    assert town.post("stranger", path, {"certeza": "sim"}).status_code == 404
    assert kept(town)
