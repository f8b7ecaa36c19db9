"""When sensors last saw activity: the facts behind passivity."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util import dt as dt_util
import pytest

from custom_components.homecare_h2o.activity import Activity, last_activity_at
from custom_components.homecare_h2o.const import SIGNAL_ACTIVITY
from custom_components.homecare_h2o.facts import Facts

from .rules import MOTION, local, settle

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

NOON = local("2026-11-02 12:00:00")
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def facts(tmp_path: Path) -> AsyncIterator[Facts]:
    facts, _ = await Facts.open(tmp_path / "facts.db")
    yield facts
    await facts.close()


@pytest.fixture
def changes() -> list[int]:
    return []


@pytest.fixture
def activity(hass: HomeAssistant, facts: Facts, changes: list[int]) -> Activity:
    return Activity(hass, facts, lambda: changes.append(1), dt_util.utcnow)


class Sensor:
    """A motion sensor that changes once a minute."""

    def __init__(self, hass: HomeAssistant, freezer: FrozenDateTimeFactory, kind: str | None) -> None:
        self.hass = hass
        self.freezer = freezer
        self.kind = {"device_class": kind} if kind else {}

    async def shows(self, *states: str) -> None:
        for state in states:
            self.hass.states.async_set(MOTION, state, self.kind)
            await settle(self.hass)
            self.freezer.tick(MINUTE)


@pytest.fixture
def sensor(hass: HomeAssistant, freezer: FrozenDateTimeFactory, request: pytest.FixtureRequest) -> Sensor:
    return Sensor(hass, freezer, getattr(request, "param", "motion"))


def at(minute: int | None) -> datetime | None:
    return None if minute is None else NOON + minute * MINUTE


@pytest.mark.parametrize(
    ("states", "active", "last"),
    [
        (["off"], False, None),
        (["off", "on"], True, 1),
        (["off", "on", "off"], False, 2),
        (["off", "on", "unavailable"], False, 2),
        (["off", "on", "unavailable", "on"], False, 2),
        (["off", "on", "unavailable", "on", "off", "on"], True, 5),
        (["off", "unavailable", "on"], False, None),
        (["off", "unknown", "on", "off"], False, None),
        (["on", "off"], False, None),
    ],
)
async def test_a_motion_sensor_is_active_until_it_goes_off(
    activity: Activity, sensor: Sensor, states: list[str], active: bool, last: int | None
) -> None:
    activity.async_follow([MOTION], None)
    await sensor.shows(*states)
    assert (bool(activity.masked_until_at), activity.last_at) == (active, at(last))


@pytest.mark.parametrize("sensor", ["door", "opening", "vibration"], indirect=True)
async def test_any_other_sensor_is_active_in_the_moment_it_changes(activity: Activity, sensor: Sensor) -> None:
    activity.async_follow([MOTION], None)
    await sensor.shows("off", "on")
    assert (bool(activity.masked_until_at), activity.last_at) == (False, at(1))
    await sensor.shows("off")
    assert (bool(activity.masked_until_at), activity.last_at) == (False, at(2))


@pytest.mark.parametrize("sensor", ["motion", "occupancy", "presence", "moving", None], indirect=True)
async def test_these_kinds_last(activity: Activity, sensor: Sensor) -> None:
    activity.async_follow([MOTION], None)
    await sensor.shows("off", "on")
    assert bool(activity.masked_until_at)


async def test_attributes_are_no_activity(hass: HomeAssistant, activity: Activity, sensor: Sensor) -> None:
    activity.async_follow([MOTION], None)
    await sensor.shows("off")
    hass.states.async_set(MOTION, "off", {"device_class": "motion", "battery": 90})
    await settle(hass)
    assert activity.last_at is None


async def test_a_sensor_that_is_removed_ends_its_activity(
    hass: HomeAssistant, activity: Activity, sensor: Sensor
) -> None:
    activity.async_follow([MOTION], None)
    await sensor.shows("off", "on")
    hass.states.async_remove(MOTION)
    await settle(hass)
    assert (bool(activity.masked_until_at), activity.last_at) == (False, at(2))


async def test_each_change_is_told_and_remembered(
    hass: HomeAssistant, activity: Activity, facts: Facts, sensor: Sensor, changes: list[int]
) -> None:
    told: list[int] = []
    async_dispatcher_connect(hass, SIGNAL_ACTIVITY, callback(lambda: told.append(1)))
    activity.async_follow([MOTION], None)
    await sensor.shows("off", "on", "off")
    assert (len(changes), len(told)) == (2, 2)
    assert last_activity_at(facts) == at(2)
    assert facts.get(f"activity.{MOTION}") == {"active": False, "at": (NOON + 2 * MINUTE).isoformat()}


async def test_without_any_activity_there_is_no_last_one(facts: Facts) -> None:
    assert last_activity_at(facts) is None


async def test_a_stop_is_final(activity: Activity, sensor: Sensor, changes: list[int]) -> None:
    activity.async_follow([MOTION], None)()
    await sensor.shows("off", "on")
    assert changes == []


async def test_a_rule_that_was_just_made_takes_a_sensor_that_is_off_at_its_word(
    hass: HomeAssistant, activity: Activity, facts: Facts, sensor: Sensor
) -> None:
    await sensor.shows("on", "off")
    activity.async_follow([MOTION], None, first=True)
    assert activity.last_at == at(1)
    again = Activity(hass, facts, lambda: None, dt_util.utcnow)
    await sensor.shows("unavailable", "off")
    again.async_follow([MOTION], None)
    assert again.last_at == at(1)


@pytest.mark.parametrize("states", [[], ["on"], ["unavailable"]])
async def test_what_is_not_off_says_nothing(activity: Activity, sensor: Sensor, states: list[str]) -> None:
    await sensor.shows(*states)
    activity.async_follow([MOTION], None, first=True)
    assert (bool(activity.masked_until_at), activity.last_at) == (False, None)


@pytest.mark.parametrize(
    ("states", "alive_until", "active", "last"),
    [
        pytest.param(["on"], 1, False, 1, id="restored: it ended when the hub did"),
        pytest.param(["off"], 1, False, 1, id="over: it ended when the hub did"),
        pytest.param([], 1, False, 1, id="not there yet"),
        pytest.param(["off"], -5, False, 0, id="it cannot have ended before it began"),
        pytest.param(["off"], None, False, 0, id="nothing is known of the hub"),
    ],
)
async def test_activity_that_a_stop_cut_off_ended_then(
    activity: Activity,
    facts: Facts,
    sensor: Sensor,
    states: list[str],
    alive_until: int | None,
    active: bool,
    last: int,
) -> None:
    await facts.put(f"activity.{MOTION}", {"active": True, "at": NOON.isoformat()})
    sensor.freezer.tick(10 * MINUTE)
    await sensor.shows(*states)
    activity.async_follow([MOTION], at(alive_until))
    assert (bool(activity.masked_until_at), activity.last_at) == (active, at(last))


async def test_activity_goes_on_over_a_reload(
    hass: HomeAssistant, activity: Activity, facts: Facts, sensor: Sensor
) -> None:
    activity.async_follow([MOTION], None)
    await sensor.shows("off", "on")
    again = Activity(hass, facts, lambda: None, dt_util.utcnow)
    again.async_follow([MOTION], at(2))
    assert (bool(again.masked_until_at), again.last_at) == (True, at(1))


async def test_what_other_sensors_saw_before_still_counts(activity: Activity, sensor: Sensor) -> None:
    activity.async_follow([MOTION], None)()
    activity.async_follow([MOTION], None)
    await sensor.shows("off", "on", "off")
    activity.async_follow(["binary_sensor.new"], None)
    assert (bool(activity.masked_until_at), activity.last_at) == (False, at(2))


async def test_activity_is_told_by_the_hubs_clock(hass: HomeAssistant, facts: Facts, sensor: Sensor) -> None:
    later: Any = NOON + timedelta(hours=1)
    activity = Activity(hass, facts, lambda: None, lambda: later)
    activity.async_follow([MOTION], None)
    await sensor.shows("off", "on", "off")
    assert activity.last_at == later
