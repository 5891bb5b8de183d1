"""One NFCom from data in memory to the envelope that SEFAZ gets, every note checked against the official schema.

The yardstick is one RSA-2048 signature, which nothing can remove. Beside us stand nfelib as shipped (it reads the
PKCS#12 and compiles the schema for each note) and nfelib used well: certificate, schema and serializer kept.
"""

import base64
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files

from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509 import load_der_x509_certificate
from erpbrasil.assinatura import certificado
from erpbrasil.assinatura.assinatura import Assinatura
from isal import igzip
from lxml import etree
from nfelib.nfcom.bindings.v1_0.nfcom_v1_00 import Nfcom
from xsdata.formats.dataclass.context import XmlContext
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.formats.dataclass.serializers.config import SerializerConfig

from bench.clock import micros
from tests.models.nfcom import golden
from zelo.flow import nfcom
from zelo.models.canonical.shell import shipped
from zelo.models.nfcom.services import RECEPCAO
from zelo.sign.xmldsig import sign_text
from zelo.transmit.envelope import envelope

NOTES = 1000
"""All different, and more than any memory of ours keeps."""
NAME = "residential-internet"
PASSWORD = "bench"  # noqa: S105 of a test key
NAMESPACES = {None: "http://www.portalfiscal.inf.br/nfcom"}
SCHEMA = str(files("nfelib") / "nfcom/schemas/v1_0/nfcom_v1.00.xsd")


def run() -> dict[str, float]:
    """The figures of this bench by their stable names."""
    certificate = next(iter(golden.certificates().values()))
    drafts = [_varied(number) for number in range(NOTES)]
    shipped_peer, kept_peer = _peers(drafts)
    took = micros(
        {
            "rsa": lambda _: sign_text("x" * 600, certificate),
            "ours": _ours(drafts),
            "shipped": shipped_peer,
            "kept": kept_peer,
        }
    )
    return {
        "rsa_2048_signature_us": took["rsa"],
        "nfcom_envelope_us": took["ours"],
        "nfcom_envelope_x_rsa": took["ours"] / took["rsa"],
        "nfcom_envelope_vs_nfelib": took["shipped"] / took["ours"],
        "nfcom_envelope_vs_nfelib_cached": took["kept"] / took["ours"],
    }


def _varied(number: int) -> golden.Golden:
    """The residential note of another subscriber, with another number."""
    base = golden.read(NAME)
    dest = replace(
        base.draft.dest,
        xNome=f"ASSINANTE NUMERO {number}",
        enderDest=replace(base.draft.dest.enderDest, nro=str(number + 1), xLgr=f"Rua {number} de Novembro"),
    )
    assinante = replace(base.draft.assinante, iCodAssinante=str(1000 + number), nContrato=f"C-{number}")
    draft = replace(base.draft, dest=dest, assinante=assinante)
    numbering = replace(base.numbering, nnf=1 + number, cnf=f"{number * 7919 % 10**7:07d}")
    return replace(base, draft=draft, numbering=numbering)


def _ours(notes: list[golden.Golden]) -> Callable[[int], bytes]:
    [package] = shipped()
    signer = golden.certificates()[notes[0].emit.CNPJ[:8]]

    def make(number: int) -> bytes:
        note = notes[number % NOTES]
        made = nfcom.compose(note.draft, note.emit, note.numbering, package, signer)
        if isinstance(made, list):
            raise TypeError(made)
        service = RECEPCAO
        return envelope(
            wrapper=service.wrapper, namespace=service.namespace, message=made.xml, compressed=service.compressed
        )

    return make


def _peers(notes: list[golden.Golden]) -> tuple[Callable[[int], bytes], Callable[[int], bytes]]:
    """nfelib as shipped, and nfelib with everything kept that can be; both from its own objects."""
    objects = [_object(note) for note in notes]
    signer = golden.certificates()[notes[0].emit.CNPJ[:8]]
    pfx = pkcs12.serialize_key_and_certificates(
        b"bench",
        signer.key,
        load_der_x509_certificate(base64.b64decode(signer.der_base64)),
        None,
        BestAvailableEncryption(PASSWORD.encode()),
    )
    kept = Assinatura(certificado.Certificado(base64.b64encode(pfx), PASSWORD))
    serializer = XmlSerializer(context=XmlContext(), config=SerializerConfig(indent=""))
    schema = etree.XMLSchema(etree.parse(SCHEMA))  # noqa: TID251 the peer reads it so

    def as_shipped(number: int) -> bytes:
        note = objects[number % NOTES]
        xml = note.to_xml(pkcs12_data=pfx, pkcs12_password=PASSWORD, doc_id=note.infNFCom.Id)
        if found := Nfcom.schema_validation(xml, SCHEMA):
            raise ValueError(found)
        return base64.b64encode(igzip.compress(xml.encode()))

    def used_well(number: int) -> bytes:
        note = objects[number % NOTES]
        tree = etree.fromstring(serializer.render(note, ns_map=NAMESPACES).encode())
        xml = kept.assina_xml2(tree, note.infNFCom.Id)
        if not schema.validate(etree.fromstring(xml.encode())):
            raise ValueError(schema.error_log)
        return base64.b64encode(igzip.compress(xml.encode()))

    return as_shipped, used_well


def _object(note: golden.Golden) -> Nfcom:
    """The same note as an object of nfelib, unsigned."""
    _, signed = golden.issue(note)
    start, end = signed.xml.index(b"<Signature"), signed.xml.index(b"</Signature>") + len(b"</Signature>")
    return Nfcom.from_xml((signed.xml[:start] + signed.xml[end:]).decode())
