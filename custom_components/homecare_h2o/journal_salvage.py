"""What can still be read of a damaged journal: the alarms that are open, and what is true until another row says otherwise.

A row that does not follow from the one before may keep an alarm going, but it may not end one. Nor is a pause believed
that began in such a row, or before one, for its end may be what is lost: at worst an alarm comes for somebody who is
away. A consent counts all the same: to watch somebody who has said
no would be unlawful and go unnoticed, while a withdrawal rings and is shown.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
import shutil
import sqlite3

from .core.alarm import fold
from .core.arming_events import PauseStarted
from .core.errors import JournalDamagedError
from .core.events import (
    AlarmEvent,
    AlarmRaised,
    AlarmResolved,
    Event,
    FalseAlarmReported,
    NotificationFailed,
    PhoneCleared,
    PurgedRows,
)
from .core.lasting import LASTING
from .database import connect, create, remove, sibling, telling_damage
from .journal_chain import GENESIS, NOTHING_PURGED, UNREADABLE, Head, Purged, Row, follows, read_event, skip
from .journal_rows import SELECT, begin, load_purged, reaches_end
from .journal_wal import PAGE_SIZE, mend_log

LARGEST_HOLE = 20_000
"""Rows that are tried one by one after one that cannot be read; a broken page takes hundreds or thousands along."""

ENDINGS = (AlarmResolved, FalseAlarmReported)
LAST = (*ENDINGS, PhoneCleared, NotificationFailed)
"""After which an alarm may be finished."""

type History = list[tuple[int, AlarmEvent]]


@dataclass(kw_only=True, slots=True)
class Salvage:
    """Alarms with the rows that could be read of them, without those that are known to be finished.

    ``lasting``: what outlives everything, with its row; damage can show a row more than once.
    """

    histories: dict[str, History] = field(default_factory=dict)
    finished: set[str] = field(default_factory=set)
    lasting: dict[Event, int] = field(default_factory=dict)

    def add(self, seq: int, event: Event, *, is_chained: bool) -> None:
        """Keep an event if that is worth it."""
        if isinstance(event, AlarmEvent):
            self._add_of_alarm(seq, event, is_chained=is_chained)
        elif isinstance(event, LASTING) and (is_chained or not isinstance(event, PauseStarted)):
            self.lasting.setdefault(event, seq)

    def forget_pauses(self) -> None:
        """Forget the pauses: the end of each may be among what cannot be read."""
        self.lasting = {event: seq for event, seq in self.lasting.items() if not isinstance(event, PauseStarted)}

    def _add_of_alarm(self, seq: int, event: AlarmEvent, *, is_chained: bool) -> None:
        """Keep an event of an alarm, or forget the alarm if that ends it."""
        if event.alarm_id in self.finished or (isinstance(event, ENDINGS) and not is_chained):
            return
        history = self.histories.setdefault(event.alarm_id, [])
        if all(event != known for _, known in history):
            history.append((seq, event))
        if isinstance(event, LAST) and _is_finished(history):
            self.finished.add(event.alarm_id)
            del self.histories[event.alarm_id]

    def expect(self, alarm_ids: Iterable[str]) -> None:
        """Count alarms that were open, even if nothing can be read of them."""
        for alarm_id in alarm_ids:
            if alarm_id not in self.finished:
                self.histories.setdefault(alarm_id, [])

    def merge(self, other: Salvage) -> None:
        """Keep the longer history of each alarm, and all that lasts; the other is the one that lacks less."""
        self.forget_pauses()
        self.lasting = other.lasting | self.lasting
        self.finished |= other.finished
        for alarm_id in (self.histories.keys() | other.histories.keys()) - self.finished:
            self.histories[alarm_id] = max(
                self.histories.get(alarm_id, []), other.histories.get(alarm_id, []), key=_rank
            )
        self.histories = {key: value for key, value in self.histories.items() if key not in self.finished}

    def calc_events(self) -> list[Event]:
        """Return the histories of the open alarms and what lasts, in the order in which it happened."""
        rows: list[tuple[int, Event]] = [(seq, event) for event, seq in self.lasting.items()]
        rows += [row for history in self.histories.values() for row in _usable(history)]
        return [event for _, event in sorted(rows, key=lambda row: row[0])]

    def count_lost(self) -> int:
        """Return of how many alarms something is known, but not how they began."""
        return sum(not _usable(history) for history in self.histories.values())


def _is_finished(history: History) -> bool:
    """Return whether nothing is left, or nothing can be done, about an alarm."""
    try:
        return fold(event for _, event in history).is_finished
    except UNREADABLE:
        return any(isinstance(event, ENDINGS) for _, event in history)


def _rank(history: History) -> tuple[bool, int]:
    """Return how much a history is worth: one that has its beginning is worth more than a longer one."""
    return bool(_usable(history)), len(history)


def _usable(history: History) -> History:
    """Return a history that the engine can take up: whole, or only how it began."""
    try:
        fold(event for _, event in history)
    except UNREADABLE:
        return [row for row in history if isinstance(row[1], AlarmRaised)][:1]
    return history


def salvage(path: Path) -> Salvage:
    """Read all that can be read of a damaged journal, which stays as it is."""
    found = _read(path) if path.exists() else Salvage()
    mended = sibling(path, ".mended")
    try:
        _mend(path, mended)
        found.merge(_read(mended))
    finally:
        remove(mended)
    return found


def _read(path: Path) -> Salvage:
    """Return what is in a file that may not even be a database."""
    found = Salvage()
    head = Head()
    is_whole = False
    with suppress(JournalDamagedError), telling_damage(), _opened(path) as connection:
        purged = _read_purged(connection)
        for row in _rows(connection, purged):
            with suppress(JournalDamagedError):
                head = skip(head, purged)
            is_chained = follows(head, row, purged)
            head = Head(row.seq, row.digest)
            if not is_chained:
                found.forget_pauses()
            try:
                event = read_event(row)
            except JournalDamagedError:
                found.forget_pauses()
                continue
            found.add(row.seq, event, is_chained=is_chained)
        is_whole = reaches_end(connection, head)
        found.expect(alarm_id for (alarm_id,) in connection.execute("SELECT alarm_id FROM alarms WHERE finished = 0"))
    if not is_whole:
        found.forget_pauses()
    return found


def _read_purged(connection: sqlite3.Connection) -> Purged:
    """Return what was removed before the damage, as far as that can be read."""
    with suppress(JournalDamagedError), telling_damage():
        return load_purged(connection)
    # Most of what was removed lies before the first row; to look there row by row would find nothing else.
    with suppress(JournalDamagedError), telling_damage():
        first = connection.execute("SELECT coalesce(min(seq), 1) FROM events").fetchone()[0]
        return Purged(gaps={1: PurgedRows(first=1, last=first - 1, before=GENESIS, digest="")})
    return NOTHING_PURGED


def _rows(connection: sqlite3.Connection, purged: Purged) -> Iterator[Row]:
    """Return rows in order, those after a hole, too, and then more than once."""
    seq = holes = 0
    while holes < LARGEST_HOLE:
        if gap := purged.find(seq + 1):
            seq = gap.last
        with suppress(JournalDamagedError), telling_damage():
            for values in connection.execute(f"{SELECT} WHERE seq > ? ORDER BY seq", (seq,)):
                yield (row := Row(*values))
                # A broken page can also give rows in a wrong order, or the same ones for ever.
                if row.seq != seq + 1:
                    break
                seq, holes = row.seq, 0
            else:
                return
        seq, holes = seq + 1, holes + 1


def _mend(path: Path, mended: Path) -> None:
    """Make a copy that SQLite opens: with an intact first page and with the log's check sums put right."""
    remove(mended)
    create(mended, begin)
    if path.exists() and path.stat().st_size >= PAGE_SIZE:
        first_page = mended.read_bytes()[:PAGE_SIZE]
        shutil.copyfile(path, mended)
        if not _has_tables(path):
            # Every journal's tables begin on the same pages. No size is given: SQLite takes the file's.
            with mended.open("r+b") as file:
                file.write(first_page[:28] + bytes(4) + first_page[32:])
    if (log := sibling(path, "-wal")).exists():
        sibling(mended, "-wal").write_bytes(mend_log(log.read_bytes()))


def _has_tables(path: Path) -> bool:
    """Return whether the first page tells where the tables are."""
    with suppress(JournalDamagedError), telling_damage(), _opened(path) as connection:
        connection.execute("SELECT 1 FROM events LIMIT 1").fetchone()
        return True
    return False


def _opened(path: Path) -> closing[sqlite3.Connection]:
    """Open a file to read it, within a context."""
    return closing(connect(path, read_only=True))
