"""Sales and coupons read beside the emulated device, which shares nothing with the reader; hostile XML is a fault."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from tests.sim.sat import sales
from tests.sim.sat.sales import item, sale
from tests.sim.sat.till import Bench, Told, bench
from tests.sim.world import NOW
from zelo.fiscal.fault import Fault
from zelo.fiscal.uf import Uf
from zelo.models.cfe.coupon import Coupon, read_coupon, told_sale
from zelo.models.cfe.sale import CancelRequest, Sale, read_cancel_request, read_sale
from zelo.sim.pki import new_authority
from zelo.sim.sat.unit import Registry, Taxpayer, Unit, terms_on

HOSTILE = {
    "nothing": b"",
    "text": b"not XML",
    "entity": b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><CFe><infCFe>&b;</infCFe></CFe>",
    "whole with DTD": sale().replace("<CFe>", "<!DOCTYPE CFe><CFe>").encode(),
    "nul": b"<CFe>\0</CFe>",
    "deep": b"<a>" * 100_000,
    "other root": b"<NFe><infCFe/></NFe>",
    "empty": b"<CFe/>",
    "bare": b"<CFe><infCFe/></CFe>",
    "bad bytes": b"<CFe>\xff\xfe</CFe>",
    "declared": b"<?xml version='1.0' encoding='UTF-7'?><CFe/>",
    "huge": b"<CFe>" + b" " * 4_000_001 + b"</CFe>",
}


@pytest.fixture(scope="module")
def unit() -> Unit:
    authority = new_authority(NOW)
    key: RSAPrivateKey = authority.key
    registry = Registry(taxpayer=Taxpayer(cnpj=sales.CNPJ, ie=sales.IE))
    terms = terms_on(NOW.date())
    return Unit(nserie="900000059", uf=Uf.SP, key=key, authority=authority, registry=registry, terms=terms)


@pytest.fixture(scope="module")
def sat(unit: Unit, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return bench(unit, tmp_path_factory.mktemp("sat") / "memory", NOW, terms={"most_value": Decimal("99999999.99")})


def sold(text: str) -> Sale:
    read = read_sale(text.encode())
    assert isinstance(read, Sale), read
    return read


def test_a_sale_says_who_sells_what_to_whom() -> None:
    read = sold(sale(item(1), item(2), paid=["5.00", "6.00"], dest="<CPF>52998224725</CPF>", layout="0.07"))
    assert read == Sale(
        layout="0.07",
        house=sales.HOUSE,
        sign_ac=sales.SIGN_AC,
        till="001",
        cnpj=sales.CNPJ,
        dest="52998224725",
        items=2,
        total=Decimal("10.00"),
        paid=Decimal("11.00"),
    )


cents = some.decimals("0.00", "3.00", places=2)
sold_items = some.tuples(
    some.decimals("0.5000", "99.9999", places=4),
    some.decimals("20.00", "999.99", places=2),
    some.sampled_from("AT"),
    cents,
    some.sampled_from([sales.SIMPLES, sales.ISSQN]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    some.lists(sold_items, min_size=1, max_size=8),
    cents,
    some.sampled_from(["vDescSubtot", "vAcresSubtot"]),
    some.sampled_from("SN"),
)
@example(
    [(Decimal("1.0000"), Decimal("20.00"), "A", Decimal("0.00"), sales.ISSQN)], Decimal("1.00"), "vDescSubtot", "N"
)
def test_its_total_is_what_the_device_finds(
    sat: Bench, lines: list[tuple[Any, ...]], off: Decimal, tag: str, shared: str
) -> None:
    dets = [
        item(place, quantity=str(quantity), price=str(price), rule=rule, extra=f"<vDesc>{discount}</vDesc>", tax=tax)
        for place, (quantity, price, rule, discount, tax) in enumerate(lines, 1)
    ]
    text = sale(*dets, paid=["9999999.00"], subtotal=f"<DescAcrEntr><{tag}>{off}</{tag}></DescAcrEntr>")
    text = text.replace("<indRatISSQN>N", f"<indRatISSQN>{shared}")
    told = sat.sell(text)
    assert told.eeeee == "06000", told.fields
    assert sold(text).total == Decimal(told.fields[9])


def coupon_of(xml: bytes) -> Coupon:
    read = read_coupon(xml)
    assert isinstance(read, Coupon), read
    return read


def test_a_coupon_says_what_the_reply_says(sat: Bench) -> None:
    told = sat.sell(sale(dest="<CPF>52998224725</CPF>"))
    read = coupon_of(told.xml)
    assert (f"CFe{read.chave}", read.stamp, str(read.total), read.dest, read.qr_signature) == (
        *told.fields[8:9], *told.fields[7:8], *told.fields[9:],
    )  # fmt: skip
    assert (read.at, read.at.utcoffset(), read.till, read.cancels) == (sat.now, timedelta(hours=-3), "001", None)
    assert read.qr_text == "|".join((told.fields[8][3:], told.fields[7], *told.fields[9:]))


def fields_of(told: Told) -> tuple[str, str, str]:
    """Chave, stamp and total, as the answer has them."""
    return told.fields[8], told.fields[7], told.fields[9]


def test_an_answer_to_a_sale_says_of_its_coupon_what_the_coupon_does(sat: Bench) -> None:
    told = sat.sell(sale(dest="<CPF>52998224725</CPF>"))
    assert told_sale(*fields_of(told), told.xml) == coupon_of(told.xml).brief


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, ""),
        (0, "CFe"),
        (0, "<CFe>"),
        (1, ""),
        (1, "20261120"),
        (1, "20261320120000"),
        (1, "99991231235959"),
        (2, ""),
        (2, "5,00"),
        (2, "-5.00"),
        (2, "NaN"),
    ],
)
def test_an_answer_whose_fields_have_another_form_says_nothing_of_its_coupon(
    sat: Bench, place: int, value: str
) -> None:
    told = sat.sell()
    named, stamp, total = (value if each == place else field for each, field in enumerate(fields_of(told)))
    assert told_sale(named, stamp, total, told.xml) is None


def test_an_answer_with_the_bytes_of_another_coupon_says_nothing_of_it(sat: Bench) -> None:
    assert told_sale(*fields_of(sat.sell()), sat.sell().xml) is None


def test_a_cancel_names_what_it_cancels(sat: Bench) -> None:
    first = sat.sell()
    read = coupon_of(sat.cancel(first.chave).xml)
    assert f"CFe{read.cancels}" == first.chave
    request = read_cancel_request(sales.cancel(first.chave).encode())
    assert isinstance(request, CancelRequest)
    assert (f"CFe{request.chave}", request.house, request.till) == (first.chave, sales.HOUSE, "001")


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        (b'Id="CFe35', b'Id="CFe36', "@Id"),
        (b'Id="CFe', b'Id="', "@Id"),
        (b"<nCFe>", b"<nCFe>9", "ide/nCFe"),
        (b"<nserieSAT>9", b"<nserieSAT>8", "ide/nserieSAT"),
        (b"<emit><CNPJ>08", b"<emit><CNPJ>09", "emit/CNPJ"),
        (b"<dEmi>2026", b"<dEmi>20A6", "ide/dEmi"),
        (b"<dEmi>20261120", b"<dEmi>20261320", "ide/dEmi"),
        (b"<vCFe>", b"<vCFe>-", "total/vCFe"),
        (b"<vCFe>5.00</vCFe>", b"", "total/vCFe"),
        (b"<assinaturaQRCODE>", b"<assinaturaQRCODE>|", "ide/assinaturaQRCODE"),
    ],
)
def test_a_coupon_that_disagrees_with_itself_is_a_fault(sat: Bench, before: bytes, after: bytes, where: str) -> None:
    xml = sat.sell().xml
    assert xml.count(before) == 1
    fault = read_coupon(xml.replace(before, after))
    assert isinstance(fault, Fault)
    assert fault.where == where


@pytest.mark.parametrize("read", [read_sale, read_cancel_request, read_coupon])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xml_is_a_fault_with_a_remedy(read: Callable[[bytes], object], name: str) -> None:
    fault = read(HOSTILE[name])
    assert isinstance(fault, Fault)
    assert fault.sentence.endswith(".")
    assert fault.remedy.endswith(".")


@settings(max_examples=200, deadline=None)
@given(some.data())
def test_a_torn_sale_never_raises(data: some.DataObject) -> None:
    whole = sale(item(1), item(2), dest="<CPF>52998224725</CPF>").encode()
    begin = data.draw(some.integers(0, len(whole)))
    end = data.draw(some.integers(begin, min(len(whole), begin + 40)))
    torn = whole[:begin] + data.draw(some.binary(max_size=8)) + whole[end:]
    assert isinstance(read_sale(torn), Sale | Fault)
    assert isinstance(read_coupon(torn), Fault)


def test_a_sale_has_at_most_five_hundred_items() -> None:
    assert sold(sale(*(item(number) for number in range(1, 501)))).items == 500
    assert isinstance(read_sale(sale(*(item(number) for number in range(1, 502))).encode()), Fault)


def test_the_byte_order_mark_of_an_integrator_is_no_matter(tmp_path: Path) -> None:
    file = tmp_path / "venda.xml"
    file.write_text(sale(), "utf-8-sig")
    assert isinstance(read_sale(file.read_bytes()), Sale)
