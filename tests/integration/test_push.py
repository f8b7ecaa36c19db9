"""The last step to a phone, over real connections: what fails is told, as mobile_app's own service does not."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.mobile_app.const import DATA_NOTIFY, DATA_PUSH_CHANNEL, DOMAIN as MOBILE_APP
from homeassistant.components.mobile_app.push_notification import PushChannel
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.homecare_h2o.core.errors import NotificationError
from custom_components.homecare_h2o.push import async_push

from .relay import Relay, move, running_relay
from .steps import call, get_alarm, go_on, raise_alarm, settle

type Phones = dict[str, MockConfigEntry]

FIRST, SECOND = "1 Htj dag", "2 Htj dag"
DATA = {"message": "LARM", "title": "K7-31", "data": {"tag": "t"}}
NOWHERE = "http://127.0.0.1:9/push"


@pytest.fixture
async def pushes(socket_enabled: None) -> AsyncGenerator[Relay]:
    """Let pushes go to a real server instead of a pretended one."""
    async with running_relay() as relay:
        yield relay


@pytest.fixture
async def relay(hass: HomeAssistant, pushes: Relay, phones: Phones) -> Relay:
    """Have the phones reached by a push service on this machine."""
    for phone in phones.values():
        move(hass, phone, pushes.url)
    return pushes


async def errors_of(hass: HomeAssistant, alarm_id: str) -> list[str]:
    timeline = (await get_alarm(hass, alarm_id))["timeline"]
    return [step["error"] for step in timeline if step["event"] == "notification_failed"]


# --- what the push service says ------------------------------------------------------------------


async def test_a_push_that_is_taken_tells_how_many_are_left(hass: HomeAssistant, relay: Relay, phones: Phones) -> None:
    assert await async_push(hass, phones[FIRST], DATA) == 400
    assert relay.of(FIRST)[0]["message"] == "LARM"


@pytest.mark.parametrize(
    ("status", "error"), [(429, "rate_limited"), (500, "http_500"), (503, "http_503"), (404, "http_404")]
)
async def test_a_push_that_is_refused_far_away_fails(
    hass: HomeAssistant, relay: Relay, phones: Phones, status: int, error: str
) -> None:
    relay.status[FIRST] = status
    with pytest.raises(NotificationError, match=f"^{error}$"):
        await async_push(hass, phones[FIRST], DATA)


async def test_a_push_service_that_is_out_of_reach_fails(hass: HomeAssistant, relay: Relay, phones: Phones) -> None:
    move(hass, phones[FIRST], NOWHERE)
    with pytest.raises(NotificationError, match=r"^no_connection$"):
        await async_push(hass, phones[FIRST], DATA)


async def test_an_address_that_is_none_fails(hass: HomeAssistant, relay: Relay, phones: Phones) -> None:
    move(hass, phones[FIRST], "none")
    with pytest.raises(NotificationError, match=r"^push_failed$"):
        await async_push(hass, phones[FIRST], DATA)


async def test_a_time_out_of_the_client_is_told(hass: HomeAssistant, relay: Relay, phones: Phones) -> None:
    with (
        patch.object(async_get_clientsession(hass), "_request", side_effect=TimeoutError),
        pytest.raises(NotificationError, match=r"^timeout$"),
    ):
        await async_push(hass, phones[FIRST], DATA)


@pytest.mark.parametrize("body", ["", "OK", "[]", '{"rateLimits": {"remaining": "many"}}'])
async def test_a_push_that_is_taken_in_other_words_is_taken(
    hass: HomeAssistant, relay: Relay, phones: Phones, body: str
) -> None:
    relay.body = body
    assert await async_push(hass, phones[FIRST], DATA) is None


async def test_a_push_is_what_home_assistant_itself_would_send(
    hass: HomeAssistant, relay: Relay, phones: Phones
) -> None:
    """Guards what is copied: when Home Assistant changes what it sends, this fails."""
    service = hass.data[MOBILE_APP][DATA_NOTIFY]
    await service.async_send_message("LARM", title="K7-31", data={"tag": "t"}, target=["webhook-1 Htj dag"])
    await async_push(hass, phones[FIRST], DATA)
    theirs, ours = relay.taken
    assert ours == theirs
    assert relay.headers[1] == relay.headers[0]


@pytest.mark.parametrize("status", [429, 500])
async def test_home_assistant_itself_still_hides_what_fails(hass: HomeAssistant, relay: Relay, status: int) -> None:
    """When this fails, Home Assistant tells by itself, and this room may go."""
    relay.status[FIRST] = status
    service = hass.data[MOBILE_APP][DATA_NOTIFY]
    await service.async_send_message("LARM", target=["webhook-1 Htj dag"])


LINGERING = pytest.mark.parametrize("expected_lingering_timers", [True])
"""Home Assistant waits ten seconds for a confirmation, also after the phone has left."""


# --- the local channel ---------------------------------------------------------------------------


class Channel:
    """What a phone on the local channel was told, and how it behaves."""

    def __init__(self, hass: HomeAssistant, *, confirms: bool) -> None:
        self.told: list[dict[str, Any]] = []
        self.is_silent = False
        self.channel = PushChannel(hass, "webhook-1 Htj dag", confirms, self._take, lambda: None)
        hass.data[MOBILE_APP][DATA_PUSH_CHANNEL]["webhook-1 Htj dag"] = self.channel

    def _take(self, data: dict[str, Any]) -> None:
        self.told.append(data)
        confirm_id = "" if self.is_silent else data.get("hass_confirm_id", "")
        asyncio.get_running_loop().call_soon(self.channel.async_confirm_notification, confirm_id)

    async def leave(self) -> None:
        """Have the phone leave the local channel."""
        await self.channel.async_teardown()  # type: ignore[no-untyped-call]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a local phone for moments only."""
    monkeypatch.setattr("custom_components.homecare_h2o.push.CONFIRM_TIMEOUT", 0.05)
    monkeypatch.setattr("custom_components.homecare_h2o.push._CONFIRM_POLL", 0.01)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("confirms", [True, False])
async def test_a_phone_on_the_local_channel_needs_no_push_service(
    hass: HomeAssistant, relay: Relay, phones: Phones, confirms: bool
) -> None:
    channel = Channel(hass, confirms=confirms)
    assert await async_push(hass, phones[FIRST], DATA) is None
    assert (len(channel.told), relay.taken) == (1, [])
    assert "hass_confirm_id" not in DATA


@LINGERING
@pytest.mark.usefixtures("quick")
async def test_a_phone_that_does_not_confirm_is_pushed_to_far_away(
    hass: HomeAssistant, relay: Relay, phones: Phones
) -> None:
    channel = Channel(hass, confirms=True)
    channel.is_silent = True
    assert await async_push(hass, phones[FIRST], DATA) == 400
    assert len(relay.of(FIRST)) == 1
    await channel.leave()
    assert len(relay.of(FIRST)) == 1


@LINGERING
@pytest.mark.usefixtures("quick")
async def test_a_phone_that_leaves_the_local_channel_is_pushed_to_far_away(
    hass: HomeAssistant, relay: Relay, phones: Phones
) -> None:
    channel = Channel(hass, confirms=True)
    channel.is_silent = True
    push = hass.async_create_task(async_push(hass, phones[FIRST], DATA), eager_start=True)
    await channel.leave()
    assert await push == 400


@LINGERING
@pytest.mark.usefixtures("quick")
async def test_a_phone_without_a_push_service_must_confirm(hass: HomeAssistant, relay: Relay, phones: Phones) -> None:
    data = {**phones[FIRST].data, "app_data": {"push_websocket_channel": True}}
    hass.config_entries.async_update_entry(phones[FIRST], data=data)
    with pytest.raises(NotificationError, match=r"^not_connected$"):
        await async_push(hass, phones[FIRST], DATA)
    channel = Channel(hass, confirms=True)
    channel.is_silent = True
    with pytest.raises(NotificationError, match=r"^not_confirmed$"):
        await async_push(hass, phones[FIRST], DATA)
    await channel.leave()


async def test_the_real_local_channel_works(
    hass: HomeAssistant, relay: Relay, phones: Phones, hass_ws_client: WebSocketGenerator, hass_admin_user: Any
) -> None:
    data = {**phones[FIRST].data, "user_id": hass_admin_user.id}
    hass.config_entries.async_update_entry(phones[FIRST], data=data)
    client = await hass_ws_client(hass)
    subscribe = {"type": "mobile_app/push_notification_channel", "webhook_id": "webhook-1 Htj dag"}
    await client.send_json_auto_id({**subscribe, "support_confirm": True})
    assert (await client.receive_json())["success"]
    push = hass.async_create_task(async_push(hass, phones[FIRST], DATA), eager_start=True)
    told = (await client.receive_json())["event"]
    confirm = {"type": "mobile_app/push_notification_confirm", "webhook_id": "webhook-1 Htj dag"}
    await client.send_json_auto_id({**confirm, "confirm_id": told["hass_confirm_id"]})
    assert await push is None
    assert (told["message"], relay.taken) == ("LARM", [])


# --- the whole way -------------------------------------------------------------------------------


@pytest.mark.freeze_time("2026-11-02 12:00:00+01:00", tick=True)
@pytest.mark.parametrize(("status", "error"), [(429, "rate_limited"), (500, "http_500")])
async def test_a_call_that_is_refused_far_away_is_told_and_the_other_phone_called(
    hass: HomeAssistant, relay: Relay, brukare_device: str, status: int, error: str
) -> None:
    relay.status[FIRST] = status
    alarm_id = await raise_alarm(hass, brukare_device)
    assert await errors_of(hass, alarm_id) == [error]
    assert len(relay.of(SECOND)) == 1


@pytest.mark.freeze_time("2026-11-02 12:00:00+01:00", tick=True)
async def test_a_push_service_that_hangs_is_given_up(
    hass: HomeAssistant, relay: Relay, brukare_device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.homecare_h2o.outbox.SEND_TIMEOUT", 0.3)
    relay.hung = {FIRST}
    alarm_id = await raise_alarm(hass, brukare_device)
    assert await errors_of(hass, alarm_id) == ["timeout"]
    assert len(relay.of(SECOND)) == 1


@pytest.mark.freeze_time("2026-11-02 12:00:00+01:00", tick=True)
async def test_a_call_that_failed_is_made_again_when_the_push_service_is_back(
    hass: HomeAssistant, relay: Relay, brukare_device: str, freezer: FrozenDateTimeFactory
) -> None:
    relay.status[FIRST] = 500
    alarm_id = await raise_alarm(hass, brukare_device)
    await go_on(hass, freezer, seconds=3)
    assert await errors_of(hass, alarm_id) == ["http_500"]
    del relay.status[FIRST]
    await go_on(hass, freezer, seconds=6)
    timeline = (await get_alarm(hass, alarm_id))["timeline"]
    assert [step["event"] for step in timeline].count("notified") == 2
    assert len(relay.of(FIRST)) == 3


@pytest.mark.freeze_time("2026-11-02 12:00:00+01:00", tick=True)
async def test_a_handled_alarm_vanishes_from_a_phone_that_was_out_of_reach(
    hass: HomeAssistant, relay: Relay, brukare_device: str, freezer: FrozenDateTimeFactory
) -> None:
    alarm_id = await raise_alarm(hass, brukare_device)
    relay.status[FIRST] = 500
    await call(hass, "report_false_alarm", alarm_id=alarm_id)
    await go_on(hass, freezer, seconds=6)
    del relay.status[FIRST]
    await go_on(hass, freezer, seconds=16)
    await settle(hass)
    timeline = (await get_alarm(hass, alarm_id))["timeline"]
    assert [step["event"] for step in timeline].count("cleared") == 2
    assert [push["message"] for push in relay.of(FIRST)][1:] == ["clear_notification"] * 3
