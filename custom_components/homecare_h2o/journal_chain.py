"""The journal's chain: each row carries a digest over itself and the row before, also where rows were removed."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
import json
from typing import NamedTuple

from .core import codec
from .core.erasing_events import JournalErased
from .core.errors import HomeCareError, JournalDamagedError
from .core.events import AlarmEvent, Event, JournalPurged, PurgedRows

GENESIS = "0" * 64

_write_canonical = json.JSONEncoder(separators=(",", ":"), default=repr).encode
"""Made once: every start links a thousand rows."""

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


class Purged(NamedTuple):
    """What was removed: the row that says so, the instant before which it was, and the gaps by their first row.

    ``erased``: the digests of the rows that were rewritten, following the row before; ``erased_seq``: which row says so.
    """

    seq: int = 0
    before_at: datetime | None = None
    gaps: Mapping[int, PurgedRows] = {}
    erased: Mapping[int, str] = {}
    erased_seq: int = 0

    def count_rows(self) -> int:
        """Return how many rows were removed."""
        return sum(gap.last - gap.first + 1 for gap in self.gaps.values())

    def find(self, seq: int) -> PurgedRows | None:
        """Return the gap that a row lies in."""
        return next((gap for gap in self.gaps.values() if gap.first <= seq <= gap.last), None)


NOTHING_PURGED = Purged()


def write_instant(instant: datetime) -> str:
    """Return an instant as text that sorts as time does."""
    return instant.astimezone(UTC).isoformat()


def write_text(text: str) -> str:
    r"""Return text that SQLite takes: half an emoji becomes \ud83d, which JSON reads as it was."""
    return text.encode(errors="backslashreplace").decode()


def link(head: Head, row: Row) -> Row:
    """Return a row as it is when it follows ``head``."""
    canonical = _write_canonical([head.seq + 1, *row[1:-1]])
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
        raise JournalDamagedError(f"row {row.seq} cannot be read", row=str(row.seq)) from err


def follows(head: Head, row: Row, purged: Purged) -> bool:
    """Return whether a row follows from the one before; a rewritten one keeps its digest, and has another in a list."""
    return link(head, row) == row._replace(digest=purged.erased.get(row.seq, row.digest))


def read_erased(row: Row) -> dict[int, str]:
    """Return the digests of the rows that were rewritten; raises JournalDamagedError if a row says nothing of the kind."""
    event = read_event(row)
    if not isinstance(event, JournalErased):
        raise JournalDamagedError("the erased rows cannot be told")
    return {erased.seq: erased.digest for erased in event.rows}


def read_purged(row: Row) -> Purged:
    """Return what a row says was removed; raises JournalDamagedError if it says nothing of the kind."""
    event = read_event(row)
    if not isinstance(event, JournalPurged):
        raise JournalDamagedError("the removed rows cannot be told")
    return Purged(row.seq, event.before_at, {gap.first: gap for gap in event.gaps})


def is_old(purged: Purged, instant: datetime) -> bool:
    """Return whether what was of an instant may have been removed."""
    return purged.before_at is not None and instant < purged.before_at


def broken_at(seq: int) -> JournalDamagedError:
    """Return the error of a chain that breaks at a row."""
    return JournalDamagedError(f"the chain breaks at row {seq}", row=str(seq))


def skip(head: Head, purged: Purged) -> Head:
    """Return where the chain goes on if the next rows were removed; raises JournalDamagedError."""
    gap = purged.gaps.get(head.seq + 1)
    if gap is None:
        return head
    if head.digest != gap.before:
        raise broken_at(gap.first)
    return Head(gap.last, gap.digest)


def walk(head: Head, rows: Iterable[Row], purged: Purged = NOTHING_PURGED) -> list[Head]:
    """Return the chain's end before each of the rows after ``head``, and at last; raises JournalDamagedError."""
    heads: list[Head] = []
    for row in rows:
        head = skip(head, purged)
        if not follows(head, row, purged):
            raise broken_at(head.seq + 1)
        heads.append(head)
        head = Head(row.seq, row.digest)
    return [*heads, head]


def check_chain(head: Head, rows: Iterable[Row], purged: Purged = NOTHING_PURGED) -> Head:
    """Return the end of the chain that rows make after ``head``; raises JournalDamagedError where it breaks."""
    return walk(head, rows, purged)[-1]


def join_gaps(gaps: Iterable[PurgedRows], removed: Iterable[PurgedRows]) -> tuple[PurgedRows, ...]:
    """Return all gaps in order, those that touch made one."""
    joined: list[PurgedRows] = []
    for gap in sorted([*gaps, *removed], key=lambda gap: gap.first):
        if joined and joined[-1].last + 1 == gap.first:
            last = joined.pop()
            gap = PurgedRows(first=last.first, last=gap.last, before=last.before, digest=gap.digest)  # noqa: PLW2901
        joined.append(gap)
    return tuple(joined)
