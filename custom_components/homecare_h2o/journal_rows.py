"""The journal's rows in SQLite: their tables, their chain and what is looked up in them."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
import sqlite3
from typing import cast

from .core.alarm import fold
from .core.erasing_events import JournalErased
from .core.errors import JournalDamagedError, JournalUnavailableError
from .core.events import AlarmEvent, AlarmRaised, AlarmRepeated, AlarmResolved, Event, FalseAlarmReported, JournalPurged
from .database import snapshot, transaction
from .journal_chain import (
    NOTHING_PURGED,
    UNREADABLE,
    Head,
    Purged,
    Row,
    broken_at,
    check_chain,
    is_old,
    read_erased,
    read_event,
    read_purged,
    write_instant,
    write_row,
    write_text,
)
from .ports import Extent, RaiseKey

FORMAT = 5
"""Raise it with every migration and with ``codec.VERSION``, so that an older version refuses the file."""

MIGRATIONS = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE events (
        seq INTEGER PRIMARY KEY, at TEXT NOT NULL, alarm_id TEXT, kind TEXT NOT NULL,
        version INTEGER NOT NULL, data TEXT NOT NULL, digest TEXT NOT NULL
    ) STRICT;
    CREATE INDEX events_of_alarm ON events (alarm_id) WHERE alarm_id IS NOT NULL;
    CREATE TRIGGER events_keep BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'append-only'); END;
    CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'append-only'); END;
    CREATE TRIGGER events_follow BEFORE INSERT ON events
        WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM events)
        BEGIN SELECT RAISE(ABORT, 'append-only'); END;
    CREATE TABLE alarms (
        alarm_id TEXT PRIMARY KEY, brukare_id TEXT NOT NULL, raised_at TEXT NOT NULL,
        raised_seq INTEGER NOT NULL, finished INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX alarms_by_age ON alarms (raised_seq);
    CREATE INDEX alarms_unfinished ON alarms (raised_seq) WHERE finished = 0;
    CREATE TABLE raises (
        brukare_id TEXT NOT NULL, rule TEXT NOT NULL, due_at TEXT NOT NULL, alarm_id TEXT NOT NULL,
        PRIMARY KEY (brukare_id, rule, due_at)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    DROP TRIGGER events_keep;
    CREATE TRIGGER events_keep BEFORE DELETE ON events
        WHEN NOT EXISTS (SELECT 1 FROM meta WHERE key = 'purging')
        BEGIN SELECT RAISE(ABORT, 'append-only'); END;
    """,
    "CREATE INDEX events_of_none ON events (kind) WHERE alarm_id IS NULL;",
    """
    DROP TRIGGER events_stay;
    CREATE TRIGGER events_stay BEFORE UPDATE ON events
        WHEN NOT EXISTS (SELECT 1 FROM meta WHERE key = 'erasing')
            OR (NEW.seq, NEW.at, NEW.alarm_id, NEW.kind, NEW.digest)
                IS NOT (OLD.seq, OLD.at, OLD.alarm_id, OLD.kind, OLD.digest)
        BEGIN SELECT RAISE(ABORT, 'append-only'); END;
    """,
    """
    INSERT INTO meta SELECT 'open', count(*) FROM alarms WHERE finished = 0;
    CREATE TRIGGER alarms_begin AFTER INSERT ON alarms WHEN NEW.finished = 0
        BEGIN UPDATE meta SET value = value + 1 WHERE key = 'open'; END;
    CREATE TRIGGER alarms_finish AFTER UPDATE OF finished ON alarms WHEN OLD.finished = 0 AND NEW.finished != 0
        BEGIN UPDATE meta SET value = value - 1 WHERE key = 'open'; END;
    """,
)
"""What makes each format of the one before. ``alarms`` and ``raises`` are only looked up: the events are the truth."""

TAIL = 1000
"""How many of the newest rows are checked at every start; ``verify`` checks them all."""

SELECT = f"SELECT {', '.join(Row._fields)} FROM events"  # noqa: S608
INSERT = f"INSERT INTO events VALUES ({', '.join('?' * len(Row._fields))})"  # noqa: S608


def begin(connection: sqlite3.Connection, events: Sequence[Event] = ()) -> None:
    """Make an empty file a journal, within a transaction."""
    migrate(connection, 0)
    connection.execute("INSERT INTO meta VALUES ('head', '')")
    add(connection, events)


def migrate(connection: sqlite3.Connection, found: int) -> None:
    """Bring an older format up to this one, within a transaction."""
    connection.executescript("".join(MIGRATIONS[found:]))
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('format', ?)", (str(FORMAT),))


def check_format(connection: sqlite3.Connection) -> int:
    """Return the format of a file; raises JournalUnavailableError for a newer one, JournalDamagedError for none."""
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    # Told twice, for a flipped bit in the header must not pass for a newer version: that one is never mended.
    if connection.execute("SELECT value FROM meta WHERE key = 'format'").fetchone() != (str(found),):
        raise JournalDamagedError("the header is not as written")
    if found > FORMAT:
        raise JournalUnavailableError(f"the journal was written by a newer version (format {found})")
    return found


def append(connection: sqlite3.Connection, events: Sequence[Event], finished: Collection[str] = ()) -> None:
    """Write events and what is looked up of them in one transaction."""
    with transaction(connection):
        add(connection, events)
        connection.executemany(
            "UPDATE alarms SET finished = 1 WHERE alarm_id = ?", [(write_text(alarm_id),) for alarm_id in finished]
        )


def append_raise(connection: sqlite3.Connection, events: Sequence[Event], key: RaiseKey) -> str | None:
    """Write a new alarm's events, unless its deadline has raised already: return that alarm, and write nothing."""
    known = None
    # That this cannot be read must not keep the alarm from being written.
    with suppress(sqlite3.Error):
        # Before the write lock is waited for: nobody else writes raises.
        known = find_raise(connection, *key)
    if known is None:
        append(connection, events)
    return known


def add(connection: sqlite3.Connection, events: Sequence[Event]) -> None:
    """Write events within a transaction."""
    # From the file, not from memory: a second writer must not make the chain fork.
    head = load_head(connection)
    for event in events:
        row = write_row(head, event)
        connection.execute(INSERT, row)
        _index(connection, row.seq, event)
        head = Head(row.seq, row.digest)
    connection.execute("UPDATE meta SET value = ? WHERE key = 'head'", (_write_head(head),))


def _index(connection: sqlite3.Connection, seq: int, event: Event) -> None:
    """Write what is looked up of an event; a clash is left alone, for it must not cost the event."""
    if isinstance(event, AlarmRaised):
        values = (write_text(event.alarm_id), write_text(event.brukare_id), write_instant(event.at), seq)
        connection.execute(
            "INSERT OR IGNORE INTO alarms (alarm_id, brukare_id, raised_at, raised_seq) VALUES (?, ?, ?, ?)", values
        )
    if isinstance(event, AlarmRaised | AlarmRepeated):
        key = raise_key(event.brukare_id, event.rule, event.due_at)
        connection.execute("INSERT OR IGNORE INTO raises VALUES (?, ?, ?, ?)", (*key, write_text(event.alarm_id)))


def raise_key(brukare_id: str, rule: str, due_at: datetime) -> tuple[str, str, str]:
    """Return what a raise is known by."""
    return write_text(brukare_id), write_text(rule), write_instant(due_at)


def _write_head(head: Head) -> str:
    """Return the end of the chain as ``meta`` has it; nothing for an empty chain."""
    return f"{head.seq} {head.digest}" if head.seq else ""


def reaches_end(connection: sqlite3.Connection, head: Head) -> bool:
    """Return whether ``meta`` knows of no row after ``head``."""
    return ("head", _write_head(head)) in connection.execute("SELECT key, value FROM meta WHERE key = 'head'")


def load_head(connection: sqlite3.Connection) -> Head:
    """Return the end of the chain."""
    row = connection.execute("SELECT seq, digest FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return Head(*row) if row else Head()


def find_raise(connection: sqlite3.Connection, brukare_id: str, rule: str, due_at: datetime) -> str | None:
    """Return the alarm that a deadline of a rule raised or repeated."""
    row = connection.execute(
        "SELECT alarm_id FROM raises WHERE brukare_id = ? AND rule = ? AND due_at = ?",
        raise_key(brukare_id, rule, due_at),
    ).fetchone()
    return row[0] if row else None


def load_purged(connection: sqlite3.Connection) -> Purged:
    """Return what was removed or rewritten, as the newest rows say that are about it; raises JournalDamagedError."""
    removed = _load_told(connection, "purged", "the removed rows cannot be told")
    rewritten = _load_told(connection, "erased", "the erased rows cannot be told")
    purged = read_purged(removed) if removed else NOTHING_PURGED
    return purged._replace(erased=read_erased(rewritten), erased_seq=rewritten.seq) if rewritten else purged


def _load_told(connection: sqlite3.Connection, key: str, reason: str) -> Row | None:
    """Return the row that ``meta`` says is the newest about something, None if there never was any."""
    known = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    if known is None:
        return None
    row = connection.execute(f"{SELECT} WHERE seq = ?", known).fetchone()
    if row is None:
        raise JournalDamagedError(reason)
    return Row(*row)


def load_extent(connection: sqlite3.Connection) -> Extent:
    """Return how far the journal reaches, without reading all of it."""
    with snapshot(connection):
        head = load_head(connection)
        removed = load_purged(connection).count_rows()
        first = load_rows(connection, 0, 1)
        return Extent(
            rows=head.seq - removed,
            removed=removed,
            first_at=datetime.fromisoformat(first[0].at) if first else None,
            last_at=load_last_at(connection),
            digest=head.digest,
        )


def load_last_at(connection: sqlite3.Connection) -> datetime | None:
    """Return the instant of the newest row."""
    row = connection.execute("SELECT at FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return datetime.fromisoformat(row[0]) if row else None


def load_rows(connection: sqlite3.Connection, after: int, limit: int) -> list[Row]:
    """Return rows in order."""
    found = connection.execute(f"{SELECT} WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit))
    return [Row(*row) for row in found]


def load_period(
    connection: sqlite3.Connection, after: int, limit: int, since: datetime | None, until: datetime | None
) -> list[Row]:
    """Return rows in order, from an instant on and before another."""
    # Not an instant that a year beyond 9999 could be: a text that sorts after all of them.
    span = (write_instant(since) if since else "", write_instant(until) if until else "~")
    found = connection.execute(
        f"{SELECT} WHERE seq > ? AND at >= ? AND at < ? ORDER BY seq LIMIT ?", (after, *span, limit)
    )
    return [Row(*row) for row in found]


def load_kinds(connection: sqlite3.Connection, kinds: Collection[str]) -> list[Row]:
    """Return the rows of some kinds that concern no alarm, in order."""
    found = connection.execute(
        f"{SELECT} WHERE alarm_id IS NULL AND kind IN ({', '.join('?' * len(kinds))}) ORDER BY seq", tuple(kinds)
    )
    return [Row(*row) for row in found]


def _load_history_rows(connection: sqlite3.Connection, alarm_id: str) -> Iterator[Row]:
    """Return the rows of an alarm."""
    return (
        Row(*row) for row in connection.execute(f"{SELECT} WHERE alarm_id = ? ORDER BY seq", (write_text(alarm_id),))
    )


def load_history(connection: sqlite3.Connection, alarm_id: str) -> list[AlarmEvent]:
    """Return all that happened to an alarm."""
    return [cast(AlarmEvent, read_event(row)) for row in _load_history_rows(connection, alarm_id)]


def load_unfinished(connection: sqlite3.Connection) -> list[list[AlarmEvent]]:
    """Return the histories of the unfinished alarms, oldest first."""
    return [load_history(connection, alarm_id) for alarm_id in _load_unfinished_ids(connection)]


def load_newest(
    connection: sqlite3.Connection, brukare_id: str | None, since: datetime | None, limit: int
) -> list[list[AlarmEvent]]:
    """Return the histories of the newest alarms, newest first."""
    with snapshot(connection):
        found = connection.execute(
            "SELECT alarm_id FROM alarms WHERE brukare_id = coalesce(?, brukare_id) AND raised_at >= ?"
            " ORDER BY raised_seq DESC LIMIT ?",
            (write_text(brukare_id) if brukare_id else None, write_instant(since) if since else "", limit),
        )
        return [load_history(connection, alarm_id) for (alarm_id,) in found.fetchall()]


def _load_unfinished_ids(connection: sqlite3.Connection) -> list[str]:
    """Return the alarms that have not been said to be finished, oldest first."""
    found = connection.execute(
        "SELECT alarm_id FROM alarms INDEXED BY alarms_unfinished WHERE finished = 0 ORDER BY raised_seq"
    )
    return [alarm_id for (alarm_id,) in found]


def _scan_unfinished(connection: sqlite3.Connection) -> str:
    """Return how many alarms are unfinished, by looking at each."""
    # The plus keeps SQLite from reading the index.
    return str(connection.execute("SELECT count(*) FROM alarms WHERE +finished = 0").fetchone()[0])


def check_start(connection: sqlite3.Connection) -> None:
    """Check what a start depends on, in a time that does not grow with the journal.

    These are the newest rows and every row of an unfinished alarm. Raises JournalDamagedError.
    """
    meta = dict(connection.execute("SELECT key, value FROM meta"))
    if suspect := meta.get("suspect"):
        raise JournalDamagedError(suspect)
    head = load_head(connection)
    if meta.get("head") != _write_head(head):
        raise JournalDamagedError(f"rows are missing after row {head.seq}")
    purged = load_purged(connection)
    for seq in filter(None, (purged.seq, purged.erased_seq)):
        _check_row(connection, purged, seq)
    first = max(0, head.seq - TAIL)
    check_chain(load_head_at(connection, purged, first), load_rows(connection, first, TAIL), purged)
    alarm_ids = _load_unfinished_ids(connection)
    # Told twice, for the index must not lose an alarm; an older file is looked through, which takes longer with each.
    if (meta.get("open") or _scan_unfinished(connection)) != str(len(alarm_ids)):
        raise JournalDamagedError("the open alarms cannot be told")
    for alarm_id in alarm_ids:
        _check_alarm(connection, purged, alarm_id)


def load_head_at(connection: sqlite3.Connection, purged: Purged, seq: int) -> Head:
    """Return what the chain's end was after a row, also of one that was removed or lies in a gap."""
    if gap := purged.find(seq):
        return Head(gap.last, gap.digest)
    row = connection.execute("SELECT seq, digest FROM events WHERE seq = ?", (seq,)).fetchone()
    return Head(*row) if row else Head()


def _check_row(connection: sqlite3.Connection, purged: Purged, seq: int) -> None:
    """Check that a row follows from the one before."""
    check_chain(load_head_at(connection, purged, seq - 1), load_rows(connection, seq - 1, 1), purged._replace(gaps={}))


def _check_alarm(connection: sqlite3.Connection, purged: Purged, alarm_id: str) -> None:
    """Check that an open alarm can be taken up again."""
    for row in _load_history_rows(connection, alarm_id):
        _check_row(connection, purged, row.seq)
    try:
        fold(load_history(connection, alarm_id))
    except UNREADABLE as err:
        raise JournalDamagedError("an open alarm cannot be read") from err


def check_rows(connection: sqlite3.Connection, purged: Purged, head: Head, limit: int) -> Head:
    """Check some rows after ``head`` and what is looked up of them; raises JournalDamagedError."""
    rows = load_rows(connection, head.seq, limit)
    end = check_chain(head, rows, purged)
    for row in rows:
        _check_index(connection, purged, row)
    if end == head:
        raise JournalDamagedError(f"rows are missing after row {head.seq}", row=str(head.seq))
    return end


def _check_index(connection: sqlite3.Connection, purged: Purged, row: Row) -> None:
    """Check that what a row raised is found, unless it is older than what was removed."""
    if row.seq > {JournalPurged.kind: purged.seq, JournalErased.kind: purged.erased_seq}.get(row.kind, row.seq):
        raise broken_at(row.seq)
    if row.kind not in (AlarmRaised.kind, AlarmRepeated.kind):
        return
    event = cast(AlarmRaised | AlarmRepeated, read_event(row))
    alarm = connection.execute("SELECT 1 FROM alarms WHERE alarm_id = ?", (row.alarm_id,)).fetchone()
    found = find_raise(connection, event.brukare_id, event.rule, event.due_at)
    # A repetition may be the rest of an alarm whose beginning a step of a purge has removed.
    is_lost = alarm is None and (row.kind == AlarmRaised.kind or not is_old(purged, event.at))
    if is_lost or (found is None and not is_old(purged, event.due_at)):
        raise JournalDamagedError(f"row {row.seq} is not found by its alarm", row=str(row.seq))


IMPOSSIBLE = {
    "an alarm without a beginning": """
        SELECT 1 FROM alarms LEFT JOIN events ON seq = raised_seq
        WHERE events.alarm_id IS NOT alarms.alarm_id OR kind IS NOT ?""",
    "an open alarm taken for a finished one": """
        SELECT 1 FROM alarms WHERE finished != 0 AND NOT EXISTS (
            SELECT 1 FROM events WHERE events.alarm_id = alarms.alarm_id AND kind IN (?, ?))""",
    "a raise without an alarm": "SELECT 1 FROM raises WHERE alarm_id NOT IN (SELECT alarm_id FROM alarms)",
}
IMPOSSIBLE_KINDS = ((AlarmRaised.kind,), (AlarmResolved.kind, FalseAlarmReported.kind), ())


def check_whole(connection: sqlite3.Connection) -> None:
    """Check all that is looked up and the file's pages; raises JournalDamagedError. Takes seconds."""
    for (reason, query), kinds in zip(IMPOSSIBLE.items(), IMPOSSIBLE_KINDS, strict=True):
        if connection.execute(f"{query} LIMIT 1", kinds).fetchone():
            raise JournalDamagedError(reason)
    if (found := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
        raise JournalDamagedError(found)


def mark_suspect(connection: sqlite3.Connection, reason: str) -> None:
    """Let the next start find what the quick check of a start would not see."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('suspect', ?)", (reason,))
