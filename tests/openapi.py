"""What an API must keep of its OpenAPI file, whatever is asked of it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS: Final[list[Any]] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
Case = schemathesis.Case[Any]


def try_operations(app: Any, path: str, headers: Mapping[str, str], examples: int, fill: Callable[[Case], None]) -> int:
    """Ask everything that the file at `path` promises, so often each; how many operations that were.

    Half of the cases are made real by `fill`, the others are whatever the shapes allow. Raises for a broken promise.
    """
    schema = schemathesis.openapi.from_asgi(path, app)
    operations = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    for operation in operations:

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), real=st.booleans())
        def check(case: Case, real: bool) -> None:  # noqa: FBT001 hypothesis gives it by name
            if real:
                fill(case)
            case.call_and_validate(headers=dict(headers), checks=CHECKS)

        check()
    return len(operations)
