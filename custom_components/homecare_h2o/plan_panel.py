"""A brukare's handlingsplan as the panel shows it: each line, its latest changes, and what each could bring back (HP.2)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from homeassistant.core import HomeAssistant, valid_entity_id

from .alarm_view import describe_source
from .core.handlingsplan import LineChange, LineHistory
from .core.pauses import Subject
from .core.plan_events import PlannedLine
from .core.watching import Coverage
from .hub import Hub
from .plan_print import LATEST
from .plan_values import SECRETS
from .plan_view import Document, async_describe_plan
from .plan_words import BRUKARE, PlanWords, given_of, path_of
from .settings import brukare_of
from .wording import Wording

DAYS = 7
"""Over so many days it is told for how long a line was watched."""


def describe_plans(hub: Hub) -> list[Document]:
    """Return whose plans there are, and how many of their lines are not watched as they should be."""
    found = []
    for subentry in brukare_of(hub.entry):
        lines = hub.lines_of(subentry.subentry_id)
        well = [each for each in lines if each.facts.coverage is Coverage.WATCHED and not each.paused_until_at]
        found.append(
            {
                "brukare_id": subentry.subentry_id,
                "code": hub.code_of(subentry.subentry_id),
                "lines": len(lines),
                "not_watched": len(lines) - len(well),
            }
        )
    return found


async def async_describe_for_panel(hass: HomeAssistant, hub: Hub, brukare_id: str, wording: Wording) -> Document:
    """Return a brukare's plan as the panel shows it, without a name or an address."""
    plan = await async_describe_plan(hass, hub, brukare_id, wording, latest=LATEST)
    histories = {history.rule: history for history in hub.plan.lines_of(brukare_id)}
    told = [change.before for history in histories.values() for change in history.changes[-LATEST:]]
    lines = [history.line for history in histories.values()]
    view = _View(hass, hub, await PlanWords.async_load(hass, hub, [*told, *lines], wording))
    return {
        **{key: plan[key] for key in ("code", "device_id", "created_at", "created_by")},
        "brukare_id": brukare_id,
        "pause": view.pause(Subject(brukare_id=brukare_id)),
        "lines": [view.line(line, brukare_id, histories.get(line["rule"])) for line in plan["lines"]],
        "deleted": [{**line, **view.history(line, histories[line["rule"]])} for line in plan["deleted"]],
    }


class _View:
    """Adds to what a plan tells what can be done with it."""

    def __init__(self, hass: HomeAssistant, hub: Hub, words: PlanWords) -> None:
        """Take what is needed to name things."""
        self._hass = hass
        self._hub = hub
        self._words = words

    def line(self, line: Document, brukare_id: str, history: LineHistory | None) -> Document:
        """Return a line, with what it is set to as the forms take it."""
        planned = history.line if history else None
        kept = {
            key: value for key, value in line.items() if key not in ("days", "entity_id", "faults", "trouble_since")
        }
        return {
            **kept,
            **self.history(line, history),
            "brukare_id": brukare_id,
            "automation_id": line.get("entity_id"),
            "pause": self.pause(Subject(brukare_id=brukare_id, rule=line["rule"])),
            "since": line.get("trouble_since"),
            "faults": [self._fault(source, fault) for source, fault in line.get("faults", {}).items()],
            **_sum_up(line.get("days", [])),
            **self._inputs(planned),
        }

    def pause(self, subject: Subject) -> Document | None:
        """Return until when something is paused by itself, and why; None if it is not."""
        pause = self._hub.pauses.find(subject)
        return {"until": pause.until_at.isoformat(), "reason": self._words.mask(pause.reason)} if pause else None

    def history(self, line: Document, history: LineHistory | None) -> Document:
        """Return the latest changes of a line, each with what it would bring back, and how many there are."""
        if history is None:
            return {"changes": [], "changes_total": 0}
        # All of them: one more may have been journalled since these were told.
        known = {change.change_id: change for change in history.changes}
        return {
            "changes": [
                {**told, "back": self._back(known[told["change_id"]], history.line)} for told in line["changes"]
            ],
            "changes_total": len(history.changes),
        }

    def _back(self, change: LineChange, now: PlannedLine | None) -> Document | None:
        """Return what differs between a line as it is and as it was before a change; None if nothing can be restored."""
        before = change.before
        if before is None:
            return None
        values = self._words.changes(replace(change, before=now, after=before))
        on = None if now and now.is_on is before.is_on else before.is_on
        if now and not values and on is None and not now.is_broken:
            return None
        told = [{"key": each.key, "name": each.name, "old": each.old, "new": each.new} for each in values]
        return {"values": told, "on": on, "returns": now is None}

    def _fault(self, source: str, fault: str) -> Document:
        """Return what is wrong with a sensor, and what it is called."""
        told = describe_source(self._hass, source)
        return {key: self._words.mask(name) if name else name for key, name in told.items()} | {"fault": fault}

    def _inputs(self, planned: PlannedLine | None) -> Document:
        """Return the blueprint of a line and the inputs that somebody has chosen; None for one that was made by hand."""
        path = path_of(planned) if planned else ""
        if not planned or not path:
            return {"blueprint": None, "inputs": {}}
        asked = self._words.inputs(planned)
        secret = {key for key, (selector, _) in asked.items() if (selector.get("text") or {}).get("type") == "password"}
        given = {key: value for key, value in given_of(planned).items() if key not in {BRUKARE, *secret}}
        return {"blueprint": path, "inputs": _masked(given, self._words.mask)}


def _sum_up(days: list[Mapping[str, Any]]) -> Document:
    """Return for how many minutes a line was watched, and was not, over the latest days."""
    latest = days[-DAYS:]
    return {key: int(sum(day[key] for day in latest)) for key in ("watched_minutes", "not_watched_minutes")}


def _masked(value: Any, mask: Callable[[str], str]) -> Any:
    """Return a value without a name, an address or a secret; what points at an entity must be found, and stays."""
    match value:
        case Mapping():
            return {key: _masked(each, mask) for key, each in value.items() if key not in SECRETS}
        case list():
            return [_masked(each, mask) for each in value]
        case str() if not valid_entity_id(value):
            return mask(value)
        case _:
            return value
