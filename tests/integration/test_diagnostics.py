"""Diagnostics: what may be told, and no more."""

import json
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from syrupy.assertion import SnapshotAssertion
from syrupy.filters import props

from custom_components.homecare_h2o.core.errors import JournalUnavailableError
from custom_components.homecare_h2o.journal import SqliteJournal

from .steps import raise_alarm, settle

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

WORDS = ("Tess", "Testvägen", "Hultsfred", "Htj", "Nattpatrull", "K7-31", "Larmansvarig")


async def diagnostics(hass: HomeAssistant, home: MockConfigEntry, hass_client: ClientSessionGenerator) -> object:
    assert await async_setup_component(hass, "diagnostics", {})
    return await get_diagnostics_for_config_entry(hass, hass_client, home)


async def test_what_is_told(
    hass: HomeAssistant,
    home: MockConfigEntry,
    brukare_device: str,
    hass_client: ClientSessionGenerator,
    snapshot: SnapshotAssertion,
) -> None:
    await raise_alarm(hass, brukare_device)
    assert await diagnostics(hass, home, hass_client) == snapshot(exclude=props("alarm_id"))


async def test_nobody_is_named(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, hass_client: ClientSessionGenerator
) -> None:
    await raise_alarm(hass, brukare_device)
    told = json.dumps(await diagnostics(hass, home, hass_client), ensure_ascii=False)
    assert [word for word in WORDS if word in told] == []


async def test_a_hub_that_could_not_start_can_be_looked_into(
    hass: HomeAssistant, home: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    await hass.config_entries.async_unload(home.entry_id)
    with patch.object(SqliteJournal, "open", side_effect=JournalUnavailableError):
        await hass.config_entries.async_setup(home.entry_id)
    assert await diagnostics(hass, home, hass_client)


async def test_nobody_is_named_in_the_whole_download(
    hass: HomeAssistant, home: MockConfigEntry, hass_client: ClientSessionGenerator
) -> None:
    group = home.subentries["group-Nattpatrull"]
    hass.config_entries.async_update_subentry(home, group, data={**group.data, "name": "Tess dotter", "phones": []})
    await settle(hass)
    assert await async_setup_component(hass, "diagnostics", {})
    response = await (await hass_client()).get(f"/api/diagnostics/config_entry/{home.entry_id}")
    assert [word for word in WORDS if word in (await response.text())] == []
