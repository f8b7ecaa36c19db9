"""The ear for buttons that have no state."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
import pytest

from custom_components.homecare_h2o.signals import (
    REMEMBERED,
    SIGNAL_BUTTON,
    Signal,
    async_listen_to_signals,
    recent_signals,
)

from .rules import local

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

ZHA, NOTIFICATION, VALUE = "zha_event", "zwave_js_notification", "zwave_js_value_notification"


@pytest.fixture
def heard(hass: HomeAssistant) -> list[Signal]:
    """Listen, and return what is heard."""
    signals: list[Signal] = []

    @callback
    def hear(signal: Signal) -> None:
        signals.append(signal)

    async_listen_to_signals(hass)
    async_dispatcher_connect(hass, SIGNAL_BUTTON, hear)
    return signals


@pytest.mark.parametrize(
    ("source", "data", "command"),
    [
        (ZHA, {"command": "on"}, "on"),
        (NOTIFICATION, {"type": 10, "event_label": "Panic alert"}, "Panic alert"),
        (NOTIFICATION, {"event_type": 2, "event_type_label": "Enter"}, "Enter"),
        (VALUE, {"value": "KeyPressed"}, "KeyPressed"),
        (VALUE, {"value": 0}, "0"),
    ],
)
async def test_a_press_is_heard_and_remembered(
    hass: HomeAssistant, heard: list[Signal], source: str, data: dict[str, Any], command: str
) -> None:
    hass.bus.async_fire(source, {"device_id": "button", **data})
    signal = Signal(device_id="button", command=command, at=local("2026-11-02 12:00:00"))
    assert heard == [signal]
    assert recent_signals(hass) == [signal]


@pytest.mark.parametrize(
    ("source", "data"),
    [
        (ZHA, {"device_id": "button", "command": "attribute_updated"}),
        (ZHA, {"device_id": "button", "device_event_type": "device_offline"}),
        (ZHA, {"command": "on"}),
        (ZHA, {"device_id": None, "command": "on"}),
        (NOTIFICATION, {"device_id": "button", "type": 7, "event_label": "Tampering, product cover removed"}),
        (NOTIFICATION, {"device_id": "button", "type": 8, "event_label": "Replace battery now"}),
        (NOTIFICATION, {"device_id": "button", "type": 9, "event_label": "System hardware failure"}),
        (NOTIFICATION, {"device_id": "button", "command_class_name": "Powerlevel", "status": 1}),
        (NOTIFICATION, {"device_id": "button", "command_class_name": "Battery", "urgency": 1}),
        (VALUE, {"device_id": "button", "value": None}),
        ("call_service", {"device_id": "button", "command": "on"}),
    ],
)
async def test_what_is_no_press_is_not_heard(
    hass: HomeAssistant, heard: list[Signal], source: str, data: dict[str, Any]
) -> None:
    hass.bus.async_fire(source, data)
    assert heard == []
    assert recent_signals(hass) == []


async def test_a_minute_is_remembered(hass: HomeAssistant, heard: list[Signal], freezer: FrozenDateTimeFactory) -> None:
    hass.bus.async_fire(ZHA, {"device_id": "one", "command": "on"})
    freezer.tick(timedelta(seconds=30))
    hass.bus.async_fire(ZHA, {"device_id": "two", "command": "on"})
    freezer.tick(REMEMBERED - timedelta(seconds=30))
    assert [signal.device_id for signal in recent_signals(hass)] == ["one", "two"]
    freezer.tick(timedelta(seconds=1))
    assert [signal.device_id for signal in recent_signals(hass)] == ["two"]
