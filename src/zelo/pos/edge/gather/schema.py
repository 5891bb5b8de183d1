"""The table of open alarms, in the gateway's one file: a restart neither repeats nor forgets one."""

from typing import Final

TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS alarm (
        rule TEXT NOT NULL,
        device TEXT NOT NULL,
        level TEXT NOT NULL,
        sentence TEXT NOT NULL,
        remedy TEXT NOT NULL,
        since INTEGER NOT NULL,
        found_at INTEGER NOT NULL,
        PRIMARY KEY (rule, device)
    ) WITHOUT ROWID""",
)
