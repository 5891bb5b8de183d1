"""What the authority reads in a certificate, the transmitter's or the signer's, and whom it trusts.

Groups A and E of the manual: invalid (280, 290), out of its validity (281, 291), without CNPJ (282, 292), not of our
chain (283, 293). The only chain trusted is the test authority's: a real certificate has no business here. Revocation
lists are not simulated.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID

from zelo.sim.verdict import Details

CNPJ_OID: Final = "2.16.76.1.3.3"
FOREIGN_CHAIN: Final[Details] = {"": "o simulador só aceita certificados da sua autoridade de teste"}

_CNPJ_LENGTH: Final = 14
_HEADS: Final = tuple(bytes((tag, _CNPJ_LENGTH)) for tag in (0x04, 0x0C, 0x13, 0x16))
"""DER heads of a string of 14 bytes: octet, UTF8, printable and IA5."""
_KEPT: Final = 4096
_UNREADABLE: Final = (
    ValueError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)

Extension = TypeVar("Extension", bound=x509.ExtensionType)


@dataclass(frozen=True, slots=True)
class Holder:
    """A certificate as it is judged. `key` is None where it is not RSA; `cnpj` is "" for a person's certificate."""

    cnpj: str
    valid_from: datetime
    valid_until: datetime
    key: RSAPublicKey | None
    may_sign: bool
    may_connect: bool
    trusted: bool


@lru_cache(maxsize=_KEPT)
def read(der: bytes, trusted: tuple[bytes, ...]) -> Holder | None:
    """The holder of a certificate in DER, or None when it cannot be read. `trusted`: DER of the authorities."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        key = certificate.public_key()
        usage = _extension(certificate, x509.KeyUsage)
        purposes = _extension(certificate, x509.ExtendedKeyUsage)
        constraints = _extension(certificate, x509.BasicConstraints)
        names = _extension(certificate, x509.SubjectAlternativeName)
    except _UNREADABLE:
        return None
    is_authority = constraints is not None and constraints.ca
    return Holder(
        cnpj=_cnpj(names),
        valid_from=certificate.not_valid_before_utc,
        valid_until=certificate.not_valid_after_utc,
        key=key if isinstance(key, RSAPublicKey) else None,
        may_sign=not is_authority and usage is not None and usage.digital_signature,
        may_connect=not is_authority and purposes is not None and ExtendedKeyUsageOID.CLIENT_AUTH in purposes,
        trusted=any(_issued_by(certificate, x509.load_der_x509_certificate(authority)) for authority in trusted),
    )


def _extension(certificate: x509.Certificate, kind: type[Extension]) -> Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _cnpj(names: x509.SubjectAlternativeName | None) -> str:
    """The CNPJ of the ICP-Brasil otherName; authorities write it in several DER string types."""
    for name in names.get_values_for_type(x509.OtherName) if names is not None else ():
        if name.type_id.dotted_string == CNPJ_OID and name.value[:2] in _HEADS:
            return name.value[2:].decode("ascii", "replace")
    return ""


def _issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def transmitter_fault(holder: Holder | None, now: datetime) -> tuple[str, Details] | None:
    """cStat and details against the certificate that opened the connection, or None."""
    return _fault(
        holder, now, use_allowed=holder is not None and holder.may_connect, codes=("280", "281", "282", "283")
    )


def signer_fault(holder: Holder | None, now: datetime) -> tuple[str, Details] | None:
    """cStat and details against the certificate that signed the note, or None."""
    return _fault(holder, now, use_allowed=holder is not None and holder.may_sign, codes=("290", "291", "292", "293"))


def _fault(
    holder: Holder | None, now: datetime, *, use_allowed: bool, codes: tuple[str, str, str, str]
) -> tuple[str, Details] | None:
    invalid, out_of_validity, without_cnpj, other_chain = codes
    if holder is None or holder.key is None or not use_allowed:
        return invalid, {}
    if not holder.valid_from <= now <= holder.valid_until:
        return out_of_validity, {}
    if not holder.cnpj:
        return without_cnpj, {}
    return None if holder.trusted else (other_chain, FOREIGN_CHAIN)
