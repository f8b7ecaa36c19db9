"""The journal in a file: SQLite, append-only, each row chained to the one before.

Files beside ``<name>``: ``-wal`` and ``-shm`` belong to SQLite, ``.damaged-<UTC>`` was set aside and is never touched
again, ``.new`` and ``.replacement`` are a journal in the making, ``.mended`` a copy that is read for what it holds.

What the chain cannot show: that the whole file was exchanged for an older one (a restored backup is one, too), or
that the log's end was cut off whole: that is what a power cut looks like.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import ExitStack, asynccontextmanager, closing, suppress
from datetime import datetime
from pathlib import Path
import sqlite3
from typing import cast, override

from . import journal_erase, journal_purge, journal_rows as rows
from .core.erasing import Eraser
from .core.errors import JournalDamagedError, JournalUnavailableError
from .core.events import Actor, AlarmEvent, Event, JournalReplaced
from .database import (
    Database,
    choose_aside,
    connect,
    create,
    is_damage,
    set_aside,
    sibling,
    sync_directory,
    telling_damage,
    transaction,
)
from .journal_erase import Erasure
from .journal_salvage import salvage
from .journal_wal import PAGE_SIZE, count_lost_commits
from .ports import Clock, Damage, Extent, Journal, RaiseKey, Recorded

HEADER = b"SQLite format 3\0" + PAGE_SIZE.to_bytes(2) + b"\2\2"
"""What a database with a write-ahead log begins with."""

CHUNK = 1000
"""Rows that ``verify`` checks at a time."""


class SqliteJournal(Journal):
    """A journal in a file; reading much of it never holds up an append, for which there is a thread of its own."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Make it ready for ``open``."""
        self.on_damage: Callable[[Damage], None] = lambda _damage: None
        """What is told when the journal had to be replaced while it was in use, because nothing could be written."""
        self._path, self._clock = path, clock
        self._is_replaced = False
        self._writer = Database("homecare_h2o_journal")
        self._reader = Database("homecare_h2o_journal_reader")
        self._reading = asyncio.Lock()
        self._checking = asyncio.Lock()
        self._is_backed_up = False

    @classmethod
    async def open(cls, path: Path, *, clock: Clock) -> tuple[SqliteJournal, Damage | None]:
        """Open, check and if need be replace a journal.

        The damaged one is set aside; its open alarms and what lasts are the beginning of a new one. Raises JournalUnavailableError,
        with the file as it was, when it cannot be opened now or was written by a newer version.
        """
        journal = cls(path, clock)
        now = clock.now()
        damage = await journal._writer.open(lambda: _open(path, now))
        try:
            await journal._reader.open(lambda: (connect(path, read_only=True), None))
        except BaseException:
            await journal._writer.close()
            raise
        return journal, damage

    @override
    async def append(self, events: Sequence[Event], *, finished: Collection[str] = ()) -> None:
        """Write events in one transaction, which goes on even if the waiting task is cancelled."""
        # The caller's own lists may change before the thread comes to them.
        written, done = tuple(events), tuple(finished)
        await self._write(lambda connection: rows.append(connection, written, done))

    @override
    async def append_raise(self, events: Sequence[Event], key: RaiseKey) -> str | None:
        written = tuple(events)
        return await self._write(lambda connection: rows.append_raise(connection, written, key))

    async def _write[T](self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Write; into a new journal, if the damage of this one was not seen at the start and nothing can be written."""
        try:
            return await self._writer.run(work)
        except JournalUnavailableError as err:
            # Once: a disk that damages each new one must not be filled with those set aside.
            if self._is_replaced or not is_damage(err.__cause__):
                raise
            damage = await self._replace(str(err))
        written = await self._writer.run(work)
        self.on_damage(damage)
        return written

    async def _replace(self, reason: str) -> Damage:
        """Set this journal aside, and go on in a new one with its open alarms."""
        self._is_replaced = True
        now = self._clock.now()
        # Closing would write into what is to be set aside as it is.
        await self._writer.run(lambda each: each.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE))
        damage = await self._writer.reopen(lambda: _open_anew(self._path, reason, now))
        await self._reader.reopen(lambda: (connect(self._path, read_only=True), None))
        return damage

    @override
    async def load_unfinished(self) -> Sequence[Sequence[AlarmEvent]]:
        return await _reading(self._writer.run(rows.load_unfinished))

    @override
    async def find_raise(self, brukare_id: str, rule: str, due_at: datetime) -> str | None:
        return await self._writer.run(lambda connection: rows.find_raise(connection, brukare_id, rule, due_at))

    @override
    async def load_alarm(self, alarm_id: str) -> Sequence[AlarmEvent]:
        return await _reading(self._writer.run(lambda connection: rows.load_history(connection, alarm_id)))

    @override
    async def load_alarms(
        self, brukare_id: str | None = None, *, since: datetime | None = None, limit: int = 100
    ) -> Sequence[Sequence[AlarmEvent]]:
        return await _reading(self._check(lambda connection: rows.load_newest(connection, brukare_id, since, limit)))

    @override
    async def read(
        self, after: int = 0, limit: int = 1000, *, since: datetime | None = None, until: datetime | None = None
    ) -> Sequence[Recorded]:
        return await _reading(
            self._check(
                lambda connection: [
                    Recorded(seq=row.seq, event=rows.read_event(row), digest=row.digest)
                    for row in rows.load_period(connection, after, limit, since, until)
                ]
            )
        )

    @override
    async def load_kinds(self, kinds: Collection[str]) -> Sequence[Recorded]:
        wanted = frozenset(kinds)

        async def load() -> Sequence[Recorded]:
            # A start depends on these: what cannot be read would hold it up for ever if it were not replaced.
            async with self._suspecting():
                return await self._check(
                    lambda connection: [
                        Recorded(seq=row.seq, event=rows.read_event(row), digest=row.digest)
                        for row in rows.load_kinds(connection, wanted)
                    ]
                )

        return await _reading(load())

    @override
    async def load_last_at(self) -> datetime | None:
        return await self._writer.run(rows.load_last_at)

    @override
    async def load_extent(self) -> Extent:
        return await _reading(self._check(rows.load_extent))

    @override
    async def verify(self) -> int:
        """Return how many rows the chain has; what breaks it is also found at the next start, and mended then."""
        async with self._checking, self._suspecting():
            return await self._verify()

    async def _verify(self) -> int:
        """Check all there is now, a little at a time."""
        last = await self._check(rows.load_head)
        purged = await self._check(rows.load_purged)
        head = rows.Head()
        while head.seq < last.seq:
            start, limit = head, min(CHUNK, last.seq - head.seq)
            head = await self._check(lambda connection: rows.check_rows(connection, purged, start, limit))  # noqa: B023
        await self._check(rows.check_whole)
        return last.seq

    @override
    async def purge(self, before: datetime, now: datetime) -> int:
        """Remove what is older, a little at a time, so that no append waits for long; each step stands by itself."""
        removed, done = 0, journal_purge.Done()
        async with self._checking, self._suspecting():
            while done.after is not None:
                after = done.after
                done = await self._writer.run(
                    lambda connection: journal_purge.purge(connection, before, now, after)  # noqa: B023
                )
                removed += done.removed
        return removed

    async def erase(self, eraser: Eraser, by: Actor, now: datetime) -> int:
        """Rewrite the rows of a person, all at once; return how many. Their old bytes are gone when it returns.

        Raises AlarmsOpenError, JournalUnavailableError while a backup is made, and JournalDamagedError, and rewrites
        nothing, where the chain breaks.
        """
        erasure = Erasure(eraser)
        async with self._checking, self._suspecting():
            if self._is_backed_up:
                raise JournalUnavailableError("a backup is being made")
            purged = await self._check(rows.load_purged)
            while await self._check(lambda connection: erasure.look(connection, purged)):
                pass
            count = await self._writer.run(lambda connection: journal_erase.commit(connection, erasure, by, now))
            async with self._reading:
                # Old rows are left in the log until it begins anew. While a backup copies the files it only grows.
                if not self._is_backed_up:
                    await self._writer.run(
                        lambda connection: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                    )
        return count

    @asynccontextmanager
    async def _suspecting(self) -> AsyncGenerator[None]:
        """Let the next start find what was found to be damaged."""
        try:
            yield
        except JournalDamagedError as err:
            reason = str(err)
            with suppress(JournalUnavailableError):
                await self._writer.run(lambda connection: rows.mark_suspect(connection, reason))
            raise

    async def prepare_backup(self) -> None:
        """Let the files be copied one after the other while the journal goes on: only the log grows from here."""
        async with self._reading:
            self._is_backed_up = True
            await self._writer.run(
                lambda connection: connection.executescript(
                    "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA wal_autocheckpoint = 0"
                )
            )

    async def finish_backup(self) -> None:
        """Let the log flow into the file again."""
        self._is_backed_up = False
        await self._writer.run(lambda connection: connection.execute("PRAGMA wal_autocheckpoint = 1000"))

    @override
    async def close(self) -> None:
        await self._reader.close()
        await self._writer.close()

    async def _check[T](self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Read, and raise JournalDamagedError for what is not as it was written."""

        def check(connection: sqlite3.Connection) -> T:
            with telling_damage():
                return work(connection)

        async with self._reading:
            return await self._reader.run(check)


async def _reading[T](work: Awaitable[T]) -> T:
    """Read, and raise JournalUnavailableError for what cannot be read."""
    try:
        return await work
    except JournalDamagedError as err:
        raise JournalUnavailableError(str(err)) from err


def _open(path: Path, now: datetime) -> tuple[sqlite3.Connection, Damage | None]:
    """Open a journal that is there, begin one that is not, replace one that is damaged."""
    damage = None
    replacement = sibling(path, ".replacement")
    if path.exists():
        replacement.unlink(missing_ok=True)
    elif replacement.exists():
        damage = _finish(path, replacement, now)
    elif not sibling(path, "-wal").exists():
        create(path, rows.begin)
    try:
        return _open_sound(path), damage
    except JournalDamagedError as err:
        return _open_anew(path, str(err), now)


def _open_anew(path: Path, reason: str, now: datetime) -> tuple[sqlite3.Connection, Damage]:
    """Replace a journal that cannot be written, and open the new one."""
    damage = _replace(path, reason, now)
    return _open_sound(path), damage


def _open_sound(path: Path) -> sqlite3.Connection:
    """Open and check a journal; raises JournalDamagedError and then leaves it as it was."""
    _check_header(path)
    log = _read_log(path)
    with ExitStack() as stack, telling_damage():
        connection = stack.enter_context(closing(connect(path)))
        # Closing would throw the log away, with what SQLite does not recognise in it.
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE)
        found = rows.check_format(connection)
        _check_log(connection, path, log)
        rows.check_start(connection)
        if found < rows.FORMAT:
            with transaction(connection):
                rows.migrate(connection, found)
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, False)  # noqa: FBT003
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        stack.pop_all()
    return connection


def _check_header(path: Path) -> None:
    """Check that a file is there and can be written: SQLite only reads one that says it is of a later kind."""
    if not path.exists():
        raise JournalDamagedError("the file is missing")
    with path.open("rb") as file:
        if not file.read(len(HEADER)) == HEADER:
            raise JournalDamagedError("the file is not a database")


def _read_log(path: Path) -> bytes:
    """Return the write-ahead log, empty if there is none."""
    log_path = sibling(path, "-wal")
    return log_path.read_bytes() if log_path.exists() else b""


def _check_log(connection: sqlite3.Connection, path: Path, log: bytes) -> None:
    """Check that SQLite recognises what was committed to the log.

    Raises JournalUnavailableError when somebody else has the file, and has just written the log into it or is about to:
    a sound journal must not be set aside for that.
    """
    busy, recognised, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    if not count_lost_commits(log, recognised):
        return
    if busy or _read_log(path) != log:
        raise JournalUnavailableError("somebody else has the journal")
    raise JournalDamagedError("the log breaks off")


def _replace(path: Path, reason: str, now: datetime) -> Damage:
    """Set a damaged journal aside and begin a new one with its open alarms.

    The new one is complete before the old one is touched. From then on until it has its name, a start finds no
    journal but its replacement, and goes on from there.
    """
    name = choose_aside(path, now)
    found = salvage(path)
    if lost := found.count_lost():
        reason = f"{reason}; {lost} alarms could not be read"
    replaced = JournalReplaced(at=now, file=name, reason=reason)
    replacement = sibling(path, ".replacement")
    create(replacement, lambda connection: rows.begin(connection, [replaced, *found.calc_events()]))
    return _finish(path, replacement, now)


def _finish(path: Path, replacement: Path, now: datetime) -> Damage:
    """Put a replacement in the place of the journal that it is for, whose name it knows."""
    try:
        with telling_damage(), closing(connect(replacement)) as connection:
            replaced = cast(JournalReplaced, rows.read_event(rows.load_rows(connection, 0, 1)[0]))
        damage = Damage(file=replaced.file, reason=replaced.reason)
    except JournalDamagedError as err:
        # In its place it is what any damaged journal is: read for its open alarms and set aside.
        damage = Damage(file=choose_aside(path, now), reason=str(err))
    set_aside(path, damage.file)
    replacement.rename(path)
    sync_directory(path)
    return damage
