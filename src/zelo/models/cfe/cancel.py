"""The request that cancels a coupon, made from the coupon itself: program, signature and till are those of the sale."""

from lxml import etree

from zelo.fiscal.fault import Fault
from zelo.models.cfe.reading import MOST_COUPON_BYTES, UnreadableError, parse, text
from zelo.models.cfe.sale import CANCEL_ROOT, ROOT

_ORIGIN = (("CNPJ", r"[A-Z0-9]{12}[0-9]{2}"), ("signAC", r"(?s).{1,344}"), ("numeroCaixa", r"[0-9]{3}"))
_BUYER = ("CNPJ", "CPF")


def cancel_request(coupon: bytes) -> str | Fault:
    """The CFeCanc for an issued CF-e, or what is wrong with the coupon (leiaute de cancelamento, ER SAT)."""
    try:
        inf = parse(coupon, ROOT, MOST_COUPON_BYTES)
        origin = {tag: text(inf, f"ide/{tag}", form) for tag, form in _ORIGIN}
    except UnreadableError as error:
        return error.fault
    root = etree.Element(CANCEL_ROOT)
    made = etree.SubElement(root, "infCFe", chCanc=inf.get("Id", ""))
    ide = etree.SubElement(made, "ide")
    for tag, value in origin.items():
        etree.SubElement(ide, tag).text = value
    etree.SubElement(made, "emit")
    dest = etree.SubElement(made, "dest")
    for tag in _BUYER:
        buyer = inf.findtext(f"dest/{tag}")
        if buyer:
            etree.SubElement(dest, tag).text = buyer
    etree.SubElement(made, "total")
    return etree.tostring(root, encoding="unicode")
