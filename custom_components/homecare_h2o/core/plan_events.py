"""What happens to a handlingsplan: how each line was at every instant, who changed it, and why (R011.3, HP.2)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from .escalation import AlarmType
from .events import Actor, Event


class PlanChange(StrEnum):
    """What became of a line."""

    CREATED = "created"
    CHANGED = "changed"
    TURNED_ON = "turned_on"
    TURNED_OFF = "turned_off"
    BROKEN = "broken"
    """Home Assistant does not accept it any more."""
    MENDED = "mended"
    DELETED = "deleted"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedLine:
    """A line as it is planned; ``config``: the automation as Home Assistant stores it, as JSON text."""

    rule: str
    name: str
    alarm_type: AlarmType
    config: str
    is_on: bool
    is_broken: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanChanged(Event):
    """A line was changed; ``line`` is how it is from now on, None if it is gone.

    ``restored_from``: the change that was undone; the line is as it was before that one.
    """

    kind: ClassVar[str] = "plan_changed"
    change_id: str
    brukare_id: str
    rule: str
    change: PlanChange
    line: PlannedLine | None
    by: Actor
    restored_from: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanCommented(Event):
    """Somebody said why a line was changed; the newest comment on a change is the one that counts."""

    kind: ClassVar[str] = "plan_commented"
    change_id: str
    brukare_id: str
    comment: str
    by: Actor
