"""The simulated centre: once each, clones told, books that close or say what is missing, bad batches refused."""

import json
from collections.abc import Iterable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

import pytest
import zstandard

from zelo.sim.centre.account import gaps, union
from zelo.sim.centre.faults import TROUBLES, check_rates, draw
from zelo.sim.centre.message import MOST_BATCH_BYTES, BadBatchError, read
from zelo.sim.centre.shell.server import Setup, serving, started
from zelo.sim.centre.shell.store import Store

Row = list[Any]


def _packed(
    *documents: tuple[int, bytes], losses: Iterable[Row] = (), emitted: int = 0, everything: bool = False, **more: Any
) -> bytes:
    """A batch of device "1", fiscal: written here by hand, from the decision and not from the gateway's code."""
    head = {
        "zelo": 1,
        "epoch": "e",
        "everything": everything,
        "emitted": [["1", 0, emitted]],
        "losses": list(losses),
        "items": [["1", 0, seq, f"k{seq}", 0, crc32(body), len(body)] for seq, body in documents],
    }
    raw = json.dumps(head | more).encode() + b"\n" + b"".join(body for _, body in documents)
    return zstandard.ZstdCompressor().compress(raw)


def test_an_item_that_comes_again_is_taken_once_and_a_clone_is_told(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.take(read(_packed((1, b"a"), (2, b"b"), emitted=2))) == 2
    assert store.take(read(_packed((1, b"a"), (2, b"other"), emitted=2))) == 0
    assert store.take(read(_packed((2, b"other"), emitted=2))) == 0
    (account,) = store.accounts()
    assert (account.received, account.clones) == (2, 1)
    assert [body for *_, body in store.documents()] == [b"a", b"b"]
    store.close()


def test_the_books_close_or_say_what_is_missing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.take(read(_packed((1, b"a"), (5, b"b"), emitted=7, losses=[["1", 0, 2, 2]])))
    (open_account,) = store.accounts()
    assert (open_account.pending, open_account.missing) == (4, ())
    store.take(read(_packed((7, b"c"), emitted=7, losses=[["1", 0, 2, 3], ["1", 0, 7, 7]], everything=True)))
    (closed,) = store.accounts()
    assert (closed.emitted, closed.received, closed.lost, closed.pending) == (7, 3, 2, 0)
    assert closed.missing == ((4, 4), (6, 6))
    store.close()


def test_spans() -> None:
    assert union([(5, 6), (1, 1), (2, 3), (6, 9)]) == ((1, 3), (5, 9))
    assert gaps(((2, 3), (5, 9)), 12) == ((1, 1), (4, 4), (10, 12))
    assert gaps(((2, 3), (5, 9)), 4) == ((1, 1), (4, 4))


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"plain",
        zstandard.ZstdCompressor().compress(b"no json\n"),
        zstandard.ZstdCompressor().compress(b"[" * 100_000 + b"\n"),
        zstandard.ZstdCompressor().compress(bytes(MOST_BATCH_BYTES + 1)),
        _packed(zelo=2),
        _packed(epoch=""),
        _packed(extra=1),
        _packed(emitted_=1),
        _packed(items={}),
        _packed((1, b"a"), items=[["1", 0, 1, "k", 0, 0, 1]]),
        _packed((1, b"a"), items=[["1", 0, 1, "k", 0, crc32(b"ab"), 2]]),
        _packed((1, b"a"), items=[]),
        _packed(items=[["1", 9, 1, "k", 0, 0, 0]]),
        _packed(items=[["1", 0, -1, "k", 0, 0, 0]]),
        _packed(items=[["1", 0, True, "k", 0, 0, 0]]),
        _packed(losses=[["1", 0, 1]]),
        _packed(losses=[["1", 0, 1, 1]] * 10_001),
    ],
)
def test_what_is_no_batch_is_refused(packed: bytes) -> None:
    with pytest.raises(BadBatchError):
        read(packed)


def _ask(url: str, method: str, path: str, body: bytes = b"", bearer: str = "till") -> tuple[int, Any]:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.request(method, path, body, {"Authorization": f"Bearer {bearer}"})
    answer = connection.getresponse()
    told = answer.read()
    connection.close()
    return answer.status, json.loads(told)


def test_over_the_wire_as_a_process_and_again_after_it_was_killed(tmp_path: Path) -> None:
    batch = _packed((1, b"a"), (2, b"b"), emitted=2, everything=True)
    with started(tmp_path) as url:
        status, ack = _ask(url, "POST", "/v1/lote", batch)
        assert (status, ack["confirmed"]) == (200, [["1", 0, 1, 2]])
    with started(tmp_path) as url:
        assert _ask(url, "POST", "/v1/lote", batch) == (200, ack)
        _, told = _ask(url, "GET", "/v1/conta")
    (account,) = told["accounts"]
    assert (account["emitted"], account["received"], account["pending"], account["missing"]) == (2, 2, 0, [])


def test_refusals_are_said(tmp_path: Path) -> None:
    with serving(tmp_path) as (url, _):
        assert _ask(url, "POST", "/v1/lote", b"junk")[0] == 400
        assert _ask(url, "POST", "/v1/lote", _packed(), bearer="x")[0] == 401
        assert _ask(url, "GET", "/")[0] == _ask(url, "POST", "/")[0] == 404
        assert _ask(url, "POST", "/v1/lote", bytes(9_000_000))[0] == 413
        assert _ask(url, "GET", "/v1/conta") == (200, {"accounts": []})


def test_troubles_are_drawn_by_the_seed() -> None:
    rates = dict.fromkeys(TROUBLES, 100)
    drawn = [draw(rates, 1, "digest", number, [f"k{number}"]).name for number in range(500)]
    assert drawn == [draw(rates, 1, "digest", number, [f"k{number}"]).name for number in range(500)]
    assert set(drawn) == {"", *TROUBLES}
    held = [draw({"unwanted": 500}, 1, digest, 1, ["a chave"]).name for digest in "abcdef"]
    assert len(set(held)) == 1, "a document that is refused is refused in every batch"
    for wrong in ({"gone": 1}, {"refuse": -1}, {"refuse": 600, "slow": 600}):
        with pytest.raises(ValueError, match=r"taxas|desconhecida"):
            check_rates(wrong)


def test_a_slow_answer_is_whole(tmp_path: Path) -> None:
    with serving(tmp_path, Setup(rates={"slow": 1000}, slow_seconds=0.05, pace_millis=7)) as (url, _):
        status, ack = _ask(url, "POST", "/v1/lote", _packed((1, b"a"), emitted=1))
    assert (status, ack["pace_millis"]) == (200, 7)
