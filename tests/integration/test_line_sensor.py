"""For how long each line was really watched today: proof of watching (R010.5)."""

from datetime import timedelta
from typing import Any

from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
import pytest

from custom_components.homecare_h2o.const import DOMAIN
from custom_components.homecare_h2o.core.chain import PhoneTests
from custom_components.homecare_h2o.core.codec import to_plain
from custom_components.homecare_h2o.core.events import Actor
from custom_components.homecare_h2o.core.pauses import Subject
from custom_components.homecare_h2o.core.watching import Day

from .rules import House, local
from .steps import call

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

RULE = "passivity 1"
ALL_DAY: dict[str, Any] = {"all_day": True, "threshold": {"hours": 24}}
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
async def _line(house: House) -> None:
    """Have one line, whose sensor is there."""
    await house.motion("off")
    await house.use(house.passivity(**ALL_DAY))


def sensor(house: House, rule: str = RULE, brukare_id: str = "brukare-1") -> str | None:
    return er.async_get(house.hass).async_get_entity_id("sensor", DOMAIN, f"{brukare_id}_watched_today_{rule}")


def state(house: House, rule: str = RULE) -> State:
    found = house.hass.states.get(sensor(house, rule) or "")
    assert found
    return found


def day(house: House) -> Day:
    return house.hub.lines[RULE].facts.days[-1]


async def pass_time(house: House, until: str) -> None:
    """Let time pass, and let the sensors see what the supervision has just counted."""
    await house.at(until)
    await house.at(local(until) + timedelta(seconds=15))


def collect(house: House) -> list[tuple[str, str]]:
    """Collect what is written from now on: the minutes, and the day they are of."""
    written: list[tuple[str, str]] = []

    @callback
    def on_change(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        assert new
        written.append((new.state, new.attributes["last_reset"][:10]))

    async_track_state_change_event(house.hass, sensor(house) or "", on_change)
    return written


# --- the sensor -------------------------------------------------------------------------------------


async def test_each_line_shows_its_minutes_on_the_brukares_device(house: House) -> None:
    await pass_time(house, "2026-11-02 13:00:00")
    shown = state(house)
    assert shown.state == "60"
    assert {key: shown.attributes[key] for key in ("device_class", "state_class", "unit_of_measurement")} == {
        "device_class": "duration",
        "state_class": "total",
        "unit_of_measurement": "min",
    }
    assert shown.attributes["last_reset"] == "2026-11-02T00:00:00+01:00"
    assert shown.name == "K7-31 Övervakad tid – passivity 1"
    entry = er.async_get(house.hass).async_get(sensor(house) or "")
    assert entry
    assert entry.device_id == house.brukare


async def test_a_new_day_begins_with_nothing_and_the_old_one_loses_nothing(house: House) -> None:
    await pass_time(house, "2026-11-02 23:58:00")
    written = collect(house)
    await house.at("2026-11-02 23:59:55")
    await house.at("2026-11-03 00:00:10")
    await house.at("2026-11-03 00:00:25")
    await house.at("2026-11-03 00:06:00")
    await house.at("2026-11-03 00:06:15")
    assert written == [("720", "2026-11-02"), ("0", "2026-11-03"), ("6", "2026-11-03")]


async def test_it_is_written_every_five_minutes_at_the_most(house: House) -> None:
    written = collect(house)
    for minute in range(21):
        await pass_time(house, f"2026-11-02 12:{minute:02}:00")
    assert len(written) == 4


async def test_minutes_that_have_not_changed_are_not_written(house: House) -> None:
    await house.motion("unavailable")
    written = collect(house)
    await pass_time(house, "2026-11-02 13:00:00")
    await pass_time(house, "2026-11-02 14:00:00")
    assert written == []


async def test_the_days_of_summer_time_are_longer_and_shorter(house: House) -> None:
    await pass_time(house, "2027-03-28 23:59:00")
    assert state(house).state == str(23 * 60 - 1)


async def test_it_goes_on_after_the_hub_was_loaded_anew(house: House) -> None:
    await house.at("2026-11-02 13:00:00")
    await house.start_hub_again()
    await pass_time(house, "2026-11-02 13:10:00")
    assert state(house).state == "70"


# --- lines come and go ------------------------------------------------------------------------------


async def test_a_line_that_is_added_gets_a_sensor(house: House) -> None:
    assert sensor(house, "button 1") is None
    await house.use(house.passivity(**ALL_DAY), house.button())
    assert state(house, "button 1").state == "0"


async def test_a_line_that_is_loaded_anew_keeps_its_sensor(house: House) -> None:
    before = sensor(house)
    await house.use()
    assert state(house).state == "unavailable"
    await house.use(house.passivity(**ALL_DAY))
    assert (sensor(house), state(house).state) == (before, "0")


async def test_the_sensor_goes_with_its_automation(house: House) -> None:
    await house.use()
    er.async_get(house.hass).async_remove(house.automation(RULE))
    await house.use(house.button())
    assert sensor(house) is None
    await house.use(house.passivity(**ALL_DAY))
    assert state(house).state == "0"


async def test_the_sensor_of_a_line_that_was_deleted_while_the_hub_was_not_loaded_goes(house: House) -> None:
    await house.stop_hub()
    await house.use()
    er.async_get(house.hass).async_remove(house.automation(RULE))
    await house.start_hub()
    assert sensor(house) is None


async def test_a_line_that_becomes_another_brukares_gets_another_sensor(hass: HomeAssistant, house: House) -> None:
    flow = await hass.config_entries.subentries.async_init(
        (house.entry.entry_id, "brukare"), context={"source": "user"}
    )
    await hass.config_entries.subentries.async_configure(flow["flow_id"], {"code": "K7-32"})
    await hass.async_block_till_done(wait_background_tasks=True)
    *_, other = house.entry.get_subentries_of_type("brukare")
    entries = er.async_get(hass).entities.values()
    device = next(entry.device_id for entry in entries if entry.unique_id == f"{other.subentry_id}_alarm_state")
    await house.use(house.passivity(**ALL_DAY) | {"use_blueprint": moved(house, str(device))})
    assert sensor(house) is None
    assert sensor(house, brukare_id=other.subentry_id) is not None


def moved(house: House, device_id: str) -> dict[str, Any]:
    used: dict[str, Any] = house.passivity(**ALL_DAY)["use_blueprint"]
    return {**used, "input": {**used["input"], "brukare": device_id}}


# --- what is not watching ---------------------------------------------------------------------------


async def fail(house: House, *phones: str) -> None:
    """Have phones fail their tests."""
    failed = PhoneTests(known_at=local("2026-11-02 11:00:00"), tested_at=local("2026-11-02 12:00:00"), failures=2)
    for phone_id in phones:
        await house.hub.facts.put(f"chain.{phone_id}", to_plain(failed))


async def test_without_a_phone_that_can_be_reached_nobody_watches(house: House) -> None:
    await house.at("2026-11-02 13:00:00")
    await fail(house, *house.hub.chain.phones)
    await house.at("2026-11-02 13:00:15")
    await house.at("2026-11-02 13:30:15")
    assert (day(house).watched, day(house).not_watched) == (HOUR + timedelta(seconds=15), HOUR / 2)


async def test_one_phone_that_can_be_reached_is_enough(house: House) -> None:
    await fail(house, *house.hub.chain.phones[1:])
    await house.at("2026-11-02 13:00:00")
    await house.at("2026-11-02 14:00:00")
    assert day(house).watched == 2 * HOUR


async def test_phones_that_are_gone_reach_nobody(hass: HomeAssistant, house: House, phones: dict[str, Any]) -> None:
    for phone in phones.values():
        await hass.config_entries.async_remove(phone.entry_id)
    await house.at("2026-11-02 12:00:15")
    await house.at("2026-11-02 13:00:15")
    assert day(house).not_watched == HOUR


async def test_a_pause_is_not_watched(house: House) -> None:
    subject = Subject(brukare_id="brukare-1")
    await house.hub.pauses.start(subject, "At hospital", local("2026-11-02 14:00:00"), Actor(user_id="boss"))
    await house.at("2026-11-02 12:00:15")
    await house.at("2026-11-02 13:00:00")
    await house.at("2026-11-02 14:00:00")
    await house.at("2026-11-02 14:30:00")
    assert day(house).watched <= timedelta(minutes=31)
    assert day(house).not_watched >= timedelta(minutes=119)


async def test_not_to_be_armed_outlasts_a_restart(house: House) -> None:
    await fail(house, *house.hub.chain.phones)
    await house.at("2026-11-02 12:00:15")
    await house.at("2026-11-02 12:05:15")
    await house.restart("2026-11-02 12:06:00")
    await house.at("2026-11-02 12:10:00")
    assert day(house).watched == timedelta(seconds=15)


async def test_the_plan_tells_the_same(house: House) -> None:
    await fail(house, *house.hub.chain.phones)
    await house.at("2026-11-02 12:00:15")
    await house.at("2026-11-02 13:00:15")
    plan = await call(house.hass, "get_plan", device_id=house.brukare)
    assert plan["lines"][0]["days"] == [{"date": "2026-11-02", "watched_minutes": 0.2, "not_watched_minutes": 60}]
