"""A home with a month behind it that can be counted: alarms of several larmtyper, groups, hours and ends."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from custom_components.homecare_h2o.clock import HubClock
from custom_components.homecare_h2o.core.codec import to_plain
from custom_components.homecare_h2o.core.escalation import AlarmType, EscalationPlan, Level
from custom_components.homecare_h2o.core.events import (
    Actor,
    AlarmAcknowledged,
    AlarmEscalated,
    AlarmEvent,
    AlarmRaised,
    AlarmResolved,
    CallReason,
    FalseAlarmReported,
    Outcome,
    ReceiversCalled,
)
from custom_components.homecare_h2o.core.watching import Day, WatchFacts
from custom_components.homecare_h2o.facts import Facts
from custom_components.homecare_h2o.journal import SqliteJournal

STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAY = timedelta(days=1)
TYPES = (
    *(AlarmType.SAFETY_BUTTON, AlarmType.PASSIVITY, AlarmType.DOOR, AlarmType.SAFETY_BUTTON, AlarmType.MEDICINE),
    *(AlarmType.GONE_OUT, AlarmType.SAFETY_BUTTON, AlarmType.FIRE, AlarmType.TEST),
)
DAY_GROUP, NIGHT_GROUP, BOSS_GROUP = "Htj dag", "Nattpatrull", "Larmansvarig"
_BY = Actor(user_id="somebody")
_PLAN = EscalationPlan(
    levels=(
        Level(delay=timedelta(0), receivers=("on_duty",)),
        Level(delay=5 * timedelta(minutes=1), receivers=("boss",)),
    ),
    repeat_every=timedelta(minutes=5),
    response_time=timedelta(minutes=30),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """What became of an alarm; ``wait``: until somebody took it, or closed it as a false one."""

    number: int
    raised_at: datetime
    alarm_type: AlarmType
    group: str
    wait: timedelta
    is_escalated: bool
    is_false: bool

    @property
    def hour(self) -> int:
        """The hour of the day in which it was raised."""
        return self.raised_at.astimezone(STOCKHOLM).hour


def tell(number: int, now: datetime) -> list[Story]:
    """Return so many stories, two a day, up to yesterday."""
    return [_story(n, now) for n in range(number)]


def _story(n: int, now: datetime) -> Story:
    """Return the nth story."""
    day, hour, end = now.astimezone(STOCKHOLM).date() - (n // 2 + 1) * DAY, n * 5 % 24, n % 6
    waits = {3: 360 + n * 11, 4: 90, 5: 700 + n * 3}
    return Story(
        number=n,
        raised_at=datetime.combine(day, time(hour, 30), STOCKHOLM).astimezone(UTC),
        alarm_type=TYPES[n % len(TYPES)],
        group=DAY_GROUP if 7 <= hour <= 20 else NIGHT_GROUP,
        wait=timedelta(seconds=waits.get(end, 20 + n * 37 % 200)),
        is_escalated=end in (3, 5),
        is_false=end == 4,
    )


async def write_month(config: Path, stories: list[Story], rules: Mapping[str, float]) -> None:
    """Give a home that does not run these alarms in place of its journal, and lines that were watched so many hours a day."""
    entry = await asyncio.to_thread(_read_entry, config)
    ids = {each["title"]: each["subentry_id"] for each in entry["subentries"]}
    folder = config / "homecare_h2o" / entry["entry_id"]
    await asyncio.to_thread(_remove_journal, folder)
    histories = [list(_happen(story, ids)) for story in stories]
    journal, _ = await SqliteJournal.open(folder / "journal.db", clock=HubClock())
    events = sorted((event for history in histories for event in history), key=lambda event: event.at)
    await journal.append(events, finished=[history[0].alarm_id for history in histories])
    await journal.close()
    facts, _ = await Facts.open(folder / "facts.db")
    now = datetime.now(UTC)
    for rule, hours in rules.items():
        await facts.put(f"line.{rule}", to_plain(WatchFacts(counted_until_at=now, days=tuple(_days(now, hours)))))
    await facts.close()


def _days(now: datetime, hours: float) -> Iterator[Day]:
    """Yield twenty days on each of which a line was watched so many hours, and not for the rest."""
    for ago in range(20, 0, -1):
        watched = timedelta(hours=hours)
        date = now.astimezone(STOCKHOLM).date() - ago * DAY
        yield Day(date=date.isoformat(), watched=watched, not_watched=DAY - watched)


def _read_entry(config: Path) -> Mapping[str, Any]:
    """Return the hub as Home Assistant has saved it."""
    stored = json.loads((config / ".storage" / "core.config_entries").read_text(encoding="utf-8"))
    (entry,) = (entry for entry in stored["data"]["entries"] if entry["domain"] == "homecare_h2o")
    found: Mapping[str, Any] = entry
    return found


def _remove_journal(folder: Path) -> None:
    """Remove the journal, and what is remembered of it."""
    for path in (*folder.glob("journal.db*"), *folder.glob("facts.db*")):
        path.unlink()


def _happen(story: Story, ids: Mapping[str, str]) -> Iterator[AlarmEvent]:
    """Tell a story from beginning to end."""
    alarm_id, at = f"alarm-{story.number:04}", story.raised_at
    brukare_id = next(key for title, key in ids.items() if title == "K7-31")
    yield AlarmRaised(
        at=at,
        alarm_id=alarm_id,
        brukare_id=brukare_id,
        alarm_type=story.alarm_type,
        rule=f"rule {story.number}",
        due_at=at,
        late=False,
        message=None,
        sources=(),
        plan=_PLAN,
        secret=f"{story.number:032x}",
    )
    yield _called(alarm_id, at, 0, ids[story.group])
    if story.is_escalated:
        level_at = at + timedelta(minutes=5)
        yield AlarmEscalated(
            at=level_at, alarm_id=alarm_id, level=1, reason=CallReason.UNANSWERED, due_at=level_at, late=False
        )
        yield _called(alarm_id, level_at, 1, ids[BOSS_GROUP])
    if story.is_false:
        yield FalseAlarmReported(at=at + story.wait, alarm_id=alarm_id, by=_BY)
    else:
        yield AlarmAcknowledged(at=at + story.wait, alarm_id=alarm_id, by=_BY, next_deadline_at=at + timedelta(hours=2))
        yield AlarmResolved(
            at=at + timedelta(hours=1), alarm_id=alarm_id, by=_BY, outcome=Outcome.HELP_GIVEN, note=None, report=False
        )


def _called(alarm_id: str, at: datetime, level: int, group_id: str) -> ReceiversCalled:
    """Return the call of a group."""
    return ReceiversCalled(
        at=at,
        alarm_id=alarm_id,
        step=level + 1,
        level=level,
        reason=CallReason.UNANSWERED if level else CallReason.RAISED,
        groups=(group_id,),
        phones=(),
        base_at=at,
        next_deadline_at=at + timedelta(minutes=5),
    )


__all__ = ["BOSS_GROUP", "DAY_GROUP", "NIGHT_GROUP", "STOCKHOLM", "Story", "tell", "write_month"]
