"""What happens to the hub itself: its power, and when it was not watching (R010.5)."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from .events import Event


@dataclass(frozen=True, kw_only=True, slots=True)
class PowerLost(Event):
    """The mains are gone since ``lost_at``; ``source`` is the entity that says so."""

    kind: ClassVar[str] = "power_lost"
    source: str
    lost_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class PowerRestored(Event):
    """The mains are back since ``back_at``; they were gone since ``lost_at``."""

    kind: ClassVar[str] = "power_restored"
    source: str
    lost_at: datetime
    back_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitoringGap(Event):
    """Nobody watched from the last sign of life at ``from_at`` until ``to_at``."""

    kind: ClassVar[str] = "monitoring_gap"
    from_at: datetime
    to_at: datetime
