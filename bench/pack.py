"""A month's pack on one core: notes a second, and the most memory that a process needs for it, without and with paper.

The month is made once, of copies of one authorised note, each with a chave of its own; each pack is written in a
process of its own, for the memory of the one would be counted to the other.
"""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet
from sqlalchemy import insert, select

from tests.drafts import internet
from tests.house import PLACES, new_house
from zelo.access.vault import Vault
from zelo.archive import shell as archive
from zelo.engine.embedded import Embedded
from zelo.engine.migrate import migrate
from zelo.engine.schema.access import company
from zelo.engine.schema.flow import document
from zelo.fiscal.chave import check_digit
from zelo.flow.tools import Tools
from zelo.isp.month.calendar import Month
from zelo.isp.month.shell import pack
from zelo.models.nfcom.document import MODELO
from zelo.models.nfcom.proc import PROC
from zelo.settings.table import Settings

NOTES: Final = 2_000
NOW: Final = datetime(2026, 12, 1, 12, tzinfo=UTC)
_NUMBER: Final = slice(25, 34)
"""nNF inside a chave of 44 (MOC NFCom 1.00a, item 2.2.6)."""


def run() -> dict[str, float]:
    """The figures of this bench by their stable names."""
    with tempfile.TemporaryDirectory() as folder:
        _apart("build", folder, str(NOTES))
        plain, papers = _apart("plain", folder), _apart("papers", folder)
    return {
        "pack_notes_s": plain["notes_s"],
        "pack_peak_mb": plain["peak_mb"],
        "pack_danfe_notes_s": papers["notes_s"],
        "pack_danfe_peak_mb": papers["peak_mb"],
    }


def _apart(*words: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.pack", *words]
    done = subprocess.run(command, check=True, capture_output=True)  # noqa: S603 this very file
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _engine(folder: str) -> Embedded:
    engine = Embedded(Path(folder) / "zelo.db")
    migrate(engine, lambda: None)
    return engine


def _build(folder: str, notes: int) -> dict[str, float]:
    engine = _engine(folder)
    house = new_house(engine, places=PLACES[:1])
    house.submit("FIRST", internet())
    house.settle()
    [first] = house.rows()
    with engine.begin() as connection:
        content = archive.read(connection, first.chave, PROC) or b""
        for number in range(2, notes + 1):
            body = f"{first.chave[: _NUMBER.start]}{number:09d}{first.chave[_NUMBER.stop : -1]}"
            chave = f"{body}{check_digit(body)}"
            row_id = house.tools.new_id(house.clock())
            copy = {**first._asdict(), "id": row_id, "reference": str(number), "nnf": number, "chave": chave}
            connection.execute(insert(document).values(**copy))
            archive.keep(
                connection, row_id=row_id, now=house.clock(), company_id=first.company_id,
                establishment_id=first.establishment_id, modelo=MODELO, chave=chave, kind=PROC,
                content=content.replace(first.chave.encode(), chave.encode()),
            )  # fmt: skip
    engine.close()
    return {}


def _pack(folder: str, *, papers: bool) -> dict[str, float]:
    engine = _engine(folder)
    tools = Tools(
        engine, replace(Settings(), data_dir=folder), Vault([Fernet.generate_key()]), (), lambda: NOW,
        random.Random(0).randbytes, time.sleep,
    )  # fmt: skip
    with engine.read() as connection:
        company_id = connection.execute(select(company.c.id)).scalar_one()
    wanted = pack.Wanted(company_id=company_id, month=Month(2026, 11), papers=papers)
    start = time.process_time()
    with Path(os.devnull).open("wb") as out:
        *_, step = pack.write(tools, wanted, out, by="bench", now=NOW)
    seconds = time.process_time() - start
    if step.missing:
        raise ValueError(step)
    return {"notes_s": step.done / seconds, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


if __name__ == "__main__":
    what, where, *more = sys.argv[1:]
    print(json.dumps(_build(where, int(more[0])) if what == "build" else _pack(where, papers=what == "papers")))
