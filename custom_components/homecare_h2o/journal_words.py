"""What is in the journal, in words: phones and groups by what staff call them, and never a brukare's name (R012.3)."""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .core.arming_events import AlarmSuppressed, ConsentRegistered, InterruptionTold, PauseEnded, PauseStarted
from .core.codec import to_plain
from .core.duty import Role
from .core.events import Event
from .core.plan_events import PlanChanged, PlanCommented
from .core.receipts import Progress
from .hub import Hub
from .mask import make_mask
from .phones import APP, ENTITY, SERVICE, can_confirm, phone_name
from .wording import Wording

_PHONE = (APP, ENTITY, SERVICE)


class Words:
    """Says what is in the journal to those who are logged in; with ``is_private`` to those outside, too."""

    def __init__(
        self, hass: HomeAssistant, hub: Hub, *, is_private: bool = False, wording: Wording | None = None
    ) -> None:
        """Look up what everything is called now; by default in the hub's language."""
        self._hass = hass
        self._wording: Wording = wording or hub.wording
        groups = hub.rota.groups
        # A relative's group and phone are called what the relative is called.
        relatives = [group for group in groups if is_private and group.role is Role.RELATIVE]
        relative = self._wording.role(Role.RELATIVE)
        self._groups = {group.group_id: group.name for group in groups}
        self._groups |= {group.group_id: relative for group in relatives}
        self._phones = {phone_id: relative for group in relatives for phone_id in group.phones}
        self._mask = make_mask(hub.entry) if is_private else str

    def phone(self, phone_id: str) -> str:
        """Return what staff call a phone."""
        if phone_id not in self._phones:
            self._phones[phone_id] = self.mask(phone_name(self._hass, phone_id))
        return self._phones[phone_id]

    def group(self, group_id: str) -> str:
        """Return what staff call a group."""
        return self.mask(self._groups.get(group_id, group_id))

    def mask(self, text: str) -> str:
        """Return a text in which a brukare's name or address has become the code."""
        return self._mask(text)

    def plain(self, value: Any) -> Any:
        """Return a value of a row as plain data in which everything is called by its name."""
        if isinstance(value, str):
            if value in self._groups:
                return self.group(value)
            return self.phone(value) if value.startswith(_PHONE) else self.mask(value)
        if isinstance(value, Mapping):
            return {key: self.plain(inner) for key, inner in value.items()}
        return [self.plain(inner) for inner in value] if isinstance(value, list) else value

    def fields(self, event: Event) -> dict[str, Any]:
        """Return the fields of a row as plain data."""
        return {key: self.plain(value) for key, value in to_plain(event).items()}

    def can_confirm(self, phone_id: str) -> bool:
        """Return whether a phone says by itself that it was reached."""
        return can_confirm(self._hass, phone_id)

    def line(self, event: Event) -> str:
        """Return a row with its time of day, such as "21:30:04 1 Nattpatrull kvitterat"."""
        return f"{dt_util.as_local(event.at):%H:%M:%S} {self.text(event)}"

    def text(self, event: Event) -> str:
        """Return a row in words."""
        by = getattr(event, "by", None)
        phone_id = getattr(event, "phone_id", None) or (by.phone_id if by else None)
        who = self.phone(phone_id) if phone_id else self._wording.taker(None) if by and by.user_id else ""
        said = f"{who} {self._wording.step(event.kind, None)}".strip()
        if event.kind == "notified" and phone_id and not self.can_confirm(phone_id):
            said = f"{said}, {self._wording.receipt(Progress.UNVERIFIED)}"
        return f"{said}: {more}" if (more := self._more(event)) else said

    def _more(self, event: Event) -> str:
        """Return what else there is to say of a row."""
        groups = getattr(event, "groups", ()) or getattr(event, "to_groups", ())
        level = getattr(event, "level", 0) if event.kind == "escalated" else 0
        parts = [
            ", ".join(map(self.group, groups)),
            self._wording.journal("level", level=str(level + 1)) if level else "",
            self._wording.outcome(outcome) if (outcome := getattr(event, "outcome", None)) else "",
            self._of_plan(event) if isinstance(event, PlanChanged | PlanCommented) else "",
            self._of_consent(event) if isinstance(event, ConsentRegistered) else "",
            self._of_pause(event),
            *(self.mask(getattr(event, name, None) or "") for name in ("note", "error", "message")),
        ]
        return ". ".join(filter(None, parts))

    def _of_plan(self, event: PlanChanged | PlanCommented) -> str:
        """Return which line of the handlingsplan was changed and what became of it, or what was said of that."""
        if isinstance(event, PlanCommented):
            return self.mask(event.comment)
        name = event.line.name if event.line else event.rule
        return f"{self.mask(name)}, {self._wording.plan_change(event.change)}"

    def _of_pause(self, event: Event) -> str:
        """Return why something was paused and until when, how that ended, or why an alarm did not come."""
        match event:
            case PauseStarted():
                until = self._wording.pause("until", until=f"{dt_util.as_local(event.until_at):%Y-%m-%d %H:%M}")
                what = self.mask(event.rule) if event.rule else ""
                return ". ".join(filter(None, (what, until, self.mask(event.reason))))
            case PauseEnded():
                return self._wording.pause("expired") if event.expired else ""
            case AlarmSuppressed():
                return self._wording.pause(event.reason)
            case InterruptionTold():
                told = ", ".join(map(self.phone, event.phones))
                failed = ", ".join(map(self.phone, event.failed))
                return f"{told} ({self._wording.pause('not_reached')}: {failed})" if failed else told
            case _:
                return ""

    def _of_consent(self, event: ConsentRegistered) -> str:
        """Return what was registered of whose consent, and from which day."""
        return f"{self._wording.consent(event.service, event.status, cohabitant=event.cohabitant)}, {event.decided_on}"
