"""``missed``: something that is done every day is not done, such as opening the medicine cabinet."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, override
from zoneinfo import ZoneInfo

from homeassistant.components.binary_sensor import DOMAIN as BINARY_SENSOR
from homeassistant.const import CONF_OPTIONS
from homeassistant.helpers.typing import ConfigType
import probatio as vol

from ..core.codec import recall, to_plain
from ..core.detection import missed
from ..core.detection.missed import MissedConfig, MissedFacts, Seen
from ..core.detection.notes import Note, Why
from .detector import Detector, DetectorTrigger, DetectorWatch, Look, Roles, as_on
from .options import TARGET, WINDOW, duration, window_of
from .watch import find_entities

CONF_STAGE = "stage"
CONF_REMINDER_DELAY = "reminder_delay"
CONF_ALARM_DELAY = "alarm_delay"
CONF_GRACE = "grace"
CONTACTS = frozenset({"door", "garage_door", "opening", "window"})


class Stage(StrEnum):
    """What is told: a reminder to the person, or the alarm."""

    REMINDER = "reminder"
    ALARM = "alarm"


def _read(options: ConfigType) -> tuple[Stage, MissedConfig]:
    """Return the stage and the rule."""
    rule = MissedConfig(
        window=window_of(options),
        reminder_delay=options[CONF_REMINDER_DELAY],
        alarm_delay=options[CONF_ALARM_DELAY],
        grace=options[CONF_GRACE],
    )
    missed.check(rule)
    return Stage(options[CONF_STAGE]), rule


type Rule = tuple[Stage, MissedConfig]


def _observe(rule: Rule, facts: MissedFacts, look: Look, tz: ZoneInfo, _excused: bool) -> MissedFacts:  # noqa: FBT001
    """Show an opening."""
    seen = Seen(source=look.source, on=as_on(look.state), at=look.at, restored=look.restored)
    return missed.observe(rule[1], facts, seen, tz)


def _next_due_at(rule: Rule, facts: MissedFacts, tz: ZoneInfo) -> datetime:
    """Return the next alarm; for the reminder, whichever comes first."""
    due_at = missed.next_due_at(rule[1], facts, tz)
    return due_at if rule[0] is Stage.ALARM else min(due_at, missed.next_reminder_at(rule[1], facts, tz))


def _is_silent(rule: Rule, facts: MissedFacts, due_at: datetime, now: datetime, tz: ZoneInfo) -> bool:
    """Return whether a trigger that only reminds is at the alarm, or past it: a late reminder invites a double dose."""
    return rule[0] is Stage.REMINDER and missed.next_due_at(rule[1], facts, tz) <= now


def _fired(rule: Rule, facts: MissedFacts, due_at: datetime, tz: ZoneInfo) -> MissedFacts:
    """Return the facts after a deadline."""
    if rule[0] is Stage.ALARM or due_at == missed.next_due_at(rule[1], facts, tz):
        return missed.fired(facts, due_at)
    return missed.reminded(facts, due_at)


def _explain(rule: Rule, before: MissedFacts, after: MissedFacts, tz: ZoneInfo) -> Why | None:
    """Return that it was done in time, unless the trigger has fired already: the reminder comes before the alarm."""
    why = missed.explain(before, after)
    if why is None or rule[0] is Stage.ALARM:
        return why
    due_at = _next_due_at(rule, before, tz)
    return None if due_at == why.due_at else replace(why, due_at=due_at)


def _note(rule: Rule, before: MissedFacts, after: MissedFacts, _look: Look) -> Note | None:
    """Return what the trigger of the alarm journals; the one beside it that reminds would say it again."""
    return missed.note(before, after) if rule[0] is Stage.ALARM else None


class MissedWatch(DetectorWatch):
    """Watches the contacts of the target."""

    @override
    def find_roles(self) -> Roles:
        def is_contact(domain: str, device_class: str | None) -> bool:
            return domain == BINARY_SENSOR and device_class in CONTACTS

        return dict.fromkeys(find_entities(self.hass, self.target, is_contact), "contact")

    @override
    def forget(self, since_at: datetime) -> Mapping[str, Any]:
        """Keep that it was done: whoever is told that it was not may take the medicine twice."""
        known = recall(MissedFacts, self.memory.get("facts"))
        kept = {"facts": to_plain(replace(known, armed_since_at=since_at))} if known else {}
        return {**(super().forget(since_at) or {}), **kept}


_SCHEMA: dict[Any, Any] = {
    **TARGET,
    vol.Required(CONF_OPTIONS): {
        vol.Optional(CONF_STAGE, default=Stage.ALARM): vol.In(list(Stage)),
        **WINDOW,
        **duration(CONF_REMINDER_DELAY, timedelta()),
        **duration(CONF_ALARM_DELAY, timedelta(minutes=30)),
        **duration(CONF_GRACE, timedelta(minutes=60)),
    },
}


class MissedTrigger(DetectorTrigger):
    """Fires at the reminder, or at the alarm, if it has not been done."""

    watch = MissedWatch
    detector = Detector(
        schema=vol.Schema(_SCHEMA),
        read=_read,
        facts=MissedFacts,
        begin=lambda now: MissedFacts(armed_since_at=now),
        observe=_observe,
        next_due_at=_next_due_at,
        fired=_fired,
        is_silent=_is_silent,
        explain=lambda rule, before, after, _look, tz, _excused: _explain(rule, before, after, tz),
        note=_note,
    )
