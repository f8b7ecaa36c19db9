"""Nothing that leaves the hub tells who or where (R010.7): every word is looked for in everything."""

import json
import logging
from pathlib import Path
import re
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_CALL_SERVICE, MATCH_ALL
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.homecare_h2o.hub import folder_of

from .conftest import Pushed
from .steps import button, call, entity_id, go_on, press, raise_alarm, receipt, settle

type Phones = dict[str, MockConfigEntry]

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

PERSON = {
    "code": "K7-31",
    "name": "Tess T. Person",
    "address": "Testvägen 1, 111 11 Hultsfred",
    "key_information": "Nyckelskåp, portkod 91-82-91",
    "instructions": "Hunden Fido biter",
}
SECRETS = re.compile(r"Tess|T\. Person|Testv|111 11|Hultsfred|Nyckelsk|91-82-91|Fido", re.IGNORECASE)


def leaks(told: object) -> list[str]:
    """Return what is told and should not be."""
    text = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False, default=repr)
    return SECRETS.findall(text)


@pytest.fixture
def events(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Collect everything that is said on the bus."""
    told: list[dict[str, Any]] = []

    @callback
    def on_event(event: Event) -> None:
        told.append({"type": event.event_type, "data": event.as_dict()["data"]})

    hass.bus.async_listen(MATCH_ALL, on_event)
    return told


@pytest.fixture
async def lived(
    hass: HomeAssistant,
    caplog: pytest.LogCaptureFixture,
    home: MockConfigEntry,
    brukare_device: str,
    phones: Phones,
    pushed: Pushed,
    freezer: FrozenDateTimeFactory,
    events: list[dict[str, Any]],
) -> MockConfigEntry:
    """Take alarms of a person through every step of their lives."""
    caplog.set_level("DEBUG")
    hass.config_entries.async_update_subentry(home, home.subentries["brukare-1"], data=PERSON)
    await settle(hass)
    first, second = phones["1 Htj dag"], phones["2 Htj dag"]
    await raise_alarm(hass, brukare_device)
    await receipt(hass, first, action_1_key=button(pushed("1 Htj dag")[0], 0))
    await press(hass, phones["Larmansvarig"], button(pushed("1 Htj dag")[0], 0))
    await press(hass, first, "H2O~nothing~0~taking~0")
    await press(hass, first, button(pushed("1 Htj dag")[0], 1))
    await go_on(hass, freezer, minutes=6)
    await press(hass, second, button(pushed("2 Htj dag")[-1], 0))
    await go_on(hass, freezer, minutes=16)
    await press(hass, second, button(pushed("2 Htj dag")[-1], 0))
    await press(hass, second, button(pushed("2 Htj dag")[-1], 0))
    await press(hass, first, button(pushed("1 Htj dag")[0], 0))
    await call(hass, "raise_alarm", device_id=brukare_device, alarm_type="fire")
    await call(hass, "raise_alarm", device_id=brukare_device, alarm_type="fire")
    await hass.services.async_call("button", "press", {"entity_id": entity_id(hass, "button", "test_alarm")})
    await hass.config_entries.async_remove(first.entry_id)
    assert await hass.config_entries.async_reload(home.entry_id)
    await settle(hass)
    await home.runtime_data.journal._writer.run(lambda one: one.execute("PRAGMA query_only = True"))
    await call(hass, "raise_alarm", device_id=brukare_device, alarm_type="leak")
    await go_on(hass, freezer, minutes=1)
    await home.runtime_data.journal._writer.run(lambda one: one.execute("PRAGMA query_only = False"))
    await go_on(hass, freezer, minutes=1)
    return home


async def test_no_push_names_anybody(lived: MockConfigEntry, pushes: AiohttpClientMocker) -> None:
    told = [[str(url), data] for _, url, data, _ in pushes.mock_calls]
    assert (len(told) > 20, leaks(told)) == (True, [])


async def test_no_event_names_anybody(lived: MockConfigEntry, events: list[dict[str, Any]]) -> None:
    kinds = {event["data"].get("type") for event in events}
    assert {"raised", "received", "declined", "escalated", "acknowledged", "resolved", "notification_failed"} <= kinds
    assert EVENT_CALL_SERVICE in {event["type"] for event in events}
    assert leaks(events) == []


async def test_no_state_names_anybody(hass: HomeAssistant, lived: MockConfigEntry) -> None:
    assert leaks([state.as_dict() for state in hass.states.async_all()]) == []


async def test_no_registry_names_anybody(hass: HomeAssistant, lived: MockConfigEntry) -> None:
    devices = [device.dict_repr for device in dr.async_get(hass).devices]
    entities = [entry.extended_dict for entry in er.async_get(hass).entities.values()]
    issues = [issue.translation_placeholders for issue in ir.async_get(hass).issues.values()]
    assert leaks([devices, entities, issues]) == []
    assert leaks([subentry.title for subentry in lived.subentries.values()]) == []


async def test_no_log_line_names_anybody(lived: MockConfigEntry, caplog: pytest.LogCaptureFixture) -> None:
    lines = [logging.Formatter().format(record) for record in caplog.get_records("setup")]
    assert [line for line in lines if line.startswith("The journal cannot be written")]
    assert leaks("\n".join(lines)) == []


async def test_diagnostics_name_nobody(
    hass: HomeAssistant, lived: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    assert await async_setup_component(hass, "diagnostics", {})
    assert leaks(await get_diagnostics_for_config_entry(hass, hass_client, lived)) == []


async def test_no_file_of_the_hub_names_anybody(hass: HomeAssistant, lived: MockConfigEntry) -> None:
    files = [path for path in folder_of(hass, lived).rglob("*") if path.is_file()]
    told = [path.read_bytes().decode(errors="replace") for path in files]
    assert {Path("journal.db"), Path("facts.db")} <= {Path(path.name) for path in files}
    assert leaks(told) == []


async def test_no_action_names_anybody(hass: HomeAssistant, lived: MockConfigEntry) -> None:
    told = await call(hass, "get_alarms", limit=500)
    assert (len(told["alarms"]) > 3, leaks(told)) == (True, [])


async def test_the_words_are_found_where_they_are() -> None:
    assert len(leaks(PERSON)) == 8


async def test_a_name_that_somebody_wrote_into_the_text_does_not_leave_the_hub(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, pushed: Pushed
) -> None:
    said = {"message": "Tess ramlade i köket, Testvägen 1", "response": "Ring på hos Tess T. Person"}
    await raise_alarm(hass, brukare_device, **said)
    (push,) = pushed("1 Htj dag")
    assert push["message"].splitlines()[0].startswith("K7-31 ramlade i köket, K7-31")
    assert "Ring på hos K7-31" in push["message"]
