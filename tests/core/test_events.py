"""The names of what happens are a contract with every journal that was ever written."""

from dataclasses import FrozenInstanceError

import pytest

from custom_components.homecare_h2o.core import (
    access_events,
    arming_events,
    codec,
    erasing_events,
    events,
    hub_events,
    plan_events,
)
from custom_components.homecare_h2o.core.events import AlarmEvent, Event, HubStarted

from .samples import T0

MODULES = (events, plan_events, arming_events, hub_events, access_events, erasing_events)
KINDS = {
    "access_refused",
    "acknowledged",
    "called",
    "cleared",
    "consent_registered",
    "declined",
    "detection_noted",
    "escalated",
    "false_alarm",
    "hub_started",
    "interruption_told",
    "journal_erased",
    "journal_replaced",
    "monitoring_gap",
    "no_one_on_duty",
    "notification_failed",
    "notified",
    "raised",
    "pause_ended",
    "pause_started",
    "personal_data_opened",
    "plan_changed",
    "plan_commented",
    "power_lost",
    "power_restored",
    "received",
    "refused",
    "repeated",
    "reply_refused",
    "resolved",
    "suppressed",
    "visit_ended",
    "visit_started",
}


def classes() -> list[type[Event]]:
    known = [cls for module in MODULES for cls in vars(module).values()]
    return [cls for cls in known if isinstance(cls, type) and issubclass(cls, Event) and cls not in (Event, AlarmEvent)]


def test_no_kind_disappears() -> None:
    assert set(codec.KINDS) >= KINDS


def test_each_event_has_a_kind_of_its_own() -> None:
    kinds = [cls.kind for cls in classes()]
    assert all(kinds)
    assert len(kinds) == len(set(kinds)) == len(codec.KINDS)


def test_what_happened_cannot_be_changed() -> None:
    event = HubStarted(at=T0, last_alive_at=None)
    with pytest.raises(FrozenInstanceError):
        event.at = T0  # type: ignore[misc]
