"""Ways to damage a journal, and to look at what is left."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
import shutil
import sqlite3

from custom_components.homecare_h2o.journal import SqliteJournal

TRIGGERS = ("events_keep", "events_stay", "events_follow")


def flip(path: Path, offset: int, length: int = 1) -> None:
    """Turn bits around; a negative offset counts from the end."""
    content = bytearray(path.read_bytes())
    start = offset % len(content)
    content[start : start + length] = bytes(byte ^ 0x55 for byte in content[start : start + length])
    path.write_bytes(content)


def read(path: Path) -> bytes:
    return path.read_bytes()


def move(path: Path, name: str) -> Path:
    return path.rename(path.with_name(name))


def remove(path: Path) -> None:
    path.unlink()


def truncate(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])


def tamper(path: Path, *statements: str) -> None:
    """Change a journal behind its back."""
    with closing(sqlite3.connect(path, autocommit=True)) as connection:
        for trigger in TRIGGERS:
            connection.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            assert connection.execute(statement).rowcount


def find_page(path: Path, text: str) -> int:
    """Return where the page begins that has the first row of an alarm."""
    offset = path.read_bytes().index(b'{"alarm_id":"' + text.encode())
    return offset - offset % 4096


def copy_running(path: Path, folder: Path) -> Path:
    """Return a copy of the files as a killed process would leave them."""
    folder.mkdir()
    for suffix in ("", "-wal"):
        shutil.copyfile(path.with_name(path.name + suffix), folder / (path.name + suffix))
    return folder / path.name


async def find_open(journal: SqliteJournal) -> set[str]:
    return {history[0].alarm_id for history in await journal.load_unfinished()}


def find_aside(path: Path) -> set[str]:
    return {found.name for found in path.parent.glob("*.damaged-*")}


type Damager = Callable[[Path], None]
