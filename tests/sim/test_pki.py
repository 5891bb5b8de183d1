"""The test authority, judged by libraries that are not ours."""

import ipaddress
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store

from tests.sim import notes
from tests.sim.world import NOW, a1_of
from zelo.sim import pki
from zelo.sim.certificate import read
from zelo.sim.pki import A1, Authority


def test_an_a1_looks_like_icp_brasil(a1: A1) -> None:
    certificate = a1.certificate
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    others = {name.type_id.dotted_string: name.value for name in names.get_values_for_type(x509.OtherName)}
    assert set(others) == {f"2.16.76.1.3.{tail}" for tail in (2, 3, 4, 7)}
    assert others["2.16.76.1.3.3"] == b"\x0c\x0e" + notes.CNPJ.encode()
    assert names.get_values_for_type(x509.RFC822Name) == ["teste@example.com"]
    common_name = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    assert common_name == f"PROVEDOR TESTE LTDA:{notes.CNPJ}"
    purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert set(purposes) == {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION}
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert usage.content_commitment
    assert usage.key_encipherment
    assert not usage.key_cert_sign


def test_the_pfx_opens_with_its_password_and_holds_the_chain(a1: A1, authority: Authority) -> None:
    bundle = pkcs12.load_pkcs12(a1.pfx, pki.PASSWORD.encode())
    assert bundle.cert is not None
    assert bundle.cert.certificate == a1.certificate
    assert isinstance(bundle.key, RSAPrivateKey)
    assert bundle.key.public_key() == a1.certificate.public_key()
    assert [each.certificate for each in bundle.additional_certs] == [authority.issuing, authority.root]
    with pytest.raises(ValueError, match="password"):
        pkcs12.load_pkcs12(a1.pfx, b"wrong")


def test_the_server_is_verified_by_a_strict_verifier(authority: Authority) -> None:
    pem = pki.issue_server(authority, NOW)
    leaf = x509.load_pem_x509_certificates(pem)[0]
    builder = PolicyBuilder().store(Store([authority.root])).time(NOW)
    for name in (x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))):
        assert builder.build_server_verifier(name).verify(leaf, [authority.issuing])[0] == leaf


def test_the_server_file_serves(authority: Authority, tmp_path: Path) -> None:
    path = tmp_path / "server.pem"
    path.write_bytes(pki.issue_server(authority, NOW))
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(path)


def test_an_authority_is_kept_as_text(authority: Authority, key: RSAPrivateKey) -> None:
    again = pki.read_authority(pki.dump_authority(authority))
    assert again.trusted == authority.trusted
    holder = read(a1_of(again, notes.CNPJ, key=key).der, authority.trusted)
    assert holder is not None
    assert holder.trusted
    with pytest.raises(ValueError, match="not a test authority"):
        pki.read_authority(pki.key_pem(key) + authority.pem[: len(authority.pem) // 2])


def test_what_is_read_in_a_certificate(authority: Authority, foreign: Authority, key: RSAPrivateKey) -> None:
    holder = read(a1_of(authority, "12ABC34501DE35", key=key).der, authority.trusted)
    assert holder is not None
    assert (holder.cnpj, holder.may_sign, holder.may_connect, holder.trusted) == ("12ABC34501DE35", True, True, True)
    assert holder.valid_until == NOW + timedelta(days=800)
    stranger = read(a1_of(foreign, notes.CNPJ, key=key).der, authority.trusted)
    assert stranger is not None
    assert not stranger.trusted
    issuing = read(authority.trusted[0], authority.trusted)
    assert issuing is not None
    assert not issuing.may_sign
    assert not issuing.may_connect
    assert read(b"not DER", authority.trusted) is None


def test_long_names_are_cut_in_the_common_name_only(authority: Authority, key: RSAPrivateKey) -> None:
    a1 = a1_of(authority, notes.CNPJ, key=key, name="R" * 60)
    common_name = a1.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    assert common_name == f"{'R' * 49}:{notes.CNPJ}"
    with pytest.raises(ValueError, match="short DER"):
        a1_of(authority, notes.CNPJ, key=key, name="R" * 128)
