"""Following an alarm's life with the trigger ``alarm``, and what the editor shows of our triggers."""

from pathlib import Path
from typing import Any

from homeassistant.core import Context, Event, HomeAssistant
from homeassistant.helpers.trigger import async_get_all_descriptions, async_validate_trigger_config
from homeassistant.setup import async_setup_component
import probatio as vol
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.homecare_h2o.bus import EVENT_TYPES
from custom_components.homecare_h2o.core.escalation import AlarmType
from custom_components.homecare_h2o.trigger import TRIGGERS
from custom_components.homecare_h2o.triggers import alarm, inactive, pressed

from .rules import House, settle

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

NOT_AT_ALL: list[Any] = []
SCHEMAS = {"alarm": alarm.SCHEMA, "inactive": inactive.SCHEMA, "pressed": pressed.SCHEMA}


async def follow(house: House, **options: Any) -> list[Event]:
    """Have an automation tell what the trigger gives; returns what it tells."""
    told: list[Event] = async_capture_events(house.hass, "told")
    await house.use(
        {
            "id": "follower",
            "alias": "follower",
            "mode": "parallel",
            "triggers": [{"trigger": "homecare_h2o.alarm", "options": options}],
            "actions": [{"event": "told", "event_data": {"trigger": "{{ trigger }}"}}],
        }
    )
    return told


async def act(house: House, action: str, **data: Any) -> dict[str, Any]:
    nurse = await house.hass.auth.async_create_user("nurse", group_ids=["system-users"])
    response = await house.hass.services.async_call(
        "homecare_h2o", action, data, blocking=True, return_response=True, context=Context(user_id=nurse.id)
    )
    await settle(house.hass)
    assert response
    return dict(response)


async def raise_alarm(house: House, alarm_type: str = "safety_button") -> str:
    return str((await act(house, "raise_alarm", device_id=house.brukare, alarm_type=alarm_type))["alarm_id"])


async def test_only_the_chosen_steps_are_told(house: House) -> None:
    told = await follow(house, event_types=["raised", "acknowledged"])
    alarm_id = await raise_alarm(house)
    await act(house, "acknowledge_alarm", alarm_id=alarm_id)
    await act(house, "resolve_alarm", alarm_id=alarm_id, outcome="help_given")
    assert [event.data["trigger"]["type"] for event in told] == ["raised", "acknowledged"]


async def test_the_payload_tells_which_alarm_and_never_whose(house: House) -> None:
    told = await follow(house, event_types="raised")
    alarm_id = await raise_alarm(house)
    (payload,) = [event.data["trigger"] for event in told]
    assert {key: payload[key] for key in ("alarm_id", "alarm_type", "code", "device_id", "platform")} == {
        "alarm_id": alarm_id,
        "alarm_type": "safety_button",
        "code": "K7-31",
        "device_id": house.brukare,
        "platform": "homecare_h2o.alarm",
    }
    assert "Tess" not in str(payload)


@pytest.mark.parametrize(("alarm_types", "told"), [([], 2), (["fire"], 1), (["fire", "leak"], 2), (["medicine"], 0)])
async def test_only_the_chosen_kinds_of_alarm_are_told(house: House, alarm_types: list[str], told: int) -> None:
    events = await follow(house, event_types=["raised"], alarm_types=alarm_types)
    await raise_alarm(house, "fire")
    await raise_alarm(house, "leak")
    assert len(events) == told


async def test_only_the_chosen_brukare_is_told_of(house: House) -> None:
    told = await follow(house, event_types=["raised"], device_id=["another"])
    await raise_alarm(house)
    assert told == NOT_AT_ALL


async def test_the_chosen_brukare_is_told_of(house: House) -> None:
    told = await follow(house, event_types=["raised"], device_id=house.brukare)
    await raise_alarm(house)
    assert len(told) == 1


async def test_nothing_is_told_when_the_rule_is_gone(house: House) -> None:
    told = await follow(house, event_types=["raised"])
    await house.use()
    await raise_alarm(house)
    assert told == NOT_AT_ALL


@pytest.fixture
async def _loaded(hass: HomeAssistant, tmp_path: Path) -> None:
    """Load the integration, without a home."""
    hass.config.config_dir = str(tmp_path)
    assert await async_setup_component(hass, "homecare_h2o", {})
    await hass.async_block_till_done()


@pytest.mark.usefixtures("_loaded")
@pytest.mark.parametrize(
    ("trigger", "config"),
    [
        ("alarm", {}),
        ("alarm", {"options": {}}),
        ("alarm", {"options": {"event_types": []}}),
        ("alarm", {"options": {"event_types": ["nonsense"]}}),
        ("alarm", {"options": {"event_types": ["raised"], "alarm_types": ["nonsense"]}}),
        ("inactive", {"target": {"entity_id": "binary_sensor.a"}}),
        ("inactive", {"target": {"entity_id": "binary_sensor.a"}, "options": {}}),
        ("inactive", {"options": {"threshold": {"hours": 1}}}),
        ("inactive", {"target": {"entity_id": "binary_sensor.a"}, "options": {"threshold": {"hours": 1}, "x": 1}}),
        ("inactive", {"target": {"nonsense": "a"}, "options": {"threshold": {"hours": 1}}}),
        ("pressed", {}),
        ("pressed", {"target": {}}),
        ("pressed", {"target": {"entity_id": "binary_sensor.a"}, "options": {"nonsense": 1}}),
        ("nonsense", {}),
    ],
)
async def test_a_trigger_that_makes_no_sense_is_refused(
    hass: HomeAssistant, trigger: str, config: dict[str, Any]
) -> None:
    with pytest.raises(vol.Invalid):
        await async_validate_trigger_config(hass, [{"platform": f"homecare_h2o.{trigger}", **config}])


@pytest.mark.usefixtures("_loaded")
async def test_every_trigger_is_described(hass: HomeAssistant) -> None:
    told = await async_get_all_descriptions(hass)
    ours = {key.removeprefix("homecare_h2o."): value for key, value in told.items() if key.startswith("homecare_h2o.")}
    assert ours.keys() == TRIGGERS.keys()
    assert all(ours.values())


@pytest.mark.usefixtures("_loaded")
@pytest.mark.parametrize("name", SCHEMAS)
async def test_the_fields_in_the_editor_are_those_of_the_schema(hass: HomeAssistant, name: str) -> None:
    description = (await async_get_all_descriptions(hass))[f"homecare_h2o.{name}"]
    schema = {str(key): value for key, value in SCHEMAS[name].schema.items()}
    required = {str(key) for key in schema["options"] if isinstance(key, vol.Required)}
    assert description
    assert set(description["fields"]) == {str(key) for key in schema["options"]}
    assert {key for key, field in description["fields"].items() if field.get("required")} == required


@pytest.mark.usefixtures("_loaded")
async def test_the_editor_offers_what_there_is(hass: HomeAssistant) -> None:
    description = (await async_get_all_descriptions(hass))["homecare_h2o.alarm"]
    assert description
    fields = description["fields"]
    assert fields["event_types"]["selector"]["select"]["options"] == EVENT_TYPES
    assert fields["alarm_types"]["selector"]["select"]["options"] == [kind.value for kind in AlarmType]
