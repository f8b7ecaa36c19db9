"""The larmansvarig's inbox: what is filed, once, whatever happens to the hub in between (R011.1)."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import probatio as vol
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.homecare_h2o.core.errors import JournalUnavailableError
from custom_components.homecare_h2o.core.events import DeviationFiled, DeviationKind, DeviationUpdated
from custom_components.homecare_h2o.deviations import KEY, Deviations
from custom_components.homecare_h2o.hub import folder_of
from custom_components.homecare_h2o.journal import SqliteJournal

from .conftest import Pushed
from .rules import House, count, local
from .steps import button, call, press, raise_alarm

type Phones = dict[str, MockConfigEntry]

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")


async def deviations(hass: HomeAssistant, **data: Any) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = (await call(hass, "get_deviations", **data))["deviations"]
    return told


async def false_alarm(house: House, alarm_type: str = "passivity", **data: Any) -> str:
    alarm_id = await raise_alarm(house.hass, house.brukare, alarm_type, **data)
    await call(house.hass, "report_false_alarm", alarm_id=alarm_id)
    return alarm_id


async def close(house: House, alarm_type: str = "passivity", **data: Any) -> str:
    alarm_id = await raise_alarm(house.hass, house.brukare, alarm_type)
    await call(house.hass, "acknowledge_alarm", alarm_id=alarm_id)
    await call(house.hass, "resolve_alarm", alarm_id=alarm_id, **data)
    return alarm_id


async def filed(house: House) -> list[DeviationFiled]:
    return [event for event in await house.journal() if isinstance(event, DeviationFiled)]


# --- what is filed -------------------------------------------------------------------------------


async def test_a_false_alarm_in_one_tap_is_in_the_inbox(house: House, phones: Phones, pushed: Pushed) -> None:
    alarm_id = await raise_alarm(house.hass, house.brukare, "passivity", message="inaktiv 4 timmar")
    await press(house.hass, phones["1 Htj dag"], button(pushed("1 Htj dag")[0], 2))
    (told,) = await deviations(house.hass)
    assert told["summary"] == "K7-31 · Felaktigt larm · Passivitetslarm · 2026-11-02 12:00 · 1 Htj dag"
    kept = {key: told[key] for key in ("kind", "status", "alarm_id", "text", "comment", "phone", "source", "device_id")}
    assert kept == {
        "kind": "false_alarm",
        "status": "new",
        "alarm_id": alarm_id,
        "text": "inaktiv 4 timmar",
        "comment": None,
        "phone": "1 Htj dag",
        "source": "false_alarm",
        "device_id": house.brukare,
    }


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"outcome": "false_alarm", "note": "var i badet"}, "false_alarm"),
        ({"outcome": "technical_fault", "note": "slut på batteri"}, "technical"),
        ({"outcome": "help_given", "report": True, "note": "hade ramlat"}, "reported"),
    ],
)
async def test_how_an_alarm_was_closed_is_in_the_inbox(house: House, said: dict[str, Any], kind: str) -> None:
    await close(house, **said)
    (told,) = await deviations(house.hass)
    assert (told["kind"], told["text"]) == (kind, said["note"])


async def test_who_closed_an_alarm_in_home_assistant_is_told_without_a_name(house: House, hass_admin_user: Any) -> None:
    alarm_id = await raise_alarm(house.hass, house.brukare)
    await call(house.hass, "report_false_alarm", hass_admin_user.id, alarm_id=alarm_id)
    (told,) = await deviations(house.hass)
    assert told["summary"].endswith("2026-11-02 12:00 · personal i Home Assistant")


async def test_a_technical_alarm_is_in_the_inbox_once(house: House) -> None:
    await close(house, "technical", outcome="technical_fault")
    assert [event.deviation for event in await filed(house)] == [DeviationKind.TECHNICAL]


async def test_help_that_was_given_is_no_deviation(house: House) -> None:
    await close(house, outcome="help_given")
    assert await deviations(house.hass) == []


async def test_something_else_can_be_filed_and_of_an_alarm_only_once(house: House) -> None:
    for _ in range(2):
        await house.hub.deviations.file(
            "brukare-1", DeviationKind.CHAIN_TEST, "1 Htj dag svarar inte", "alarm-1", "app:x"
        )
    (told,) = await deviations(house.hass)
    assert (told["summary"], told["text"]) == ("K7-31 · Prov av larmkedjan · 2026-11-02 12:00", "1 Htj dag svarar inte")


async def test_what_belongs_to_no_alarm_is_filed_each_time(house: House) -> None:
    for _ in range(2):
        await house.hub.deviations.file("brukare-1", DeviationKind.CHAIN_TEST, "ingen telefon")
    assert len(await deviations(house.hass)) == 2


# --- actions -------------------------------------------------------------------------------------


async def test_a_deviation_goes_from_new_to_ongoing_to_archived(house: House) -> None:
    await false_alarm(house)
    ((deviation_id, status),) = [(told["deviation_id"], told["status"]) for told in await deviations(house.hass)]
    assert status == "new"
    answer = await call(house.hass, "update_deviation", deviation_id=deviation_id, comment="flyttar sensorn")
    assert answer == {"deviation_id": deviation_id, "status": "ongoing"}
    (told,) = await deviations(house.hass, status="ongoing", device_id=house.brukare)
    assert (told["comment"], told["summary"].endswith(" · pågår")) == ("flyttar sensorn", True)
    await call(house.hass, "update_deviation", deviation_id=deviation_id, status="archived")
    assert await deviations(house.hass, status=["new", "ongoing"]) == []


async def test_who_changed_what_is_journalled(house: House, hass_admin_user: Any) -> None:
    await false_alarm(house)
    (told,) = await deviations(house.hass)
    said = {"deviation_id": told["deviation_id"], "status": "archived", "comment": "sensorn är flyttad"}
    await call(house.hass, "update_deviation", hass_admin_user.id, **said)
    await call(house.hass, "update_deviation", hass_admin_user.id, **said)
    (event,) = [event for event in await house.journal() if isinstance(event, DeviationUpdated)]
    assert (event.status, event.comment, event.by.user_id) == ("archived", "sensorn är flyttad", hass_admin_user.id)


@pytest.mark.parametrize("action", ["update_deviation", "get_deviations"])
async def test_only_the_larmansvarig_works_on_the_inbox(house: House, action: str) -> None:
    staff = await house.hass.auth.async_create_user("1 Htj", group_ids=["system-users"])
    said = {"update_deviation": {"deviation_id": "x", "status": "archived"}}.get(action, {})
    with pytest.raises(ServiceValidationError) as caught:
        await call(house.hass, action, staff.id, **said)
    assert caught.value.translation_key == "not_allowed"


async def test_one_that_is_not_there_is_refused(house: House) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await call(house.hass, "update_deviation", deviation_id="x", status="archived")
    assert caught.value.translation_key == "unknown_deviation"


@pytest.mark.parametrize(
    ("action", "bad"),
    [
        ("update_deviation", {}),
        ("update_deviation", {"deviation_id": "x", "status": "completed"}),
        ("update_deviation", {"deviation_id": "x", "comment": "x" * 4001}),
        ("get_deviations", {"status": "completed"}),
    ],
)
async def test_what_makes_no_sense_is_refused(house: House, action: str, bad: dict[str, Any]) -> None:
    with pytest.raises(vol.Invalid):
        await call(house.hass, action, **bad)


# --- whatever happens in between -----------------------------------------------------------------


async def test_what_is_in_the_inbox_survives_a_restart(house: House) -> None:
    await false_alarm(house)
    (one,) = await deviations(house.hass)
    await call(house.hass, "update_deviation", deviation_id=one["deviation_id"], comment="ringt IT")
    before = await deviations(house.hass)
    await house.restart("2026-11-02 12:01:00")
    assert await deviations(house.hass) == before
    assert len(await filed(house)) == 1


def never_filed() -> Any:
    async def killed(*_: Any) -> None:
        """Stand for a hub that was killed between the alarm's end and its filing."""

    return patch.object(Deviations, "_async_file", killed)


async def test_what_was_journalled_before_a_kill_is_filed_after_it(house: House) -> None:
    with never_filed():
        await false_alarm(house)
    assert await filed(house) == []
    await house.restart("2026-11-23 12:00:00")
    assert [event.deviation for event in await filed(house)].count(DeviationKind.FALSE_ALARM) == 1
    await house.restart("2026-11-23 12:01:00")
    assert [event.deviation for event in await filed(house)].count(DeviationKind.FALSE_ALARM) == 1


async def test_what_was_not_filed_when_it_happened_is_filed_within_the_hour(house: House) -> None:
    with never_filed():
        await false_alarm(house)
    await house.at("2026-11-02 13:00:01")
    assert len(await filed(house)) == 1


async def test_a_snapshot_that_is_older_than_the_inbox_files_nothing_twice(house: House) -> None:
    old = house.hub.facts.get(KEY)
    assert old
    await false_alarm(house)
    await house.at("2026-11-02 13:00:01")
    await house.stop_hub()
    with patch("custom_components.homecare_h2o.facts.Facts.get", autospec=True, side_effect=only(old)):
        await house.start_hub()
        assert len(await deviations(house.hass)) == 1
    assert len(await filed(house)) == 1


def only(fact: Any) -> Callable[[Any, str], Any]:
    """Return facts of which only the inbox is known, as it was."""
    return lambda _facts, key: fact if key == KEY else None


@pytest.mark.parametrize("known", [None, {"inbox": "?"}, {"seq": 1}], ids=["forgotten", "unreadable", "cut"])
async def test_without_a_snapshot_the_inbox_is_read_from_the_journal(house: House, known: Any) -> None:
    await false_alarm(house)
    (one,) = await deviations(house.hass)
    await call(house.hass, "update_deviation", deviation_id=one["deviation_id"], comment="ringt IT")
    before = await deviations(house.hass)
    await house.at("2026-11-02 13:00:01")
    await house.stop_hub()
    with patch("custom_components.homecare_h2o.facts.Facts.get", autospec=True, side_effect=only(known)):
        await house.start_hub()
        assert await deviations(house.hass) == before
    assert len(await filed(house)) == 1


async def test_what_happened_long_before_there_was_an_inbox_is_not_filed(house: House) -> None:
    with never_filed(), patch.object(Deviations, "_file_missing"):
        await false_alarm(house, rule="older")
        house.freezer.move_to(local("2026-11-10 12:00:00"))
        await false_alarm(house, rule="newer")
        await house.stop_hub()
    with patch("custom_components.homecare_h2o.facts.Facts.get", autospec=True, side_effect=only(None)):
        await house.start_hub()
        assert [told["happened_at"][:10] for told in await deviations(house.hass)] == ["2026-11-10"]


async def test_what_waits_is_in_the_journal_that_takes_a_damaged_ones_place(house: House) -> None:
    await false_alarm(house, rule="waits")
    (one,) = await deviations(house.hass)
    await call(house.hass, "update_deviation", deviation_id=one["deviation_id"], comment="ringt IT")
    await house.at("2026-11-02 13:00:01")
    before = await deviations(house.hass)
    await house.stop_hub()
    (folder_of(house.hass, house.entry) / "journal.db").write_bytes(b"broken")
    await house.start_hub()
    after = await deviations(house.hass)
    assert after[:1] == [{**before[0], "updated_at": after[0]["updated_at"]}]
    assert before[0]["deviation_id"] in {event.deviation_id for event in await filed(house)}
    again = len(await filed(house))
    await house.restart("2026-11-02 13:01:00")
    assert (len(await filed(house)), len(await deviations(house.hass))) == (again, len(after))


async def test_a_journal_that_cannot_be_read_leaves_the_inbox_unknown_until_it_can(house: House) -> None:
    await false_alarm(house)
    await house.stop_hub()
    with patch.object(SqliteJournal, "read", side_effect=JournalUnavailableError("busy")):
        await house.start_hub()
        assert not house.hub.deviations.is_ready
        with pytest.raises(HomeAssistantError):
            await deviations(house.hass)
        await false_alarm(house, rule="another")
    assert len(await deviations(house.hass)) == 2


async def test_what_is_filed_while_the_journal_cannot_be_written_is_seen_and_kept(house: House) -> None:
    writer = house.hub.journal._writer
    await writer.run(lambda one: one.execute("PRAGMA query_only = True"))
    await false_alarm(house)
    await house.at("2026-11-02 13:00:01")
    assert len([told for told in await deviations(house.hass) if told["kind"] == "false_alarm"]) == 1
    await writer.run(lambda one: one.execute("PRAGMA query_only = False"))
    await house.at("2026-11-02 13:00:30")
    await house.restart("2026-11-02 13:01:00")
    assert [event.deviation for event in await filed(house)].count(DeviationKind.FALSE_ALARM) == 1
    assert len([told for told in await deviations(house.hass) if told["kind"] == "false_alarm"]) == 1


async def test_an_alarm_that_cannot_be_read_does_not_keep_the_next_from_the_inbox(house: House) -> None:
    with never_filed():
        await false_alarm(house, rule="lost")
        found = await false_alarm(house, rule="found")
    alarms = [JournalUnavailableError("broken"), await house.hub.engine.load(found)]
    with patch.object(house.hub.engine, "load", side_effect=alarms):
        await house.at("2026-11-02 13:00:01")
    assert [event.alarm_id for event in await filed(house)] == [found]


async def test_the_snapshot_is_small_and_names_its_row(house: House) -> None:
    await house.at("2026-11-02 13:00:01")
    known = house.hub.facts.get(KEY)
    assert known
    assert known["inbox"] == {"items": [], "reminded_at": None}
    (row,) = await house.hub.journal.read(known["seq"] - 1, 1)
    assert row.digest == known["digest"]


async def test_settings_that_change_often_file_nothing_twice(house: House) -> None:
    await false_alarm(house)
    for _ in range(5):
        await house.start_hub_again()
    assert count(await house.journal(), DeviationFiled) == 1


async def test_a_hub_that_is_being_closed_says_nothing_of_its_inbox(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await house.hub.engine.stop()
    with patch.object(SqliteJournal, "read", side_effect=JournalUnavailableError("not open")):
        await house.at("2026-11-02 13:00:01")
    assert "The inbox could not be read" not in caplog.text


async def test_an_alarm_that_turns_out_to_be_no_deviation_is_not_filed_when_it_is_found_later(house: House) -> None:
    with never_filed():
        await false_alarm(house, "test")
    await house.at("2026-11-02 13:00:01")
    assert await filed(house) == []
