"""The postman: turns causes into notices and carries mails out, in a thread of its own, so that a slow mail server
keeps no document waiting. Any number of processes share the outbox: each mail is claimed, for one lease.

The try is written down before the connection opens, its outcome afterwards. Whoever dies between the two leaves an
unknown outcome: after the lease the mail goes again, with the same Message-ID.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Row

from zelo.engine import periodic, trouble
from zelo.flow import alarm
from zelo.flow.tools import Tools
from zelo.notify import letter
from zelo.notify.delivery import Answer
from zelo.notify.shell import outbox, smtp
from zelo.notify.shell.smtp import Server
from zelo.settings.table import Settings

log = structlog.get_logger("zelo.postman")

Send = Callable[..., Answer]
"""As notify.shell.smtp.send."""
GATHER: Final = timedelta(seconds=2)
LOOK: Final = timedelta(minutes=10)
"""How often certificates are looked at."""
LEASE_MARGIN: Final = timedelta(seconds=30)
REST_SECONDS: Final = 2.0


def server_of(settings: Settings) -> Server | None:
    """The mail server of the installation, None where it has none."""
    if not settings.smtp_host:
        return None
    return Server(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=settings.smtp_password,
        ca_file=settings.smtp_ca_file,
        seconds=settings.smtp_timeout_seconds,
    )


def turn(tools: Tools, send: Send = smtp.send) -> int:
    """Do what is due now, one mail at most; how many things were done."""
    now, server = tools.clock(), server_of(tools.settings)
    done = _gather(tools, now)
    row = _take(tools, now) if server is not None else None
    if server is not None and row is not None:
        _deliver(tools, server, row, send)
        done += 1
    return done


def run(tools: Tools, stopped: Callable[[float], bool], send: Send = smtp.send) -> None:
    """Turn until told to stop; `stopped` waits so many seconds and says whether it is time."""
    wait = 0.0
    while not stopped(wait):
        try:
            wait = 0.0 if turn(tools, send) else REST_SECONDS
        except trouble.TROUBLES as error:
            log.warning("database trouble", sentence=trouble.sentence(error))
            wait = REST_SECONDS
        except Exception:
            log.exception("postman failed")
            wait = REST_SECONDS


def _gather(tools: Tools, now: datetime) -> int:
    """Notices of what has happened, and of what is about to: once for all processes."""
    made = 0
    with tools.engine.begin() as connection:
        if periodic.due(connection, "certificates", LOOK, now):
            made += alarm.expiring(connection, now)
        if periodic.due(connection, "notices", GATHER, now):
            made += outbox.gather(connection, ambiente=tools.ambiente, now=now, new_id=tools.new_id)
            outbox.give_up_old(connection, now)
    return made


def _take(tools: Tools, now: datetime) -> Row[Any] | None:
    lease = timedelta(seconds=tools.settings.smtp_timeout_seconds) + LEASE_MARGIN
    with tools.engine.begin() as connection:
        return outbox.take(connection, now, lease)


def _deliver(tools: Tools, server: Server, row: Row[Any], send: Send) -> None:
    with tools.engine.read() as connection:
        told = outbox.written(connection, row.notice_id)
    sender = letter.sender_of(tools.settings.smtp_sender)
    message = letter.message(
        told, mail_id=row.id, sender=sender, address=row.address, name=row.name, at=row.created_at,
        url=tools.settings.public_url,
    )  # fmt: skip
    answer = send(server, sender=sender.addr_spec, address=row.address, message=message)
    now = tools.clock()
    with tools.engine.begin() as connection:
        outbox.settle(connection, row, answer, now, int.from_bytes(tools.chance(4), "big"))
    log.info("mail", id=row.id, tries=row.tries, outcome=answer.outcome.value)
