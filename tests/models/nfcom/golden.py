"""Golden documents: what a note is made of (JSON) beside the signed NFCom that it must give, byte for byte (XML)."""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from pydantic import TypeAdapter

from zelo.assemble.nfcom import Assembled, Contingency, Numbering, assemble, chave_of
from zelo.facts import place
from zelo.fiscal.fault import Fault
from zelo.fiscal.instant import local_date
from zelo.fiscal.uf import Uf
from zelo.models.canonical.layout import Layout, parse
from zelo.models.nfcom import document
from zelo.models.nfcom.document import Emit
from zelo.models.nfcom.draft import NfcomDraft
from zelo.models.nfcom.rules.subject import Note
from zelo.sign.certificate import Certificate, cnpj_of
from zelo.sign.xmldsig import Signed, sign_document, sign_text

FOLDER: Final = Path(__file__).parents[3] / "examples" / "62" / "golden"
NAMES: Final = sorted(path.stem for path in FOLDER.glob("*.json"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Offline:
    """Since when and why the note was issued off-line."""

    since: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """Everything that decides the bytes, but for the key. `about` says which kind of note it shows."""

    about: str
    emit: Emit
    numbering: Numbering
    draft: NfcomDraft
    offline: Offline | None = None

    @property
    def day(self) -> date:
        """The emitter's local day of emission."""
        return local_date(self.numbering.emitted_at, place.zone(Uf(self.emit.enderEmit.UF)))

    @property
    def note(self) -> Note:
        """What the rules judge."""
        return Note(draft=self.draft, emit=self.emit, ambiente=self.numbering.ambiente, on=self.day)


_ADAPTER: Final = TypeAdapter(Golden)


def from_json(text: bytes) -> Golden:
    """Read the JSON form."""
    return _ADAPTER.validate_json(text)


def to_json(golden: Golden) -> bytes:
    """Write the JSON form, as it is kept in the folder."""
    return _ADAPTER.dump_json(golden, indent=2, exclude_none=True) + b"\n"


@cache
def read(name: str) -> Golden:
    """A golden document's input."""
    return from_json((FOLDER / f"{name}.json").read_bytes())


@cache
def layout() -> Layout:
    """The layout of NFCom as it ships."""
    return parse((files("zelo.models.nfcom") / "layout.txt").read_text("utf-8"))


@cache
def certificates() -> dict[str, Certificate]:
    """The test certificates by CNPJ base: one key, never secret, kept so that signatures do not change."""
    pem = Path(__file__).with_name("a1.pem").read_bytes()
    key = load_pem_private_key(pem, None)
    assert isinstance(key, RSAPrivateKey)
    blocks = re.findall(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n", pem, re.DOTALL)
    loaded = [(block, x509.load_pem_x509_certificate(block)) for block in blocks]
    return {cnpj_of(certificate)[:8]: _certificate(key, block, certificate) for block, certificate in loaded}


def _certificate(key: RSAPrivateKey, pem: bytes, certificate: x509.Certificate) -> Certificate:
    der = certificate.public_bytes(Encoding.DER)
    return Certificate(
        key=key,
        der_base64=base64.b64encode(der).decode(),
        chain_pem=pem,
        cnpj=cnpj_of(certificate),
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        valid_from=certificate.not_valid_before_utc,
        valid_until=certificate.not_valid_after_utc,
        fingerprint=hashlib.sha256(der).hexdigest(),
        may_sign=True,
    )


def compose(golden: Golden) -> Assembled | list[Fault]:
    """Assemble as the worker would."""
    contingency = None
    if golden.offline:
        chave = chave_of(golden.emit, golden.numbering, contingency=True)
        contingency = Contingency(
            since=golden.offline.since, why=golden.offline.why, sign=sign_text(str(chave), _signer(golden))
        )
    return assemble(layout(), golden.draft, golden.emit, golden.numbering, contingency)


def sign(golden: Golden, assembled: Assembled, certificate: Certificate | None = None) -> Signed:
    """Sign with the emitter's test certificate, or with another."""
    return sign_document(
        root=document.ROOT,
        namespace=document.NAMESPACE,
        element=assembled.signed_element,
        supplement=assembled.supplement,
        reference=f"{document.ID_PREFIX}{assembled.chave}",
        certificate=certificate or _signer(golden),
    )


def issue(golden: Golden) -> tuple[Assembled, Signed]:
    """Both, for a note that the layout accepts."""
    assembled = compose(golden)
    assert isinstance(assembled, Assembled), assembled
    return assembled, sign(golden, assembled)


def _signer(golden: Golden) -> Certificate:
    return certificates()[golden.emit.CNPJ[:8]]
