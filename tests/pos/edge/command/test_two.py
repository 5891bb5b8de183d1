"""Two gateways as processes of their own: each says how the other is, and what is wrong between them."""

import json
from pathlib import Path

import pytest
from satcfe.clientesathub import ClienteSATHub

from tests.ports import free_ports
from tests.pos.edge.command.conftest import NAME, running, write_config
from tests.pos.edge.door.papers import answers, drop, fields, written
from tests.pos.edge.shop import until
from tests.pos.edge.survival.caller import Caller, Program
from tests.sim.sat import sales
from zelo.pos.edge.command.main import main
from zelo.pos.edge.command.shell.configured import configured
from zelo.pos.edge.command.shell.work import keep_code_in_file
from zelo.pos.edge.config import Config, address
from zelo.pos.edge.shell.gateway import TOKEN_FILE
from zelo.sim.sat.shell.folder import CODE

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
    file = _second(tmp_path, device, first["web"]["endereco"], _token(first))
    with running(file, device):
        assert until(lambda: "Diz ser o mesmo lado" in _said(file, capsys))
        assert until(lambda: "par-lado" in _said(file, capsys))
        assert main(["--config", str(file), "status"]) == 1
        assert "!! gateway: O outro gateway diz ser o mesmo lado que este." in capsys.readouterr().out


def test_a_gateway_that_can_do_nothing_sells_through_the_other_by_every_door(edge: Path, tmp_path: Path) -> None:
    """Line, API, SATHub and the Integrador's folder at one whose device is gone; the first gateway has the device."""
    first = configured(edge)
    nobody, line = free_ports(2)
    file, folder = _second(tmp_path, nobody, first["web"]["endereco"], _token(first)), tmp_path / "integrador"
    folder.mkdir()
    text = file.read_text("utf-8").replace('"127.0.0.1:0"', f'"127.0.0.1:{line}"')
    file.write_text(f"{text}lado = 1\n[integrador]\npasta = '{folder}'\ncaixa = \"009\"\n", "utf-8")
    with running(file, nobody):
        config = configured(file)
        host, port = address(config["web"]["endereco"])
        assert ClienteSATHub(host, port, numero_caixa=8).enviar_dados_venda(sales.sale()).EEEEE == "06000"
        assert "|06000|" in (Caller("007", [line]).sell(100)[1] or "")
        assert (Program("006", [port], _token(config)).sell(200)[1] or {})["estado"] == "emitida"
        drop(folder, "Pedido-1", written("EnviarDadosVenda"))
        assert until(lambda: bool(answers(folder)))
        assert fields(answers(folder)[0])[1] == "06000"


def _token(config: Config) -> str:
    return (Path(config["gateway"]["pasta"]) / TOKEN_FILE).read_text("utf-8")


def test_one_whose_other_is_not_there_says_so(device: int, tmp_path: Path, capsys: Capture) -> None:
    [nobody] = free_ports(1)
    file = _second(tmp_path, device, f"127.0.0.1:{nobody}", "a-token")
    with running(file, device):
        assert until(lambda: "Não responde" in _said(file, capsys))
