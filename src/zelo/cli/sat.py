"""`zelo sim sat` and `zelo sim sell`: an emulated device, and one sale on it with the coupon shown."""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from zelo.cli.screen import complain, plain, say
from zelo.fiscal.chave import in_blocks
from zelo.fiscal.fault import Fault
from zelo.fiscal.money import show
from zelo.models.cfe.coupon import read_coupon
from zelo.models.cfe.reading import MOST_SALE_BYTES
from zelo.models.cfe.sale import read_sale
from zelo.sim.sat.functions import MOST_SESSION
from zelo.sim.sat.shell.client import Client, LostReplyError, RefusedError
from zelo.sim.sat.shell.folder import CODE, Plate
from zelo.sim.sat.shell.server import Setup
from zelo.sim.sat.shell.server import run as serve

PORT: Final = 5959
SAT: Final = Plate()
MFE: Final = Plate(nserie="900018619", uf="CE", cnpj="14200166000166", ie="1234567890")
"""The taxpayer of public samples of a MFE."""
_SOLD: Final = "06000"
_SUCCESS_FIELDS: Final = 12


class SatError(Exception):
    """What a person can mend."""


def rates_of(faults: Sequence[str]) -> dict[str, int]:
    """The rates of texts like "lost_after=50". Raises SatError for another form."""
    pairs = [each.partition("=") for each in faults]
    if not all(rate.isascii() and rate.isdigit() for _, _, rate in pairs):
        raise SatError("Uma falha se escreve como lost_after=50: o nome e a taxa por mil.")
    return {name: int(rate) for name, _, rate in pairs}


def run(
    folder: Path,
    port: int,
    profile: str,
    rates: Mapping[str, int],
    seed: int,
    clock: str,
    plate: Plate,
    *,
    factory: bool,
) -> None:
    """Serve until interrupted. Raises SatError, OSError."""
    setup = Setup(port=port, profile=profile, rates=rates, seed=seed, starts_at=clock, plate=plate, factory=factory)
    try:
        serve(
            folder,
            setup,
            lambda at, device: say(
                f"{'MFE' if plate is MFE else 'SAT'} {device.unit.nserie} emulado em 127.0.0.1:{at}, perfil {profile}, "
                f"memória em {plain(folder)}.\n"
                + ("Ainda sem ativação." if factory else f"Ativado; código de ativação {CODE}.")
                + " Ctrl+C encerra."
            ),
        )
    except KeyboardInterrupt:
        say("Equipamento desligado.")
    except ValueError as error:
        raise SatError(str(error)) from error


def sell(file: Path, port: int, code: str) -> int:
    """One sale, and what came of it on the screen; 1 when nothing was sold. Raises SatError, OSError."""
    with file.open("rb") as opened:
        xml = opened.read(MOST_SALE_BYTES + 1)
    sale = read_sale(xml)
    if isinstance(sale, Fault):
        raise SatError(_told(sale))
    try:
        with Client(port) as device:
            used = set(device.command("state")["sessions"])
            session = next(number for number in range(1, MOST_SESSION) if number not in used)
            reply = device.call("EnviarDadosVenda", session, code, xml.decode("utf-8", "replace"))
    except LostReplyError as error:
        raise SatError(
            "O equipamento não respondeu: não se sabe se vendeu. Consulte a memória antes de repetir."
        ) from error
    except RefusedError as error:
        raise SatError(str(error)) from error
    except ConnectionRefusedError as error:
        raise SatError(f"Não há equipamento na porta {port}. Inicie-o com zelo sim sat.") from error
    return _show(reply.split("|"))


def _show(fields: Sequence[str]) -> int:
    if fields[1] != _SOLD or len(fields) != _SUCCESS_FIELDS:
        complain(f"Não vendeu: {' '.join(fields[1:4])}")
        return 1
    coupon = read_coupon(base64.b64decode(fields[6]))
    if isinstance(coupon, Fault):
        raise SatError(_told(coupon))
    say(f"Vendido: R$ {show(coupon.total)} às {coupon.at:%d/%m/%Y %H:%M:%S}.")
    say(f"Chave {in_blocks(str(coupon.chave))}, cupom {coupon.chave.ncfe} do equipamento {coupon.chave.nserie}.")
    return 0


def _told(fault: Fault) -> str:
    where = f" ({fault.where}{f': {fault.value}' if fault.value else ''})" if fault.where else ""
    return f"{fault.sentence}{where} {fault.remedy}"
