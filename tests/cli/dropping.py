"""A drop folder in virtual time, and what a program puts into it."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from tests.guard import papers
from tests.house import House
from zelo.cli import watch
from zelo.cli.watch import Desk
from zelo.flow.drop import Owner
from zelo.guard import shell as guard

MINUTE: Final = timedelta(minutes=1)
NAME: Final = "0001-nfe.xml"


def paper(number: int = 1, **more: Any) -> bytes:
    """A note of homologação."""
    return papers.note(papers.chave(number, **more)).replace("<tpAmb>1<", "<tpAmb>2<").encode()


def answered(number: int, cstat: str, **more: Any) -> bytes:
    """What SEFAZ says of it, now."""
    return papers.rejected(papers.chave(number, **more), cstat, None).replace("<tpAmb>1<", "<tpAmb>2<").encode()


def owner(house: House) -> Owner:
    """Whose folder it is."""
    return Owner(house.tools, house.company_id, "11222333")


def put(desk: Desk, name: str, content: bytes, folder: str = watch.ENTRADA) -> Path:
    """As a program should: written under another name, then renamed; its time is that of the virtual clock."""
    path = desk.root / folder / name
    draft = path.with_name(".rascunho.tmp")
    draft.write_bytes(content)
    now = desk.owner.tools.clock().timestamp()
    os.utime(draft, (now, now))
    return draft.rename(path)


def where(desk: Desk) -> dict[str, str]:
    """Folder of each document, by its name."""
    found = [path for path in desk.root.rglob("*") if path.is_file() and path.suffix != watch.SIDECAR]
    assert len({path.name for path in found}) == len(found), "nothing lies in two places"
    return {path.name: str(path.parent.relative_to(desk.root)) for path in found}


def told(desk: Desk, folder: str, name: str = NAME) -> dict[str, Any]:
    """What is said beside a file."""
    words: dict[str, Any] = json.loads((desk.root / folder / f"{name}.json").read_text("utf-8"))
    return words


def spent(house: House, number: int = 1) -> int:
    """What the number has spent; the journal is whole."""
    with house.tools.engine.read() as connection:
        assert list(guard.verify(connection)) == []
        return guard.state_of(connection, f"2|11222333000181|55|1|{number}").spent
