"""Who receives the note. Source: MOC NFCom 1.00a Anexo I, group "Validações do Destinatário/Assinante" (G22 to G31).

The subscriber abroad came with NT NFCom 2023.001 v1.01.
"""

from collections.abc import Iterator
from typing import Final

from zelo.facts import place
from zelo.fiscal.cnpj import is_cnpj, is_cpf
from zelo.fiscal.fault import Found, Rule
from zelo.fiscal.uf import CODIGO_IBGE
from zelo.models.nfcom.rules.registration import UF_EXTERIOR, is_ie, is_of_uf
from zelo.models.nfcom.rules.subject import Note

ISENTO: Final = "ISENTO"
CONTRIBUINTE: Final = "1"
CONTRIBUINTE_ISENTO: Final = "2"
NAO_CONTRIBUINTE: Final = "9"
"""Domain D21 (indIEDest) of MOC NFCom 1.00a Anexo I."""
BRASIL_CODIGO: Final = "1058"
BRASIL_NOMES: Final = frozenset({"BRASIL", "Brasil"})
"""How a national address may name its country (NT NFCom 2023.001, G31d)."""

_MOC: Final = "MOC NFCom 1.00a Anexo I, "
_NT_2023_001: Final = "NT NFCom 2023.001 v1.01, "


def _dest_cnpj(note: Note) -> Iterator[Found]:
    cnpj = note.draft.dest.CNPJ
    if cnpj is not None and not is_cnpj(cnpj):
        yield "dest/CNPJ", cnpj


def _dest_cpf(note: Note) -> Iterator[Found]:
    cpf = note.draft.dest.CPF
    if cpf is not None and not is_cpf(cpf):
        yield "dest/CPF", cpf


def _other_id_with_ie(note: Note) -> Iterator[Found]:
    dest = note.draft.dest
    if dest.idOutros is not None and dest.IE:
        yield "dest/IE", dest.IE


def _taxpayer_without_ie(note: Note) -> Iterator[Found]:
    dest = note.draft.dest
    if dest.indIEDest == CONTRIBUINTE and dest.IE in (None, "", ISENTO):
        yield "dest/IE", dest.IE or ""


def _exempt_without_word(note: Note) -> Iterator[Found]:
    dest = note.draft.dest
    if dest.indIEDest == CONTRIBUINTE_ISENTO and dest.IE != ISENTO:
        yield "dest/IE", dest.IE or ""


def _other_with_ie(note: Note) -> Iterator[Found]:
    dest = note.draft.dest
    if dest.indIEDest == NAO_CONTRIBUINTE and dest.IE is not None:
        yield "dest/IE", dest.IE


def _exempt_not_accepted(note: Note) -> Iterator[Found]:
    dest = note.draft.dest
    uf = dest.enderDest.UF
    if dest.indIEDest == CONTRIBUINTE_ISENTO and uf in CODIGO_IBGE and not place.accepts_isento(uf):
        yield "dest/indIEDest", dest.indIEDest


def _dest_municipality_of_uf(note: Note) -> Iterator[Found]:
    address = note.draft.dest.enderDest
    if address.UF != UF_EXTERIOR and not is_of_uf(address.cMun, address.UF):
        yield "dest/enderDest/cMun", address.cMun


def _dest_municipality(note: Note) -> Iterator[Found]:
    address = note.draft.dest.enderDest
    abroad = address.UF == UF_EXTERIOR and address.cMun == place.EXTERIOR
    national = address.UF != UF_EXTERIOR and place.municipio(address.cMun) is not None
    if not abroad and not national:
        yield "dest/enderDest/cMun", address.cMun


def _abroad_without_id(note: Note) -> Iterator[Found]:
    dest = note.draft.dest
    if dest.enderDest.UF == UF_EXTERIOR and not dest.idOutros:
        yield "dest/idOutros", ""


def _abroad_with_registration(note: Note) -> Iterator[Found]:
    dest = note.draft.dest
    if dest.enderDest.UF == UF_EXTERIOR:
        for tag, text in (("IE", dest.IE), ("IM", dest.IM)):
            if text is not None:
                yield f"dest/{tag}", text


def _abroad_without_country(note: Note) -> Iterator[Found]:
    address = note.draft.dest.enderDest
    if address.UF == UF_EXTERIOR:
        if address.cPais in (None, "", BRASIL_CODIGO):
            yield "dest/enderDest/cPais", address.cPais or ""
        if not address.xPais:
            yield "dest/enderDest/xPais", ""


def _national_with_other_country(note: Note) -> Iterator[Found]:
    address = note.draft.dest.enderDest
    if address.UF != UF_EXTERIOR:
        if address.cPais is not None and address.cPais != BRASIL_CODIGO:
            yield "dest/enderDest/cPais", address.cPais
        if address.xPais is not None and address.xPais not in BRASIL_NOMES:
            yield "dest/enderDest/xPais", address.xPais


def _dest_ie(note: Note) -> Iterator[Found]:
    dest = note.draft.dest
    uf = dest.enderDest.UF
    if dest.IE and dest.IE != ISENTO and uf != UF_EXTERIOR and not is_ie(dest.IE, uf):
        yield "dest/IE", dest.IE


RULES: Final = (
    Rule(
        id="NFCOM-G22",
        cstat="422",
        sentence="O CNPJ do assinante não existe: o dígito verificador não confere.",
        remedy="Peça o CNPJ ao assinante e corrija o cadastro.",
        source=f"{_MOC}G22; CNPJ com letras: NT conjunta 2025.001",
        good="11222333000181",
        bad="11222333000182",
        check=_dest_cnpj,
    ),
    Rule(
        id="NFCOM-G23",
        cstat="423",
        sentence="O CPF do assinante não existe: o dígito verificador não confere.",
        remedy="Peça o CPF ao assinante e corrija o cadastro; confira se uma planilha não comeu os zeros.",
        source=f"{_MOC}G23",
        good="52998224725",
        bad="52998224726",
        check=_dest_cpf,
    ),
    Rule(
        id="NFCOM-G24",
        cstat="424",
        sentence="Assinante identificado por outro documento (idOutros) não pode ter inscrição estadual.",
        remedy="Retire a IE, ou identifique o assinante pelo CNPJ ou CPF.",
        source=f"{_MOC}G24",
        good="idOutros PASSAPORTE123, sem IE",
        bad="idOutros PASSAPORTE123, IE 0960000003",
        check=_other_id_with_ie,
    ),
    Rule(
        id="NFCOM-G25",
        cstat="426",
        sentence="O assinante está marcado como contribuinte do ICMS, mas sem o número da inscrição estadual.",
        remedy="Informe a IE, ou mude o indicador para 9 (não contribuinte).",
        source=f"{_MOC}G25",
        good="indIEDest 1, IE 0960000003",
        bad="indIEDest 1, sem IE",
        check=_taxpayer_without_ie,
    ),
    Rule(
        id="NFCOM-G26",
        cstat="420",
        sentence="O assinante está marcado como isento de inscrição, mas a IE não é a palavra ISENTO.",
        remedy="Ponha ISENTO na IE, ou mude o indicador.",
        source=f"{_MOC}G26",
        good="indIEDest 2, IE ISENTO",
        bad="indIEDest 2, IE 0960000003",
        check=_exempt_without_word,
    ),
    Rule(
        id="NFCOM-G27",
        cstat="431",
        sentence="O assinante está marcado como não contribuinte, mas traz inscrição estadual.",
        remedy="Se a IE está ativa (produtor rural, por exemplo), use o indicador 1; senão, retire a IE.",
        source=f"{_MOC}G27 (facultativa, a critério da UF)",
        good="indIEDest 9, sem IE",
        bad="indIEDest 9, IE 0960000003",
        check=_other_with_ie,
    ),
    Rule(
        id="NFCOM-G28",
        cstat="432",
        sentence="A UF do assinante não aceita contribuinte isento de inscrição.",
        remedy="Use o indicador 1 com a IE, ou 9 se o assinante não é contribuinte.",
        source=f"{_MOC}G28",
        good="RS, indIEDest 2",
        bad="SP, indIEDest 2",
        check=_exempt_not_accepted,
    ),
    Rule(
        id="NFCOM-G29",
        cstat="405",
        sentence="O município do assinante não é da UF dele.",
        remedy="Confira município e UF no endereço do assinante.",
        source=f"{_MOC}G29; {_NT_2023_001}G29",
        good="RS, município 4314902 (Porto Alegre)",
        bad="RS, município 3550308 (São Paulo)",
        check=_dest_municipality_of_uf,
    ),
    Rule(
        id="NFCOM-G30",
        cstat="406",
        sentence="O município do assinante não está na tabela do IBGE (no exterior, o código é 9999999).",
        remedy="Escolha o município pelo nome no endereço do assinante.",
        source=f"{_MOC}G30; {_NT_2023_001}G30",
        good="município 4314902 (Porto Alegre)",
        bad="município 4399999",
        check=_dest_municipality,
    ),
    Rule(
        id="NFCOM-G30a",
        cstat="693",
        sentence="Assinante no exterior não tem CPF nem CNPJ: identifica-se por outro documento (idOutros).",
        remedy="Informe o passaporte ou o documento do país do assinante e retire CPF e CNPJ.",
        source=f"{_NT_2023_001}G30a",
        good="UF EX, idOutros PASSAPORTE123",
        bad="UF EX, CPF 52998224725",
        check=_abroad_without_id,
    ),
    Rule(
        id="NFCOM-G30b",
        cstat="694",
        sentence="Assinante no exterior não pode ter inscrição estadual nem municipal.",
        remedy="Retire a IE e a IM do cadastro do assinante.",
        source=f"{_NT_2023_001}G30b",
        good="UF EX, sem IE e sem IM",
        bad="UF EX, IM 12345",
        check=_abroad_with_registration,
    ),
    Rule(
        id="NFCOM-G30c",
        cstat="695",
        sentence="Falta o país do assinante no exterior, ou o país informado é o Brasil.",
        remedy="Informe código e nome do país (tabela do Banco Central).",
        source=f"{_NT_2023_001}G30c",
        good="UF EX, cPais 2496, xPais ESTADOS UNIDOS",
        bad="UF EX, cPais 1058, xPais BRASIL",
        check=_abroad_without_country,
    ),
    Rule(
        id="NFCOM-G31d",
        cstat="696",
        sentence="O endereço do assinante é no Brasil, mas o país informado é outro.",
        remedy="Retire o país, ou informe 1058 e BRASIL.",
        source=f"{_NT_2023_001}G31d",
        good="RS, cPais 1058, xPais BRASIL",
        bad="RS, cPais 2496",
        check=_national_with_other_country,
    ),
    Rule(
        id="NFCOM-G31",
        cstat="427",
        sentence="A inscrição estadual do assinante não existe na UF dele: o dígito verificador não confere.",
        remedy="Peça a IE ao assinante e corrija o cadastro.",
        source=f"{_MOC}G31; roteiros de crítica do SINTEGRA",
        good="RS, IE 0960000003",
        bad="RS, IE 0960000004",
        check=_dest_ie,
    ),
)
