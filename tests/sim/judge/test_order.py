"""Every check of reception: a note that breaks it and nothing before it, and notes at the edge that pass."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.sim import notes
from tests.sim.judge import cases
from tests.sim.world import HOUR, NOW, RECEPCAO, World, a1_of, read, world
from zelo.facts.cstat import texto
from zelo.sim.journal import authorised, numbers_used_twice
from zelo.sim.judge.order import ORDER
from zelo.sim.pki import A1, Authority
from zelo.sim.sefaz import Request

BY_BASE = {"539", "204", "218", "224", "203"}
BY_CADASTRO = {"428", "429", "430"}
BY_CERTIFICATE = {"290", "291", "292", "293", "213"}


@pytest.mark.parametrize("cstat", cases.BY_NOTE)
def test_each_note_is_refused_for_what_is_wrong_with_it(sim: World, cstat: str) -> None:
    told = sim.send(cases.BY_NOTE[cstat])
    assert told.cstat == cstat, told.motivo
    assert told.motivo.startswith("Rejeição")
    assert not authorised(sim.sefaz.journal)


def test_every_code_of_the_order_has_its_document() -> None:
    covered = {*cases.BY_NOTE, *BY_BASE, *BY_CADASTRO, *BY_CERTIFICATE, *cases.NEGATIVE}
    assert {check.cstat for check in ORDER} == covered
    assert all(texto("62", cstat) for cstat in covered - {"999"})


@pytest.mark.parametrize("name", cases.ACCEPTED)
def test_a_note_at_the_edge_is_authorised(sim: World, name: str) -> None:
    told = sim.send(cases.ACCEPTED[name])
    assert told.cstat == "100", told.motivo


@pytest.mark.parametrize("name", cases.UNSIMULATED)
def test_what_is_not_simulated_is_said_so(sim: World, name: str) -> None:
    told = sim.send(cases.UNSIMULATED[name])
    assert told.cstat == "999"
    assert "o simulador ainda não trata" in told.motivo
    assert name in told.motivo


def test_the_item_is_named(sim: World) -> None:
    plain = cases.BASE.but(*cases.plain_item("9999999"))
    assert sim.send(plain).motivo == "Rejeição: Código de classificação do item inexistente [nItem: 2]"


def test_a_wrong_total_of_the_reform_is_explained(sim: World) -> None:
    assert "IBSCBSTot/vBCIBSCBS difere do somatório dos itens" in sim.send(cases.TOTALS["999"]).motivo


@pytest.mark.parametrize("cstat", cases.NEGATIVE)
def test_no_total_is_negative(sim: World, cstat: str) -> None:
    assert sim.send(cases.NEGATIVE[cstat]).cstat == cstat


@pytest.mark.parametrize("name", cases.ACCEPTED_BALANCED)
def test_deductions_and_returns_turn_the_sign(sim: World, name: str) -> None:
    told = sim.send(cases.ACCEPTED_BALANCED[name])
    assert told.cstat == "100", told.motivo


def _refused_when_signed_by(authority: Authority, a1: A1, signer: A1) -> str:
    sim = world(authority, a1)
    return sim.submit(notes.signed(cases.BASE, signer)).cstat


def test_signers_that_may_not_sign(authority: Authority, foreign: Authority, a1: A1, key: RSAPrivateKey) -> None:
    signers = {
        "290": a1_of(authority, notes.CNPJ, key=key, may_sign=False),
        "291": a1_of(authority, notes.CNPJ, key=key, valid_until=NOW - HOUR),
        "292": a1_of(authority, "", key=key),
        "293": a1_of(foreign, notes.CNPJ, key=key),
        "213": a1_of(authority, cases.OTHER_CNPJ, key=key),
    }
    assert {cstat: _refused_when_signed_by(authority, a1, signer) for cstat, signer in signers.items()} == {
        cstat: cstat for cstat in signers
    }


def test_transmitters_that_may_not_transmit(
    sim: World, authority: Authority, foreign: Authority, key: RSAPrivateKey
) -> None:
    document = notes.signed(cases.BASE, sim.a1)
    transmitters = {
        "280": a1_of(authority, notes.CNPJ, key=key, may_connect=False),
        "281": a1_of(authority, notes.CNPJ, key=key, valid_from=NOW + HOUR),
        "282": a1_of(authority, "", key=key),
        "283": a1_of(foreign, notes.CNPJ, key=key),
    }
    for cstat, transmitter in transmitters.items():
        assert sim.submit(document, transmitter).cstat == cstat
    assert "só aceita certificados da sua autoridade de teste" in sim.submit(document, transmitters["283"]).motivo


@pytest.mark.parametrize("der", [None, b"", b"0" * 500])
def test_a_connection_without_certificate(sim: World, der: bytes | None) -> None:
    body = notes.envelope(notes.packed(notes.signed(cases.BASE, sim.a1)), RECEPCAO)
    assert read(sim.sefaz.answer(Request("SVRS", RECEPCAO, body, der, "10.0.0.1"), NOW)).cstat == "280"


def test_the_transmitter_may_be_another_company(sim: World, authority: Authority, key: RSAPrivateKey) -> None:
    bureau = a1_of(authority, cases.OTHER_CNPJ, key=key)
    assert sim.submit(notes.signed(cases.BASE, sim.a1), bureau).cstat == "100"


def test_the_same_bytes_again(sim: World) -> None:
    document = notes.signed(cases.BASE, sim.a1)
    first = sim.submit(document)
    sim.now += HOUR
    again = sim.submit(document)
    nprot = first.text("protNFCom/infProt/nProt")
    assert again.cstat == "204"
    assert again.motivo == f"Rejeição: Duplicidade de NFCom [nProt:{nprot}][dhAut: 2026-11-20T10:00:00-03:00]."
    for tag in ("nProt", "digVal", "dhRecbto", "cStat"):
        assert again.text(f"protNFCom/infProt/{tag}") == first.text(f"protNFCom/infProt/{tag}") != ""


def test_the_same_note_rebuilt_gets_no_protocol(sim: World) -> None:
    sim.send(cases.BASE)
    again = sim.send(cases.BASE.but(("Teste</infCpl>", "Outro</infCpl>")))
    assert again.cstat == "204"
    assert again.text("protNFCom/infProt/nProt") == ""


def test_a_uf_may_keep_the_protocol_for_itself(authority: Authority, a1: A1) -> None:
    sim = world(authority, a1, duplicate_returns_protocol=False)
    sim.send(cases.BASE)
    again = sim.send(cases.BASE)
    assert (again.cstat, again.text("protNFCom/infProt/nProt")) == ("204", "")
    assert "[nProt:3432600000000001]" in again.motivo


FIRST_OF_MONTH = replace(cases.BASE, dhemi="2026-11-01T09:00:00-03:00")
OTHER_CHAVE = {
    "another cNF": replace(FIRST_OF_MONTH, cnf="7654321"),
    "another month": replace(FIRST_OF_MONTH, dhemi="2026-10-31T23:59:59-03:00"),
}


@pytest.mark.parametrize("what", OTHER_CHAVE)
def test_the_number_under_another_chave(sim: World, what: str) -> None:
    sim.now = datetime(2026, 11, 1, 13, 0, tzinfo=UTC)
    assert sim.send(FIRST_OF_MONTH).cstat == "100"
    told = sim.send(OTHER_CHAVE[what])
    assert told.cstat == "539"
    assert told.motivo.endswith(f"[chNFCom: {FIRST_OF_MONTH.chave}]")


@pytest.mark.parametrize("other", [replace(cases.BASE, nnf="124"), replace(cases.BASE, serie="2")])
def test_another_number_is_another_note(sim: World, other: notes.Draft) -> None:
    sim.send(cases.BASE)
    assert sim.send(other).cstat == "100"


def test_contingency_does_not_collide_and_is_seen_in_the_journal(sim: World) -> None:
    sim.send(cases.BASE)
    assert sim.send(cases.CONTINGENCY).cstat == "100"
    assert list(numbers_used_twice(sim.sefaz.journal).values()) == [{cases.BASE.chave, cases.CONTINGENCY.chave}]


@pytest.mark.parametrize(("standing", "cstat", "bracket"), [("101", "218", "dhCanc"), ("102", "224", "dhSubst")])
def test_a_note_whose_life_has_ended(sim: World, standing: str, cstat: str, bracket: str) -> None:
    sim.send(cases.BASE)
    sim.now += HOUR
    sim.sefaz.set_standing(cases.BASE.chave, standing, sim.now)
    told = sim.send(cases.BASE)
    assert told.cstat == cstat
    assert f"[nProt:3432600000000002][{bracket}: 2026-11-20T11:00:00-03:00]" in told.motivo


def test_only_the_accredited_emit(authority: Authority, a1: A1) -> None:
    assert world(authority, a1, accredited=frozenset({cases.OTHER_CNPJ})).send(cases.BASE).cstat == "203"
    assert world(authority, a1, accredited=frozenset({notes.CNPJ})).send(cases.BASE).cstat == "100"


def test_late_contingency_is_authorised_as_late(sim: World) -> None:
    sim.now += 120 * HOUR
    told = sim.send(cases.CONTINGENCY)
    assert (told.cstat, told.text("protNFCom/infProt/cStat")) == ("150", "150")


CONTRIBUTOR = f"<CNPJ>{cases.OTHER_CNPJ}</CNPJ><indIEDest>1</indIEDest><IE>{notes.IE}</IE>"
SAYS_NOT = f"<CNPJ>{cases.OTHER_CNPJ}</CNPJ><indIEDest>9</indIEDest>"


@pytest.mark.parametrize(
    ("contributors", "receiver", "cstat"),
    [
        (None, CONTRIBUTOR, "100"),
        ({cases.OTHER_CNPJ: notes.IE}, CONTRIBUTOR, "100"),
        ({}, CONTRIBUTOR, "428"),
        ({notes.CNPJ: notes.IE}, CONTRIBUTOR, "429"),
        ({cases.OTHER_CNPJ: notes.IE}, SAYS_NOT, "430"),
        ({notes.CNPJ: notes.IE}, SAYS_NOT, "100"),
    ],
)
def test_the_register_of_contributors_is_believed_and_not_the_note(
    authority: Authority, a1: A1, contributors: dict[str, str] | None, receiver: str, cstat: str
) -> None:
    assert world(authority, a1, contributors=contributors).send(cases.dest(receiver)).cstat == cstat


def test_the_sum_of_the_document_changes_with_2027(sim: World) -> None:
    sim.now = NOW.replace(year=2027, month=1, day=2)
    january = replace(cases.BASE, dhemi="2027-01-01T00:30:00-03:00")
    december = replace(cases.BASE, dhemi="2026-12-31T23:30:00-03:00", nnf="124")
    with_reform = ("<vTotDFe>120.00", "<vTotDFe>120.79")
    assert [sim.send(draft).cstat for draft in (january, january.but(with_reform))] == ["365", "100"]
    assert [sim.send(draft).cstat for draft in (december.but(with_reform), december)] == ["365", "100"]


def test_the_year_of_a_protocol_is_that_of_the_authorizer(sim: World) -> None:
    sim.now = datetime(2027, 1, 1, 2, 30, tzinfo=UTC)
    told = sim.send(replace(cases.BASE, dhemi="2026-12-31T23:00:00-03:00"))
    assert told.text("protNFCom/infProt/dhRecbto") == "2026-12-31T23:30:00-03:00"
    assert told.text("protNFCom/infProt/nProt") == "3432600000000001"


AUTHORIZERS = {
    "MG": ("31", "MG", "3106200", "0623079040081", "https://portalnfcom.fazenda.mg.gov.br/qrcode", "1"),
    "MS": ("50", "MS", "5002704", "283115947", "https://www.dfe.ms.gov.br/nfcom/qrcode", "1"),
    "MT": ("51", "MT", "5103403", "00130000019", "https://homologacao.sefaz.mt.gov.br/nfcom-ext-fe/qrcode", "1"),
    "SVRS": ("35", "SP", "3550308", "110042490114", notes.SVRS_QR, "3"),
}


@pytest.mark.parametrize("name", AUTHORIZERS)
def test_each_authorizer_in_its_own_way(sim: World, name: str) -> None:
    cuf, uf, municipality, ie, qrcode, kind = AUTHORIZERS[name]
    sim.autorizador = name
    draft = replace(
        cases.BASE,
        cuf=cuf,
        uf=uf,
        municipality=municipality,
        ie=ie,
        qrcode=qrcode,
    )
    told = sim.send(draft)
    assert told.cstat == "100", told.motivo
    assert told.text("cUF") == cuf
    assert told.text("protNFCom/infProt/nProt") == f"{kind}{cuf}2600000000001"
    assert told.text("protNFCom/infProt/dhRecbto").endswith("-04:00" if name in {"MS", "MT"} else "-03:00")
    sim.autorizador = "MG" if name == "SVRS" else "SVRS"
    assert sim.send(draft).cstat == "226"
