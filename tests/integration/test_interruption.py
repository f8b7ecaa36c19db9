"""A planned interruption: the groups on duty are told that manual routines apply, and when they no longer do (R010.6)."""

from typing import Any
from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.homecare_h2o.core.arming_events import InterruptionTold
from custom_components.homecare_h2o.core.errors import NotificationError
from custom_components.homecare_h2o.notifier import HassNotifier

from .conftest import Pushed
from .pausing import hub_device
from .rules import House, local
from .steps import call

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

type Phones = dict[str, MockConfigEntry]

TITLE = "K7-31 · Planerat avbrott"
OVER = "K7-31 · Avbrottet är slut"
NOBODY: list[Any] = []


async def interrupt(house: House, until: str = "2026-11-02 14:00:00") -> Any:
    data = {"device_id": hub_device(house), "reason": "Byte av router", "until": local(until).isoformat()}
    return await call(house.hass, "pause", **data)


def titles(pushed: Pushed, phone: str) -> list[str]:
    return [push["title"] for push in pushed(phone) if "title" in push]


async def told(house: House) -> list[InterruptionTold]:
    return [event for event in await house.journal() if isinstance(event, InterruptionTold)]


def shown(house: House) -> tuple[str, Any]:
    state = house.hass.states.get("binary_sensor.hub_h2o_1_planerat_avbrott")
    assert state
    return state.state, state.attributes["until"]


async def test_the_group_on_duty_is_told_and_told_when_it_is_over(house: House, pushed: Pushed) -> None:
    await interrupt(house)
    (push,) = pushed("1 Htj dag")
    assert (push["title"], push["message"]) == (
        TITLE,
        "Från nu till 2026-11-02 14:00 gäller manuella rutiner. Larm kan utebli så länge.",
    )
    assert pushed("1 Nattpatrull") == NOBODY
    await house.at("2026-11-02 13:59:00")
    assert titles(pushed, "1 Htj dag") == [TITLE]
    await house.at("2026-11-02 14:00:01")
    assert titles(pushed, "1 Htj dag") == [TITLE, OVER]
    await house.at("2026-11-02 15:00:00")
    assert titles(pushed, "2 Htj dag") == [TITLE, OVER]
    assert [(event.is_over, len(event.phones), event.failed) for event in await told(house)] == [
        (False, 2, ()),
        (True, 2, ()),
    ]


async def test_it_is_shown(house: House) -> None:
    assert shown(house) == ("off", None)
    await interrupt(house)
    assert shown(house) == ("on", local("2026-11-02 14:00:00").isoformat())
    await house.at("2026-11-02 14:00:01")
    assert shown(house) == ("off", None)


async def test_a_shift_that_begins_meanwhile_is_told(house: House, pushed: Pushed) -> None:
    await house.at("2026-11-02 21:00:00")
    await interrupt(house, "2026-11-03 02:00:00")
    await house.at("2026-11-02 21:30:00")
    assert titles(pushed, "1 Nattpatrull") == [TITLE]
    await house.at("2026-11-03 02:00:01")
    assert titles(pushed, "1 Nattpatrull") == [TITLE, OVER]
    assert titles(pushed, "1 Htj dag") == [TITLE, OVER]


async def test_another_end_is_told(house: House, pushed: Pushed) -> None:
    await interrupt(house)
    await interrupt(house)
    await interrupt(house, "2026-11-02 16:00:00")
    assert [push["message"].partition(" gäller")[0] for push in pushed("1 Htj dag")] == [
        "Från nu till 2026-11-02 14:00",
        "Från nu till 2026-11-02 16:00",
    ]
    await house.at("2026-11-02 16:00:01")
    assert titles(pushed, "1 Htj dag") == [TITLE, TITLE, OVER]


async def test_one_that_somebody_ends_is_over_then(house: House, pushed: Pushed) -> None:
    await interrupt(house)
    await house.at("2026-11-02 12:30:00")
    await call(house.hass, "resume", device_id=hub_device(house))
    assert pushed("1 Htj dag")[-1]["message"] == (
        "Det planerade avbrottet slutade 2026-11-02 12:30. Larmen går som vanligt igen."
    )


async def test_one_that_ended_while_the_hub_was_down_is_told_at_the_start(house: House, pushed: Pushed) -> None:
    await interrupt(house)
    await house.restart("2026-11-02 15:00:00")
    assert titles(pushed, "1 Htj dag") == [TITLE, OVER]
    assert "slutade 2026-11-02 14:00" in pushed("1 Htj dag")[-1]["message"]


async def test_a_reload_does_not_tell_it_again(house: House, pushed: Pushed) -> None:
    await interrupt(house)
    await house.start_hub_again()
    assert titles(pushed, "1 Htj dag") == [TITLE]


async def test_one_that_was_over_before_anybody_could_be_told_is_not_told(house: House, pushed: Pushed) -> None:
    with patch.object(HassNotifier, "tell", side_effect=NotificationError("down")):
        await interrupt(house)
        await house.at("2026-11-02 12:01:00")
    assert [(event.phones, len(event.failed)) for event in await told(house)] == [((), 2)]
    await house.at("2026-11-02 12:05:01")
    assert titles(pushed, "1 Htj dag") == [TITLE]


@pytest.mark.parametrize("error", [NotificationError("down"), TimeoutError(), ValueError("a service of its own")])
async def test_a_phone_that_cannot_be_told_that_it_is_over_is_tried_again_for_half_a_day(
    house: House, pushed: Pushed, error: Exception
) -> None:
    await interrupt(house)
    with patch.object(HassNotifier, "tell", side_effect=error):
        await house.at("2026-11-02 14:00:01")
        await house.at("2026-11-02 14:06:00")
    await house.at("2026-11-02 14:11:01")
    assert titles(pushed, "1 Htj dag") == [TITLE, OVER]
    assert [(event.is_over, len(event.phones)) for event in await told(house)] == [(False, 2), (True, 0), (True, 2)]


async def test_whoever_cannot_be_told_for_half_a_day_is_told_no_more(house: House, pushed: Pushed) -> None:
    await interrupt(house)
    with patch.object(HassNotifier, "tell", side_effect=NotificationError("down")):
        await house.at("2026-11-02 14:00:01")
        await house.at("2026-11-03 02:00:01")
    await house.at("2026-11-03 02:10:00")
    assert titles(pushed, "1 Htj dag") == [TITLE]


async def test_a_hub_that_is_being_closed_looks_again_at_its_next_start(house: House, pushed: Pushed) -> None:
    await interrupt(house)
    await house.hub.engine.stop()
    await house.at("2026-11-02 14:00:01")
    await house.start_hub_again()
    assert titles(pushed, "1 Htj dag") == [TITLE, OVER, OVER]


async def test_why_stays_in_the_home(house: House, pushed: Pushed) -> None:
    await interrupt(house)
    assert "router" not in str(pushed("1 Htj dag"))


async def test_the_exported_journal_says_who_was_told_and_who_could_not_be_reached(
    house: House, phones: Phones
) -> None:
    ids = [f"app:{entry.entry_id}" for entry in phones.values()]
    await interrupt(house)
    await house.hub.engine.record(
        InterruptionTold(
            at=house.hub.clock.now(),
            pause_id="p1",
            until_at=local("2026-11-02 14:00:00"),
            is_over=False,
            phones=(ids[0],),
            failed=(ids[1],),
        )
    )
    period = {"from": "2026-11-02", "to": "2026-11-02", "format": "text"}
    content = (await call(house.hass, "export_journal", **period))["content"]
    assert [line for line in content.splitlines() if "besked" in line] == [
        "12:00:00 Hubben: besked om planerat avbrott sänt: 1 Htj dag, 2 Htj dag",
        "12:00:00 Hubben: besked om planerat avbrott sänt: 1 Htj dag (nåddes inte: 2 Htj dag)",
    ]
