"""The handlingsplan in the panel: what it is told, what it may do, and who (R011.3, R011.4, HP.2)."""

import asyncio
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.auth.const import GROUP_ID_ADMIN, GROUP_ID_USER
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.homecare_h2o import plan_panel
from custom_components.homecare_h2o.core.handlingsplan import Handlingsplan
from custom_components.homecare_h2o.plan_panel import async_describe_for_panel

from .conftest import leaks
from .rules import MOTION, SOS, House, settle
from .steps import call, go_on
from .test_websocket import Browser, log_in

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

PASSIVITY = "passivity 1"
BUTTON = "button 1"


@pytest.fixture(autouse=True)
async def _editor(hass: HomeAssistant, house: House) -> None:
    """Have the automation editor of Home Assistant, and sensors that are there."""
    assert await async_setup_component(hass, "config", {})
    await house.show(MOTION, "off", "motion", friendly_name="Rörelse sovrum")
    await house.show(SOS, "off", friendly_name="Larmknapp")


@pytest.fixture
async def boss(hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator) -> Browser:
    """Return the larmansvarig's browser."""
    return await log_in(hass, hass_ws_client, await hass.auth.async_create_user("Boss", group_ids=[GROUP_ID_ADMIN]))


@pytest.fixture
async def staff(hass: HomeAssistant, house: House, hass_ws_client: WebSocketGenerator) -> Browser:
    """Return the browser of somebody of the staff."""
    return await log_in(hass, hass_ws_client, await hass.auth.async_create_user("Usk", group_ids=[GROUP_ID_USER]))


@pytest.fixture
async def planned(house: House) -> House:
    """Have a plan of two lines; of one, five hours became four."""
    await house.use(house.passivity(threshold={"hours": 5}, to="12:00:00"), house.button())
    await house.use(house.passivity(threshold={"hours": 4}, to="12:00:00"), house.button())
    return house


def own_line(house: House) -> dict[str, Any]:
    """Return a line that was made by hand."""
    raising = {"action": "homecare_h2o.raise_alarm", "data": {"device_id": house.brukare, "alarm_type": "door"}}
    return {"id": "own", "alias": "Egen", "triggers": [], "actions": [raising]}


def lines_of(state: dict[str, Any]) -> dict[str, Any]:
    """Return the lines of a plan that was told, by their rules."""
    return {line["rule"]: line for line in state["plan"]["lines"]}


async def line_of(house: House, rule: str = PASSIVITY) -> dict[str, Any]:
    """Return a line as whoever opens the page now is told of it."""
    plan = await async_describe_for_panel(house.hass, house.hub, "brukare-1", house.hub.wording)
    line: dict[str, Any] = lines_of({"plan": plan})[rule]
    return line


async def why_not(browser: Browser, command: str, **data: Any) -> Any:
    """Return why a command is refused."""
    return (await browser.ask(command, **data))["error"]["translation_key"]


# --- what is told ---------------------------------------------------------------------------------


async def test_a_line_is_told_in_plain_words(planned: House) -> None:
    line = await line_of(planned)
    told = {key: line[key] for key in ("alarm_type", "on", "broken", "coverage", "sensors", "active", "response_time")}
    assert told == {
        "alarm_type": "passivity",
        "on": True,
        "broken": False,
        "coverage": "watched",
        "sensors": ["Rörelse sovrum"],
        "active": "06:00–12:00",
        "response_time": "30 min",
    }
    assert {"key": "threshold", "name": "Inaktiv i", "value": "4 h"} in line["values"]


async def test_the_only_brukare_is_told_without_being_asked_for(planned: House, boss: Browser) -> None:
    state = await boss.follow("plan")
    assert state["brukare"] == [{"brukare_id": "brukare-1", "code": "K7-31", "lines": 2, "not_watched": 0}]
    assert (state["plan"]["brukare_id"], state["plan"]["code"]) == ("brukare-1", "K7-31")
    assert (await boss.follow("plan", brukare_id="brukare-1"))["plan"] == state["plan"]


async def test_of_nobody_there_is_no_plan(planned: House, boss: Browser) -> None:
    state = await boss.follow("plan", brukare_id="nobody")
    assert (state["plan"], [each["code"] for each in state["brukare"]]) == (None, ["K7-31"])


async def test_a_change_is_told_as_it_is_made(planned: House, boss: Browser) -> None:
    await boss.follow("plan")
    await planned.use(planned.passivity(threshold={"hours": 3}, to="12:00:00"), planned.button())
    while (newest := lines_of(await boss.state())[PASSIVITY]["changes"][0])["values"][0]["new"] != "3 h":
        pass
    assert (newest["values"][0]["name"], newest["values"][0]["old"], newest["change"]) == (
        "Inaktiv i",
        "4 h",
        "changed",
    )


async def test_the_latest_five_changes_are_told_and_how_many_there_are(planned: House) -> None:
    for hours in (1, 2, 3, 4, 5):
        await planned.use(planned.passivity(threshold={"hours": hours}, to="12:00:00"), planned.button())
    line = await line_of(planned)
    assert (line["changes_total"], [each["values"][0]["new"] for each in line["changes"]]) == (
        7,
        ["5 h", "4 h", "3 h", "2 h", "1 h"],
    )


async def test_it_is_told_in_the_language_of_whoever_looks(planned: House, boss: Browser) -> None:
    line = lines_of(await boss.follow("plan", language="en"))[PASSIVITY]
    assert {"key": "threshold", "name": "Inactive for", "value": "4 h"} in line["values"]
    assert line["told"][0].startswith("at once")


async def test_nothing_is_told_again_while_nothing_changes_but_the_minutes(
    planned: House, boss: Browser, freezer: FrozenDateTimeFactory
) -> None:
    await boss.follow("plan")
    await go_on(planned.hass, freezer, seconds=16)
    assert (await boss.event())["type"] == "beat"
    await go_on(planned.hass, freezer, seconds=60)
    assert (await boss.event())["type"] == "beat"
    line = lines_of(await boss.state())[PASSIVITY]
    assert (line["watched_minutes"], line["not_watched_minutes"]) == (1, 0)


async def test_what_is_wrong_with_a_line_is_told(planned: House, boss: Browser) -> None:
    planned.hass.states.async_remove(MOTION)
    await planned.at("2026-11-02 12:15")
    state = await boss.follow("plan")
    line = lines_of(state)[PASSIVITY]
    assert (line["coverage"], [each["fault"] for each in line["faults"]]) == ("not_watched", ["missing"])
    assert line["since"]
    assert state["brukare"][0]["not_watched"] == 1


async def test_who_and_where_and_a_code_are_never_told(house: House, boss: Browser) -> None:
    text = "Tess T. Person, Testvägen 1, 111 11 Hultsfred"
    steps = [{"action": "notify.notify", "data": {"message": text, "code": "4711"}}]
    await house.use(house.button(disarm_code="4711", response=text, adaptation=text, brukare_actions=steps))
    state = await boss.follow("plan")
    (line,) = state["plan"]["lines"]
    assert (leaks([state]), "4711" in str(state)) == ([], False)
    assert line["inputs"]["button"] == {"entity_id": [SOS]}
    assert line["blueprint"] == "homecare_h2o/safety_button.yaml"
    assert line["automation_id"] == house.automation(BUTTON)


async def test_a_line_that_was_made_by_hand_has_no_inputs(house: House) -> None:
    await house.use(own_line(house))
    line = await line_of(house, "own")
    assert (line["blueprint"], line["inputs"]) == (None, {})


async def test_a_line_whose_history_is_not_known_yet_is_told(planned: House) -> None:
    planned.hub.plan = Handlingsplan()
    line = await line_of(planned)
    assert (line["on"], line["changes"], line["changes_total"]) == (True, [], 0)


async def test_a_line_that_is_changed_while_it_is_told_is_told(planned: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for hour in range(6, 10):
        await planned.use(planned.passivity(threshold={"hours": 3}, to=f"{hour + 4}:00:00"), planned.button())
    describe = plan_panel.async_describe_plan

    async def change_meanwhile(*args: Any, **more: Any) -> Any:
        plan = await describe(*args, **more)
        await planned.use(planned.passivity(threshold={"hours": 3}, to="15:00:00"), planned.button())
        return plan

    monkeypatch.setattr(plan_panel, "async_describe_plan", change_meanwhile)
    assert len((await line_of(planned))["changes"]) == 5


# --- what restoring would change -------------------------------------------------------------------


def back(line: dict[str, Any], number: int = 0) -> Any:
    """Return what a change of a line would bring back: the values, whether it is on, whether it comes back."""
    told = line["changes"][number]["back"]
    return told and ([(each["old"], each["new"]) for each in told["values"]], told["on"], told["returns"])


async def test_what_changes_back_is_counted_from_how_the_line_is_now(planned: House) -> None:
    await planned.use(planned.passivity(threshold={"hours": 3}, to="11:00:00"), planned.button())
    line = await line_of(planned)
    assert back(line) == ([("3 h", "4 h"), ("11:00", "12:00")], None, False)
    assert back(line, 1) == ([("3 h", "5 h"), ("11:00", "12:00")], None, False)
    assert back(line, 2) is None


async def test_a_change_that_is_undone_already_brings_nothing_back(planned: House) -> None:
    await planned.use(planned.passivity(threshold={"hours": 5}, to="12:00:00"), planned.button())
    line = await line_of(planned)
    assert (back(line), back(line, 1)) == (([("5 h", "4 h")], None, False), None)


async def test_a_line_that_was_turned_off_would_be_on_again(planned: House) -> None:
    await planned.switch(PASSIVITY, on=False)
    assert back(await line_of(planned)) == ([], True, False)


async def test_a_line_that_was_deleted_would_come_back(planned: House, boss: Browser) -> None:
    entity_id = planned.automation(PASSIVITY)
    await planned.use(planned.button())
    er.async_get(planned.hass).async_remove(entity_id)
    await settle(planned.hass)
    (gone,) = (await boss.follow("plan"))["plan"]["deleted"]
    assert (gone["rule"], back(gone)) == (PASSIVITY, ([], True, True))


# --- what is done ---------------------------------------------------------------------------------


async def test_a_change_is_commented_on(planned: House, boss: Browser) -> None:
    change_id = (await line_of(planned))["changes"][0]["change_id"]
    await boss.get("comment_plan_change", change_id=change_id, comment=" Vaknar tidigt ")
    newest = (await line_of(planned))["changes"][0]
    assert (newest["comment"], newest["comment_by"]) == ("Vaknar tidigt", "Boss (Larmansvarig)")


async def test_a_line_is_restored_and_it_is_said_why(planned: House, boss: Browser) -> None:
    change_id = (await line_of(planned))["changes"][0]["change_id"]
    told = await boss.get("restore_plan_line", change_id=change_id, comment="Fel")
    newest = (await line_of(planned))["changes"][0]
    assert told == {"change_id": newest["change_id"], "restored_from": change_id}
    assert (newest["values"][0]["new"], newest["comment"], newest["by"]) == ("5 h", "Fel", "Boss (Larmansvarig)")
    assert await why_not(boss, "restore_plan_line", change_id=change_id) == "line_is_so_already"


async def save(house: House, rule: str = PASSIVITY, **data: Any) -> dict[str, Any]:
    """Return what a browser sends to give a line other values, as it shows the line now."""
    line = await line_of(house, rule)
    seen = {"rule": rule, "brukare_id": line["brukare_id"], "seen": line["changes"][0]["change_id"]}
    return {**seen, "inputs": {"threshold": {"hours": 3}}, "comment": "Vaknar tidigt", **data}


def given(house: House, rule: str = PASSIVITY) -> dict[str, Any]:
    """Return the values of a line as they are in the file."""
    found: Any = load_yaml(str(house.folder / "automations.yaml"))
    inputs: dict[str, Any] = next(each["use_blueprint"]["input"] for each in found if each["id"] == rule)
    return inputs


async def test_values_are_saved_and_it_is_said_why(planned: House, boss: Browser) -> None:
    before = given(planned)
    told = await boss.get("save_plan_values", **await save(planned))
    newest = (await line_of(planned))["changes"][0]
    assert told == {"change_id": newest["change_id"]}
    assert (newest["values"][0]["old"], newest["values"][0]["new"]) == ("4 h", "3 h")
    assert (newest["comment"], newest["by"]) == ("Vaknar tidigt", "Boss (Larmansvarig)")
    assert newest["restored_from"] is None
    assert given(planned) == {**before, "threshold": {"hours": 3}}


async def test_the_detector_goes_by_the_saved_values_at_once(
    planned: House, boss: Browser, freezer: FrozenDateTimeFactory
) -> None:
    await boss.get("save_plan_values", **await save(planned, inputs={"threshold": {"minutes": 10}, "to": "13:00:00"}))
    await go_on(planned.hass, freezer, minutes=11)
    assert [alarm.rule for alarm in planned.hub.engine.alarms.values()] == [PASSIVITY]


async def test_a_value_may_become_what_the_blueprint_says(planned: House, boss: Browser) -> None:
    await boss.get("save_plan_values", **await save(planned, inputs={"to": None, "threshold": {"hours": 3}}))
    assert "to" not in given(planned)


async def test_a_line_that_is_off_stays_off(planned: House, boss: Browser) -> None:
    await boss.get("set_plan_line", automation_id=planned.automation(PASSIVITY), on=False)
    await settle(planned.hass)
    await boss.get("save_plan_values", **await save(planned))
    assert planned.hass.states.is_state(planned.automation(PASSIVITY), "off")


async def test_what_somebody_else_changed_meanwhile_is_not_overruled(planned: House, boss: Browser) -> None:
    looked_at = await save(planned)
    await boss.get("save_plan_values", **await save(planned, inputs={"threshold": {"hours": 2}}))
    assert await why_not(boss, "save_plan_values", **looked_at) == "line_changed_meanwhile"
    assert given(planned)["threshold"] == {"hours": 2}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"inputs": {"threshold": {"hours": 4}}}, "line_is_so_already"),
        ({"inputs": {"threshold": {"hours": 9}, "from": "06:00:00", "to": "07:00:00"}}, "line_not_accepted"),
        ({"inputs": {"sensors": "nonsense"}}, "line_not_accepted"),
        ({"inputs": {"threshold": {"hours": 10**12}}}, "plan_not_editable"),
        ({"inputs": {"nonsense": 1}}, "what_if_bad_values"),
        ({"inputs": {"brukare": "somebody"}}, "what_if_bad_values"),
        ({"rule": "nothing"}, "unknown_line"),
        ({"brukare_id": "nobody"}, "unknown_line"),
    ],
)
async def test_values_that_cannot_be_saved_change_nothing(
    planned: House, boss: Browser, data: dict[str, Any], why: str
) -> None:
    before = (planned.folder / "automations.yaml").read_text()
    asked = {**await save(planned), **data}
    assert await why_not(boss, "save_plan_values", **asked) == why
    assert (planned.folder / "automations.yaml").read_text() == before


async def test_what_is_saved_but_could_not_be_loaded_is_told_and_loaded_when_it_is_asked_for_again(
    planned: House, boss: Browser
) -> None:
    before = (planned.folder / "configuration.yaml").read_text()
    (planned.folder / "configuration.yaml").write_text(f"{before}\nbroken: !include nothing.yaml\n")
    asked = await save(planned)
    assert await why_not(boss, "save_plan_values", **asked) == "line_not_in_use"
    assert (await line_of(planned))["changes"][0]["change_id"] == asked["seen"]
    (planned.folder / "configuration.yaml").write_text(before)
    await boss.get("save_plan_values", **asked)
    newest = (await line_of(planned))["changes"][0]
    assert (newest["values"][0]["new"], newest["comment"]) == ("3 h", "Vaknar tidigt")


async def test_what_is_restored_but_could_not_be_loaded_is_loaded_when_it_is_asked_for_again(
    planned: House, boss: Browser
) -> None:
    before = (planned.folder / "configuration.yaml").read_text()
    (planned.folder / "configuration.yaml").write_text(f"{before}\nbroken: !include nothing.yaml\n")
    change_id = (await line_of(planned))["changes"][0]["change_id"]
    assert await why_not(boss, "restore_plan_line", change_id=change_id) == "line_not_in_use"
    (planned.folder / "configuration.yaml").write_text(before)
    told = await boss.get("restore_plan_line", change_id=change_id)
    assert told["change_id"] == (await line_of(planned))["changes"][0]["change_id"]


async def test_what_lies_in_the_file_and_was_never_loaded_is_not_saved_along(planned: House, boss: Browser) -> None:
    file = planned.folder / "automations.yaml"
    asked = await save(planned)
    file.write_text(file.read_text().replace("12:00:00", "09:00:00"))
    assert await why_not(boss, "save_plan_values", **asked) == "line_changed_meanwhile"
    assert given(planned)["threshold"] == {"hours": 4}


async def test_a_line_in_a_file_of_its_own_is_not_given_other_values(planned: House, boss: Browser) -> None:
    (planned.folder / "automations.yaml").rename(planned.folder / "own.yaml")
    (planned.folder / "configuration.yaml").write_text("automation: !include own.yaml\n")
    assert await why_not(boss, "save_plan_values", **await save(planned)) == "line_lives_elsewhere"


async def test_a_line_that_was_made_by_hand_is_not_given_values(house: House, boss: Browser) -> None:
    await house.use(own_line(house))
    assert await why_not(boss, "save_plan_values", **await save(house, "own")) == "line_without_blueprint"


async def test_a_line_is_turned_off_and_on_by_who_asks(planned: House, boss: Browser) -> None:
    automation_id = planned.automation(PASSIVITY)
    await boss.get("set_plan_line", automation_id=automation_id, on=False)
    await settle(planned.hass)
    line = await line_of(planned)
    assert (line["on"], line["coverage"]) == (False, "not_watched")
    assert (line["changes"][0]["change"], line["changes"][0]["by"]) == ("turned_off", "Boss (Larmansvarig)")
    await boss.get("set_plan_line", automation_id=automation_id, on=True)
    await settle(planned.hass)
    line = await line_of(planned)
    assert (line["on"], line["changes"][0]["change"]) == (True, "turned_on")


async def test_pressed_twice_a_line_is_turned_off_once(planned: House, boss: Browser) -> None:
    automation_id = planned.automation(PASSIVITY)
    for _ in range(2):
        assert await boss.get("set_plan_line", automation_id=automation_id, on=False) == {"on": False}
    await settle(planned.hass)
    assert [each["change"] for each in (await line_of(planned))["changes"]] == ["turned_off", "changed", "created"]


async def test_an_alarm_that_is_on_its_way_comes_although_its_line_is_turned_off(house: House, boss: Browser) -> None:
    raising = {"action": "homecare_h2o.raise_alarm", "data": {"device_id": house.brukare, "alarm_type": "door"}}
    wait = {"wait_for_trigger": [{"trigger": "event", "event_type": "go_on"}]}
    begin = {"trigger": "event", "event_type": "begin"}
    await house.use({"id": "own", "alias": "Egen", "triggers": [begin], "actions": [{"event": "begun"}, wait, raising]})
    begun = asyncio.Event()
    house.hass.bus.async_listen_once("begun", callback(lambda _: begun.set()))
    house.hass.bus.async_fire("begin")
    await begun.wait()
    await boss.get("set_plan_line", automation_id=house.automation("own"), on=False)
    await house.fire("go_on")
    assert [event.alarm_type for event in await house.raised()] == ["door"]


async def test_an_automation_that_is_no_line_is_not_touched(planned: House, boss: Browser) -> None:
    other = {"id": "other", "alias": "Annan", "triggers": [], "actions": []}
    await planned.use(planned.passivity(), other)
    assert await why_not(boss, "set_plan_line", automation_id="automation.annan", on=False) == "unknown_line"
    assert planned.hass.states.is_state("automation.annan", "on")


async def test_a_line_that_is_broken_is_not_said_to_be_on(planned: House, boss: Browser) -> None:
    await planned.use(planned.passivity(threshold={"hours": "x"}), planned.button())
    automation_id = planned.automation(PASSIVITY)
    assert await why_not(boss, "set_plan_line", automation_id=automation_id, on=True) == "line_not_in_use"


async def test_a_pause_of_one_line_is_told_apart_from_a_pause_of_all(planned: House) -> None:
    until = "2026-11-02T15:00:00+01:00"
    await call(planned.hass, "pause", device_id=planned.brukare, reason="Bortrest", until=until)
    line = await line_of(planned)
    assert (line["paused_until"], line["pause"]) == ("2026-11-02T14:00:00+00:00", None)
    plan = await async_describe_for_panel(planned.hass, planned.hub, "brukare-1", planned.hub.wording)
    assert plan["pause"] == {"until": "2026-11-02T14:00:00+00:00", "reason": "Bortrest"}
    subject = {"device_id": planned.brukare, "line": planned.automation(PASSIVITY)}
    await call(planned.hass, "pause", **subject, reason="Besök", until=until)
    line = await line_of(planned)
    assert line["pause"] == {"until": "2026-11-02T14:00:00+00:00", "reason": "Besök"}


async def test_why_a_line_is_paused_names_nobody(planned: House) -> None:
    subject = {"device_id": planned.brukare, "line": planned.automation(PASSIVITY)}
    until = "2026-11-02T15:00:00+01:00"
    await call(planned.hass, "pause", **subject, reason="Tess är på Testvägen 1", until=until)
    line = await line_of(planned)
    assert line["pause"]["reason"] == "K7-31 är på K7-31"
    assert leaks([line]) == []


async def test_the_plan_is_given_as_a_page_to_print(planned: House, boss: Browser) -> None:
    told = await boss.get("print_plan", brukare_id="brukare-1")
    assert told["code"] == "K7-31"
    assert all(text in told["content"] for text in ("<del>5 h</del> <ins>4 h</ins>", "default-src 'none'", "K7-31"))
    assert leaks([told]) == []
    assert await why_not(boss, "print_plan", brukare_id="nobody") == "not_a_brukare"


# --- who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "data"),
    [
        ("plan", {}),
        ("print_plan", {"brukare_id": "brukare-1"}),
        ("comment_plan_change", {"comment": "nej"}),
        ("restore_plan_line", {}),
        ("save_plan_values", {}),
        ("set_plan_line", {"on": False}),
    ],
)
async def test_staff_is_refused_and_nothing_is_changed(
    planned: House, staff: Browser, command: str, data: dict[str, Any]
) -> None:
    before = planned.hub.plan
    change_id = before.changes[-1].change_id
    named = {
        "set_plan_line": {"automation_id": planned.automation(PASSIVITY)},
        "save_plan_values": await save(planned),
        "plan": {},
        "print_plan": {},
    }
    given = {**data, **named.get(command, {"change_id": change_id})}
    assert await why_not(staff, command, **given) == "not_allowed"
    await settle(planned.hass)
    assert planned.hub.plan is before
    assert planned.hass.states.is_state(planned.automation(PASSIVITY), "on")
