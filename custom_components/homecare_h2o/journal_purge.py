"""Removes old rows from the journal so that its chain still proves everything else (docs/decisions/0012).

Each step is one transaction: the row that says what is removed, with the digests at both ends of every gap, and the
removal itself. A chain of those digests takes the place of the rows, and is itself part of the chain.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile
import sqlite3
from typing import NamedTuple

from . import journal_rows as rows
from .core.events import AlarmRaised, AlarmRepeated, AlarmResolved, FalseAlarmReported, JournalPurged, PurgedRows
from .core.lasting import LASTING_KINDS
from .database import telling_damage, transaction
from .journal_chain import Head, Purged, Row, join_gaps, walk, write_instant

RAISES = (AlarmRaised, AlarmRepeated)
ENDINGS = (AlarmResolved, FalseAlarmReported)

STEP = 500
"""Rows looked at in one transaction: an alarm that is raised meanwhile waits for no more than these."""


class Done(NamedTuple):
    """How many rows a step removed, and the row after which the next begins; None when there is none."""

    removed: int = 0
    after: int | None = 0


def purge(connection: sqlite3.Connection, before: datetime, now: datetime, after: int) -> Done:
    """Remove what is old of the next rows; raises JournalDamagedError, and removes nothing, where the chain breaks."""
    # What is removed is not only forgotten: its bytes are overwritten.
    connection.execute("PRAGMA secure_delete = ON")
    with telling_damage(), transaction(connection):
        purged = rows.load_purged(connection)
        found = rows.load_rows(connection, after, STEP)
        # What was changed behind our back must not be removed with its traces.
        heads = walk(rows.load_head_at(connection, purged, after), found, purged)
        limit = write_instant(before)
        old = list(takewhile(lambda row: row.at < limit, found))
        kept = {alarm_id for alarm_id in {row.alarm_id for row in old} if not _may_go(connection, alarm_id, limit)}
        gone = [
            (head, row)
            for head, row in zip(heads, old, strict=False)
            if row.alarm_id not in kept and row.kind not in LASTING_KINDS and row.seq != purged.erased_seq
        ]
        if gone:
            all_gone = [*gone, *(each for each in _superseded(connection, purged) if each not in gone)]
            gaps = join_gaps(purged.gaps.values(), map(_gap, all_gone))
            before_at = max(before, purged.before_at or before)
            _remove(connection, JournalPurged(at=now, before_at=before_at, gaps=gaps), [row for _, row in all_gone])
    return Done(len(gone), old[-1].seq if old and len(old) == STEP else None)


def _superseded(connection: sqlite3.Connection, purged: Purged) -> list[tuple[Head, Row]]:
    """Return the row that says what was removed so far: the next says it again, and all of them would fill the disk."""
    if not purged.seq:
        return []
    head = rows.load_head_at(connection, purged, purged.seq - 1)
    found = rows.load_rows(connection, purged.seq - 1, 1)
    walk(head, found, purged)
    return [(head, found[0])]


def _gap(removed: tuple[Head, Row]) -> PurgedRows:
    """Return the gap that one row leaves."""
    head, row = removed
    return PurgedRows(first=row.seq, last=row.seq, before=head.digest, digest=row.digest)


def _may_go(connection: sqlite3.Connection, alarm_id: str | None, limit: str) -> bool:
    """Return whether all of an alarm may be removed: it is closed, and all of it, its deadlines too, is older."""
    if alarm_id is None:
        return True
    alarm = connection.execute("SELECT finished FROM alarms WHERE alarm_id = ?", (alarm_id,)).fetchone()
    if alarm is None:
        # An answer to no alarm of ours, or what a step before this one has left of a closed one.
        return True
    history = rows.load_history(connection, alarm_id)
    instants = [event.at for event in history]
    instants += [event.due_at for event in history if isinstance(event, RAISES)]
    has_ended = any(isinstance(event, ENDINGS) for event in history)
    return bool(alarm[0]) and has_ended and write_instant(max(instants)) < limit


def _remove(connection: sqlite3.Connection, event: JournalPurged, gone: Sequence[Row]) -> None:
    """Write that rows are removed, and remove them, within a transaction."""
    rows.add(connection, [event])
    head = rows.load_head(connection)
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('purged', ?)", (str(head.seq),))
    for alarm_id in {row.alarm_id for row in gone if row.kind == AlarmRaised.kind}:
        # By its keys: there is no index by alarm, and these are looked up at every raise.
        history = rows.load_history(connection, str(alarm_id))
        keys = [rows.raise_key(e.brukare_id, e.rule, e.due_at) for e in history if isinstance(e, RAISES)]
        connection.executemany(
            "DELETE FROM raises WHERE brukare_id = ? AND rule = ? AND due_at = ? AND alarm_id = ?",
            [(*key, alarm_id) for key in keys],
        )
        connection.execute("DELETE FROM alarms WHERE alarm_id = ?", (alarm_id,))
    connection.execute("INSERT INTO meta VALUES ('purging', '')")
    connection.executemany("DELETE FROM events WHERE seq = ?", [(row.seq,) for row in gone])
    connection.execute("DELETE FROM meta WHERE key = 'purging'")
