"""The handlingsplan is the automations, and remembers every change of them: what, when and by whom (R011.3, HP.2)."""

import asyncio
from collections.abc import AsyncGenerator
from http import HTTPStatus
import json
from typing import Any
from unittest.mock import patch

from aiohttp.test_utils import TestClient
from homeassistant.auth.const import GROUP_ID_ADMIN
from homeassistant.auth.models import User
from homeassistant.components.automation import DATA_COMPONENT
from homeassistant.core import Context, Event as HassEvent, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.homecare_h2o.const import EVENT_PLAN, SIGNAL_SWEEP
from custom_components.homecare_h2o.core.errors import JournalUnavailableError
from custom_components.homecare_h2o.core.events import (
    Actor,
    AlarmRaised,
    DeviationKind,
    DeviationStatus,
    DeviationUpdated,
)
from custom_components.homecare_h2o.core.handlingsplan import Edit, LineChange, diff_values
from custom_components.homecare_h2o.core.plan_events import PlanChange, PlanChanged, PlanCommented
from custom_components.homecare_h2o.journal import SqliteJournal
from custom_components.homecare_h2o.plan_history import RULE, PlanHistory

from .conftest import Pushed
from .rules import House, settle
from .steps import call, entity_id

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

type Editor = TestClient[Any, Any]

FIVE: dict[str, Any] = {"threshold": {"hours": 5}, "all_day": True}
FOUR: dict[str, Any] = {"threshold": {"hours": 4}, "all_day": True}
NOBODY = Actor()
LINE = "passivity 1"


@pytest.fixture
async def editor(house: House, hass_client: ClientSessionGenerator) -> Editor:
    """Return the automation editor, used by somebody who may."""
    house.write()
    assert await async_setup_component(house.hass, "config", {})
    client: Editor = await hass_client()
    return client


@pytest.fixture
def anna(hass_admin_user: User) -> Actor:
    """Return who uses the editor."""
    return Actor(user_id=hass_admin_user.id)


@pytest.fixture
async def bo(house: House) -> Actor:
    """Return somebody else who may."""
    user = await house.hass.auth.async_create_user("Bo", group_ids=[GROUP_ID_ADMIN])
    return Actor(user_id=user.id)


async def save(house: House, editor: Editor, rule: dict[str, Any]) -> None:
    """Save an automation in the editor."""
    config = {key: value for key, value in rule.items() if key != "id"}
    answer = await editor.post(f"/api/config/automation/config/{rule['id']}", data=json.dumps(config))
    assert answer.status == HTTPStatus.OK
    await settle(house.hass)


async def delete(house: House, editor: Editor, rule_id: str = LINE) -> None:
    """Delete an automation in the editor."""
    answer = await editor.delete(f"/api/config/automation/config/{rule_id}")
    assert answer.status == HTTPStatus.OK
    await settle(house.hass)


async def changes(house: House) -> list[PlanChanged]:
    """Return what the journal has of the plan."""
    return [event for event in await house.journal() if isinstance(event, PlanChanged)]


async def kinds(house: House) -> list[PlanChange]:
    """Return what has become of the lines, one thing after the other."""
    return [event.change for event in await changes(house)]


async def alarms(house: House) -> list[AlarmRaised]:
    """Return the alarms that tell of lines that are gone."""
    raised = [event for event in await house.journal() if isinstance(event, AlarmRaised)]
    return [event for event in raised if event.rule.startswith(RULE)]


async def inbox(house: House) -> list[dict[str, Any]]:
    """Return what is in the larmansvarig's inbox about the plan, oldest first."""
    found = (await call(house.hass, "get_deviations"))["deviations"]
    return [item for item in found if item["kind"] == DeviationKind.PLAN_CHANGED]


def history(house: House, rule: str = LINE) -> tuple[LineChange, ...]:
    """Return the changes of a line, as the hub knows them."""
    return house.hub.plan.histories["brukare-1", rule].changes


def deleted_issues(house: House) -> list[str]:
    """Return the repair issues of lines that are gone."""
    return [issue_id for issue_id in house.issues() if issue_id.startswith("line_deleted:")]


# --- who has changed what -------------------------------------------------------------------------


async def test_who_saves_a_new_line_in_the_editor_is_named(house: House, editor: Editor, anna: Actor) -> None:
    await save(house, editor, house.passivity(**FIVE))
    (created,) = await changes(house)
    assert (created.change, created.by, created.brukare_id, created.rule) == (
        PlanChange.CREATED,
        anna,
        "brukare-1",
        LINE,
    )
    (line,) = house.hub.plan.lines_of("brukare-1")
    assert (line.created_at, line.created_by) == (created.at, anna)


async def test_a_value_that_is_changed_in_the_editor_is_kept_as_it_was_and_as_it_is(
    house: House, editor: Editor, anna: Actor
) -> None:
    await save(house, editor, house.passivity(**FIVE))
    await save(house, editor, house.passivity(**FOUR))
    assert await kinds(house) == [PlanChange.CREATED, PlanChange.CHANGED]
    change = history(house)[-1]
    assert change.before
    assert change.after
    (value,) = diff_values(change.before.config, change.after.config)
    assert (value.key, value.old, value.new, change.by) == ("threshold", {"hours": 5}, {"hours": 4}, anna)


async def test_saving_without_a_change_journals_nothing(house: House, editor: Editor) -> None:
    await save(house, editor, house.passivity())
    await save(house, editor, house.passivity())
    await house.reload()
    assert await kinds(house) == [PlanChange.CREATED]


async def test_who_deletes_a_line_in_the_editor_is_named(house: House, editor: Editor, anna: Actor) -> None:
    await save(house, editor, house.passivity())
    await delete(house, editor)
    (_, deleted) = await changes(house)
    assert (deleted.change, deleted.by, deleted.line) == (PlanChange.DELETED, anna, None)


async def test_who_turns_a_line_off_and_on_is_named(house: House, bo: Actor) -> None:
    await house.use(house.passivity())
    target = {"entity_id": house.automation(LINE)}
    for service in ("turn_off", "turn_on"):
        await house.hass.services.async_call("automation", service, target, True, Context(user_id=bo.user_id))
        await settle(house.hass)
    assert [(each.change, each.by) for each in (await changes(house))[1:]] == [
        (PlanChange.TURNED_OFF, bo),
        (PlanChange.TURNED_ON, bo),
    ]


async def test_what_an_automation_turns_off_was_done_by_nobody(house: House) -> None:
    await house.use(house.passivity())
    await house.switch(LINE, on=False)
    assert [(each.change, each.by) for each in (await changes(house))[1:]] == [(PlanChange.TURNED_OFF, NOBODY)]


async def test_who_loads_a_changed_file_is_named(house: House, bo: Actor) -> None:
    await house.use(house.passivity(**FIVE))
    house.write(house.passivity(**FOUR))
    await house.hass.services.async_call("automation", "reload", blocking=True, context=Context(user_id=bo.user_id))
    await settle(house.hass)
    assert (await changes(house))[-1].by == bo


async def test_who_removes_a_line_from_the_list_of_entities_is_named(
    house: House, hass_ws_client: WebSocketGenerator, anna: Actor
) -> None:
    assert await async_setup_component(house.hass, "config", {})
    await house.use(house.passivity())
    client = await hass_ws_client(house.hass)
    await client.send_json_auto_id({"type": "config/entity_registry/remove", "entity_id": house.automation(LINE)})
    assert (await client.receive_json())["success"]
    await settle(house.hass)
    assert [(each.change, each.by) for each in (await changes(house))[1:]] == [(PlanChange.DELETED, anna)]


async def test_what_is_brought_back_says_so(house: House, bo: Actor) -> None:
    await house.use(house.passivity(**FIVE))
    await house.use(house.passivity(**FOUR))
    change_id = history(house)[-1].change_id
    house.hub.edits[LINE] = Edit(by=bo, restored_from=change_id)
    await house.use(house.passivity(**FIVE))
    assert (history(house)[-1].restored_from, history(house)[-1].by) == (change_id, bo)


async def test_only_what_raises_a_brukares_alarms_is_a_line(house: House) -> None:
    lamp = {
        "id": "lamp",
        "alias": "Lamp",
        "triggers": [{"trigger": "event", "event_type": "x"}],
        "actions": [{"event": "y"}],
    }
    await house.use(lamp)
    await house.switch("lamp", on=False)
    await house.use()
    assert await changes(house) == []


async def test_a_line_that_raises_nothing_any_more_is_deleted(house: House) -> None:
    line = {
        "id": LINE,
        "alias": "Own",
        "triggers": [{"trigger": "event", "event_type": "x"}],
        "actions": [
            {
                "action": "homecare_h2o.raise_alarm",
                "target": {"device_id": house.brukare},
                "data": {"alarm_type": "technical"},
            }
        ],
    }
    await house.use(line)
    await house.use({**line, "actions": [{"event": "y"}]})
    assert await kinds(house) == [PlanChange.CREATED, PlanChange.DELETED]


async def test_a_line_whose_entity_is_renamed_has_not_changed(house: House) -> None:
    await house.use(house.passivity())
    er.async_get(house.hass).async_update_entity(house.automation(LINE), new_entity_id="automation.renamed")
    await settle(house.hass)
    async_dispatcher_send(house.hass, SIGNAL_SWEEP)
    async_dispatcher_send(house.hass, SIGNAL_SWEEP)
    await house.reload()
    assert await kinds(house) == [PlanChange.CREATED]


# --- lines that Home Assistant does not accept ------------------------------------------------------


async def test_a_line_whose_blueprint_is_gone_is_broken_until_it_is_back(house: House) -> None:
    await house.use(house.passivity(**FIVE))
    blueprint = house.folder / "blueprints/automation/homecare_h2o/passivity.yaml"
    text = blueprint.read_text()
    blueprint.unlink()
    await house.reload()
    blueprint.write_text(text)
    await house.reload()
    assert await kinds(house) == [PlanChange.CREATED, PlanChange.BROKEN, PlanChange.MENDED]
    assert house.hub.plan.lines["brukare-1", LINE].is_on


async def test_a_change_that_breaks_a_line_leaves_what_was_known_of_it(house: House) -> None:
    await house.use(house.passivity(**FIVE))
    known = house.hub.plan.lines["brukare-1", LINE].config
    await house.use(house.passivity(threshold={"hours": 0}))
    assert house.broken()
    assert await kinds(house) == [PlanChange.CREATED, PlanChange.BROKEN]
    assert house.hub.plan.lines["brukare-1", LINE].config == known


async def test_a_line_of_which_nothing_is_left_is_broken_and_not_deleted(house: House) -> None:
    other = house.folder / "blueprints/automation/own/line.yaml"
    other.parent.mkdir(parents=True)
    other.write_text(
        "blueprint:\n  name: Own\n  domain: automation\n  input:\n    brukare:\n"
        "triggers:\n  - trigger: event\n    event_type: x\n"
        "actions:\n  - action: homecare_h2o.raise_alarm\n    target:\n      device_id: !input brukare\n"
        "    data:\n      alarm_type: technical\n"
    )
    line = {
        "id": LINE,
        "alias": "Own",
        "use_blueprint": {"path": "own/line.yaml", "input": {"brukare": house.brukare}},
    }
    await house.use(line)
    other.unlink()
    await house.reload()
    assert await kinds(house) == [PlanChange.CREATED, PlanChange.BROKEN]
    assert await alarms(house) == []


async def test_a_line_that_cannot_be_written_down_is_a_line_all_the_same(house: House) -> None:
    await house.use(house.passivity(message="Ring på", actions=[{"event": "x", "event_data": {"number": 2**70}}]))
    assert [(each.change, each.line.config if each.line else None) for each in await changes(house)] == [
        (PlanChange.CREATED, "")
    ]


# --- what is told ---------------------------------------------------------------------------------


async def test_a_line_that_is_deleted_is_told_at_once(house: House, editor: Editor, pushed: Pushed) -> None:
    await save(house, editor, house.passivity())
    await delete(house, editor)
    (alarm,) = await alarms(house)
    assert (alarm.alarm_type, alarm.message) == (
        "technical",
        "Borttaget ur handlingsplanen: Passivitetslarm. Inga sådana larm kommer därifrån längre.",
    )
    assert [push["title"] for push in pushed("Larmansvarig")] == ["K7-31 · Tekniskt larm"]
    assert deleted_issues(house) == [f"line_deleted:brukare-1.{LINE}"]


async def test_lines_that_go_together_are_told_in_one_alarm(house: House) -> None:
    await house.use(house.passivity(), house.button())
    await house.use()
    (alarm,) = await alarms(house)
    assert "Trygghetslarm, Passivitetslarm" in str(alarm.message)
    assert [item["source"] for item in await inbox(house)] == [each.change_id for each in await changes(house)]


async def test_a_deleted_line_that_is_back_is_shown_no_longer(house: House) -> None:
    await house.use(house.passivity())
    await house.use()
    await house.use(house.passivity())
    assert await kinds(house) == [PlanChange.CREATED, PlanChange.DELETED, PlanChange.CREATED]
    assert deleted_issues(house) == []


async def test_a_deletion_that_the_larmansvarig_has_archived_is_shown_no_longer(house: House) -> None:
    await house.use(house.passivity())
    await house.use()
    item = (await inbox(house))[-1]
    await call(house.hass, "update_deviation", deviation_id=item["deviation_id"], status="archived")
    assert deleted_issues(house) == []
    await house.start_hub_again()
    assert deleted_issues(house) == []


async def test_a_deletion_is_shown_again_after_a_restart(house: House) -> None:
    await house.use(house.passivity())
    await house.use()
    await house.stop_hub()
    ir.async_get(house.hass).issues.clear()
    await house.start_hub()
    assert deleted_issues(house) == [f"line_deleted:brukare-1.{LINE}"]
    assert len(await alarms(house)) == 1


async def test_a_line_that_is_disabled_is_gone(house: House) -> None:
    await house.use(house.passivity())
    registry, automation = er.async_get(house.hass), house.automation(LINE)
    registry.async_update_entity(automation, disabled_by=er.RegistryEntryDisabler.USER)
    await settle(house.hass)
    assert await kinds(house) == [PlanChange.CREATED, PlanChange.DELETED]
    assert len(await alarms(house)) == 1
    registry.async_update_entity(automation, disabled_by=None)
    await house.reload()
    assert (await kinds(house))[-1] is PlanChange.CREATED


async def test_every_change_is_in_the_inbox_with_who_made_it(house: House, editor: Editor, anna: Actor) -> None:
    await save(house, editor, house.passivity(**FIVE))
    await save(house, editor, house.passivity(**FOUR))
    (created, changed) = await inbox(house)
    assert (created["user_id"], changed["user_id"]) == (anna.user_id, anna.user_id)
    assert changed["source"] == history(house)[-1].change_id
    assert changed["text"] in changed["summary"]
    assert changed["text"].startswith("passivity 1: ")


async def test_a_change_that_cannot_be_put_into_words_is_in_the_inbox_all_the_same(house: House) -> None:
    with patch("custom_components.homecare_h2o.plan_history.async_summarize_change", side_effect=KeyError("?")):
        await house.use(house.passivity())
    assert len(await inbox(house)) == 1


async def test_no_name_and_no_address_leaves_with_a_change(house: House, pushed: Pushed) -> None:
    await house.use({**house.passivity(message="Tess bor på Testvägen 1"), "alias": "Larm hos Tess"})
    await house.use({**house.passivity(message="Ring på hos Tess"), "alias": "Larm hos Tess"})
    await house.use()
    told = json.dumps([await inbox(house), pushed("Larmansvarig")], ensure_ascii=False, default=str)
    assert "Tess" not in told
    assert "Testvägen" not in told


async def test_the_plan_that_was_there_before_its_history_is_journalled_and_not_told(house: House) -> None:
    await house.stop_hub()
    await house.use(house.passivity(), house.button())
    await house.start_hub()
    assert await kinds(house) == [PlanChange.CREATED, PlanChange.CREATED]
    assert await inbox(house) == []
    await house.start_hub_again()
    assert await inbox(house) == []


# --- brukare who come and go ------------------------------------------------------------------------


async def test_the_lines_of_a_brukare_who_is_gone_are_gone_in_silence(house: House) -> None:
    await house.use(house.passivity())
    house.hass.config_entries.async_remove_subentry(house.entry, "brukare-1")
    await settle(house.hass)
    assert await kinds(house) == [PlanChange.CREATED, PlanChange.DELETED]
    assert await alarms(house) == []
    assert deleted_issues(house) == []


# --- while automations are loaded -----------------------------------------------------------------


@pytest.fixture
async def sweeping(house: House) -> AsyncGenerator[list[str]]:
    """Have everything looked at whenever the automation shows something: also while it is loaded anew."""
    seen: list[str] = []

    @callback
    def on_change(event: HassEvent[Any]) -> None:
        seen.append(str(event.data["new_state"] and event.data["new_state"].state))
        async_dispatcher_send(house.hass, SIGNAL_SWEEP)
        async_dispatcher_send(house.hass, SIGNAL_SWEEP)

    stop = async_track_state_change_event(house.hass, ["automation.passivity_1"], on_change)
    yield seen
    stop()


async def test_a_line_that_is_being_loaded_anew_is_neither_gone_nor_broken(house: House, sweeping: list[str]) -> None:
    await house.use(house.passivity(**FIVE))
    await house.use(house.passivity(**FOUR))
    assert "unavailable" in sweeping
    assert await kinds(house) == [PlanChange.CREATED, PlanChange.CHANGED]


async def test_a_line_that_shows_only_what_was_kept_of_it_is_not_broken(house: House) -> None:
    await house.use(house.passivity())
    house.hass.states.async_set(house.automation(LINE), "unavailable", {"restored": True})
    async_dispatcher_send(house.hass, SIGNAL_SWEEP)
    async_dispatcher_send(house.hass, SIGNAL_SWEEP)
    assert await kinds(house) == [PlanChange.CREATED]


async def test_many_reloads_at_once_tell_each_change_once(house: House, editor: Editor) -> None:
    await house.use(house.passivity(**FIVE), house.button())
    house.write(house.passivity(**FOUR), house.button())
    await asyncio.gather(
        *(house.hass.services.async_call("automation", "reload", blocking=True) for _ in range(10)),
        save(house, editor, house.button(message="Ring på")),
    )
    await house.reload()
    assert sorted((each.rule, each.change) for each in await changes(house)) == [
        ("button 1", PlanChange.CHANGED),
        ("button 1", PlanChange.CREATED),
        ("passivity 1", PlanChange.CHANGED),
        ("passivity 1", PlanChange.CREATED),
    ]


async def test_a_reload_that_fails_halfway_is_told_when_the_line_does_not_come_back(house: House) -> None:
    await house.use(house.passivity())
    (automation,) = house.hass.data[DATA_COMPONENT].entities
    await automation.async_remove()
    await house.at("2026-11-02 12:00:45")
    assert await kinds(house) == [PlanChange.CREATED]
    await house.at("2026-11-02 12:02:00")
    await house.at("2026-11-02 12:02:30")
    assert await kinds(house) == [PlanChange.CREATED, PlanChange.DELETED]
    assert len(await alarms(house)) == 1


async def test_without_automations_every_line_is_gone(house: House) -> None:
    await house.use(house.passivity())
    component = house.hass.data.pop(DATA_COMPONENT)
    await house.start_hub_again()
    await house.at("2026-11-02 12:01:30")
    await house.at("2026-11-02 12:02:00")
    house.hass.data[DATA_COMPONENT] = component
    assert await kinds(house) == [PlanChange.CREATED, PlanChange.DELETED]


async def test_what_nobody_told_of_is_found_by_the_sweep(house: House) -> None:
    await house.use(house.passivity())
    dr.async_get(house.hass).async_remove_device(house.brukare)
    await house.at("2026-11-02 12:01:00")
    await house.at("2026-11-02 12:02:00")
    assert await kinds(house) == [PlanChange.CREATED, PlanChange.DELETED]
    assert len(await alarms(house)) == 1


# --- over restarts ----------------------------------------------------------------------------------


async def test_nothing_is_told_twice_over_a_restart(house: House) -> None:
    await house.use(house.passivity(), house.button())
    await house.switch("button 1", on=False)
    before = house.hub.plan
    await house.restart("2026-11-02 12:30:00")
    await house.switch("button 1", on=False)
    await house.start_hub_again()
    plan = house.hub.plan
    assert plan.histories.keys() == before.histories.keys()
    assert history(house) == before.histories["brukare-1", LINE].changes


async def test_what_was_changed_while_the_hub_was_away_is_told_at_its_start(house: House) -> None:
    await house.use(house.passivity(**FIVE), house.button())
    await house.stop_hub()
    await house.use(house.passivity(**FOUR), house.button())
    er.async_get(house.hass).async_remove(house.automation("button 1"))
    await settle(house.hass)
    await house.start_hub()
    found = {(each.rule, each.change, each.by) for each in (await changes(house))[2:]}
    assert found == {(LINE, PlanChange.CHANGED, NOBODY), ("button 1", PlanChange.DELETED, NOBODY)}
    assert len(await alarms(house)) == 1


async def test_a_line_that_was_taken_out_of_the_file_while_the_hub_was_away_is_told_soon_after(house: House) -> None:
    await house.use(house.passivity())
    await house.stop_hub()
    await house.use()
    await house.start_hub()
    await house.at("2026-11-02 12:01:30")
    await house.at("2026-11-02 12:02:00")
    assert await kinds(house) == [PlanChange.CREATED, PlanChange.DELETED]


async def test_what_was_journalled_before_a_kill_is_told_after_it(house: House) -> None:
    await house.use(house.button())
    await house.at("2026-11-02 12:05:00")
    with patch.object(PlanHistory, "_async_tell"):
        await house.use(house.passivity())
    assert (len(await alarms(house)), len(await inbox(house))) == (0, 1)
    await house.start_hub_again()
    assert (len(await alarms(house)), len(await inbox(house))) == (1, 3)
    await house.start_hub_again()
    assert (len(await alarms(house)), len(await inbox(house))) == (1, 3)


async def test_a_line_that_came_back_before_its_deletion_was_told_rings_nobody(house: House) -> None:
    await house.use(house.button())
    await house.at("2026-11-02 12:05:00")
    with patch.object(PlanHistory, "_async_tell"):
        await house.use()
        await house.use(house.button())
    await house.start_hub_again()
    assert (len(await alarms(house)), len(await inbox(house))) == (0, 3)


async def test_a_history_that_cannot_be_read_now_is_read_later(house: House) -> None:
    await house.use(house.passivity(**FIVE))
    (created,) = await changes(house)
    await house.stop_hub()
    load = SqliteJournal.load_kinds
    comment = PlanCommented(
        at=created.at, change_id=created.change_id, brukare_id="brukare-1", comment="Sover längre nu", by=NOBODY
    )

    async def busy(journal: SqliteJournal, wanted: Any) -> Any:
        if PlanChanged.kind in wanted:
            raise JournalUnavailableError("busy")
        return await load(journal, wanted)

    with patch.object(SqliteJournal, "load_kinds", busy):
        await house.start_hub()
        await house.use(house.passivity(**FOUR))
        await house.hub.engine.record(comment)
        assert house.hub.plan.lines == {}
    async_dispatcher_send(house.hass, SIGNAL_SWEEP)
    async_dispatcher_send(house.hass, SIGNAL_SWEEP)
    await house.at("2026-11-02 12:01:00")
    await house.at("2026-11-02 12:02:00")
    assert await kinds(house) == [PlanChange.CREATED, PlanChange.CHANGED]
    assert [change.comment for change in history(house)] == ["Sover längre nu", None]


# --- comments -------------------------------------------------------------------------------------


async def test_what_is_said_of_a_change_in_the_inbox_is_in_the_history(house: House) -> None:
    await house.use(house.passivity())
    (item,) = await inbox(house)
    await call(house.hass, "update_deviation", deviation_id=item["deviation_id"], comment="Sover längre nu")
    (change,) = history(house)
    assert (change.comment, change.comment_at) == ("Sover längre nu", change.at)
    await call(house.hass, "update_deviation", deviation_id=item["deviation_id"], status="archived")
    comments = [event for event in await house.journal() if isinstance(event, PlanCommented)]
    assert [event.comment for event in comments] == ["Sover längre nu"]


async def test_what_is_written_in_the_list_is_in_the_history(house: House, anna: Actor) -> None:
    await house.use(house.passivity())
    (item,) = await inbox(house)
    await house.hass.services.async_call(
        "todo",
        "update_item",
        {
            "entity_id": entity_id(house.hass, "todo", "deviations"),
            "item": item["deviation_id"],
            "description": "Sover längre nu",
        },
        blocking=True,
        context=Context(user_id=anna.user_id),
    )
    await settle(house.hass)
    assert (history(house)[0].comment, history(house)[0].comment_by) == ("Sover längre nu", anna)


async def test_what_is_said_of_a_change_that_nobody_knows_is_in_no_history(house: House) -> None:
    await house.use(house.passivity())
    at = (await changes(house))[0].at
    said = DeviationUpdated(
        at=at, deviation_id="plan-?", status=DeviationStatus.ONGOING, comment="Sover längre nu", by=NOBODY
    )
    await house.hub.engine.record(said)
    await settle(house.hass)
    assert [event for event in await house.journal() if isinstance(event, PlanCommented)] == []


async def test_a_comment_that_was_cut_off_is_journalled_at_the_next_start(house: House) -> None:
    await house.use(house.passivity())
    (item,) = await inbox(house)
    with patch("custom_components.homecare_h2o.plan_history.PlanHistory._async_comment"):
        await call(house.hass, "update_deviation", deviation_id=item["deviation_id"], comment="Sover längre nu")
    assert history(house)[0].comment is None
    await house.start_hub_again()
    await settle(house.hass)
    assert history(house)[0].comment == "Sover längre nu"
    await house.start_hub_again()
    comments = [event for event in await house.journal() if isinstance(event, PlanCommented)]
    assert len(comments) == 1


# --- what is heard outside ------------------------------------------------------------------------


async def test_automations_hear_of_each_change(house: House, editor: Editor, anna: Actor) -> None:
    heard = async_capture_events(house.hass, EVENT_PLAN)
    await save(house, editor, house.passivity())
    await delete(house, editor)
    assert [(each.data["type"], each.data["alarm_type"], each.context.user_id) for each in heard] == [
        ("created", "passivity", anna.user_id),
        ("deleted", "passivity", anna.user_id),
    ]
    assert {(each.data["code"], each.data["device_id"]) for each in heard} == {("K7-31", house.brukare)}


# --- what is written out ----------------------------------------------------------------------------


async def test_the_journal_tells_of_changes_without_the_configuration(house: House) -> None:
    await house.use({**house.passivity(), "alias": "Passivitet"})
    await house.use()
    (_, item) = await inbox(house)
    await call(house.hass, "update_deviation", deviation_id=item["deviation_id"], comment="Av misstag")
    told = await call(house.hass, "export_journal", **{"from": "2026-11-02", "to": "2026-11-02", "format": "json"})
    rows = [row for row in told["rows"] if row["event"].startswith("plan_")]
    assert [row["text"] for row in rows] == [
        "handlingsplanen ändrad: Passivitet, ny rad",
        "handlingsplanen ändrad: passivity 1, borttagen",
        "ändring av handlingsplanen kommenterad: Av misstag",
    ]
    assert "use_blueprint" not in json.dumps(told, default=str)


async def test_a_change_that_could_not_be_written_is_one_after_a_reload(house: House) -> None:
    await house.use(house.passivity())
    with patch.object(SqliteJournal, "append", side_effect=JournalUnavailableError("full")):
        await house.use()
        await house.start_hub_again()
    await house.at("2026-11-02 12:01:30")
    await house.at("2026-11-02 12:02:00")
    changed = [event.change for event in await house.journal() if isinstance(event, PlanChanged)]
    assert changed == [PlanChange.CREATED, PlanChange.DELETED]
