"""What is in the handlingsplan, in its own words (R011.3, HP.2)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    floor_registry as fr,
    label_registry as lr,
)
import pytest
from syrupy.assertion import SnapshotAssertion

from custom_components.homecare_h2o.blueprints import SOURCE
from custom_components.homecare_h2o.core.escalation import AlarmType
from custom_components.homecare_h2o.core.events import Actor
from custom_components.homecare_h2o.core.handlingsplan import LineChange
from custom_components.homecare_h2o.core.plan_events import PlanChange, PlannedLine
from custom_components.homecare_h2o.plan_values import NOTHING, Says, cut, say_duration, say_time
from custom_components.homecare_h2o.plan_words import PlanWords, async_summarize_change
from custom_components.homecare_h2o.wording import Wording

from .rules import House

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

AT = datetime(2026, 11, 2, 11, tzinfo=UTC)
BLUEPRINTS = sorted(path.stem for path in SOURCE.glob("*.yaml"))
ENTITY = "binary_sensor.sovrum"


def planned(config: dict[str, Any], name: str = "Passivitet – sovrum") -> PlannedLine:
    """Return a line that Home Assistant stores like this."""
    return PlannedLine(
        rule="1", name=name, alarm_type=AlarmType.PASSIVITY, config=json.dumps(config), is_on=True, is_broken=False
    )


def using(blueprint: str, **inputs: Any) -> dict[str, Any]:
    """Return an automation of a blueprint."""
    path = blueprint if "/" in blueprint else f"homecare_h2o/{blueprint}.yaml"
    return {"id": "1", "alias": "Passivitet – sovrum", "use_blueprint": {"path": path, "input": inputs}}


def changed(
    before: PlannedLine | None, after: PlannedLine | None, change: PlanChange = PlanChange.CHANGED, **more: Any
) -> LineChange:
    """Return a change of a line."""
    return LineChange(
        change_id="c1",
        at=AT,
        brukare_id="brukare-1",
        rule="1",
        change=change,
        before=before,
        after=after,
        by=Actor(),
        **more,
    )


async def summary(house: House, before: dict[str, Any], after: dict[str, Any], **more: Any) -> str:
    """Return a change of a configuration in a line."""
    return await async_summarize_change(house.hass, house.hub, changed(planned(before), planned(after), **more))


async def speak_english(house: House) -> None:
    """Have the hub speak English."""
    house.hass.config.language = "en"
    house.hub.wording = await Wording.async_load(house.hass)


@pytest.fixture
def says(house: House) -> Says:
    """Return what says values."""
    return Says(house.hass, house.hub.wording)


# --- the names and values of the blueprints -----------------------------------------------------------


@pytest.mark.parametrize("blueprint", BLUEPRINTS)
async def test_every_input_of_a_blueprint_has_words(house: House, snapshot: SnapshotAssertion, blueprint: str) -> None:
    line = planned(using(blueprint, brukare=house.brukare))
    words = await PlanWords.async_load(house.hass, house.hub, [line])
    assert [f"{said.name}: {said.value}" for said in words.values(line)] == snapshot


@pytest.mark.parametrize("blueprint", BLUEPRINTS)
async def test_every_input_of_a_blueprint_has_english_words(
    house: House, snapshot: SnapshotAssertion, blueprint: str
) -> None:
    await speak_english(house)
    line = planned(using(blueprint, brukare=house.brukare))
    words = await PlanWords.async_load(house.hass, house.hub, [line])
    assert [f"{said.name}: {said.value}" for said in words.values(line)] == snapshot


async def test_what_nobody_has_chosen_is_told_as_the_blueprints(house: House) -> None:
    line = planned(using("passivity", threshold={"hours": 4}))
    words = await PlanWords.async_load(house.hass, house.hub, [line])
    said = {each.key: (each.value, each.is_default) for each in words.values(line)}
    assert said["threshold"] == ("4 h", False)
    assert said["from"] == ("06:00 (grundvärde)", True)


# --- a change in one line -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({"threshold": {"hours": 5}}, {"threshold": {"hours": 4}}, "Inaktiv i 5 h → 4 h"),
        ({}, {"threshold": {"hours": 1, "minutes": 30}}, "Inaktiv i 4 h (grundvärde) → 1 h 30 min"),
        ({"from": "06:00:00"}, {"from": "07:30:00"}, "Aktiv från 06:00 → 07:30"),
        ({"all_day": False}, {"all_day": True}, "Dygnet runt nej → ja"),
        ({"placement": "Sovrum"}, {}, "Placering Sovrum → –"),
        ({"brukare_actions": []}, {"brukare_actions": [{"delay": 1}]}, "Gör detta för brukaren ändrad"),
        ({"gone": 1}, {"gone": 2}, "gone 1 → 2"),
    ],
)
async def test_a_change_of_a_value_is_told_in_the_plans_words(
    house: House, old: dict[str, Any], new: dict[str, Any], told: str
) -> None:
    assert await summary(house, using("passivity", **old), using("passivity", **new)) == f"Passivitet – sovrum: {told}"


async def test_several_changes_at_once_are_one_line(house: House) -> None:
    told = await summary(
        house, using("passivity"), using("passivity", adaptation="Sover\nlänge", threshold={"hours": 5})
    )
    assert told == ("Passivitet – sovrum: Anpassning, vanor – → Sover länge; Inaktiv i 4 h (grundvärde) → 5 h")


async def test_a_change_is_told_in_english_too(house: House) -> None:
    await speak_english(house)
    told = await summary(house, using("passivity"), using("passivity", threshold={"hours": 5}))
    assert told == "Passivitet – sovrum: Inactive for 4 h (default) → 5 h"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (PlanChange.CREATED, "ny rad"),
        (PlanChange.DELETED, "borttagen"),
        (PlanChange.TURNED_ON, "påslagen"),
        (PlanChange.TURNED_OFF, "avstängd"),
        (PlanChange.BROKEN, "trasig: Home Assistant tar inte emot den"),
        (PlanChange.MENDED, "hel igen"),
    ],
)
async def test_what_becomes_of_a_line_is_told(house: House, change: PlanChange, told: str) -> None:
    line = planned(using("passivity"))
    before, after = (None if change is PlanChange.CREATED else line), (None if change is PlanChange.DELETED else line)
    said = await async_summarize_change(house.hass, house.hub, changed(before, after, change))
    assert said == f"Passivitet – sovrum: {told}"


async def test_a_line_that_was_brought_back_is_told_as_that(house: House) -> None:
    told = await summary(
        house, using("passivity", placement="A"), using("passivity", placement="B"), restored_from="c0"
    )
    assert told == "Passivitet – sovrum: Placering A → B (återställd)"


async def test_a_line_of_which_nothing_is_known_is_told_by_its_rule(house: House) -> None:
    assert await async_summarize_change(house.hass, house.hub, changed(None, None)) == "1: ändrad"


async def test_a_new_name_is_told(house: House) -> None:
    config = using("passivity")
    change = changed(planned(config, name="Sovrum"), planned(config, name="Hall"))
    assert await async_summarize_change(house.hass, house.hub, change) == "Hall: Namn Sovrum → Hall"


async def test_another_blueprint_is_told_by_its_name(house: House) -> None:
    told = await summary(house, using("passivity"), using("motion"))
    assert told == "Passivitet – sovrum: Blueprint Passivitetslarm → Rörelselarm"


async def test_a_blueprint_that_is_gone_leaves_the_values_as_they_are_written(house: House) -> None:
    told = await summary(house, using("gone", time={"hours": 5}), using("gone", time="{{ now() }}", limit=3))
    assert told == "Passivitet – sovrum: limit – → 3; time ändrad"


async def test_somebody_elses_blueprint_keeps_its_names(house: House) -> None:
    folder = house.folder / "blueprints" / "automation" / "own"
    folder.mkdir(parents=True)
    (folder / "door.yaml").write_text((SOURCE / "door.yaml").read_text().replace("Placering (placement)", "Dörr (kök)"))
    told = await summary(house, using("own/door.yaml", placement="A"), using("own/door.yaml", placement="B"))
    assert told == "Passivitet – sovrum: Dörr (kök) A → B"


async def test_a_line_that_was_made_by_hand_is_told_by_its_parts(house: House) -> None:
    old = {"id": "1", "alias": "Egen", "triggers": [{"trigger": "state"}], "mode": "single", "own_thing": 1}
    new = {"id": "1", "alias": "Min egen", "triggers": [{"trigger": "time"}], "mode": "parallel", "own_thing": 2}
    told = await summary(house, old, new)
    assert told == (
        "Passivitet – sovrum: Namn Egen → Min egen; Körsätt single → parallel; own_thing 1 → 2; Utlösare ändrad"
    )


async def test_a_secret_in_a_line_is_never_shown(house: House) -> None:
    old, new = using("safety_button", disarm_code="1234"), using("safety_button", disarm_code="4321")
    change = changed(planned(old), planned(new))
    words = await PlanWords.async_load(house.hass, house.hub, [change.before])
    (said,) = words.changes(change)
    assert (said.old, said.new) == ("angiven (visas inte)", "angiven (visas inte)")
    assert words.summarize(change).endswith("Kod för att återställa en larmpanel ändrad")
    by_hand = planned({"triggers": [{"options": {"disarm_code": "1234"}}]})
    assert "1234" not in str(words.values(by_hand))


async def test_a_change_never_tells_who_the_brukare_is(house: House) -> None:
    told = await summary(house, using("passivity"), using("passivity", adaptation="Tess T. Person på Testvägen 1"))
    assert told == "Passivitet – sovrum: Anpassning, vanor – → K7-31 på K7-31"


@pytest.mark.parametrize("config", ["", "[]", '{"use_blueprint": {}}', '{"use_blueprint": 1}'])
async def test_a_line_without_a_configuration_has_no_values(house: House, config: str) -> None:
    line = replace(planned({}), config=config)
    words = await PlanWords.async_load(house.hass, house.hub, [line])
    assert words.values(line) == []


# --- values -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("selector", "value", "told"),
    [
        ({"boolean": {}}, True, "ja"),
        ({"boolean": {}}, "off", "nej"),
        ({"boolean": {}}, "kanske", "kanske"),
        ({"duration": {}}, {"hours": 1, "minutes": 30}, "1 h 30 min"),
        ({"duration": {}}, "00:20:00", "20 min"),
        ({"duration": {}}, {"days": 1}, "24 h"),
        ({"duration": {}}, {"seconds": 0}, "0 min"),
        ({"duration": {}}, "{{ states('x') }}", "{{ states('x') }}"),
        ({"time": {}}, "06:00:00", "06:00"),
        ({"time": {}}, "06:00:30", "06:00:30"),
        ({"time": {}}, 21600, "21600"),
        ({"number": {"unit_of_measurement": "lx"}}, 20.0, "20 lx"),
        ({"number": {}}, 2.5, "2.5"),
        ({"number": {}}, "x", "x"),
        ({"select": {"options": ["a", {"value": "b", "label": "B"}], "multiple": True}}, ["a", "b"], "a, B"),
        ({"select": {}}, "a", "a"),
        ({"text": {"multiple": True}}, ["a", "b"], "a, b"),
        ({"text": {"type": "password"}}, "1234", "angiven (visas inte)"),
        ({"entity": {}}, ENTITY, "Sovrum"),
        ({"entity": {"multiple": True}}, [ENTITY, "light.gone"], "Sovrum, light.gone (saknas)"),
        ({"device": {}}, "gone", "gone (saknas)"),
        ({"area": {}}, "gone", "gone (saknas)"),
        ({"floor": {}}, "gone", "gone (saknas)"),
        ({"label": {}}, "gone", "gone (saknas)"),
        ({"target": {}}, {"entity_id": [ENTITY]}, "Sovrum"),
        ({"target": {}}, "x", "x"),
        ({"action": {}}, [{"action": "light.turn_on", "target": {"entity_id": ENTITY}}], "light.turn_on (Sovrum)"),
        ({"action": {}}, [{"alias": "Tänd", "action": "a.b"}, {"action": "c.d"}], "Tänd; c.d"),
        ({"action": {}}, [{"delay": {"seconds": 1}}], '{"delay": {"seconds": 1}}'),
        ({"action": {}}, ["x"], '["x"]'),
        ({"object": {"fields": {"to": {"selector": {"text": {}}}}}}, {"to": "on", "x": 1}, "to: on"),
        ({"object": {"fields": {"to": {"label": "Till", "selector": {"text": {}}}}}}, [{"to": "on"}, {}], "Till: on; "),
        ({"object": {}}, {"a": 1}, '{"a": 1}'),
        ({}, True, "ja"),
        ({}, 3, "3"),
        ({}, {"token": "secret"}, '{"token": "**REDACTED**"}'),
        ({}, None, NOTHING),
        ({"text": {}}, "", NOTHING),
        ({"entity": {}}, [], NOTHING),
        ({"boolean": {}}, False, "nej"),
    ],
)
async def test_a_value_is_told_by_its_selector(
    house: House, says: Says, selector: dict[str, Any], value: Any, told: str
) -> None:
    house.show_now(ENTITY, "off", friendly_name="Sovrum")
    assert says.value(selector, value) == told


async def test_what_is_pointed_at_is_told_by_its_name(house: House, hass: HomeAssistant, says: Says) -> None:
    device = house.device("Dosa")
    entity_id = house.entity(device, "dosa")
    floor = fr.async_get(hass).async_create("Plan 2")
    area = ar.async_get(hass).async_create("Kök")
    label = lr.async_get(hass).async_create("Nattlarm")
    chosen = {
        "entity_id": entity_id,
        "device_id": device.id,
        "area_id": [area.id],
        "floor_id": [floor.floor_id],
        "label_id": [label.label_id],
    }
    assert says.value({"target": {}}, chosen) == f"{entity_id}, Dosa, Kök, Plan 2, Nattlarm"


async def test_the_sensors_of_a_step_are_found(house: House, says: Says) -> None:
    house.show_now(ENTITY, "off", friendly_name="Sovrum")
    selector: dict[str, Any] = {
        "object": {"fields": {"entity_id": {"selector": {"entity": {}}}, "to": {"selector": {"text": {}}}}}
    }
    assert says.names(selector, [{"entity_id": [ENTITY], "to": "on"}, "x"]) == ["Sovrum"]
    assert says.names({"target": {}}, "x") == []
    assert says.names({"text": {}}, "x") == []


@pytest.mark.parametrize(
    ("span", "told"),
    [
        (timedelta(hours=5), "5 h"),
        (timedelta(hours=36, minutes=5, seconds=1), "36 h 5 min 1 s"),
        (timedelta(0), "0 min"),
    ],
)
def test_a_span_is_told_as_people_say_it(span: timedelta, told: str) -> None:
    assert say_duration(span) == told


def test_a_long_text_is_cut() -> None:
    assert cut("a\n b", 10) == "a b"
    assert cut("abcdefgh", 5) == "abcd…"
    assert say_time("23:59") == "23:59"
