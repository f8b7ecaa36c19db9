"""The safety button through its blueprint: every kind of button, each press exactly once."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util
import pytest

from custom_components.homecare_h2o.core.commands import RaiseRequest
from custom_components.homecare_h2o.core.events import AlarmRepeated
from custom_components.homecare_h2o.engine import Engine, RaiseResult
from custom_components.homecare_h2o.triggers.pressed import PressedTrigger

from .rules import SOS, House, local, settle

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

NOT_AT_ALL: list[Any] = []
NOON = "2026-11-02 12:00:00"
MINUTES = [f"2026-11-02 12:{minute:02}:00" for minute in range(60)]
EVENT = "event.sos"
PANEL = "alarm_control_panel.sos"


async def show_each_minute(house: House, entity_id: str, *states: str, **attributes: Any) -> None:
    """Have a button show a state a minute, from 12:00."""
    for minute, state in zip(MINUTES, states, strict=False):
        await house.at(minute)
        await house.show(entity_id, state, **attributes)


def minutes(*wanted: int) -> list[Any]:
    return [local(MINUTES[minute]) for minute in wanted]


# --- binary sensors ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "presses"),
    [
        (["off", "on"], [1]),
        (["off", "on", "off", "on"], [1, 3]),
        (["off", "on", "on"], [1]),
        (["off", "unavailable", "on"], [2]),
        (["off", "unknown", "on"], [2]),
        (["off", "on", "unavailable", "on"], [1]),
        (["off", "on", "unavailable", "off", "on"], [1, 4]),
        (["on"], []),
        (["unavailable", "on"], []),
        (["unknown", "on", "off", "on"], [3]),
    ],
)
async def test_a_button_that_is_a_binary_sensor(house: House, states: list[str], presses: list[int]) -> None:
    await house.use(house.button())
    await show_each_minute(house, SOS, *states)
    assert await house.presses() == minutes(*presses)


async def test_a_press_is_raised_at_once_as_the_blueprint_says(house: House) -> None:
    await house.use(house.button(message="Hallen"))
    await show_each_minute(house, SOS, "off", "on")
    (alarm,) = await house.raised()
    assert (alarm.alarm_type, alarm.rule, alarm.message) == ("safety_button", "button 1", "Hallen")
    assert (alarm.due_at, alarm.late, alarm.sources) == (local(MINUTES[1]), False, (SOS,))


async def test_a_button_that_is_pressed_when_the_rule_is_made_is_not_pressed_again(house: House) -> None:
    await house.show(SOS, "on")
    await house.use(house.button())
    await house.at(MINUTES[1])
    assert await house.presses() == NOT_AT_ALL


# --- event entities -----------------------------------------------------------------------------


def stamp(instant: str) -> str:
    return local(instant).isoformat(timespec="milliseconds")


async def test_an_event_entity_is_pressed_by_a_new_timestamp(house: House) -> None:
    await house.show(EVENT, stamp("2026-11-02 09:00:00"), event_type="pressed")
    await house.use(house.button(target={"entity_id": [EVENT]}))
    await house.at(MINUTES[1])
    await house.show(EVENT, stamp(MINUTES[1]), event_type="pressed")
    await house.at(MINUTES[2])
    await house.show(EVENT, stamp(MINUTES[2]), event_type="pressed")
    assert await house.presses() == minutes(1, 2)


async def test_the_first_press_ever_of_a_new_button_counts(house: House) -> None:
    await house.show(EVENT, "unknown")
    await house.use(house.button(target={"entity_id": [EVENT]}))
    await house.at(MINUTES[1])
    await house.show(EVENT, stamp(MINUTES[1]), event_type="pressed")
    assert await house.presses() == minutes(1)


@pytest.mark.parametrize("state", ["unknown", "unavailable"])
async def test_an_old_timestamp_that_comes_back_after_a_restart_is_no_press(house: House, state: str) -> None:
    await house.show(EVENT, stamp("2026-11-02 09:00:00"), event_type="pressed")
    await house.use(house.button(target={"entity_id": [EVENT]}))
    await house.restart(MINUTES[1], {EVENT: state})
    await house.at(MINUTES[2])
    await house.show(EVENT, stamp("2026-11-02 09:00:00"), event_type="pressed")
    assert await house.presses() == NOT_AT_ALL


async def test_an_old_timestamp_that_is_first_seen_late_is_no_press(house: House) -> None:
    await house.use(house.button(target={"entity_id": [EVENT]}))
    await show_each_minute(house, EVENT, "unavailable", "unknown", stamp("2026-11-02 09:00:00"), event_type="pressed")
    assert await house.presses() == NOT_AT_ALL


async def test_a_press_before_a_restart_is_not_pressed_after_it(house: House) -> None:
    await house.show(EVENT, "unknown")
    await house.use(house.button(target={"entity_id": [EVENT]}))
    await house.at(MINUTES[1])
    await house.show(EVENT, stamp(MINUTES[1]), event_type="pressed")
    await house.restart(MINUTES[2])
    await house.show(EVENT, "unavailable")
    await house.show(EVENT, stamp(MINUTES[1]), event_type="pressed")
    assert await house.presses() == minutes(1)


async def test_a_timestamp_that_grew_while_the_hub_was_down_is_a_late_press(house: House) -> None:
    await house.show(EVENT, stamp("2026-11-02 09:00:00"), event_type="pressed")
    await house.use(house.button(target={"entity_id": [EVENT]}))
    await house.restart(MINUTES[5], {EVENT: stamp(MINUTES[3])})
    (alarm,) = await house.raised()
    assert (alarm.due_at, alarm.late) == (local(MINUTES[3]), True)


async def test_only_the_chosen_presses_of_an_event_entity_count(house: House) -> None:
    await house.show(EVENT, "unknown")
    await house.use(house.button(target={"entity_id": [EVENT]}, commands=["long"]))
    await house.at(MINUTES[1])
    await house.show(EVENT, stamp(MINUTES[1]), event_type="short")
    await house.at(MINUTES[2])
    await house.show(EVENT, stamp(MINUTES[2]), event_type="long")
    assert await house.presses() == minutes(2)


# --- alarm panels -------------------------------------------------------------------------------


@pytest.fixture
def disarmed(hass: HomeAssistant, house: House) -> list[str | None]:
    """Have panels that can be disarmed; returns the codes that were used."""
    codes: list[str | None] = []

    async def disarm(call: ServiceCall) -> None:
        codes.append(call.data.get("code"))
        house.show_now(call.data["entity_id"], "disarmed")

    hass.services.async_register("alarm_control_panel", "alarm_disarm", disarm)
    return codes


@pytest.mark.parametrize(("code", "used"), [("4321", "4321"), ("", None), (None, None)])
async def test_a_panel_latches_and_is_disarmed_so_that_the_next_press_is_seen(
    house: House, disarmed: list[str | None], code: str | None, used: str | None
) -> None:
    await house.use(house.button(target={"entity_id": [PANEL]}, disarm_code=code))
    await show_each_minute(house, PANEL, "disarmed", "triggered", "triggered")
    assert await house.presses() == minutes(1, 2)
    assert disarmed == [used, used]


async def test_a_panel_is_not_disarmed_while_it_is_still_telling_of_the_press(
    house: House, disarmed: list[str | None]
) -> None:
    await house.use(house.button(target={"entity_id": [PANEL]}))
    await house.show(PANEL, "disarmed")
    house.show_now(PANEL, "triggered")
    assert disarmed == NOT_AT_ALL
    await settle(house.hass)
    assert disarmed == [None]


async def test_a_panel_that_stays_triggered_is_disarmed_again(house: House) -> None:
    codes: list[str] = []

    async def disarm(call: ServiceCall) -> None:
        codes.append(call.data["entity_id"])

    house.hass.services.async_register("alarm_control_panel", "alarm_disarm", disarm)
    await house.use(house.button(target={"entity_id": [PANEL]}))
    await show_each_minute(house, PANEL, "disarmed", "triggered")
    assert codes == [PANEL]
    await house.at(MINUTES[3])
    assert codes == [PANEL, PANEL]


async def test_a_panel_that_was_latched_before_the_rule_was_made_is_disarmed(
    house: House, disarmed: list[str | None]
) -> None:
    await house.show(PANEL, "triggered")
    await house.use(house.button(target={"entity_id": [PANEL]}, disarm_code="4321"))
    assert disarmed == ["4321"]
    assert await house.presses() == NOT_AT_ALL
    await house.at(MINUTES[1])
    await house.show(PANEL, "triggered")
    assert await house.presses() == minutes(1)


async def test_a_panel_that_cannot_be_disarmed_still_raises_and_is_told(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.use(house.button(target={"entity_id": [PANEL]}))
    await show_each_minute(house, PANEL, "disarmed", "triggered")
    assert await house.presses() == minutes(1)
    assert "its next press will not be seen" in caplog.text


# --- events on the bus -----------------------------------------------------------------------------


@pytest.fixture
def remote(house: House) -> dr.DeviceEntry:
    """Return a remote control."""
    return house.device("remote")


@pytest.fixture
def remote_rule(house: House, remote: dr.DeviceEntry) -> Callable[..., dict[str, Any]]:
    """Return what makes a rule of the remote control."""
    return lambda **inputs: house.button(target={"device_id": [remote.id]}, **inputs)


type RemoteRule = Callable[..., dict[str, Any]]


async def click(house: House, remote: dr.DeviceEntry, command: str = "on", **data: Any) -> None:
    """Press a ZHA remote control: it reports what changed, and then the command."""
    await house.fire("zha_event", device_id=remote.id, command="attribute_updated", args={})
    await house.fire("zha_event", device_id=remote.id, command=command, **data)


async def test_a_remote_control_of_zha_is_pressed_once_for_its_two_events(
    house: House, remote: dr.DeviceEntry, remote_rule: RemoteRule
) -> None:
    await house.use(remote_rule())
    await house.at(MINUTES[1])
    await click(house, remote)
    (alarm,) = await house.raised()
    assert (alarm.due_at, alarm.sources) == (local(MINUTES[1]), ("remote",))
    await house.at(MINUTES[2])
    await click(house, remote)
    assert await house.presses() == minutes(1, 2)


async def test_a_remote_control_of_another_room_is_not_this_one(house: House, remote_rule: RemoteRule) -> None:
    await house.use(remote_rule())
    await house.at(MINUTES[1])
    await click(house, house.device("another"))
    assert await house.presses() == NOT_AT_ALL


async def test_a_remote_control_that_goes_offline_is_not_pressed(
    house: House, remote: dr.DeviceEntry, remote_rule: RemoteRule
) -> None:
    await house.use(remote_rule())
    await house.at(MINUTES[1])
    await house.fire("zha_event", device_id=remote.id, device_event_type="device_offline")
    assert await house.presses() == NOT_AT_ALL


async def test_only_the_chosen_presses_of_a_remote_control_count(
    house: House, remote: dr.DeviceEntry, remote_rule: RemoteRule
) -> None:
    await house.use(remote_rule(commands=["off"]))
    await house.at(MINUTES[1])
    await click(house, remote, "on")
    await house.at(MINUTES[2])
    await click(house, remote, "off")
    assert await house.presses() == minutes(2)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({"label": "Emergency", "type": 10, "event_label": "Panic alert"}, id="emergency"),
        pytest.param({"event_type": 2, "event_type_label": "Enter"}, id="entry control"),
    ],
)
async def test_a_notification_of_zwave_is_a_press(
    house: House, remote: dr.DeviceEntry, remote_rule: RemoteRule, data: dict[str, Any]
) -> None:
    await house.use(remote_rule())
    await house.at(MINUTES[1])
    await house.fire("zwave_js_notification", device_id=remote.id, **data)
    assert await house.presses() == minutes(1)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({"type": 8, "event_label": "Replace battery soon"}, id="power management"),
        pytest.param({"type": 7, "event_label": "Tampering, product cover removed"}, id="tamper"),
        pytest.param({"command_class_name": "Battery", "event_type": "battery low", "urgency": 1}, id="battery"),
    ],
)
async def test_a_notification_about_the_device_itself_is_no_press(
    house: House, remote: dr.DeviceEntry, remote_rule: RemoteRule, data: dict[str, Any]
) -> None:
    await house.use(remote_rule())
    await house.at(MINUTES[1])
    await house.fire("zwave_js_notification", device_id=remote.id, **data)
    assert await house.presses() == NOT_AT_ALL


@pytest.mark.parametrize("value", ["KeyPressed", 1, 0])
async def test_a_scene_of_zwave_is_a_press(
    house: House, remote: dr.DeviceEntry, remote_rule: RemoteRule, value: object
) -> None:
    await house.use(remote_rule())
    await house.at(MINUTES[1])
    await house.fire("zwave_js_value_notification", device_id=remote.id, value=value)
    assert await house.presses() == minutes(1)


async def test_a_press_that_shows_itself_in_two_ways_is_one(
    house: House, remote: dr.DeviceEntry, remote_rule: RemoteRule
) -> None:
    event = house.entity(remote, "scene", "event")
    await house.show(event, "unknown")
    await house.use(remote_rule())
    await house.at(MINUTES[1])
    await house.fire("zwave_js_value_notification", device_id=remote.id, value="KeyPressed")
    await house.show(event, stamp(MINUTES[1]), event_type="KeyPressed")
    assert await house.presses() == minutes(1)


async def test_the_name_that_the_user_gave_is_told(
    hass: HomeAssistant, house: House, remote: dr.DeviceEntry, remote_rule: RemoteRule
) -> None:
    dr.async_get(hass).async_update_device(remote.id, name_by_user="Knapp i hallen")
    await house.use(remote_rule())
    await house.at(MINUTES[1])
    await click(house, remote)
    assert [alarm.sources for alarm in await house.raised()] == [("Knapp i hallen",)]


# --- what a device has beside its button --------------------------------------------------------------


async def test_the_button_of_a_device_is_followed(
    house: House, remote: dr.DeviceEntry, remote_rule: RemoteRule
) -> None:
    await house.show(house.entity(remote, "sos"), "off")
    await house.use(remote_rule())
    await house.at(MINUTES[1])
    await house.show(SOS, "on")
    assert await house.presses() == minutes(1)


@pytest.mark.parametrize("device_class", ["battery", "tamper"])
async def test_what_else_a_device_shows_is_no_button(
    house: House, remote: dr.DeviceEntry, remote_rule: RemoteRule, device_class: str
) -> None:
    other = house.entity(remote, "other", device_class=device_class)
    await house.show(other, "off", device_class)
    await house.use(remote_rule())
    await house.at(MINUTES[1])
    await house.show(other, "on", device_class)
    assert await house.presses() == NOT_AT_ALL


async def test_a_sensor_that_is_named_is_a_button_whatever_it_is(house: House, remote: dr.DeviceEntry) -> None:
    other = house.entity(remote, "other", device_class="problem")
    await house.show(other, "off", "problem")
    await house.use(house.button(target={"entity_id": [other]}))
    await house.at(MINUTES[1])
    await house.show(other, "on", "problem")
    assert await house.presses() == minutes(1)


async def test_an_entity_of_another_kind_is_no_button(house: House) -> None:
    await house.show("light.lamp", "off")
    await house.use(house.button(target={"entity_id": ["light.lamp", SOS]}))
    await house.at(MINUTES[1])
    await house.show("light.lamp", "on")
    assert await house.presses() == NOT_AT_ALL


async def test_a_button_that_is_added_to_a_device_is_followed_within_a_sweep(
    house: House, remote: dr.DeviceEntry, remote_rule: RemoteRule
) -> None:
    await house.use(remote_rule())
    await house.show(house.entity(remote, "sos"), "off")
    await house.at(MINUTES[1])
    await house.show(SOS, "on")
    assert await house.presses() == minutes(1)


async def test_a_device_that_is_gone_does_not_silence_the_others(house: House) -> None:
    await house.show(SOS, "off")
    await house.use(house.button(target={"entity_id": [SOS], "device_id": ["gone"]}))
    await house.at(MINUTES[1])
    await house.show(SOS, "on")
    assert await house.presses() == minutes(1)


# --- reloads and restarts ---------------------------------------------------------------------------


async def test_a_press_while_the_automations_are_reloaded_is_heard(
    house: House, remote: dr.DeviceEntry, remote_rule: RemoteRule
) -> None:
    await house.use(remote_rule())
    await house.at(MINUTES[1])
    await house.use()
    await click(house, remote)
    await house.use(remote_rule())
    assert await house.presses() == minutes(1)


async def test_a_state_that_changed_while_the_automations_were_reloaded_is_a_press(house: House) -> None:
    await house.show(SOS, "off")
    await house.use(house.button())
    await house.at(MINUTES[1])
    await house.use()
    await house.show(SOS, "on")
    await house.use(house.button())
    assert await house.presses() == minutes(1)


async def test_a_press_that_was_heard_is_not_heard_again_after_a_reload(
    house: House, remote: dr.DeviceEntry, remote_rule: RemoteRule
) -> None:
    await house.use(remote_rule())
    await house.at(MINUTES[1])
    await click(house, remote)
    await house.at("2026-11-02 12:01:30")
    await house.use()
    await house.use(remote_rule())
    assert await house.presses() == minutes(1)


async def test_a_press_before_the_rule_was_made_is_nobodys(
    house: House, remote: dr.DeviceEntry, remote_rule: RemoteRule
) -> None:
    await click(house, remote)
    await house.at("2026-11-02 12:00:30")
    await house.use(remote_rule())
    assert await house.presses() == NOT_AT_ALL


async def test_a_press_while_the_hub_is_reloaded_is_heard(
    house: House, remote: dr.DeviceEntry, remote_rule: RemoteRule
) -> None:
    await house.show(house.entity(remote, "sos"), "off")
    await house.use(remote_rule())
    await house.stop_hub()
    await house.at(MINUTES[1])
    await click(house, remote)
    await house.at(MINUTES[2])
    await house.show(SOS, "on")
    await house.at(MINUTES[3])
    await house.start_hub()
    assert sorted(await house.presses()) == minutes(1, 2)
    assert [alarm.late for alarm in await house.raised()] == [True]


async def test_a_press_before_the_hub_is_loaded_is_heard(
    house: House, remote: dr.DeviceEntry, remote_rule: RemoteRule
) -> None:
    await house.use(remote_rule())
    await house.stop_hub()
    await house.use()
    await house.at(MINUTES[1])
    await house.use(remote_rule())
    await click(house, remote)
    await house.start_hub()
    assert await house.presses() == minutes(1)


async def test_a_press_between_start_and_the_first_rule_is_heard(
    house: House, remote: dr.DeviceEntry, remote_rule: RemoteRule
) -> None:
    await house.use(remote_rule())
    await house.stop_hub()
    await house.use()
    await house.at(MINUTES[1])
    await click(house, remote)
    await house.use(remote_rule())
    await house.start_hub()
    assert await house.presses() == minutes(1)


async def test_a_press_while_the_hub_was_down_is_raised_late_once(house: House) -> None:
    await house.show(SOS, "off")
    await house.use(house.button())
    await house.restart(MINUTES[5], {SOS: "on"})
    await house.restart(MINUTES[6])
    assert await house.presses() == minutes(5)


async def test_what_happened_while_the_rule_was_off_is_nobodys_alarm(house: House) -> None:
    await house.show(SOS, "off")
    await house.use(house.button())
    await house.switch("button 1", on=False)
    await house.at(MINUTES[1])
    await house.show(SOS, "on")
    await house.at(MINUTES[30])
    await house.switch("button 1", on=True)
    assert await house.presses() == NOT_AT_ALL


@pytest.fixture
def release() -> Iterator[asyncio.Event]:
    """Hold the first raise up before it reaches the engine, until it is released, and then refuse it."""
    released, real = asyncio.Event(), Engine.raise_alarm

    async def hang(_engine: Engine, _request: RaiseRequest) -> RaiseResult:
        await released.wait()
        raise HomeAssistantError("cut off")

    calls = iter([hang])

    async def raise_alarm(engine: Engine, request: RaiseRequest) -> RaiseResult:
        return await next(calls, real)(engine, request)

    with patch.object(Engine, "raise_alarm", raise_alarm):
        yield released


async def press_and_write(house: House, *, before: dict[str, Any], after: list[dict[str, Any]]) -> None:
    """Press a button, and change the rules while its action is under way."""
    await house.show(SOS, "off")
    await house.use(before)
    await house.at(MINUTES[1])
    house.show_now(SOS, "on")
    house.write(*after)


async def test_a_press_that_a_reload_cut_off_is_raised_after_it(house: House, release: asyncio.Event) -> None:
    await press_and_write(house, before=house.button(message="Old"), after=[house.button(message="New")])
    await house.reload()
    (alarm,) = await house.raised()
    assert (alarm.due_at, alarm.rule, alarm.message) == (local(MINUTES[1]), "button 1", "New")
    assert await house.presses() == minutes(1)


async def test_a_press_that_a_reload_cut_off_after_it_was_raised_is_a_duplicate(house: House) -> None:
    await press_and_write(house, before=house.button(message="Old"), after=[house.button(message="New")])
    await house.reload()
    assert await house.presses() == minutes(1)
    assert [alarm.rule for alarm in await house.raised()] == ["button 1"]


async def test_a_press_that_a_reload_of_the_hub_cut_off_is_raised_after_it(
    hass: HomeAssistant, house: House, release: asyncio.Event
) -> None:
    await press_and_write(house, before=house.button(), after=[house.button()])
    assert await hass.config_entries.async_unload(house.entry.entry_id)
    release.set()
    await house.start_hub()
    assert await house.presses() == minutes(1)


@pytest.mark.parametrize(
    ("started_at", "raised"), [(MINUTES[20], [(local(MINUTES[1]), True)]), ("2026-11-03 12:02:00", [])]
)
async def test_an_action_that_was_cut_off_is_run_again_within_a_day(
    hass: HomeAssistant, house: House, release: asyncio.Event, started_at: str, raised: list[Any]
) -> None:
    await press_and_write(house, before=house.button(), after=[])
    assert await hass.config_entries.async_unload(house.entry.entry_id)
    await house.reload()
    await house.at(started_at)
    await house.start_hub()
    await house.use(house.button())
    assert [(alarm.due_at, alarm.late) for alarm in await house.raised()] == raised


# --- the rest -----------------------------------------------------------------------------------------


async def test_two_rules_of_one_button_are_both_raised(house: House) -> None:
    await house.show(SOS, "off")
    await house.use(house.button("one"), house.button("two"))
    await house.at(MINUTES[1])
    await house.show(SOS, "on")
    assert sorted(alarm.rule for alarm in await house.raised()) == ["one", "two"]


async def test_two_rules_of_one_button_both_hear_what_was_pressed_while_they_were_reloaded(
    house: House, remote: dr.DeviceEntry, remote_rule: RemoteRule
) -> None:
    await house.use(remote_rule(rule_id="one"), remote_rule(rule_id="two"))
    await house.use()
    await house.at(MINUTES[1])
    await click(house, remote)
    await house.use(remote_rule(rule_id="one"))
    await house.use(remote_rule(rule_id="one"), remote_rule(rule_id="two"))
    assert sorted(alarm.rule for alarm in await house.raised()) == ["one", "two"]


@pytest.mark.parametrize("set_back", [timedelta(hours=1), timedelta(days=20_000)])
async def test_a_press_is_heard_although_the_clock_was_set_back(
    house: House, remote: dr.DeviceEntry, remote_rule: RemoteRule, set_back: timedelta
) -> None:
    await house.use(remote_rule())
    await house.at(MINUTES[1])
    await click(house, remote)
    house.freezer.move_to(dt_util.utcnow() - set_back)
    await click(house, remote)
    assert len(await house.presses()) == 2


async def test_a_press_is_heard_although_the_clock_was_set_back_while_no_hub_was_there(
    house: House, remote: dr.DeviceEntry, remote_rule: RemoteRule
) -> None:
    await house.use(remote_rule())
    await house.at(MINUTES[1])
    await click(house, remote)
    await house.stop_hub()
    house.freezer.move_to(dt_util.utcnow() - timedelta(hours=1))
    await click(house, remote)
    await house.start_hub()
    assert len(await house.presses()) == 2


async def test_a_press_on_an_open_alarm_is_a_repetition(house: House) -> None:
    await house.use(house.button())
    await show_each_minute(house, SOS, "off", "on", "off", "on")
    assert [event.due_at for event in await house.journal() if isinstance(event, AlarmRepeated)] == minutes(3)


@pytest.mark.parametrize("target", [{}, {"entity_id": "not an entity"}])
async def test_a_rule_without_a_button_is_refused(house: House, target: dict[str, Any]) -> None:
    rule = house.button()
    rule["use_blueprint"]["input"]["button"] = target
    await house.use(rule)
    assert house.broken("button 1")


@pytest.mark.parametrize(
    ("target", "needed"),
    [
        pytest.param({}, (), id="left out"),
        pytest.param({"entity_id": [SOS]}, (frozenset({SOS}),), id="chosen"),
    ],
)
async def test_a_button_that_may_be_left_out_is_missed_only_where_it_is_chosen(
    house: House, target: dict[str, Any], needed: Any
) -> None:
    config = {"target": target, "options": {"optional": True}}
    assert PressedTrigger.look_at(house.hass, "homecare_h2o.pressed", config).find_essential() == needed


async def test_a_button_that_must_be_chosen_may_not_be_left_out(house: House) -> None:
    await house.use(house.rule("safety_button", "rule 1", {"button": {}}))
    assert "nothing is chosen" in house.broken("rule 1")
