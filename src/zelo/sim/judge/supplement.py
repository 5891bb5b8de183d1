"""Who may download, the QR code and who made the program (G139 to G148)."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from zelo.facts.authorizer import qrcode
from zelo.fiscal.ambiente import Ambiente
from zelo.fiscal.cnpj import is_cnpj, is_cpf
from zelo.sim.judge.case import Case, whole
from zelo.sim.judge.ide import CONTINGENCY, NORMAL, tp_emis
from zelo.sim.judge.signature import decode, verifies
from zelo.sim.note import group, groups, has, text
from zelo.sim.verdict import MODELO


@dataclass(frozen=True, slots=True)
class QrCode:
    """The text of the QR code by its parts; `sign` is as long as the text goes, for base64 holds "=" too."""

    url: str
    chave: str
    sign: str


def read_qrcode(content: str) -> QrCode:
    """The parts of a QR code text; what is missing is ""."""
    url, _, query = content.partition("?")
    parameters = dict(part.partition("=")[::2] for part in query.split("&"))
    return QrCode(url, parameters.get("chNFCom", ""), unquote(parameters.get("sign", "")))


def _qrcode(case: Case) -> QrCode:
    return read_qrcode(text(case.note.root, "infNFComSupl/qrCodNFCom"))


def _other_site(case: Case) -> bool:
    expected = qrcode(MODELO, case.autorizador, Ambiente.HOMOLOGACAO, case.now.date())
    return _qrcode(case).url.lower() != expected.lower()


def _wrong_sign(case: Case) -> bool:
    """In contingency the chave itself is signed, by the certificate that signs the note."""
    if not tp_emis(case, CONTINGENCY):
        return False
    key = case.signer.key if case.signer else None
    return not verifies(key, decode(_qrcode(case).sign), case.note.chave.encode())


def _allowed(case: Case, tag: str) -> list[str]:
    return [text(node, tag) for node in groups(case.note.inf, "autXML") if has(node, tag)]


def _repeated(case: Case) -> bool:
    ids = [*_allowed(case, "CNPJ"), *_allowed(case, "CPF")]
    return len(ids) != len(set(ids))


def _wrong_maker(case: Case) -> bool:
    maker = group(case.note.inf, "gRespTec")
    return maker is not None and not is_cnpj(text(maker, "CNPJ"))


CHECKS: Final = (
    whole("466", "G139", lambda case: not all(map(is_cnpj, _allowed(case, "CNPJ")))),
    whole("467", "G140", lambda case: not all(map(is_cpf, _allowed(case, "CPF")))),
    whole("468", "G141", _repeated),
    whole("464", "G142", _other_site),
    whole("465", "G143", lambda case: _qrcode(case).chave != case.note.chave),
    whole("469", "G144", lambda case: tp_emis(case, CONTINGENCY) and _qrcode(case).sign == ""),
    whole("470", "G145", lambda case: tp_emis(case, NORMAL) and _qrcode(case).sign != ""),
    whole("471", "G146", _wrong_sign),
    whole("472", "G148", _wrong_maker),
)
