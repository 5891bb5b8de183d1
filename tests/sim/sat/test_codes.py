"""Every EEEEE of the official table is reached as a till would reach it, and no reply leaves the table."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from tests.sim.sat import sales
from tests.sim.sat.till import Bench
from tests.sim.sat.till import bench as make
from tests.sim.world import NOW
from zelo.facts.sat import codes
from zelo.sim.pki import issue_device
from zelo.sim.sat.faults import Order
from zelo.sim.sat.functions import FUNCTIONS
from zelo.sim.sat.state import Block
from zelo.sim.sat.unit import Unit

CODE = sales.CODE
UNREACHABLE = {"11000": "ConsultarNumeroSessao answers the reply of the session itself"}
OWN_ERRORS = {"AtivarSAT": ("001", "007"), "ExtrairLogs": ("002",)}
"""What only a defect or a moment inside the device leads to: they are ordered."""
CNPJS = sales.HOUSE + sales.CNPJ
ARGUMENTS: dict[str, list[object]] = {
    "AtivarSAT": [1, CODE, sales.CNPJ, 35],
    "ComunicarCertificadoICPBRASIL": [CODE, "-----"],
    "EnviarDadosVenda": [CODE, sales.sale()],
    "CancelarUltimaVenda": [CODE, "CFe", "<a/>"],
    "ConsultarSAT": [],
    "TesteFimAFim": [CODE, sales.sale()],
    "ConsultarStatusOperacional": [CODE],
    "ConsultarNumeroSessao": [CODE, 1],
    "ConfigurarInterfaceDeRede": [CODE, "<config><tipoLan>DHCP</tipoLan></config>"],
    "AssociarAssinatura": [CODE, CNPJS, base64.b64encode(bytes(256)).decode()],
    "AtualizarSoftwareSAT": [CODE],
    "ExtrairLogs": [CODE],
    "BloquearSAT": [CODE],
    "DesbloquearSAT": [CODE],
    "TrocarCodigoDeAtivacao": [CODE, 1, "87654321", "87654321"],
    "ConsultarUltimaSessaoFiscal": [CODE],
    "DesativarSAT": [],
}
Prepare = Callable[[Bench], object]


def _no_way(bench: Bench) -> None:
    bench.device.register(reachable=False)


def _wrong_codes(bench: Bench) -> None:
    for _ in range(bench.device.unit.terms.wrong_codes):
        assert bench.ask("ConsultarStatusOperacional", "00000000").eeeee == "10001"


def _to_cancel(bench: Bench, prepare: Prepare) -> str:
    chave = bench.sell().chave
    prepare(bench)
    return bench.cancel(chave).eeeee


def _certificate(bench: Bench, key: RSAPrivateKey) -> str:
    unit, now = bench.device.unit, bench.now
    made = issue_device(unit.authority, sales.CNPJ, "X", unit.nserie, now, now + timedelta(days=9), key)
    return made.public_bytes(Encoding.PEM).decode()


def _blocked(by: Block) -> Prepare:
    return lambda bench: bench.device.block(by)


def _silent(bench: Bench) -> None:
    _no_way(bench)
    bench.wait(days=11)


def _nothing(_: Bench) -> None:
    pass


SIMPLE: dict[str, tuple[Prepare, str, list[object] | None]] = {
    "04002": (_nothing, "AtivarSAT", [1, CODE, sales.HOUSE, 35]),
    "04005": (_no_way, "AtivarSAT", None),
    "04006": (_nothing, "AtivarSAT", [2, CODE, sales.CNPJ, 35]),
    "04099": (_nothing, "AtivarSAT", [1, "1234567", sales.CNPJ, 35]),
    "04000": (_nothing, "AtivarSAT", None),
    "06000": (_nothing, "EnviarDadosVenda", None),
    "06003": (lambda bench: bench.change(sign_ac=""), "EnviarDadosVenda", None),
    "06004": (_nothing, "EnviarDadosVenda", [CODE, sales.sale(sign_ac="OUTRA")]),
    "06005": (_nothing, "EnviarDadosVenda", [CODE, sales.sale() + " " * 1_500_000]),
    "06006": (_blocked(Block.TAXPAYER), "EnviarDadosVenda", None),
    "06007": (_blocked(Block.SEFAZ), "EnviarDadosVenda", None),
    "06008": (_silent, "EnviarDadosVenda", None),
    "06009": (_wrong_codes, "EnviarDadosVenda", None),
    "06010": (_nothing, "EnviarDadosVenda", [CODE, sales.sale(paid=["1.00"])]),
    "06099": (_nothing, "EnviarDadosVenda", [CODE, "not XML"]),
    "07002": (_nothing, "CancelarUltimaVenda", [CODE, "CFe", "not XML"]),
    "07007": (_nothing, "CancelarUltimaVenda", None),
    "08000": (_nothing, "ConsultarSAT", None),
    "09000": (_nothing, "TesteFimAFim", None),
    "09006": (_blocked(Block.TAXPAYER), "TesteFimAFim", None),
    "09007": (_blocked(Block.SEFAZ), "TesteFimAFim", None),
    "09099": (_no_way, "TesteFimAFim", None),
    "10000": (_nothing, "ConsultarStatusOperacional", None),
    "11003": (_nothing, "ConsultarNumeroSessao", [CODE, 999]),
    "12000": (_nothing, "ConfigurarInterfaceDeRede", None),
    "12002": (_nothing, "ConfigurarInterfaceDeRede", [CODE, "<config/>"]),
    "13000": (_nothing, "AssociarAssinatura", None),
    "13002": (_no_way, "AssociarAssinatura", None),
    "13003": (_nothing, "AssociarAssinatura", [CODE, CNPJS, "não é base64"]),
    "13007": (_nothing, "AssociarAssinatura", [CODE, CNPJS[::-1], base64.b64encode(b"x").decode()]),
    "14000": (_nothing, "AtualizarSoftwareSAT", None),
    "14003": (_no_way, "AtualizarSoftwareSAT", None),
    "14004": (lambda bench: bench.device.register(software="novo"), "AtualizarSoftwareSAT", None),
    "15000": (_nothing, "ExtrairLogs", None),
    "16002": (_blocked(Block.TAXPAYER), "BloquearSAT", None),
    "16003": (_no_way, "BloquearSAT", None),
    "16004": (_nothing, "BloquearSAT", None),
    "16000": (lambda bench: bench.device.register(block_asked=True), "BloquearSAT", None),
    "17002": (_blocked(Block.TAXPAYER), "DesbloquearSAT", None),
    "17003": (_blocked(Block.SEFAZ), "DesbloquearSAT", None),
    "17005": (_nothing, "DesbloquearSAT", None),
    "17006": (_silent, "DesbloquearSAT", None),
    "17007": (_blocked(Block.DEACTIVATION), "DesbloquearSAT", None),
    "18000": (_nothing, "TrocarCodigoDeAtivacao", None),
    "18001": (_nothing, "TrocarCodigoDeAtivacao", ["00000000", 1, "87654321", "87654321"]),
    "18002": (_nothing, "TrocarCodigoDeAtivacao", ["00000000", 2, "87654321", "87654321"]),
    "18099": (_nothing, "TrocarCodigoDeAtivacao", [CODE, 1, "87654321", "outra"]),
    "19000": (_blocked(Block.DEACTIVATION), "DesativarSAT", None),
    "19003": (_nothing, "ConsultarUltimaSessaoFiscal", None),
    "19099": (_nothing, "DesativarSAT", None),
}
"""Code → what comes before, the function, its arguments where they are not the usual ones."""
FACTORY = {"04000", "04002", "04005", "04006", "04099"}


@pytest.mark.parametrize("code", SIMPLE)
def test_one_call_leads_to_a_code(new: Callable[..., Bench], code: str) -> None:
    prepare, function, arguments = SIMPLE[code]
    bench = new(factory=code in FACTORY)
    prepare(bench)
    told = bench.ask(function, *(ARGUMENTS[function] if arguments is None else arguments))
    assert told.eeeee == code


def _links(bench: Bench, key: RSAPrivateKey, other: RSAPrivateKey) -> set[str]:
    """Codes of AssociarAssinatura at a SEFAZ that knows the software house's key."""
    bench.device.register(houses={sales.HOUSE: key.public_key()})
    told = set()
    for signer, cnpjs in ((key, CNPJS), (other, CNPJS), (key, sales.CNPJ * 2)):
        signature = base64.b64encode(signer.sign(cnpjs.encode(), PKCS1v15(), SHA256())).decode()
        told.add(bench.ask("AssociarAssinatura", CODE, cnpjs, signature).eeeee)
    return told


def _activations(bench: Bench, key: RSAPrivateKey, other: RSAPrivateKey) -> set[str]:
    """Codes on the way to a certificate of ICP-Brasil."""
    told = {bench.ask("ComunicarCertificadoICPBRASIL", CODE, "x").eeeee}
    assert bench.ask("AtivarSAT", 2, CODE, sales.CNPJ, 35).eeeee == "04006"
    told.add(bench.ask("ComunicarCertificadoICPBRASIL", CODE, _certificate(bench, other)).eeeee)
    _no_way(bench)
    told.add(bench.ask("ComunicarCertificadoICPBRASIL", CODE, _certificate(bench, key)).eeeee)
    bench.device.register(reachable=True)
    told.add(bench.ask("ComunicarCertificadoICPBRASIL", CODE, _certificate(bench, key)).eeeee)
    told.add(bench.ask("AtivarSAT", 1, CODE, sales.CNPJ, 35).eeeee)
    assert bench.ask("AtivarSAT", 3, CODE, sales.CNPJ, 35).eeeee == "04006"
    return told


def test_every_code_is_reached(unit: Unit, key: RSAPrivateKey, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = unit.authority.key

    def fresh(**how: Any) -> Bench:
        return make(unit, tmp_path_factory.mktemp("sat") / "memory", NOW, **how)

    reached = set(SIMPLE)
    reached |= _activations(fresh(factory=True), key, other)
    reached |= _links(fresh(), key, other)
    reached |= {_to_cancel(fresh(), prepare) for prepare in (_nothing, _silent, _wrong_codes)}
    reached |= {_to_cancel(fresh(), _blocked(by)) for by in (Block.TAXPAYER, Block.SEFAZ)}
    reached |= {_to_cancel(fresh(profile="emulador-sp"), lambda bench: bench.wait(minutes=31))}
    reached.add(fresh(profile="emulador-sp").ask("CancelarUltimaVenda", CODE, "CFe", "<CFeCanc/>").eeeee)
    ceased = fresh()
    ceased.device.block(Block.DEACTIVATION)
    assert ceased.ask("DesativarSAT").eeeee == "19000"
    reached.add(ceased.ask("AtivarSAT", 1, CODE, sales.CNPJ, 35).eeeee)
    updating = fresh(terms={"update": timedelta(minutes=3)})
    updating.device.register(software="010100")
    reached |= {updating.ask("AtualizarSoftwareSAT", CODE).eeeee for _ in range(2)}
    unblocking = fresh()
    unblocking.device.register(unblock_asked=True)
    unblocking.device.block(Block.TAXPAYER)
    _no_way(unblocking)
    reached.add(unblocking.ask("DesbloquearSAT", CODE).eeeee)
    unblocking.device.register(reachable=True)
    reached.add(unblocking.ask("DesbloquearSAT", CODE).eeeee)
    bench, untouched = fresh(), fresh(factory=True)
    for name, arguments in ARGUMENTS.items():
        wrong = ["00000000", *arguments[1:]] if FUNCTIONS[name].takes_code and name != "AtivarSAT" else arguments
        reached.add(bench.ask(name, *wrong).eeeee)
        if name != "AtivarSAT":
            reached.add(untouched.ask(name, *arguments).eeeee)
        reached.add(str(bench.device.call(name, [0, *arguments]).reply).split("|")[1])
        for suffix in ("098", "099", *OWN_ERRORS.get(name, ())):
            if f"{FUNCTIONS[name].prefix}{suffix}" in codes("EEEEE"):
                trouble = "busy" if suffix == "098" else "own_error"
                bench.device.order(Order(trouble, name, suffix=suffix))
                reached.add(bench.ask(name, *arguments).eeeee)
    assert set(codes("EEEEE")) - reached == set(UNREACHABLE)
    assert reached <= set(codes("EEEEE"))
