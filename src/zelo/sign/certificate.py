"""An A1 certificate: read once from its PKCS#12 file, judged against an emitter, never read per document.

Loading a key costs some 40 ms (the library checks it), a signature 0.25 ms: hence `Certificate` is kept by the caller.
The CNPJ comes from the ICP-Brasil otherName 2.16.76.1.3.3 of the subject's alternative names (DOC-ICP-04).
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509.oid import ExtensionOID, NameOID

from zelo.fiscal import cnpj as cnpj_words
from zelo.fiscal.fault import Fault

ICP_BRASIL_CNPJ: Final = "2.16.76.1.3.3"
_DER_TEXT_TAGS: Final = frozenset({0x04, 0x0C, 0x13, 0x16})
_CNPJ_LENGTH: Final = 14

WRONG_PASSWORD: Final = "CERT-SENHA"  # noqa: S105 the id of a rule
UNREADABLE: Final = "CERT-ARQUIVO"
NOT_RSA: Final = "CERT-RSA"
KEY_MISMATCH: Final = "CERT-CHAVE"
EXPIRED: Final = "CERT-VENCIDO"
NOT_YET: Final = "CERT-FUTURO"
NO_CNPJ: Final = "CERT-SEM-CNPJ"
OTHER_BASE: Final = "CERT-CNPJ"
CANNOT_SIGN: Final = "CERT-USO"

BAD_PASSWORD: Final = Fault(
    WRONG_PASSWORD, "A senha não abre o certificado.", "Digite a senha com que ele foi exportado."
)
BAD_FILE: Final = Fault(
    UNREADABLE, "O arquivo não é um certificado A1 legível.", "Envie o arquivo .pfx ou .p12 original."
)
BARE_KEY: Final = Fault(UNREADABLE, "O arquivo não traz o certificado.", "Exporte o certificado com a chave privada.")
OTHER_KEY: Final = Fault(
    KEY_MISMATCH,
    "A chave privada do arquivo não é a deste certificado.",
    "Exporte de novo o certificado, com a chave que lhe pertence.",
)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A private key with its certificate and what a person recognises it by."""

    key: RSAPrivateKey
    der_base64: str
    chain_pem: bytes
    cnpj: str
    subject: str
    issuer: str
    valid_from: datetime
    valid_until: datetime
    fingerprint: str
    may_sign: bool

    def shown(self) -> dict[str, object]:
        """What is kept in the clear beside the sealed file, for people to recognise it by."""
        names = ("cnpj", "subject", "issuer", "valid_from", "valid_until", "fingerprint")
        return {name: getattr(self, name) for name in names}


def load_pkcs12(content: bytes, password: str) -> Certificate | Fault:
    """Read a .pfx/.p12 file, old RC2 ones included, or say what is wrong with it."""
    if "\0" in password:  # the library ends the thread at one
        return BAD_PASSWORD
    try:
        bundle = pkcs12.load_pkcs12(content, password.encode())
    except ValueError as error:
        return BAD_PASSWORD if _blames_password(error) else BAD_FILE
    if bundle.key is None:
        return Fault(UNREADABLE, "O arquivo não traz a chave privada.", "Exporte o certificado com a chave privada.")
    if not isinstance(bundle.key, RSAPrivateKey):
        return Fault(NOT_RSA, "A chave do certificado não é RSA.", "Use um certificado ICP-Brasil do tipo A1 (RSA).")
    others = [extra.certificate for extra in bundle.additional_certs]
    if bundle.cert is None:  # the library takes none for the key's that does not fit it
        return OTHER_KEY if others else BARE_KEY
    try:
        return _certificate(bundle.key, bundle.cert.certificate, others)
    except (ValueError, x509.DuplicateExtension):
        return BAD_FILE


def _blames_password(error: ValueError) -> bool:
    return any(word in str(error).lower() for word in ("password", "mac"))


def _certificate(key: RSAPrivateKey, own: x509.Certificate, others: Sequence[x509.Certificate]) -> Certificate:
    """Raises ValueError or DuplicateExtension for a certificate that is malformed inside."""
    der = own.public_bytes(Encoding.DER)
    return Certificate(
        key=key,
        der_base64=base64.b64encode(der).decode(),
        chain_pem=b"".join(each.public_bytes(Encoding.PEM) for each in (own, *others)),
        cnpj=cnpj_of(own),
        subject=_common_name(own.subject),
        issuer=_common_name(own.issuer),
        valid_from=own.not_valid_before_utc,
        valid_until=own.not_valid_after_utc,
        fingerprint=hashlib.sha256(der).hexdigest(),
        may_sign=_may_sign(own),
    )


def judge(certificate: Certificate, emitter_cnpj: str, now: datetime) -> list[Fault]:
    """Whether it may sign for that emitter at that instant (MOC NFCom, rules behind cStat 213 and 290 to 295)."""
    faults = judge_validity(certificate, now)
    if not certificate.cnpj:
        faults.append(Fault(NO_CNPJ, "O certificado não traz CNPJ.", "Use um e-CNPJ, não um e-CPF.", cstat="292"))
    elif cnpj_words.base(certificate.cnpj) != cnpj_words.base(emitter_cnpj):
        faults.append(
            Fault(
                OTHER_BASE,
                f"O certificado é de outra empresa: {cnpj_words.show(certificate.cnpj)}.",
                f"Instale o certificado da empresa {cnpj_words.show(emitter_cnpj)}.",
                value=certificate.cnpj,
                cstat="213",
            )
        )
    return faults


def judge_validity(certificate: Certificate, now: datetime) -> list[Fault]:
    """Whether it is in force and made for signing; asked of a transmitter's certificate too."""
    faults = []
    day = f"{certificate.valid_until:%d/%m/%Y}"
    if now > certificate.valid_until:
        faults.append(Fault(EXPIRED, f"O certificado venceu em {day}.", "Instale um novo.", value=day, cstat="291"))
    if now < certificate.valid_from:
        start = f"{certificate.valid_from:%d/%m/%Y}"
        faults.append(
            Fault(
                NOT_YET, f"O certificado só vale a partir de {start}.", "Confira o relógio.", value=start, cstat="291"
            )
        )
    if not certificate.may_sign:
        faults.append(
            Fault(CANNOT_SIGN, "O certificado não foi emitido para assinar.", "Use um e-CNPJ A1.", cstat="290")
        )
    return faults


def cnpj_of(certificate: x509.Certificate) -> str:
    """CNPJ of the otherName, else of the "NAME:CNPJ" convention of the common name, else "".

    Raises ValueError or DuplicateExtension when its extensions cannot be read.
    """
    try:
        names = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
    except x509.ExtensionNotFound:
        names = None
    if isinstance(names, x509.SubjectAlternativeName):
        for name in names.get_values_for_type(x509.OtherName):
            if name.type_id.dotted_string == ICP_BRASIL_CNPJ and cnpj_words.is_cnpj(found := _der_text(name.value)):
                return found
    _, _, tail = _common_name(certificate.subject).rpartition(":")
    return tail if cnpj_words.is_cnpj(tail) else ""


def _der_text(der: bytes) -> str:
    """The text of a short DER string; authorities write it as OCTET, UTF8, Printable or IA5 string."""
    if len(der) != _CNPJ_LENGTH + 2 or der[0] not in _DER_TEXT_TAGS or der[1] != _CNPJ_LENGTH:
        return ""
    return der[2:].decode("ascii", "replace")


def _common_name(name: x509.Name) -> str:
    values = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(values[0].value) if values else name.rfc4514_string()


def _may_sign(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_oid(ExtensionOID.KEY_USAGE).value
    except x509.ExtensionNotFound:
        return True
    return isinstance(usage, x509.KeyUsage) and usage.digital_signature
