"""Answers in plain text, such as an SMS (R012.1)."""

from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import ServiceValidationError
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service
from pytest_homeassistant_custom_component.components.diagnostics import get_diagnostics_for_config_entry
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.homecare_h2o.core import codec
from custom_components.homecare_h2o.core.events import (
    AlarmAcknowledged,
    AlarmDeclined,
    AlarmRaised,
    AnswerRefused,
    RefusalReason,
    ReplyRefused,
)
from custom_components.homecare_h2o.core.text_replies import calc_number
from custom_components.homecare_h2o.engine import Engine

from .conftest import Pushed
from .steps import button, call, get_alarm, go_on, journalled, press, raise_alarm, settle, user_of

type Phones = dict[str, MockConfigEntry]

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

FIRST = "1 Htj dag"
APP_NUMBER, SMS_NUMBER, STRANGER = "070-174 06 05", "070-174 06 06", "070-174 06 99"
SMS, PAGER = "service:sms", "entity:notify.pager"


@pytest.fixture
async def sms(hass: HomeAssistant, home: MockConfigEntry, phones: Phones) -> list[ServiceCall]:
    """Give the day group a phone without an app, and return what it is sent."""
    sent: list[ServiceCall] = async_mock_service(hass, "notify", "sms")
    group = home.subentries["group-Htj dag"]
    app = f"app:{phones[FIRST].entry_id}"
    data = {
        **group.data,
        "phones": [app, SMS],
        "numbers": {app: "+46701740605", SMS: "+46701740606"},
    }
    hass.config_entries.async_update_subentry(home, group, data=data)
    await settle(hass)
    return sent


async def reply(hass: HomeAssistant, text: str, sender: str = SMS_NUMBER, **data: Any) -> Any:
    return await call(hass, "process_reply", sender=sender, text=text, **data)


async def state(hass: HomeAssistant, alarm_id: str) -> str:
    return str((await get_alarm(hass, alarm_id))["state"])


async def number_of(home: MockConfigEntry, alarm_id: str) -> int:
    raised = [event for event in await journalled(home) if isinstance(event, AlarmRaised)]
    number = next(event.number for event in raised if event.alarm_id == alarm_id)
    assert number
    return number


async def refusals(home: MockConfigEntry) -> list[tuple[str, str]]:
    return [(event.sender, event.reason) for event in await journalled(home) if isinstance(event, ReplyRefused)]


# --- answers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["1", "Ja", "åtgärdar", "TAKE"])
@pytest.mark.parametrize(
    "sender", [SMS_NUMBER, "+46 70 174 06 06", "0046701740606", "notify.sms", "service:sms", "sms"]
)
async def test_an_alarm_is_taken_by_text(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, sms: list[ServiceCall], text: str, sender: str
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    number = await number_of(home, alarm_id)
    answered = await reply(hass, text, sender)
    assert answered == {
        "outcome": "taken",
        "reply": f"Du har tagit larm {number}, K7-31 · Trygghetslarm. Svara klar {number} när det är klart.",
        "alarm_id": alarm_id,
    }
    (taken,) = [event for event in await journalled(home) if isinstance(event, AlarmAcknowledged)]
    assert (taken.by.phone_id, taken.by.user_id) == (SMS, None)


async def test_the_others_are_told_who_took_it(
    hass: HomeAssistant, brukare_device: str, sms: list[ServiceCall], pushed: Pushed
) -> None:
    await raise_alarm(hass, brukare_device)
    await reply(hass, "1")
    assert pushed(FIRST)[-1]["message"] == "Tas av sms"


async def test_a_phone_with_the_app_may_answer_by_text_as_well(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, sms: list[ServiceCall]
) -> None:
    await raise_alarm(hass, brukare_device)
    assert (await reply(hass, "1", APP_NUMBER))["outcome"] == "taken"
    (taken,) = [event for event in await journalled(home) if isinstance(event, AlarmAcknowledged)]
    assert taken.by.phone_id == f"app:{phones[FIRST].entry_id}"


async def test_an_alarm_is_left_to_a_colleague_by_text(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, sms: list[ServiceCall]
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    assert (await reply(hass, "hinner ej"))["outcome"] == "declined"
    (declined,) = [event for event in await journalled(home) if isinstance(event, AlarmDeclined)]
    assert (declined.by.phone_id, await state(hass, alarm_id)) == (SMS, "raised")


async def test_a_false_alarm_is_told_by_text(hass: HomeAssistant, brukare_device: str, sms: list[ServiceCall]) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    assert (await reply(hass, "falskt larm"))["outcome"] == "false_alarm"
    assert await state(hass, alarm_id) == "false_alarm"


@pytest.mark.parametrize(("text", "outcome"), [("hjälp given", "help_given"), ("ingen hjälp", "no_help_needed")])
async def test_an_alarm_is_done_and_closed_by_text(
    hass: HomeAssistant, brukare_device: str, sms: list[ServiceCall], text: str, outcome: str
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await reply(hass, "1")
    assert (await reply(hass, "Klar!"))["outcome"] == "done"
    assert (await reply(hass, text))["outcome"] == outcome
    alarm = await get_alarm(hass, alarm_id)
    assert (alarm["state"], alarm["outcome"]) == ("resolved", outcome)


async def test_who_needs_help_gets_others_called(
    hass: HomeAssistant, brukare_device: str, sms: list[ServiceCall], pushed: Pushed
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await reply(hass, "1")
    assert (await reply(hass, "behöver hjälp"))["outcome"] == "need_help"
    assert await state(hass, alarm_id) == "escalated"
    assert len(pushed(FIRST)[-1]["data"]["actions"]) == 3


async def test_taking_it_twice_is_no_trouble(hass: HomeAssistant, brukare_device: str, sms: list[ServiceCall]) -> None:
    await raise_alarm(hass, brukare_device)
    assert [(await reply(hass, "1"))["outcome"] for _ in range(2)] == ["taken", "taken"]


async def test_an_answer_in_english_is_answered_in_the_hubs_language(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, sms: list[ServiceCall]
) -> None:
    hass.config.language = "en"
    assert await hass.config_entries.async_reload(home.entry_id)
    await raise_alarm(hass, brukare_device)
    assert (await reply(hass, "yes"))["reply"].startswith("You have taken alarm ")


async def test_staff_may_not_answer_in_the_name_of_a_colleague(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, sms: list[ServiceCall]
) -> None:
    await raise_alarm(hass, brukare_device)
    with pytest.raises(ServiceValidationError, match="may not"):
        await call(hass, "process_reply", user_of(phones["2 Htj dag"]), sender=SMS_NUMBER, text="1")
    assert [event for event in await journalled(home) if isinstance(event, AlarmAcknowledged)] == []


async def test_the_larmansvarig_who_feeds_it_by_hand_is_known(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, sms: list[ServiceCall]
) -> None:
    await raise_alarm(hass, brukare_device)
    user_id = (await hass.auth.async_create_user("Larmansvarig", group_ids=["system-admin"])).id
    await call(hass, "process_reply", user_id, sender=SMS_NUMBER, text="1")
    (taken,) = [event for event in await journalled(home) if isinstance(event, AlarmAcknowledged)]
    assert (taken.by.phone_id, taken.by.user_id) == (SMS, user_id)


# --- which alarm -------------------------------------------------------------------------------------


async def two_alarms(hass: HomeAssistant, home: MockConfigEntry, device_id: str) -> list[tuple[str, int]]:
    ids = [await raise_alarm(hass, device_id, kind) for kind in ("fire", "leak")]
    return [(alarm_id, await number_of(home, alarm_id)) for alarm_id in ids]


async def test_with_two_open_alarms_a_bare_answer_changes_nothing_and_is_asked_which(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, sms: list[ServiceCall]
) -> None:
    (fire, first), (leak, second) = await two_alarms(hass, home, brukare_device)
    answered = await reply(hass, "1")
    listed = f"{first} (K7-31 · BRAND), {second} (K7-31 · LÄCKAGE)"
    assert answered == {
        "outcome": "ambiguous",
        "reply": f"Inget ändrat: flera larm är öppna. Svara med numret också: {listed}.",
    }
    assert [await state(hass, alarm_id) for alarm_id in (fire, leak)] == ["raised", "raised"]
    assert await refusals(home) == [(SMS, "ambiguous")]


async def test_the_number_tells_which(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, sms: list[ServiceCall]
) -> None:
    (fire, _), (leak, second) = await two_alarms(hass, home, brukare_device)
    assert (await reply(hass, f"1 {second}"))["alarm_id"] == leak
    assert [await state(hass, alarm_id) for alarm_id in (fire, leak)] == ["raised", "acknowledged"]


async def test_the_number_may_come_beside_the_text(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, sms: list[ServiceCall]
) -> None:
    (fire, first), (_, second) = await two_alarms(hass, home, brukare_device)
    assert (await reply(hass, "ja", alarm_number=first))["alarm_id"] == fire
    assert (await reply(hass, f"klar {first}", alarm_number=second))["alarm_id"] == fire


async def test_a_bare_answer_is_not_guessed_to_be_about_the_alarm_that_a_colleague_left(
    hass: HomeAssistant,
    home: MockConfigEntry,
    brukare_device: str,
    phones: Phones,
    sms: list[ServiceCall],
    pushed: Pushed,
) -> None:
    (fire, _), (leak, _) = await two_alarms(hass, home, brukare_device)
    await press(hass, phones[FIRST], button(pushed(FIRST)[0], 0))
    assert (await reply(hass, "1"))["outcome"] == "ambiguous"
    assert [await state(hass, alarm_id) for alarm_id in (fire, leak)] == ["acknowledged", "raised"]


async def test_a_number_is_the_alarms_for_its_whole_life(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, sms: list[ServiceCall]
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    number = await number_of(home, alarm_id)
    assert number == calc_number(alarm_id, set())
    assert await hass.config_entries.async_reload(home.entry_id)
    assert (await reply(hass, f"1 {number}"))["alarm_id"] == alarm_id


# --- what changes nothing ------------------------------------------------------------------------------


@pytest.mark.parametrize("sender", [STRANGER, "notify.unknown", "112", " "])
async def test_a_stranger_changes_nothing_is_told_nothing_and_journalled_once(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, sms: list[ServiceCall], sender: str
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    answers = [await reply(hass, "1", sender) for _ in range(2)]
    assert answers == [{"outcome": "unknown_sender", "reply": ""}] * 2
    assert (await state(hass, alarm_id), len(await refusals(home))) == ("raised", 1)


async def test_two_strangers_are_journalled_both_without_their_numbers(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, sms: list[ServiceCall]
) -> None:
    await reply(hass, "1", STRANGER)
    await reply(hass, "1", "070-174 06 98")
    assert await refusals(home) == [("…99", "unknown_sender"), ("…98", "unknown_sender")]


async def test_the_id_of_a_phone_with_the_app_is_no_proof(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, sms: list[ServiceCall]
) -> None:
    await raise_alarm(hass, brukare_device)
    assert (await reply(hass, "1", f"app:{phones[FIRST].entry_id}"))["outcome"] == "unknown_sender"


@pytest.mark.parametrize("text", ["", "?", "kommer snart", "417", "x" * 5000])
async def test_what_is_not_understood_changes_nothing_and_is_explained(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, sms: list[ServiceCall], text: str
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    answered = await reply(hass, text)
    assert answered["outcome"] == "not_understood"
    assert "1 = åtgärdar, 2 = hinner ej" in answered["reply"]
    assert (await state(hass, alarm_id), await refusals(home)) == ("raised", [(SMS, "not_understood")])


async def test_without_an_alarm_there_is_nothing_to_answer(
    hass: HomeAssistant, home: MockConfigEntry, sms: list[ServiceCall], freezer: FrozenDateTimeFactory
) -> None:
    answers = [await reply(hass, text) for text in ("1", "1", "1 417")]
    assert [answer["outcome"] for answer in answers] == ["no_alarm", "no_alarm", "unknown_number"]
    assert answers[2]["reply"] == "Inget ändrat: du har inget öppet larm 417."
    assert await refusals(home) == [(SMS, "no_alarm"), (SMS, "unknown_number")]
    await go_on(hass, freezer, hours=1)
    await reply(hass, "1")
    assert len(await refusals(home)) == 3


async def test_a_closed_alarm_is_none(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, sms: list[ServiceCall]
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    number = await number_of(home, alarm_id)
    await call(hass, "report_false_alarm", alarm_id=alarm_id)
    assert (await reply(hass, f"1 {number}"))["outcome"] == "unknown_number"


async def test_an_alarm_of_others_is_none(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, sms: list[ServiceCall]
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device, "technical")
    number = await number_of(home, alarm_id)
    answers = [await reply(hass, text) for text in ("1", f"1 {number}")]
    assert [answer["outcome"] for answer in answers] == ["no_alarm", "unknown_number"]
    assert await state(hass, alarm_id) == "raised"


async def test_the_second_is_told_who_was_first(
    hass: HomeAssistant,
    home: MockConfigEntry,
    brukare_device: str,
    phones: Phones,
    sms: list[ServiceCall],
    pushed: Pushed,
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await press(hass, phones[FIRST], button(pushed(FIRST)[0], 0))
    answered = await reply(hass, "1")
    assert (answered["outcome"], answered["reply"].endswith("tas av 1 Htj dag.")) == ("already_taken", True)
    assert [event.reason for event in await journalled(home) if isinstance(event, AnswerRefused)] == ["already_taken"]
    assert await state(hass, alarm_id) == "acknowledged"


async def test_what_nobody_has_taken_is_not_done(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, sms: list[ServiceCall]
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    answered = await reply(hass, "klar")
    number = await number_of(home, alarm_id)
    assert answered["outcome"] == "not_taken"
    assert answered["reply"].endswith(f"Svara först 1 {number}.")
    assert await state(hass, alarm_id) == "raised"


async def test_a_phone_whose_user_is_turned_off_answers_for_nobody(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, sms: list[ServiceCall]
) -> None:
    group = home.subentries["group-Htj dag"]
    app = f"app:{phones['2 Htj dag'].entry_id}"
    data = {**group.data, "phones": [app], "numbers": {app: "+46701740607"}}
    hass.config_entries.async_update_subentry(home, group, data=data)
    await settle(hass)
    user = await hass.auth.async_get_user(user_of(phones["2 Htj dag"]))
    assert user
    await hass.auth.async_deactivate_user(user)
    alarm_id = await raise_alarm(hass, brukare_device)
    assert (await reply(hass, "1", "070-174 06 07"))["outcome"] == "not_allowed"
    assert await state(hass, alarm_id) == "raised"


@pytest.mark.parametrize(
    ("results", "outcome"),
    [
        ([RefusalReason.OUTDATED, None], "taken"),
        ([RefusalReason.OUTDATED, RefusalReason.ALREADY_TAKEN], "already_taken"),
        ([RefusalReason.CLOSED], "closed"),
        ([RefusalReason.FORGED], "unknown_number"),
    ],
)
async def test_what_happens_to_the_alarm_meanwhile_is_told(
    hass: HomeAssistant,
    brukare_device: str,
    sms: list[ServiceCall],
    results: list[RefusalReason | None],
    outcome: str,
) -> None:
    await raise_alarm(hass, brukare_device)
    with patch.object(Engine, "answer", side_effect=results) as answer:
        assert (await reply(hass, "1"))["outcome"] == outcome
    assert answer.await_count == len(results)


# --- what is told --------------------------------------------------------------------------------------


async def test_a_phone_without_buttons_is_told_how_to_answer(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, sms: list[ServiceCall], pushed: Pushed
) -> None:
    number = await number_of(home, await raise_alarm(hass, brukare_device))
    await reply(hass, "1")
    await reply(hass, "klar")
    assert [call.data["message"].splitlines()[-1] for call in sms] == [
        f"Svara 1 {number} = åtgärdar, 2 {number} = hinner ej",
        f"Svara klar {number} när det är klart, behöver hjälp {number} om du behöver hjälp",
        f"Svara hjälp given {number}, ingen hjälp {number} eller fel {number}",
    ]
    assert [push for push in pushed(FIRST) if "Svara" in push["message"]] == []


async def test_a_phone_without_a_number_is_not_told_to_answer(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, sms: list[ServiceCall]
) -> None:
    group = home.subentries["group-Htj dag"]
    hass.config_entries.async_update_subentry(home, group, data={**group.data, "numbers": {}})
    await settle(hass)
    await raise_alarm(hass, brukare_device)
    assert [call.data["message"] for call in sms if "Svara" in call.data["message"]] == []


async def test_an_alarm_from_before_there_were_numbers_is_still_answered(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, sms: list[ServiceCall]
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    raised = next(event for event in await journalled(home) if isinstance(event, AlarmRaised))
    older = codec.to_plain(raised)
    del older["number"]
    assert codec.from_plain(AlarmRaised, older).number is None
    assert (await reply(hass, "1"))["alarm_id"] == alarm_id


DIGITS = ("1740605", "1740606", "174 06 05", "174 06 06", "1740699", "174 06 99")


async def test_no_number_leaves_the_hub(
    hass: HomeAssistant,
    home: MockConfigEntry,
    brukare_device: str,
    sms: list[ServiceCall],
    pushes: AiohttpClientMocker,
    hass_client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    await raise_alarm(hass, brukare_device)
    await reply(hass, "1", STRANGER)
    await reply(hass, "vad", APP_NUMBER)
    await reply(hass, "1", SMS_NUMBER)
    assert await async_setup_component(hass, "diagnostics", {})
    diagnostics = await get_diagnostics_for_config_entry(hass, hass_client, home)
    journal = [codec.encode(event) for event in await journalled(home)]
    alarms = await call(hass, "get_alarms")
    told = repr([pushes.mock_calls, [sent.data for sent in sms], diagnostics, journal, alarms]) + caplog.text
    assert [digits for digits in DIGITS if digits in told] == []
