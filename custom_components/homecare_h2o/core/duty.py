"""Who is on duty when, and who is reached when nobody is (R012.6, R013.2, R011.5)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from .windows import ALL_DAY, BadWindowError, Window, elapsed

_MINUTES = tuple(time(minute // 60, minute % 60) for minute in range(24 * 60))


class Role(StrEnum):
    """What a receiver group is for (R030.1)."""

    STAFF = "staff"
    BACKUP = "backup"
    LARMANSVARIG = "larmansvarig"
    RELATIVE = "relative"


class Receiver(StrEnum):
    """Whom an escalation level names; any other string is a group_id (R012.2)."""

    ON_DUTY = "on_duty"
    BACKUP = "backup"
    LARMANSVARIG = "larmansvarig"
    RELATIVE = "relative"


_ROLE_NAMED: dict[str, Role] = {
    Receiver.ON_DUTY: Role.STAFF,
    Receiver.BACKUP: Role.BACKUP,
    Receiver.LARMANSVARIG: Role.LARMANSVARIG,
    Receiver.RELATIVE: Role.RELATIVE,
}
_REACHED_OFF_DUTY = frozenset({Role.BACKUP, Role.LARMANSVARIG})


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiverGroup:
    """A work group or a relative: its duty hours and its phone ids, in order (R030.1)."""

    group_id: str
    name: str
    role: Role
    duty: Window
    phones: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolution:
    """Who is told now; ``fallback`` = those who were asked for were not enough (R012.6)."""

    groups: tuple[str, ...]
    phones: tuple[str, ...]
    no_one_on_duty: bool
    fallback: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """Wall-clock spans as (first minute, last minute), both inclusive, that may cross midnight (R011.5)."""

    gaps: tuple[tuple[time, time], ...]
    overlaps: tuple[tuple[time, time], ...]


def duty_window(start: time | None, last_minute: time | None) -> Window:
    """Return the window of duty hours whose last minute is included; BadWindowError if only one is given (R013.2)."""
    if start is None and last_minute is None:
        return ALL_DAY
    if start is None or last_minute is None:
        raise BadWindowError("Duty hours need both a first and a last minute, or neither")
    start = _MINUTES[_minute_of(start)]
    end = _MINUTES[(_minute_of(last_minute) + 1) % len(_MINUTES)]
    return ALL_DAY if start == end else Window(start=start, end=end)


def groups_on_duty(
    groups: Iterable[ReceiverGroup], role: Role, at: datetime, tz: ZoneInfo
) -> tuple[ReceiverGroup, ...]:
    """Return the groups of a role whose duty hours cover the instant, with or without phones."""
    return tuple(group for group in groups if group.role is role and group.duty.contains(at, tz))


def ids_on_duty(groups: Iterable[ReceiverGroup], at: datetime, tz: ZoneInfo) -> tuple[str, ...]:
    """Return the ids of the groups of any role whose duty hours cover the instant, with or without phones."""
    return tuple(group.group_id for group in groups if group.duty.contains(at, tz))


def calc_incoming(
    groups: Sequence[ReceiverGroup], left: Sequence[str], came: Sequence[str], asked: Sequence[str]
) -> tuple[str, ...]:
    """Return the receivers that a change of shift hands an alarm over to (R013.2).

    Staff always; another group with a phone that came only if the plan has asked for it, by role or id, so far.
    A group that was deleted counts as staff: nobody knows any more what it was.
    """
    role_of = {group.group_id: group.role for group in groups}
    staff = any(role_of.get(group_id, Role.STAFF) is Role.STAFF for group_id in (*left, *came))
    others = (group for group in groups if group.group_id in came and group.role is not Role.STAFF and group.phones)
    named = (group.group_id for group in others if {group.group_id, str(group.role)} & set(asked))
    return (*((Receiver.ON_DUTY,) if staff else ()), *named)


def resolve(receivers: Sequence[str], groups: Sequence[ReceiverGroup], at: datetime, tz: ZoneInfo) -> Resolution:
    """Return who is told at this instant, each phone once; never nobody while any group has a phone (R012.6)."""
    asked = [group for receiver in receivers for group in _groups_named(receiver, groups, at, tz)]
    no_one_on_duty = Receiver.ON_DUTY in receivers and not _has_phone(groups_on_duty(groups, Role.STAFF, at, tz))
    nobody_reached = not _has_phone(asked)
    if no_one_on_duty or nobody_reached:
        asked += _fallback(groups, at, tz, everyone=nobody_reached)
    return Resolution(
        groups=tuple(dict.fromkeys(group.group_id for group in asked)),
        phones=tuple(dict.fromkeys(phone for group in asked for phone in group.phones)),
        no_one_on_duty=no_one_on_duty,
        fallback=no_one_on_duty or nobody_reached,
    )


def calc_coverage(groups: Sequence[ReceiverGroup], role: Role) -> Coverage:
    """Find when no group or several of a role can be reached; one without phones never can (R011.5)."""
    windows = [group.duty for group in groups if group.role is role and group.phones]
    reached = [sum(window.covers(minute) for window in windows) for minute in _MINUTES]
    return Coverage(
        gaps=_spans([number == 0 for number in reached]), overlaps=_spans([number > 1 for number in reached])
    )


def next_change_at(groups: Sequence[ReceiverGroup], at: datetime, tz: ZoneInfo) -> datetime | None:
    """Return the next instant after this when some group goes on or off duty; None if all always are on (R013.2)."""
    return min((_window_change_at(group.duty, at, tz) for group in groups if not group.duty.all_day), default=None)


def _groups_named(
    receiver: str, groups: Sequence[ReceiverGroup], at: datetime, tz: ZoneInfo
) -> tuple[ReceiverGroup, ...]:
    """Return the groups that a receiver stands for now; an unknown group_id stands for none."""
    role = _ROLE_NAMED.get(receiver)
    if role is None:
        return tuple(group for group in groups if group.group_id == receiver)
    on_duty = groups_on_duty(groups, role, at, tz)
    if role in _REACHED_OFF_DUTY and not _has_phone(on_duty):
        return tuple(group for group in groups if group.role is role)
    return on_duty


def _fallback(
    groups: Sequence[ReceiverGroup], at: datetime, tz: ZoneInfo, *, everyone: bool
) -> tuple[ReceiverGroup, ...]:
    """Return the first with a phone of backup, larmansvarig and, if nobody else is reached, staff, anyone (R012.6)."""
    choices = [_groups_named(receiver, groups, at, tz) for receiver in (Receiver.BACKUP, Receiver.LARMANSVARIG)]
    if everyone:
        choices += [tuple(group for group in groups if group.role is Role.STAFF), tuple(groups)]
    return next((choice for choice in choices if _has_phone(choice)), ())


def _has_phone(groups: Iterable[ReceiverGroup]) -> bool:
    """Whether anybody in these groups can be reached at all."""
    return any(group.phones for group in groups)


def _minute_of(wall: time) -> int:
    """Return the minute of the day; duty hours know no seconds."""
    return wall.hour * 60 + wall.minute


def _spans(minutes: Sequence[bool]) -> tuple[tuple[time, time], ...]:
    """Return the runs of true minutes round the clock, in the order of their first minute."""
    if all(minutes):
        return ((_MINUTES[0], _MINUTES[-1]),)
    firsts = [i for i, here in enumerate(minutes) if here and not minutes[i - 1]]
    lasts = [i for i, here in enumerate(minutes) if here and not minutes[(i + 1) % len(minutes)]]
    if firsts and lasts[0] < firsts[0]:
        # The run that ends first is the one that began before midnight.
        lasts.append(lasts.pop(0))
    return tuple((_MINUTES[first], _MINUTES[last]) for first, last in zip(firsts, lasts, strict=True))


def _window_change_at(window: Window, at: datetime, tz: ZoneInfo) -> datetime:
    """Return the next instant after this at which the window opens or closes."""
    occurrences = (occurrence for occurrence in window.occurrences_from(at, tz) if elapsed(occurrence))
    occurrence = next(occurrences)
    if at < occurrence.start_at:
        return occurrence.start_at
    # Over the repeated hour two occurrences may overlap: the group then stays on duty.
    while (following := next(occurrences)).start_at <= occurrence.end_at:
        occurrence = following
    return occurrence.end_at
