"""One HTTP call as a till makes it: a socket, a request, status and JSON."""

import json
from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any


def knock(
    port: int, method: str, path: str, body: bytes | str | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, Any, Mapping[str, str]]:
    """Status, JSON, headers with lower-case names."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body.encode() if isinstance(body, str) else body, dict(headers or {}))
        response = connection.getresponse()
        found = response.read()
        return response.status, json.loads(found), {name.lower(): value for name, value in response.getheaders()}
    finally:
        connection.close()
