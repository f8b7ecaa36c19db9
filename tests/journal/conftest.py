"""A journal with a night in it."""

from pathlib import Path

import pytest

from .factory import closed_alarm, open_alarm, open_journal, started

OPEN = (3, 150, 299)
"""The alarms of the night that are open in the morning: one of the first, one in the middle, one of the last."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
async def night(path: Path) -> Path:
    """A closed journal of 1,495 rows in several pages of every kind."""
    journal, _ = await open_journal(path)
    await journal.append([started()])
    for number in range(1, 301):
        is_open = number in OPEN
        events = open_alarm(number) if is_open else closed_alarm(number)
        await journal.append(events, finished=[] if is_open else [f"alarm{number}"])
    await journal.close()
    return path
