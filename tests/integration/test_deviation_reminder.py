"""The larmansvarig is reminded of what waits: once a day, weekends too, quietly (R011.1)."""

import asyncio
from typing import Any
from unittest.mock import patch

from homeassistant.core import ServiceCall, callback
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.homecare_h2o.core.events import DeviationsReminded
from custom_components.homecare_h2o.deviation_reminder import async_notify_phones

from .conftest import Pushed
from .rules import House, local, settle
from .steps import call, raise_alarm

# A Friday.
pytestmark = pytest.mark.freeze_time("2026-11-06 03:00:00+01:00")

NOBODY: list[Any] = []
WAITING = (
    "Väntar på larmansvarig: K7-31 ({number}). Den äldsta är från 2026-11-06 03:00. "
    "Öppna listan Avvikelser i Home Assistant."
)


async def false_alarm(house: House, rule: str = "gone_out") -> None:
    alarm_id = await raise_alarm(house.hass, house.brukare, "gone_out", rule=rule)
    await call(house.hass, "report_false_alarm", alarm_id=alarm_id)


async def reminders(house: House) -> list[DeviationsReminded]:
    return [event for event in await house.journal() if isinstance(event, DeviationsReminded)]


def reminded(pushed: Pushed, phone: str = "Larmansvarig") -> list[dict[str, Any]]:
    """Return the reminders that a phone got."""
    return [push for push in pushed(phone) if push["data"].get("tag") == "homecare_h2o-deviations"]


async def archive(house: House) -> None:
    for told in (await call(house.hass, "get_deviations"))["deviations"]:
        await call(house.hass, "update_deviation", deviation_id=told["deviation_id"], status="archived")


async def test_a_false_alarm_in_the_night_before_a_weekend_is_reminded_of_until_the_monday(
    house: House, pushed: Pushed
) -> None:
    await false_alarm(house)
    await house.at("2026-11-07 02:59:50")
    assert reminded(pushed) == NOBODY
    for day in ("07", "08", "09"):
        await house.at(f"2026-11-{day} 03:00:10")
        await house.at(f"2026-11-{day} 12:00:00")
    await archive(house)
    await house.at("2026-11-10 12:00:00")
    due = [local(f"2026-11-{day} 03:00:00") for day in ("07", "08", "09")]
    assert [event.due_at for event in await reminders(house)] == due
    assert len(reminded(pushed)) == 3


async def test_the_reminder_is_quiet_and_says_how_many_wait_without_saying_what(house: House, pushed: Pushed) -> None:
    await false_alarm(house)
    await house.at("2026-11-06 09:00:00")
    await false_alarm(house, "another")
    await house.at("2026-11-07 03:00:10")
    (push,) = reminded(pushed)
    assert (push["title"], push["message"]) == (
        "Avvikelser väntar",
        WAITING.format(number=2),
    )
    assert push["data"]["push"]["sound"] == "none"
    assert [reminded(pushed, name) for name in ("1 Htj dag", "1 Nattpatrull")] == [NOBODY, NOBODY]


async def test_what_is_being_worked_on_waits_a_day_longer(house: House, pushed: Pushed) -> None:
    await false_alarm(house)
    await house.at("2026-11-06 20:00:00")
    ((deviation_id),) = [told["deviation_id"] for told in (await call(house.hass, "get_deviations"))["deviations"]]
    await call(house.hass, "update_deviation", deviation_id=deviation_id, comment="ringt IT")
    await house.at("2026-11-07 19:59:50")
    assert reminded(pushed) == NOBODY
    await house.at("2026-11-07 20:00:10")
    assert len(reminded(pushed)) == 1


async def test_a_restart_reminds_neither_twice_nor_not_at_all(house: House, pushed: Pushed) -> None:
    await false_alarm(house)
    await house.at("2026-11-07 03:00:10")
    await house.restart("2026-11-07 03:30:00")
    await house.at("2026-11-07 04:00:00")
    assert len(reminded(pushed)) == 1
    await house.restart("2026-11-08 02:00:00")
    await house.at("2026-11-08 03:00:10")
    assert len(reminded(pushed)) == 2


async def test_a_hub_that_was_down_reminds_once_for_all_the_days(house: House, pushed: Pushed) -> None:
    await false_alarm(house)
    await house.restart("2026-11-10 12:00:00")
    await house.at("2026-11-10 12:00:30")
    assert [event.due_at for event in await reminders(house)] == [local("2026-11-10 03:00:00")]
    await house.at("2026-11-11 02:59:50")
    assert len(reminded(pushed)) == 1
    await house.at("2026-11-11 03:00:10")
    assert len(reminded(pushed)) == 2


async def test_a_clock_that_was_set_back_reminds_only_once(house: House, pushed: Pushed) -> None:
    await false_alarm(house)
    await house.at("2026-11-07 03:00:10")
    await house.at("2026-11-07 02:00:00")
    await house.at("2026-11-07 03:00:20")
    assert len(reminded(pushed)) == 1


async def test_a_reminder_that_was_journalled_before_a_kill_is_told_after_it(house: House, pushed: Pushed) -> None:
    await false_alarm(house)
    with patch("custom_components.homecare_h2o.deviation_reminder.DeviationReminder._async_tell"):
        await house.at("2026-11-07 03:00:10")
        await house.stop_hub()
    assert reminded(pushed) == NOBODY
    await house.start_hub()
    await house.at("2026-11-07 03:05:00")
    assert (len(await reminders(house)), len(reminded(pushed))) == (1, 1)


async def test_a_phone_that_could_not_be_reached_is_tried_again_within_the_hour(house: House, pushed: Pushed) -> None:
    await false_alarm(house)
    with patch("custom_components.homecare_h2o.deviation_reminder.async_notify_phones", return_value=[]) as unreachable:
        await house.at("2026-11-07 03:00:10")
        await house.at("2026-11-07 03:30:00")
        await house.at("2026-11-07 04:00:20")
    assert unreachable.call_count == 2
    await house.at("2026-11-07 05:00:30")
    assert (len(await reminders(house)), len(reminded(pushed))) == (1, 1)


async def test_a_reminder_that_reached_nobody_for_a_day_is_followed_by_the_next(house: House, pushed: Pushed) -> None:
    await false_alarm(house)
    with patch("custom_components.homecare_h2o.deviation_reminder.async_notify_phones", return_value=[]):
        await house.at("2026-11-07 03:00:10")
    await house.at("2026-11-08 03:00:10")
    assert (len(await reminders(house)), len(reminded(pushed))) == (2, 1)


async def test_nothing_is_reminded_of_before_a_day_has_passed_or_when_all_is_done(house: House, pushed: Pushed) -> None:
    await false_alarm(house)
    await archive(house)
    await house.at("2026-11-09 12:00:00")
    assert (await reminders(house), reminded(pushed)) == (NOBODY, NOBODY)


async def test_a_brukare_who_is_gone_is_not_reminded_of(house: House, pushed: Pushed) -> None:
    await false_alarm(house)
    house.hass.config_entries.async_remove_subentry(house.entry, "brukare-1")
    await settle(house.hass)
    await house.at("2026-11-09 12:00:00")
    assert reminded(pushed) == NOBODY


async def test_a_journal_that_cannot_be_written_does_not_keep_a_reminder_back(house: House, pushed: Pushed) -> None:
    await false_alarm(house)
    await house.hub.journal._writer.run(lambda one: one.execute("PRAGMA query_only = True"))
    await house.at("2026-11-07 03:00:10")
    await house.at("2026-11-07 03:00:30")
    await house.hub.journal._writer.run(lambda one: one.execute("PRAGMA query_only = False"))
    assert len(reminded(pushed)) == 1


async def test_a_hub_that_is_being_closed_reminds_later(house: House, pushed: Pushed) -> None:
    await false_alarm(house)
    await house.hub.engine.stop()
    await house.at("2026-11-07 03:00:10")
    await house.start_hub_again()
    await house.at("2026-11-07 03:01:00")
    assert len(reminded(pushed)) == 1


async def test_a_reminder_of_what_was_archived_meanwhile_is_not_told(house: House, pushed: Pushed) -> None:
    await false_alarm(house)
    with patch("custom_components.homecare_h2o.deviation_reminder.async_notify_phones", return_value=[]):
        await house.at("2026-11-07 03:00:10")
    await archive(house)
    await house.at("2026-11-07 12:00:00")
    assert reminded(pushed) == NOBODY


# --- phones --------------------------------------------------------------------------------------


async def test_one_phone_that_fails_does_not_keep_the_others_from_being_told(
    house: House, phones: dict[str, Any]
) -> None:
    told: list[ServiceCall] = []

    @callback
    def notify(service_call: ServiceCall) -> None:
        told.append(service_call)

    house.hass.services.async_register("notify", "sms", notify)
    app = f"app:{phones['Larmansvarig'].entry_id}"
    chosen = [app, "service:sms", "service:none", "app:gone", "entity:notify.none"]
    assert await async_notify_phones(house.hass, chosen, "T", "M") == [app, "service:sms"]
    assert [dict(each.data) for each in told] == [{"title": "T", "message": "M"}]


async def test_a_phone_that_hangs_is_given_up(house: House, phones: dict[str, Any]) -> None:
    async def hang(_call: ServiceCall) -> None:
        await asyncio.Event().wait()

    house.hass.services.async_register("notify", "slow", hang)
    with patch("custom_components.homecare_h2o.deviation_reminder.SEND_TIMEOUT", 0):
        assert await async_notify_phones(house.hass, ["service:slow"], "T", "M") == []


@pytest.mark.parametrize(("state", "told"), [("unknown", ["entity:notify.ward"]), ("unavailable", [])])
async def test_an_entity_that_is_unavailable_is_not_told(house: House, state: str, told: list[str]) -> None:
    async_mock_service(house.hass, "notify", "send_message")
    house.hass.states.async_set("notify.ward", state)
    assert await async_notify_phones(house.hass, ["entity:notify.ward"], "T", "M") == told
