"""What is left of a person's rows when the person is erased on request: what happened and when, and no longer to whom (S.2).

Nothing is kept of a text unless its field is named here; a field that somebody adds is emptied until it is.
"""

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
import hashlib
import hmac
from types import NoneType
from typing import Any, get_args, get_type_hints

from .erasing_events import PSEUDONYM, JournalErased
from .escalation import EscalationPlan
from .events import AlarmEvent, AlarmRaised, DeviationFiled, DeviationUpdated, Event, JournalPurged

KEPT = frozenset(
    {
        *("alarm_id", "change_id", "deviation_id", "pause_id", "restored_from"),
        *("decided_on", "expires_on", "error", "secret"),
        *("fallback", "from_groups", "groups", "on_duty", "phone_id", "phones", "to_groups", "told", "user_id"),
    }
)
"""Texts that name nobody: ids, days, and the phones and groups of those who help."""
NAMES = frozenset({"rule", "source", "sources", "trigger"})
"""Texts that tell one thing from another, and may have a name in them: they become another name for the same."""
AS_JSON = frozenset({"config"})
"""A line as it was planned; another's may have to be brought back as it is."""


NEVER = (JournalPurged, JournalErased)
"""What proves the rest."""


class Eraser:
    """Knows which rows are a person's, if it is shown all of them in order, and what is left of each."""

    def __init__(self, brukare_id: str, key: bytes, mask: Callable[[str], str]) -> None:
        """Take the secret that is thrown away afterwards, and what hides the person's name in a text."""
        self._brukare_id = brukare_id
        self._key = key
        self._mask = mask
        self._alarms: dict[str, bool] = {}
        self._deviations: set[str] = set()
        self.pseudonym = f"{PSEUDONYM}{self._name(brukare_id, 19)}"

    def erase(self, event: Event) -> Event:
        """Return what is left of an event: of another's at most the name is hidden."""
        if isinstance(event, NEVER):
            return event
        erased: Event = self._record(event, is_own=self._is_own(event))
        return erased

    def _is_own(self, event: Event) -> bool:
        """Return whether an event is about the person; of an alarm whose beginning is gone nobody can say no."""
        is_own = getattr(event, "brukare_id", None) == self._brukare_id
        if isinstance(event, AlarmRaised):
            self._alarms[event.alarm_id] = is_own
        if isinstance(event, DeviationFiled) and is_own:
            self._deviations.add(event.deviation_id)
        if isinstance(event, AlarmEvent):
            return self._alarms.get(event.alarm_id, True)
        return is_own or (isinstance(event, DeviationUpdated) and event.deviation_id in self._deviations)

    def _record(self, record: Any, *, is_own: bool) -> Any:
        """Return a record with its texts changed."""
        changed = {
            field.name: self._value(getattr(record, field.name), type(record), field.name, is_own=is_own)
            for field in fields(record)
        }
        return replace(record, **changed)

    def _value(self, value: Any, kind: type, name: str, *, is_own: bool) -> Any:
        """Return what is left of a field."""
        if isinstance(value, tuple):
            return tuple(self._value(item, kind, name, is_own=is_own) for item in value)
        if is_dataclass(value):
            return value if isinstance(value, EscalationPlan) else self._record(value, is_own=is_own)
        if isinstance(value, Enum) or not isinstance(value, str):
            return value
        return self._own_text(value, kind, name) if is_own else self._others_text(value, name)

    def _own_text(self, text: str, kind: type, name: str) -> str | None:
        """Return what is left of a text about the person."""
        if name == "brukare_id":
            return self.pseudonym
        if name in NAMES:
            return self._name(text)
        if name in KEPT:
            return text.replace(self._brukare_id, self.pseudonym)
        if name in AS_JSON:
            return "{}"
        return None if _may_be_none(kind, name) else ""

    def _others_text(self, text: str, name: str) -> str:
        """Return a text in which the person's name does not stand; what others' rows are found by stays."""
        text = text.replace(self._brukare_id, self.pseudonym)
        return text if name == "rule" or name in KEPT | AS_JSON else self._mask(text)

    def _name(self, text: str, length: int = 12) -> str:
        """Return another name for the same, from which nobody finds the way back; hardly ever a longer one."""
        return hmac.new(self._key, text.encode(errors="backslashreplace"), hashlib.sha256).hexdigest()[:length]


@cache
def _may_be_none(kind: type, name: str) -> bool:
    """Return whether a field may be missing."""
    return NoneType in get_args(get_type_hints(kind)[name])
