"""What a device keeps in its folder: test authority, key, plate, memory. Made on first use."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from zelo.fiscal.cnpj import is_cnpj
from zelo.fiscal.uf import Uf
from zelo.sim.pki import key_pem, new_key
from zelo.sim.sat.functions import read_call
from zelo.sim.sat.profile import BY_THE_BOOK, PROFILES, profile_named
from zelo.sim.sat.shell.memory import FILE, Memory
from zelo.sim.sat.state import State
from zelo.sim.sat.step import step
from zelo.sim.sat.unit import Registry, Taxpayer, Unit, terms_on
from zelo.sim.shell.folder import authority_in, write

KEY: Final = "device-key.pem"
PLATE: Final = "device.json"
CODE: Final = "12345678"
SIGN_AC: Final = "SGR-SAT SISTEMA DE GESTAO E RETAGUARDA DO SAT"
"""The signAC that makers' development kits are linked to (public samples)."""
_NSERIE_DIGITS: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Plate:
    """What tells one device from another. The taxpayer is that of public development kits."""

    nserie: str = "900000059"
    uf: str = "SP"
    cnpj: str = "08723218000186"
    ie: str = "149626224113"
    layout: str = "0.08"


def open_unit(folder: Path, plate: Plate, profile: str, real_now: datetime) -> Unit:
    """The device of a folder: that of its plate, else a new one with this `plate`. Raises ValueError, in pt-BR."""
    authority = authority_in(folder, real_now)
    held = folder / PLATE
    if not held.exists():
        _check(plate)
        write(folder / KEY, key_pem(new_key()))
        write(held, json.dumps(asdict(plate)).encode())
    plate = Plate(**json.loads(held.read_bytes()))
    key = load_pem_private_key((folder / KEY).read_bytes(), None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError(f"{KEY} não é uma chave RSA.")
    return Unit(
        nserie=plate.nserie,
        uf=Uf(plate.uf),
        key=key,
        authority=authority,
        registry=Registry(taxpayer=Taxpayer(cnpj=plate.cnpj, ie=plate.ie)),
        terms=terms_on(real_now.date()),
        profile=profile_named(profile),
        layout=plate.layout,
    )


def _check(plate: Plate) -> None:
    if len(plate.nserie) != _NSERIE_DIGITS or not (plate.nserie.isascii() and plate.nserie.isdigit()):
        raise ValueError("O número de série tem nove algarismos.")
    if plate.uf not in set(Uf):
        raise ValueError(f"UF desconhecida: {plate.uf}.")
    if not is_cnpj(plate.cnpj):
        raise ValueError(f"CNPJ inválido: {plate.cnpj}.")


def open_memory(folder: Path) -> Memory:
    """The memory of a folder."""
    return Memory(folder / FILE)


def ready(unit: Unit, now: datetime) -> State:
    """A device as a development kit comes: activated with CODE, linked to SIGN_AC."""
    arguments = [1, 1, CODE, unit.registry.taxpayer.cnpj, int(unit.uf.codigo)]
    new = replace(unit, profile=PROFILES[BY_THE_BOOK])
    activated = step(new, State(), read_call("AtivarSAT", arguments), now, "000000").state
    return replace(activated, sign_ac=SIGN_AC, sessions=(), log=())
