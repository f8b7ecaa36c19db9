"""The names of what happens are a contract with every journal that was ever written."""

from dataclasses import FrozenInstanceError

import pytest

from custom_components.homecare_h2o.core import codec, events
from custom_components.homecare_h2o.core.events import AlarmEvent, Event, HubStarted

from .samples import T0

KINDS = {
    "access_refused",
    "acknowledged",
    "called",
    "cleared",
    "declined",
    "detection_noted",
    "escalated",
    "false_alarm",
    "hub_started",
    "journal_replaced",
    "no_one_on_duty",
    "notification_failed",
    "notified",
    "raised",
    "received",
    "refused",
    "repeated",
    "reply_refused",
    "resolved",
    "visit_ended",
    "visit_started",
}


def classes() -> list[type[Event]]:
    return [cls for cls in vars(events).values() if isinstance(cls, type) and issubclass(cls, Event)]


def test_no_kind_disappears() -> None:
    assert set(codec.KINDS) >= KINDS


def test_each_event_has_a_kind_of_its_own() -> None:
    kinds = [cls.kind for cls in classes() if cls not in (Event, AlarmEvent)]
    assert all(kinds)
    assert len(kinds) == len(set(kinds)) == len(codec.KINDS)


def test_what_happened_cannot_be_changed() -> None:
    event = HubStarted(at=T0, last_alive_at=None)
    with pytest.raises(FrozenInstanceError):
        event.at = T0  # type: ignore[misc]
