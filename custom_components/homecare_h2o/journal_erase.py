"""Rewrites a person's rows in the journal so that its chain still proves them and everything else (docs/decisions/0017).

The rows are looked at before, a little at a time, so that no append waits for that; what follows is one transaction:
every rewritten row, what is looked up of it, and the row that tells with which digest each of them is sound from now on.
"""

from datetime import datetime
import sqlite3
from typing import NamedTuple

from . import journal_rows as rows
from .core import codec
from .core.erasing import Eraser
from .core.erasing_events import ErasedRow, JournalErased
from .core.errors import AlarmsOpenError
from .core.events import Actor, AlarmRaised, AlarmRepeated, Event
from .database import telling_damage, transaction
from .journal_chain import Head, Purged, Row, link, read_event, walk, write_text

RAISES = (AlarmRaised, AlarmRepeated)

CHUNK = 500
"""Rows that are looked at together."""


class Change(NamedTuple):
    """A row as it will be, the digest that it has then, and its event as it was and will be."""

    row: Row
    digest: str
    before: Event
    after: Event


class Erasure:
    """What is to be rewritten of the rows that were looked at; each is looked at once, in order."""

    def __init__(self, eraser: Eraser) -> None:
        """Begin with the first row."""
        self._eraser = eraser
        self._head = Head()
        self.changes: list[Change] = []

    def look(self, connection: sqlite3.Connection, purged: Purged) -> bool:
        """Look at the next rows; return whether there may be more. Raises JournalDamagedError where the chain breaks."""
        found = rows.load_rows(connection, self._head.seq, CHUNK)
        # What was changed behind our back must not be rewritten with its traces.
        heads = walk(self._head, found, purged)
        for before, row in zip(heads, found, strict=False):
            self._look_at(before, row)
        self._head = heads[-1]
        return len(found) == CHUNK

    def _look_at(self, head: Head, row: Row) -> None:
        """Keep what is to be changed of a row."""
        event = read_event(row)
        erased = self._eraser.erase(event)
        if erased != event:
            changed = row._replace(version=codec.VERSION, data=_pad(write_text(codec.encode(erased)), row.data))
            self.changes.append(Change(changed, link(head, changed).digest, event, erased))


def _pad(text: str, old: str) -> str:
    """Return a text as long as the old one: SQLite writes that in its place, and moves no other row about."""
    return text + " " * max(0, len(old.encode()) - len(text.encode()))


def commit(connection: sqlite3.Connection, erasure: Erasure, by: Actor, now: datetime) -> int:
    """Rewrite all of it or nothing; return how many rows that were. Raises AlarmsOpenError and JournalDamagedError."""
    # What is rewritten is not only forgotten: its bytes are overwritten.
    connection.execute("PRAGMA secure_delete = ON")
    with telling_damage(), transaction(connection):
        if rows.load_unfinished(connection):
            raise AlarmsOpenError
        purged = rows.load_purged(connection)
        while erasure.look(connection, purged):
            pass
        if erasure.changes:
            _rewrite(connection, erasure.changes)
            _tell(connection, erasure.changes, purged, by, now)
    return len(erasure.changes)


def _rewrite(connection: sqlite3.Connection, changes: list[Change]) -> None:
    """Rewrite rows and what is looked up of them, within a transaction."""
    connection.execute("INSERT INTO meta VALUES ('erasing', '')")
    connection.executemany(
        "UPDATE events SET version = ?, data = ? WHERE seq = ?",
        [(change.row.version, change.row.data, change.row.seq) for change in changes],
    )
    connection.execute("DELETE FROM meta WHERE key = 'erasing'")
    names = {
        write_text(event.alarm_id): write_text(event.brukare_id)
        for event in (change.after for change in changes)
        if isinstance(event, AlarmRaised)
    }
    alarms = connection.execute("SELECT * FROM alarms ORDER BY alarm_id").fetchall()
    keys = {
        rows.raise_key(old.brukare_id, old.rule, old.due_at): rows.raise_key(new.brukare_id, new.rule, new.due_at)
        for _, _, old, new in changes
        if isinstance(old, RAISES) and isinstance(new, RAISES)
    }
    raises = connection.execute("SELECT * FROM raises ORDER BY brukare_id, rule, due_at").fetchall()
    # Written anew as a whole: what a page once held may still stand in it when its rows have moved on.
    connection.execute("DELETE FROM alarms")
    connection.execute("DELETE FROM raises")
    connection.executemany(
        "INSERT INTO alarms VALUES (?, ?, ?, ?, ?)",
        [(alarm_id, names.get(alarm_id, brukare_id), *more) for alarm_id, brukare_id, *more in alarms],
    )
    connection.executemany(
        "INSERT OR IGNORE INTO raises VALUES (?, ?, ?, ?)",
        [
            (*keys.get((brukare_id, rule, due_at), (brukare_id, rule, due_at)), alarm)
            for brukare_id, rule, due_at, alarm in raises
        ],
    )


def _tell(connection: sqlite3.Connection, changes: list[Change], purged: Purged, by: Actor, now: datetime) -> None:
    """Write which rows are rewritten, within a transaction."""
    digests = dict(purged.erased) | {change.row.seq: change.digest for change in changes}
    erased = tuple(ErasedRow(seq=seq, digest=digests[seq]) for seq in sorted(digests) if purged.find(seq) is None)
    rows.add(connection, [JournalErased(at=now, rows=erased, by=by)])
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('erased', ?)", (str(rows.load_head(connection).seq),))
