"""PKCS#12 files good and bad, the CNPJ however the authority wrote it, and who may sign for whom, when.

The files under files/: one key and certificate exported by OpenSSL's command line in the encryptions of three eras
(`-legacy`: RC2-40 and 3DES; today's AES-256), and one file whose certificate was exchanged for that of another key.
"""

import base64
import random
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, pkcs12
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import house
from tests.sign.certificates import (
    BEGIN,
    CNPJ,
    END,
    FILES,
    NOW,
    certificate,
    elliptic_key,
    good,
    key,
    loaded,
    other_name,
    pfx,
    refused,
)
from zelo.fiscal.fault import Fault
from zelo.sign.certificate import (
    CANNOT_SIGN,
    EXPIRED,
    KEY_MISMATCH,
    NO_CNPJ,
    NOT_RSA,
    NOT_YET,
    OTHER_BASE,
    UNREADABLE,
    WRONG_PASSWORD,
    Certificate,
    cnpj_of,
    judge,
    judge_validity,
    load_pkcs12,
)
from zelo.sim import pki

OTHER: Final = "45624871000114"
LETTERS: Final = "12ABC34501DE35"
FLIPS: Final = 150
DER_STRINGS: Final = {"OCTET": 0x04, "UTF8": 0x0C, "Printable": 0x13, "IA5": 0x16}


def usage(*, signs: bool) -> tuple[x509.ExtensionType, bool]:
    flags = dict.fromkeys(
        ("data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False
    )
    return x509.KeyUsage(digital_signature=signs, content_commitment=True, key_encipherment=True, **flags), True


def rules(faults: list[Fault]) -> list[str]:
    return [fault.rule for fault in faults]


@pytest.mark.parametrize("name", ["rc2-40", "3des", "aes-256"])
def test_files_of_three_eras_open_alike(name: str) -> None:
    found = loaded((FILES / f"{name}.pfx").read_bytes())
    modern = loaded((FILES / "aes-256.pfx").read_bytes())
    assert found.shown() == modern.shown()
    assert found.key.private_numbers() == modern.key.private_numbers()
    assert (found.cnpj, found.subject, found.may_sign) == (CNPJ, f"EMPRESA DE TESTE:{CNPJ}", True)


@pytest.mark.parametrize("name", ["rc2-40", "3des", "aes-256"])
@pytest.mark.parametrize("password", ["", "ZELO", "zelo ", "senha", "é", "x" * 10_000, "zelo\0", "\0", "a\0b"])
def test_a_wrong_password_is_told_as_such(name: str, password: str) -> None:
    """A zero byte too, at which the library ends the whole thread."""
    assert refused((FILES / f"{name}.pfx").read_bytes(), password).rule == WRONG_PASSWORD


@pytest.mark.parametrize("password", ["", "senha", "çãé ü", "密码", "x" * 200])
def test_any_password_may_be_chosen(password: str) -> None:
    encryption = pfx(certificate(), password=password) if password else None
    open_file = pkcs12.serialize_key_and_certificates(None, key(), certificate(), None, NoEncryption())
    assert loaded(encryption or open_file, password).cnpj == CNPJ


@pytest.mark.parametrize(
    "content",
    [b"", b"lixo", b"\x00" * 100, b"<html>erro</html>", b"\x30\x84\xff\xff\xff\xff", b"PK\x03\x04" + bytes(50)],
    ids=["empty", "text", "zeroes", "html", "huge length", "zip"],
)
def test_what_is_no_pkcs12_file_is_unreadable(content: bytes) -> None:
    fault = refused(content)
    assert fault.rule == UNREADABLE
    assert fault.remedy


def test_a_pem_file_is_unreadable() -> None:
    assert refused(pki.key_pem(key()) + certificate().public_bytes(Encoding.PEM)).rule == UNREADABLE


def test_a_file_cut_anywhere_is_refused() -> None:
    content = pfx(certificate())
    for end in [*range(0, len(content), 37), len(content) - 1]:
        assert refused(content[:end]).rule in (UNREADABLE, WRONG_PASSWORD)


def test_a_file_with_something_behind_it_is_read_as_older_programs_wrote_them() -> None:
    with pytest.warns(UserWarning, match="falling back to parsing as BER"):
        assert loaded(pfx(certificate()) + b"\0\0").cnpj == CNPJ


@pytest.mark.filterwarnings("ignore:PKCS#12 bundle could not be parsed as DER")
def test_a_damaged_file_gives_a_fault_or_the_same_certificate() -> None:
    chance = random.Random(62)
    content = pkcs12.serialize_key_and_certificates(None, key(), certificate(), None, NoEncryption())
    for _ in range(FLIPS):
        damaged = bytearray(content)
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        found = load_pkcs12(bytes(damaged), "")
        assert isinstance(found, Fault) or found.shown() == loaded(content, "").shown()


def test_a_file_without_private_key() -> None:
    content = pkcs12.serialize_key_and_certificates(None, None, None, [certificate()], NoEncryption())
    fault = refused(content, "")
    assert fault.rule == UNREADABLE
    assert "não traz a chave privada" in fault.sentence


def test_a_file_without_certificate() -> None:
    fault = refused(pfx(None))
    assert fault.rule == UNREADABLE
    assert "não traz o certificado" in fault.sentence


def test_a_key_of_another_certificate() -> None:
    fault = refused((FILES / "other-key.pfx").read_bytes(), "")
    assert fault.rule == KEY_MISMATCH
    assert "não é a deste certificado" in fault.sentence


def test_a_key_that_is_not_rsa() -> None:
    own = certificate(holder=elliptic_key())
    assert refused(pfx(own, elliptic_key())).rule == NOT_RSA


@pytest.mark.parametrize("oid", ["2.5.29.17", "2.5.29.15"], ids=["alternative name", "key usage"])
@pytest.mark.parametrize("value", [b"", b"zzz", b"\x04\x03abc", b"\x30\x05\xa0\x03"])
def test_a_certificate_with_a_malformed_extension_is_unreadable(oid: str, value: bytes) -> None:
    malformed = x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), value)
    assert refused(pfx(certificate(extensions=[(malformed, False)]))).rule == UNREADABLE


def test_a_certificate_that_says_something_twice_is_unreadable() -> None:
    first, second = b"\x06\x0a+\x06\x01\x04\x01\x83\xfe\x3e\x05\x01", b"\x06\x0a+\x06\x01\x04\x01\x83\xfe\x3e\x05\x02"
    ours = [x509.UnrecognizedExtension(x509.ObjectIdentifier(f"1.3.6.1.4.1.65342.5.{n}"), b"\x05\x00") for n in (1, 2)]
    der = certificate(extensions=[(each, False) for each in ours]).public_bytes(Encoding.DER)
    assert der.count(first) == der.count(second) == 1
    twice = x509.load_der_x509_certificate(der.replace(second, first))
    assert refused(pfx(twice)).rule == UNREADABLE


@pytest.mark.parametrize("cnpj", [CNPJ, LETTERS])
@pytest.mark.parametrize("tag", DER_STRINGS.values(), ids=DER_STRINGS.keys())
def test_the_cnpj_in_every_string_type_that_authorities_use(tag: int, cnpj: str) -> None:
    names = other_name(bytes([tag, 14]) + cnpj.encode())
    assert cnpj_of(certificate("OUTRO NOME", extensions=names)) == cnpj
    assert cnpj_of(certificate(f"NOME:{OTHER}", extensions=names)) == cnpj, "the otherName wins"


@pytest.mark.parametrize(
    "value",
    [b"\x0c\x00", b"\x0c\x0d1122233300018", b"\x0c\x0f112223330001811", b"\x30\x0e" + CNPJ.encode(),
     b"\x04\x0e" + b"\xff" * 14, b"\x0c\x0e" + b"0" * 14, b"\x0c\x0e11222333000182", b"\x0c\x0eABCDEFGHIJKLMN"],
)  # fmt: skip
def test_an_other_name_that_holds_no_cnpj_leaves_it_to_the_common_name(value: bytes) -> None:
    assert cnpj_of(certificate(f"NOME:{OTHER}", extensions=other_name(value))) == OTHER
    assert cnpj_of(certificate("NOME", extensions=other_name(value))) == ""


@pytest.mark.parametrize(
    ("common_name", "expected"),
    [
        (f"EMPRESA LTDA:{CNPJ}", CNPJ),
        (f"EMPRESA: FILIAL:{LETTERS}", LETTERS),
        (CNPJ, CNPJ),
        ("FULANO DE TAL:52998224725", ""),
        ("FULANO DE TAL", ""),
        ("EMPRESA:ABCDEFGHIJKLMN", ""),
        ("QUATORZE SINAL", ""),
        ("EMPRESA:11222333000182", ""),
        (None, ""),
    ],
)
def test_the_cnpj_of_the_common_name(common_name: str | None, expected: str) -> None:
    assert cnpj_of(certificate(common_name)) == expected


def test_other_names_of_other_meaning_are_no_cnpj() -> None:
    names = other_name(b"\x0c\x0e" + OTHER.encode(), oid="2.16.76.1.3.7")
    assert cnpj_of(certificate(extensions=names)) == CNPJ


def test_an_a1_of_the_simulated_authority_and_its_e_cpf() -> None:
    company = house.a1(CNPJ)
    assert loaded(company.pfx, company.password).cnpj == CNPJ
    person = pki.issue_a1(house.authority(), "", "FULANO DE TAL", BEGIN, END, key=key())
    found = loaded(person.pfx, person.password)
    assert found.cnpj == ""
    assert rules(judge(found, CNPJ, NOW)) == [NO_CNPJ]


def test_what_people_recognise_it_by() -> None:
    own, others = certificate(), [certificate("AC", holder=key("authority"))]
    found = loaded(pfx(own, others=others))
    assert found.shown() == {
        "cnpj": CNPJ,
        "subject": f"EMPRESA DE TESTE:{CNPJ}",
        "issuer": f"EMPRESA DE TESTE:{CNPJ}",
        "valid_from": BEGIN,
        "valid_until": END,
        "fingerprint": own.fingerprint(SHA256()).hex(),
    }
    assert x509.load_pem_x509_certificates(found.chain_pem) == [own, *others]


def test_the_certificate_goes_into_the_document_in_one_line() -> None:
    text = good().der_base64
    assert text.isascii()
    assert not set(text) & set("\r\n\t -")
    assert base64.b64decode(text, validate=True) == certificate_of(good()).public_bytes(Encoding.DER)


def certificate_of(found: Certificate) -> x509.Certificate:
    return x509.load_pem_x509_certificate(found.chain_pem)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="asks OpenSSL's command line, which is not here")
def test_openssl_reads_the_same_subject_dates_and_fingerprint(tmp_path: Path) -> None:
    path = tmp_path / "chain.pem"
    path.write_bytes(good().chain_pem)
    command = ["openssl", "x509", "-noout", "-subject", "-startdate", "-enddate", "-fingerprint", "-sha256", "-in"]
    command.append(str(path))
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert said[0].replace(" ", "").endswith(f"CN=EMPRESADETESTE:{CNPJ}")
    dates = [datetime.strptime(line.split("=")[1], "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC) for line in said[1:3]]
    assert dates == [good().valid_from, good().valid_until]
    assert said[3].split("=")[1].replace(":", "").lower() == good().fingerprint


@settings(deadline=None)
@given(st.timedeltas(timedelta(days=-400), timedelta(days=400)))
def test_it_is_in_force_from_its_first_instant_to_its_last(offset: timedelta) -> None:
    now = NOW + offset
    expected = [EXPIRED] if now > END else [NOT_YET] if now < BEGIN else []
    assert rules(judge_validity(good(), now)) == rules(judge(good(), CNPJ, now)) == expected


def test_its_very_first_and_last_instants() -> None:
    tick = timedelta(microseconds=1)
    found = [rules(judge_validity(good(), now)) for now in (BEGIN - tick, BEGIN, END, END + tick)]
    assert found == [[NOT_YET], [], [], [EXPIRED]]
    (expired,) = judge_validity(good(), END + tick)
    assert (expired.sentence, expired.cstat) == ("O certificado venceu em 13/08/2027.", "291")


@pytest.mark.parametrize(
    ("holder", "emitter", "expected"),
    [
        (CNPJ, CNPJ, []),
        (CNPJ, "11222333000262", []),
        (CNPJ, OTHER, [OTHER_BASE]),
        (LETTERS, "12ABC345000192", []),
        (LETTERS, "12ABD34501DE35", [OTHER_BASE]),
    ],
)
def test_it_signs_for_every_establishment_of_its_company_and_no_other(
    holder: str, emitter: str, expected: list[str]
) -> None:
    found = loaded(pfx(certificate(f"EMPRESA:{holder}")))
    faults = judge(found, emitter, NOW)
    assert rules(faults) == expected
    assert [fault.cstat for fault in faults] == ["213"] * len(expected)


@pytest.mark.parametrize("signs", [True, False])
def test_it_was_made_for_signing(signs: bool) -> None:  # noqa: FBT001 both cases
    found = loaded(pfx(certificate(extensions=[usage(signs=signs)])))
    assert found.may_sign is signs
    assert rules(judge(found, CNPJ, NOW)) == ([] if signs else [CANNOT_SIGN])


def test_everything_wrong_is_told_at_once() -> None:
    found = loaded(pfx(certificate(f"EMPRESA:{OTHER}", extensions=[usage(signs=False)])))
    assert rules(judge(found, CNPJ, END + timedelta(days=1))) == [EXPIRED, CANNOT_SIGN, OTHER_BASE]
