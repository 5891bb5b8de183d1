"""The statements of the alarms. Each works in the transaction that the caller has open."""

from collections.abc import Sequence
from datetime import datetime

import apsw

from zelo.fiscal.instant import from_micros, to_micros
from zelo.pos.edge.gather.alarm import Alarm, Alarms, Change
from zelo.pos.edge.gather.rules import Finding, Level
from zelo.pos.edge.gather.schema import TABLES
from zelo.pos.edge.gather.telling import body, change
from zelo.pos.edge.outbox.core import Rank
from zelo.pos.edge.outbox.shell import queue


def create(connection: apsw.Connection) -> None:
    """The table, where it is not there yet."""
    for statement in TABLES:
        connection.execute(statement)


def opened(connection: apsw.Connection, now: datetime) -> Alarms:
    """The alarms that were open when the gateway stopped: found now, for nobody has looked meanwhile."""
    rows = connection.execute("SELECT rule, device, level, sentence, remedy, since FROM alarm")
    return {
        (rule, device): Alarm(Finding(rule, device, Level(level), sentence, remedy), from_micros(since), now, now)
        for rule, device, level, sentence, remedy, since in rows
    }


def keep(connection: apsw.Connection, alarms: Alarms, changes: Sequence[Change], gateway: str, now: datetime) -> None:
    """What is open from now on, and each turn into the queue, in one transaction."""
    connection.execute("DELETE FROM alarm")
    connection.executemany(
        "INSERT INTO alarm VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *fingerprint,
                alarm.finding.level,
                alarm.finding.sentence,
                alarm.finding.remedy,
                to_micros(alarm.since),
                to_micros(alarm.found_at),
            )
            for fingerprint, alarm in alarms.items()
        ],
    )
    for changed in changes:
        queue.put(connection, Rank.CONTROL, gateway, "alarme", body(change(changed, gateway)), now)
