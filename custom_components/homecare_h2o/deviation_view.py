"""What is in the larmansvarig's inbox, in words and as plain data: never who the brukare is, or where (R010.7)."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .core.deviations import Deviation
from .core.events import DeviationKind, DeviationStatus
from .devices import device_of
from .hub import Hub
from .phones import phone_name

SAYS_ITSELF = (DeviationKind.OWN, DeviationKind.PLAN_CHANGED)
"""What is in the inbox by its own text, and not by why it is there."""


def summarize(hass: HomeAssistant, hub: Hub, item: Deviation, status: DeviationStatus | None = None) -> str:
    """Return one line: code, why, larmtyp, when, who closed the alarm, and that it is being worked on."""
    wording, by = hub.wording, item.by
    is_own = item.kind in SAYS_ITSELF
    closed_by = wording.taker(phone_name(hass, by.phone_id) if by.phone_id else None)
    ongoing = (status or item.status) is DeviationStatus.ONGOING
    parts = (
        hub.code_of(item.brukare_id),
        item.text if is_own else wording.deviation(item.kind),
        wording.alarm_type(item.alarm_type) if item.alarm_type else None,
        f"{dt_util.as_local(item.happened_at):%Y-%m-%d %H:%M}",
        closed_by if not is_own and (by.phone_id or by.user_id) else None,
        wording.deviation_status(DeviationStatus.ONGOING) if ongoing else None,
    )
    return " · ".join(part for part in parts if part)


def describe_more(item: Deviation) -> str | None:
    """Return the larmansvarig's comment; before there is one, what was noted when it was filed."""
    if item.comment is not None or item.kind in SAYS_ITSELF:
        return item.comment
    return item.text


def describe(hass: HomeAssistant, hub: Hub, item: Deviation) -> dict[str, Any]:
    """Return something in the inbox as plain data."""
    return {
        "deviation_id": item.deviation_id,
        "code": hub.code_of(item.brukare_id),
        "device_id": device_of(hass, hub.entry, item.brukare_id),
        "kind": item.kind,
        "status": item.status,
        "summary": summarize(hass, hub, item),
        "text": item.text,
        "comment": item.comment,
        "alarm_id": item.alarm_id,
        "alarm_type": item.alarm_type,
        "source": item.source,
        "phone": phone_name(hass, item.by.phone_id) if item.by.phone_id else None,
        "user_id": item.by.user_id,
        "happened_at": item.happened_at.isoformat(),
        "filed_at": item.filed_at.isoformat(),
        "updated_at": item.touched_at.isoformat(),
        "updated_by": item.touched_by.user_id if item.touched_by else None,
    }
