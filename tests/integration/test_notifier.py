"""What reaches a phone, and what is known when it does not."""

import asyncio
from collections.abc import AsyncGenerator
from http import HTTPStatus
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.notify import NotifyEntity, NotifyEntityFeature
from homeassistant.components.notify.const import DATA_COMPONENT
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker, AiohttpClientMockResponse

from custom_components.homecare_h2o.const import DOMAIN
from custom_components.homecare_h2o.core.answers import parse_button_id
from custom_components.homecare_h2o.notifier import LANES

from .conftest import PUSH_URL, Pushed
from .steps import button, call, get_alarm, go_on, press, raise_alarm, settle, steps_of

type Phones = dict[str, MockConfigEntry]

pytestmark = pytest.mark.freeze_time("2026-11-02 12:00:00+01:00")

DAY = "group-Htj dag"


async def set_phones(hass: HomeAssistant, home: MockConfigEntry, *phones: str) -> None:
    """Let the day group have these phones only."""
    group = home.subentries[DAY]
    hass.config_entries.async_update_subentry(home, group, data={**group.data, "phones": list(phones)})
    await settle(hass)


async def error_of(hass: HomeAssistant, alarm_id: str) -> list[str]:
    """Return why phones could not be told."""
    timeline = (await get_alarm(hass, alarm_id))["timeline"]
    return [step["error"] for step in timeline if step["event"] == "notification_failed"]


# --- the Home Assistant app ----------------------------------------------------------------------


@pytest.mark.parametrize("alarm_type", ["fire", "safety_button", "leak", "passivity"])
async def test_a_call_rings_through(hass: HomeAssistant, brukare_device: str, pushed: Pushed, alarm_type: str) -> None:
    alarm_id = await raise_alarm(hass, brukare_device, alarm_type)
    data = pushed("1 Htj dag")[0]["data"]
    actions = data.pop("actions")
    assert data == {
        "tag": f"homecare_h2o-{alarm_id}",
        "clickAction": f"/homecare-h2o/alarm/{alarm_id}",
        "url": f"/homecare-h2o/alarm/{alarm_id}",
        "ttl": 0,
        "priority": "high",
        "persistent": True,
        "sticky": True,
        "confirmation": True,
        "channel": "alarm_stream",
        "importance": "high",
        "push": {"interruption-level": "critical", "sound": {"name": "default", "critical": 1, "volume": 1.0}},
    }
    assert [action["title"] for action in actions] == ["Åtgärdar", "Hinner ej", "Felaktigt larm"]


async def test_every_button_of_every_phone_is_another(hass: HomeAssistant, brukare_device: str, pushed: Pushed) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    texts = [button(pushed(phone)[0], number) for phone in ("1 Htj dag", "2 Htj dag") for number in range(3)]
    assert len(set(texts)) == 6
    assert {parsed.alarm_id for text in texts if (parsed := parse_button_id(text))} == {alarm_id}


async def test_a_call_tells_what_when_and_what_to_do(hass: HomeAssistant, brukare_device: str, pushed: Pushed) -> None:
    await raise_alarm(hass, brukare_device)
    (push,) = pushed("1 Htj dag")
    assert push["title"] == "K7-31 · Trygghetslarm"
    assert push["message"] == "LARM · kl 12:00\nRing eller besök genast"


async def test_a_call_of_a_higher_level_says_so(
    hass: HomeAssistant, brukare_device: str, freezer: FrozenDateTimeFactory, pushed: Pushed
) -> None:
    await raise_alarm(hass, brukare_device)
    await go_on(hass, freezer, minutes=2, seconds=30)
    assert pushed("1 Htj dag")[1]["message"].endswith("Ingen har svarat än (nivå 2)")


async def test_the_taker_has_what_to_do_and_the_others_whom_to_ask(
    hass: HomeAssistant, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await press(hass, phones["1 Htj dag"], button(pushed("1 Htj dag")[0], 0))
    yours, taken = pushed("1 Htj dag")[1], pushed("2 Htj dag")[1]
    actions = yours["data"].pop("actions")
    assert [action["title"] for action in actions] == ["Klart", "Behöver hjälp"]
    path = f"/homecare-h2o/alarm/{alarm_id}"
    tapped = {"tag": f"homecare_h2o-{alarm_id}", "clickAction": path, "url": path}
    quietly = {**tapped, "channel": "homecare_h2o", "alert_once": True}
    assert yours["data"] == quietly | {
        "ttl": 0,
        "priority": "high",
        "persistent": True,
        "sticky": True,
        "push": {"sound": "none"},
    }
    assert yours["message"] == "Du har tagit larmet · kl 12:00\nRing eller besök genast"
    assert taken["data"] == quietly | {"push": {"sound": "none"}}
    assert taken["message"] == "Tas av 1 Htj dag"


async def test_the_taker_can_ring_where_a_number_is_registered(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    brukare = home.subentries["brukare-1"]
    hass.config_entries.async_update_subentry(home, brukare, data={**brukare.data, "telephone": "+46701740605"})
    await settle(hass)
    await raise_alarm(hass, brukare_device)
    await press(hass, phones["1 Htj dag"], button(pushed("1 Htj dag")[0], 0))
    assert pushed("1 Htj dag")[1]["data"]["actions"][2] == {"action": "URI", "title": "Ring", "uri": "tel:+46701740605"}
    assert "+46701740605" not in str([pushed("1 Htj dag")[0], *pushed("2 Htj dag")])


async def test_a_closed_alarm_is_taken_away(hass: HomeAssistant, brukare_device: str, pushed: Pushed) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    await call(hass, "report_false_alarm", alarm_id=alarm_id)
    push = pushed("2 Htj dag")[1]
    assert (push["message"], push["data"]) == ("clear_notification", {"tag": f"homecare_h2o-{alarm_id}"})
    assert "title" not in push


async def test_who_has_no_time_is_not_shown_it_any_more(
    hass: HomeAssistant, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    await raise_alarm(hass, brukare_device)
    await press(hass, phones["1 Htj dag"], button(pushed("1 Htj dag")[0], 1))
    assert pushed("1 Htj dag")[1]["message"] == "clear_notification"
    assert len(pushed("2 Htj dag")) == 1


async def test_two_phones_of_the_same_name_are_called_once_each(
    hass: HomeAssistant, home: MockConfigEntry, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    twins = [phones["1 Htj dag"], phones["2 Htj dag"]]
    data = [{**phone.data, "device_name": "Larmtelefon"} for phone in twins]
    hass.config_entries.async_update_entry(twins[0], data=data[0])
    hass.config_entries.async_update_entry(twins[1], data=data[1])
    assert await hass.config_entries.async_reload(twins[0].entry_id)
    assert await hass.config_entries.async_reload(twins[1].entry_id)
    await raise_alarm(hass, brukare_device)
    assert [len(pushed(phone)) for phone in ("1 Htj dag", "2 Htj dag")] == [1, 1]


async def test_a_renamed_phone_is_named_as_it_is_called_now(
    hass: HomeAssistant, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    registry = dr.async_get(hass)
    (device,) = dr.async_entries_for_config_entry(registry, phones["1 Htj dag"].entry_id)
    registry.async_update_device(device.id, name_by_user="Söder 1")
    await raise_alarm(hass, brukare_device)
    await press(hass, phones["1 Htj dag"], button(pushed("1 Htj dag")[0], 0))
    assert pushed("2 Htj dag")[1]["message"] == "Tas av Söder 1"


# --- when a phone cannot be told -----------------------------------------------------------------


async def test_a_phone_that_is_gone_is_told_and_the_other_called(
    hass: HomeAssistant, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    await hass.config_entries.async_remove(phones["1 Htj dag"].entry_id)
    alarm_id = await raise_alarm(hass, brukare_device)
    assert await error_of(hass, alarm_id) == ["phone_not_registered"]
    assert len(pushed("2 Htj dag")) == 1


async def test_a_phone_that_is_switched_off_in_home_assistant_is_told(
    hass: HomeAssistant, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    await hass.config_entries.async_set_disabled_by(phones["1 Htj dag"].entry_id, ConfigEntryDisabler.USER)
    alarm_id = await raise_alarm(hass, brukare_device)
    assert await error_of(hass, alarm_id) == ["phone_not_registered"]


async def test_a_phone_is_waited_for_while_home_assistant_starts(
    hass: HomeAssistant, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    hass.set_state(CoreState.not_running)
    phone = phones["1 Htj dag"]
    assert await hass.config_entries.async_unload(phone.entry_id)
    with patch("custom_components.homecare_h2o.notifier._LOAD_POLL", 0):
        data = {"device_id": brukare_device, "alarm_type": "fire"}
        await hass.services.async_call(DOMAIN, "raise_alarm", data, blocking=True)
        assert pushed("1 Htj dag") == []
        assert await hass.config_entries.async_setup(phone.entry_id)
        await settle(hass)
    assert len(pushed("1 Htj dag")) == 1


@pytest.fixture
async def answers(aioclient_mock: AiohttpClientMocker, pushes: AiohttpClientMocker) -> AiohttpClientMocker:
    """Let a test say how pushes are answered."""
    aioclient_mock.clear_requests()
    return aioclient_mock


@pytest.mark.parametrize(
    ("status", "error"),
    [(HTTPStatus.INTERNAL_SERVER_ERROR, "http_500"), (HTTPStatus.TOO_MANY_REQUESTS, "rate_limited")],
)
async def test_a_push_that_is_refused_far_away_is_told(
    hass: HomeAssistant, brukare_device: str, answers: AiohttpClientMocker, status: HTTPStatus, error: str
) -> None:
    answers.post(PUSH_URL, status=status, json={})
    alarm_id = await raise_alarm(hass, brukare_device)
    assert await steps_of(hass, alarm_id) == ["raised", "called", "notification_failed", "notification_failed"]
    assert await error_of(hass, alarm_id) == [error] * 2
    assert (await get_alarm(hass, alarm_id))["next_deadline_at"]


def hold(answers: AiohttpClientMocker) -> asyncio.Event:
    """Answer no push until the event is set."""

    async def wait(method: str, url: Any, data: dict[str, Any]) -> AiohttpClientMockResponse:
        await free.wait()
        return AiohttpClientMockResponse(method, url, json={})

    free = asyncio.Event()
    answers.post(PUSH_URL, side_effect=wait)
    return free


@pytest.mark.freeze_time("2026-11-02 12:00:00+01:00", tick=True)
async def test_a_phone_that_hangs_is_given_up_and_delays_no_other(
    hass: HomeAssistant, brukare_device: str, answers: AiohttpClientMocker
) -> None:
    async def hang(method: str, url: Any, data: dict[str, Any]) -> AiohttpClientMockResponse:
        await waits[data["push_token"]].wait()
        return AiohttpClientMockResponse(method, url, json={})

    waits = {"1 Htj dag": asyncio.Event(), "2 Htj dag": asyncio.Event()}
    waits["2 Htj dag"].set()
    answers.post(PUSH_URL, side_effect=hang)
    with patch("custom_components.homecare_h2o.outbox.SEND_TIMEOUT", 0.05):
        alarm_id = await raise_alarm(hass, brukare_device)
    assert await error_of(hass, alarm_id) == ["timeout"]
    assert "notified" in await steps_of(hass, alarm_id)


@pytest.mark.freeze_time("2026-11-02 12:00:00+01:00", tick=True)
async def test_a_phone_that_hangs_holds_no_more_than_a_few_connections(
    hass: HomeAssistant, brukare_device: str, answers: AiohttpClientMocker, pushed: Pushed
) -> None:
    free = hold(answers)
    for number in range(10):
        said = {"device_id": brukare_device, "alarm_type": "door", "rule": f"door {number}"}
        await hass.services.async_call(DOMAIN, "raise_alarm", said, blocking=True)
    assert len(pushed("1 Htj dag")) == LANES
    free.set()
    await settle(hass)
    assert len(pushed("1 Htj dag")) == 10


@pytest.mark.freeze_time("2026-11-02 12:00:00+01:00", tick=True)
async def test_only_the_newest_of_what_waits_for_a_phone_is_sent(
    hass: HomeAssistant, brukare_device: str, answers: AiohttpClientMocker, pushed: Pushed
) -> None:
    free = hold(answers)
    said = {"device_id": brukare_device, "alarm_type": "fire"}
    raised = await hass.services.async_call(DOMAIN, "raise_alarm", said, blocking=True, return_response=True)
    assert raised
    taken = {"alarm_id": raised["alarm_id"]}
    await hass.services.async_call(DOMAIN, "acknowledge_alarm", taken, blocking=True)
    await hass.services.async_call(DOMAIN, "report_false_alarm", taken, blocking=True)
    free.set()
    await settle(hass)
    assert [push["message"] for push in pushed("1 Htj dag")][1:] == ["clear_notification"]


async def test_a_phone_without_a_push_service_is_told(
    hass: HomeAssistant, brukare_device: str, phones: Phones, pushed: Pushed
) -> None:
    phone = phones["1 Htj dag"]
    data = {**phone.data, "app_data": {"push_websocket_channel": True}}
    hass.config_entries.async_update_entry(phone, data=data)
    alarm_id = await raise_alarm(hass, brukare_device)
    assert await error_of(hass, alarm_id) == ["not_connected"]


# --- anything else that can be notified ----------------------------------------------------------


class Pager(NotifyEntity):
    """Shows text."""

    _attr_unique_id = "pager"
    _attr_name = "Personsökare"
    _attr_supported_features = NotifyEntityFeature.TITLE
    entity_id = "notify.pager"

    def __init__(self) -> None:
        self.shown: list[tuple[str, str | None]] = []
        self.error: Exception | None = None

    async def async_send_message(self, message: str, title: str | None = None) -> None:
        if self.error:
            raise self.error
        self.shown.append((message, title))


@pytest.fixture
async def pager(hass: HomeAssistant, home: MockConfigEntry) -> AsyncGenerator[Pager]:
    """Have the day group notified by an entity alone."""
    entity = Pager()
    await hass.data[DATA_COMPONENT].async_add_entities([entity])
    await set_phones(hass, home, "entity:notify.pager")
    yield entity
    await entity.async_remove(force_remove=True)


async def test_an_entity_is_told_in_plain_text(hass: HomeAssistant, brukare_device: str, pager: Pager) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    assert pager.shown == [("LARM · kl 12:00\nRing eller besök genast", "K7-31 · Trygghetslarm")]
    await call(hass, "acknowledge_alarm", alarm_id=alarm_id)
    assert pager.shown[1] == ("Tas av personal i Home Assistant", "K7-31 · Trygghetslarm")
    await call(hass, "resolve_alarm", alarm_id=alarm_id, outcome="help_given")
    assert pager.shown[2] == ("Larmet är avslutat", "K7-31 · Trygghetslarm")


async def test_an_entity_is_named_in_the_timeline(hass: HomeAssistant, brukare_device: str, pager: Pager) -> None:
    alarm = await get_alarm(hass, await raise_alarm(hass, brukare_device))
    assert alarm["timeline"][1]["phones"] == ["Personsökare"]


@pytest.mark.parametrize(
    ("error", "told"), [(HomeAssistantError("no network"), "HomeAssistantError"), (ValueError("?"), "ValueError")]
)
async def test_an_entity_that_fails_is_told(
    hass: HomeAssistant, brukare_device: str, pager: Pager, error: Exception, told: str
) -> None:
    pager.error = error
    alarm_id = await raise_alarm(hass, brukare_device)
    assert await error_of(hass, alarm_id) == [told]


async def test_an_entity_that_is_unavailable_is_told(hass: HomeAssistant, brukare_device: str, pager: Pager) -> None:
    pager._attr_available = False
    pager.async_write_ha_state()
    alarm_id = await raise_alarm(hass, brukare_device)
    assert len(await error_of(hass, alarm_id)) == 1


async def test_an_entity_that_is_gone_is_told(hass: HomeAssistant, home: MockConfigEntry, brukare_device: str) -> None:
    await set_phones(hass, home, "entity:notify.nobody")
    alarm_id = await raise_alarm(hass, brukare_device)
    assert len(await error_of(hass, alarm_id)) == 1


async def test_a_service_is_told_in_plain_text(hass: HomeAssistant, home: MockConfigEntry, brukare_device: str) -> None:
    calls = async_mock_service(hass, "notify", "sms")
    await set_phones(hass, home, "service:sms")
    await raise_alarm(hass, brukare_device)
    (sent,) = calls
    text = {"title": "K7-31 · Trygghetslarm", "message": "LARM · kl 12:00\nRing eller besök genast"}
    assert dict(sent.data) == text


async def test_a_service_that_is_gone_is_told(hass: HomeAssistant, home: MockConfigEntry, brukare_device: str) -> None:
    await set_phones(hass, home, "service:sms")
    alarm_id = await raise_alarm(hass, brukare_device)
    assert await error_of(hass, alarm_id) == ["ServiceNotFound"]


async def test_an_alarm_that_nobody_was_told_of_goes_on_to_others(
    hass: HomeAssistant,
    home: MockConfigEntry,
    brukare_device: str,
    freezer: FrozenDateTimeFactory,
    pushed: Pushed,
) -> None:
    await set_phones(hass, home, "service:sms")
    await raise_alarm(hass, brukare_device)
    await go_on(hass, freezer, minutes=5)
    assert len(pushed("Larmansvarig")) >= 1
