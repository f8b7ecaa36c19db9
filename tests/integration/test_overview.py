"""How everything stands: the larmansvarig's overview."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.core import HomeAssistant
import pytest

from custom_components.homecare_h2o.core.calling import Rota
from custom_components.homecare_h2o.core.duty import ReceiverGroup, Role, duty_window
from custom_components.homecare_h2o.core.events import Actor
from custom_components.homecare_h2o.core.pauses import HUB, Subject
from custom_components.homecare_h2o.overview import describe_overview, describe_rota, find_gaps

from .rules import House, local

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

NOW = datetime(2026, 11, 2, 11, tzinfo=UTC)
STOCKHOLM = ZoneInfo("Europe/Stockholm")


def rota(*hours: tuple[int, int], phones: tuple[str, ...] = ("app:1",)) -> Rota:
    """Return a rota with a group of staff for each span of hours."""
    groups = tuple(
        ReceiverGroup(
            group_id=f"{start}",
            name=f"{start}-{last}",
            role=Role.STAFF,
            duty=duty_window(time(start), time(last, 59)),
            phones=phones,
        )
        for start, last in hours
    )
    return Rota(groups=groups, tz=STOCKHOLM)


def seen(house: House) -> dict[str, Any]:
    """Return what is told of the brukare."""
    (brukare,) = describe_overview(house.hass, house.hub)["brukare"]
    return dict(brukare)


# --- the rota ----------------------------------------------------------------------------------------


def test_a_rota_round_the_clock_has_no_gaps() -> None:
    assert find_gaps(rota((7, 21), (22, 6)), NOW) == []
    assert find_gaps(rota((0, 23)), NOW) == []


def test_the_nights_of_a_week_without_a_night_patrol_are_gaps() -> None:
    gaps = find_gaps(rota((7, 21)), NOW)
    assert len(gaps) == 7
    assert gaps[0] == (local("2026-11-02 22:00"), local("2026-11-03 07:00"))


def test_a_gap_that_lasts_is_one_gap() -> None:
    assert find_gaps(rota(), NOW) == [(NOW, NOW + timedelta(days=7))]
    unreachable = rota((7, 21), (22, 6), phones=())
    assert find_gaps(unreachable, NOW) == [(NOW, NOW + timedelta(days=7))]


def test_a_night_with_summer_time_is_an_hour_shorter() -> None:
    gaps = find_gaps(rota((7, 21)), local("2026-03-28 12:00"))
    assert gaps[0][1] - gaps[0][0] == timedelta(hours=8)


def test_who_is_on_duty_always_has_nobody_next() -> None:
    told = describe_rota(rota((0, 23)), NOW)
    assert (told["on_duty"], told["next_at"], told["next"]) == (["0-23"], None, None)


# --- a brukare ---------------------------------------------------------------------------------------


async def test_a_line_that_is_watched_is_told_as_such(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity())
    told = seen(house)
    assert (told["lines"], told["coverage"], told["since"], told["faults"]) == (1, "watched", None, [])


async def test_a_sensor_that_is_gone_is_told_with_since_when(house: House) -> None:
    await house.motion("off")
    await house.use(house.passivity())
    await house.motion("unavailable")
    told = seen(house)
    assert (told["coverage"], told["since"]) == ("not_watched", "2026-11-02T11:00:00+00:00")
    (fault,) = told["faults"]
    assert (fault["line"], fault["alarm_type"], fault["coverage"]) == ("passivity 1", "passivity", "not_watched")
    assert fault["sources"] == [{"name": "motion", "area": None, "fault": "unavailable"}]


@pytest.mark.parametrize(
    ("domain", "state", "low"),
    [
        ("sensor", "20", [20.0]),
        ("sensor", "20.5", []),
        ("sensor", "unknown", []),
        ("binary_sensor", "on", [None]),
        ("binary_sensor", "off", []),
    ],
)
async def test_a_low_battery_is_told(house: House, domain: str, state: str, low: list[float | None]) -> None:
    device = house.device("Hallen rörelse")
    motion = house.entity(device, "hall", device_class="motion")
    battery = house.entity(device, "hall_battery", domain, device_class="battery")
    house.entity(device, "hall_signal", "sensor")
    await house.show(motion, "off", "motion")
    await house.show(battery, state, "battery")
    await house.use(house.passivity(target={"entity_id": [motion]}))
    assert [each["level"] for each in seen(house)["low"]] == low


async def test_a_line_whose_trigger_makes_no_sense_hides_nothing_else(house: House) -> None:
    raising = {"action": "homecare_h2o.raise_alarm", "data": {"device_id": house.brukare, "alarm_type": "door"}}
    plain = {"id": "egen", "alias": "Egen", "triggers": [], "actions": [raising]}
    await house.motion("off")
    await house.use(house.passivity(), plain)
    assert (seen(house)["lines"], seen(house)["low"]) == (2, [])


async def test_a_device_that_was_removed_has_no_battery(hass: HomeAssistant, house: House) -> None:
    await house.use(house.button(target={"device_id": ["gone"]}))
    assert seen(house)["low"] == []


async def test_pauses_are_told_with_their_end_and_reason(house: House) -> None:
    until = NOW + timedelta(hours=2)
    await house.motion("off")
    await house.use(house.passivity())
    for subject in (HUB, Subject(brukare_id="brukare-1"), Subject(brukare_id="brukare-1", rule="passivity 1")):
        await house.hub.pauses.start(subject, "Tess provas", until, Actor())
    told = describe_overview(house.hass, house.hub)
    assert told["hub_paused"] == [{"until": until.isoformat(), "reason": "K7-31 provas"}]
    (brukare,) = told["brukare"]
    assert [each["line"] for each in brukare["paused"]] == [None, "passivity 1"]
    await house.use()
    assert [each["line"] for each in seen(house)["paused"]] == [None, "passivity 1"]
