"""Coupons to be printed, issued by the emulated device: sales of every kind and a cancel."""

import tempfile
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from tests.sim.sat import sales, till
from tests.sim.world import NOW
from zelo.fiscal.uf import Uf
from zelo.sim.chave import check_digit
from zelo.sim.pki import new_authority, new_key
from zelo.sim.sat.unit import Registry, Taxpayer, Unit, terms_on

LETTERS: Final = "12ABC34501DE35"
"""The CNPJ with letters of NT conjunta 2025.001."""
BUYER: Final = "<CPF>52998224725</CPF><xNome>MARIA DA CONCEIÇÃO</xNome>"
NAMES: Final = ("CAFÉ TORRADO E MOÍDO 500 G", "PÃO FRANCÊS", "SERVIÇO DE ENTREGA")
_FOLDER: Final = tempfile.TemporaryDirectory()
"""Of the devices' memories; goes with the process."""
_serial: Final = count()


@cache
def _unit() -> Unit:
    taxpayer = Taxpayer(
        cnpj=sales.CNPJ, ie=sales.IE, name="PADARIA E CONFEITARIA SÃO JOSÉ LTDA", trade_name="PADARIA SÃO JOSÉ",
        street="RUA DAS ACÁCIAS", number="1234", district="VILA CONCEIÇÃO", town="SÃO PAULO",
    )  # fmt: skip
    return Unit(
        nserie="900000059", uf=Uf.SP, key=new_key(), authority=new_authority(NOW),
        registry=Registry(taxpayer=taxpayer), terms=terms_on(NOW.date()),
    )  # fmt: skip


def bench(uf: Uf = Uf.SP) -> till.Bench:
    """A new device in that UF."""
    return till.bench(
        replace(_unit(), uf=uf), Path(_FOLDER.name) / f"{next(_serial)}.sqlite3", NOW, terms={"most_value": 10**9}
    )


def sold(text: str | None = None, *, uf: Uf = Uf.SP) -> bytes:
    """The coupon of one sale."""
    told = bench(uf).sell(text)
    assert told.eeeee == "06000", told.fields
    return told.xml


def sold_and_cancelled(text: str | None = None) -> tuple[bytes, bytes]:
    """Both coupons."""
    device = bench()
    sale = device.sell(text)
    device.wait(minutes=5)
    cancel = device.cancel(sale.chave)
    assert cancel.eeeee == "07000", cancel.fields
    return sale.xml, cancel.xml


def with_letters(xml: bytes) -> bytes:
    """The same coupon of an emitter whose CNPJ has letters, which the emulated device does not sell for yet."""
    text = xml.decode()
    chave = text.partition('Id="CFe')[2][:44]
    body = chave[:6] + LETTERS + chave[20:43]
    digit = check_digit(body)
    text = text.replace(chave, body + digit).replace(sales.CNPJ, LETTERS)
    return text.replace(f"<cDV>{chave[43]}", f"<cDV>{digit}").encode()


def public_key() -> RSAPublicKey:
    """Of the device."""
    return _unit().key.public_key()


def item(number: int, name: str, **more: Any) -> str:
    """A det by its name."""
    return sales.item(number, **more).replace("COXINHA", name)


def rich() -> str:
    """A sale with everything: discounts, shares, a service, taxes, delivery, two payments, change, remarks."""
    taxes = "<vItem12741>1.11</vItem12741>"
    coffee = item(1, NAMES[0], quantity="2.0000", price="17.90", extra="<vDesc>0.80</vDesc>")
    bread = item(2, NAMES[1], quantity="0.5250", price="19.990")
    service = item(3, NAMES[2], price="12.00", tax=sales.ISSQN, extra="<vOutro>1.00</vOutro>")
    bread = bread.replace("</imposto>", "</imposto><infAdProd>Contém glúten</infAdProd>")
    items = [det.replace("<imposto>", f"<imposto>{taxes}") for det in (coffee, bread, service)]
    total = "<DescAcrEntr><vDescSubtot>2.00</vDescSubtot></DescAcrEntr><vCFeLei12741>3.33</vCFeLei12741>"
    text = sales.sale(*items, paid=("50.00", "30.00"), dest=BUYER, subtotal=total)
    place = (
        "<entrega><xLgr>AVENIDA PAULISTA</xLgr><nro>1000</nro><xCpl>AP 12</xCpl><xBairro>BELA VISTA</xBairro>"
        "<xMun>SÃO PAULO</xMun><UF>SP</UF></entrega>"
    )
    remarks = "<infAdic><infCpl>Operador: ANA;Pedido 3076; obrigado e volte sempre</infCpl></infAdic>"
    text = text.replace("</dest>", f"</dest>{place}").replace("</pgto>", f"</pgto>{remarks}")
    return text.replace("<cMP>01</cMP><vMP>30", "<cMP>17</cMP><vMP>30")
