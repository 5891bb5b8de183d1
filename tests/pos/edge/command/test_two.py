"""Two gateways as processes of their own: each says how the other is, and what is wrong between them."""

import json
import socket
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.ports import free_ports
from tests.pos.edge.command.conftest import NAME, running, write_config
from tests.pos.edge.shop import until
from tests.sim.sat import sales
from zelo.pos.edge.command.main import main
from zelo.pos.edge.command.shell.configured import configured
from zelo.pos.edge.command.shell.work import keep_code_in_file
from zelo.pos.edge.door.line.frame import pack, unpack
from zelo.pos.edge.shell.gateway import TOKEN_FILE
from zelo.sim.sat.shell.folder import CODE

SECONDS = 30
Capture = pytest.CaptureFixture[str]


def _second(folder: Path, device: int, other: str, token: str) -> Path:
    """The edge.toml of a gateway that has another, and forgot to say that it is the second."""
    file = folder / "edge.toml"
    [port] = free_ports(1)
    write_config(file, device, port)
    with file.open("a", encoding="utf-8") as more:
        more.write(f'[par]\nendereco = "{other}"\ntoken = "{token}"\n')
    keep_code_in_file(configured(file), NAME, CODE)
    return file


def _said(file: Path, capsys: Capture) -> str:
    main(["--config", str(file), "status", "--json"])
    return json.dumps(json.loads(capsys.readouterr().out), ensure_ascii=False)


def test_one_that_has_the_side_of_the_other_says_so_and_what_to_correct(
    edge: Path, device: int, tmp_path: Path, capsys: Capture
) -> None:
    first = configured(edge)
    token = (Path(first["gateway"]["pasta"]) / TOKEN_FILE).read_text("utf-8")
    file = _second(tmp_path, device, first["web"]["endereco"], token)
    with running(file, device):
        assert until(lambda: "Diz ser o mesmo lado" in _said(file, capsys))
        assert until(lambda: "par-lado" in _said(file, capsys))
        assert main(["--config", str(file), "status"]) == 1
        assert "!! gateway: O outro gateway diz ser o mesmo lado que este." in capsys.readouterr().out


def test_one_that_can_do_nothing_sends_its_tills_to_the_other(tmp_path: Path) -> None:
    nobody, device, line = free_ports(3)
    file = _second(tmp_path, device, f"127.0.0.1:{nobody}", "a-token")
    file.write_text(file.read_text("utf-8").replace('"127.0.0.1:0"', f'"127.0.0.1:{line}"'), "utf-8")
    call = ("zelo1", "", "an-id", "001", "0", "EnviarDadosVenda", "1", CODE, sales.sale())
    with running(file, device), socket.create_connection(("127.0.0.1", line), SECONDS) as till:
        till.sendall(pack(field.encode() for field in call))
        answer = till.makefile("rb")
        while not (size := int.from_bytes(answer.read(4), "big")):
            continue
        kind, sentence = unpack(answer.read(size))
        config = configured(file)
        token = (Path(config["gateway"]["pasta"]) / TOKEN_FILE).read_text("utf-8")
        program = HTTPConnection(config["web"]["endereco"], timeout=SECONDS)
        head = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k", "Content-Type": "application/xml"}
        program.request("POST", "/v1/vendas?caixa=001", sales.sale(), head)
        told = program.getresponse()
        assert (told.status, json.loads(told.read())["estado"]) == (421, "recusada")
        program.close()
    assert kind == b"erro"
    assert "Nada foi emitido" in sentence.decode()


def test_one_whose_other_is_not_there_says_so(device: int, tmp_path: Path, capsys: Capture) -> None:
    [nobody] = free_ports(1)
    file = _second(tmp_path, device, f"127.0.0.1:{nobody}", "a-token")
    with running(file, device):
        assert until(lambda: "Não responde" in _said(file, capsys))
