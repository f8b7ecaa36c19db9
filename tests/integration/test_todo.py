"""The larmansvarig's inbox as a list in Home Assistant (R011.1)."""

from typing import Any
from unittest.mock import patch

from homeassistant.components.todo import DATA_COMPONENT, TodoItem
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceNotSupported, ServiceValidationError
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.homecare_h2o.core.deviations import Inbox
from custom_components.homecare_h2o.core.errors import JournalUnavailableError
from custom_components.homecare_h2o.core.events import AccessRefused, DeviationFiled, DeviationUpdated
from custom_components.homecare_h2o.journal import SqliteJournal

from .rules import House
from .steps import call, entity_id, raise_alarm, settle, state_of

pytestmark = pytest.mark.freeze_time("2026-11-02 03:00:00+01:00")

FALSE = "K7-31 · Felaktigt larm · Gått ut-larm · 2026-11-02 03:00"


async def ask(hass: HomeAssistant, service: str, user_id: str | None = None, **data: Any) -> Any:
    """Call an action of the list."""
    target = {"entity_id": entity_id(hass, "todo", "deviations")}
    answers = service == "get_items"
    response: Any = await hass.services.async_call(
        "todo", service, data, True, Context(user_id=user_id), target, return_response=answers
    )
    await settle(hass)
    return response[target["entity_id"]]["items"] if response else None


async def items(hass: HomeAssistant, **data: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await ask(hass, "get_items", **data)
    return found


@pytest.fixture
async def one(house: House) -> House:
    """Return a home with a false alarm."""
    alarm_id = await raise_alarm(house.hass, house.brukare, "gone_out", message="dörren står öppen")
    await call(house.hass, "report_false_alarm", alarm_id=alarm_id)
    return house


async def test_an_inbox_is_empty_at_first(house: House) -> None:
    assert (state_of(house.hass, "todo", "deviations"), await items(house.hass)) == ("0", [])


async def test_a_false_alarm_is_in_the_list(one: House) -> None:
    (item,) = await items(one.hass)
    assert (item["summary"], item["description"], item["status"]) == (FALSE, "dörren står öppen", "needs_action")
    assert state_of(one.hass, "todo", "deviations") == "1"


async def test_what_is_completed_is_archived_with_who_did_it(one: House, hass_admin_user: MockUser) -> None:
    await ask(one.hass, "update_item", hass_admin_user.id, item=FALSE, status="completed")
    (event,) = [event for event in await one.journal() if isinstance(event, DeviationUpdated)]
    assert (event.status, event.by.user_id) == ("archived", hass_admin_user.id)
    (item,) = await items(one.hass, status="completed")
    assert (item["completed"], state_of(one.hass, "todo", "deviations")) == ("2026-11-02T02:00:00+00:00", "0")


async def test_what_was_archived_can_be_opened_again_and_is_ongoing(one: House) -> None:
    await ask(one.hass, "update_item", item=FALSE, status="completed")
    await ask(one.hass, "update_item", item=FALSE, status="needs_action")
    (item,) = await items(one.hass)
    assert (item["summary"], item["status"]) == (f"{FALSE} · pågår", "needs_action")


async def test_a_comment_makes_it_ongoing_and_is_journalled(one: House) -> None:
    await ask(one.hass, "update_item", item=FALSE, description="flyttar sensorn")
    (item,) = await items(one.hass)
    assert (item["summary"], item["description"]) == (f"{FALSE} · pågår", "flyttar sensorn")
    (event,) = [event for event in await one.journal() if isinstance(event, DeviationUpdated)]
    assert (event.status, event.comment) == ("ongoing", "flyttar sensorn")


async def test_a_comment_can_be_taken_away(one: House) -> None:
    await ask(one.hass, "update_item", item=FALSE, description="flyttar sensorn")
    await ask(one.hass, "update_item", item=f"{FALSE} · pågår", description=None)
    (item,) = await items(one.hass)
    assert item["description"] == ""


@pytest.mark.parametrize("said", [{"rename": FALSE}, {"rename": f"{FALSE} · pågår"}, {"status": "needs_action"}])
async def test_what_the_editor_sends_unchanged_changes_nothing(one: House, said: dict[str, Any]) -> None:
    await ask(one.hass, "update_item", item=FALSE, description="dörren står öppen", **said)
    assert [event for event in await one.journal() if isinstance(event, DeviationUpdated)] == []


async def test_what_happened_cannot_be_rewritten(one: House) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await ask(one.hass, "update_item", item=FALSE, rename="Ingenting hände")
    assert caught.value.translation_key == "deviation_text_fixed"


@pytest.mark.parametrize(
    ("service", "data"),
    [("remove_item", {"item": FALSE}), ("remove_completed_items", {})],
    ids=["one", "all that is done"],
)
async def test_nothing_can_be_deleted(one: House, service: str, data: dict[str, Any]) -> None:
    with pytest.raises(ServiceNotSupported):
        await ask(one.hass, service, **data)
    assert len(await items(one.hass)) == 1


async def test_somebody_writes_a_deviation_in(house: House, hass_admin_user: MockUser) -> None:
    await ask(house.hass, "add_item", hass_admin_user.id, item="Sladden ligger i vägen", description="vid sängen")
    (item,) = await items(house.hass)
    assert item["summary"] == "K7-31 · Sladden ligger i vägen · 2026-11-02 03:00"
    assert item["description"] == "vid sängen"
    (event,) = [event for event in await house.journal() if isinstance(event, DeviationFiled)]
    assert (event.deviation, event.by.user_id) == ("own", hass_admin_user.id)


async def test_what_was_written_in_has_no_description_of_itself(house: House) -> None:
    await ask(house.hass, "add_item", item="Sladden ligger i vägen")
    (item,) = await items(house.hass)
    assert "description" not in item


@pytest.mark.parametrize(
    ("service", "data"),
    [
        ("add_item", {"item": "Sladden ligger i vägen"}),
        ("update_item", {"item": FALSE, "status": "completed"}),
        ("update_item", {"item": FALSE, "description": "inget"}),
    ],
)
@pytest.mark.parametrize("group", ["system-users", "system-read-only"])
async def test_only_the_larmansvarig_changes_the_list(
    one: House, hass_admin_user: MockUser, service: str, data: dict[str, Any], group: str
) -> None:
    before = await items(one.hass)
    staff = await one.hass.auth.async_create_user("1 Htj", group_ids=[group])
    with pytest.raises(HomeAssistantError):
        await ask(one.hass, service, staff.id, **data)
    assert (await items(one.hass), state_of(one.hass, "todo", "deviations")) == (before, "1")


async def test_who_was_refused_is_journalled(one: House) -> None:
    staff = await one.hass.auth.async_create_user("1 Htj", group_ids=["system-users"])
    with pytest.raises(ServiceValidationError):
        await ask(one.hass, "update_item", staff.id, item=FALSE, status="completed")
    (event,) = [event for event in await one.journal() if isinstance(event, AccessRefused)]
    assert (event.user_id, event.permission) == (staff.id, "deviations")


async def test_a_list_that_is_open_follows_along(one: House, hass_ws_client: WebSocketGenerator) -> None:
    assert await async_setup_component(one.hass, "websocket_api", {})
    client = await hass_ws_client(one.hass)
    await client.send_json_auto_id(
        {"type": "todo/item/subscribe", "entity_id": entity_id(one.hass, "todo", "deviations")}
    )
    assert (await client.receive_json())["success"]
    assert [item["summary"] for item in (await client.receive_json())["event"]["items"]] == [FALSE]
    await ask(one.hass, "update_item", item=FALSE, description="flyttar sensorn")
    assert [item["summary"] for item in (await client.receive_json())["event"]["items"]] == [f"{FALSE} · pågår"]


async def test_the_newest_is_shown_first_and_only_of_this_brukare(one: House) -> None:
    flow = await one.hass.config_entries.subentries.async_init(
        (one.entry.entry_id, "brukare"), context={"source": "user"}
    )
    await one.hass.config_entries.subentries.async_configure(flow["flow_id"], {"code": "K7-32"})
    await settle(one.hass)
    *_, second = one.entry.get_subentries_of_type("brukare")
    await ask(one.hass, "add_item", item="Sladden ligger i vägen")
    assert [item["summary"][:16] for item in await items(one.hass)] == ["K7-31 · Sladden ", "K7-31 · Felaktig"]
    assert state_of(one.hass, "todo", "deviations", second.subentry_id) == "0"


async def test_a_list_that_cannot_be_read_is_not_shown_as_empty(one: House) -> None:
    await one.stop_hub()
    with patch.object(SqliteJournal, "read", side_effect=JournalUnavailableError("busy")):
        await one.start_hub()
        assert state_of(one.hass, "todo", "deviations") == "unknown"
    await one.at("2026-11-02 04:00:01")
    assert state_of(one.hass, "todo", "deviations") == "1"


async def test_what_was_archived_by_somebody_else_meanwhile_is_still_there(one: House) -> None:
    (item,) = await items(one.hass)
    await call(one.hass, "update_deviation", deviation_id=item["uid"], status="archived", comment="klart")
    await ask(one.hass, "update_item", item=item["uid"], rename=FALSE, status="completed")
    (item,) = await items(one.hass)
    assert (item["status"], item["description"]) == ("completed", "klart")


async def test_a_list_that_was_shown_before_one_was_forgotten_says_that_it_is_gone(one: House) -> None:
    (item,) = await items(one.hass)
    shown = one.hass.data[DATA_COMPONENT].get_entity(entity_id(one.hass, "todo", "deviations"))
    assert shown
    one.hub.deviations.inbox = Inbox()
    with pytest.raises(ServiceValidationError) as caught:
        await shown.async_update_todo_item(TodoItem(uid=item["uid"], summary=FALSE))
    assert caught.value.translation_key == "unknown_deviation"


@pytest.mark.parametrize(
    ("service", "data"),
    [("add_item", {"item": "Sladden ligger i vägen"}), ("update_item", {"item": FALSE, "status": "completed"})],
)
async def test_a_hub_that_is_being_loaded_anew_says_so(one: House, service: str, data: dict[str, Any]) -> None:
    await one.hub.engine.stop()
    with pytest.raises(ServiceValidationError) as caught:
        await ask(one.hass, service, **data)
    assert caught.value.translation_key == "hub_not_loaded"
