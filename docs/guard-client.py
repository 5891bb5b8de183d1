"""Ask the guard of zelo, send through your own function, report: the whole of what an emitter has to add.

`post(message)` sends and gives (cStat, xMotivo); it raises ConnectionRefusedError when nothing left, and anything else
when it left and no answer was understood. The standard library is enough.
"""

import http.client
import json
from collections.abc import Callable
from typing import Any


class Guard:
    """`home` is host and port of zelo; `base` /api/v1/companies/{company_id}/guard; `key` an API key of role user."""

    def __init__(self, home: str, base: str, key: str, connect: Callable[..., Any] = http.client.HTTPSConnection):
        self._home, self._base, self._connect = home, base, connect
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def send(self, ask: dict[str, Any], message: bytes, post: Callable[[bytes], tuple[str, str]]) -> dict[str, Any]:
        """Send once if the guard admits it. Without a "token" in what comes back, nothing was sent: obey "until"."""
        answer = self._call("/admissions", ask)
        if answer["answer"] != "admit":
            return answer
        outcome = {"silence": "unanswered"}
        try:
            cstat, motivo = post(message)
            outcome = {"cstat": cstat, "motivo": motivo}
        except ConnectionRefusedError:
            outcome = {"silence": "not_sent"}
        finally:
            answer |= self._call(f"/admissions/{answer['token']}/outcome", outcome)
        return answer

    def _call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        connection = self._connect(self._home, timeout=30)
        connection.request("POST", self._base + path, json.dumps(body), self._headers)
        answer = connection.getresponse()
        said: dict[str, Any] = json.loads(answer.read())
        if answer.status != http.client.OK:
            raise RuntimeError(said["faults"][0]["sentence"])
        return said
