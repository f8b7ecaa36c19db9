"""A line of the handlingsplan is brought back as it was, and it is said why it was changed (R011.3, HP.2)."""

from typing import Any
from unittest.mock import patch

from homeassistant.auth.const import GROUP_ID_ADMIN, GROUP_ID_USER
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml
import pytest

from custom_components.homecare_h2o import plan_edit
from custom_components.homecare_h2o.const import DOMAIN
from custom_components.homecare_h2o.core.errors import PlanNotEditableError
from custom_components.homecare_h2o.core.events import AccessRefused, Actor, DeviationUpdated
from custom_components.homecare_h2o.core.handlingsplan import Edit
from custom_components.homecare_h2o.core.plan_events import PlanChange, PlanChanged, PlanCommented
from custom_components.homecare_h2o.plan_edit import async_restore
from custom_components.homecare_h2o.plan_history import PlanHistory

from .rules import House, count, settle
from .steps import call

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

FIVE: dict[str, Any] = {"threshold": {"hours": 5}, "to": "12:00:00"}
FOUR: dict[str, Any] = {"threshold": {"hours": 4}, "to": "12:00:00"}
PASSIVITY = "passivity 1"


@pytest.fixture(autouse=True)
async def _editor(hass: HomeAssistant, house: House) -> None:
    """Have the automation editor of Home Assistant, and a sensor that is there."""
    assert await async_setup_component(hass, "config", {})
    await house.motion("off")


@pytest.fixture
async def larmansvarig(hass: HomeAssistant) -> str:
    """Return somebody who may change the plan."""
    return (await hass.auth.async_create_user("Anna", group_ids=[GROUP_ID_ADMIN])).id


def stored(house: House) -> dict[str, dict[str, Any]]:
    """Return the automations as they are in the file."""
    found: Any = load_yaml(str(house.folder / "automations.yaml"))
    return {each["id"]: each for each in found}


def inputs(house: House, rule: str = PASSIVITY) -> dict[str, Any]:
    """Return the inputs of a line as they are in the file."""
    found: dict[str, Any] = stored(house)[rule]["use_blueprint"]["input"]
    return found


async def changes(house: House, *kinds: PlanChange) -> list[PlanChanged]:
    """Return what is journalled of the plan."""
    found = [event for event in await house.journal() if isinstance(event, PlanChanged)]
    return [event for event in found if event.change in (kinds or tuple(PlanChange))]


async def last_change(house: House, *kinds: PlanChange) -> str:
    """Return the id of the last change."""
    return (await changes(house, *kinds))[-1].change_id


async def restore(house: House, user_id: str, change_id: str, **data: Any) -> Any:
    """Bring a line back."""
    return await call(house.hass, "restore_plan_line", user_id, change_id=change_id, **data)


async def refused(house: House, user_id: str | None, action: str, **data: Any) -> Any:
    """Return why something is refused."""
    with pytest.raises(HomeAssistantError) as caught:
        await house.hass.services.async_call(
            DOMAIN, action, data, blocking=True, return_response=True, context=Context(user_id=user_id)
        )
    await settle(house.hass)
    assert caught.value.translation_domain == DOMAIN
    return caught.value.translation_key


@pytest.fixture
async def changed(house: House) -> str:
    """Have a line changed from five hours to four, beside another; returns the change."""
    await house.use(house.passivity(**FIVE), house.button())
    await house.use(house.passivity(**FOUR), house.button())
    return await last_change(house)


# --- a line is brought back -------------------------------------------------------------------------


async def test_a_line_is_as_it_was_before_the_change(house: House, changed: str, larmansvarig: str) -> None:
    await restore(house, larmansvarig, changed)
    assert inputs(house)["threshold"] == {"hours": 5}
    assert house.hub.plan.lines["brukare-1", PASSIVITY].config.count('"hours":5') == 1
    assert house.hass.states.is_state(house.automation(PASSIVITY), "on")


async def test_no_other_automation_is_touched(house: House, changed: str, larmansvarig: str) -> None:
    before = stored(house)["button 1"]
    await restore(house, larmansvarig, changed)
    assert stored(house)["button 1"] == before
    assert stored(house).keys() == {PASSIVITY, "button 1"}
    assert house.hass.states.is_state(house.automation("button 1"), "on")


async def test_it_is_journalled_who_brought_what_back(house: House, changed: str, larmansvarig: str) -> None:
    told = await restore(house, larmansvarig, changed)
    last = (await changes(house))[-1]
    assert (last.change, last.by.user_id, last.restored_from) == (PlanChange.CHANGED, larmansvarig, changed)
    assert told == {"change_id": last.change_id, "restored_from": changed}


async def test_what_was_brought_back_can_be_undone_as_well(house: House, changed: str, larmansvarig: str) -> None:
    told = await restore(house, larmansvarig, changed)
    await restore(house, larmansvarig, told["change_id"])
    assert inputs(house)["threshold"] == {"hours": 4}


async def test_it_is_said_why_a_line_is_brought_back(house: House, changed: str, larmansvarig: str) -> None:
    told = await restore(house, larmansvarig, changed, comment=" Sover längre ")
    found = house.hub.plan.find_change(told["change_id"])
    assert found
    assert (found.comment, found.comment_by and found.comment_by.user_id) == ("Sover längre", larmansvarig)


async def test_a_value_that_only_people_read_is_brought_back(house: House, larmansvarig: str) -> None:
    await house.use(house.passivity(placement="Sovrum", adaptation="Sover till nio"))
    await house.use(house.passivity(placement="Hall", adaptation="Sover till nio"))
    await restore(house, larmansvarig, await last_change(house))
    assert inputs(house)["placement"] == "Sovrum"
    assert '"placement":"Sovrum"' in house.hub.plan.lines["brukare-1", PASSIVITY].config
    await house.use(house.passivity(placement="Sovrum", adaptation="Sover till tio"))
    assert "Sover till tio" in house.hub.plan.lines["brukare-1", PASSIVITY].config


async def test_a_deleted_line_is_brought_back(house: House, changed: str, larmansvarig: str) -> None:
    entity_id = house.automation(PASSIVITY)
    await house.use(house.button())
    er.async_get(house.hass).async_remove(entity_id)
    await settle(house.hass)
    await restore(house, larmansvarig, await last_change(house, PlanChange.DELETED))
    assert inputs(house)["threshold"] == {"hours": 4}
    assert house.hass.states.is_state(house.automation(PASSIVITY), "on")
    last = (await changes(house))[-1]
    assert (last.change, last.by.user_id) == (PlanChange.CREATED, larmansvarig)


async def test_a_line_that_was_turned_off_is_turned_on_again(house: House, changed: str, larmansvarig: str) -> None:
    await house.switch(PASSIVITY, on=False)
    turned_off = await last_change(house, PlanChange.TURNED_OFF)
    await restore(house, larmansvarig, turned_off)
    assert house.hass.states.is_state(house.automation(PASSIVITY), "on")
    last = (await changes(house))[-1]
    assert (last.change, last.by.user_id, last.restored_from) == (PlanChange.TURNED_ON, larmansvarig, turned_off)


async def test_a_line_that_was_off_is_brought_back_off(house: House, changed: str, larmansvarig: str) -> None:
    await house.switch(PASSIVITY, on=False)
    await house.switch(PASSIVITY, on=True)
    await restore(house, larmansvarig, await last_change(house, PlanChange.TURNED_ON))
    assert house.hass.states.is_state(house.automation(PASSIVITY), "off")


async def test_a_line_that_was_made_by_hand_is_brought_back(house: House, larmansvarig: str) -> None:
    data = {"device_id": house.brukare, "alarm_type": "door"}
    own = {
        "id": "own",
        "alias": "Egen",
        "triggers": [{"trigger": "state", "entity_id": "binary_sensor.door", "to": "on"}],
        "actions": [{"action": "homecare_h2o.raise_alarm", "data": data}],
    }
    await house.use(own)
    await house.use({**own, "alias": "Min egen", "mode": "parallel"})
    await restore(house, larmansvarig, await last_change(house))
    assert stored(house)["own"] == own


# --- it is refused ----------------------------------------------------------------------------------


async def test_the_same_twice_is_refused(house: House, changed: str, larmansvarig: str) -> None:
    await restore(house, larmansvarig, changed)
    assert await refused(house, larmansvarig, "restore_plan_line", change_id=changed) == "line_is_so_already"


async def test_what_nobody_knows_is_refused(house: House, changed: str, larmansvarig: str) -> None:
    assert await refused(house, larmansvarig, "restore_plan_line", change_id="x") == "unknown_plan_change"
    why = await refused(house, larmansvarig, "comment_plan_change", change_id="x", comment="y")
    assert why == "unknown_plan_change"


async def test_before_a_line_was_made_there_is_nothing(house: House, changed: str, larmansvarig: str) -> None:
    made = (await changes(house, PlanChange.CREATED))[0].change_id
    assert await refused(house, larmansvarig, "restore_plan_line", change_id=made) == "nothing_to_restore"


async def test_a_line_that_is_not_accepted_any_more_is_refused(house: House, changed: str, larmansvarig: str) -> None:
    (house.folder / "blueprints" / "automation" / "homecare_h2o" / "passivity.yaml").unlink()
    await house.reload()
    before = (house.folder / "automations.yaml").read_text()
    assert await refused(house, larmansvarig, "restore_plan_line", change_id=changed) == "line_not_accepted"
    assert (house.folder / "automations.yaml").read_text() == before


async def test_a_line_in_a_file_of_its_own_is_refused(house: House, changed: str, larmansvarig: str) -> None:
    (house.folder / "automations.yaml").rename(house.folder / "own.yaml")
    (house.folder / "configuration.yaml").write_text("automation: !include own.yaml\n")
    assert await refused(house, larmansvarig, "restore_plan_line", change_id=changed) == "line_lives_elsewhere"
    assert not (house.folder / "automations.yaml").exists()


async def test_a_file_that_cannot_be_read_is_left_alone(house: House, changed: str, larmansvarig: str) -> None:
    (house.folder / "automations.yaml").write_text("- id: 1\n  alias: [")
    assert await refused(house, larmansvarig, "restore_plan_line", change_id=changed) == "plan_not_editable"
    assert (house.folder / "automations.yaml").read_text() == "- id: 1\n  alias: ["


async def test_a_disk_that_is_full_is_told(house: House, changed: str, larmansvarig: str) -> None:
    before = (house.folder / "automations.yaml").read_text()
    with patch("homeassistant.components.config.view.write_utf8_file_atomic", side_effect=OSError("disk full")):
        assert await refused(house, larmansvarig, "restore_plan_line", change_id=changed) == "plan_not_editable"
    assert (house.folder / "automations.yaml").read_text() == before
    await restore(house, larmansvarig, changed)
    assert inputs(house)["threshold"] == {"hours": 5}


async def test_a_line_that_is_saved_where_nobody_looks_is_told(house: House, changed: str, larmansvarig: str) -> None:
    await house.use()
    await settle(house.hass)
    (house.folder / "configuration.yaml").write_text("automation: []\n")
    er.async_get(house.hass).async_remove(house.automation(PASSIVITY))
    await settle(house.hass)
    deleted = [each for each in await changes(house, PlanChange.DELETED) if each.rule == PASSIVITY][-1].change_id
    assert await refused(house, larmansvarig, "restore_plan_line", change_id=deleted) == "line_not_in_use"


@pytest.mark.parametrize("content", ["id: 1\nalias: x\n", "- x\n", "x"])
async def test_a_file_that_is_no_list_of_automations_is_left_alone(
    house: House, changed: str, larmansvarig: str, content: str
) -> None:
    (house.folder / "automations.yaml").write_text(content)
    assert await refused(house, larmansvarig, "restore_plan_line", change_id=changed) == "plan_not_editable"
    assert (house.folder / "automations.yaml").read_text() == content


async def test_a_line_that_is_being_brought_back_waits_for_that(house: House, changed: str, larmansvarig: str) -> None:
    house.hub.edits[PASSIVITY] = Edit(by=Actor(), restored_from=changed)
    assert await refused(house, larmansvarig, "restore_plan_line", change_id=changed) == "plan_not_editable"
    assert inputs(house)["threshold"] == {"hours": 4}


async def test_nobody_can_bring_nothing_back(house: House, changed: str) -> None:
    with pytest.raises(PlanNotEditableError):
        await async_restore(house.hass, house.hub, changed, Actor())


async def test_what_is_not_journalled_in_time_is_not_waited_for(
    house: House, changed: str, larmansvarig: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_edit, "JOURNALLED_WITHIN", 0)
    with patch.object(PlanHistory, "_with_edit", lambda _self, change: change):
        assert (await restore(house, larmansvarig, changed))["change_id"] is None
    assert inputs(house)["threshold"] == {"hours": 5}


async def test_without_the_editor_nothing_is_changed(house: House, changed: str, larmansvarig: str) -> None:
    with no_editor(house.hass):
        assert await refused(house, larmansvarig, "restore_plan_line", change_id=changed) == "plan_not_editable"
    assert inputs(house)["threshold"] == {"hours": 4}


def no_editor(hass: HomeAssistant) -> Any:
    """Run without the editor."""
    return patch.object(type(hass.http.app.router), "resources", return_value=[])


# --- who may ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["restore_plan_line", "comment_plan_change"])
async def test_only_a_larmansvarig_may(house: House, changed: str, action: str) -> None:
    staff = await house.hass.auth.async_create_user("Staff", group_ids=[GROUP_ID_USER])
    assert await refused(house, staff.id, action, change_id=changed, comment="x") == "not_allowed"
    assert await refused(house, None, action, change_id=changed, comment="x") == "not_allowed"
    assert inputs(house)["threshold"] == {"hours": 4}
    told = [event.permission for event in await house.journal() if isinstance(event, AccessRefused)]
    assert told == ["restore", "restore"]


# --- it is said why ---------------------------------------------------------------------------------


async def test_a_comment_on_a_change_is_journalled_with_who_said_it(
    house: House, changed: str, larmansvarig: str
) -> None:
    await call(house.hass, "comment_plan_change", larmansvarig, change_id=changed, comment="Vaknar tidigt")
    (said,) = [event for event in await house.journal() if isinstance(event, PlanCommented)]
    assert (said.change_id, said.comment, said.by.user_id) == (changed, "Vaknar tidigt", larmansvarig)
    (noted,) = [event for event in await house.journal() if isinstance(event, DeviationUpdated)]
    assert noted.comment == "Vaknar tidigt"


async def test_the_last_comment_counts(house: House, changed: str, larmansvarig: str) -> None:
    await call(house.hass, "comment_plan_change", larmansvarig, change_id=changed, comment="Först")
    await call(house.hass, "comment_plan_change", larmansvarig, change_id=changed, comment="Sedan")
    found = house.hub.plan.find_change(changed)
    assert found
    assert found.comment == "Sedan"


async def test_a_change_that_is_not_in_the_inbox_can_be_commented_on(house: House, larmansvarig: str) -> None:
    await house.use(house.passivity(**FIVE))
    first = (await changes(house))[0].change_id
    await call(house.hass, "comment_plan_change", larmansvarig, change_id=first, comment="Enligt beslut")
    found = house.hub.plan.find_change(first)
    assert found
    assert found.comment == "Enligt beslut"


async def test_the_same_comment_twice_is_said_once(house: House, changed: str, larmansvarig: str) -> None:
    for _ in range(2):
        await call(house.hass, "comment_plan_change", larmansvarig, change_id=changed, comment="Först")
    assert count(await house.journal(), PlanCommented) == 1


@pytest.mark.parametrize("comment", ["", "  ", "x" * 4001])
async def test_an_empty_or_endless_comment_is_refused(
    house: House, changed: str, larmansvarig: str, comment: str
) -> None:
    from probatio import Invalid

    with pytest.raises(Invalid):
        await call(house.hass, "comment_plan_change", larmansvarig, change_id=changed, comment=comment)
