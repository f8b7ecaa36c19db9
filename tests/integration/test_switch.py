"""The switch that pauses and resumes a brukare (R010.6)."""

from typing import Any

from homeassistant.auth.const import GROUP_ID_ADMIN, GROUP_ID_USER
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest

from .pausing import pause, pauses
from .rules import House, local, settle
from .steps import entity_id

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")


async def turn(house: House, action: str, user_id: str | None = None) -> None:
    target = {"entity_id": entity_id(house.hass, "switch", "monitoring")}
    await house.hass.services.async_call("switch", action, target, blocking=True, context=Context(user_id=user_id))
    await settle(house.hass)


def switch(house: House) -> tuple[str, Any, Any]:
    state = house.hass.states.get(entity_id(house.hass, "switch", "monitoring"))
    assert state
    return state.state, state.attributes["reason"], state.attributes["until"]


async def test_the_switch_pauses_for_a_day(house: House) -> None:
    assert switch(house) == ("on", None, None)
    larmansvarig = await house.hass.auth.async_create_user("Larmansvarig", group_ids=[GROUP_ID_ADMIN])
    await turn(house, "turn_off", larmansvarig.id)
    until = local("2026-11-03 12:00:00").isoformat()
    assert switch(house) == ("off", "Avstängd med strömbrytaren Övervakning", until)
    (event,) = await pauses(house)
    assert event.by.user_id == larmansvarig.id
    await house.at("2026-11-03 12:00:01")
    assert switch(house) == ("on", None, None)


async def test_the_switch_resumes(house: House) -> None:
    await pause(house)
    assert switch(house) == ("off", "Sjukhus", local("2026-11-02 18:00:00").isoformat())
    await turn(house, "turn_on")
    await turn(house, "turn_on")
    assert switch(house) == ("on", None, None)
    assert [event.kind for event in await pauses(house)] == ["pause_started", "pause_ended"]


async def test_the_switch_names_nobody(house: House) -> None:
    await pause(house, reason="Tess är på sjukhus")
    assert switch(house)[1] == "K7-31 är på sjukhus"


async def test_the_switch_does_not_make_a_pause_shorter(house: House) -> None:
    await pause(house, "2026-11-20 18:00:00")
    await turn(house, "turn_off")
    assert switch(house)[2] == local("2026-11-20 18:00:00").isoformat()


async def test_the_switch_shows_what_the_journal_says_after_a_start(house: House) -> None:
    await turn(house, "turn_off")
    await house.start_hub_again()
    assert switch(house)[0] == "off"


@pytest.mark.parametrize("action", ["turn_on", "turn_off"])
async def test_staff_may_not_use_the_switch(house: House, action: str) -> None:
    staff = await house.hass.auth.async_create_user("Undersköterska", group_ids=[GROUP_ID_USER])
    with pytest.raises(ServiceValidationError) as caught:
        await turn(house, action, staff.id)
    assert caught.value.translation_key == "not_allowed"


async def test_the_switch_of_a_hub_that_is_being_closed_says_so(house: House) -> None:
    await house.hub.engine.stop()
    with pytest.raises(HomeAssistantError) as caught:
        await turn(house, "turn_off")
    assert caught.value.translation_key == "hub_not_loaded"


async def test_the_switch_of_somebody_paused_in_a_hub_that_is_being_closed_says_so(house: House) -> None:
    await pause(house)
    await house.hub.engine.stop()
    with pytest.raises(HomeAssistantError) as caught:
        await turn(house, "turn_on")
    assert caught.value.translation_key == "hub_not_loaded"
