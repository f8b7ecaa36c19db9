"""What is done to files: a lock held by somebody else, a full disk, bytes that change."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
import random
import resource
import sqlite3

PAGE = 4096


@asynccontextmanager
async def locked(path: Path, *, exclusive: bool = False) -> AsyncGenerator[None]:
    """Hold the write lock of a journal, or also keep everybody from reading it."""
    connection = await asyncio.to_thread(_lock, path, exclusive)
    try:
        yield
    finally:
        connection.close()


def _lock(path: Path, exclusive: bool) -> sqlite3.Connection:  # noqa: FBT001
    """Return a connection that has the lock."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=10, check_same_thread=False)
    if exclusive:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("BEGIN IMMEDIATE")
    if exclusive:
        connection.execute("SELECT count(*) FROM events").fetchone()
    return connection


def count_rows(path: Path) -> int:
    """Return how many rows a journal has that others write."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
        return int(connection.execute("SELECT count(*) FROM events").fetchone()[0])


@asynccontextmanager
async def disk_full(pid: int) -> AsyncGenerator[None]:
    """Let a process write no more to any file, as on a full disk."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        # It may have been killed while its disk was full.
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))


def corrupt(path: Path, damage: str, salt: int) -> list[str]:
    """Change bytes of a database that nobody has open; return what was changed."""
    chance = random.Random(salt)  # noqa: S311 - repeatable, not secret
    log = path.with_name(path.name + "-wal")
    has_log = log.exists() and log.stat().st_size > PAGE
    match damage:
        case "flip":
            return _flip(log if has_log and chance.random() < 0.5 else path, chance, chance.randint(1, 20))
        case "page":
            return [_write(path, chance.randrange(_pages(path)) * PAGE, bytes(PAGE))]
        case "header":
            return [_write(path, chance.randrange(90), chance.randbytes(10))]
        case "log" if has_log:
            return _flip(log, chance, chance.randint(1, 5))
        case "log":
            return _flip(path, chance, 3)
        case _:
            size = max(1, _pages(path) - chance.randint(1, 3)) * PAGE
            with path.open("r+b") as file:
                file.truncate(size)
            return [f"{path.name} cut to {size}"]


def _pages(path: Path) -> int:
    """Return how many pages a database has."""
    return max(1, path.stat().st_size // PAGE)


def _flip(path: Path, chance: random.Random, times: int) -> list[str]:
    """Change single bytes."""
    changed = []
    for _ in range(times):
        offset = chance.randrange(path.stat().st_size)
        with path.open("rb") as file:
            file.seek(offset)
            byte = file.read(1)[0]
        changed.append(_write(path, offset, bytes([byte ^ (1 << chance.randrange(8))])))
    return changed


def _write(path: Path, offset: int, content: bytes) -> str:
    """Write bytes in place; return where."""
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(content)
    return f"{path.name} at {offset}: {len(content)} bytes"
