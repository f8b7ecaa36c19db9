"""What the hub tells a watcher outside: that it lives, and how it judges itself; never who or where (R010.7)."""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

FAILURES_TOLD = 5
"""So many signs of life in a row that were not received are told, about so many minutes."""


class PulseStatus(StrEnum):
    """How the hub is."""

    OK = "ok"
    PROBLEM = "problem"
    STARTING = "starting"
    STOPPING = "stopping"
    """It was stopped by somebody: silence follows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SelfAudit:
    """What the hub finds wrong with itself; all of it is nothing in a hub that is well."""

    alarms_stuck: int = 0
    """Open alarms that nothing would happen to."""
    is_deadline_overdue: bool = False
    """Something that is due is not being done."""
    is_journal_behind: bool = False
    is_facts_behind: bool = False
    is_clock_behind: bool = False
    lines_not_watched: int = 0
    phones_failed: int = 0
    is_power_lost: bool = False

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong."""
        return not any(getattr(self, field.name) for field in fields(self))


def judge(audit: SelfAudit, *, is_running: bool) -> PulseStatus:
    """Return the status of a hub that is not being stopped."""
    if not audit.is_well:
        return PulseStatus.PROBLEM
    return PulseStatus.OK if is_running else PulseStatus.STARTING


def make_pulse(
    hub_id: str, version: str, status: PulseStatus, audit: SelfAudit, now: datetime, interrupted_until: datetime | None
) -> dict[str, Any]:
    """Return what is sent, as JSON knows it."""
    audited = {field.name.removeprefix("is_"): getattr(audit, field.name) for field in fields(audit)}
    return {
        "hub": hub_id,
        "at": now.isoformat(timespec="seconds"),
        "status": status,
        "version": version,
        **audited,
        "interrupted_until": interrupted_until.isoformat(timespec="seconds") if interrupted_until else None,
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """How the telling goes on one way: when it was last received (UTC), and how often not since then."""

    received_at: datetime | None = None
    failures: int = 0
    error: str | None = None

    @property
    def is_failed(self) -> bool:
        """Whether somebody must see to it."""
        return self.failures >= FAILURES_TOLD


def record(channel: Channel, error: str | None, now: datetime) -> Channel:
    """Return how it goes after a sign of life, received unless there is an error."""
    if error is None:
        return Channel(received_at=now)
    return Channel(received_at=channel.received_at, failures=channel.failures + 1, error=error)
