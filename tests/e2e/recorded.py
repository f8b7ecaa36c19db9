"""Days that were recorded before a home is looked at, written into the recorder's own database while nothing runs."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
import sqlite3

DAY = timedelta(days=1)
FIRST, LAST = timedelta(hours=7, minutes=30), timedelta(hours=22)
"""When somebody gets up and goes to bed, counted from midnight (UTC)."""

type Changes = Sequence[tuple[datetime, str]]


def write_days(config: Path, sensors: Mapping[str, Changes]) -> int:
    """Write what sensors showed into the database; returns how many states that are."""
    with sqlite3.connect(config / "home-assistant_v2.db") as database:
        oldest = database.execute("SELECT min(state_id) FROM states").fetchone()[0] or 0
        for entity_id, changes in sensors.items():
            found = database.execute("SELECT metadata_id FROM states_meta WHERE entity_id = ?", (entity_id,)).fetchone()
            metadata_id = (
                found[0]
                if found
                else database.execute("INSERT INTO states_meta (entity_id) VALUES (?)", (entity_id,)).lastrowid
            )
            attributes_id = database.execute(
                "SELECT attributes_id FROM states WHERE metadata_id = ? ORDER BY state_id DESC LIMIT 1", (metadata_id,)
            ).fetchone()
            database.executemany(
                "INSERT INTO states (state, last_updated_ts, metadata_id, attributes_id, origin_idx) VALUES (?, ?, ?, ?, 0)",
                [(state, at.timestamp(), metadata_id, attributes_id and attributes_id[0]) for at, state in changes],
            )
        count: int = database.execute("SELECT count(*) FROM states").fetchone()[0] - oldest
    return count


def live(until: datetime, days: int, a_day: int, seed: int) -> list[tuple[datetime, str]]:
    """Return the changes of a motion sensor: so many a day, while somebody is up; each second day begins late."""
    random = Random(seed)
    return [
        change
        for number in range(days)
        for change in _live_a_day(until.replace(hour=0, minute=0) - DAY * (days - number), a_day, random, number)
    ]


def _live_a_day(midnight: datetime, a_day: int, random: Random, number: int) -> Iterator[tuple[datetime, str]]:
    """Yield the changes of one day; on for ten seconds each time."""
    begin = midnight.astimezone(UTC) + FIRST + (number % 2) * timedelta(hours=3)
    apart = (LAST - FIRST - timedelta(hours=3)) / (a_day // 2)
    for step in range(a_day // 2):
        at = begin + apart * step + apart * 0.5 * random.random()
        yield at, "on"
        yield at + min(timedelta(seconds=10), apart * 0.4), "off"
