"""Only for whoever shows the token."""

import hmac
from collections.abc import Awaitable, Callable

from starlette.requests import Request as Call
from starlette.responses import Response

from zelo.pos.edge.door import trust

Handler = Callable[[Call], Awaitable[Response]]


def guarded(token: str, handle: Handler) -> Handler:
    """Only for whoever shows the token."""

    async def check(call: Call) -> Response:
        shown = trust.bearer(call.headers.get("authorization", ""))
        if not hmac.compare_digest(shown.encode(), token.encode()):
            raise trust.bad_token()
        return await handle(call)

    return check
