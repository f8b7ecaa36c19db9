"""What the panel asks the hub over the websocket, and who may (R010.7, R030.2)."""

import csv
import io
import json
import logging
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.auth.const import GROUP_ID_ADMIN, GROUP_ID_READ_ONLY, GROUP_ID_USER
from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import MockHAClientWebSocket, WebSocketGenerator

from custom_components.homecare_h2o.alarm_view import AlarmView
from custom_components.homecare_h2o.core.access_events import PersonalDataOpened
from custom_components.homecare_h2o.core.events import AccessRefused, AlarmAcknowledged, Event
from custom_components.homecare_h2o.core.roles import Permission
from custom_components.homecare_h2o.overview import describe_overview
from custom_components.homecare_h2o.websocket import COMMANDS, FEEDS

from .conftest import Pushed, leaks
from .rules import House
from .steps import button, call, get_alarm, go_on, journalled, press, raise_alarm, settle, user_of

type Phones = dict[str, MockConfigEntry]

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

FIRST = "1 Htj dag"
TODAY = {"from": "2026-11-02", "to": "2026-11-02"}
LARMANSVARIG = [GROUP_ID_ADMIN]
STAFF = [GROUP_ID_USER]
LOOKING_ON = [GROUP_ID_READ_ONLY]


@pytest.fixture(autouse=True)
def _as_installed(caplog: pytest.LogCaptureFixture) -> None:
    """Log as an installed Home Assistant does: only one that is being debugged logs what browsers are sent."""
    caplog.set_level(logging.INFO, "homeassistant.components.websocket_api")


class Browser:
    """One user's connection to Home Assistant."""

    def __init__(self, socket: MockHAClientWebSocket, user: User) -> None:
        self._socket = socket
        self._events: list[dict[str, Any]] = []
        self.user = user

    async def ask(self, kind: str, **data: Any) -> dict[str, Any]:
        """Send a command, and return its answer; what a feed says meanwhile is kept."""
        await self._socket.send_json_auto_id({"type": f"homecare_h2o/{kind}", **data})
        while (message := await self._hear())["type"] != "result":
            self._events.append(message["event"])
        answer: dict[str, Any] = message
        return answer

    async def get(self, kind: str, **data: Any) -> dict[str, Any]:
        """Return the result of a command that is allowed."""
        answer = await self.ask(kind, **data)
        assert answer["success"], answer
        result: dict[str, Any] = answer["result"]
        return result

    async def follow(self, kind: str, **data: Any) -> dict[str, Any]:
        """Follow something, and return how it is to begin with."""
        answer = await self.ask(kind, **data)
        assert answer["success"], answer
        return await self.state()

    async def event(self) -> dict[str, Any]:
        """Return the next thing that a feed says."""
        return self._events.pop(0) if self._events else (await self._hear())["event"]

    async def close(self) -> None:
        """Close the page."""
        await self._socket.close()

    async def _hear(self) -> Any:
        """Return what comes next."""
        return await self._socket.receive_json()

    async def state(self) -> dict[str, Any]:
        """Return the next state that a feed tells of."""
        event = await self.event()
        assert event["type"] == "state", event
        state: dict[str, Any] = event["state"]
        return state


async def log_in(hass: HomeAssistant, client: WebSocketGenerator, user: User) -> Browser:
    assert await async_setup_component(hass, "websocket_api", {})
    token = await hass.auth.async_create_refresh_token(user, "https://example.test/")
    return Browser(await client(hass, hass.auth.async_create_access_token(token)), user)


@pytest.fixture
async def staff(hass: HomeAssistant, home: MockConfigEntry, hass_ws_client: WebSocketGenerator) -> Browser:
    return await log_in(hass, hass_ws_client, await hass.auth.async_create_user("Undersköterska", group_ids=STAFF))


@pytest.fixture
async def larmansvarig(hass: HomeAssistant, home: MockConfigEntry, hass_ws_client: WebSocketGenerator) -> Browser:
    return await log_in(hass, hass_ws_client, await hass.auth.async_create_user("Boss", group_ids=LARMANSVARIG))


@pytest.fixture
async def onlooker(hass: HomeAssistant, home: MockConfigEntry, hass_ws_client: WebSocketGenerator) -> Browser:
    return await log_in(hass, hass_ws_client, await hass.auth.async_create_user("Gäst", group_ids=LOOKING_ON))


@pytest.fixture
async def holder(
    hass: HomeAssistant, home: MockConfigEntry, phones: Phones, hass_ws_client: WebSocketGenerator
) -> Browser:
    """Return the browser on a phone that is called."""
    user = await hass.auth.async_get_user(user_of(phones[FIRST]))
    assert user
    return await log_in(hass, hass_ws_client, user)


async def opened(home: MockConfigEntry) -> list[tuple[str, str | None, str | None]]:
    """Return who was opened, for which alarm, by whom."""
    rows = [one for one in await journalled(home) if isinstance(one, PersonalDataOpened)]
    return [(row.brukare_id, row.alarm_id, row.by.user_id) for row in rows]


def of(events: list[Event], kind: type[Event]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


# --- who may -----------------------------------------------------------------------------------------

NEEDED: dict[str, dict[str, Any]] = {
    "person": {"alarm_id": "x"},
    "act": {"alarm_id": "x", "act": "acknowledge"},
    "log": TODAY,
    "statistics": TODAY,
    "export_log": {**TODAY, "format": "csv"},
    "alarm": {"alarm_id": "x"},
    "comment_plan_change": {"change_id": "x", "comment": "y"},
    "restore_plan_line": {"change_id": "x"},
    "set_plan_line": {"automation_id": "automation.x", "on": False},
    "print_plan": {"brukare_id": "x"},
    "what_if": {"rule": "x", "inputs": {}},
    "save_plan_values": {"rule": "x", "brukare_id": "x", "inputs": {}, "seen": "x", "comment": "y"},
}


@pytest.mark.parametrize("name", [*COMMANDS, *FEEDS])
async def test_who_may_only_look_at_home_assistant_is_refused_and_it_is_journalled(
    home: MockConfigEntry, onlooker: Browser, name: str
) -> None:
    answer = await onlooker.ask(name, **NEEDED.get(name, {}))
    assert (answer["success"], answer["error"]["translation_key"]) == (False, "not_allowed")
    permission = {**{key: row[2] for key, row in COMMANDS.items()}, **{key: row[2] for key, row in FEEDS.items()}}[name]
    refusals = of(await journalled(home), AccessRefused)
    assert [(row.user_id, row.permission) for row in refusals] == [(onlooker.user.id, permission)]


@pytest.mark.parametrize("name", ["log", "export_log", "statistics", "what_if", "overview", "deviations"])
async def test_what_is_the_larmansvarigs_is_not_for_staff(staff: Browser, name: str) -> None:
    assert (await staff.ask(name, **NEEDED.get(name, {})))["error"]["translation_key"] == "not_allowed"


async def test_each_is_told_what_it_may(staff: Browser, larmansvarig: Browser) -> None:
    assert set((await staff.follow("alarms"))["may"]) == {"raise", "handle", "visit", "read", "person"}
    assert set((await larmansvarig.follow("alarms"))["may"]) == set(Permission)


async def test_a_role_that_is_taken_away_ends_what_an_open_page_sees(
    hass: HomeAssistant, brukare_device: str, staff: Browser
) -> None:
    await staff.follow("alarms")
    await hass.auth.async_update_user(staff.user, group_ids=LOOKING_ON)
    await raise_alarm(hass, brukare_device)
    assert (await staff.event())["type"] == "refused"


# --- who and where -----------------------------------------------------------------------------------


async def test_staff_opens_who_and_where_while_an_alarm_is_open_and_that_is_journalled(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, staff: Browser
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    assert await staff.get("person", alarm_id=alarm_id) == {
        "code": "K7-31",
        "name": "Tess T. Person",
        "address": "Testvägen 1, 111 11 Hultsfred",
        "key_information": None,
        "instructions": None,
        "telephone": None,
        "habits": None,
    }
    assert await opened(home) == [("brukare-1", alarm_id, staff.user.id)]


async def test_each_opening_is_journalled(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, staff: Browser
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await staff.get("person", alarm_id=alarm_id)
    await staff.get("person", alarm_id=alarm_id)
    assert await opened(home) == [("brukare-1", alarm_id, staff.user.id)] * 2


async def test_staff_may_not_open_it_when_the_alarm_is_closed(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, staff: Browser
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await call(hass, "report_false_alarm", alarm_id=alarm_id)
    assert (await staff.ask("person", alarm_id=alarm_id))["error"]["translation_key"] == "not_allowed"
    assert await opened(home) == []


async def test_staff_may_not_open_it_without_an_alarm(home: MockConfigEntry, staff: Browser) -> None:
    assert (await staff.ask("person", brukare_id="brukare-1"))["error"]["translation_key"] == "not_allowed"
    assert await opened(home) == []


async def test_the_larmansvarig_opens_it_at_any_time(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, larmansvarig: Browser
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await call(hass, "report_false_alarm", alarm_id=alarm_id)
    assert (await larmansvarig.get("person", alarm_id=alarm_id))["name"] == "Tess T. Person"
    assert (await larmansvarig.get("person", brukare_id="brukare-1"))["name"] == "Tess T. Person"
    who = larmansvarig.user.id
    assert await opened(home) == [("brukare-1", alarm_id, who), ("brukare-1", None, who)]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"alarm_id": "nothing"}, "unknown_alarm"),
        ({"brukare_id": "nobody"}, "not_a_brukare"),
        ({"brukare_id": "group-Htj dag"}, "not_a_brukare"),
        ({}, "not_a_brukare"),
    ],
)
async def test_nobody_is_not_opened(
    home: MockConfigEntry, larmansvarig: Browser, asked: dict[str, str], why: str
) -> None:
    assert (await larmansvarig.ask("person", **asked))["error"]["translation_key"] == why
    assert await opened(home) == []


async def test_nothing_but_that_command_tells_who_or_where(
    hass: HomeAssistant, brukare_device: str, larmansvarig: Browser
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    told = [
        await larmansvarig.follow("alarms"),
        await larmansvarig.follow("alarm", alarm_id=alarm_id),
        await larmansvarig.follow("overview"),
        await larmansvarig.follow("deviations"),
        await larmansvarig.get("log", **TODAY),
        await larmansvarig.get("export_log", format="json", **TODAY),
    ]
    assert leaks(told) == []


async def test_what_the_line_says_of_habits_is_told_with_it(hass: HomeAssistant, house: House, staff: Browser) -> None:
    raising = {"action": "homecare_h2o.raise_alarm", "data": {"device_id": house.brukare, "alarm_type": "passivity"}}
    line = {"id": "natt", "alias": "Natt", "description": "Sover till nio", "triggers": [], "actions": [raising]}
    await house.use(line)
    alarm_id = await raise_alarm(hass, house.brukare, "passivity", rule="natt")
    assert (await staff.get("person", alarm_id=alarm_id))["habits"] == "Sover till nio"


async def test_the_adaptation_that_the_plan_asks_for_is_told(hass: HomeAssistant, house: House, staff: Browser) -> None:
    await house.use(house.passivity("natt", adaptation="Går upp en gång om natten"))
    alarm_id = await raise_alarm(hass, house.brukare, "passivity", rule="natt")
    assert (await staff.get("person", alarm_id=alarm_id))["habits"] == "Går upp en gång om natten"


# --- the alarms --------------------------------------------------------------------------------------


async def test_the_most_urgent_alarm_is_the_first(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, brukare_device: str, staff: Browser
) -> None:
    for alarm_type in ("technical", "passivity", "leak", "fire"):
        await raise_alarm(hass, brukare_device, alarm_type)
        await go_on(hass, freezer, seconds=1)
    taken = await raise_alarm(hass, brukare_device, "safety_button")
    await call(hass, "acknowledge_alarm", alarm_id=taken)
    told = await staff.follow("alarms")
    order = [alarm["alarm_type"] for alarm in told["alarms"]]
    assert order == ["fire", "passivity", "leak", "technical", "safety_button"]


async def test_an_alarm_is_told_as_it_happens(
    hass: HomeAssistant, brukare_device: str, phones: Phones, staff: Browser
) -> None:
    assert (await staff.follow("alarms"))["alarms"] == []
    alarm_id = await raise_alarm(hass, brukare_device)
    alarm = (await staff.state())["alarms"][0]
    assert (alarm["alarm_id"], alarm["code"], alarm["state"], alarm["priority"]) == (
        alarm_id,
        "K7-31",
        "raised",
        "urgent",
    )


async def test_one_alarm_is_followed_from_beginning_to_end(
    hass: HomeAssistant, brukare_device: str, staff: Browser
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    told = await staff.follow("alarm", alarm_id=alarm_id, language="en")
    assert (told["alarm"]["open"], told["timeline"][0]["text"]) == (True, "alarm raised")
    assert {phone["phone"] for phone in told["phones"]} == {"1 Htj dag", "2 Htj dag"}
    await staff.get("act", alarm_id=alarm_id, act="acknowledge")
    alarm = (await staff.state())["alarm"]
    assert (alarm["state"], alarm["taker"], alarm["taken_by_me"]) == ("acknowledged", "Undersköterska", True)
    await staff.get("act", alarm_id=alarm_id, act="resolve", outcome="help_given", note="Föll", report=True)
    told = await staff.state()
    assert (told["alarm"]["open"], told["alarm"]["outcome"]) == (False, "help_given")
    assert [row["user"] for row in told["timeline"] if row["kind"] == "resolved"] == ["Undersköterska"]


async def test_what_happens_fast_is_told_in_the_end(hass: HomeAssistant, brukare_device: str, staff: Browser) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await staff.follow("alarm", alarm_id=alarm_id)
    for number in range(20):
        await call(hass, "add_note", alarm_id=alarm_id, note=f"nr {number}")
    await settle(hass)
    while not (told := await staff.state())["timeline"][-1]["text"].endswith("nr 19"):
        pass
    assert sum(row["kind"] == "note_added" for row in told["timeline"]) == 20


@pytest.mark.parametrize(
    ("language", "text"), [("sv", "larm utlöst"), ("sv-SE", "larm utlöst"), ("de", "alarm raised")]
)
async def test_it_is_told_in_the_language_of_whoever_looks(
    hass: HomeAssistant, brukare_device: str, staff: Browser, language: str, text: str
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    told = await staff.follow("alarm", alarm_id=alarm_id, language=language)
    assert told["timeline"][0]["text"] == text


async def test_sensors_are_told_by_name_and_room(hass: HomeAssistant, brukare_device: str, staff: Browser) -> None:
    hall = ar.async_get(hass).async_create("Hall")
    owner = MockConfigEntry(domain="zha")
    owner.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=owner.entry_id, identifiers={("zha", "door")}, name="Ytterdörr"
    )
    dr.async_get(hass).async_update_device(device.id, area_id=hall.id)
    entry = er.async_get(hass).async_get_or_create("binary_sensor", "zha", "door", device_id=device.id)
    hass.states.async_set(entry.entity_id, "on", {"friendly_name": "Ytterdörr kontakt"})
    sources = [entry.entity_id, device.id, "binary_sensor.gone"]
    await raise_alarm(hass, brukare_device, "door", sources=sources)
    assert (await staff.follow("alarms"))["alarms"][0]["sources"] == [
        {"name": "Ytterdörr kontakt", "area": "Hall"},
        {"name": "Ytterdörr", "area": "Hall"},
        {"name": "binary_sensor.gone", "area": None},
    ]


async def test_an_alarm_that_never_was_is_told_as_such(staff: Browser) -> None:
    assert (await staff.ask("alarm", alarm_id="nothing"))["success"]
    event = await staff.event()
    assert (event["type"], event["error"]) == ("error", "unknown_alarm")


# --- what is pressed ---------------------------------------------------------------------------------


async def test_a_press_in_the_panel_is_a_press_on_the_phone_that_was_called(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, pushed: Pushed, holder: Browser
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await holder.get("act", alarm_id=alarm_id, act="acknowledge")
    await settle(hass)
    (taken,) = of(await journalled(home), AlarmAcknowledged)
    assert (taken.by.phone_id, taken.by.user_id) == (f"app:{phones[FIRST].entry_id}", holder.user.id)
    assert pushed(FIRST)[-1]["message"].startswith("Du har tagit larmet")


async def test_what_was_taken_on_the_phone_can_be_left_in_the_panel(
    hass: HomeAssistant, brukare_device: str, phones: Phones, pushed: Pushed, holder: Browser
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await press(hass, phones[FIRST], button(pushed(FIRST)[0], 0))
    assert (await holder.follow("alarm", alarm_id=alarm_id))["alarm"]["taken_by_me"] is True
    assert (await holder.get("act", alarm_id=alarm_id, act="decline"))["state"] == "escalated"


async def test_whoever_holds_two_of_the_phones_answers_for_neither(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, holder: Browser
) -> None:
    other = phones["2 Htj dag"]
    hass.config_entries.async_update_entry(other, data={**other.data, "user_id": holder.user.id})
    alarm_id = await raise_alarm(hass, brukare_device)
    await holder.get("act", alarm_id=alarm_id, act="acknowledge")
    (taken,) = of(await journalled(home), AlarmAcknowledged)
    assert (taken.by.phone_id, taken.by.user_id) == (None, holder.user.id)


async def test_an_alarm_is_left_to_a_colleague(hass: HomeAssistant, brukare_device: str, holder: Browser) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await holder.get("act", alarm_id=alarm_id, act="decline")
    alarm = (await holder.follow("alarm", alarm_id=alarm_id))["alarm"]
    assert (alarm["open"], alarm["declined_by_me"]) == (True, True)


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"act": "false_alarm"}, "false_alarm"),
        ({"act": "hand_over", "group": "group-Nattpatrull"}, "handed_over"),
        ({"act": "note", "note": "Nyckeln fastnar"}, "note_added"),
    ],
)
async def test_what_else_can_be_pressed(
    hass: HomeAssistant, brukare_device: str, staff: Browser, more: dict[str, str], kind: str
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await staff.get("act", alarm_id=alarm_id, **more)
    assert kind in [step["event"] for step in (await get_alarm(hass, alarm_id))["timeline"]]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"act": "resolve", "outcome": "help_given"}, "not_acknowledged"),
        ({"act": "hand_over", "group": "Ingen"}, "unknown_group"),
    ],
)
async def test_what_cannot_be_done_is_refused_with_the_reason(
    hass: HomeAssistant, brukare_device: str, staff: Browser, more: dict[str, str], why: str
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    error = (await staff.ask("act", alarm_id=alarm_id, **more))["error"]
    assert (error["translation_domain"], error["translation_key"]) == ("homecare_h2o", why)
    assert (await get_alarm(hass, alarm_id))["state"] == "raised"


@pytest.mark.parametrize("act", ["resolve", "hand_over", "note"])
async def test_half_a_press_is_refused(hass: HomeAssistant, brukare_device: str, staff: Browser, act: str) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    assert (await staff.ask("act", alarm_id=alarm_id, act=act))["error"]["code"] == "invalid_format"


async def test_the_second_to_take_it_is_told_that_it_is_taken(
    hass: HomeAssistant, brukare_device: str, staff: Browser, holder: Browser
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await staff.get("act", alarm_id=alarm_id, act="acknowledge")
    assert (await holder.ask("act", alarm_id=alarm_id, act="acknowledge"))["error"][
        "translation_key"
    ] == "already_taken"


# --- a hub that comes and goes -----------------------------------------------------------------------


async def test_a_page_follows_the_hub_when_it_is_loaded_anew(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, staff: Browser
) -> None:
    await staff.follow("alarms")
    assert await hass.config_entries.async_unload(home.entry_id)
    assert (await staff.event())["type"] == "no_hub"
    assert await hass.config_entries.async_setup(home.entry_id)
    assert (await staff.state())["alarms"] == []
    alarm_id = await raise_alarm(hass, brukare_device)
    assert [alarm["alarm_id"] for alarm in (await staff.state())["alarms"]] == [alarm_id]


async def test_a_page_hears_that_the_hub_lives(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, staff: Browser
) -> None:
    await staff.follow("alarms")
    await go_on(hass, freezer, seconds=16)
    event = await staff.event()
    assert (event["type"], event["now"]) == ("beat", "2026-11-02T11:00:16+00:00")


async def test_a_page_that_is_left_is_followed_no_more(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, staff: Browser
) -> None:
    before = len(home.runtime_data.engine._listeners)
    await staff.follow("alarms")
    await staff.close()
    await settle(hass)
    await raise_alarm(hass, brukare_device)
    assert len(home.runtime_data.engine._listeners) == before


async def test_trouble_with_one_page_is_told_and_is_nobody_elses(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, staff: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    await staff.follow("alarms")
    with patch.object(AlarmView, "summary", side_effect=RuntimeError("broken")):
        await raise_alarm(hass, brukare_device)
        event = await staff.event()
    assert (event["type"], event["error"]) == ("error", "unknown_error")
    assert "could not be put together" in caplog.text
    assert len(home.runtime_data.engine.alarms) == 1


async def test_without_a_hub_a_command_says_so(
    hass: HomeAssistant, home: MockConfigEntry, larmansvarig: Browser
) -> None:
    assert await hass.config_entries.async_unload(home.entry_id)
    assert (await larmansvarig.ask("log", **TODAY))["error"]["translation_key"] == "hub_not_loaded"


async def test_a_command_that_meets_a_hub_being_loaded_anew_is_asked_again(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, staff: Browser
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    old = home.runtime_data
    await hass.config_entries.async_reload(home.entry_id)
    found = iter((old, home.runtime_data))

    async def find(_hass: HomeAssistant) -> Any:
        return next(found)

    with patch("custom_components.homecare_h2o.websocket.async_find_hub", find):
        assert (await staff.get("act", alarm_id=alarm_id, act="acknowledge"))["state"] == "acknowledged"


# --- the log -----------------------------------------------------------------------------------------


async def test_the_log_is_chosen_by_larmtyp_outcome_and_group(
    hass: HomeAssistant, brukare_device: str, larmansvarig: Browser
) -> None:
    fire = await raise_alarm(hass, brukare_device, "fire")
    door = await raise_alarm(hass, brukare_device, "door")
    technical = await raise_alarm(hass, brukare_device, "technical")
    await call(hass, "report_false_alarm", alarm_id=door)

    async def chosen(**choice: str) -> list[str]:
        return [row["alarm_id"] for row in (await larmansvarig.get("log", **TODAY, **choice))["alarms"]]

    assert sorted(await chosen()) == sorted((technical, door, fire))
    assert await chosen(alarm_type="fire") == [fire]
    assert await chosen(outcome="false_alarm") == [door]
    assert await chosen(group="group-Larmansvarig") == [technical]
    assert (await larmansvarig.get("log", **{"from": "2026-11-01", "to": "2026-11-01"}))["alarms"] == []


async def test_the_log_says_who_was_called_who_took_it_and_when(
    hass: HomeAssistant, brukare_device: str, larmansvarig: Browser
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await larmansvarig.get("act", alarm_id=alarm_id, act="acknowledge")
    await larmansvarig.get("act", alarm_id=alarm_id, act="resolve", outcome="help_given")
    told = await larmansvarig.get("log", **TODAY)
    (row,) = told["alarms"]
    assert (row["groups"], row["answered_by"], row["open"]) == (["Htj dag"], "Boss", False)
    assert (row["answered_at"], told["cut"]) == ("2026-11-02T11:00:00+00:00", False)


async def test_a_period_without_length_is_refused(larmansvarig: Browser) -> None:
    backwards = {"from": "2026-11-02", "to": "2026-10-01"}
    assert (await larmansvarig.ask("log", **backwards))["error"]["translation_key"] == "bad_period"


async def test_the_chosen_alarms_are_exported_with_who_looked_at_them(
    hass: HomeAssistant, brukare_device: str, larmansvarig: Browser
) -> None:
    fire = await raise_alarm(hass, brukare_device, "fire")
    await raise_alarm(hass, brukare_device, "door")
    await larmansvarig.get("person", alarm_id=fire)
    told = await larmansvarig.get("export_log", format="json", alarm_type="fire", **TODAY)
    rows = json.loads(told["content"])
    assert {row["alarm_id"] for row in rows} == {fire}
    assert [row["user_id"] for row in rows if row["event"] == "personal_data_opened"] == [larmansvarig.user.id]
    told = await larmansvarig.get("export_log", format="csv", alarm_type="fire", **TODAY)
    assert {row["alarm_id"] for row in csv.DictReader(io.StringIO(told["content"]))} == {fire}


# --- the overview and the inbox ----------------------------------------------------------------------


async def test_the_inbox_is_followed(hass: HomeAssistant, brukare_device: str, larmansvarig: Browser) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    assert (await larmansvarig.follow("deviations"))["deviations"] == []
    await call(hass, "report_false_alarm", alarm_id=alarm_id)
    (item,) = (await larmansvarig.state())["deviations"]
    assert (item["alarm_id"], item["status"], item["code"]) == (alarm_id, "new", "K7-31")


async def test_the_overview_says_how_everything_stands(
    hass: HomeAssistant, brukare_device: str, larmansvarig: Browser
) -> None:
    told = await larmansvarig.follow("overview")
    (brukare,) = told["brukare"]
    assert (brukare["code"], brukare["lines"], brukare["coverage"], brukare["alarms"]) == ("K7-31", 0, None, 0)
    assert (brukare["consent"], brukare["paused"], brukare["low"]) == ("not_registered", [], [])
    assert [phone["phone"] for phone in told["phones"]] == ["1 Htj dag", "2 Htj dag", "1 Nattpatrull", "Larmansvarig"]
    assert (told["rota"]["on_duty"], told["rota"]["next"]) == (["Htj dag"], ["Nattpatrull"])
    assert (told["rota"]["next_at"], told["rota"]["gaps"]) == ("2026-11-02T20:30:00+00:00", [])
    await raise_alarm(hass, brukare_device)
    assert (await larmansvarig.state())["brukare"][0]["alarms"] == 1


async def test_phones_are_told_before_browsers(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, larmansvarig: Browser
) -> None:
    await larmansvarig.follow("overview")
    order: list[str] = []
    put = home.runtime_data.engine._outbox.put

    def note_put(messages: Any) -> None:
        order.append("phones")
        put(messages)

    def note_overview(*args: Any) -> dict[str, Any]:
        order.append("browser")
        return describe_overview(*args)

    with (
        patch.object(home.runtime_data.engine._outbox, "put", note_put),
        patch("custom_components.homecare_h2o.websocket.describe_overview", note_overview),
    ):
        await raise_alarm(hass, brukare_device)
    assert order[0] == "phones"
    assert "browser" in order
