"""What the logbook says."""

from collections.abc import Callable
from typing import Any

from homeassistant.core import Event, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.homecare_h2o.bus import EVENT_TYPES
from custom_components.homecare_h2o.const import DOMAIN, EVENT_ALARM, EVENT_PLAN, EVENT_VISIT
from custom_components.homecare_h2o.logbook import async_describe_events

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")


@pytest.fixture
def describe(hass: HomeAssistant, home: MockConfigEntry) -> Callable[..., tuple[str, str]]:
    """Return what the logbook says of a step."""
    found: dict[tuple[str, str], Callable[[Event], dict[str, str]]] = {}
    async_describe_events(hass, lambda domain, event, function: found.update({(domain, event): function}))

    def of(**data: Any) -> tuple[str, str]:
        told = found[DOMAIN, EVENT_ALARM](Event(EVENT_ALARM, {"code": "K7-31", "alarm_type": "fire"} | data))
        return told["name"], told["message"]

    return of


async def test_a_step_is_told_in_swedish(describe: Callable[..., tuple[str, str]]) -> None:
    assert describe(type="raised") == ("K7-31 · BRAND", "larm utlöst")
    assert describe(type="acknowledged", phone="1 Htj dag") == ("K7-31 · BRAND", "kvitterat (1 Htj dag)")


async def test_a_step_is_told_in_english(
    hass: HomeAssistant, home: MockConfigEntry, describe: Callable[..., tuple[str, str]]
) -> None:
    hass.config.language = "en"
    assert await hass.config_entries.async_reload(home.entry_id)
    assert describe(type="raised")[0] == "K7-31 · FIRE"


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_every_step_has_words(
    hass: HomeAssistant, home: MockConfigEntry, describe: Callable[..., tuple[str, str]], language: str
) -> None:
    hass.config.language = language
    assert await hass.config_entries.async_reload(home.entry_id)
    assert [kind for kind in EVENT_TYPES if "_" in describe(type=kind)[1]] == []


async def test_a_step_is_told_without_a_hub(
    hass: HomeAssistant, home: MockConfigEntry, describe: Callable[..., tuple[str, str]]
) -> None:
    await hass.config_entries.async_unload(home.entry_id)
    assert describe(type="raised") == ("K7-31", "fire raised")


async def test_a_step_of_a_larmtyp_that_is_no_more_is_told(describe: Callable[..., tuple[str, str]]) -> None:
    assert describe(type="raised", alarm_type="of old")[0].startswith("K7-31")


@pytest.fixture
def describe_visit(hass: HomeAssistant, home: MockConfigEntry) -> Callable[[str], tuple[str, str]]:
    """Return what the logbook says of a visit."""
    found: dict[str, Callable[[Event], dict[str, str]]] = {}
    async_describe_events(hass, lambda _domain, event, function: found.update({event: function}))

    def of(kind: str) -> tuple[str, str]:
        told = found[EVENT_VISIT](Event(EVENT_VISIT, {"code": "K7-31", "type": kind}))
        return told["name"], told["message"]

    return of


@pytest.mark.parametrize(
    ("language", "kind", "message"),
    [
        ("sv", "started", "besök registrerat"),
        ("sv", "ended", "besök avslutat"),
        ("sv", "expired", "besöket är slut, ingen har avslutat det"),
        ("en", "started", "visit registered"),
        ("en", "ended", "visit ended"),
        ("en", "expired", "visit over, nobody ended it"),
    ],
)
async def test_a_visit_is_told(
    hass: HomeAssistant,
    home: MockConfigEntry,
    describe_visit: Callable[[str], tuple[str, str]],
    language: str,
    kind: str,
    message: str,
) -> None:
    hass.config.language = language
    assert await hass.config_entries.async_reload(home.entry_id)
    assert describe_visit(kind) == ("K7-31", message)


async def test_a_visit_is_told_without_a_hub(
    hass: HomeAssistant, home: MockConfigEntry, describe_visit: Callable[[str], tuple[str, str]]
) -> None:
    await hass.config_entries.async_unload(home.entry_id)
    assert describe_visit("started") == ("K7-31", "visit started")


@pytest.fixture
def describe_plan(hass: HomeAssistant, home: MockConfigEntry) -> Callable[..., tuple[str, str]]:
    """Return what the logbook says of a change of the handlingsplan."""
    found: dict[str, Callable[[Event], dict[str, str]]] = {}
    async_describe_events(hass, lambda _domain, event, function: found.update({event: function}))

    def of(**data: str) -> tuple[str, str]:
        told = found[EVENT_PLAN](Event(EVENT_PLAN, {"code": "K7-31"} | data))
        return told["name"], told["message"]

    return of


async def test_a_change_of_the_handlingsplan_is_told(describe_plan: Callable[..., tuple[str, str]]) -> None:
    told = describe_plan(type="deleted", alarm_type="fire")
    assert told == ("K7-31 · BRAND", "handlingsplanen ändrad: borttagen")
    assert describe_plan(type="deleted")[0] == "K7-31"


async def test_a_change_of_the_handlingsplan_is_told_without_a_hub(
    hass: HomeAssistant, home: MockConfigEntry, describe_plan: Callable[..., tuple[str, str]]
) -> None:
    await hass.config_entries.async_unload(home.entry_id)
    assert describe_plan(type="deleted", alarm_type="fire") == ("K7-31", "plan fire deleted")
