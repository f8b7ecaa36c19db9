"""The actions."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr
import probatio as vol
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from syrupy.assertion import SnapshotAssertion

from custom_components.homecare_h2o.const import DOMAIN
from custom_components.homecare_h2o.core.errors import JournalUnavailableError
from custom_components.homecare_h2o.core.escalation import AlarmType
from custom_components.homecare_h2o.core.events import Outcome
from custom_components.homecare_h2o.journal import SqliteJournal

from .conftest import Pushed
from .steps import button, call, get_alarm, go_on, journalled, press, raise_alarm, settle, steps_of

type Phones = dict[str, MockConfigEntry]

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

UNKNOWN = {"alarm_id": "01UNKNOWN"}
ON_AN_ALARM = [
    ("acknowledge_alarm", {}),
    ("decline_alarm", {}),
    ("resolve_alarm", {"outcome": "help_given"}),
    ("report_false_alarm", {}),
    ("hand_over_alarm", {"receiver_group": "Htj dag"}),
]


async def refused(hass: HomeAssistant, action: str, **data: Any) -> str | None:
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, action, **data)
    assert caught.value.translation_domain == DOMAIN
    return caught.value.translation_key


def naming(home: MockConfigEntry, new_id: Callable[[], str]) -> Any:
    """Return the engine's world with other ids."""
    return replace(home.runtime_data.engine._world, new_id=new_id)


async def count(home: MockConfigEntry) -> int:
    return len(await journalled(home))


# --- raise_alarm ---------------------------------------------------------------------------------


@pytest.mark.parametrize("alarm_type", list(AlarmType))
async def test_every_larmtyp_can_be_raised(
    hass: HomeAssistant, brukare_device: str, pushed: Pushed, alarm_type: AlarmType
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device, alarm_type)
    assert (await get_alarm(hass, alarm_id))["rule"] == alarm_type
    told = {AlarmType.TECHNICAL: "Larmansvarig"}.get(alarm_type, "1 Htj dag")
    assert len(pushed(told)) == 1


async def test_what_is_raised_is_kept(hass: HomeAssistant, brukare_device: str) -> None:
    said = {
        "message": "Ingen rörelse i köket",
        "sources": ["binary_sensor.kok"],
        "rule": "automation-1",
        "due_at": "2026-11-02 11:30:00",
        "late": True,
    }
    alarm = await get_alarm(hass, await raise_alarm(hass, brukare_device, "passivity", **said))
    kept = {key: alarm[key] for key in said}
    assert kept == said | {"due_at": "2026-11-02T10:30:00+00:00"}


@pytest.mark.parametrize("nothing", [{"message": None, "rule": None, "due_at": None}, {"message": "", "rule": ""}])
async def test_what_an_automation_leaves_empty_is_filled_in(
    hass: HomeAssistant, brukare_device: str, nothing: dict[str, Any]
) -> None:
    alarm = await get_alarm(hass, await raise_alarm(hass, brukare_device, "motion", **nothing))
    assert (alarm["message"], alarm["rule"], alarm["due_at"]) == (None, "motion", "2026-11-02T11:00:00+00:00")


async def test_the_same_rule_and_deadline_again_is_a_duplicate(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, pushed: Pushed
) -> None:
    said = {"device_id": brukare_device, "alarm_type": "fire", "rule": "r", "due_at": "2026-11-02T11:59:00+01:00"}
    first = await call(hass, "raise_alarm", **said)
    before = await count(home)
    again = await call(hass, "raise_alarm", **said)
    assert (first["outcome"], again) == ("raised", {"alarm_id": first["alarm_id"], "outcome": "duplicate"})
    assert (await count(home), len(pushed("1 Htj dag"))) == (before, 1)


async def test_a_duplicate_is_recognised_after_the_alarm_was_closed_and_a_restart(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str
) -> None:
    said = {"device_id": brukare_device, "alarm_type": "fire", "rule": "r", "due_at": "2026-11-02T11:59:00+01:00"}
    first = await call(hass, "raise_alarm", **said)
    await call(hass, "report_false_alarm", alarm_id=first["alarm_id"])
    assert await hass.config_entries.async_reload(home.entry_id)
    assert (await call(hass, "raise_alarm", **said))["outcome"] == "duplicate"


async def test_an_urgent_alarm_that_comes_again_calls_again(
    hass: HomeAssistant, brukare_device: str, freezer: FrozenDateTimeFactory, pushed: Pushed
) -> None:
    await raise_alarm(hass, brukare_device)
    freezer.tick(10)
    again = await call(hass, "raise_alarm", device_id=brukare_device, alarm_type="safety_button")
    assert again["outcome"] == "repeated"
    assert pushed("1 Htj dag")[1]["message"].endswith("Har hänt 2 gånger")


async def test_an_ordinary_alarm_that_comes_again_is_only_counted(
    hass: HomeAssistant, brukare_device: str, freezer: FrozenDateTimeFactory, pushed: Pushed
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device, "motion")
    freezer.tick(10)
    assert await raise_alarm(hass, brukare_device, "motion") == alarm_id
    assert (await get_alarm(hass, alarm_id))["repetitions"] == 1
    assert len(pushed("1 Htj dag")) == 1


async def test_two_rules_have_an_alarm_each(hass: HomeAssistant, brukare_device: str) -> None:
    first = await raise_alarm(hass, brukare_device, "motion", rule="kitchen")
    assert await raise_alarm(hass, brukare_device, "motion", rule="hall") != first


async def test_an_alarm_that_comes_late_says_so(hass: HomeAssistant, brukare_device: str, pushed: Pushed) -> None:
    await raise_alarm(hass, brukare_device, due_at="2026-11-02T11:59:00+01:00")
    assert pushed("1 Htj dag")[0]["message"].endswith("FÖRSENAT: kunde inte skickas när det hände")


async def test_a_message_may_be_long(hass: HomeAssistant, brukare_device: str, pushed: Pushed) -> None:
    await raise_alarm(hass, brukare_device, message="x" * 1000)
    assert "x" * 1000 in pushed("1 Htj dag")[0]["message"]


@pytest.mark.parametrize(
    "bad",
    [
        {"alarm_type": "no such type"},
        {"due_at": "soon"},
        {"late": "perhaps"},
        {"sources": [{}]},
        {"brukare": "K7-31"},
    ],
)
async def test_what_cannot_be_understood_is_refused_and_changes_nothing(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, bad: dict[str, Any]
) -> None:
    before = await count(home)
    with pytest.raises(vol.Invalid):
        await call(hass, "raise_alarm", **{"device_id": brukare_device, "alarm_type": "fire"} | bad)
    assert await count(home) == before


async def test_an_alarm_with_too_long_a_message_is_told_all_the_same(
    hass: HomeAssistant, brukare_device: str, pushed: Pushed
) -> None:
    await raise_alarm(hass, brukare_device, message="x" * 1001)
    assert len(pushed("1 Htj dag")) == 1


async def test_an_alarm_from_before_the_calendar_is_told_all_the_same(
    hass: HomeAssistant, brukare_device: str, pushed: Pushed
) -> None:
    await raise_alarm(hass, brukare_device, due_at="0001-01-01T00:00:00")
    assert len(pushed("1 Htj dag")) == 1


async def test_only_a_brukare_can_have_an_alarm(hass: HomeAssistant, home: MockConfigEntry, phones: Phones) -> None:
    registry = dr.async_get(hass)
    hub = registry.async_get_device_by_identifier((DOMAIN, home.entry_id), home.entry_id)
    (phone,) = dr.async_entries_for_config_entry(registry, phones["1 Htj dag"].entry_id)
    assert hub
    keys = [
        await refused(hass, "raise_alarm", device_id=device_id, alarm_type="fire")
        for device_id in (hub.id, phone.id, "no-such-device")
    ]
    assert keys == ["not_a_brukare"] * 3


async def test_an_alarm_needs_no_response(hass: HomeAssistant, brukare_device: str, pushed: Pushed) -> None:
    data = {"device_id": brukare_device, "alarm_type": "fire"}
    await hass.services.async_call(DOMAIN, "raise_alarm", data, blocking=True)
    await settle(hass)
    assert len(pushed("1 Htj dag")) == 1


# --- what staff do with an alarm -----------------------------------------------------------------


async def test_an_alarm_is_taken_and_closed_on_the_hub(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, pushed: Pushed
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    nurse = (await hass.auth.async_create_user("nurse")).id
    taken = await call(hass, "acknowledge_alarm", nurse, alarm_id=alarm_id)
    assert taken == {"alarm_id": alarm_id, "state": "acknowledged"}
    assert pushed("1 Htj dag")[-1]["message"] == "Tas av personal i Home Assistant"
    closing = {"outcome": "external_contact", "note": "Ringde 1177", "report": True}
    closed = await call(hass, "resolve_alarm", nurse, alarm_id=alarm_id, **closing)
    assert closed == {"alarm_id": alarm_id, "state": "resolved"}
    step = next(step for step in (await get_alarm(hass, alarm_id))["timeline"] if step["event"] == "resolved")
    assert (step["user_id"], step["outcome"], step["note"]) == (nurse, "external_contact", "Ringde 1177")
    assert next(event for event in await journalled(home) if event.kind == "resolved").report is True  # type: ignore[attr-defined]


async def test_whether_it_is_to_be_reported_is_told(hass: HomeAssistant, brukare_device: str) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await call(hass, "acknowledge_alarm", alarm_id=alarm_id)
    await call(hass, "resolve_alarm", alarm_id=alarm_id, outcome="help_given", report=True)
    step = next(step for step in (await get_alarm(hass, alarm_id))["timeline"] if step["event"] == "resolved")
    assert step["report"] is True


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.NOT_STATED])
async def test_every_outcome_closes_an_alarm(hass: HomeAssistant, brukare_device: str, outcome: Outcome) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await call(hass, "acknowledge_alarm", alarm_id=alarm_id)
    await call(hass, "resolve_alarm", alarm_id=alarm_id, outcome=outcome)
    assert (await get_alarm(hass, alarm_id))["outcome"] == outcome


async def test_a_false_alarm_is_closed_in_one_step(hass: HomeAssistant, brukare_device: str, pushed: Pushed) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    closed = await call(hass, "report_false_alarm", alarm_id=alarm_id)
    assert closed == {"alarm_id": alarm_id, "state": "false_alarm"}
    alarm = await get_alarm(hass, alarm_id)
    assert (alarm["open"], alarm["outcome"], alarm["next_deadline_at"]) == (False, "false_alarm", None)
    assert [pushed(phone)[-1]["message"] for phone in ("1 Htj dag", "2 Htj dag")] == ["clear_notification"] * 2


async def test_a_taken_alarm_can_be_left_again(hass: HomeAssistant, brukare_device: str, pushed: Pushed) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await call(hass, "acknowledge_alarm", alarm_id=alarm_id)
    assert (await call(hass, "decline_alarm", alarm_id=alarm_id))["state"] == "escalated"
    assert len(pushed("1 Htj dag")[-1]["data"]["actions"]) == 3


async def test_who_declines_on_the_hub_leaves_it_to_the_phones(hass: HomeAssistant, brukare_device: str) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    assert (await call(hass, "decline_alarm", alarm_id=alarm_id))["state"] == "raised"
    before = await steps_of(hass, alarm_id)
    await call(hass, "decline_alarm", alarm_id=alarm_id)
    assert await steps_of(hass, alarm_id) == before


async def test_taking_it_twice_changes_nothing(hass: HomeAssistant, brukare_device: str) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await call(hass, "acknowledge_alarm", alarm_id=alarm_id)
    before = await steps_of(hass, alarm_id)
    assert (await call(hass, "acknowledge_alarm", alarm_id=alarm_id))["state"] == "acknowledged"
    assert await steps_of(hass, alarm_id) == before


@pytest.mark.parametrize(("action", "data"), ON_AN_ALARM)
async def test_an_unknown_alarm_is_refused(
    hass: HomeAssistant, home: MockConfigEntry, action: str, data: dict[str, Any]
) -> None:
    assert await refused(hass, action, **UNKNOWN, **data) == "unknown_alarm"


@pytest.mark.parametrize(("action", "data"), ON_AN_ALARM)
async def test_a_closed_alarm_is_refused(
    hass: HomeAssistant, brukare_device: str, action: str, data: dict[str, Any]
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await call(hass, "report_false_alarm", alarm_id=alarm_id)
    assert await refused(hass, action, alarm_id=alarm_id, **data) == "alarm_closed"


@pytest.mark.parametrize("action", ["acknowledge_alarm", "decline_alarm"])
async def test_an_alarm_that_somebody_has_taken_is_refused(
    hass: HomeAssistant, brukare_device: str, phones: Phones, pushed: Pushed, action: str
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await press(hass, phones["1 Htj dag"], button(pushed("1 Htj dag")[0], 0))
    assert await refused(hass, action, alarm_id=alarm_id) == "already_taken"


async def test_an_alarm_that_nobody_has_taken_cannot_be_closed(hass: HomeAssistant, brukare_device: str) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    assert await refused(hass, "resolve_alarm", alarm_id=alarm_id, outcome="help_given") == "not_acknowledged"


@pytest.mark.parametrize(
    "bad", [{"outcome": "well"}, {"outcome": "not_stated"}, {}, {"outcome": "help_given", "note": "x" * 4001}]
)
async def test_a_bad_closing_leaves_the_alarm_open(
    hass: HomeAssistant, brukare_device: str, bad: dict[str, Any]
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await call(hass, "acknowledge_alarm", alarm_id=alarm_id)
    with pytest.raises(vol.Invalid):
        await call(hass, "resolve_alarm", alarm_id=alarm_id, **bad)
    assert (await get_alarm(hass, alarm_id))["state"] == "acknowledged"


# --- without a hub, without a journal ------------------------------------------------------------

WITHOUT_HUB = [
    *((action, UNKNOWN | data) for action, data in ON_AN_ALARM),
    ("raise_alarm", {"device_id": "any", "alarm_type": "fire"}),
    ("get_alarms", {}),
]


@pytest.mark.parametrize(("action", "data"), WITHOUT_HUB)
async def test_without_a_hub_an_action_says_so(
    hass: HomeAssistant, home: MockConfigEntry, action: str, data: dict[str, Any]
) -> None:
    await hass.config_entries.async_unload(home.entry_id)
    assert await refused(hass, action, **data) == "hub_not_loaded"


async def test_an_alarm_that_comes_during_a_reload_is_not_lost(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, pushed: Pushed
) -> None:
    reload = hass.async_create_task(hass.config_entries.async_reload(home.entry_id), eager_start=True)
    raised = hass.async_create_task(raise_alarm(hass, brukare_device), eager_start=True)
    await reload
    await raised
    assert len(pushed("1 Htj dag")) == 1


@pytest.mark.parametrize(("action", "data"), [*ON_AN_ALARM, ("get_alarms", {})])
async def test_a_journal_that_cannot_be_read_is_told(
    hass: HomeAssistant, home: MockConfigEntry, action: str, data: dict[str, Any]
) -> None:
    alarm = {} if action == "get_alarms" else UNKNOWN
    with (
        patch.object(SqliteJournal, "load_alarm", side_effect=JournalUnavailableError),
        patch.object(SqliteJournal, "load_alarms", side_effect=JournalUnavailableError),
        pytest.raises(HomeAssistantError) as caught,
    ):
        await call(hass, action, **alarm, **data)
    assert caught.value.translation_key == "journal_unavailable"
    assert not isinstance(caught.value, ServiceValidationError)


async def test_an_alarm_is_raised_though_the_journal_cannot_be_asked(
    hass: HomeAssistant, brukare_device: str, pushed: Pushed
) -> None:
    with patch.object(SqliteJournal, "find_raise", side_effect=JournalUnavailableError):
        await raise_alarm(hass, brukare_device)
    assert len(pushed("1 Htj dag")) == 1


# --- get_alarms ----------------------------------------------------------------------------------


async def test_an_alarm_is_told_from_beginning_to_end(
    hass: HomeAssistant,
    home: MockConfigEntry,
    brukare_device: str,
    freezer: FrozenDateTimeFactory,
    phones: Phones,
    pushed: Pushed,
    snapshot: SnapshotAssertion,
) -> None:
    home.runtime_data.engine._world = naming(home, iter(("alarm-1",)).__next__)
    await raise_alarm(hass, brukare_device, sources=["binary_sensor.button"])
    await go_on(hass, freezer, minutes=2, seconds=30)
    await press(hass, phones["1 Htj dag"], button(pushed("1 Htj dag")[-1], 1))
    await press(hass, phones["2 Htj dag"], button(pushed("2 Htj dag")[-1], 0))
    await press(hass, phones["2 Htj dag"], button(pushed("2 Htj dag")[-1], 0))
    await press(hass, phones["2 Htj dag"], button(pushed("2 Htj dag")[-1], 0))
    (alarm,) = (await call(hass, "get_alarms"))["alarms"]
    assert alarm.pop("device_id") == brukare_device
    told = [step | {"user_id": step.get("user_id") and "a user"} for step in alarm.pop("timeline")]
    assert (alarm, told) == snapshot


async def test_the_newest_alarms_come_first(
    hass: HomeAssistant, brukare_device: str, freezer: FrozenDateTimeFactory
) -> None:
    first = await raise_alarm(hass, brukare_device, "door")
    second = await raise_alarm(hass, brukare_device, "motion")
    assert [alarm["alarm_id"] for alarm in (await call(hass, "get_alarms"))["alarms"]] == [second, first]
    assert [alarm["alarm_id"] for alarm in (await call(hass, "get_alarms", limit=1))["alarms"]] == [second]


async def test_alarms_of_one_brukare_are_told(hass: HomeAssistant, home: MockConfigEntry, brukare_device: str) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    flow = await hass.config_entries.subentries.async_init((home.entry_id, "brukare"), context={"source": "user"})
    await hass.config_entries.subentries.async_configure(flow["flow_id"], {"code": "K7-32"})
    await settle(hass)
    *_, second = home.get_subentries_of_type("brukare")
    other = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, second.subentry_id), home.entry_id)
    assert other
    assert (await call(hass, "get_alarms", device_id=other.id))["alarms"] == []
    (alarm,) = (await call(hass, "get_alarms", device_id=brukare_device))["alarms"]
    assert (alarm["alarm_id"], alarm["code"]) == (alarm_id, "K7-31")


async def test_only_a_brukare_has_alarms(hass: HomeAssistant, home: MockConfigEntry) -> None:
    assert await refused(hass, "get_alarms", device_id="no-such-device") == "not_a_brukare"


async def test_only_open_alarms_are_told_when_asked_for(hass: HomeAssistant, brukare_device: str) -> None:
    still_open = await raise_alarm(hass, brukare_device, "door")
    await call(hass, "report_false_alarm", alarm_id=await raise_alarm(hass, brukare_device, "motion"))
    alarms = (await call(hass, "get_alarms", open_only=True))["alarms"]
    assert [alarm["alarm_id"] for alarm in alarms] == [still_open]


async def test_an_old_open_alarm_is_told_though_newer_ones_are_closed(hass: HomeAssistant, brukare_device: str) -> None:
    still_open = await raise_alarm(hass, brukare_device, "door")
    await call(hass, "report_false_alarm", alarm_id=await raise_alarm(hass, brukare_device, "motion"))
    alarms = (await call(hass, "get_alarms", open_only=True, limit=1))["alarms"]
    assert [alarm["alarm_id"] for alarm in alarms] == [still_open]


@pytest.mark.parametrize("limit", [0, 501, "many"])
async def test_a_bad_limit_is_refused(hass: HomeAssistant, home: MockConfigEntry, limit: Any) -> None:
    with pytest.raises(vol.Invalid):
        await call(hass, "get_alarms", limit=limit)
