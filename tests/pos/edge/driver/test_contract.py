"""Whatever stands behind a driver: it answers, it says what surely never arrived, and it comes back after a loss."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.ports import free_ports
from tests.sim.sat import sales
from zelo.models.cfe.functions import ASK_ALIVE, FUNCTIONS, SALE
from zelo.pos.edge.driver.contract import Driver, LostError, MissingError, NotLoadedError, NotTakenError
from zelo.pos.edge.driver.shell.emulated import Emulated
from zelo.pos.edge.driver.shell.library import Library
from zelo.sim.sat.shell.client import Client
from zelo.sim.sat.shell.server import Setup, started

SECONDS = 10.0
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def maker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A maker's library, compiled here."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler here")
    built = tmp_path_factory.mktemp("maker") / "libmaker.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(built), str(HERE / "maker.c")], check=True)
    return built


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """An emulated device."""
    with started(tmp_path_factory.mktemp("sat"), Setup(transmit_seconds=3600)) as (port, _):
        yield port


@pytest.fixture(params=["emulated", "library"])
def driver(request: pytest.FixtureRequest, port: int, maker: Path) -> Iterator[Driver]:
    """Each kind of driver."""
    made: Driver = Emulated("127.0.0.1", port) if request.param == "emulated" else Library(maker)
    yield made
    made.close()


def test_it_answers_again_and_again(driver: Driver) -> None:
    for session in (21, 22, 23):
        assert driver.call(ASK_ALIVE, (session,), SECONDS).startswith(f"{session:06d}|08000|")


def test_it_carries_two_megabytes_and_any_letter(driver: Driver) -> None:
    reply = driver.call(SALE, (31, sales.CODE, "ção 🍕" * 200_000), SECONDS)
    assert reply.split("|")[1] in {"06005", "06010"}


def test_it_answers_after_it_was_closed(driver: Driver) -> None:
    driver.call(ASK_ALIVE, (41,), SECONDS)
    driver.close()
    assert driver.call(ASK_ALIVE, (42,), SECONDS).startswith("000042|")


@pytest.mark.parametrize(
    "absent", [lambda: Emulated("127.0.0.1", free_ports(1)[0]), lambda: Library(Path("/no/such/library.so"))]
)
def test_nobody_there_is_surely_not_taken(absent: Callable[[], Driver]) -> None:
    with pytest.raises(NotTakenError):
        absent().call(ASK_ALIVE, (1,), SECONDS)


def test_a_library_that_does_not_load_says_why(tmp_path: Path) -> None:
    text = tmp_path / "sat.so"
    for file, reason in ((text, "não existe o arquivo"), (text, "bits, e o sistema diz")):
        with pytest.raises(NotLoadedError, match=f"{file} não carrega: .*{reason}"):
            Library(file).call(ASK_ALIVE, (1,), SECONDS)
        text.write_text("not a library")


def test_a_lost_reply_of_the_emulated_device_is_lost_and_the_next_call_works(port: int) -> None:
    driver = Emulated("127.0.0.1", port)
    with Client(port) as client:
        client.command("faults", trouble="lost_after")
    with pytest.raises(LostError):
        driver.call(ASK_ALIVE, (51,), SECONDS)
    assert driver.call(ASK_ALIVE, (52,), SECONDS).startswith("000052|")
    driver.close()


@pytest.mark.parametrize(
    ("session", "seconds"), [(13, SECONDS), (14, 0.5), (16, SECONDS)], ids=["abort", "hang", "exit"]
)
def test_a_library_that_dies_or_hangs_costs_its_own_process_only(maker: Path, session: int, seconds: float) -> None:
    driver = Library(maker)
    driver.call(ASK_ALIVE, (1,), SECONDS)
    before = driver.pid
    with pytest.raises(LostError):
        driver.call(ASK_ALIVE, (session,), seconds)
    assert before is not None
    assert not psutil.pid_exists(before)
    assert driver.call(ASK_ALIVE, (2,), SECONDS).startswith("000002|")
    driver.close()


_HELD = """
import sys
from pathlib import Path
from zelo.models.cfe.functions import ASK_ALIVE
from zelo.pos.edge.driver.shell.library import Library
driver = Library(Path(sys.argv[1]))
driver.call(ASK_ALIVE, (1,), 60.0)
print(driver.pid, flush=True)
driver.call(ASK_ALIVE, (14,), 60.0)
"""


def test_a_library_ends_with_its_gateway_also_in_the_middle_of_a_call(maker: Path) -> None:
    """Else a sale would go through after the gateway, started anew, was told that it never was."""
    with subprocess.Popen([sys.executable, "-c", _HELD, str(maker)], stdout=subprocess.PIPE, text=True) as gateway:
        assert gateway.stdout is not None
        child = psutil.Process(int(gateway.stdout.readline()))
        time.sleep(0.5)
        assert child.is_running()
        gateway.kill()
    assert child.wait(SECONDS) in (1, None)


def test_a_process_that_does_not_end_at_once_is_let_go(maker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Library(maker)
    driver.call(ASK_ALIVE, (1,), SECONDS)
    child = driver._child
    assert child is not None
    with monkeypatch.context() as stuck:
        stuck.setattr(child, "wait", _still_running)
        with pytest.raises(LostError):
            driver.call(ASK_ALIVE, (14,), 0.5)
    child.wait(SECONDS)
    assert driver.call(ASK_ALIVE, (2,), SECONDS).startswith("000002|")
    driver.close()


def _still_running(seconds: float) -> int:
    raise subprocess.TimeoutExpired("library", seconds)


def test_odd_answers_of_a_library_are_handed_on_as_text(maker: Path) -> None:
    driver = Library(maker)
    assert driver.call(ASK_ALIVE, (15,), SECONDS) == ""
    assert "operação" in driver.call(ASK_ALIVE, (17,), SECONDS)
    assert driver.call(ASK_ALIVE, (18,), SECONDS).startswith("000018|")
    driver.close()


def test_a_function_that_an_older_library_lacks_is_told_from_silence(maker: Path) -> None:
    driver = Library(maker)
    with pytest.raises(MissingError, match="ConsultarUltimaSessaoFiscal"):
        driver.call(FUNCTIONS["ConsultarUltimaSessaoFiscal"], (1, sales.CODE), SECONDS)
    driver.close()


def test_the_process_of_a_library_is_light(maker: Path) -> None:
    driver = Library(maker)
    driver.call(ASK_ALIVE, (1,), SECONDS)
    assert driver.pid is not None
    assert psutil.Process(driver.pid).memory_info().rss < 40_000_000
    driver.close()
