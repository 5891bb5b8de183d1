"""The OpenAPI contract against the API itself: whatever fits its shapes is answered as it promises."""

from typing import Any, Final

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok

from tests.messages import chave
from tests.openapi import CHECKS
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
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", town.app)
    operations = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    assert len(operations) == OPERATIONS
    for operation in operations:

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), real=st.booleans())
        def check(case: schemathesis.Case[Any], real: bool) -> None:  # noqa: FBT001 hypothesis gives it by name
            if real:
                case.path_parameters |= {name: value for name, value in ids.items() if name in case.path_parameters}
            case.call_and_validate(headers=headers, checks=CHECKS)

        check()
