"""Request files as programs of tills write them, and answers as those programs read them."""

from pathlib import Path

from lxml import etree

from tests.sim.sat import sales

SALE = f"<![CDATA[{sales.sale()}]]>"
VALUES = {
    "numeroSessao": "7",
    "subComando": "1",
    "codigoDeAtivacao": sales.CODE,
    "cnpj": sales.CNPJ,
    "cUF": "23",
    "certificado": "-----BEGIN",
    "dadosVenda": SALE,
    "nrDocumento": "42",
    "chave": "CFe" + "1" * 44,
    "dadosCancelamento": "<![CDATA[<CFeCanc/>]]>",
    "cNumeroDeSessao": "6",
    "DadosConfiguracao": "<![CDATA[<config/>]]>",
    "cnpjValue": "0" * 28,
    "assinaturaCNPJs": "x",
    "opcao": "1",
    "novoCodigo": "12341234",
    "confNovoCodigo": "12341234",
}
S, C = "numeroSessao", "codigoDeAtivacao"
METHODS = {
    "AtivarSAT": (S, "subComando", C, "cnpj", "cUF"),
    "AtivarMFe": (S, "subComando", C, "cnpj", "cUF"),
    "ComunicarCertificadoICPBRASIL": (S, C, "certificado"),
    "EnviarDadosVenda": (S, C, "dadosVenda", "nrDocumento"),
    "CancelarUltimaVenda": (S, C, "chave", "dadosCancelamento"),
    "ConsultarSAT": (S,),
    "ConsultarMFe": (S,),
    "TesteFimAFim": (S, C, "dadosVenda"),
    "ConsultarStatusOperacional": (S, C),
    "ConsultarNumeroSessao": (S, C, "cNumeroDeSessao"),
    "ConfigurarInterfaceDeRede": (S, C, "DadosConfiguracao"),
    "AssociarAssinatura": (S, C, "cnpjValue", "assinaturaCNPJs"),
    "AtualizarSoftwareSAT": (S, C),
    "AtualizarSoftwareMFe": (S, C),
    "ExtrairLogs": (S, C),
    "BloquearSAT": (S, C),
    "BloquearMFe": (S, C),
    "DesbloquearSAT": (S, C),
    "DesbloquearMFe": (S, C),
    "TrocarCodigoDeAtivacao": (S, C, "opcao", "novoCodigo", "confNovoCodigo"),
    "ConsultarUltimaSessaoFiscal": (S, C),
    "DesligarSAT": (),
    "DesativarSAT": (S,),
}
"""Method → its parameters in the order in which programs write them."""


def written(method: str, identifier: object = 123, component: str = "MF-e", **values: object) -> bytes:
    """A request file."""
    given = {name: VALUES[name] for name in METHODS.get(method, ())} | {k: str(v) for k, v in values.items()}
    told = "".join(f"<Parametro><Nome>{k}</Nome><!--x--><Valor>{v}</Valor></Parametro>" for k, v in given.items())
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<Integrador>\n <Identificador>\n <Valor>{identifier}</Valor>\n'
        f' </Identificador><Componente Nome="{component}"><Metodo Nome="{method}"><Parametros>{told}</Parametros>'
        f"</Metodo></Componente></Integrador>"
    ).encode()


def drop(root: Path, name: str, content: bytes) -> None:
    """As programs do: another name first."""
    draft = root / "Input" / f"{name}.tmp"
    draft.write_bytes(content)
    draft.rename(root / "Input" / f"{name}.xml")


def answers(root: Path) -> list[etree._Element]:
    """What lies in Output, oldest name first; each must be as the clients need it."""
    found = []
    for file in sorted((root / "Output").iterdir()):
        content = file.read_bytes()
        assert file.suffix == ".xml"
        assert content.startswith(b"\xef\xbb\xbf<?xml")
        found.append(etree.fromstring(content[3:]))
    return found


def fields(answer: etree._Element, identifier: str = "123") -> list[str]:
    """The reply in an answer that was processed."""
    assert answer.findtext("IntegradorResposta/Codigo") == "AP"
    assert answer.xpath("string(Identificador)") == identifier
    return (answer.findtext("Resposta/retorno") or "").split("|")
