"""A rule of detection is shown what was seen, and raises what is due."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
import json
from typing import Protocol
from zoneinfo import ZoneInfo

from custom_components.homecare_h2o.core import codec

from .samples import STOCKHOLM

NEVER = datetime(2026, 12, 31, tzinfo=UTC)


class Observation(Protocol):
    """What was seen at an instant."""

    @property
    def at(self) -> datetime:
        """Return when."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Player[Rule, Facts, Seen: Observation]:
    """Lets a larmtyp decide, as the hub does."""

    next_due_at: Callable[[Rule, Facts, ZoneInfo], datetime | None]
    fired: Callable[[Facts, datetime], Facts]
    observe: Callable[[Rule, Facts, Seen, ZoneInfo], Facts]

    def drain(self, rule: Rule, facts: Facts, until_at: datetime) -> tuple[Facts, list[datetime]]:
        """Raise what is due by an instant."""
        raised = []
        while (due_at := self.next_due_at(rule, facts, STOCKHOLM) or NEVER) <= until_at:
            raised.append(due_at)
            facts = self.fired(facts, due_at)
        return facts, raised

    def play(self, rule: Rule, facts: Facts, history: Iterable[Seen]) -> tuple[Facts, list[datetime]]:
        """Show all of this to a rule and collect what it raises until the last is seen."""
        raised = []
        for each in history:
            facts, dues = self.drain(rule, facts, each.at)
            raised += dues
            facts = self.observe(rule, facts, each, STOCKHOLM)
        return facts, raised


def kept[Facts](facts: Facts) -> Facts:
    """Write the facts to the disk and read them back."""
    return codec.from_plain(type(facts), json.loads(json.dumps(codec.to_plain(facts))))
