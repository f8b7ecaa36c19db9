"""What has happened in a home before it is looked at: closed alarms, written by the journal itself."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import shutil
from zoneinfo import ZoneInfo

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
    PhoneNotified,
    PhoneReceived,
    ReceiversCalled,
)
from custom_components.homecare_h2o.journal import SqliteJournal

DOMAIN = "homecare_h2o"
STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAY = (7, 21)
"""The hours in which the group of the day is called."""
TYPES = (
    AlarmType.SAFETY_BUTTON,
    AlarmType.PASSIVITY,
    AlarmType.DOOR,
    AlarmType.SAFETY_BUTTON,
    AlarmType.MEDICINE,
    AlarmType.GONE_OUT,
    AlarmType.SAFETY_BUTTON,
    AlarmType.POWER_ON,
    AlarmType.LEAK,
)
"""What the alarms are, in turn."""
OUTCOMES = (
    Outcome.HELP_GIVEN,
    Outcome.HELP_GIVEN,
    Outcome.NO_HELP_NEEDED,
    Outcome.HELP_GIVEN,
    Outcome.FALSE_ALARM,
    Outcome.HELP_GIVEN,
    Outcome.TECHNICAL_FAULT,
)
"""How they ended, in turn."""
_PLAN = EscalationPlan(
    levels=(
        Level(delay=timedelta(0), receivers=("on_duty",)),
        Level(delay=timedelta(minutes=5), receivers=("on_duty", "backup")),
        Level(delay=timedelta(minutes=10), receivers=("larmansvarig",)),
    ),
    repeat_every=timedelta(minutes=5),
    response_time=timedelta(minutes=30),
)


async def write_past(config: Path, number: int, apart: timedelta) -> None:
    """Give a home that does not run so many closed alarms, in place of its journal; the last was a while ago."""
    _, brukare_id, *groups = await asyncio.to_thread(_read_ids, config)
    folder = await asyncio.to_thread(forget, config)
    first_at = datetime.now(UTC) - apart * number
    histories = [
        list(_happen(first_at + apart * n, n, brukare_id, _on_duty(first_at + apart * n, groups)))
        for n in range(number)
    ]
    journal, _ = await SqliteJournal.open(folder / "journal.db", clock=HubClock())
    events = [event for history in histories for event in history]
    await journal.append(events, finished=[history[0].alarm_id for history in histories])
    await journal.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class Called:
    """A group that is called, and one of its phones."""

    group_id: str
    phone_id: str


def _on_duty(at: datetime, groups: Sequence[Called]) -> Called:
    """Return the group of the day or of the night."""
    return groups[0 if DAY[0] <= at.astimezone(STOCKHOLM).hour < DAY[1] else 1]


def _read_ids(config: Path) -> tuple[str, str, Called, Called]:
    """Return the hub, who its alarms are about, and the groups of the day and of the night."""
    stored = json.loads((config / ".storage" / "core.config_entries").read_text(encoding="utf-8"))
    (entry,) = (entry for entry in stored["data"]["entries"] if entry["domain"] == DOMAIN)
    (brukare,) = (each for each in entry["subentries"] if each["subentry_type"] == "brukare")
    day, night, *_ = (
        Called(group_id=each["subentry_id"], phone_id=each["data"]["phones"][0])
        for each in entry["subentries"]
        if each["subentry_type"] == "receiver_group"
    )
    return entry["entry_id"], brukare["subentry_id"], day, night


def forget(config: Path) -> Path:
    """Remove the journal of a home that does not run, and what is remembered of it; returns where it was."""
    folder = config / DOMAIN / _read_ids(config)[0]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _happen(at: datetime, n: int, brukare_id: str, called: Called) -> Iterator[AlarmEvent]:
    """Tell what happened to the nth alarm: it was seen, taken and brought to an end."""
    alarm_id = ulid.ulid_at_time(at.timestamp())
    alarm_type = TYPES[n % len(TYPES)]
    taken_at = at + timedelta(seconds=20 + n * 37 % 300)
    phone_id = called.phone_id
    by = Actor(phone_id=phone_id)
    yield AlarmRaised(
        at=at,
        alarm_id=alarm_id,
        brukare_id=brukare_id,
        alarm_type=alarm_type,
        rule=alarm_type,
        due_at=at,
        late=False,
        message=None,
        sources=(),
        plan=_PLAN,
        secret=f"{n:032x}",
        number=100 + n % 900,
    )
    yield ReceiversCalled(
        at=at,
        alarm_id=alarm_id,
        step=1,
        level=0,
        reason=CallReason.RAISED,
        groups=(called.group_id,),
        phones=(phone_id,),
        base_at=at,
        next_deadline_at=at + timedelta(minutes=5),
    )
    yield PhoneNotified(at=at + timedelta(seconds=1), alarm_id=alarm_id, phone_id=phone_id, step=1)
    yield PhoneReceived(at=at + timedelta(seconds=2), alarm_id=alarm_id, phone_id=phone_id, step=1)
    yield AlarmAcknowledged(at=taken_at, alarm_id=alarm_id, by=by, next_deadline_at=taken_at + timedelta(minutes=30))
    yield AlarmResolved(
        at=taken_at + timedelta(minutes=12),
        alarm_id=alarm_id,
        by=by,
        outcome=OUTCOMES[n % len(OUTCOMES)],
        note=None,
        report=False,
    )
