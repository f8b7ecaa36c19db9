"""A round of calls: who is told now, and when the next level is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from .duty import ReceiverGroup, Resolution, ids_on_duty, next_change_at, resolve
from .errors import UnknownGroupError
from .escalation import EscalationPlan
from .events import AlarmEvent, CallReason, NoOneOnDuty, ReceiversCalled


@dataclass(frozen=True, kw_only=True, slots=True)
class Rota:
    """The receiver groups and the time zone of their duty hours."""

    groups: tuple[ReceiverGroup, ...]
    tz: ZoneInfo

    def resolve(self, receivers: Sequence[str], now: datetime) -> Resolution:
        """Return who these receivers are now."""
        return resolve(receivers, self.groups, now, self.tz)

    def on_duty(self, at: datetime) -> tuple[str, ...]:
        """Return the ids of the groups of any role that are on duty."""
        return ids_on_duty(self.groups, at, self.tz)

    def next_change_at(self, at: datetime) -> datetime | None:
        """Return the next instant after this when some group goes on or off duty."""
        return next_change_at(self.groups, at, self.tz)

    def is_on_duty(self, phone_id: str | None, now: datetime) -> bool:
        """Return whether a phone belongs to some group that is on duty."""
        on_duty = self.on_duty(now)
        return any(phone_id in group.phones for group in self.groups if group.group_id in on_duty)

    def find_group(self, name: str) -> ReceiverGroup:
        """Return the group with this id, else with this name; raises UnknownGroupError."""
        by_id = (group for group in self.groups if group.group_id == name)
        by_name = (group for group in self.groups if group.name.casefold() == name.strip().casefold())
        group = next(by_id, None) or next(by_name, None)
        if group is None:
            raise UnknownGroupError
        return group


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """A round of calls that is to be decided."""

    alarm_id: str
    step: int
    level: int
    reason: CallReason
    base_at: datetime
    receivers: tuple[str, ...]
    plan: EscalationPlan
    also: tuple[str, ...] = ()
    except_for: frozenset[str] = frozenset()


def call(wanted: Round, now: datetime, rota: Rota) -> list[AlarmEvent]:
    """Return the events of a round of calls: who is told, and when the next level is due."""
    found = rota.resolve(wanted.receivers, now)
    phones = dict.fromkeys((*wanted.also, *found.phones))
    called = ReceiversCalled(
        at=now,
        alarm_id=wanted.alarm_id,
        step=wanted.step,
        level=wanted.level,
        reason=wanted.reason,
        groups=found.groups,
        phones=tuple(phone for phone in phones if phone not in wanted.except_for),
        base_at=wanted.base_at,
        next_deadline_at=wanted.plan.due_at(wanted.base_at, wanted.level + 1),
    )
    if not (found.no_one_on_duty or found.fallback):
        return [called]
    fallback = found.groups if found.fallback else ()
    return [NoOneOnDuty(at=now, alarm_id=wanted.alarm_id, step=wanted.step, fallback=fallback), called]
