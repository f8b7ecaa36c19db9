"""The dashboard strategy is known to every page of Home Assistant's frontend; the alarms need it as little as the panel."""

from http import HTTPStatus
from typing import Any

from homeassistant.components import frontend
from homeassistant.components.onboarding.const import STEPS
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.homecare_h2o.panel import FOLDER, calc_digest


@pytest.fixture
async def strategy_urls(hass: HomeAssistant, hass_storage: dict[str, Any], home: MockConfigEntry) -> list[str]:
    """Return what the frontend loads of ours with each page of a home that is set up."""
    hass_storage["onboarding"] = {"version": 4, "data": {"done": list(STEPS)}}
    assert await async_setup_component(hass, "frontend", {})
    await hass.async_block_till_done()
    return [url for url in hass.data[frontend.DATA_EXTRA_MODULE_URL].urls if "homecare" in url]


async def test_every_page_loads_it_once_from_the_address_of_its_content(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, strategy_urls: list[str]
) -> None:
    assert strategy_urls == [f"/homecare_h2o/panel/{calc_digest(FOLDER)}/strategy.js"]
    client = await hass_client()
    answer = await client.get(strategy_urls[0])
    assert (answer.status, answer.content_type) == (HTTPStatus.OK, "text/javascript")
    assert strategy_urls[0] in await (await client.get("/")).text()


async def test_a_reload_of_the_hub_adds_no_second_one(
    hass: HomeAssistant, home: MockConfigEntry, strategy_urls: list[str]
) -> None:
    assert await hass.config_entries.async_reload(home.entry_id)
    await hass.async_block_till_done()
    urls = hass.data[frontend.DATA_EXTRA_MODULE_URL].urls
    assert [url for url in urls if "homecare" in url] == strategy_urls


async def test_in_safe_mode_the_pages_are_without_it(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, strategy_urls: list[str]
) -> None:
    hass.config.safe_mode = True
    client = await hass_client()
    page = await (await client.get("/")).text()
    assert "<home-assistant>" in page
    assert strategy_urls[0] not in page
