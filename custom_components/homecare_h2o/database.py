"""SQLite files that survive a power cut, each on a thread of its own."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from itertools import count
import os
from pathlib import Path
import sqlite3

from .core.errors import JournalDamagedError, JournalUnavailableError

BUSY_SECONDS = 2
"""How long a write waits for somebody else who has the file locked."""

SETTINGS = """
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 1000;
    PRAGMA journal_size_limit = 8388608;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
"""

DAMAGE_CODES = frozenset({sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
"""Not as written (``SQLITE_ERROR``: a table is missing); anything else is a disk or a lock that may get better."""


class Database:
    """A connection on its own thread: what waits for the disk never holds up the event loop.

    What was begun is finished even if the task that waits for it is cancelled.
    """

    def __init__(self, name: str) -> None:
        """Name the thread; it starts with ``open``."""
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._connection: sqlite3.Connection | None = None
        self._is_closed = False

    async def open[T](self, opener: Callable[[], tuple[sqlite3.Connection, T]]) -> T:
        """Keep the connection that ``opener`` makes and return what else it says."""

        def work() -> T:
            self._connection, told = opener()
            return told

        try:
            return await self._call(work)
        except BaseException:
            # The opener may be at work still if it is the task that was cancelled.
            await self.close()
            raise

    async def run[T](self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do some work with the connection; raises JournalUnavailableError when it is not to be done now."""
        if self._is_closed or (connection := self._connection) is None:
            raise JournalUnavailableError("not open")
        return await self._call(lambda: work(connection))

    async def reopen[T](self, opener: Callable[[], tuple[sqlite3.Connection, T]]) -> T:
        """Close the file, then keep the connection that ``opener`` makes and return what else it says."""

        def work() -> T:
            self._drop()
            self._connection, told = opener()
            return told

        return await self._call(work)

    async def close(self) -> None:
        """Finish what waits, close the file and end the thread."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            await self._call(self._drop)
        finally:
            # It has nothing left to do, so this is at once; if the task was cancelled the thread ends by itself.
            self._executor.shutdown(wait=self._connection is None)

    def _drop(self) -> None:
        """Close the file."""
        connection, self._connection = self._connection, None
        if connection:
            connection.close()

    async def _call[T](self, work: Callable[[], T]) -> T:
        """Do some work on the thread."""
        # Without the shield a cancelled task would take its write back while it is still in the thread's queue.
        done = asyncio.shield(asyncio.get_running_loop().run_in_executor(self._executor, work))
        try:
            return await done
        except (sqlite3.Error, OSError) as err:
            raise JournalUnavailableError(str(err)) from err


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open a file that exists: to make a new one is never the answer to a missing one."""
    uri = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}"
    with ExitStack() as stack:
        connection = stack.enter_context(
            closing(sqlite3.connect(uri, uri=True, autocommit=True, timeout=BUSY_SECONDS, cached_statements=256))
        )
        if not read_only:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.executescript(SETTINGS)
        stack.pop_all()
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing; the lock is taken first so that nobody writes between what is read and what is written."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        # A full disk makes SQLite roll back by itself, an error of ours does not.
        if connection.in_transaction:
            connection.execute("ROLLBACK")


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Read everything as it is now, whatever is written or removed meanwhile."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


@contextmanager
def telling_damage() -> Iterator[None]:
    """Raise JournalDamagedError for what SQLite finds not to be as it was written."""
    try:
        yield
    except sqlite3.Error as err:
        # Text that is not UTF-8 is found by Python and has no code.
        code = getattr(err, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
        if code & 0xFF in DAMAGE_CODES:
            raise JournalDamagedError(str(err)) from err
        raise


def is_damage(err: BaseException | None) -> bool:
    """Return whether SQLite could not go on because a file is not as it was written."""
    code = getattr(err, "sqlite_errorcode", sqlite3.SQLITE_OK)
    return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def sibling(path: Path, suffix: str) -> Path:
    """Return the file beside ``path`` that has this at the end of its name."""
    return path.with_name(path.name + suffix)


def sync_directory(path: Path) -> None:
    """Make the renames beside ``path`` outlive a power cut."""
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Remove a database with all that belongs to it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        sibling(path, suffix).unlink(missing_ok=True)


def create(path: Path, fill: Callable[[sqlite3.Connection], None]) -> None:
    """Make a file that is there with all that ``fill`` writes, or not at all."""
    new = sibling(path, ".new")
    remove(new)
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(connect(new)) as connection:
        with transaction(connection):
            fill(connection)
        # Closing does it too, but hides it when the disk is full; only the file itself is renamed.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    new.rename(path)
    sync_directory(path)


def choose_aside(path: Path, now: datetime) -> str:
    """Return a name for a damaged file that no older one has."""
    stem = f"{path.name}.damaged-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    names = (f"{stem}-{number}" if number else stem for number in count())
    return next(name for name in names if not any(path.parent.glob(f"{name}*")))


def set_aside(path: Path, name: str) -> None:
    """Rename a file and its write-ahead log, in this order: without its log a file looks whole and is old."""
    for suffix in ("", "-wal"):
        if (old := sibling(path, suffix)).exists():
            old.rename(path.with_name(name + suffix))
            sync_directory(path)
    sibling(path, "-shm").unlink(missing_ok=True)
