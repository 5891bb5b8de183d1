"""The examples of the manual page, run as they stand there."""

import json
import os
import re
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest
from lxml import etree

from tests.docs.words import ROOT
from tests.pos.edge.door.world import TOKEN, World
from tests.sim.sat import sales
from zelo.pos.edge.door.integrador.shell import Folder

PAGE = ROOT / "docs" / "manual" / "pdv-interfaces.md"
EXAMPLES = re.findall(r"^```sh\n(.+?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def run(example: str, folder: Path, port: int) -> list[dict[str, object]]:
    """Every JSON object that the commands print."""
    told = {"ZELO": f"http://127.0.0.1:{port}", "TOKEN": TOKEN, "INTEGRADOR": str(folder)}
    done = subprocess.run(
        ["sh", "-eu"],
        input=example,
        cwd=folder,
        env=os.environ | told,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    objects, decoder, text = [], json.JSONDecoder(), done.stdout
    while text:
        found, end = decoder.raw_decode(text)
        objects.append(found)
        text = text[end:].lstrip()
    return objects


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_the_examples_of_the_manual(tmp_path: Path, port: int, world: World) -> None:
    sathub, sale, cancel, integrador = EXAMPLES
    (tmp_path / "venda.xml").write_text(sales.sale(), "utf-8")
    asked, sold = run(sathub, tmp_path, port)
    assert (asked["funcao"], str(asked["retorno"])[7:12]) == ("ConsultarSAT", "08000")
    assert (sold["funcao"], str(sold["retorno"])[7:12]) == ("EnviarDadosVenda", "06000")
    first, found = run(sale, tmp_path, port)
    assert (first["estado"], found) == ("emitida", first)
    (tmp_path / "cancelamento.xml").write_text(sales.cancel(f"CFe{first['chave']}"), "utf-8")
    cancelled, devices, status = run(cancel, tmp_path, port)
    assert (cancelled["estado"], status["estado"]) == ("cancelada", "respondida")
    assert devices == {"equipamentos": []}
    folder = Folder(tmp_path, "001", world.answer, threading.Event())
    assert run(integrador, tmp_path, port) == []
    until = time.monotonic() + 10
    while not list((tmp_path / "Output").iterdir()):
        assert time.monotonic() < until
        folder.look()
    answer = etree.fromstring(next((tmp_path / "Output").iterdir()).read_bytes()[3:])
    assert answer.findtext("Identificador/Valor") == "77"
    assert (answer.findtext("Resposta/retorno") or "").startswith("000903|08000|")
