"""The library under the compiler's watch (addresses, undefined behaviour, races), with a gateway that means harm.

A hostile gateway may lie in every length, send anything and hang up anywhere: the till gets its sentence each time.
"""

import os
import random
import re
import socket
import subprocess
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from tests.pos.edge.gateway import running, saying
from tests.pos.edge.libsat.build import build_driver
from tests.pos.edge.libsat.test_deaths import speaking
from tests.pos.edge.libsat.till import settings
from zelo.pos.edge.door.line.frame import LENGTH_BYTES, MOST_FRAME_BYTES, WORKING, pack

SEED: Final = int(os.environ.get("ZELO_SEED", "7"))
CALLS: Final = 300
WATCHED: Final = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
LENGTHS: Final = (0, 1, 4, 255, 65_536, MOST_FRAME_BYTES, MOST_FRAME_BYTES + 1, 2**31 - 1, 2**31, 2**32 - 5, 2**32 - 1)


def length(chance: random.Random) -> bytes:
    return chance.choice(LENGTHS).to_bytes(LENGTH_BYTES, "big")


def hostile(chance: random.Random) -> bytes:
    """What a gateway in bad faith, or a broken one, may send."""
    text = chance.choice(
        [b"", b"\0", b"000001|06000", b"|" * 3000, b"\xc3" * 700, chance.randbytes(400), b"\n%s%n" * 99]
    )
    word = chance.choice([b"ok", b"erro", b"", b"o", b"okay", b"ERRO", b"\0\0"])
    whole = pack((word, text))
    return chance.choice(
        [
            whole,
            WORKING * chance.randrange(5) + whole,
            whole[: chance.randrange(len(whole))],
            length(chance) + whole[4:],
            whole[:4] + length(chance) + whole[8:],
            whole[: 8 + len(word)] + length(chance) + text,
            pack((word,)),
            pack((word, text, text)),
            whole + whole,
            chance.randbytes(chance.randrange(60)),
        ]
    )


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_driver(tmp_path_factory.mktemp("drive"), *WATCHED)


def drive(program: Path, conf: str, *words: object) -> list[str]:
    """What the driver told, a line for each call; it must end well."""
    file = program.with_name("zelo-sat.conf")
    file.write_text(conf, "utf-8")
    done = subprocess.run(
        [str(program), *map(str, words)],
        env={"ZELO_SAT_CONF": str(file), "TSAN_OPTIONS": "halt_on_error=1"},
        capture_output=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-5000:]
    return done.stdout.decode(errors="replace").splitlines()


def test_whatever_a_gateway_sends_the_till_gets_an_answer(driver: Path) -> None:
    chance = random.Random(SEED)

    def talk(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(hostile(chance))

    with speaking(talk) as port:
        told = drive(driver, settings([port]), 1, CALLS)
    begins = Counter(line.split("|")[1] if "|" in line else "" for line in told if line.strip())
    assert begins["06099"] > CALLS / 3, f"seed {SEED}"
    assert len(told) >= CALLS


def test_threads_do_not_race(tmp_path: Path) -> None:
    program = build_driver(tmp_path, "-fsanitize=thread")
    with running(lambda request: saying(f"{request.session:06d}|06000|{request.id}")) as port:
        told = drive(program, settings([port]), 8, 40)
    assert len(told) == 320
    assert len({line.split("|")[2] for line in told}) == 320, "a new id for each call"
    assert len({line.split("|")[0] for line in told}) == 320


def test_whatever_stands_in_the_file_is_read_or_told(driver: Path, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    words = [
        b"gateway=127.0.0.1:7059\n",
        b"caixa=7\n",
        b"gateway",
        b"caixa",
        b"token",
        b"=",
        b"\n",
        b"127.0.0.1:7059",
        b"[::1]:1",
        b"[",
        b"]",
        b":",
        b"#",
        b"\0",
    ]
    files = []
    for number in range(300):
        parts = chance.choices(
            [*words, b" ", b"\xef\xbb\xbf", b"9" * 70, chance.randbytes(9)], k=chance.choice([1, 2, 24])
        )
        files.append(tmp_path / str(number))
        files[-1].write_bytes(b"".join(parts))
    told = drive(driver, "", "conf", *files)
    assert len(told) == len(files)
    assert all(re.match(r"[0-4] \d{3} \d+ ", line) for line in told)
    assert 9 < sum(not line.split(" ", 3)[3] for line in told) < 291, "some are right and some are wrong"
