"""Nights that are over when the test is."""

from collections.abc import AsyncIterator

import pytest

from custom_components.homecare_h2o import outbox
from custom_components.homecare_h2o.core.duty import ReceiverGroup

from .night import Night, Nights


@pytest.fixture
async def nights() -> AsyncIterator[Nights]:
    """Return what starts a night."""
    begun: list[Night] = []

    async def begin(at: str = "2026-11-02 12:00", *groups: ReceiverGroup) -> Night:
        begun.append(Night(at, *groups))
        return await begun[-1].start()

    yield begin
    for night in begun:
        # A test that failed may have left it held up, and then nothing ends.
        night.journal.gate.set()
        night.journal.written.set()
        await night.stop()


@pytest.fixture
async def night(nights: Nights) -> Night:
    """Return a home at noon with two phones on duty, a backup and a larmansvarig."""
    return await nights()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a phone that hangs for a moment only."""
    monkeypatch.setattr(outbox, "SEND_TIMEOUT", 0.01)
