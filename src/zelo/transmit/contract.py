"""How a message reaches an authorizer: over HTTPS, or in process to a simulator; one set of tests holds both."""

from typing import Protocol

from zelo.fiscal.retorno import NoAnswer


class Transport(Protocol):
    """Sends one message once."""

    def post(self, *, url: str, headers: dict[str, str], body: bytes, certificate_id: str) -> bytes | NoAnswer:
        """The body of an answer with status 200, or why there is none. Never sends twice, never raises for the net.

        `certificate_id` names the transmitter's certificate that the transport was given at its making.
        """
        ...
