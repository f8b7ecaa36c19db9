"""Options of the hub: its mains power, and who outside is told that it lives."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, get_schema_suggested_value

from .steps import settle

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

MAINS = "binary_sensor.mains"
# Nobody listens there: that is the business of other tests.
URL = "http://127.0.0.1:9/ping"
TOPIC = "homecare/hub"


async def at_step(hass: HomeAssistant, home: MockConfigEntry, step: str) -> ConfigFlowResult:
    flow = await hass.config_entries.options.async_init(home.entry_id)
    return await hass.config_entries.options.async_configure(flow["flow_id"], {"next_step_id": step})


async def answer(hass: HomeAssistant, flow: ConfigFlowResult, **user_input: Any) -> ConfigFlowResult:
    flow = await hass.config_entries.options.async_configure(flow["flow_id"], user_input)
    await settle(hass)
    return flow


def shown(flow: ConfigFlowResult) -> dict[str, Any]:
    schema = flow["data_schema"]
    assert schema
    return {str(key): get_schema_suggested_value(schema.schema, key) for key in schema.schema}


async def test_an_entity_that_shows_the_mains_is_kept_and_shown(hass: HomeAssistant, home: MockConfigEntry) -> None:
    hass.states.async_set(MAINS, "on")
    flow = await at_step(hass, home, "power")
    assert shown(flow) == {"power_entity": None, "power_inverted": None}
    done = await answer(hass, flow, power_entity=MAINS, power_inverted=True)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert dict(home.options) == {"power_entity": MAINS, "power_inverted": True}
    assert shown(await at_step(hass, home, "power")) == {"power_entity": MAINS, "power_inverted": True}


async def test_an_empty_field_is_nobody_who_watches(hass: HomeAssistant, home: MockConfigEntry) -> None:
    hass.config_entries.async_update_entry(home, options={"power_entity": MAINS, "retention_days": 90})
    await answer(hass, await at_step(hass, home, "power"), power_inverted=False)
    assert dict(home.options) == {"power_inverted": False, "retention_days": 90}


async def test_an_entity_that_says_nothing_now_may_do_so_later(hass: HomeAssistant, home: MockConfigEntry) -> None:
    hass.states.async_set("sensor.ups", "unavailable")
    done = await answer(hass, await at_step(hass, home, "power"), power_entity="sensor.ups", power_inverted=False)
    assert done["type"] is FlowResultType.CREATE_ENTRY


async def test_an_entity_that_shows_something_else_is_refused(hass: HomeAssistant, home: MockConfigEntry) -> None:
    hass.states.async_set("sensor.voltage", "230.1")
    flow = await at_step(hass, home, "power")
    flow = await answer(hass, flow, power_entity="sensor.voltage", power_inverted=False)
    assert flow["errors"] == {"power_entity": "not_a_power_sensor"}
    assert shown(flow)["power_entity"] == "sensor.voltage"
    hass.states.async_set(MAINS, "on")
    done = await answer(hass, flow, power_entity=MAINS, power_inverted=False)
    assert done["type"] is FlowResultType.CREATE_ENTRY


async def test_an_address_and_a_topic_are_kept_and_shown(hass: HomeAssistant, home: MockConfigEntry) -> None:
    MockConfigEntry(domain="mqtt").add_to_hass(hass)
    flow = await at_step(hass, home, "heartbeat")
    done = await answer(hass, flow, heartbeat_url=f" {URL} ", heartbeat_topic=TOPIC)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert dict(home.options) == {"heartbeat_url": URL, "heartbeat_topic": TOPIC}
    assert shown(await at_step(hass, home, "heartbeat")) == {"heartbeat_url": URL, "heartbeat_topic": TOPIC}


async def test_empty_fields_are_nobody_who_is_told(hass: HomeAssistant, home: MockConfigEntry) -> None:
    hass.config_entries.async_update_entry(home, options={"heartbeat_url": URL, "retention_days": 90})
    await answer(hass, await at_step(hass, home, "heartbeat"), heartbeat_url=" ")
    assert dict(home.options) == {"retention_days": 90}


@pytest.mark.parametrize(
    ("bad", "errors"),
    [
        ({"heartbeat_url": "example.test"}, {"heartbeat_url": "bad_url"}),
        ({"heartbeat_url": "ftp://example.test"}, {"heartbeat_url": "bad_url"}),
        ({"heartbeat_topic": "homecare/#"}, {"heartbeat_topic": "bad_topic"}),
        ({"heartbeat_topic": "t" * 251}, {"heartbeat_topic": "bad_topic"}),
        ({"heartbeat_topic": TOPIC}, {"heartbeat_topic": "mqtt_missing"}),
        (
            {"heartbeat_url": "nowhere", "heartbeat_topic": "+"},
            {"heartbeat_url": "bad_url", "heartbeat_topic": "bad_topic"},
        ),
    ],
)
async def test_what_cannot_be_reached_is_refused(
    hass: HomeAssistant, home: MockConfigEntry, bad: dict[str, str], errors: dict[str, str]
) -> None:
    flow = await answer(hass, await at_step(hass, home, "heartbeat"), **bad)
    assert (flow["errors"], dict(home.options)) == (errors, {})
    done = await answer(hass, flow, heartbeat_url=URL)
    assert done["type"] is FlowResultType.CREATE_ENTRY
