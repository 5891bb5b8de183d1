"""The file that is kept and handed to others: the note as it was sent with the protocol as it came back."""

from typing import Final

from zelo.models.nfcom.document import NAMESPACE, VERSAO

PROC: Final = "nfcomProc"
PROTOCOL: Final = "protNFCom"
RETURN: Final = "retNFCom"


def nfcom_proc(xml: bytes, protocolo: bytes) -> bytes:
    """nfcomProc around the very bytes of both."""
    head = f'<?xml version="1.0" encoding="UTF-8"?><{PROC} xmlns="{NAMESPACE}" versao="{VERSAO}">'.encode()
    return head + xml + protocolo + f"</{PROC}>".encode()
