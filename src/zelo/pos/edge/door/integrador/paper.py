"""A request of the Integrador read, and its answer written.

Shapes as public clients of the Integrador write and read them (ACBrIntegrador, mfecfe): Identificador, Componente,
Metodo, Parametros; IntegradorResposta with AP or EE, and Resposta/retorno with the reply between bars.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from lxml import etree

from zelo.fiscal.fault import Fault
from zelo.models.cfe.functions import ASKED, CHAVE, CODE, DATA, FUNCTIONS, SESSION, Function
from zelo.pos.edge.door.asked import Asked, Names, gather
from zelo.pos.edge.door.refused import RefusedError, refused
from zelo.pos.edge.request import MOST_ID_CHARACTERS

MOST_FILE_BYTES: Final = 8_000_000
MOST_TAGS: Final = 200_000
"""Twice as many as a sale of 500 items has that stands there as tags: each takes a hundred bytes of memory."""
BAD_FILE: Final = "INTEGRADOR-ARQUIVO"
NO_METHOD: Final = "INTEGRADOR-METODO"
SWITCHED_OFF: Final = "INTEGRADOR-VFPE"
DONE: Final = "AP"
ERROR: Final = "EE"

COMPONENT: Final = "MF-e"
PAYMENTS: Final = "VFP-e"
OFF_SINCE: Final = "31/10/2022"
"""Notice of Sefaz-CE: Integrador and Validador Fiscal were switched off on that day (kb.illimitar.pro)."""
_SENTENCE: Final = f"O Validador Fiscal (VFP-e) foi desligado pela Sefaz-CE em {OFF_SINCE}."

SPELLINGS: Final = {
    "AtivarMFe": "AtivarSAT",
    "ConsultarMFe": "ConsultarSAT",
    "BloquearMFe": "BloquearSAT",
    "DesbloquearMFe": "DesbloquearSAT",
    "AtualizarSoftwareMFe": "AtualizarSoftwareSAT",
    "DesligarMFe": "DesligarSAT",
}
"""How clients name methods otherwise; both spellings are met."""
METHODS: Final = {name.lower(): row for name, row in FUNCTIONS.items()} | {
    other.lower(): FUNCTIONS[name] for other, name in SPELLINGS.items()
}
NAMES: Final[Names] = {
    SESSION: ("numeroSessao",),
    CODE: ("codigoDeAtivacao",),
    "subcomando": ("subComando",),
    "cnpj": ("cnpj",),
    "cuf": ("cUF",),
    "certificado": ("certificado",),
    DATA: ("dadosVenda",),
    CHAVE: ("chave",),
    ASKED: ("cNumeroDeSessao",),
    "configuracao": ("dadosConfiguracao",),
    "cnpjs": ("cnpjValue",),
    "assinatura": ("assinaturaCNPJs",),
    "opcao": ("opcao",),
    "novo": ("novoCodigo",),
    "confirmacao": ("confNovoCodigo",),
}
_CANCEL_NAMES: Final[Names] = {**NAMES, DATA: ("dadosCancelamento",)}
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BOM: Final = b"\xef\xbb\xbf"
_MOST_IDENTIFIER: Final = 64
_MOST_PARAMETERS: Final = 40
_SHOWN_CHARACTERS: Final = 60
_DAY_SECONDS: Final = 86_400
_TURN_SECONDS: Final = 7 * 3_600
"""When a till's day turns: 4 in the morning in Brasília, by UTC."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A request file: who will look for the answer under which Identificador, and what is asked or why it is not.

    Why, and not the error, which would hold the whole file for as long as nobody collects such circles.
    """

    identifier: str
    asked: Asked | Fault


def read_paper(content: bytes, till: str) -> Paper | None:
    """What a file asks; None where it is no whole XML, which a file that is being written is not either."""
    if len(content) > MOST_FILE_BYTES or content.count(b"<") > MOST_TAGS:
        sentence = f"O arquivo passa de {MOST_FILE_BYTES // 1_000_000} MB, ou de {MOST_TAGS} marcas de XML."
        return Paper("", Fault(BAD_FILE, sentence, "Divida a venda em dois cupons."))
    root = _tree(content)
    if root is None:
        return None
    identifier = _text(root, "Identificador/Valor")[:_MOST_IDENTIFIER]
    try:
        return Paper(identifier, _asked(root, till))
    except RefusedError as error:
        return Paper(identifier, error.fault)


def unreadable() -> Paper:
    """What stands for a file that never became whole."""
    return Paper("", Fault(BAD_FILE, "O arquivo não é XML, ou traz DTD.", "Grave em .tmp e renomeie para .xml."))


def _tree(content: bytes) -> etree._Element | None:
    """Without entities, document type, network or depth."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content.removeprefix(_BOM), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return None if root.getroottree().docinfo.internalDTD is not None else root


def _asked(root: etree._Element, till: str) -> Asked:
    component, method = root.find("Componente"), root.find("Componente/Metodo")
    if root.tag != "Integrador" or component is None or method is None:
        raise refused(BAD_FILE, "O arquivo não é um pedido ao Integrador.", "Envie Integrador/Componente/Metodo.")
    if component.get("Nome", "").upper() == PAYMENTS.upper():
        raise refused(SWITCHED_OFF, _SENTENCE, "Remova a etapa de pagamento do programa do caixa.")
    name = method.get("Nome", "")
    function = METHODS.get(name.lower())
    if component.get("Nome", "").upper() != COMPONENT.upper() or function is None:
        sentence = f"O método {name[:_SHOWN_CHARACTERS]} não existe."
        raise refused(NO_METHOD, sentence, "Confira Componente e Metodo.")
    return Asked(till, function, _given(function, method))


def _given(function: Function, method: etree._Element) -> dict[str, int | str]:
    """By name, for order and case differ between programs. Raises RefusedError."""
    told = method.findall("Parametros/Parametro")[:_MOST_PARAMETERS]
    held = {_text(each, "Nome").lower(): _value(each) for each in told}
    names = _CANCEL_NAMES if function is FUNCTIONS["CancelarUltimaVenda"] else NAMES
    return gather(function, names, lambda name: held.get(name.lower()), frozenset())


def _text(node: etree._Element, path: str) -> str:
    return (node.findtext(path) or "").strip()


def _value(node: etree._Element) -> str:
    """The text of a Valor; some programs put a document there as tags, neither escaped nor in CDATA."""
    held = node.find("Valor")
    if held is None:
        return ""
    return "".join(etree.tostring(each, encoding="unicode", with_tail=False) for each in held) or held.text or ""


def identity(name: str, paper: Paper, content: bytes, changed_at: float) -> str:
    """The id of a file's asking: its name, Identificador and content, on the till's day on which it was written.

    A till that drops the same again repeats itself; one that counts from 1 every morning does not. `changed_at`: of
    the file, seconds since 1970.
    """
    day = int(changed_at - _TURN_SECONDS) // _DAY_SECONDS
    parts = (name, paper.identifier, str(day), sha256(content).hexdigest())
    return sha256("\0".join(("integrador", *parts)).encode("utf-8", "surrogateescape")).hexdigest()[:MOST_ID_CHARACTERS]


def write_reply(paper: Paper, retorno: str) -> bytes:
    """The answer with the reply of the interface."""
    root = _answer(paper, DONE, "Processado")
    etree.SubElement(etree.SubElement(root, "Resposta"), "retorno").text = _allowed(retorno)
    return _bytes(root)


def write_refusal(paper: Paper, why: Fault) -> bytes:
    """The answer where nothing was asked; some clients read IntegradorResposta, others Erro."""
    sentence = f"{why.sentence} {why.remedy}"
    root = _answer(paper, ERROR, sentence)
    fault = etree.SubElement(root, "Erro")
    etree.SubElement(fault, "Codigo").text = why.rule
    etree.SubElement(fault, "Valor").text = _allowed(sentence)
    return _bytes(root)


def _answer(paper: Paper, code: str, sentence: str) -> etree._Element:
    root = etree.Element("Integrador")
    etree.SubElement(etree.SubElement(root, "Identificador"), "Valor").text = paper.identifier
    head = etree.SubElement(root, "IntegradorResposta")
    etree.SubElement(head, "Codigo").text = code
    etree.SubElement(head, "Valor").text = _allowed(sentence)
    return root


def _allowed(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return _FORBIDDEN.sub(" ", text)


def _bytes(root: etree._Element) -> bytes:
    """UTF-8 with BOM, nothing between the tags: clients compare the text of whole elements."""
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    return _BOM + written.replace(b"?>\n", b"?>", 1)
