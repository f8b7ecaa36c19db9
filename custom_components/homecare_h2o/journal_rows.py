"""The journal's rows in SQLite: their tables, their chain and what is looked up in them."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
import json
import sqlite3
from typing import NamedTuple, cast

from .core import codec
from .core.alarm import fold
from .core.errors import HomeCareError, JournalDamagedError, JournalUnavailableError
from .core.events import AlarmEvent, AlarmRaised, AlarmRepeated, AlarmResolved, Event, FalseAlarmReported
from .database import transaction

FORMAT = 1
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
)
"""What makes each format of the one before. ``alarms`` and ``raises`` are only looked up: the events are the truth."""

GENESIS = "0" * 64
TAIL = 1000
"""How many of the newest rows are checked at every start; ``verify`` checks them all."""

UNREADABLE = (HomeCareError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What decoding and folding rows that nobody wrote may raise."""


class Row(NamedTuple):
    """A row of ``events``."""

    seq: int
    at: str
    alarm_id: str | None
    kind: str
    version: int
    data: str
    digest: str


class Head(NamedTuple):
    """The end of a chain."""

    seq: int = 0
    digest: str = GENESIS


SELECT = f"SELECT {', '.join(Row._fields)} FROM events"  # noqa: S608
INSERT = f"INSERT INTO events VALUES ({', '.join('?' * len(Row._fields))})"  # noqa: S608


def write_instant(instant: datetime) -> str:
    """Return an instant as text that sorts as time does."""
    return instant.astimezone(UTC).isoformat()


def write_text(text: str) -> str:
    r"""Return text that SQLite takes: half an emoji becomes \ud83d, which JSON reads as it was."""
    return text.encode(errors="backslashreplace").decode()


def link(head: Head, row: Row) -> Row:
    """Return a row as it is when it follows ``head``."""
    canonical = json.dumps([head.seq + 1, *row[1:-1]], separators=(",", ":"), default=repr)
    digest = sha256(f"{head.digest}{canonical}".encode(errors="backslashreplace")).hexdigest()
    return row._replace(seq=head.seq + 1, digest=digest)


def write_row(head: Head, event: Event) -> Row:
    """Return the row of an event that follows ``head``."""
    alarm_id = write_text(event.alarm_id) if isinstance(event, AlarmEvent) else None
    data = write_text(codec.encode(event))
    return link(head, Row(0, write_instant(event.at), alarm_id, event.kind, codec.VERSION, data, ""))


def read_event(row: Row) -> Event:
    """Return the event of a row; raises JournalDamagedError if there is none in it."""
    try:
        return codec.decode(row.kind, row.version, row.data)
    except UNREADABLE as err:
        # What the codec says may quote what is in the row.
        raise JournalDamagedError(f"row {row.seq} cannot be read") from err


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
        key = _raise_key(event.brukare_id, event.rule, event.due_at)
        connection.execute("INSERT OR IGNORE INTO raises VALUES (?, ?, ?, ?)", (*key, write_text(event.alarm_id)))


def _raise_key(brukare_id: str, rule: str, due_at: datetime) -> tuple[str, str, str]:
    """Return what a raise is known by."""
    return write_text(brukare_id), write_text(rule), write_instant(due_at)


def _write_head(head: Head) -> str:
    """Return the end of the chain as ``meta`` has it; nothing for an empty chain."""
    return f"{head.seq} {head.digest}" if head.seq else ""


def load_head(connection: sqlite3.Connection) -> Head:
    """Return the end of the chain."""
    row = connection.execute("SELECT seq, digest FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return Head(*row) if row else Head()


def find_raise(connection: sqlite3.Connection, brukare_id: str, rule: str, due_at: datetime) -> str | None:
    """Return the alarm that a deadline of a rule raised or repeated."""
    row = connection.execute(
        "SELECT alarm_id FROM raises WHERE brukare_id = ? AND rule = ? AND due_at = ?",
        _raise_key(brukare_id, rule, due_at),
    ).fetchone()
    return row[0] if row else None


def load_last_at(connection: sqlite3.Connection) -> datetime | None:
    """Return the instant of the newest row."""
    row = connection.execute("SELECT at FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return datetime.fromisoformat(row[0]) if row else None


def load_rows(connection: sqlite3.Connection, after: int, limit: int) -> list[Row]:
    """Return rows in order."""
    found = connection.execute(f"{SELECT} WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit))
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


def check_chain(head: Head, rows: Iterable[Row]) -> Head:
    """Return the end of the chain that rows make after ``head``; raises JournalDamagedError where it breaks."""
    for row in rows:
        if link(head, row) != row:
            raise JournalDamagedError(f"the chain breaks at row {head.seq + 1}")
        head = Head(row.seq, row.digest)
    return head


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
    first = max(0, head.seq - TAIL)
    check_chain(_load_head_before(connection, first + 1), load_rows(connection, first, TAIL))
    alarm_ids = _load_unfinished_ids(connection)
    # The plus keeps SQLite from reading the same index again.
    scanned = connection.execute("SELECT alarm_id FROM alarms WHERE +finished = 0")
    if {alarm_id for (alarm_id,) in scanned} != set(alarm_ids):
        raise JournalDamagedError("the open alarms cannot be told")
    for alarm_id in alarm_ids:
        _check_alarm(connection, alarm_id)


def _load_head_before(connection: sqlite3.Connection, seq: int) -> Head:
    """Return what the chain's end was before a row."""
    row = connection.execute("SELECT seq, digest FROM events WHERE seq = ?", (seq - 1,)).fetchone()
    return Head(*row) if row else Head()


def _check_alarm(connection: sqlite3.Connection, alarm_id: str) -> None:
    """Check that an open alarm can be taken up again."""
    for row in _load_history_rows(connection, alarm_id):
        check_chain(_load_head_before(connection, row.seq), [row])
    try:
        fold(load_history(connection, alarm_id))
    except UNREADABLE as err:
        raise JournalDamagedError("an open alarm cannot be read") from err


def check_rows(connection: sqlite3.Connection, head: Head, limit: int) -> Head:
    """Check some rows after ``head`` and what is looked up of them; raises JournalDamagedError."""
    rows = load_rows(connection, head.seq, limit)
    end = check_chain(head, rows)
    for row in rows:
        _check_index(connection, row)
    if end == head:
        raise JournalDamagedError(f"rows are missing after row {head.seq}")
    return end


def _check_index(connection: sqlite3.Connection, row: Row) -> None:
    """Check that what a row raised is found."""
    if row.kind not in (AlarmRaised.kind, AlarmRepeated.kind):
        return
    event = cast(AlarmRaised | AlarmRepeated, read_event(row))
    alarm = connection.execute("SELECT 1 FROM alarms WHERE alarm_id = ?", (row.alarm_id,)).fetchone()
    if alarm is None or find_raise(connection, event.brukare_id, event.rule, event.due_at) is None:
        raise JournalDamagedError(f"row {row.seq} is not found by its alarm")


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
