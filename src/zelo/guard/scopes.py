"""What a halt of other programs' sends names, and whose it is. Pure.

For NFCom it is the very scope that stops our own worker; models 55 and 65 have web services apart.
"""

from zelo.fiscal.cnpj import base
from zelo.guard import halt
from zelo.guard.foreign import NFCOM, Foreign


def emitter(send: Foreign, autorizador: str) -> str:
    """Everything that the emitter sends there."""
    where = autorizador if send.modelo == NFCOM else f"{autorizador} {send.modelo}"
    return halt.of_transmitter(where, send.ambiente, send.cnpj)


def certificate(send: Foreign, autorizador: str, company_id: str, transmitter: str) -> str:
    """Another's certificate, as far as that company uses it: nobody stops others by naming theirs."""
    return halt.of_transmitter(f"{autorizador} {send.modelo} {company_id}", send.ambiente, transmitter)


def is_of(scope: str, company_id: str, cnpj_base: str) -> bool:
    """Whether a halt concerns what other programs of that company send."""
    match halt.parts(scope):
        case ("outros", whose):
            return whose == company_id
        case ("transmissor", where, _, cnpj):
            _, *of = where.split()
            return of[1] == company_id if len(of) > 1 else base(cnpj) == cnpj_base
    return False


def name(scope: str) -> str:
    """Where it stops, for people: SVRS 55; "" where it stops everything."""
    match halt.parts(scope):
        case ("transmissor", where, *_):
            return " ".join(where.split()[:2])
    return ""
