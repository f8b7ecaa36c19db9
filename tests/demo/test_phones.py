"""The virtual phones and the demo's page, against a stand-in for Home Assistant's mobile_app."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from typing import Any, Self

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
import pytest

from demo.hass import Account, HassClient
from demo.page import HomeAssistantLink, PageServer, Timeline, TimelineEntry
from demo.phones import Behaviour, EntryKind, PhoneError, PhoneOS, PhoneServer, VirtualPhone

LINK = HomeAssistantLink(url="http://localhost:8123", username="demo", password="demo")
SOON = 2.0


@dataclass
class StandIn:
    """Remembers registrations and webhook calls, and answers as mobile_app does."""

    url: str = ""
    serves_events: bool = True
    registrations: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/api/webhook/{webhook_id}", self._webhook)
        return app

    async def _webhook(self, request: web.Request) -> web.Response:
        known = self.registrations.get(request.match_info["webhook_id"])
        call = await request.json()
        if known is None:
            return web.Response()
        match call["type"]:
            case "get_config":
                return web.json_response({"hass_device_id": f"device-of-{known['device_id']}"})
            case "update_registration":
                known.update(call["data"])
                return web.json_response(known)
        if not self.serves_events:
            return web.json_response({}, status=503)
        self.events.append((call["data"]["event_type"], call["data"]["event_data"]))
        return web.json_response({})

    async def push(self, phone: VirtualPhone, push: dict[str, Any], *, limit: float = SOON) -> int:
        """Push as mobile_app does; return the relay's status."""
        registration = self.registrations[str(phone.webhook_id)]
        body = {
            **push,
            "push_token": registration["app_data"]["push_token"],
            "registration_info": {"app_id": registration["app_id"], "webhook_id": phone.webhook_id},
        }
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=limit)) as session,
            session.post(registration["app_data"]["push_url"], json=body) as response,
        ):
            assert "rateLimits" in await response.json() or response.status != 201
            return response.status


class StandInClient(HassClient):
    """A signed-in client that talks to the stand-in without a login and a websocket."""

    def __init__(self, stand_in: StandIn, account: Account) -> None:
        super().__init__(stand_in.url, account)
        self._stand_in = stand_in

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return

    def login(self, account: Account) -> StandInClient:
        return StandInClient(self._stand_in, account)

    async def create_user(self, account: Account, *, admin: bool = False) -> str:
        return f"user-{account.username}"

    async def post(self, path: str, body: Any = None) -> dict[str, str]:
        assert path == "/api/mobile_app/registrations"
        webhook_id = f"webhook-{len(self._stand_in.registrations)}-{self.account.username}"
        self._stand_in.registrations[webhook_id] = dict(body)
        return {"webhook_id": webhook_id}


def make_phones() -> list[VirtualPhone]:
    return [
        VirtualPhone("day_1", "Htj telefon 1", group="Htj dag", os=PhoneOS.ANDROID, number="070-174 06 05"),
        VirtualPhone("day_2", "Htj telefon 2", group="Htj dag", os=PhoneOS.IOS),
    ]


def make_push(title: str = "K7-31 · Trygghetslarm", **data: Any) -> dict[str, Any]:
    actions = [
        {"action": "ack", "title": "Åtgärdar"},
        {"action": "decline", "title": "Hinner ej"},
        {"action": "URI", "title": "Ring", "uri": "tel:070-174 06 05"},
        {"action": "more", "title": "Mer"},
    ]
    return {"title": title, "message": "Larmknappen", "data": {"tag": "alarm-1", "actions": actions, **data}}


CLEAR: dict[str, Any] = {"message": "clear_notification", "data": {"tag": "alarm-1"}}
CRITICAL: dict[str, Any] = {"push": {"sound": {"name": "default", "critical": 1, "volume": 1.0}}}


@pytest.fixture
async def stand_in(socket_enabled: None) -> AsyncGenerator[StandIn]:
    hass = StandIn()
    async with TestServer(hass.app()) as server:
        hass.url = str(server.make_url("")).rstrip("/")
        yield hass


@pytest.fixture
async def server(stand_in: StandIn, tmp_path: Path) -> AsyncGenerator[PhoneServer]:
    async with PhoneServer(make_phones(), store=tmp_path / "phones.json") as phones:
        await phones.enrol(StandInClient(stand_in, Account("Larmansvarig", "demo", "demo")))
        yield phones


@pytest.fixture
def android(server: PhoneServer) -> VirtualPhone:
    return server.phones["day_1"]


@pytest.fixture
def ios(server: PhoneServer) -> VirtualPhone:
    return server.phones["day_2"]


def kinds(phone: VirtualPhone) -> list[EntryKind]:
    return [entry.kind for entry in phone.log]


async def test_registers_each_phone_as_its_own_user(
    stand_in: StandIn, android: VirtualPhone, ios: VirtualPhone
) -> None:
    registered = [(known["app_id"], known["os_name"], known["device_id"]) for known in stand_in.registrations.values()]
    assert registered == [
        ("io.homeassistant.companion.android", "Android", "demo-day_1"),
        ("io.robbins.HomeAssistant", "iOS", "demo-day_2"),
    ]
    assert (android.user_id, ios.user_id) == ("user-day_1", "user-day_2")
    assert android.hass_device_id == "device-of-demo-day_1"


async def test_second_start_uses_the_registrations_again(
    stand_in: StandIn, server: PhoneServer, tmp_path: Path
) -> None:
    before = {phone.phone_id: phone.webhook_id for phone in server.phones.values()}
    async with PhoneServer(make_phones(), store=tmp_path / "phones.json") as again:
        await again.enrol(StandInClient(stand_in, Account("Larmansvarig", "demo", "demo")))
        assert {phone.phone_id: phone.webhook_id for phone in again.phones.values()} == before
        assert await stand_in.push(again.phones["day_1"], make_push()) == 201
        assert "alarm-1" in again.phones["day_1"].notifications
    assert len(stand_in.registrations) == 2


async def test_registers_anew_when_home_assistant_forgot(
    stand_in: StandIn, server: PhoneServer, tmp_path: Path
) -> None:
    stand_in.registrations.clear()
    async with PhoneServer(make_phones(), store=tmp_path / "phones.json") as again:
        await again.enrol(StandInClient(stand_in, Account("Larmansvarig", "demo", "demo")))
        assert await stand_in.push(again.phones["day_2"], make_push()) == 201


async def test_shows_a_push_with_its_buttons(stand_in: StandIn, android: VirtualPhone, ios: VirtualPhone) -> None:
    assert await stand_in.push(android, make_push()) == 201
    assert await stand_in.push(ios, make_push()) == 201
    shown = android.notifications["alarm-1"]
    assert (shown.title, shown.message) == ("K7-31 · Trygghetslarm", "Larmknappen")
    assert [action.title for action in shown.actions] == ["Åtgärdar", "Hinner ej", "Ring"]
    assert [action.title for action in ios.notifications["alarm-1"].actions] == ["Åtgärdar", "Hinner ej", "Ring", "Mer"]


async def test_tag_replaces_and_clears(stand_in: StandIn, android: VirtualPhone) -> None:
    await stand_in.push(android, make_push())
    await stand_in.push(android, make_push("Tas av Htj telefon 2"))
    assert [shown.title for shown in android.notifications.values()] == ["Tas av Htj telefon 2"]
    await stand_in.push(android, CLEAR)
    assert android.notifications == {}
    assert kinds(android) == [EntryKind.REGISTERED, EntryKind.SHOWN, EntryKind.SHOWN, EntryKind.CLEARED]


async def test_pushes_without_a_tag_stay_side_by_side(stand_in: StandIn, android: VirtualPhone) -> None:
    await stand_in.push(android, {"title": "Ett", "message": "a"})
    await stand_in.push(android, {"title": "Två", "message": "b"})
    assert [shown.title for shown in android.notifications.values()] == ["Ett", "Två"]


async def test_critical_alerts_pile_up_on_ios_only(stand_in: StandIn, android: VirtualPhone, ios: VirtualPhone) -> None:
    for phone in (android, android, ios, ios):
        await stand_in.push(phone, make_push(**CRITICAL))
    assert android.notifications["alarm-1"].copies == 1
    assert ios.notifications["alarm-1"].copies == 2
    assert ios.notifications["alarm-1"].is_critical


async def test_android_confirms_with_the_flattened_push(stand_in: StandIn, android: VirtualPhone) -> None:
    await stand_in.push(android, make_push(confirmation=True, ttl=0, priority="high", unknown="dropped"))
    await android.wait_until(lambda phone: EntryKind.RECEIPT in kinds(phone), SOON)
    assert stand_in.events == [
        (
            "mobile_app_notification_received",
            {
                "action_1_key": "ack",
                "action_1_title": "Åtgärdar",
                "action_2_key": "decline",
                "action_2_title": "Hinner ej",
                "action_3_key": "URI",
                "action_3_title": "Ring",
                "action_3_uri": "tel:070-174 06 05",
                "action_4_key": "more",
                "action_4_title": "Mer",
                "confirmation": "true",
                "tag": "alarm-1",
                "message": "Larmknappen",
                "title": "K7-31 · Trygghetslarm",
                "webhook_id": android.webhook_id,
                "device_id": "demo-day_1",
            },
        )
    ]


async def test_ios_never_confirms(stand_in: StandIn, ios: VirtualPhone) -> None:
    await stand_in.push(ios, make_push(confirmation=True))
    await ios.dismiss("alarm-1")
    assert stand_in.events == []
    assert kinds(ios)[1:] == [EntryKind.SHOWN, EntryKind.DISMISSED]


async def test_press_on_android(stand_in: StandIn, android: VirtualPhone) -> None:
    await stand_in.push(android, make_push())
    await android.press("alarm-1", "ack")
    ((event_type, data),) = stand_in.events
    assert event_type == "mobile_app_notification_action"
    assert (data["action"], data["tag"], data["device_id"]) == ("ack", "alarm-1", "demo-day_1")
    assert android.notifications == {}


async def test_press_on_ios_brings_its_action_data(stand_in: StandIn, ios: VirtualPhone) -> None:
    await stand_in.push(ios, make_push(action_data={"step": 2}))
    await ios.press("alarm-1", "decline")
    assert stand_in.events == [
        ("mobile_app_notification_action", {"action": "decline", "action_data": {"step": 2}}),
    ]


async def test_press_on_an_address_fires_nothing(stand_in: StandIn, android: VirtualPhone) -> None:
    await stand_in.push(android, make_push())
    await android.press("alarm-1", "tel:070-174 06 05")
    assert stand_in.events == []
    assert kinds(android)[-1] is EntryKind.OPENED


@pytest.mark.parametrize(("tag", "action"), [("alarm-2", "ack"), ("alarm-1", "other"), ("alarm-1", "more")])
async def test_refuses_what_is_not_shown(stand_in: StandIn, android: VirtualPhone, tag: str, action: str) -> None:
    await stand_in.push(android, make_push())
    with pytest.raises(PhoneError):
        await android.press(tag, action)


async def test_a_press_that_does_not_arrive_keeps_the_notification(stand_in: StandIn, android: VirtualPhone) -> None:
    await stand_in.push(android, make_push())
    stand_in.serves_events = False
    await android.press("alarm-1", "ack")
    assert "alarm-1" in android.notifications
    assert android.log[-1].payload["error"] == "status 503"


async def test_dismissal_is_told_by_android(stand_in: StandIn, android: VirtualPhone) -> None:
    await stand_in.push(android, make_push())
    await android.dismiss("alarm-1")
    assert [event_type for event_type, _ in stand_in.events] == ["mobile_app_notification_cleared"]


async def test_a_phone_that_answers_500(stand_in: StandIn, android: VirtualPhone) -> None:
    android.behaviour = Behaviour.ERROR_500
    assert await stand_in.push(android, make_push()) == 500
    assert android.notifications == {}
    assert kinds(android)[-1] is EntryKind.REFUSED


async def test_a_phone_that_hangs(stand_in: StandIn, android: VirtualPhone, ios: VirtualPhone) -> None:
    android.behaviour = Behaviour.HANG
    with pytest.raises(TimeoutError):
        await stand_in.push(android, make_push(), limit=0.1)
    assert android.notifications == {}
    assert await stand_in.push(ios, make_push()) == 201


async def test_unknown_token_is_not_found(server: PhoneServer) -> None:
    async with aiohttp.ClientSession() as session, session.post(f"{server.url}/push/none", json={}) as response:
        assert response.status == 404


async def test_listeners_end(stand_in: StandIn, server: PhoneServer, android: VirtualPhone) -> None:
    seen: list[EntryKind] = []
    unsubscribe = server.subscribe(lambda _phone, entry: seen.append(entry.kind))
    await stand_in.push(android, make_push())
    unsubscribe()
    await stand_in.push(android, CLEAR)
    assert seen == [EntryKind.SHOWN]


@dataclass
class Page:
    """The page's server as a browser sees it."""

    server: PageServer
    session: aiohttp.ClientSession
    timeline: Timeline
    moved: list[str]

    async def post(self, path: str, body: Any = None, **headers: str) -> int:
        async with self.session.post(f"{self.server.url}{path}", json=body or {}, headers=headers) as response:
            return response.status

    async def state(self) -> dict[str, Any]:
        async with self.session.get(f"{self.server.url}api/state") as response:
            state: dict[str, Any] = await response.json()
            return state


@pytest.fixture
async def page(server: PhoneServer) -> AsyncGenerator[Page]:
    moved: list[str] = []
    timeline = Timeline()

    def control(name: str) -> Callable[[], Awaitable[None]]:
        async def move() -> None:
            moved.append(name)

        return move

    async def broken() -> None:
        raise OSError("no radio")

    controls = {"sos": control("sos"), "door_open": broken}
    async with (
        PageServer(server.phones, controls, timeline, LINK) as shown,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SOON)) as session,
    ):
        yield Page(shown, session, timeline, moved)


async def next_event(response: aiohttp.ClientResponse) -> tuple[str, dict[str, Any]]:
    kind = (await response.content.readline()).decode().removeprefix("event: ").strip()
    data = (await response.content.readline()).decode().removeprefix("data: ")
    await response.content.readline()
    return kind, json.loads(data)


async def test_page_serves_its_files(page: Page) -> None:
    for path, kind in (("", "text/html"), ("page.js", "text/javascript"), ("page.css", "text/css")):
        async with page.session.get(f"{page.server.url}{path}") as response:
            assert (response.status, response.content_type) == (200, kind)
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]


async def test_page_state_shows_phones_without_secrets(stand_in: StandIn, android: VirtualPhone, page: Page) -> None:
    await stand_in.push(android, make_push())
    state = await page.state()
    phone = state["phones"][0]
    assert (phone["id"], phone["group"], phone["os"], phone["behaviour"]) == ("day_1", "Htj dag", "Android", "ok")
    assert [action["id"] for action in phone["notifications"][0]["actions"]] == ["ack", "decline", "tel:070-174 06 05"]
    assert phone["log"][0]["kind"] == "shown"
    assert state["controls"] == ["sos", "door_open"]
    text = json.dumps(state)
    secrets = [android.webhook_id, *(known["app_data"]["push_token"] for known in stand_in.registrations.values())]
    assert [secret for secret in secrets if str(secret) in text] == []


async def test_page_streams_a_snapshot_and_then_every_change(
    stand_in: StandIn, android: VirtualPhone, page: Page
) -> None:
    now = datetime(2026, 3, 2, 20, 7, tzinfo=UTC)
    async with page.session.get(f"{page.server.url}api/events") as response:
        assert (await next_event(response))[0] == "snapshot"
        await stand_in.push(android, make_push())
        kind, phone = await next_event(response)
        assert (kind, phone["notifications"][0]["title"]) == ("phone", "K7-31 · Trygghetslarm")
        page.timeline.show("K7-31", [TimelineEntry(at=now, text="rest")])
        page.timeline.add(TimelineEntry(at=now - timedelta(seconds=1), text="tryckt"))
        await next_event(response)
        kind, timeline = await next_event(response)
        assert (kind, [entry["text"] for entry in timeline["entries"]]) == ("timeline", ["tryckt", "rest"])


async def test_page_presses_dismisses_and_changes_behaviour(
    stand_in: StandIn, android: VirtualPhone, page: Page
) -> None:
    await stand_in.push(android, make_push())
    assert await page.post("api/phones/day_1/press", {"tag": "alarm-1", "action": "ack"}) == 200
    await stand_in.push(android, make_push())
    assert await page.post("api/phones/day_1/dismiss", {"tag": "alarm-1"}) == 200
    assert await page.post("api/phones/day_1/behaviour", {"behaviour": "hang"}) == 200
    assert android.behaviour is Behaviour.HANG
    assert [event_type.rpartition("_")[2] for event_type, _ in stand_in.events] == ["action", "cleared"]


async def test_page_moves_the_home(page: Page) -> None:
    assert await page.post("api/home/sos") == 200
    assert page.moved == ["sos"]
    assert await page.post("api/home/door_open") == 502


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("api/phones/none/press", {"tag": "alarm-1", "action": "ack"}, 404),
        ("api/phones/day_1/press", {"tag": "alarm-1", "action": "ack"}, 409),
        ("api/phones/day_1/press", {}, 400),
        ("api/phones/day_1/press", ["tag"], 400),
        ("api/phones/day_1/behaviour", {"behaviour": "sings"}, 400),
        ("api/home/none", {}, 404),
    ],
)
async def test_page_refuses(page: Page, path: str, body: Any, status: int) -> None:
    assert await page.post(path, body) == status


async def test_page_is_for_this_machine_only(page: Page) -> None:
    own = page.server.url.rstrip("/")
    assert await page.post("api/home/sos", Origin=own) == 200
    assert await page.post("api/home/sos", Origin="http://elsewhere.example") == 403
    assert await page.post("api/home/sos", Origin=own.replace("127.0.0.1", "localhost")) == 403
    assert await page.post("api/home/sos", Host="rebound.example:80") == 403
    async with page.session.post(f"{own}/api/home/sos", data="{}", headers={"Content-Type": "text/plain"}) as response:
        assert response.status == 415
    async with page.session.get(f"{own}/api/state", headers={"Host": "rebound.example"}) as response:
        assert response.status == 403
    assert page.moved == ["sos"]


async def test_page_ends_its_streams(server: PhoneServer) -> None:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SOON)) as session:
        async with PageServer(server.phones, {}, Timeline(), LINK) as shown:
            response = await session.get(f"{shown.url}api/events")
            await next_event(response)
        assert await response.content.read() == b""
