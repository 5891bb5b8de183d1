"""The emitter of a document: its establishment as the note shows it, and the certificates that sign and transmit."""

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from zelo.access.shell.companies import find_establishment, open_certificate
from zelo.access.vault import Vault, VaultError
from zelo.engine.contract import Engine
from zelo.facts.place import municipio
from zelo.fiscal.fault import Fault
from zelo.models.nfcom.document import Emit
from zelo.models.nfcom.draft import Endereco
from zelo.sign.certificate import Certificate, judge, judge_validity, load_pkcs12
from zelo.transmit.shell import ClientCertificate

NO_CERTIFICATE = Fault(
    "CERT-FALTA", "O estabelecimento não tem certificado.", "Instale o certificado A1 e escolha-o no estabelecimento."
)


def establishment_of(connection: Connection, row: Row[Any]) -> Row[Any]:
    """The establishment of a document. Raises LookupError when it is gone: a defect of ours."""
    found = find_establishment(connection, row.establishment_id)
    if found is None:
        raise LookupError(row.establishment_id)
    return found


def emit_of(establishment: Row[Any]) -> Emit:
    """The group `emit`."""
    place = municipio(establishment.municipio)
    return Emit(
        CNPJ=establishment.cnpj,
        IE=establishment.ie,
        CRT=establishment.crt,
        xNome=establishment.nome,
        xFant=establishment.fantasia,
        enderEmit=Endereco(
            xLgr=establishment.logradouro,
            nro=establishment.numero,
            xCpl=establishment.complemento,
            xBairro=establishment.bairro,
            cMun=establishment.municipio,
            xMun=place.nome if place else "",
            CEP=establishment.cep,
            UF=establishment.uf,
            fone=establishment.fone,
            email=establishment.email,
        ),
    )


@dataclass(frozen=True, slots=True)
class Emitter:
    """An establishment that may emit now: who signs, and whose certificate opens the connection."""

    row: Row[Any]
    emit: Emit
    signer: Certificate
    transmitter_id: str
    transmitter_cnpj: str


class Keyring:
    """Certificates opened once and kept: opening one costs more than a hundred signatures."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault
        self._open: dict[str, Certificate] = {}
        self._lock = threading.Lock()

    def certificate(self, connection: Connection, certificate_id: str | None) -> Certificate | Fault:
        """The certificate, or why there is none."""
        if certificate_id is None:
            return NO_CERTIFICATE
        with self._lock:
            if certificate_id not in self._open:
                try:
                    sealed = open_certificate(connection, self._vault, certificate_id)
                except VaultError as error:
                    return Fault("CERT-COFRE", str(error), "Restaure master.key ou instale o certificado de novo.")
                loaded = load_pkcs12(*sealed) if sealed else NO_CERTIFICATE
                if isinstance(loaded, Fault):
                    return loaded
                self._open[certificate_id] = loaded
            return self._open[certificate_id]

    def client(self, certificate_id: str) -> ClientCertificate:
        """What TLS needs of a transmitter. Raises LookupError when it is gone."""
        with self._engine.read() as connection:
            certificate = self.certificate(connection, certificate_id)
        if isinstance(certificate, Fault):
            raise LookupError(certificate.sentence)
        return ClientCertificate(certificate.key, certificate.chain_pem)

    def emitter(self, connection: Connection, establishment: Row[Any], now: datetime) -> Emitter | list[Fault]:
        """The emitter of an establishment, or everything that keeps it from signing and transmitting."""
        signer = self.certificate(connection, establishment.certificate_id)
        if isinstance(signer, Fault):
            return [signer]
        faults = judge(signer, establishment.cnpj, now)
        transmitter_id = establishment.transmitter_id or establishment.certificate_id
        transmitter = self.certificate(connection, transmitter_id)
        if isinstance(transmitter, Fault):
            return [*faults, transmitter]
        if transmitter is not signer:
            faults += judge_validity(transmitter, now)
        if faults:
            return faults
        return Emitter(establishment, emit_of(establishment), signer, transmitter_id, transmitter.cnpj)
