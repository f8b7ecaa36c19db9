"""The conditions in an automation: who is on duty, and whether somebody is watched over."""

from typing import Any

from homeassistant.core import Event
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from .rules import House, local
from .steps import call

pytestmark = pytest.mark.freeze_time("2026-11-02 21:29:30+01:00")

STAFF: dict[str, Any] = {"condition": "homecare_h2o.is_on_duty"}


def of(group: str | None) -> dict[str, Any]:
    return {**STAFF, "options": {"group": group}}


@pytest.fixture
def passed(house: House) -> list[Event]:
    events: list[Event] = async_capture_events(house.hass, "passed")
    return events


async def use(house: House, condition: dict[str, Any], *others: dict[str, Any]) -> None:
    """Have an automation that tells whether its condition is met, beside others."""
    rule = {
        "id": "rule 1",
        "alias": "rule 1",
        "triggers": [{"trigger": "event", "event_type": "asked"}],
        "conditions": [condition],
        "actions": [{"event": "passed"}],
    }
    await house.use(rule, *others)


@pytest.mark.parametrize(
    ("condition", "at", "times"),
    [
        pytest.param(STAFF, "2026-11-02 21:29:59", 1, id="any staff"),
        pytest.param(of(""), "2026-11-02 21:29:59", 1, id="no name"),
        pytest.param(of(None), "2026-11-02 21:29:59", 1, id="none"),
        pytest.param(of("Htj dag"), "2026-11-02 21:29:59", 1, id="in the last second"),
        pytest.param(of("Htj dag"), "2026-11-02 21:30:00", 0, id="off duty"),
        pytest.param(of("Nattpatrull"), "2026-11-02 21:29:59", 0, id="not yet"),
        pytest.param(of("Nattpatrull"), "2026-11-02 21:30:00", 1, id="the night begins"),
        pytest.param(of("Nattpatrull"), "2026-11-03 06:45:59", 1, id="the night's last second"),
        pytest.param(of("Nattpatrull"), "2026-11-03 06:46:00", 0, id="the day begins"),
        pytest.param(of("Htj kväll"), "2026-11-02 21:30:00", 0, id="nobody has this name"),
    ],
)
async def test_who_is_on_duty(
    house: House, passed: list[Event], condition: dict[str, Any], at: str, times: int
) -> None:
    await use(house, condition)
    await house.at(at)
    await house.fire("asked")
    assert len(passed) == times


@pytest.mark.parametrize(("state", "times"), [("off", 1), ("on", 1), ("unavailable", 0)])
async def test_a_brukare_is_monitored_while_no_line_is_blind(
    house: House, passed: list[Event], state: str, times: int
) -> None:
    condition = {"condition": "homecare_h2o.is_monitored", "options": {"device_id": house.brukare}}
    await house.motion(state)
    await use(house, condition, house.passivity())
    await house.fire("asked")
    assert len(passed) == times


async def test_a_brukare_without_a_plan_is_not_monitored(house: House, passed: list[Event]) -> None:
    await use(house, {"condition": "homecare_h2o.is_monitored", "options": {"device_id": house.brukare}})
    await house.fire("asked")
    assert len(passed) == 0


@pytest.mark.parametrize("condition", ["is_monitored", "is_on_duty"])
async def test_nothing_is_so_while_the_hub_is_down(house: House, passed: list[Event], condition: str) -> None:
    options = {"is_monitored": {"device_id": house.brukare}, "is_on_duty": {}}[condition]
    await house.motion("off")
    await use(house, {"condition": f"homecare_h2o.{condition}", "options": options}, house.passivity())
    await house.stop_hub()
    await house.fire("asked")
    assert len(passed) == 0
    await house.start_hub()
    await house.fire("asked")
    assert len(passed) == 1


async def test_another_device_is_nobody(house: House, passed: list[Event]) -> None:
    lamp = house.device("lamp").id
    await use(house, {"condition": "homecare_h2o.is_monitored", "options": {"device_id": lamp}})
    await house.fire("asked")
    assert len(passed) == 0


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        pytest.param({"condition": "homecare_h2o.is_monitored", "options": {}}, "device_id", id="whom"),
        pytest.param({"condition": "homecare_h2o.is_monitored"}, "options", id="nothing at all"),
        pytest.param({**STAFF, "options": {"gruppe": "Htj dag"}}, "gruppe", id="a misspelt option"),
    ],
)
async def test_a_condition_that_cannot_be_met_is_refused(house: House, condition: dict[str, Any], told: str) -> None:
    await use(house, condition)
    assert told in house.broken("rule 1")


async def test_a_brukare_is_visited_while_a_visit_lasts(house: House, passed: list[Event]) -> None:
    await use(house, {"condition": "homecare_h2o.is_visited", "options": {"device_id": house.brukare}})
    await house.fire("asked")
    assert len(passed) == 0
    await call(house.hass, "start_visit", device_id=house.brukare)
    await house.fire("asked")
    assert len(passed) == 1
    await house.at("2026-11-02 23:29:30")
    await house.fire("asked")
    assert len(passed) == 1


async def test_another_device_is_visited_by_nobody(house: House, passed: list[Event]) -> None:
    await call(house.hass, "start_visit", device_id=house.brukare)
    await use(house, {"condition": "homecare_h2o.is_visited", "options": {"device_id": house.device("lamp").id}})
    await house.fire("asked")
    assert len(passed) == 0


async def test_whoever_is_paused_is_not_watched_over(house: House, passed: list[Event]) -> None:
    condition = {"condition": "homecare_h2o.is_monitored", "options": {"device_id": house.brukare}}
    await house.motion("off")
    await use(house, condition, house.passivity())
    until = local("2026-11-02 23:00:00").isoformat()
    await call(house.hass, "pause", device_id=house.brukare, reason="Sjukhus", until=until)
    await house.fire("asked")
    assert len(passed) == 0
    await house.at("2026-11-02 23:00:01")
    await house.fire("asked")
    assert len(passed) == 1


async def test_whoever_has_a_line_that_is_paused_is_not_watched_over(house: House, passed: list[Event]) -> None:
    condition = {"condition": "homecare_h2o.is_monitored", "options": {"device_id": house.brukare}}
    await house.motion("off")
    await use(house, condition, house.passivity())
    line, until = house.automation("passivity 1"), local("2026-11-02 23:00:00").isoformat()
    await call(house.hass, "pause", device_id=house.brukare, line=line, reason="Ny sensor", until=until)
    await house.fire("asked")
    assert len(passed) == 0
