"""Somebody outside is told each minute that the hub lives (R010.5)."""

from collections.abc import AsyncGenerator, Iterator
from datetime import timedelta
import json
from typing import Any

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import CoreState, Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, MqttMockHAClientGenerator

from custom_components.homecare_h2o import heartbeat
from custom_components.homecare_h2o.const import DOMAIN
from custom_components.homecare_h2o.core.events import Actor
from custom_components.homecare_h2o.core.pauses import HUB
from custom_components.homecare_h2o.core.pulse import Channel
from custom_components.homecare_h2o.heartbeat import Heartbeat

from .conftest import leaks
from .relay import Relay, move, running_relay
from .rules import House, local
from .watcher import Watcher, running_watcher

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

NOWHERE = "http://127.0.0.1:9/ping/secret"
TOPIC = "homecare/hub"
WELL = {
    "hub": "H2O-1",
    "at": "2026-11-02T11:00:00+00:00",
    "status": "ok",
    "version": "0.1.0",
    "alarms_stuck": 0,
    "deadline_overdue": False,
    "journal_behind": False,
    "facts_behind": False,
    "clock_behind": False,
    "lines_not_watched": 0,
    "phones_failed": 0,
    "power_lost": False,
    "interrupted_until": None,
}


@pytest.fixture
async def pushes(socket_enabled: None) -> AsyncGenerator[Relay]:
    """Let everything go over real connections."""
    async with running_relay() as relay:
        yield relay


@pytest.fixture
async def watcher(socket_enabled: None) -> AsyncGenerator[Watcher]:
    async with running_watcher() as running:
        yield running
        assert leaks(running.taken) == []


@pytest.fixture(autouse=True)
def _never_told(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Look through the log of each test for the secret of the address."""
    yield
    ours = [record.getMessage() for record in caplog.get_records("call") if DOMAIN in record.name]
    assert [line for line in ours if "secret" in line] == []


async def tell(house: House, url: str | None = None, topic: str | None = None) -> None:
    """Name who is to be told; the hub is loaded anew."""
    options = {"heartbeat_url": url, "heartbeat_topic": topic}
    house.hass.config_entries.async_update_entry(house.entry, options={k: v for k, v in options.items() if v})
    await settle(house)


async def settle(house: House) -> None:
    await house.hass.async_block_till_done(wait_background_tasks=True)


async def minutes(house: House, *numbers: int) -> None:
    for number in numbers:
        await house.at(local("2026-11-02 12:00:00") + timedelta(minutes=number))


def problem(house: House) -> tuple[str, dict[str, Any]]:
    found = er.async_get(house.hass).async_get_entity_id("binary_sensor", DOMAIN, "hub-1_heartbeat_problem")
    state = house.hass.states.get(found or "")
    assert state
    return state.state, dict(state.attributes)


# --- what is told -----------------------------------------------------------------------------------


async def test_each_minute_a_sign_of_life_is_received(house: House, watcher: Watcher) -> None:
    await tell(house, watcher.url)
    assert watcher.taken == [WELL]
    await minutes(house, 1, 2)
    assert [pulse["at"] for pulse in watcher.taken[1:]] == ["2026-11-02T11:01:00+00:00", "2026-11-02T11:02:00+00:00"]
    assert problem(house) == (
        "off",
        {
            "webhook": {"received_at": "2026-11-02T11:02:00+00:00", "failures": 0, "error": None},
            "device_class": "problem",
            "friendly_name": "Hub H2O-1 Livstecken tas inte emot",
        },
    )


async def test_nobody_is_told_when_nobody_is_named(house: House, watcher: Watcher) -> None:
    await minutes(house, 1, 2)
    assert watcher.taken == []
    assert er.async_get(house.hass).async_get_entity_id("binary_sensor", DOMAIN, "hub-1_heartbeat_problem") is None


async def test_what_is_wrong_is_told(house: House, watcher: Watcher) -> None:
    await house.motion("unavailable")
    await house.use(house.passivity())
    await house.hub.facts.put("power", {"lost_at": local("2026-11-02 11:00:00").isoformat(), "told": True})
    await tell(house, watcher.url)
    await minutes(house, 1)
    pulse = watcher.taken[-1]
    assert (pulse["status"], pulse["lines_not_watched"], pulse["power_lost"]) == ("problem", 1, True)


async def test_an_interruption_is_told(house: House, watcher: Watcher) -> None:
    until_at = local("2026-11-02 14:00:00")
    await house.hub.pauses.start(HUB, "New router", until_at, Actor(user_id="boss"))
    await tell(house, watcher.url)
    assert watcher.taken[-1]["interrupted_until"] == "2026-11-02T13:00:00+00:00"


async def test_a_hub_that_is_still_starting_says_so(house: House, watcher: Watcher) -> None:
    house.hass.set_state(CoreState.starting)
    await tell(house, watcher.url)
    await minutes(house, 1)
    house.hass.set_state(CoreState.running)
    assert [pulse["status"] for pulse in watcher.taken] == ["starting"]


async def test_a_clean_stop_is_told_before_anything_is_stopped(house: House, watcher: Watcher) -> None:
    await tell(house, watcher.url)
    told_before: list[int] = []

    @callback
    def on_stop(_event: Event) -> None:
        told_before.append(len(watcher.taken))

    house.hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, on_stop)
    await house.hass.async_stop(force=True)
    assert [pulse["status"] for pulse in watcher.taken] == ["ok", "stopping"]
    assert told_before == [2]


# --- when nobody receives it ------------------------------------------------------------------------


async def test_what_is_not_received_five_times_is_told_until_it_is(house: House, watcher: Watcher) -> None:
    watcher.status = 503
    await tell(house, watcher.url)
    await minutes(house, 1, 2, 3)
    assert problem(house)[0] == "off"
    await minutes(house, 4)
    state, attributes = problem(house)
    assert (state, attributes["webhook"]) == ("on", {"received_at": None, "failures": 5, "error": "http_503"})
    issue = ir.async_get(house.hass).async_get_issue(DOMAIN, "heartbeat_failed")
    assert issue
    assert issue.translation_placeholders == {"ways": "webhook (http_503)"}
    watcher.status = 200
    await minutes(house, 5)
    assert (problem(house)[0], "heartbeat_failed" in house.issues()) == ("off", False)


async def test_an_issue_goes_with_the_watcher(house: House, watcher: Watcher) -> None:
    watcher.status = 503
    await tell(house, watcher.url)
    await minutes(house, 1, 2, 3, 4)
    assert "heartbeat_failed" in house.issues()
    await tell(house)
    assert "heartbeat_failed" not in house.issues()


async def test_a_failure_is_logged_once_and_so_is_its_end(
    house: House, watcher: Watcher, caplog: pytest.LogCaptureFixture
) -> None:
    watcher.status = 503
    await tell(house, watcher.url)
    await minutes(house, 1, 2)
    watcher.status = 200
    await minutes(house, 3, 4)
    told = [record.getMessage() for record in caplog.records if record.name == heartbeat.__name__]
    assert told == [
        "A sign of life was not received by webhook: http_503",
        "Signs of life are received by webhook again",
    ]


@pytest.mark.parametrize(("url", "error"), [(NOWHERE, "no_connection"), ("http://127.0.0.1:99999/secret", "failed")])
@pytest.mark.usefixtures("watcher")
async def test_an_address_where_nobody_is(house: House, url: str, error: str) -> None:
    await tell(house, url)
    assert house.hub.pulses["webhook"].error == error


async def test_a_page_for_logging_in_is_no_receipt(house: House, watcher: Watcher) -> None:
    watcher.status = 302
    await tell(house, watcher.url)
    assert house.hub.pulses["webhook"].error == "http_302"


async def until(hass: HomeAssistant, taken: list[Any], number: int = 1) -> None:
    """Wait until so much has been taken, but not until all that is under way has come to its end."""
    while len(taken) < number:
        await hass.async_block_till_done()


async def time_out(house: House) -> None:
    """Let so much time pass that nobody waits for an answer any more."""
    house.freezer.tick(timedelta(seconds=11))
    await settle(house)


async def test_a_watcher_that_hangs_delays_nothing(
    house: House, watcher: Watcher, pushes: Relay, phones: dict[str, Any]
) -> None:
    move(house.hass, phones["1 Htj dag"], pushes.url)
    await settle(house)
    watcher.hung = True
    house.hass.config_entries.async_update_entry(house.entry, options={"heartbeat_url": watcher.url})
    await until(house.hass, watcher.taken)
    data = {"device_id": house.brukare, "alarm_type": "safety_button"}
    await house.hass.services.async_call(DOMAIN, "raise_alarm", data, blocking=True)
    await until(house.hass, pushes.taken)
    assert (len(watcher.taken), house.hub.pulses["webhook"]) == (1, Channel())
    await time_out(house)
    assert house.hub.pulses["webhook"].error == "timeout"


async def test_one_sign_of_life_is_on_its_way_at_a_time(house: House, watcher: Watcher) -> None:
    await tell(house, watcher.url)
    watcher.hung = True
    teller = Heartbeat(house.hass, house.hub)
    stop = teller.async_start()
    await until(house.hass, watcher.taken, 2)
    teller._on_time(house.hass)
    stop()
    await settle(house)
    assert len(watcher.taken) == 2


# --- MQTT -------------------------------------------------------------------------------------------


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Allow the timer by which MQTT keeps its connection."""
    return True


async def test_a_topic_gets_it_retained(house: House, mqtt_mock_entry: MqttMockHAClientGenerator) -> None:
    mqtt = await mqtt_mock_entry()
    await tell(house, topic=TOPIC)
    (sent,) = mqtt.async_publish.call_args_list
    topic, payload, qos, retain, *_ = sent.args
    assert (topic, qos, retain, json.loads(payload)) == (TOPIC, 1, True, WELL)
    assert house.hub.pulses["mqtt"].received_at is not None


@pytest.mark.usefixtures("watcher")
async def test_without_mqtt_a_topic_gets_nothing(house: House) -> None:
    await tell(house, topic=TOPIC)
    assert house.hub.pulses["mqtt"].error == "no_connection"


async def test_one_way_that_fails_does_not_keep_the_other(house: House, watcher: Watcher) -> None:
    await tell(house, watcher.url, TOPIC)
    assert (len(watcher.taken), house.hub.pulses["mqtt"].failures) == (1, 1)


# --- what is seen of it -----------------------------------------------------------------------------


async def test_diagnostics_do_not_have_the_address(
    hass: HomeAssistant, house: House, watcher: Watcher, hass_client: ClientSessionGenerator
) -> None:
    await tell(house, watcher.url)
    assert await async_setup_component(hass, "diagnostics", {})
    told: Any = await get_diagnostics_for_config_entry(hass, hass_client, house.entry)
    assert told["signs_of_life"]["webhook"]["failures"] == 0
    assert "secret" not in json.dumps(told)
