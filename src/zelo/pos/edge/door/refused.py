"""How a door says no: a status of HTTP and a fault in pt-BR, told in the same JSON by every door."""

from typing import Final

from zelo.fiscal.fault import Fault

BAD_REQUEST: Final = 400
NOT_FOUND: Final = 404
CONFLICT: Final = 409


class RefusedError(ValueError):
    """What came in is no asking; the fault says why. Nothing was handed to the gateway."""

    def __init__(self, fault: Fault, status: int = BAD_REQUEST) -> None:
        super().__init__(fault.sentence)
        self.fault, self.status = fault, status


def refused(rule: str, sentence: str, remedy: str, where: str = "", status: int = BAD_REQUEST) -> RefusedError:
    """A refusal in one line; `where` is a field, a header or a path."""
    return RefusedError(Fault(rule, sentence, remedy, where), status)


def told(fault: Fault) -> dict[str, str]:
    """A fault as every door tells it."""
    return {"regra": fault.rule, "erro": fault.sentence, "remedio": fault.remedy, "onde": fault.where}
