"""A journal's file: its rows, and whether their chain is whole.

The rule of the chain: each row carries ``sha256(digest of the row before + JSON array of its values)`` in hex; the
values are number, instant, alarm, kind, version and data, without spaces between them; the first follows 64 zeros. A
row of the kind ``journal_purged`` lists gaps (``first``, ``last``, ``before``, ``digest``): the digest before each,
and the one that its last row had. The newest row of the kind ``journal_erased`` lists rows that were rewritten
(``seq``, ``digest``): such a row has this digest now, and the next one follows the digest that it had before.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from hashlib import sha256
import json
from pathlib import Path
import shutil
import sqlite3
import tempfile
from typing import Any

GENESIS = "0" * 64
PURGED, ERASED = "journal_purged", "journal_erased"
PAGE = 4096
FRAME = 24 + PAGE
LARGEST = 1_000_000
"""Pages; a greater number is a damaged one."""
LARGEST_HOLE = 3000
"""Rows tried one by one after one that cannot be read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A row, with its data read; ``sound``: it follows from the one before."""

    seq: int
    at: str
    alarm_id: str | None
    kind: str
    data: Mapping[str, Any]
    sound: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Journal:
    """What is in a file; ``breaks`` tells where it is not as it was written."""

    name: str
    rows: Sequence[Row]
    breaks: Sequence[str]
    """Where rows do not follow, or cannot be read; a damaged journal has some, unless they were only in its indexes."""

    @property
    def is_damaged(self) -> bool:
        """Whether it is one that was set aside."""
        return ".damaged-" in self.name


@dataclass(slots=True)
class _Chain:
    """A walk along the rows."""

    gaps: Mapping[int, Mapping[str, Any]]
    erased: Mapping[int, str]
    seq: int = 0
    digest: str = GENESIS
    breaks: list[str] = field(default_factory=list)

    def follow(self, values: Sequence[Any], digest: str) -> bool:
        """Take the next row; return whether it follows."""
        if (gap := self.gaps.get(self.seq + 1)) is not None:
            if gap["before"] != self.digest:
                self.breaks.append(f"the gap at {gap['first']} does not follow")
            self.seq, self.digest = gap["last"], gap["digest"]
        expected = calc_digest(self.digest, [self.seq + 1, *values[1:]])
        is_next = values[0] == self.seq + 1 and expected == self.erased.get(values[0], digest)
        if not is_next:
            self.breaks.append(f"row {values[0]} does not follow row {self.seq}")
        self.seq, self.digest = int(values[0]), digest
        return is_next


def calc_digest(before: str, values: Sequence[Any]) -> str:
    """Return the digest of a row after a digest."""
    return sha256(f"{before}{json.dumps(list(values), separators=(',', ':'))}".encode()).hexdigest()


def read_journal(path: Path) -> Journal:
    """Read a copy of a file, so that nothing beside it changes; what cannot be read is left out and told."""
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        copy = Path(folder) / "journal.db"
        shutil.copyfile(path, copy)
        if (log := path.with_name(path.name + "-wal")).exists():
            apply_log(copy, log.read_bytes())
        with closing(sqlite3.connect(copy)) as connection:
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            return _read(path.name, connection)


def _read(name: str, connection: sqlite3.Connection) -> Journal:
    """Read the rows, and follow their chain."""
    breaks: list[str] = []
    found = list(_rows(connection, breaks))
    gaps = {gap["first"]: gap for gap in _newest(found, PURGED, "gaps")}
    erased = {each["seq"]: each["digest"] for each in _newest(found, ERASED, "rows")}
    chain = _Chain(gaps, erased)
    rows = []
    for seq, at, alarm_id, kind, version, data, digest in found:
        sound = chain.follow([seq, at, alarm_id, kind, version, data], digest)
        with suppress(ValueError):
            rows.append(Row(seq=seq, at=at, alarm_id=alarm_id, kind=kind, data=json.loads(data), sound=sound))
    head = _head(connection)
    if not breaks and found and head != f"{chain.seq} {chain.digest}":
        breaks.append(f"the newest row is not {head}")
    return Journal(name=name, rows=rows, breaks=[*breaks, *chain.breaks])


def apply_log(path: Path, log: bytes) -> None:
    """Write the pages of a write-ahead log into its database, also those whose check sum is wrong.

    The log's header has 32 bytes, each frame 24 and a page; frames of an older round carry other salts than the header.
    """
    with path.open("r+b") as file:
        for start in range(32, len(log) - FRAME + 1, FRAME):
            number, salts = int.from_bytes(log[start : start + 4]), log[start + 8 : start + 16]
            if salts == log[16:24] and 0 < number < LARGEST:
                file.seek((number - 1) * PAGE)
                file.write(log[start + 24 : start + FRAME])


def _rows(connection: sqlite3.Connection, breaks: list[str]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows that can be read, and go on after a hole as well as it can be done."""
    seq = holes = 0
    while holes < LARGEST_HOLE:
        try:
            query = "SELECT seq, at, alarm_id, kind, version, data, digest FROM events WHERE seq > ? ORDER BY seq"
            for row in connection.execute(query, (seq,)):
                if row[0] <= seq:
                    break
                yield row
                seq, holes = row[0], 0
            else:
                return
        except (sqlite3.Error, OverflowError) as err:
            if not holes:
                breaks.append(f"cannot be read after row {seq}: {err}")
        seq, holes = seq + 1, holes + 1


def _newest(found: Sequence[tuple[Any, ...]], kind: str, field_name: str) -> Sequence[Mapping[str, Any]]:
    """Return what the newest row of a kind lists; nothing if there is none."""
    for row in reversed(found):
        if row[3] == kind:
            with suppress(ValueError, KeyError):
                listed: Sequence[Mapping[str, Any]] = json.loads(row[5])[field_name]
                return listed
    return ()


def _head(connection: sqlite3.Connection) -> str | None:
    """Return the end of the chain as the file itself names it."""
    with suppress(sqlite3.Error):
        found = connection.execute("SELECT value FROM meta WHERE key = 'head'").fetchone()
        return str(found[0]) if found else None
    return None


def read_journals(folder: Path) -> list[Journal]:
    """Read the journal in a folder and those set aside, the oldest first."""
    aside = sorted(path for path in folder.glob("journal.db.damaged-*") if not path.name.endswith(("-wal", "-shm")))
    current = folder / "journal.db"
    return [read_journal(path) for path in (*aside, *([current] if current.exists() else []))]
