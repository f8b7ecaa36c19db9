"""The journal told to people and to the case system: timelines, export, figures, and whether it is whole."""

import csv
from datetime import timedelta
import io
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import probatio as vol
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.homecare_h2o import export
from custom_components.homecare_h2o.core import codec
from custom_components.homecare_h2o.core.events import Actor, HubStarted, MonitoringRestored, Outcome
from custom_components.homecare_h2o.export import COLUMNS, write_csv
from custom_components.homecare_h2o.journal_words import Words
from custom_components.homecare_h2o.retention import async_purge

from .conftest import Pushed
from .steps import button, call, get_alarm, go_on, journalled, press, raise_alarm, receipt, settle

type Phones = dict[str, MockConfigEntry]

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

DAY = {"from": "2026-11-02", "to": "2026-11-02"}


async def exported(hass: HomeAssistant, **data: Any) -> dict[str, Any]:
    """Return what is exported of a day."""
    told: dict[str, Any] = await call(hass, "export_journal", **(DAY | data))
    return told


async def kinds(hass: HomeAssistant, **data: Any) -> list[str]:
    return [row["event"] for row in (await exported(hass, **data))["rows"]]


def make_ios(hass: HomeAssistant, phone: MockConfigEntry) -> None:
    hass.config_entries.async_update_entry(phone, data={**phone.data, "os_name": "iOS"})


# --- timelines (R012.3) ---------------------------------------------------------------------------


async def test_every_step_of_a_timeline_is_told_in_words(
    hass: HomeAssistant, brukare_device: str, phones: Phones, pushed: Pushed, freezer: FrozenDateTimeFactory
) -> None:
    make_ios(hass, phones["2 Htj dag"])
    alarm_id = await raise_alarm(hass, brukare_device)
    freezer.tick(4)
    await press(hass, phones["1 Htj dag"], button(pushed("1 Htj dag")[0], 0))
    told = [step["text"] for step in (await get_alarm(hass, alarm_id))["timeline"]]
    assert told[:2] == ["12:00:00 larm utlöst", "12:00:00 larmar: Htj dag"]
    assert "12:00:00 1 Htj dag meddelande sänt" in told
    assert "12:00:00 2 Htj dag meddelande sänt, ej verifierad" in told
    assert "12:00:04 1 Htj dag kvitterat" in told


async def test_receipts_are_told_apart(
    hass: HomeAssistant, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    make_ios(hass, phones["2 Htj dag"])
    alarm_id = await raise_alarm(hass, brukare_device)
    await receipt(hass, phones["1 Htj dag"], action_1_key=button(pushed("1 Htj dag")[0], 0))
    await receipt(hass, phones["2 Htj dag"], action_1_key=button(pushed("2 Htj dag")[0], 0))
    first, second = (await get_alarm(hass, alarm_id))["receipts"]
    assert (first["phone"], first["status"], first["text"]) == ("1 Htj dag", "received", "mottaget")
    assert (second["phone"], second["status"], second["text"]) == ("2 Htj dag", "unverified", "ej verifierad")
    assert "received_at" in first
    assert "received_at" not in second
    await press(hass, phones["2 Htj dag"], button(pushed("2 Htj dag")[0], 0))
    first, second = (await get_alarm(hass, alarm_id))["receipts"][:2]
    assert (first["status"], second["status"], second["answer"]) == ("received", "answered", "acknowledged")


async def test_every_kind_of_row_has_words(hass: HomeAssistant, home: MockConfigEntry) -> None:
    wording = home.runtime_data.wording
    assert {kind for kind in codec.KINDS if wording.step(kind, None) == kind} == set()


# --- export (P001.7) ------------------------------------------------------------------------------


async def test_every_row_of_the_period_is_exported(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str
) -> None:
    await raise_alarm(hass, brukare_device)
    await call_visit(hass, brukare_device)
    told = await exported(hass)
    assert [row["event"] for row in told["rows"]] == [event.kind for event in await journalled(home)]
    assert [row["seq"] for row in told["rows"]] == list(range(1, told["count"] + 1))
    assert told["complete"] is True
    raised = next(row for row in told["rows"] if row["event"] == "raised")
    assert (raised["code"], raised["alarm_type"], raised["at"]) == (
        "K7-31",
        "safety_button",
        "2026-11-02T12:00:00.000+01:00",
    )
    assert {row["code"] for row in told["rows"] if row["event"] == "visit_started"} == {"K7-31"}


async def call_visit(hass: HomeAssistant, brukare_device: str) -> None:
    await call(hass, "start_visit", device_id=brukare_device)


@pytest.mark.parametrize("form", ["json", "csv", "text"])
async def test_no_name_address_or_secret_is_exported(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, form: str
) -> None:
    alarm_id = await raise_alarm(
        hass,
        brukare_device,
        message="Tess T. Person, Testvägen 1 svarar inte",
        sources=["binary_sensor.tess_kok"],
        rule="tess-regel",
    )
    secret = home.runtime_data.engine.alarms[alarm_id].secret
    await home.runtime_data.engine.acknowledge(alarm_id, Actor(user_id="u1"))
    await call(
        hass, "resolve_alarm", alarm_id=alarm_id, outcome="help_given", note="Tess mår bra. Bor i 111 11 Hultsfred"
    )
    told = str(await exported(hass, format=form))
    for hidden in ("Tess", "tess", "Person", "Testvägen", "Testv", "Hultsfred", "secret", secret):
        assert hidden not in told, hidden
    assert "K7-31 mår bra" in told


async def test_a_relative_is_not_named(hass: HomeAssistant, home: MockConfigEntry, phones: Phones) -> None:
    group = home.subentries["group-Larmansvarig"]
    hass.config_entries.async_update_subentry(
        home, group, title="Dotter Anna", data={**group.data, "name": "Dotter Anna", "role": "relative"}
    )
    await settle(hass)
    words, open_words = Words(hass, home.runtime_data, is_private=True), Words(hass, home.runtime_data)
    phone_id = f"app:{phones['Larmansvarig'].entry_id}"
    assert (words.group(group.subentry_id), words.phone(phone_id)) == ("Anhörig", "Anhörig")
    assert (open_words.group(group.subentry_id), open_words.phone(phone_id)) == ("Dotter Anna", "Larmansvarig")
    assert words.plain({"groups": [group.subentry_id], "phone": phone_id, "n": 1}) == {
        "groups": ["Anhörig"],
        "phone": "Anhörig",
        "n": 1,
    }


async def test_a_home_without_names_has_nothing_to_hide(hass: HomeAssistant, home: MockConfigEntry) -> None:
    (brukare,) = home.get_subentries_of_type("brukare")
    hass.config_entries.async_update_subentry(home, brukare, data={"code": "K7-31"})
    await settle(hass)
    assert Words(hass, home.runtime_data, is_private=True).mask("Tess") == "Tess"


async def test_csv_has_a_header_and_a_row_for_each(hass: HomeAssistant, brukare_device: str) -> None:
    await raise_alarm(hass, brukare_device, message='Säger "hjälp",\noch igen')
    told = await exported(hass, format="csv")
    header, *rows = csv.reader(io.StringIO(told["content"], newline=""))
    assert tuple(header) == COLUMNS
    assert len(rows) == told["count"]
    assert told["content"].endswith("\r\n")


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+46", "'+46"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ('say "so", then', 'say "so", then'),
        ("two\nlines", "two\nlines"),
        (5, "5"),
        (True, "true"),
        (None, ""),
        (["a", "ö"], '["a", "ö"]'),
    ],
)
def test_no_cell_is_a_formula(value: Any, cell: str) -> None:
    _, row = csv.reader(io.StringIO(write_csv([{"note": value}]), newline=""))
    assert row[COLUMNS.index("note")] == cell


async def test_text_is_a_timeline_to_be_pasted(
    hass: HomeAssistant, brukare_device: str, freezer: FrozenDateTimeFactory, home: MockConfigEntry
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await home.runtime_data.engine.acknowledge(alarm_id, Actor(user_id="u1"))
    await home.runtime_data.engine.resolve(
        alarm_id, Actor(user_id="u1"), Outcome.HELP_GIVEN, "Första\nAndra", report=False
    )
    await settle(hass)
    freezer.tick(timedelta(hours=13))
    await home.runtime_data.engine.record(
        MonitoringRestored(
            at=home.runtime_data.clock.now(), brukare_id="brukare-1", rule="r", lost_at=home.runtime_data.clock.now()
        )
    )
    lines = (await exported(hass, format="text", to="2026-11-03"))["content"].split("\n")
    assert lines[:2] == ["2026-11-02", "12:00:00 Hubben: hubben startade"]
    assert "12:00:00 K7-31 · Trygghetslarm: larm utlöst" in lines
    assert "12:00:00 K7-31 · Trygghetslarm: personal i Home Assistant avslutat: Hjälp given. Första Andra" in lines
    assert lines[-3:] == ["", "2026-11-03", "01:00:00 K7-31: övervakas igen"]


async def test_escalation_is_told_with_its_level(
    hass: HomeAssistant, brukare_device: str, freezer: FrozenDateTimeFactory
) -> None:
    await raise_alarm(hass, brukare_device)
    await go_on(hass, freezer, seconds=151)
    assert "eskalerat: nivå 2" in (await exported(hass, format="text"))["content"]


async def test_only_rows_of_the_period_are_exported(
    hass: HomeAssistant, brukare_device: str, freezer: FrozenDateTimeFactory
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    freezer.tick(timedelta(hours=1))
    await call(hass, "report_false_alarm", alarm_id=alarm_id)
    before = await kinds(hass, **{"from": "2026-11-02 12:00:00", "to": "2026-11-02 13:00:00"})
    told = await exported(hass, **{"from": "2026-11-02 13:00:00", "to": "2026-11-02T14:00:00+01:00"})
    assert ("raised" in before, "false_alarm" in before) == (True, False)
    assert told["rows"][0]["event"] == "false_alarm"
    assert {row["alarm_type"] for row in told["rows"] if row["alarm_id"] == alarm_id} == {"safety_button"}


async def test_one_brukare_gets_what_is_of_nobody_else(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str
) -> None:
    now = home.runtime_data.clock.now()
    await home.runtime_data.engine.record(MonitoringRestored(at=now, brukare_id="another", rule="r", lost_at=now))
    await raise_alarm(hass, brukare_device)
    found = await kinds(hass, device_id=brukare_device)
    assert ("hub_started" in found, "raised" in found, "monitoring_restored" in found) == (True, True, False)
    assert "monitoring_restored" in await kinds(hass)


async def test_an_answer_to_no_alarm_is_exported_without_one(
    hass: HomeAssistant, home: MockConfigEntry, phones: Phones
) -> None:
    await press(hass, phones["1 Htj dag"], "HOMECARE_H2O~unknown~1~x~taking~0")
    assert (await exported(hass))["count"] == len(await journalled(home))


async def test_a_big_period_is_read_in_pages(
    hass: HomeAssistant, home: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PAGE", 7)
    now = home.runtime_data.clock.now()
    await home.runtime_data.journal.append([HubStarted(at=now, last_alive_at=None)] * 50)
    told = await exported(hass)
    assert told["count"] >= 51
    assert [row["seq"] for row in told["rows"]] == list(range(1, told["count"] + 1))


@pytest.mark.parametrize("action", ["export_journal", "get_statistics"])
async def test_a_period_without_a_length_is_refused(hass: HomeAssistant, home: MockConfigEntry, action: str) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, action, **{"from": "2026-11-02", "to": "2026-11-01"})
    assert caught.value.translation_key == "bad_period"


@pytest.mark.parametrize("end", ["9999-12-31", "soon", ""])
async def test_a_period_that_no_calendar_knows_is_refused(hass: HomeAssistant, home: MockConfigEntry, end: str) -> None:
    with pytest.raises(vol.Invalid):
        await call(hass, "export_journal", **{"from": "2026-11-02", "to": end})


@pytest.mark.parametrize(("action", "data"), [("export_journal", DAY), ("get_statistics", DAY), ("verify_journal", {})])
async def test_staff_may_not_export(
    hass: HomeAssistant, home: MockConfigEntry, action: str, data: dict[str, str]
) -> None:
    staff = await hass.auth.async_create_user("Staff", group_ids=["system-users"])
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, action, user_id=staff.id, **data)
    assert caught.value.translation_key == "not_allowed"


# --- figures (R011.6) -----------------------------------------------------------------------------


async def test_figures_of_a_period(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, freezer: FrozenDateTimeFactory
) -> None:
    first = await raise_alarm(hass, brukare_device, sources=["binary_sensor.tess_knapp"])
    freezer.tick(10)
    await call(hass, "acknowledge_alarm", alarm_id=first)
    second = await raise_alarm(hass, brukare_device, "fire")
    freezer.tick(20)
    await call(hass, "report_false_alarm", alarm_id=second)
    told = await call(hass, "get_statistics", **DAY, device_id=brukare_device)
    total = told["total"]
    assert (total["number"], total["false"], total["false_share"]) == (2, 1, 0.5)
    assert (total["median_seconds"], total["p90_seconds"], total["hours"][12]) == (10.0, 20.0, 2)
    assert told["by_type"]["fire"]["false_share"] == 1.0
    assert {group["group"]: group["number"] for group in told["by_group"]} == {"Htj dag": 2}
    assert [source["source"] for source in told["by_source"]] == ["binary_sensor.K7-31_knapp"]


async def test_no_alarms_give_no_times(hass: HomeAssistant, home: MockConfigEntry) -> None:
    total = (await call(hass, "get_statistics", **DAY))["total"]
    assert (total["number"], total["median_seconds"], total["p90_seconds"]) == (0, None, None)


# --- verification and retention -------------------------------------------------------------------


async def test_a_whole_journal_is_told_as_sound(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str
) -> None:
    await raise_alarm(hass, brukare_device)
    told = await call(hass, "verify_journal")
    rows = await home.runtime_data.journal.read()
    assert (told["sound"], told["rows"], told["removed"], told["digest"]) == (True, len(rows), 0, rows[-1].digest)
    assert told["first_at"] == told["last_at"] == "2026-11-02T12:00:00+01:00"


async def test_where_a_journal_breaks_is_told(hass: HomeAssistant, home: MockConfigEntry, brukare_device: str) -> None:
    await raise_alarm(hass, brukare_device)
    journal = home.runtime_data.journal
    await journal._writer.run(
        lambda connection: connection.executescript(
            "DROP TRIGGER events_stay; UPDATE events SET at = '2026-01-01' WHERE seq = 2"
        )
    )
    told = await call(hass, "verify_journal")
    assert told == {"sound": False, "reason": "the chain breaks at row 2", "row": 2}


async def test_damage_without_a_row_is_told(hass: HomeAssistant, home: MockConfigEntry) -> None:
    journal = home.runtime_data.journal
    await journal._writer.run(lambda connection: connection.execute("INSERT INTO meta VALUES ('purged', '99')"))
    assert (await call(hass, "verify_journal"))["row"] is None


async def test_what_is_old_is_removed_once_a_day(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, freezer: FrozenDateTimeFactory
) -> None:
    closed = await raise_alarm(hass, brukare_device)
    await call(hass, "report_false_alarm", alarm_id=closed)
    still_open = await raise_alarm(hass, brukare_device, "fire")
    hass.config_entries.async_update_entry(home, options={"retention_days": 30})
    await settle(hass)
    await go_on(hass, freezer, days=32)
    await go_on(hass, freezer, hours=1)
    told = await call(hass, "verify_journal")
    assert told["sound"] is True
    assert told["removed"] > 0
    alarms = {alarm["alarm_id"] for alarm in (await call(hass, "get_alarms"))["alarms"]}
    assert closed not in alarms
    assert still_open in alarms


async def test_nothing_is_removed_before_its_time(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, freezer: FrozenDateTimeFactory
) -> None:
    await call(hass, "report_false_alarm", alarm_id=await raise_alarm(hass, brukare_device))
    await go_on(hass, freezer, days=700)
    await go_on(hass, freezer, hours=1)
    assert (await call(hass, "verify_journal"))["removed"] == 0


async def test_a_damaged_journal_removes_nothing_and_nothing_stops(
    hass: HomeAssistant, home: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    journal = home.runtime_data.journal
    await journal._writer.run(lambda connection: connection.execute("INSERT INTO meta VALUES ('purged', '99')"))
    await async_purge(journal, home, home.runtime_data.clock.now())
    assert "Old rows could not be removed" in caplog.text
