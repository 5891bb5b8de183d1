"""The OpenAPI contract against the API itself: whatever fits its shapes is answered as it promises."""

from typing import Final

from tests.messages import chave
from tests.openapi import Case, try_operations
from tests.web.town import Town

OPERATIONS: Final = 21
EXAMPLES: Final = 8


def test_the_api_keeps_its_contract(town: Town, notes: dict[str, str]) -> None:
    """Half of the requests name rows that exist, the others whatever the shapes allow."""
    ids = {
        "company_id": town.company_id,
        "establishment_id": town.house.establishments["RS"],
        "document_id": notes["REJECTED"],
        "subject": chave(),
    }
    headers = {"Authorization": f"Bearer {town.keys['key administrator']}"}

    def name_rows(case: Case) -> None:
        case.path_parameters |= {name: value for name, value in ids.items() if name in case.path_parameters}

    assert try_operations(town.app, "/api/openapi.json", headers, EXAMPLES, name_rows) == OPERATIONS
