"""An alarm's whole way: raised, on the phones, taken, closed, gone."""

from typing import Any

from homeassistant.core import Context, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .conftest import Pushed

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")


def button(push: dict[str, Any], number: int) -> str:
    return str(push["data"]["actions"][number]["action"])


async def settle(hass: HomeAssistant) -> None:
    await hass.async_block_till_done(wait_background_tasks=True)


async def raise_button(hass: HomeAssistant, device_id: str, **data: object) -> Any:
    result = await hass.services.async_call(
        "homecare_h2o",
        "raise_alarm",
        {"device_id": device_id, "alarm_type": "safety_button", **data},
        blocking=True,
        return_response=True,
    )
    await settle(hass)
    return result


async def test_both_phones_on_duty_are_called_with_code_and_type_only(
    hass: HomeAssistant, brukare_device: str, pushed: Pushed
) -> None:
    result = await raise_button(hass, brukare_device)
    assert result["outcome"] == "raised"
    for phone in ("1 Htj dag", "2 Htj dag"):
        (push,) = pushed(phone)
        assert push["title"] == "K7-31 · Trygghetslarm"
        assert [action["title"] for action in push["data"]["actions"]] == ["Åtgärdar", "Hinner ej", "Felaktigt larm"]
    assert pushed("1 Nattpatrull") == []


async def test_one_takes_it_the_other_is_told_and_done_clears_both(
    hass: HomeAssistant, brukare_device: str, pushed: Pushed, phones: dict[str, MockConfigEntry]
) -> None:
    await raise_button(hass, brukare_device)
    taker = Context(user_id=phones["1 Htj dag"].data["user_id"])
    hass.bus.async_fire("mobile_app_notification_action", {"action": button(pushed("1 Htj dag")[0], 0)}, context=taker)
    await settle(hass)
    assert pushed("2 Htj dag")[1]["message"] == "Tas av 1 Htj dag"
    yours = pushed("1 Htj dag")[1]
    assert [action["title"] for action in yours["data"]["actions"]] == ["Klart", "Behöver hjälp"]
    hass.bus.async_fire("mobile_app_notification_action", {"action": button(yours, 0)}, context=taker)
    await settle(hass)
    assert pushed("2 Htj dag")[-1]["message"] == "clear_notification"
    asked = pushed("1 Htj dag")[-1]
    assert [action["title"] for action in asked["data"]["actions"]] == [
        *("Hjälp given", "Ingen hjälp behövdes"),
        "Felaktigt larm",
    ]
    hass.bus.async_fire("mobile_app_notification_action", {"action": button(asked, 0)}, context=taker)
    await settle(hass)
    for phone in ("1 Htj dag", "2 Htj dag"):
        assert pushed(phone)[-1]["message"] == "clear_notification"
