"""A test authority that looks like ICP-Brasil: root, issuing authority, server certificate, e-CNPJ and e-CPF (A1).

Worthless outside the simulator, and told from the real thing by its names. The layout of an A1 follows DOC-ICP-04:
otherNames 2.16.76.1.3.4 (person in charge), .3.2 (name), .3.3 (CNPJ), .3.7 (CEI), an e-mail, common name "NAME:CNPJ".
Instants and key sizes are arguments; a key is the one thing drawn here, for no library lets itself be given its chance.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ROOT_NAME: Final = "AC Raiz zelo de TESTE"
ISSUING_NAME: Final = "AC zelo de TESTE"
ORGANISATION: Final = "zelo TESTE sem valor"
PERSON_OID: Final = "2.16.76.1.3.4"
NAME_OID: Final = "2.16.76.1.3.2"
CNPJ_OID: Final = "2.16.76.1.3.3"
CEI_OID: Final = "2.16.76.1.3.7"
CPF_OID: Final = "2.16.76.1.3.1"
KEY_BITS: Final = 2048
PASSWORD: Final = "zelo"  # noqa: S105 of test files that are worth nothing

_PUBLIC_EXPONENT: Final = 65_537
_AUTHORITY_DAYS: Final = 3_650
_SERVER_DAYS: Final = 825
_LOOPBACK: Final = ("127.0.0.1", "::1")
_NAME_CHARACTERS: Final = 49
"""A common name takes 64 characters: these, a colon and a CNPJ."""
_UTF8_STRING: Final = 0x0C
_SHORT_DER: Final = 0x80
_CEI_DIGITS: Final = 12
_HOUSE: Final = ((NameOID.COUNTRY_NAME, "BR"), (NameOID.ORGANIZATION_NAME, ORGANISATION))
_PERSON: Final = "01011980" + "52998224725" + "0" * 11 + "0" * 15 + "SSPSP "
"""Birth, CPF, NIS, RG and its issuer, as otherName .3.4 strings them together; the CPF is the well-known example."""


@dataclass(frozen=True, slots=True)
class Authority:
    """The test authority: root and issuing certificates with the keys that sign under them."""

    root: x509.Certificate
    issuing: x509.Certificate
    key: RSAPrivateKey

    @property
    def trusted(self) -> tuple[bytes, ...]:
        """DER of both certificates, as `Config.trusted` wants them."""
        return tuple(each.public_bytes(Encoding.DER) for each in (self.issuing, self.root))

    @property
    def pem(self) -> bytes:
        """Both certificates in PEM: what a client and the server trust."""
        return b"".join(each.public_bytes(Encoding.PEM) for each in (self.issuing, self.root))


@dataclass(frozen=True, slots=True)
class A1:
    """A certificate with its private key. `cnpj` is "" for an e-CPF; `pfx` is sealed with `password`."""

    cnpj: str
    certificate: x509.Certificate
    key: RSAPrivateKey
    pfx: bytes
    password: str

    @property
    def der(self) -> bytes:
        """The certificate as a connection shows it."""
        return self.certificate.public_bytes(Encoding.DER)


def new_key(bits: int = KEY_BITS) -> RSAPrivateKey:
    """A new RSA key: 0.1 to 0.5 s, so tests make few."""
    return generate_private_key(_PUBLIC_EXPONENT, bits)


def new_authority(now: datetime, *, key_bits: int = KEY_BITS) -> Authority:
    """A new authority, valid from a day before `now` for ten years."""
    root_key, key = new_key(key_bits), new_key(key_bits)
    begin, end = now - timedelta(days=1), now + timedelta(days=_AUTHORITY_DAYS)
    root_name, name = _name(ROOT_NAME), _name(ISSUING_NAME)
    root = _authority_certificate(root_name, root_name, root_key, root_key, begin, end, depth=1)
    return Authority(root, _authority_certificate(name, root_name, key, root_key, begin, end, depth=0), key)


def issue_a1(
    authority: Authority,
    cnpj: str,
    name: str,
    valid_from: datetime,
    valid_until: datetime,
    *,
    key: RSAPrivateKey | None = None,
    key_bits: int = KEY_BITS,
    password: str = PASSWORD,
    may_sign: bool = True,
    may_connect: bool = True,
) -> A1:
    """An e-CNPJ; with `cnpj` "" an e-CPF. The last two make it faulty on purpose: without its usage or purpose."""
    key = key or new_key(key_bits)
    purposes = [ExtendedKeyUsageOID.EMAIL_PROTECTION]
    if may_connect:
        purposes.insert(0, ExtendedKeyUsageOID.CLIENT_AUTH)
    builder = _builder(
        _name(f"{name[:_NAME_CHARACTERS]}:{cnpj}" if cnpj else name[:_NAME_CHARACTERS]),
        authority.issuing.subject,
        key,
        valid_from,
        valid_until,
    )
    builder = (
        builder.add_extension(_key_usage(digital_signature=may_sign), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(x509.SubjectAlternativeName(_other_names(cnpj, name)), critical=False)
    )
    certificate = _signed(builder, authority.issuing, authority.key)
    pfx = pkcs12.serialize_key_and_certificates(
        name.encode(), key, certificate, [authority.issuing, authority.root], BestAvailableEncryption(password.encode())
    )
    return A1(cnpj, certificate, key, pfx, password)


def issue_device(
    authority: Authority,
    cnpj: str,
    name: str,
    nserie: str,
    valid_from: datetime,
    valid_until: datetime,
    key: RSAPrivateKey,
) -> x509.Certificate:
    """The certificate of a fiscal device: its owner as NAME:CNPJ, its number as serialNumber (AC SAT)."""
    owner = x509.NameAttribute(NameOID.COMMON_NAME, f"{name[:_NAME_CHARACTERS]}:{cnpj}")
    number = x509.NameAttribute(NameOID.SERIAL_NUMBER, nserie)
    subject = x509.Name([number, *(x509.NameAttribute(oid, text) for oid, text in _HOUSE), owner])
    builder = (
        _builder(subject, authority.issuing.subject, key, valid_from, valid_until)
        .add_extension(_key_usage(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_other_name(CNPJ_OID, cnpj)]), critical=False)
    )
    return _signed(builder, authority.issuing, authority.key)


def issue_server(authority: Authority, now: datetime, *, key_bits: int = KEY_BITS) -> bytes:
    """PEM of key and chain of a server on the loopback addresses and "localhost"."""
    key = new_key(key_bits)
    builder = _builder(
        _name("localhost"), authority.issuing.subject, key, now - timedelta(days=1), now + timedelta(days=_SERVER_DAYS)
    )
    hosts: list[x509.GeneralName] = [x509.DNSName("localhost")]
    hosts.extend(x509.IPAddress(ipaddress.ip_address(each)) for each in _LOOPBACK)
    builder = (
        builder.add_extension(_key_usage(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
    )
    certificate = _signed(builder, authority.issuing, authority.key)
    return key_pem(key) + certificate.public_bytes(Encoding.PEM) + authority.issuing.public_bytes(Encoding.PEM)


def key_pem(key: RSAPrivateKey) -> bytes:
    """A private key in PEM, open: test keys only."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def dump_authority(authority: Authority) -> bytes:
    """The authority as one PEM text: key, issuing certificate, root."""
    return key_pem(authority.key) + authority.pem


def read_authority(pem: bytes) -> Authority:
    """The inverse of `dump_authority`. Raises ValueError for anything else."""
    key = load_pem_private_key(pem, None)
    certificates = x509.load_pem_x509_certificates(pem)
    if not isinstance(key, RSAPrivateKey) or [_common_name(each) for each in certificates] != [ISSUING_NAME, ROOT_NAME]:
        raise ValueError("not a test authority of the simulator")
    return Authority(certificates[1], certificates[0], key)


def _common_name(certificate: x509.Certificate) -> str:
    return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in (*_HOUSE, (NameOID.COMMON_NAME, common_name))])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: RSAPrivateKey, begin: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _authority_certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: RSAPrivateKey,
    issuer_key: RSAPrivateKey,
    begin: datetime,
    end: datetime,
    *,
    depth: int,
) -> x509.Certificate:
    builder = (
        _builder(subject, issuer, key, begin, end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=depth), critical=True)
        .add_extension(_key_usage(digital_signature=False, authority=True), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    return builder.sign(issuer_key, SHA256())


def _signed(builder: x509.CertificateBuilder, issuer: x509.Certificate, issuer_key: RSAPrivateKey) -> x509.Certificate:
    """An end certificate; identifiers and constraints are there because strict verifiers ask for them."""
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True).add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False
    )
    return builder.sign(issuer_key, SHA256())


def _key_usage(*, digital_signature: bool = True, authority: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=not authority,
        key_encipherment=not authority,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _other_names(cnpj: str, name: str) -> Sequence[x509.GeneralName]:
    values = {PERSON_OID: _PERSON, NAME_OID: name, CNPJ_OID: cnpj, CEI_OID: "0" * _CEI_DIGITS}
    if not cnpj:
        values = {CPF_OID: _PERSON}
    others = [_other_name(oid, value) for oid, value in values.items()]
    return [*others, x509.RFC822Name("teste@example.com")]


def _other_name(oid: str, value: str) -> x509.OtherName:
    return x509.OtherName(x509.ObjectIdentifier(oid), _der_text(value))


def _der_text(text: str) -> bytes:
    """A DER UTF8String. Raises ValueError beyond 127 bytes, which no value here needs."""
    content = text.encode()
    if len(content) >= _SHORT_DER:
        raise ValueError(f"longer than a short DER string: {text}")
    return bytes((_UTF8_STRING, len(content))) + content
