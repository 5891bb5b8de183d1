"""Every function through the real library: what a till gives reaches the device untouched, and what cannot is told."""

import ctypes
import os
import re
import stat
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest
from satcfe import BibliotecaSAT, ClienteSATLocal

from tests.pos.edge.gateway import Forward, running, saying
from tests.pos.edge.libsat.build import SOURCE
from tests.pos.edge.libsat.till import Till, load, settings
from tests.sim.sat import sales
from zelo.models.cfe.functions import FUNCTIONS
from zelo.models.cfe.reply import read_reply
from zelo.pos.edge.request import Request
from zelo.sim.sat.shell.client import Client

GIVEN: Final[dict[type, int | str]] = {int: -2_147_483_648, str: "São João | açaí ✓\r\n\t€"}
SPELT_OTHERWISE: Final = {
    "AtivarMFe": "AtivarSAT",
    "ConsultarMFe": "ConsultarSAT",
    "AtualizarSoftwareMFe": "AtualizarSoftwareSAT",
    "BloquearMFe": "BloquearSAT",
    "DesbloquearMFe": "DesbloquearSAT",
}
PROTOTYPE: Final = re.compile(r"SAT_API char \*SAT_CALL (\w+)\(([^)]*)\);")


def declared() -> dict[str, list[type]]:
    """The header: function → types of its parameters."""
    text = " ".join((SOURCE / "sat.h").read_text("utf-8").split())
    return {
        name: [str if "char *" in each else int for each in parameters.split(",") if each != "void"]
        for name, parameters in PROTOTYPE.findall(text)
    }


def test_the_header_declares_the_table_of_functions() -> None:
    table = {name: [kind for _, kind in function.parameters] for name, function in FUNCTIONS.items()}
    assert declared() == table | {name: table[same] for name, same in SPELT_OTHERWISE.items()}
    exported = (SOURCE / "sat.def").read_text("utf-8").split()[1:]
    assert set(exported) == set(declared())


def test_only_the_interface_can_be_seen(till: Till) -> None:
    for name in declared():
        assert getattr(till.library, name)
    for name in ("ask", "wire_call", "conf_find", "own_end", "system_now"):
        assert not hasattr(till.library, name)


@pytest.mark.parametrize("name", [*FUNCTIONS, *SPELT_OTHERWISE])
def test_what_a_till_gives_arrives_untouched(library: Path, tmp_path: Path, name: str) -> None:
    asked: list[Request] = []
    function = FUNCTIONS[SPELT_OTHERWISE.get(name, name)]
    arguments = tuple(GIVEN[kind] for _, kind in function.parameters)

    def answer(request: Request) -> "Future[str]":
        asked.append(request)
        return saying("1|08000|Situação\u00a0✓|||")

    with running(answer, token="segredo") as port:
        till = load(library, tmp_path, settings([port], caixa="7", token="segredo"))
        assert till.call(name, *arguments) == "1|08000|Situação\u00a0✓|||"
    [request] = asked
    assert (request.function, request.arguments) == (function, arguments)
    assert (request.till, request.elsewhere) == ("007", False)


def test_a_sale_and_its_cancel_by_the_unchanged_client(till: Till, gateway: tuple[int, Forward]) -> None:
    client = ClienteSATLocal(BibliotecaSAT(str(till.path)), codigo_ativacao=sales.CODE)
    sold = client.enviar_dados_venda(sales.sale())
    assert sold.EEEEE == "06000"
    gone = client.cancelar_ultima_venda(sold.chaveConsulta, sales.cancel(sold.chaveConsulta))
    assert gone.EEEEE == "07000"
    assert client.consultar_status_operacional().EEEEE == "10000"
    with Client(gateway[1].device) as memory:
        kept = [each["chave"] for each in memory.command("memory")["coupons"]]
    assert kept[-2:] == [sold.chaveConsulta[3:], gone.chaveConsulta[3:]]


def test_eight_tills_in_one_program_sell_fifty_times_each(till: Till, device: int) -> None:
    """Each thread its own answers, under its own session numbers, and every coupon another."""

    def sell(number: int) -> list[tuple[int, list[str]]]:
        first = 100_000 + number * 1000
        return [
            (each, till.fields("EnviarDadosVenda", each, sales.CODE, sales.sale())) for each in range(first, first + 50)
        ]

    with ThreadPoolExecutor(8) as threads:
        told = [each for some in threads.map(sell, range(8)) for each in some]
    assert all((int(fields[0]), fields[1]) == (session, "06000") for session, fields in told)
    chaves = {fields[8][3:] for _, fields in told}
    assert len(chaves) == 400
    with Client(device) as memory:
        assert chaves <= {each["chave"] for each in memory.command("memory")["coupons"]}


def test_an_answer_stays_until_the_same_threads_next_call(till: Till) -> None:
    till.library.ConsultarSAT.restype = ctypes.c_void_p
    place = till.library.ConsultarSAT(200_001)
    before = ctypes.string_at(place)
    with ThreadPoolExecutor(1) as other:
        other.submit(till.library.ConsultarSAT, 200_002).result()
    assert ctypes.string_at(place) == before


def test_a_null_pointer_is_answered_and_nothing_is_sent(till: Till, gateway: tuple[int, Forward]) -> None:
    for name, function in FUNCTIONS.items():
        texts = [place for place, (_, kind) in enumerate(function.parameters) if kind is str]
        for missing in texts:
            arguments = [9 if kind is int else "x" for _, kind in function.parameters]
            given = [None if place == missing else each for place, each in enumerate(arguments)]
            reply = read_reply(till.call(name, *given))
            assert (reply.session, reply.eeeee) == (9, function.prefix + "099")
            assert f"nulo no argumento {missing + 1}" in reply.text
    assert gateway[1].asked == []


def test_a_nul_byte_ends_a_text(till: Till, gateway: tuple[int, Forward]) -> None:
    code = ctypes.create_string_buffer(sales.CODE.encode() + b"\0garbage")
    assert till.fields("ConsultarStatusOperacional", 300_001, code.raw)[1] == "10000"
    assert gateway[1].asked[-1].code == sales.CODE


def test_what_is_no_utf8_is_told_with_its_place(till: Till, gateway: tuple[int, Forward]) -> None:
    fields = till.fields("EnviarDadosVenda", 5, sales.CODE, "<xProd>café</xProd>".encode("latin-1"))
    assert fields[:3] == ["000005", "06099", "0000"]
    assert "dados não está em UTF-8 (byte 11)" in fields[3]
    assert gateway[1].asked == []


def test_a_sale_of_two_megabytes_is_refused_by_the_device_itself(till: Till) -> None:
    large = sales.sale().replace("</CFe>", "<!--" + "x" * 1_990_000 + "--></CFe>")
    assert till.fields("EnviarDadosVenda", 400_001, sales.CODE, large)[1] == "06005"


def test_what_no_frame_can_hold_is_told_by_the_library(till: Till, gateway: tuple[int, Forward]) -> None:
    fields = till.fields("EnviarDadosVenda", 6, sales.CODE, "x" * (4 * 1024 * 1024))
    assert fields[:3] == ["000006", "06099", "0000"]
    assert "4 MiB" in fields[3]
    assert gateway[1].asked == []
    assert till.fields("ConsultarSAT", 500_001)[1] == "08000"


def test_a_token_that_was_copied_with_its_quotes_is_the_token(library: Path, tmp_path: Path) -> None:
    with running(lambda _: saying("000007|08000|SAT em Operação||"), token="certo") as port:
        till = load(library, tmp_path, settings([port], token='"certo"'))
        assert till.fields("ConsultarSAT", 7)[1] == "08000"
        for odd in ('"', '"certo', 'certo"'):
            refused = load(library, tmp_path, settings([port], token=odd))
            assert "token" in refused.fields("ConsultarSAT", 7)[2]


def test_a_wrong_token_is_told(library: Path, tmp_path: Path) -> None:
    with running(lambda _: saying("x"), token="certo") as port:
        till = load(library, tmp_path, settings([port], token="errado"))
        fields = till.fields("CancelarUltimaVenda", 7, "1", "2", "3")
    assert fields[:3] == ["000007", "07099", "0000"]
    assert "token" in fields[3]
    assert len(fields) == 6


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("gateway=localhost:7059", "linha 1: escreva gateway="),
        ("# caixa\ncaixa=1234", "linha 2: escreva o número do caixa"),
        ("gateway=127.0.0.1:70590", "linha 1"),
        ("gateway=[::1]:0", "linha 1"),
        ("gatway=127.0.0.1:7059", "só existem gateway, caixa e token"),
        ("gateway", "falta o sinal de igual"),
        ("token=" + "x" * 300, "longo demais"),
        ("gateway=127.0.0.1:1\n" * 5, "linha 5"),
        ("x" * 20_000, "não é o da biblioteca"),
        ("gateway=127.0.0.1:1\0", "não é o da biblioteca"),
    ],
)
def test_a_wrong_file_is_told_with_its_line(library: Path, tmp_path: Path, text: str, told: str) -> None:
    fields = load(library, tmp_path, text).fields("ConsultarSAT", 8)
    assert fields[:2] == ["000008", "08099"]
    assert told in fields[2]


def test_a_file_that_cannot_be_read_is_told(library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To go on with the defaults would ask a gateway that nobody meant."""
    for place, told in ((tmp_path / "nada", "não existe"), (tmp_path, "não pode ser lido")):
        monkeypatch.setenv("ZELO_SAT_CONF", str(place))
        assert told in load(library, tmp_path, "").fields("ConsultarSAT", 8)[2]


def test_a_program_that_changes_its_folder_keeps_its_settings(library: Path, tmp_path: Path) -> None:
    ask = (
        "import ctypes, os; ask = ctypes.CDLL('./libsat.so').ConsultarSAT; ask.restype = ctypes.c_char_p;"
        " os.chdir('/'); print(ask(1).decode())"
    )
    with running(lambda request: saying(f"{request.till}|08000|||")) as port:
        own = load(library, tmp_path, settings([port], caixa="42")).path.parent
        told = subprocess.run([sys.executable, "-c", ask], cwd=own, capture_output=True, text=True, check=True)
    assert told.stdout == "042|08000|||\n"


def test_a_file_as_windows_writes_it_is_read(library: Path, tmp_path: Path) -> None:
    with running(lambda request: saying(f"{request.till}|08000|||")) as port:
        text = f"\ufeff# zelo\r\n gateway = 127.0.0.1:{port} \r\n\r\ncaixa= 42\r\n"
        assert load(library, tmp_path, text).fields("ConsultarSAT", 1)[0] == "042"


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_that_closed_what_it_inherited_keeps_its_own_files(library: Path, tmp_path: Path) -> None:
    """As a daemon does; the library must not close a file whose number was its connection's."""
    with running(lambda request: saying(f"{request.session}|08000|||")) as port:
        till = load(library, tmp_path, settings([port]))
        till.call("ConsultarSAT", 1)
        child = os.fork()
        if child == 0:
            os.closerange(3, 256)
            files = [os.open(tmp_path / "sales.log", os.O_CREAT | os.O_WRONLY) for _ in range(64)]
            till.call("ConsultarSAT", 2)
            regular = [stat.S_ISREG(os.fstat(each).st_mode) for each in files]
            os._exit(0 if all(regular) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_child_of_a_till_has_connections_of_its_own(library: Path, tmp_path: Path) -> None:
    """A fork shares sockets; if it used them, two programs would read each other's answers."""

    def all_mine(first: int) -> bool:
        return all(int(till.fields("ConsultarSAT", each)[0]) == each for each in range(first, first + 200))

    with running(lambda request: saying(f"{request.session}|08000|||")) as port:
        till = load(library, tmp_path, settings([port]))
        assert all_mine(1)
        child = os.fork()
        if child == 0:
            os._exit(0 if all_mine(1000) else 1)
        mine = all_mine(2000)
        assert (mine, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])) == (True, 0)
