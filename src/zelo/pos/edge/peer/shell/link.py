"""The line to the other gateway: asks it, tells it beforehand what is going to be called, and afterwards what was sold.

It never holds a sale up: what is told goes through a queue of its own, and one that does not answer is left alone for a
moment.
"""

import http.client
import json
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from typing import Any, Final

from zelo.pos.edge.peer.entrusted import entrusted_json
from zelo.pos.edge.peer.pair import Pulse, read_pulse
from zelo.pos.edge.peer.recall import Recall, Recalled, read_recalled, recall_json
from zelo.pos.edge.peer.word import (
    BadWordError,
    Claim,
    Intent,
    State,
    Word,
    chaves_json,
    claim_json,
    intent_json,
    read_chaves,
    read_word,
)
from zelo.pos.edge.request import Request

LOG: Final = logging.getLogger("zelo.edge")
SECONDS: Final = 2.0
ENTRUSTED_SECONDS: Final = 120.0
"""For the other to sell: as long as its own doors keep a till waiting."""
REST_SECONDS: Final = 2.0
"""After no answer, before the other gateway is tried again."""
ROUND_SECONDS: Final = 2.0
MOST_INTENTS: Final = 1_000
OK: Final = 200
FAILED: Final = 500
"""With this status or a higher one, a gateway may have begun what it was asked for."""
_MOST_BYTES: Final = 8_000_000
NOT_TAKEN: Final = Word(State.UNKNOWN)
PREFIX: Final = "/v1/par"
MUTE: Final = "não responde"
STRANGER: Final = "não fala como um gateway zelo desta versão"
_REFUSALS: Final = {401: "não aceita o token que está em [par]", 404: STRANGER}


class Link:
    """The other gateway at an address. Its token is that of its API."""

    def __init__(self, host: str, port: int, token: str) -> None:
        """Nothing is said yet."""
        self._address, self._token = (host, port), token
        self._intents: queue.Queue[Intent] = queue.Queue(MOST_INTENTS)
        self._resting_until = 0.0
        self._why = MUTE

    def ask(self, request_id: str) -> Word | None:
        """What the other knows of an asking, which it will not take any more if it never did; None for no answer."""
        return self._word(f"{PREFIX}/pedidos/{request_id}")

    def look(self, request_id: str) -> Word | None:
        """What stands there under an id, which changes nothing; None for no answer."""
        return self._word(f"{PREFIX}/respostas/{request_id}")

    def recall(self, recall: Recall) -> Recalled | None:
        """What the other knows of what a till asked before; None for no answer."""
        told = self._call("POST", f"{PREFIX}/consultas", recall_json(recall))
        try:
            return None if told is None else read_recalled(told)
        except BadWordError:
            return None

    def entrust(self, request: Request) -> Word | None:
        """Give the other an asking of which nothing could be done here: what came of it.

        Unknown, without a reply, where it did not take it; None where it may have. One that was silent a moment ago is
        tried all the same.
        """
        connection = http.client.HTTPConnection(*self._address, timeout=SECONDS)
        try:
            connection.connect()
        except OSError:
            return NOT_TAKEN
        connection.sock.settimeout(ENTRUSTED_SECONDS)
        try:
            status, content = self._exchange(connection, "POST", f"{PREFIX}/entregues", entrusted_json(request))
            return read_word(json.loads(content)) if status == OK else None if status >= FAILED else NOT_TAKEN
        except (OSError, http.client.HTTPException, ValueError):
            return None

    def pulse(self) -> Pulse | str:
        """How the other is, or why it does not say, in pt-BR."""
        told = self._call("GET", f"{PREFIX}/estado", None)
        try:
            return read_pulse(told) if told is not None else self._why
        except BadWordError:
            return STRANGER

    def wake(self) -> None:
        """The other was heard: it is no longer taken for silent."""
        self._resting_until = 0.0

    def announce(self, intent: Intent) -> None:
        """Say what is going to be called, as soon as may be; nobody waits for it."""
        try:
            self._intents.put_nowait(intent)
        except queue.Full:
            return

    def claim(self, claim: Claim) -> bool:
        """Say what was sold; whether the other has written it down."""
        return self._call("POST", f"{PREFIX}/vendidos", claim_json(claim)) is not None

    def read(self, chaves: Sequence[str]) -> None:
        """Say which coupons tills have read here. Said once: where it gets lost a person looks there in vain."""
        self._call("POST", f"{PREFIX}/lidos", chaves_json(chaves))

    def unknown(self, chaves: Sequence[str]) -> Sequence[str]:
        """Those of them that the other surely did not have issued; none where it does not answer."""
        told = self._call("POST", f"{PREFIX}/cupons", chaves_json(chaves))
        try:
            return () if told is None else read_chaves(told)
        except BadWordError:
            return ()

    def serve(self, act: Callable[[], None], stop: threading.Event) -> None:
        """Say what is going to be called, until stopped; every few seconds `act`, which may say more."""
        next_round = 0.0
        while not stop.is_set():
            with suppress(queue.Empty):
                self._call("POST", f"{PREFIX}/intencoes", intent_json(self._intents.get(timeout=ROUND_SECONDS)))
            if time.monotonic() >= next_round:
                next_round = time.monotonic() + ROUND_SECONDS
                act()

    def _word(self, path: str) -> Word | None:
        told = self._call("GET", path, None)
        try:
            return None if told is None else read_word(told)
        except BadWordError:
            return None

    def _call(self, method: str, path: str, body: Any) -> Any:
        """What the other answers, None when it does not, or refuses."""
        if time.monotonic() < self._resting_until:
            return None
        connection = http.client.HTTPConnection(*self._address, timeout=SECONDS)
        try:
            status, content = self._exchange(connection, method, path, body)
            if status != OK:
                LOG.warning("the other gateway refuses %s: %s", path, status)
                self._why = _REFUSALS.get(status, f"responde {status}")
                return None
            return json.loads(content)
        except (OSError, http.client.HTTPException, ValueError):
            self._resting_until, self._why = time.monotonic() + REST_SECONDS, MUTE
            return None

    def _exchange(self, connection: http.client.HTTPConnection, method: str, path: str, body: Any) -> tuple[int, bytes]:
        """Status and content over a connection that serves this once. Raises OSError and HTTPException."""
        with closing(connection):
            sent = None if body is None else json.dumps(body)
            headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
            connection.request(method, path, sent, headers)
            response = connection.getresponse()
            return response.status, response.read(_MOST_BYTES)
