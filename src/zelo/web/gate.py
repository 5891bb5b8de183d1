"""The one place of access. A session's cookie or an API key becomes a Person; a route names the Action that it is.

Whoever may not even see a company is told that it does not exist (404); who sees it but may not do that, so (403).
Every form of a session must bring its token back; a form of nobody's must come from our own page.
"""

import re
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import Connection, Row
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from zelo.access.may import Action, Person, Role, may
from zelo.access.shell import audit, companies, sessions
from zelo.access.shell.people import person_of_key
from zelo.facts import place
from zelo.fiscal.uf import Uf
from zelo.flow.tools import Tools

COOKIE: Final = "zelo_session"
CSRF_FIELD: Final = "csrf"
SURE_FIELD: Final = "certeza"
MOST_FIELDS: Final = 600
MOST_FILES: Final = 2
FIELD_BYTES: Final = 2_100_000
"""The longest field is a draft in JSON (models/nfcom/codec: 2,000,000 bytes)."""
TOKEN_CHARS: Final = 200

_ID: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
_BEARER: Final = HTTPBearer(auto_error=False, scheme_name="chave", description="Chave de API: `zelo_…`")
_COMPANY: Final = "company_id"
_SAME: Final = frozenset({"same-origin", "none"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request of somebody who may make it. `company` is the one of the path; `posted` the form that came along."""

    request: Request
    tools: Tools
    now: datetime
    person: Person
    company: Row[Any] | None = None
    csrf: str = ""
    posted: FormData | None = None

    @property
    def company_id(self) -> str:
        """The company of the path. Raises LookupError where the path has none: a defect of ours."""
        if self.company is None:
            raise LookupError(self.request.url.path)
        return str(self.company.id)

    @property
    def role(self) -> Role | None:
        """The person's role in the company of the path."""
        return self.person.roles.get(self.company_id) if self.company else None

    @property
    def fields(self) -> Mapping[str, str]:
        """The text fields of the form."""
        pairs = self.posted.multi_items() if self.posted else []
        return {name: value for name, value in pairs if isinstance(value, str)}

    @property
    def sure(self) -> bool:
        """Whether the person confirmed an act that cannot be undone."""
        return self.fields.get(SURE_FIELD) == "sim"

    def file(self, name: str) -> tuple[str, bytes]:
        """Name and bytes of an uploaded file; empty where none came."""
        sent = self.posted.get(name) if self.posted else None
        return (sent.filename or "", sent.file.read()) if isinstance(sent, UploadFile) else ("", b"")

    def can(self, action: Action) -> bool:
        """Whether the person may do that to the company of the path; pages show only what one may do."""
        return may(self.person, action, self.company_id if self.company else None)

    def zone(self, connection: Connection) -> ZoneInfo:
        """The time zone of the company: its first establishment's, Brasília's where there is none yet."""
        rows = companies.establishments(connection, self.company_id) if self.company else ()
        return place.zone(Uf(rows[0].uf) if rows else Uf.DF)

    def record(self, connection: Connection, action: str, subject: str, **detail: Any) -> None:
        """Tell the audit what this person did. `detail` must hold no secret and no CPF."""
        audit.record(
            connection,
            now=self.now,
            chance=self.tools.chance,
            actor=self.person.actor,
            company_id=self.company_id if self.company else None,
            action=action,
            subject=subject,
            detail=detail or None,
        )


def guarded(action: Action) -> Any:
    """Dependency of a page: the Visit of a session that may do `action` to the company of the path."""

    def check(request: Request) -> Visit:
        tools: Tools = request.app.state.tools
        now = tools.clock()
        token = request.cookies.get(COOKIE, "")[:TOKEN_CHARS]
        with tools.engine.read() as connection:
            found = sessions.find(connection, token, now) if token else None
            company = _company(connection, found.person if found else None, action, request)
        if found is None:
            raise HTTPException(401)
        if found.expires_at - now < timedelta(hours=tools.settings.session_hours) / 2:
            with tools.engine.begin() as connection:
                sessions.extend(connection, token, now, tools.settings.session_hours)
        return Visit(request=request, tools=tools, now=now, person=found.person, company=company, csrf=found.csrf)

    return Depends(check)


def guarded_form(action: Action) -> Any:
    """Dependency of a form: as `guarded`, and the session's token must have come back with it."""

    def check(visit: Annotated[Visit, guarded(action)], posted: Annotated[FormData, Depends(_form)]) -> Visit:
        sent = posted.get(CSRF_FIELD)
        if not isinstance(sent, str) or not secrets.compare_digest(sent.encode(), visit.csrf.encode()):
            raise HTTPException(
                403, "O formulário é antigo ou veio de outra página. Volte, recarregue e envie de novo."
            )
        return replace(visit, posted=posted)

    return Depends(check)


def keyed(action: Action) -> Any:
    """Dependency of an API operation: the Visit of an API key that may do `action` to the company of the path."""

    def check(request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]) -> Visit:
        tools: Tools = request.app.state.tools
        with tools.engine.read() as connection:
            person = person_of_key(connection, credentials.credentials[:TOKEN_CHARS]) if credentials else None
            company = _company(connection, person, action, request)
        if person is None:
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
        return Visit(request=request, tools=tools, now=tools.clock(), person=person, company=company)

    return Depends(check)


def well_formed(row_id: str) -> bool:
    """Whether a text can be an id of ours at all; anything else is not worth a query."""
    return _ID.fullmatch(row_id) is not None


def from_our_page(request: Request) -> bool:
    """Whether a form without a session comes from a page of ours, as far as the browser tells."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in _SAME
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


async def _form(request: Request) -> AsyncIterator[FormData]:
    """The form, bounded; its files are closed when the answer has gone."""
    limits = {"max_files": MOST_FILES, "max_fields": MOST_FIELDS, "max_part_size": FIELD_BYTES}
    async with request.form(**limits) as form:
        yield form


async def _open_form(request: Request) -> AsyncIterator[FormData]:
    if not from_our_page(request):
        raise HTTPException(403, "O formulário veio de outro endereço. Abra a página e envie de novo.")
    async with request.form(max_files=0, max_fields=MOST_FIELDS, max_part_size=FIELD_BYTES) as form:
        yield form


OpenForm = Annotated[FormData, Depends(_open_form)]
"""The form of somebody who has no session yet: logging in, accepting an invite."""


def texts(form: FormData) -> dict[str, str]:
    """The text fields of a form."""
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


def give_cookie(response: Response, tools: Tools, token: str) -> None:
    """Let the browser keep the session, out of reach of scripts and other sites."""
    response.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=tools.settings.cookie_secure, path="/")


def take_cookie(response: Response, tools: Tools) -> None:
    """Let the browser forget it."""
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=tools.settings.cookie_secure, path="/")


def _company(connection: Connection, person: Person | None, action: Action, request: Request) -> Row[Any] | None:
    """The company of the path, after the one question of access. Raises HTTPException 403 and 404; not for nobody."""
    company_id = request.path_params.get(_COMPANY)
    if person is None:
        return None
    if company_id is not None and not may(person, Action.VIEW, company_id):
        raise HTTPException(404)
    if not may(person, action, company_id):
        raise HTTPException(403, f"Seu papel não permite {action.meaning}.")
    return companies.find_company(connection, company_id) if company_id is not None else None
