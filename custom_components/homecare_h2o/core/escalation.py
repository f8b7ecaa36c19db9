"""Who is to be told when nobody answers: levels with deadlines (R012.2, R012.5)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from .errors import BadSettingError

SHORTEST_INTERVAL = timedelta(seconds=5)
"""Calling more often than this would only fill the phones."""

LONGEST_INTERVAL = timedelta(days=7)
"""Whoever means to wait longer than this has mistyped."""


class AlarmType(StrEnum):
    """The larmtyper of the larmplan, and the system's own."""

    PASSIVITY = "passivity"
    GONE_OUT = "gone_out"
    FIRE = "fire"
    LEAK = "leak"
    MEDICINE = "medicine"
    SAFETY_BUTTON = "safety_button"
    POWER_ON = "power_on"
    MOTION = "motion"
    DOOR = "door"
    SEQUENCE = "sequence"
    TECHNICAL = "technical"
    TEST = "test"


class Priority(StrEnum):
    """Which escalation plan an alarm follows."""

    NORMAL = "normal"
    URGENT = "urgent"
    TECHNICAL = "technical"


URGENT_TYPES = frozenset({AlarmType.FIRE, AlarmType.SAFETY_BUTTON})
"""Told twice as fast, and told again when they repeat while open."""


def calc_priority(alarm_type: AlarmType) -> Priority:
    """Return the priority of a larmtyp."""
    if alarm_type is AlarmType.TECHNICAL:
        return Priority.TECHNICAL
    return Priority.URGENT if alarm_type in URGENT_TYPES else Priority.NORMAL


class BadPlanError(BadSettingError):
    """An escalation plan that would leave an alarm unanswered."""

    translation_key = "bad_plan"


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """One level: ``delay`` after the alarm was raised, these receivers are told.

    A receiver is a role on duty (``duty.Receiver``) or the id of a receiver group. A loud level rings through a phone's
    silent mode.
    """

    delay: timedelta
    receivers: tuple[str, ...]
    loud: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class EscalationPlan:
    """The levels in order, the first of them at once; after the last everyone is told every ``repeat_every``.

    An acknowledged alarm that is not closed within ``response_time`` comes back (R012.5).
    Raises BadPlanError for a plan in which some level reaches nobody or time stands still.
    """

    levels: tuple[Level, ...]
    repeat_every: timedelta
    response_time: timedelta

    def __post_init__(self) -> None:
        """Refuse a plan that could leave an alarm unanswered."""
        if not self.levels or not all(level.receivers for level in self.levels):
            raise BadPlanError("a level without receivers")
        delays = [level.delay for level in self.levels]
        if delays[0] != timedelta(0) or delays != sorted(delays):
            raise BadPlanError("the first level is told at once, and no level before the one above it")
        if min(self.repeat_every, self.response_time) < SHORTEST_INTERVAL:
            raise BadPlanError("an interval that is too short")
        if max(delays[-1], self.repeat_every, self.response_time) > LONGEST_INTERVAL:
            raise BadPlanError("an interval that is too long")

    def telling(self, receiver: str) -> EscalationPlan:
        """Return the plan with one more receiver from the first level on."""
        first, *others = self.levels
        widened = replace(first, receivers=tuple(dict.fromkeys((*first.receivers, receiver))))
        return replace(self, levels=(widened, *others))

    def not_telling_first(self, receiver: str) -> EscalationPlan:
        """Return the plan without a receiver on the first level, unless that would leave nobody there.

        From the second level on everyone is told as before: an alarm must not be left unanswered.
        """
        first, *others = self.levels
        left = tuple(each for each in first.receivers if each != receiver)
        return replace(self, levels=(replace(first, receivers=left or first.receivers), *others))

    def is_loud(self, level: int) -> bool:
        """Return whether a level rings through a phone's silent mode; beyond the last one it is as the last."""
        return self.levels[min(level, len(self.levels) - 1)].loud

    def delay_of(self, level: int) -> timedelta:
        """Return how long after the first call a level is due; levels go on for ever."""
        last = len(self.levels) - 1
        return self.levels[min(level, last)].delay + max(0, level - last) * self.repeat_every

    def due_at(self, base_at: datetime, level: int) -> datetime:
        """Return the instant at which a level is due."""
        return base_at + self.delay_of(level)

    def calc_level(self, base_at: datetime, now: datetime) -> int:
        """Return the highest level that is due, -1 if none is."""
        last = len(self.levels) - 1
        if (beyond := now - self.due_at(base_at, last)) >= timedelta(0):
            return last + beyond // self.repeat_every
        return sum(self.due_at(base_at, level) <= now for level in range(last)) - 1

    def calc_receivers(self, first: int, last: int) -> tuple[str, ...]:
        """Return the receivers of the levels ``first`` to ``last``, both included.

        Beyond the last level it is everyone: re-notification never stops (R012.5).
        """
        levels: Sequence[Level] = self.levels if last >= len(self.levels) else self.levels[first : last + 1]
        return tuple(dict.fromkeys(receiver for level in levels for receiver in level.receivers))
