"""The text of the QR code (MOC NFCom 1.00a; tag `qrCodNFCom`)."""

from zelo.fiscal.ambiente import Ambiente


def qrcode(url: str, chave: str, ambiente: Ambiente, sign: str = "") -> str:
    """Where the note can be looked up. `sign` (base64 of the RSA-SHA1 of the chave) only in contingency."""
    text = f"{url}?chNFCom={chave}&tpAmb={ambiente.value}"
    return f"{text}&sign={sign}" if sign else text
