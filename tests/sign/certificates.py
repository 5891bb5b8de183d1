"""Certificates of every kind that people bring, made once per test process; worthless outside the tests."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID

from zelo.fiscal.fault import Fault
from zelo.sign.certificate import Certificate, load_pkcs12

NOW: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
BEGIN: Final = NOW - timedelta(days=100)
END: Final = NOW + timedelta(days=265)
CNPJ: Final = "11222333000181"
PASSWORD: Final = "zelo"
FILES: Final = Path(__file__).parent / "files"
OTHER_NAME_CNPJ: Final = "2.16.76.1.3.3"

Extensions = Sequence[tuple[x509.ExtensionType, bool]]
Key = RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def key(name: str = "first") -> RSAPrivateKey:  # noqa: ARG001 each name is another key
    """An RSA key of that name."""
    return generate_private_key(65_537, 2048)


@cache
def elliptic_key() -> ec.EllipticCurvePrivateKey:
    """A key that SEFAZ does not take."""
    return ec.generate_private_key(ec.SECP256R1())


def other_name(value: bytes, oid: str = OTHER_NAME_CNPJ) -> Extensions:
    """A subject's alternative name that holds one otherName of these DER bytes."""
    return [(x509.SubjectAlternativeName([x509.OtherName(x509.ObjectIdentifier(oid), value)]), False)]


def certificate(
    common_name: str | None = f"EMPRESA DE TESTE:{CNPJ}",
    *,
    holder: Key | None = None,
    extensions: Extensions = (),
    begin: datetime = BEGIN,
    end: datetime = END,
) -> x509.Certificate:
    """A certificate that signed itself."""
    holder = holder or key()
    attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "zelo TESTE sem valor")]
    if common_name is not None:
        attributes.append(x509.NameAttribute(NameOID.COMMON_NAME, common_name))
    name = x509.Name(attributes)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(holder.public_key())
        .serial_number(62)
        .not_valid_before(begin)
        .not_valid_after(end)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(holder, SHA256())


def pfx(
    own: x509.Certificate | None,
    holder: Key | None = None,
    others: Sequence[x509.Certificate] = (),
    password: str = PASSWORD,
) -> bytes:
    """A PKCS#12 file in today's encryption."""
    return pkcs12.serialize_key_and_certificates(
        b"teste", holder or key(), own, list(others), BestAvailableEncryption(password.encode())
    )


def loaded(content: bytes, password: str = PASSWORD) -> Certificate:
    """The certificate of a file that is expected to be good."""
    found = load_pkcs12(content, password)
    assert not isinstance(found, Fault), found
    return found


def refused(content: bytes, password: str = PASSWORD) -> Fault:
    """The fault of a file that is expected to be bad."""
    found = load_pkcs12(content, password)
    assert isinstance(found, Fault), found
    return found


@cache
def good() -> Certificate:
    """A certificate that may sign for `CNPJ`."""
    return loaded(pfx(certificate()))
