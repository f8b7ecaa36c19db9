"""The chain does not depend on how the events were cut into transactions."""

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings, strategies as st

from custom_components.homecare_h2o import journal_rows as rows

from .factory import closed_alarm, open_journal, started

EVENTS = [started(), *closed_alarm(1), *closed_alarm(2), started(60)]


@settings(max_examples=25, deadline=None)
@given(cuts=st.sets(st.integers(1, len(EVENTS) - 1)))
async def test_any_split_gives_the_same_chain(cuts: set[int]) -> None:
    with TemporaryDirectory() as folder:
        journal, _ = await open_journal(Path(folder) / "journal.db")
        for start, end in pairwise([0, *sorted(cuts), len(EVENTS)]):
            await journal.append(EVENTS[start:end])
        digests = [row.digest for row in await journal.read()]
        await journal.close()
    assert digests == _calc_digests()


def _calc_digests() -> list[str]:
    head = rows.Head()
    digests = []
    for event in EVENTS:
        row = rows.write_row(head, event)
        head = rows.Head(row.seq, row.digest)
        digests.append(row.digest)
    return digests
