"""What comes back from phones."""

from http import HTTPStatus
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.homecare_h2o import phones as phones_module
from custom_components.homecare_h2o.const import DOMAIN
from custom_components.homecare_h2o.core.events import AnswerRefused, PhoneReceived

from .conftest import Pushed
from .steps import (
    button,
    call,
    collect_steps,
    get_alarm,
    go_on,
    journalled,
    press,
    raise_alarm,
    receipt,
    settle,
    steps_of,
    user_of,
)

type Phones = dict[str, MockConfigEntry]

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

FIRST, SECOND, NIGHT = "1 Htj dag", "2 Htj dag", "1 Nattpatrull"


async def refusals(home: MockConfigEntry) -> list[str]:
    return [event.reason for event in await journalled(home) if isinstance(event, AnswerRefused)]


async def state(hass: HomeAssistant, alarm_id: str) -> str:
    return str((await get_alarm(hass, alarm_id))["state"])


async def taken(hass: HomeAssistant, phones: Phones, pushed: Pushed, device_id: str) -> str:
    """Have the first phone take an alarm."""
    alarm_id = await raise_alarm(hass, device_id)
    await press(hass, phones[FIRST], button(pushed(FIRST)[0], 0))
    return alarm_id


# --- answers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event_type", "key"),
    [
        ("mobile_app_notification_action", "action"),
        ("ios.notification_action_fired", "actionName"),
        ("ios.action_fired", "actionName"),
    ],
)
async def test_an_answer_is_taken_in_every_way_that_phones_know(
    hass: HomeAssistant, brukare_device: str, phones: Phones, pushed: Pushed, event_type: str, key: str
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    context = Context(user_id=user_of(phones[FIRST]))
    hass.bus.async_fire(event_type, {key: button(pushed(FIRST)[0], 0)}, context=context)
    await settle(hass)
    assert await state(hass, alarm_id) == "acknowledged"


@pytest.mark.parametrize(("number", "becomes"), [(0, "acknowledged"), (1, "raised"), (2, "false_alarm")])
async def test_every_button_of_a_call(
    hass: HomeAssistant, brukare_device: str, phones: Phones, pushed: Pushed, number: int, becomes: str
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await press(hass, phones[FIRST], button(pushed(FIRST)[0], number))
    assert await state(hass, alarm_id) == becomes


@pytest.mark.parametrize(("number", "becomes"), [(0, "done"), (1, "escalated")])
async def test_every_button_of_the_taker(
    hass: HomeAssistant, brukare_device: str, phones: Phones, pushed: Pushed, number: int, becomes: str
) -> None:
    alarm_id = await taken(hass, phones, pushed, brukare_device)
    await press(hass, phones[FIRST], button(pushed(FIRST)[1], number))
    assert await state(hass, alarm_id) == becomes


async def test_when_nobody_has_time_the_next_level_with_somebody_else_is_called_at_once(
    hass: HomeAssistant, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await press(hass, phones[FIRST], button(pushed(FIRST)[0], 1))
    await press(hass, phones[SECOND], button(pushed(SECOND)[0], 1))
    assert await state(hass, alarm_id) == "escalated"
    assert len(pushed("Larmansvarig")[-1]["data"]["actions"]) == 3
    assert pushed(FIRST)[-1]["message"] == "clear_notification"


async def test_the_second_who_takes_it_is_told_who_was_first(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    await taken(hass, phones, pushed, brukare_device)
    await press(hass, phones[SECOND], button(pushed(SECOND)[0], 0))
    assert pushed(SECOND)[-1]["message"] == "Tas av 1 Htj dag"
    assert await refusals(home) == ["already_taken"]


async def test_a_button_from_before_the_alarm_was_closed_changes_nothing(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await call(hass, "report_false_alarm", alarm_id=alarm_id)
    await press(hass, phones[FIRST], button(pushed(FIRST)[0], 0))
    assert await state(hass, alarm_id) == "false_alarm"
    assert (await refusals(home), pushed(FIRST)[-1]["message"]) == (["closed"], "clear_notification")


@pytest.mark.parametrize("event", [{}, {"action": None}, {"action": "OTHER"}, {"action": ["H2O"]}, {"action": 7}])
async def test_what_is_no_button_of_ours_is_left_alone(
    hass: HomeAssistant, home: MockConfigEntry, phones: Phones, event: dict[str, Any]
) -> None:
    before = await journalled(home)
    context = Context(user_id=user_of(phones[FIRST]))
    hass.bus.async_fire("mobile_app_notification_action", event, context=context)
    await settle(hass)
    assert await journalled(home) == before


async def test_an_answer_of_another_user_changes_nothing_and_is_journalled_once(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    before = len(pushed(FIRST))
    await press(hass, phones[NIGHT], button(pushed(FIRST)[0], 0))
    await press(hass, phones[NIGHT], button(pushed(FIRST)[0], 0))
    assert (await state(hass, alarm_id), await refusals(home)) == ("raised", ["foreign"])
    assert len(pushed(FIRST)) == before


async def test_an_answer_of_nobody_changes_nothing(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, pushed: Pushed
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    hass.bus.async_fire("mobile_app_notification_action", {"action": button(pushed(FIRST)[0], 0)})
    await settle(hass)
    assert (await state(hass, alarm_id), await refusals(home)) == ("raised", ["foreign"])


async def test_the_true_owner_may_answer_after_a_foreigner_tried(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await press(hass, phones[NIGHT], button(pushed(FIRST)[0], 0))
    await press(hass, phones[FIRST], button(pushed(FIRST)[0], 0))
    assert await state(hass, alarm_id) == "acknowledged"


def with_token(text: str, token: str) -> str:
    return "~".join([*text.split("~")[:-1], token])


@pytest.mark.parametrize("token", ["0" * 16, "", "å" * 16])
async def test_a_forged_answer_changes_nothing_and_is_journalled_once(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, pushed: Pushed, token: str
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    forged = with_token(button(pushed(FIRST)[0], 2), token)
    await press(hass, phones[FIRST], forged)
    await press(hass, phones[FIRST], forged)
    assert (await state(hass, alarm_id), await refusals(home)) == ("raised", ["forged"])


@pytest.mark.parametrize("text", ["H2O~01UNKNOWN~0~taking~0000000000000000", f"H2O~{'x' * 500}~0~taking~0"])
async def test_an_answer_to_no_alarm_is_journalled_once(
    hass: HomeAssistant, home: MockConfigEntry, phones: Phones, text: str
) -> None:
    await press(hass, phones[FIRST], text)
    await press(hass, phones[FIRST], text)
    assert await refusals(home) == ["forged"]


async def test_the_buttons_of_another_phone_are_not_mine(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await press(hass, phones[FIRST], button(pushed(SECOND)[0], 0))
    assert (await state(hass, alarm_id), await refusals(home)) == ("raised", ["foreign"])


async def test_a_button_of_an_older_step_changes_nothing_and_is_journalled_once(
    hass: HomeAssistant,
    home: MockConfigEntry,
    brukare_device: str,
    phones: Phones,
    pushed: Pushed,
    freezer: FrozenDateTimeFactory,
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await go_on(hass, freezer, minutes=2, seconds=30)
    await press(hass, phones[FIRST], button(pushed(FIRST)[0], 0))
    await press(hass, phones[FIRST], button(pushed(FIRST)[0], 0))
    assert (await state(hass, alarm_id), await refusals(home)) == ("escalated", ["outdated"])
    await press(hass, phones[FIRST], button(pushed(FIRST)[-1], 0))
    assert await state(hass, alarm_id) == "acknowledged"


async def test_a_button_of_another_brukares_alarm_is_good_for_that_one_only(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    flow = await hass.config_entries.subentries.async_init((home.entry_id, "brukare"), context={"source": "user"})
    await hass.config_entries.subentries.async_configure(flow["flow_id"], {"code": "K7-32"})
    await settle(hass)
    *_, second = home.get_subentries_of_type("brukare")
    other = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, second.subentry_id), home.entry_id)
    assert other
    ours, theirs = await raise_alarm(hass, brukare_device), await raise_alarm(hass, other.id)
    foreign = button(pushed(FIRST)[-1], 0).replace(theirs, ours)
    await press(hass, phones[FIRST], foreign)
    await press(hass, phones[FIRST], foreign)
    assert [await state(hass, one) for one in (ours, theirs)] == ["raised", "raised"]
    assert await refusals(home) == ["forged"]


async def test_an_answer_of_a_user_that_nobody_knows_changes_nothing_and_is_journalled_once(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, pushed: Pushed
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    answer = {"action": button(pushed(FIRST)[0], 0)}
    hass.bus.async_fire("mobile_app_notification_action", answer, context=Context(user_id="nobody"))
    hass.bus.async_fire("mobile_app_notification_action", answer, context=Context(user_id="nobody"))
    await settle(hass)
    assert (await state(hass, alarm_id), await refusals(home)) == ("raised", ["foreign"])


async def test_an_answer_through_the_phones_own_webhook_is_taken(
    hass: HomeAssistant,
    brukare_device: str,
    phones: Phones,
    pushed: Pushed,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    client = await hass_client_no_auth()
    answer = {"event_type": "mobile_app_notification_action", "event_data": {"action": button(pushed(FIRST)[0], 0)}}
    response = await client.post(f"/api/webhook/webhook-{FIRST}", json={"type": "fire_event", "data": answer})
    await settle(hass)
    assert (response.status, await state(hass, alarm_id)) == (HTTPStatus.OK, "acknowledged")


# --- receipts ------------------------------------------------------------------------------------


def flattened(push: dict[str, Any]) -> dict[str, Any]:
    """Return a receipt as Android sends it."""
    return {"tag": push["data"]["tag"], "action_1_key": button(push, 0), "action_1_title": "Åtgärdar"}


async def received(home: MockConfigEntry) -> list[str]:
    return [event.phone_id for event in await journalled(home) if isinstance(event, PhoneReceived)]


async def test_a_receipt_is_journalled_once(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    told = collect_steps(hass)
    await receipt(hass, phones[FIRST], **flattened(pushed(FIRST)[0]))
    await receipt(hass, phones[FIRST], **flattened(pushed(FIRST)[0]))
    assert await received(home) == [f"app:{phones[FIRST].entry_id}"]
    assert [(step["type"], step["phone"], step["alarm_id"]) for step in told] == [("received", FIRST, alarm_id)]


async def test_a_receipt_may_come_as_a_list(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    await raise_alarm(hass, brukare_device)
    await receipt(hass, phones[FIRST], actions=pushed(FIRST)[0]["data"]["actions"])
    assert len(await received(home)) == 1


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"actions": []},
        {"actions": ["H2O"]},
        {"actions": "H2O"},
        {"action_1_key": "OTHER"},
        {"action_1_key": "H2O~01UNKNOWN~0~taking~0"},
    ],
)
async def test_a_receipt_of_something_else_is_left_alone(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, data: dict[str, Any]
) -> None:
    await raise_alarm(hass, brukare_device)
    await receipt(hass, phones[FIRST], **data)
    assert await received(home) == []


async def test_a_foreign_receipt_is_left_alone(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    await raise_alarm(hass, brukare_device)
    await receipt(hass, phones[NIGHT], **flattened(pushed(FIRST)[0]))
    await receipt(hass, phones[FIRST], action_1_key=with_token(button(pushed(FIRST)[0], 0), "0" * 16))
    assert await received(home) == []


async def test_a_receipt_changes_nothing_else(
    hass: HomeAssistant, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    before = [await state(hass, alarm_id), len(pushed(FIRST)), await steps_of(hass, alarm_id)]
    await receipt(hass, phones[FIRST], **flattened(pushed(FIRST)[0]))
    after = [await state(hass, alarm_id), len(pushed(FIRST)), (await steps_of(hass, alarm_id))[:-1]]
    assert after == before


# --- phones as Home Assistant knows them ---------------------------------------------------------


async def test_a_phone_is_known_by_its_device_and_back(hass: HomeAssistant, phones: Phones) -> None:
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), phones[FIRST].entry_id)
    phone_id = phones_module.app_phone_id(hass, device.id)
    assert phone_id == f"app:{phones[FIRST].entry_id}"
    assert phones_module.device_ids(hass, [phone_id, "service:sms"]) == [device.id]


async def test_phones_have_the_names_that_staff_know(hass: HomeAssistant, phones: Phones) -> None:
    pager = er.async_get(hass).async_get_or_create("notify", "test", "pager", original_name="Personsökare")
    named = [f"app:{phones[FIRST].entry_id}", f"entity:{pager.entity_id}", "entity:notify.x", "service:sms", "app:gone"]
    shown = [phones_module.phone_name(hass, phone_id) for phone_id in named]
    assert shown == [FIRST, "Personsökare", "notify.x", "sms", "gone"]


async def test_only_what_is_there_is_known(hass: HomeAssistant, phones: Phones) -> None:
    async_mock_service(hass, "notify", "sms")
    hass.states.async_set("notify.pager", "unknown")
    there = [f"app:{phones[FIRST].entry_id}", "entity:notify.pager", "service:sms"]
    gone = ["app:gone", "entity:notify.gone", "service:gone"]
    assert [phones_module.is_known(hass, phone_id) for phone_id in there + gone] == [True] * 3 + [False] * 3


async def test_only_the_user_of_the_registration_may_answer(hass: HomeAssistant, phones: Phones) -> None:
    phone_id = f"app:{phones[FIRST].entry_id}"
    asked = [(phone_id, user_of(phones[FIRST])), (phone_id, user_of(phones[SECOND])), (phone_id, None), ("app:", "x")]
    assert [phones_module.may_answer(hass, *one) for one in asked] == [True, False, False, False]
