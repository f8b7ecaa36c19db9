"""Raising and acknowledging with a short and with a long journal."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import batched
import json
from pathlib import Path
import random
import secrets
import shutil
from typing import Any

from homeassistant.util import ulid

from custom_components.homecare_h2o.clock import HubClock
from custom_components.homecare_h2o.core.escalation import AlarmType, EscalationPlan, Level
from custom_components.homecare_h2o.core.events import (
    Actor,
    AlarmAcknowledged,
    AlarmEvent,
    AlarmRaised,
    AlarmResolved,
    CallReason,
    Outcome,
    PhoneCleared,
    PhoneNotified,
    PhoneReceived,
    ReceiversCalled,
)
from custom_components.homecare_h2o.journal import SqliteJournal

from .homes import DOMAIN, Home

ROWS = 7
"""Rows of each alarm."""
_TOGETHER = 1000
"""Alarms written in one transaction."""
_APART = timedelta(minutes=6)
"""The time between two alarms: a hundred thousand of them fill the year that a journal is kept for."""
_PLAN = EscalationPlan(
    levels=(
        Level(delay=timedelta(0), receivers=("on_duty",)),
        Level(delay=timedelta(minutes=2), receivers=("on_duty", "backup")),
        Level(delay=timedelta(minutes=5), receivers=("larmansvarig",)),
    ),
    repeat_every=timedelta(minutes=5),
    response_time=timedelta(minutes=30),
)


async def fill_journal(config: Path, number: int) -> None:
    """Give a home that does not run a journal of closed alarms, in place of what it has on disk."""
    entry = await asyncio.to_thread(_read_entry, config)
    folder = config / DOMAIN / entry["entry_id"]
    await asyncio.to_thread(_empty, folder)
    journal, _ = await SqliteJournal.open(folder / "journal.db", clock=HubClock())
    first_at = datetime.now(UTC) - _APART * (number + 1)
    alarms = (_history(first_at + _APART * n, *_find_ids(entry)) for n in range(1, number + 1))
    try:
        for together in batched(alarms, _TOGETHER, strict=False):
            events = [event for history in together for event in history]
            await journal.append(events, finished=[history[0].alarm_id for history in together])
    finally:
        await journal.close()


async def measure_actions(
    short: Home, long: Home, rounds: int, warmups: int, chance: random.Random
) -> dict[str, dict[str, list[float]]]:
    """Return the seconds of both actions with both journals, measured in turn."""
    homes = {"short": short, "long": long}
    seconds: dict[str, dict[str, list[float]]] = {
        action: {name: [] for name in homes} for action in ("raise", "acknowledge")
    }
    for number in range(warmups + rounds):
        for name in chance.sample(list(homes), len(homes)):
            home = homes[name]
            took = await home.probe("raise_and_acknowledge", device_id=home.brukare_id, number=number)
            for action, of_homes in seconds.items():
                if number >= warmups:
                    of_homes[name].append(took[action])
    return seconds


def _read_entry(config: Path) -> dict[str, Any]:
    """Return the integration's entry as Home Assistant has saved it."""
    stored = json.loads((config / ".storage" / "core.config_entries").read_text(encoding="utf-8"))
    entry: dict[str, Any] = next(entry for entry in stored["data"]["entries"] if entry["domain"] == DOMAIN)
    return entry


def _find_ids(entry: Mapping[str, Any]) -> tuple[str, str]:
    """Return who an entry's alarms are about, and which phone is called."""
    of_kind = {subentry["subentry_type"]: subentry for subentry in entry["subentries"]}
    return of_kind["brukare"]["subentry_id"], of_kind["receiver_group"]["data"]["phones"][0]


def _empty(folder: Path) -> None:
    """Remove the journal and what is remembered of it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _history(at: datetime, brukare_id: str, phone_id: str) -> list[AlarmEvent]:
    """Return an alarm that was seen, taken and brought to an end."""
    return list(_happen(at, ulid.ulid_at_time(at.timestamp()), brukare_id, phone_id))


def _happen(at: datetime, alarm_id: str, brukare_id: str, phone_id: str) -> Iterator[AlarmEvent]:
    """Tell what happens to an alarm."""
    apart = _APART / 10
    yield AlarmRaised(
        at=at,
        alarm_id=alarm_id,
        brukare_id=brukare_id,
        alarm_type=AlarmType.PASSIVITY,
        rule="passivity",
        due_at=at,
        late=False,
        message=None,
        sources=("binary_sensor.bench_quiet",),
        plan=_PLAN,
        secret=secrets.token_hex(16),
        number=100,
    )
    yield ReceiversCalled(
        at=at,
        alarm_id=alarm_id,
        step=1,
        level=0,
        reason=CallReason.RAISED,
        groups=("group",),
        phones=(phone_id,),
        base_at=at,
        next_deadline_at=at + timedelta(minutes=2),
    )
    yield PhoneNotified(at=at + apart, alarm_id=alarm_id, phone_id=phone_id, step=1)
    yield PhoneReceived(at=at + 2 * apart, alarm_id=alarm_id, phone_id=phone_id, step=1)
    by = Actor(phone_id=phone_id)
    yield AlarmAcknowledged(at=at + 3 * apart, alarm_id=alarm_id, by=by, next_deadline_at=at + timedelta(minutes=32))
    yield AlarmResolved(
        at=at + 4 * apart, alarm_id=alarm_id, by=by, outcome=Outcome.HELP_GIVEN, note=None, report=False
    )
    yield PhoneCleared(at=at + 5 * apart, alarm_id=alarm_id, phone_id=phone_id)
