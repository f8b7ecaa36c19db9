"""What detection must remember over a restart, such as the last activity; it can be learnt anew."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack, closing
from datetime import UTC, datetime
import json
from pathlib import Path
import sqlite3
from typing import Any

from .core.errors import JournalDamagedError, JournalUnavailableError
from .database import (
    Database,
    choose_aside,
    connect,
    create,
    set_aside,
    sibling,
    sync_directory,
    telling_damage,
    transaction,
)
from .ports import Damage

type Fact = Mapping[str, Any]
"""What JSON can hold."""


class Facts:
    """Facts by key: read from memory, written to disk one transaction at a time."""

    def __init__(self, on_error: Callable[[JournalUnavailableError], None] | None = None) -> None:
        """Make it ready for ``open``; ``on_error`` is told when the disk has not taken something."""
        self._on_error = on_error
        self._database = Database("homecare_h2o_facts")
        self._writing = asyncio.Lock()
        self._facts: dict[str, Fact] = {}
        self._unwritten: dict[str, list[str]] = {}
        self._has_failed = False

    @classmethod
    async def open(
        cls, path: Path, *, on_error: Callable[[JournalUnavailableError], None] | None = None
    ) -> tuple[Facts, Damage | None]:
        """Load all facts; a damaged file is set aside and none are known.

        Raises JournalUnavailableError if the file cannot be opened now.
        """
        facts = cls(on_error)
        facts._facts, damage = await facts._database.open(lambda: _open(path))
        return facts, damage

    @property
    def is_behind(self) -> bool:
        """Whether the disk did not take something; what is being written is not behind."""
        return self._has_failed and bool(self._unwritten)

    def get(self, key: str) -> Fact | None:
        """Return a fact."""
        return self._facts.get(key)

    async def put(self, key: str, value: Fact) -> None:
        """Remember a fact, at once; when it returns it is on disk, or ``on_error`` has been told."""
        text = json.dumps(value)
        # As it will be read after a restart, and out of reach of who put it.
        self._facts[key] = json.loads(text)
        self._unwritten[key] = [text]
        await self.flush()

    async def delete(self, key: str) -> None:
        """Forget a fact."""
        self._facts.pop(key, None)
        self._unwritten[key] = []
        await self.flush()

    def find(self, part: str) -> list[str]:
        """Return the keys that have this in them."""
        return [key for key in self._facts if part in key]

    async def erase(self, keys: Collection[str]) -> None:
        """Forget facts so that no byte of them is left on disk; raises JournalUnavailableError."""
        for key in keys:
            await self.delete(key)
        async with self._writing:
            await self._database.run(_scrub)

    async def flush(self) -> None:
        """Write what is not on disk yet; what fails is tried again with the next."""
        async with self._writing:
            # What is put in the same turn of the event loop is written together, and after what waits for the journal.
            await asyncio.sleep(0)
            # Whoever waited here has had his fact written with the others'.
            if not (batch := dict(self._unwritten)):
                return
            try:
                await self._database.run(lambda connection: _write(connection, batch))
            except JournalUnavailableError as err:
                self._has_failed = True
                if self._on_error:
                    self._on_error(err)
                return
            self._has_failed = False
            self._unwritten = {key: value for key, value in self._unwritten.items() if value is not batch.get(key)}

    async def close(self) -> None:
        """Write what is not on disk yet and close the file."""
        await self.flush()
        await self._database.close()


def _open(path: Path) -> tuple[sqlite3.Connection, tuple[dict[str, Fact], Damage | None]]:
    """Open the file, make one that is not there, replace one that is damaged."""
    damage = None
    now = datetime.now(UTC)
    if not path.exists():
        _begin(path, choose_aside(path, now))
    try:
        connection, facts = _load(path)
    except JournalDamagedError as err:
        damage = Damage(file=choose_aside(path, now), reason=str(err))
        _begin(path, damage.file)
        connection, facts = _load(path)
    return connection, (facts, damage)


def _begin(path: Path, name: str) -> None:
    """Make a new file; what is left of an older one is set aside, or its log would become this one's."""
    replacement = sibling(path, ".replacement")
    create(
        replacement,
        lambda connection: connection.execute(
            "CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID"
        ).close(),
    )
    set_aside(path, name)
    replacement.rename(path)
    sync_directory(path)


def _load(path: Path) -> tuple[sqlite3.Connection, dict[str, Fact]]:
    """Open the file and read it; raises JournalDamagedError for one that is not as it was written."""
    with ExitStack() as stack, telling_damage():
        connection = stack.enter_context(closing(connect(path)))
        if (found := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise JournalDamagedError(found)
        try:
            facts = {key: json.loads(text) for key, text in connection.execute("SELECT key, value FROM facts")}
        except (TypeError, ValueError) as err:
            raise JournalDamagedError("a fact cannot be read") from err
        stack.pop_all()
    return connection, facts


def _write(connection: sqlite3.Connection, batch: Mapping[str, list[str]]) -> None:
    """Write facts; one without a value is deleted."""
    with transaction(connection):
        connection.executemany("DELETE FROM facts WHERE key = ?", [(key,) for key in batch])
        connection.executemany(
            "INSERT INTO facts VALUES (?, ?)", [(key, text) for key, texts in batch.items() for text in texts]
        )


def _scrub(connection: sqlite3.Connection) -> None:
    """Write the file anew, for what was deleted or overwritten still stands in it."""
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
