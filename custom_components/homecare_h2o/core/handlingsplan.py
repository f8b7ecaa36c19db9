"""The handlingsplan with its history: each line as it is, and every change of it (R011.3, HP.1, HP.2).

It is folded from the journal; what is found in Home Assistant is compared with it, and the difference is what happened.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
import json
from typing import Any

from .events import Actor, Event
from .plan_events import PlanChange, PlanChanged, PlanCommented, PlannedLine

BLUEPRINT = "use_blueprint"
INPUTS = "input"
PATH = "path"
IN_COMMON = ("alias", "description")
"""What an automation of a blueprint may have beside its inputs."""
ID = "id"

type Key = tuple[str, str]
"""A brukare and a rule: a line is known by both."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LineChange:
    """One change of a line: how it was, how it became, who did it, and the newest comment on it."""

    change_id: str
    at: datetime
    brukare_id: str
    rule: str
    change: PlanChange
    before: PlannedLine | None
    after: PlannedLine | None
    by: Actor
    comment: str | None = None
    comment_by: Actor | None = None
    comment_at: datetime | None = None
    restored_from: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LineHistory:
    """A line as it is, None if it was deleted, and its changes, oldest first; there is at least one."""

    brukare_id: str
    rule: str
    line: PlannedLine | None
    changes: tuple[LineChange, ...]

    @property
    def created_at(self) -> datetime:
        """When the line came into the plan, the first time if it was deleted in between (HP.1)."""
        return self.changes[0].at

    @property
    def created_by(self) -> Actor:
        """Who made it (HP.1)."""
        return self.changes[0].by


@dataclass(frozen=True, kw_only=True, slots=True)
class Handlingsplan:
    """Every line that there is or was."""

    histories: Mapping[Key, LineHistory] = field(default_factory=dict)

    def lines_of(self, brukare_id: str) -> list[LineHistory]:
        """Return the lines of a brukare, also those that were deleted, in the order in which they were made."""
        return [each for each in self.histories.values() if each.brukare_id == brukare_id]

    def find_change(self, change_id: str) -> LineChange | None:
        """Return a change, None if there is none."""
        return next(
            (each for history in self.histories.values() for each in history.changes if each.change_id == change_id),
            None,
        )

    @property
    def changes(self) -> list[LineChange]:
        """Every change of every line, oldest first."""
        found = [each for history in self.histories.values() for each in history.changes]
        return sorted(found, key=lambda change: change.at)

    @property
    def lines(self) -> dict[Key, PlannedLine]:
        """The lines that there are."""
        return {key: history.line for key, history in self.histories.items() if history.line}


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """A line is being changed by somebody, perhaps back to how it was before a change."""

    by: Actor
    restored_from: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueChange:
    """A value of a line that was changed, as JSON knows it; None: not given, so what the blueprint says holds."""

    key: str
    old: Any
    new: Any


def replay(events: Iterable[Event]) -> Handlingsplan:
    """Return the plan that these events made: what ``evolve`` comes to, in a time that does not grow with its square."""
    changes: dict[Key, dict[str, LineChange]] = {}
    for event in events:
        if isinstance(event, PlanChanged):
            of_line = changes.setdefault((event.brukare_id, event.rule), {})
            last = next(reversed(of_line.values()), None)
            of_line.setdefault(event.change_id, _make_change(event, last.after if last else None))
        elif isinstance(event, PlanCommented):
            for of_line in changes.values():
                if event.change_id in of_line:
                    of_line[event.change_id] = _commented(of_line[event.change_id], event)
    return Handlingsplan(histories={key: _make_history(key, tuple(found.values())) for key, found in changes.items()})


def evolve(plan: Handlingsplan, event: Event) -> Handlingsplan:
    """Return the plan after an event; one that is known already changes nothing."""
    match event:
        case PlanChanged():
            key = (event.brukare_id, event.rule)
            known = plan.histories.get(key)
            changes, line = (known.changes, known.line) if known else ((), None)
            if any(each.change_id == event.change_id for each in changes):
                return plan
            return _with(plan, _make_history(key, (*changes, _make_change(event, line))))
        case PlanCommented():
            change = plan.find_change(event.change_id)
            if change is None:
                return plan
            key = (change.brukare_id, change.rule)
            changes = tuple(
                _commented(each, event) if each.change_id == event.change_id else each
                for each in plan.histories[key].changes
            )
            return _with(plan, _make_history(key, changes))
        case _:
            return plan


def _with(plan: Handlingsplan, history: LineHistory) -> Handlingsplan:
    """Return the plan with the history of a line."""
    return Handlingsplan(histories={**plan.histories, (history.brukare_id, history.rule): history})


def _make_history(key: Key, changes: tuple[LineChange, ...]) -> LineHistory:
    """Return the history of a line: it is as its last change left it."""
    return LineHistory(brukare_id=key[0], rule=key[1], line=changes[-1].after, changes=changes)


def _make_change(event: PlanChanged, before: PlannedLine | None) -> LineChange:
    """Return a change of a line that was like this before it."""
    return LineChange(
        change_id=event.change_id,
        at=event.at,
        brukare_id=event.brukare_id,
        rule=event.rule,
        change=event.change,
        before=before,
        after=event.line,
        by=event.by,
        restored_from=event.restored_from,
    )


def _commented(change: LineChange, event: PlanCommented) -> LineChange:
    """Return a change with what was said of it."""
    return replace(change, comment=event.comment, comment_by=event.by, comment_at=event.at)


def calc_changes(
    plan: Handlingsplan,
    found: Collection[tuple[str, PlannedLine]],
    by: Actor,
    now: datetime,
    new_id: Callable[[], str],
) -> list[PlanChanged]:
    """Return what must have happened to the plan, for these lines, each with its brukare, are found now.

    A line that came to another brukare was deleted from the one and made for the other.
    """
    there = {(brukare_id, line.rule): line for brukare_id, line in found}
    gone = [key for key in plan.lines if key not in there]
    steps: list[tuple[Key, PlanChange, PlannedLine | None]] = [(key, PlanChange.DELETED, None) for key in gone]
    for key, line in there.items():
        steps += [(key, change, after) for change, after in _calc_steps(plan.lines.get(key), line)]
    return [
        PlanChanged(at=now, change_id=new_id(), brukare_id=brukare_id, rule=rule, change=change, line=after, by=by)
        for (brukare_id, rule), change, after in steps
    ]


def _calc_steps(before: PlannedLine | None, found: PlannedLine) -> list[tuple[PlanChange, PlannedLine]]:
    """Return what became of a line, one thing after the other, each with the line after it."""
    if before is None:
        return [(PlanChange.CREATED, found)]
    after = _fill_in(before, found)
    steps = []
    line = replace(after, is_on=before.is_on, is_broken=before.is_broken)
    if line != before:
        steps.append((PlanChange.CHANGED, line))
    if after.is_broken is not before.is_broken:
        line = replace(line, is_broken=after.is_broken)
        steps.append((PlanChange.BROKEN if after.is_broken else PlanChange.MENDED, line))
    if after.is_on is not before.is_on:
        steps.append((PlanChange.TURNED_ON if after.is_on else PlanChange.TURNED_OFF, after))
    return steps


def _fill_in(before: PlannedLine, found: PlannedLine) -> PlannedLine:
    """Return a line as it is, with what Home Assistant does not say of one that it does not accept.

    It is neither on nor off, and may show what the blueprint made of the inputs instead of the inputs.
    """
    if not found.is_broken:
        return found
    is_hidden = not found.config or (BLUEPRINT in _read(before.config) and BLUEPRINT not in _read(found.config))
    known = replace(found, is_on=before.is_on)
    return replace(known, config=before.config, alarm_type=before.alarm_type) if is_hidden else known


def diff_values(before: str, after: str) -> tuple[ValueChange, ...]:
    """Return which values differ between two configurations, in the order of their names.

    Those of a blueprint are its inputs; those of an automation that was made by hand, its parts.
    """
    old, new = values_of(before), values_of(after)
    return tuple(
        ValueChange(key=key, old=old.get(key), new=new.get(key))
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    )


def values_of(config: str) -> dict[str, Any]:
    """Return the values of a configuration by name."""
    found = _read(config)
    used = found.get(BLUEPRINT)
    if not isinstance(used, dict):
        return {key: value for key, value in found.items() if key != ID}
    inputs = used.get(INPUTS)
    beside = {key: found[key] for key in IN_COMMON if key in found}
    return {**(inputs if isinstance(inputs, dict) else {}), **beside, BLUEPRINT: used.get(PATH)}


def _read(config: str) -> dict[str, Any]:
    """Return a configuration; nothing if it says nothing."""
    found = json.loads(config) if config else {}
    return found if isinstance(found, dict) else {}
