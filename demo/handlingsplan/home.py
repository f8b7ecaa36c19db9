"""The demo's home with a mains sensor, somebody outside who listens for the heartbeat, and the larmansvarig."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from demo import cast
from demo.check import Check, CheckFailedError
from demo.hass import Account, HassClient, HassProcess
from demo.home import Home, Ports, open_home
from demo.loopback import LOOPBACK, LoopbackPort

DOMAIN = "homecare_h2o"
LARMANSVARIG = Account("Lena Larmansvarig", "lena", "lena")
STAFF = Account("Sam Personal", "sam", "sam")
MAINS = "input_boolean.natstrom"
PACE = cast.Pace(level=timedelta(seconds=40))
AT_ONCE = timedelta(seconds=1)
"""Within which a line that was deleted must have been told."""
SOON = timedelta(seconds=5)
_POLL = 0.02

EXTRA = """
input_boolean:
  natstrom:
    name: Nätström brytare
    initial: true

template:
  - binary_sensor:
      - name: Nätström
        unique_id: demo_natstrom
        device_class: power
        state: "{{ is_state('input_boolean.natstrom', 'on') }}"
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanPorts:
    """Where the demo listens, on loopback only."""

    hass: int
    phones: int
    radio: int
    watcher: int


@dataclass(slots=True)
class Watcher:
    """Somebody outside the home who hears the heartbeat."""

    url: str
    heard: list[tuple[datetime, Mapping[str, Any]]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        """Note a heartbeat."""
        self.heard.append((datetime.now(UTC), await request.json()))
        return web.Response()


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanHome:
    """A running home, and the larmansvarig who is logged in."""

    base: Home
    lena: HassClient
    lena_id: str
    watcher: Watcher

    @property
    def client(self) -> HassClient:
        """Return the client of Home Assistant's owner."""
        return self.base.client

    @property
    def phones(self) -> Mapping[str, Any]:
        """Return the phones, by their ids."""
        return self.base.phones

    @property
    def hass(self) -> HassProcess:
        """Return the process."""
        return self.base.hass


class PlanCheck(Check[PlanHome]):
    """What has been seen of the plan."""

    async def act(self, action: str, data: Mapping[str, Any] | None = None, client: HassClient | None = None) -> Any:
        """Call one of the integration's actions as the larmansvarig, and return its response."""
        return await (client or self.home.lena).call_service(DOMAIN, action, data or {}, return_response=True)

    async def plan(self) -> Mapping[str, Any]:
        """Return the brukare's handlingsplan."""
        answer: Mapping[str, Any] = await self.act("get_plan", {"device_id": self.home.base.brukare_id})
        return answer

    async def line(self, rule: str) -> Mapping[str, Any] | None:
        """Return a line of the plan, None if there is none."""
        return next((line for line in (await self.plan())["lines"] if line["rule"] == rule), None)

    async def need_line(self, rule: str) -> Mapping[str, Any]:
        """Return a line of the plan; raises CheckFailedError if there is none."""
        if line := await self.line(rule):
            return line
        raise CheckFailedError(f"raden {rule}")

    async def soon[T](self, what: str, look: Any, within: timedelta = SOON) -> T:
        """Wait until there is something to see, and note how long it took."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while loop.time() - begun <= within.total_seconds():
            if seen := await look():
                self.expect(f"{what} · {(loop.time() - begun) * 1000:.0f} ms", is_true=True)
                found: T = seen
                return found
            await asyncio.sleep(_POLL)
        raise CheckFailedError(f"{what} (inom {within})")

    async def inbox(self, **wanted: str) -> list[Mapping[str, Any]]:
        """Return what is in the larmansvarig's inbox and is like this."""
        items = (await self.act("get_deviations"))["deviations"]
        return [item for item in items if all(item[key] == value for key, value in wanted.items())]

    async def state(self, platform: str, ending: str) -> Mapping[str, Any]:
        """Return the state of the one of the integration's entities whose unique id ends like this."""
        entries = await self.home.client.ws_command("config/entity_registry/list")
        (entity_id,) = (
            entry["entity_id"]
            for entry in entries
            if entry["platform"] == DOMAIN
            and entry["entity_id"].startswith(f"{platform}.")
            and str(entry["unique_id"]).endswith(ending)
        )
        found: Mapping[str, Any] = await self.home.client.get(f"/api/states/{entity_id}")
        return found

    async def hub_device_id(self) -> str:
        """Return the hub's device."""
        devices = await self.home.client.ws_command("config/device_registry/list")
        (found,) = (
            str(device["id"])
            for device in devices
            if any(domain == DOMAIN for domain, _ in device["identifiers"]) and device["name"] != cast.BRUKARE["code"]
        )
        return found

    async def close_all(self) -> None:
        """Close every alarm that is open."""
        for alarm in (await self.act("get_alarms", {"open_only": True}))["alarms"]:
            alarm_id = {"alarm_id": alarm["alarm_id"]}
            if alarm["state"] in ("raised", "escalated"):
                await self.act("acknowledge_alarm", alarm_id)
            await self.act("resolve_alarm", {**alarm_id, "outcome": "no_help_needed"})

    async def all_states(self) -> Sequence[Mapping[str, Any]]:
        """Return every state."""
        states: Sequence[Mapping[str, Any]] = await self.home.client.get("/api/states")
        return states


@asynccontextmanager
async def open_plan_home(folder: Path, ports: PlanPorts) -> AsyncGenerator[PlanHome]:
    """Start a home, somebody outside, and log the larmansvarig in; ends everything it started."""
    watcher = Watcher(f"http://{LOOPBACK}:{ports.watcher}/hub")
    app = web.Application()
    app.router.add_post("/hub", watcher.take)
    port = LoopbackPort(ports.watcher)
    try:
        await port.open(app)
        inner = Ports(hass=ports.hass, phones=ports.phones, radio=ports.radio)
        async with open_home(folder, inner, PACE, extra=EXTRA) as base:
            lena_id = await base.client.create_user(LARMANSVARIG, admin=True)
            await base.client.create_user(STAFF)
            async with base.client.login(LARMANSVARIG) as lena:
                yield PlanHome(base=base, lena=lena, lena_id=lena_id, watcher=watcher)
    finally:
        await port.close()
