"""The handlingsplan as people read and print it (R011.3, HP.1-HP.4)."""

from dataclasses import replace
from html.parser import HTMLParser
import re
from typing import Any

from homeassistant.auth.const import GROUP_ID_ADMIN, GROUP_ID_READ_ONLY, GROUP_ID_USER
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
import pytest
from syrupy.assertion import SnapshotAssertion

from custom_components.homecare_h2o.core.events import Actor
from custom_components.homecare_h2o.core.handlingsplan import Handlingsplan, LineHistory
from custom_components.homecare_h2o.core.plan_events import PlanChange, PlanChanged
from custom_components.homecare_h2o.wording import Wording

from .conftest import leaks
from .rules import MOTION, SOS, House, settle
from .steps import call

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

PASSIVITY = "Passivitet – sovrum"
HOSTILE = "<script>alert(1)</script> & \"'"
TAG = re.compile(r"<(\w+)")


class Page(HTMLParser):
    """What a browser makes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.struck: list[str] = []
        self._inside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self._inside.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())
        self.struck += [data] * ("del" in self._inside[-1:])


async def written(house: House, how: str) -> str:
    """Return the plan as text or as a page."""
    return str((await call(house.hass, "get_plan", device_id=house.brukare, format=how))["content"])


async def line_of(house: House, rule: str) -> dict[str, Any]:
    """Return a line of the plan."""
    plan = await call(house.hass, "get_plan", device_id=house.brukare)
    return next(line for line in plan["lines"] if line["rule"] == rule)


async def change(house: House, **inputs: Any) -> None:
    """Have the line of the bedroom set like this; the button is as it was."""
    await house.use(house.passivity(**inputs) | {"alias": PASSIVITY}, house.button())


@pytest.fixture
async def anna(hass: HomeAssistant) -> str:
    """Return a larmansvarig."""
    return (await hass.auth.async_create_user("Anna", group_ids=[GROUP_ID_ADMIN])).id


@pytest.fixture
async def planned(house: House, anna: str) -> House:
    """Have a plan with a change and a comment: five hours became four."""
    await house.show(MOTION, "off", "motion", friendly_name="Rörelse sovrum")
    await house.show(SOS, "off", friendly_name="Larmknapp")
    await change(house, threshold={"hours": 5}, to="12:00:00", placement="Sovrum", adaptation="Sover till nio")
    await house.at("2026-11-03 09:30")
    await change(house, threshold={"hours": 4}, to="12:00:00", placement="Sovrum", adaptation="Sover till nio")
    latest = (await line_of(house, "passivity 1"))["changes"][0]["change_id"]
    await call(house.hass, "comment_plan_change", anna, change_id=latest, comment="Vaknar tidigare nu")
    return house


# --- the whole of it ------------------------------------------------------------------------------


async def test_the_plan_as_text(planned: House, snapshot: SnapshotAssertion) -> None:
    assert await written(planned, "text") == snapshot


async def test_the_plan_as_a_page(planned: House, snapshot: SnapshotAssertion) -> None:
    assert await written(planned, "html") == snapshot


async def test_the_plan_in_english(planned: House, snapshot: SnapshotAssertion) -> None:
    planned.hass.config.language = "en"
    planned.hub.wording = await Wording.async_load(planned.hass)
    assert await written(planned, "text") == snapshot
    assert '<html lang="en">' in await written(planned, "html")


async def test_a_plan_without_lines_can_be_printed(house: House) -> None:
    assert "Planen har inga rader." in await written(house, "text")
    assert "Planen har inga rader." in Page(await written(house, "html")).texts


async def test_the_head_says_whose_it_is_and_who_made_it_when(planned: House) -> None:
    plan = await call(planned.hass, "get_plan", device_id=planned.brukare)
    head = {key: value for key, value in plan.items() if key not in ("lines", "deleted")}
    assert head == {
        "code": "K7-31",
        "device_id": planned.brukare,
        "created_at": "2026-11-02T12:00:00+01:00",
        "created_by": "systemet",
        "printed_at": "2026-11-03T09:30:00+01:00",
    }


async def test_a_line_says_what_the_larmansvarig_asks_for(planned: House) -> None:
    line = await line_of(planned, "passivity 1")
    assert {key: line[key] for key in ("sensors", "time", "active", "placement", "adaptation", "response")} == {
        "sensors": ["Rörelse sovrum"],
        "time": ["Inaktiv i 4 h"],
        "active": "06:00–12:00",
        "placement": "Sovrum",
        "adaptation": "Sover till nio",
        "response": "Ring eller besök. Besök genast om ingen svarar",
    }
    assert line["response_time"] == "30 min"
    assert line["told"][0] == "genast: Gruppen i tjänst"
    assert (line["name"], line["coverage"], line["created_at"]) == (PASSIVITY, "watched", "2026-11-02T12:00:00+01:00")


# --- changes --------------------------------------------------------------------------------------


async def test_a_change_says_what_when_who_and_why(planned: House, anna: str) -> None:
    told = (await line_of(planned, "passivity 1"))["changes"][0]
    assert told["values"] == [{"key": "threshold", "name": "Inaktiv i", "old": "5 h", "new": "4 h"}]
    assert (told["at"], told["by"]) == ("2026-11-03T09:30:00+01:00", "systemet")
    assert (told["comment"], told["comment_by"]) == ("Vaknar tidigare nu", "Anna (Larmansvarig)")


async def test_the_old_value_is_struck_through(planned: House) -> None:
    assert Page(await written(planned, "html")).struck == ["5 h"]


async def test_the_last_five_changes_come_first_and_then_all(planned: House) -> None:
    for hours in (5, 4, 5, 4, 5):
        await change(planned, threshold={"hours": hours}, to="12:00:00")
    text, page = await written(planned, "text"), await written(planned, "html")
    latest, _, others = text.partition(PASSIVITY)[2].partition("Alla ändringar:")
    assert latest.count("Inaktiv i 5 h → 4 h") + latest.count("Inaktiv i 4 h → 5 h") == 5
    assert others.count("Inaktiv i 5 h → 4 h") + others.count("Inaktiv i 4 h → 5 h") == 6
    assert "ny rad" in others
    assert page.count("Alla ändringar") == 1
    assert len(Page(page).struck) >= 11


@pytest.mark.parametrize(
    ("name", "groups", "told"),
    [
        ("Anna", [GROUP_ID_ADMIN], "Anna (Larmansvarig)"),
        ("Bo", [GROUP_ID_USER], "Bo (Personal)"),
        (None, [GROUP_ID_ADMIN], "okänd användare (Larmansvarig)"),
    ],
)
async def test_who_changed_it_is_told_by_name_and_role(
    planned: House, name: str | None, groups: list[str], told: str
) -> None:
    user = await planned.hass.auth.async_create_user(name or "x", group_ids=groups)
    user.name = name
    target = {"entity_id": planned.automation("passivity 1")}
    await planned.hass.services.async_call("automation", "turn_off", target, True, Context(user_id=user.id))
    await settle(planned.hass)
    latest = (await line_of(planned, "passivity 1"))["changes"][0]
    assert (latest["text"], latest["by"], latest["user_id"]) == ("avstängd", told, user.id)
    assert "Status: avstängd, övervakas inte" in await written(planned, "text")


async def test_somebody_who_has_no_role_any_more_is_told_by_name(planned: House) -> None:
    user = await planned.hass.auth.async_create_user("Cid", group_ids=[GROUP_ID_ADMIN])
    target = {"entity_id": planned.automation("passivity 1")}
    await planned.hass.services.async_call("automation", "turn_off", target, True, Context(user_id=user.id))
    await settle(planned.hass)
    await planned.hass.auth.async_update_user(user, is_active=False)
    assert (await line_of(planned, "passivity 1"))["changes"][0]["by"] == "Cid"


async def test_somebody_who_is_gone_is_unknown(planned: House) -> None:
    user = await planned.hass.auth.async_create_user("Dag", group_ids=[GROUP_ID_ADMIN])
    target = {"entity_id": planned.automation("passivity 1")}
    await planned.hass.services.async_call("automation", "turn_off", target, True, Context(user_id=user.id))
    await planned.hass.auth.async_remove_user(user)
    await settle(planned.hass)
    assert (await line_of(planned, "passivity 1"))["changes"][0]["by"] == "okänd användare"


async def test_what_a_phone_did_is_told_by_the_phones_name(planned: House) -> None:
    line = planned.hub.plan.lines["brukare-1", "passivity 1"]
    phone = planned.hub.rota.groups[0].phones[0]
    await planned.hub.engine.record(
        PlanChanged(
            at=planned.hub.clock.now(),
            change_id="by-phone",
            brukare_id="brukare-1",
            rule="passivity 1",
            change=PlanChange.CHANGED,
            line=line,
            by=Actor(phone_id=phone),
        )
    )
    assert (await line_of(planned, "passivity 1"))["changes"][0]["by"] == "1 Htj dag"


async def test_a_line_that_was_deleted_is_told_with_its_changes(planned: House) -> None:
    entity_id = planned.automation("passivity 1")
    await planned.use(planned.button())
    er.async_get(planned.hass).async_remove(entity_id)
    await settle(planned.hass)
    plan = await call(planned.hass, "get_plan", device_id=planned.brukare)
    (deleted,) = plan["deleted"]
    assert (deleted["name"], deleted["deleted_at"]) == (PASSIVITY, "2026-11-03T09:30:00+01:00")
    assert [each["text"] for each in deleted["changes"]] == ["borttagen", "Inaktiv i 5 h → 4 h", "ny rad"]
    assert "Borttagna rader" in await written(planned, "text")
    assert "Borttagna rader" in Page(await written(planned, "html")).texts


async def test_a_line_that_was_brought_back_is_told_as_that(planned: House) -> None:
    known = planned.hub.plan.histories["brukare-1", "passivity 1"]
    restored = replace(known, changes=tuple(replace(each, restored_from="x") for each in known.changes))
    planned.hub.plan = Handlingsplan(histories={("brukare-1", "passivity 1"): restored})
    assert "Inaktiv i 5 h → 4 h (återställd)" in await written(planned, "text")
    assert "(återställd)" in Page(await written(planned, "html")).texts


async def test_a_line_that_has_no_history_yet_is_told_as_it_is_watched(planned: House) -> None:
    planned.hub.plan = Handlingsplan()
    assert (await line_of(planned, "button 1"))["changes"] == []
    assert "button 1 · Trygghetslarm" in await written(planned, "text")
    assert "button 1 · Trygghetslarm" in Page(await written(planned, "html")).texts


async def test_a_line_that_nobody_watches_yet_is_told_as_it_is_planned(planned: House) -> None:
    planned.hub.lines = {}
    assert (await line_of(planned, "button 1"))["sensors"] == ["Larmknapp"]
    assert "Status: på\n" in await written(planned, "text")


async def test_a_deleted_line_of_which_nothing_is_known_is_left_out(planned: House) -> None:
    known = planned.hub.plan.histories["brukare-1", "passivity 1"]
    (first, *_) = known.changes
    gone = LineHistory(brukare_id="brukare-1", rule="x", line=None, changes=(replace(first, after=None),))
    planned.hub.plan = Handlingsplan(histories={("brukare-1", "x"): gone})
    assert (await call(planned.hass, "get_plan", device_id=planned.brukare))["deleted"] == []


# --- what a line is set to ------------------------------------------------------------------------


async def settings(house: House, rule: dict[str, Any]) -> dict[str, Any]:
    """Return a line as it is told when it is the only one."""
    await house.use(rule)
    return await line_of(house, rule["id"])


async def test_what_is_active_all_day_is_told(house: House) -> None:
    fire = house.rule("fire", "1", {"sensors": {"entity_id": ["binary_sensor.smoke"]}})
    assert (await settings(house, fire))["active"] == "dygnet runt"
    passivity = house.passivity("2", all_day=True)
    assert (await settings(house, passivity))["active"] == "dygnet runt"


async def test_when_something_may_be_on_is_told(house: House) -> None:
    plugs = {"entity_id": ["switch.stove"]}
    power = await settings(house, house.rule("power_on", "1", {"plugs": plugs}))
    assert (power["active"], power["time"][-1]) == ("dygnet runt", "får vara på dygnet runt")
    power = await settings(house, house.rule("power_on", "2", {"plugs": plugs, "all_day": False}))
    assert power["time"][-1] == "får vara på 07:00–22:00"


async def test_who_is_told_follows_the_line(house: House) -> None:
    line = await settings(house, house.passivity(tell_relatives=True))
    assert line["told"][0] == "genast: Gruppen i tjänst, Anhörig"
    line = await settings(house, house.passivity("2", tell_relatives=True, tell_staff=False))
    assert line["told"][0] == "genast: Anhörig"


async def test_the_sensors_of_a_sequence_are_told(house: House) -> None:
    steps = [{"entity_id": [MOTION], "to": "on"}]
    sequence = house.rule("sequence", "1", {"purpose": "x", "steps": steps, "then_nothing": [SOS]})
    line = await settings(house, sequence)
    assert line["sensors"] == [f"{MOTION} (saknas)", f"{SOS} (saknas)"]


def by_hand(house: House, trigger: dict[str, Any], **data: Any) -> dict[str, Any]:
    """Return a line without a blueprint."""
    raises = {"device_id": house.brukare, "alarm_type": "door", **data}
    return {
        "id": "own",
        "alias": "Egen",
        "triggers": [trigger],
        "actions": [{"action": "homecare_h2o.raise_alarm", "data": raises}],
    }


async def test_a_line_that_was_made_by_hand_is_told(house: House) -> None:
    trigger = {"trigger": "state", "entity_id": "binary_sensor.door", "to": "on"}
    line = await settings(house, by_hand(house, trigger, response="Gå dit", tell_staff="{{ true }}"))
    assert (line["sensors"], line["active"], line["time"]) == (["binary_sensor.door (saknas)"], None, [])
    assert (line["response"], line["told"][0]) == ("Gå dit", "genast: Gruppen i tjänst")
    assert [each["name"] for each in line["values"]] == ["Utlösare", "Åtgärder"]
    assert "Aktiv mellan: –" in await written(house, "text")


async def test_our_own_triggers_are_understood_without_a_blueprint(house: House) -> None:
    options = {"from": "22:00:00", "to": "06:00:00"}
    trigger = {"trigger": "homecare_h2o.detected", "target": {"entity_id": ["binary_sensor.door"]}, "options": options}
    line = await settings(house, by_hand(house, trigger))
    assert (line["active"], line["sensors"]) == ("22:00–06:00", ["binary_sensor.door (saknas)"])


async def test_hours_that_cannot_be_read_are_left_out(house: House) -> None:
    line = await settings(house, house.passivity(**{"from": "nio"}))
    assert (line["active"], line["broken"]) == (None, True)
    assert "Status: trasig" in await written(house, "text")


async def test_a_paused_line_is_told(planned: House) -> None:
    planned.hub.lines = {
        rule: replace(watched, paused_until_at=planned.hub.clock.now()) for rule, watched in planned.hub.lines.items()
    }
    assert "pausad till 2026-11-03 09:30" in await written(planned, "text")


# --- what somebody has written, and who may read it ------------------------------------------------


async def test_what_somebody_wrote_is_never_markup(planned: House, anna: str) -> None:
    before = Page(await written(planned, "html"))
    rule = planned.passivity(placement=HOSTILE, adaptation=HOSTILE, response=HOSTILE, message=HOSTILE)
    await planned.use(rule | {"alias": HOSTILE}, planned.button())
    latest = (await line_of(planned, "passivity 1"))["changes"][0]["change_id"]
    await call(planned.hass, "comment_plan_change", anna, change_id=latest, comment=HOSTILE)
    planned.show_now(MOTION, "off", "motion", friendly_name=HOSTILE)
    after = Page(await written(planned, "html"))
    assert after.tags == before.tags
    assert after.attributes == before.attributes
    assert HOSTILE in after.texts
    assert HOSTILE in await written(planned, "text")


async def test_the_page_asks_for_nothing_from_anywhere(planned: House) -> None:
    text = await written(planned, "html")
    page = Page(text)
    assert page.tags & {"script", "img", "link", "iframe", "object", "form", "base"} == set()
    assert page.attributes & {"src", "href", "style", "onload"} == set()
    assert re.findall(r"https?:|url\(|@import", text) == []


async def test_the_plan_never_says_who_or_where(planned: House, anna: str) -> None:
    who = "Tess T. Person, Testvägen 1, 111 11 Hultsfred"
    rule = planned.passivity(placement=who, adaptation=who, response=who, message=who)
    await planned.use(rule, planned.button())
    latest = (await line_of(planned, "passivity 1"))["changes"][0]["change_id"]
    await call(planned.hass, "comment_plan_change", anna, change_id=latest, comment=who)
    planned.show_now(MOTION, "off", "motion", friendly_name=who)
    plan = await call(planned.hass, "get_plan", device_id=planned.brukare)
    assert leaks([await written(planned, "text"), await written(planned, "html"), plan]) == []


@pytest.mark.parametrize("how", ["json", "text", "html"])
async def test_staff_may_read_the_plan_and_who_only_may_look_may_not(planned: House, how: str) -> None:
    staff = await planned.hass.auth.async_create_user("Bo", group_ids=[GROUP_ID_USER])
    looker = await planned.hass.auth.async_create_user("Cid", group_ids=[GROUP_ID_READ_ONLY])
    assert (await call(planned.hass, "get_plan", staff.id, device_id=planned.brukare, format=how))["code"] == "K7-31"
    with pytest.raises(ServiceValidationError):
        await call(planned.hass, "get_plan", looker.id, device_id=planned.brukare, format=how)
