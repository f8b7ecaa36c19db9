"""A real Home Assistant for the bench: with or without the integration, set up once and copied."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
import json
from pathlib import Path
import shutil
from typing import Any

from demo import cast
from demo.hass import HassClient, HassProcess
from demo.home import start_with_phones, wait_for_brukare
from demo.loopback import free_port
from demo.phones import PhoneServer, VirtualPhone

from . import peers

DOMAIN = "homecare_h2o"
PROBE = "bench_probe"
_PROBE = Path(__file__).resolve().parent / "probe"


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    """A running Home Assistant and its phones."""

    hass: HassProcess
    client: HassClient
    phones: PhoneServer
    brukare_id: str | None
    """The brukare's device, None without the integration."""

    async def probe(self, action: str, **data: Any) -> dict[str, Any]:
        """Ask the probe inside Home Assistant."""
        return await self.act(PROBE, action, **data)

    async def act(self, domain: str, action: str, **data: Any) -> dict[str, Any]:
        """Call an action and return what it answers."""
        answer = await self._call(domain, action, data, return_response=True)
        return dict(answer["response"])

    async def act_plainly(self, domain: str, action: str, **data: Any) -> None:
        """Call an action that answers nothing."""
        await self._call(domain, action, data, return_response=False)

    async def _call(self, domain: str, action: str, data: dict[str, Any], *, return_response: bool) -> Any:
        """Call an action."""
        # Not by REST, which listens to every change of a state meanwhile.
        return await self.client.ws_command(
            "call_service", domain=domain, service=action, service_data=data, return_response=return_response
        )

    @property
    def resident_bytes(self) -> int:
        """How much memory Home Assistant has in use."""
        status = Path(f"/proc/{self.hass.pid}/status").read_text(encoding="utf-8")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024


@asynccontextmanager
async def open_home(folder: Path, phones: Sequence[VirtualPhone], crew: int) -> AsyncGenerator[Home]:
    """Start a home of which the first ``crew`` phones are called; ends everything it started."""
    async with AsyncExitStack() as stack:
        config = folder / "config"
        hass = HassProcess(config, free_port(), extra=f"{peers.make_alert(phones[:crew])}\n{PROBE}:\n")
        _link_probe(config)
        server = PhoneServer(phones, store=folder / "phones.json")
        client = await start_with_phones(stack, hass, server)
        known = folder / "home.json"
        brukare_id = json.loads(known.read_text(encoding="utf-8"))["brukare_id"] if known.exists() else None
        yield Home(hass=hass, client=client, phones=server, brukare_id=brukare_id)


async def set_up_without(folder: Path, crew: int) -> None:
    """Make a home with phones and without the integration."""
    await asyncio.to_thread(folder.mkdir, parents=True)
    async with open_home(folder, peers.make_phones(crew), crew):
        pass


async def set_up_peers(folder: Path, phones: int, crew: int, *, is_ours: bool) -> None:
    """Give a home the automations of the peers, and the integration if it is to be there, too."""
    async with open_home(folder, peers.make_phones(phones), crew) as home:
        called = list(home.phones.phones.values())[:crew]
        await home.client.save_automation("automation", peers.make_automation(called))
        await home.client.save_automation("parallel", peers.make_parallel(called))
        if is_ours:
            await _set_up_ours(folder, home, called)


async def _set_up_ours(folder: Path, home: Home, called: Sequence[VirtualPhone]) -> None:
    """Set up the integration through its own flow, and its lines of a handlingsplan."""
    group = {"name": "Bench", "role": "staff", "all_day": True, "phones": [phone.hass_device_id for phone in called]}
    await home.client.run_config_flow(DOMAIN, {"serial_number": cast.SERIAL_NUMBER}, cast.BRUKARE, group)
    brukare_id = await wait_for_brukare(home.client)
    await home.client.save_automation("ours", peers.make_ours(brukare_id))
    for name, line in peers.make_quiet_lines(brukare_id).items():
        await home.client.save_automation(name, line)
    (folder / "home.json").write_text(json.dumps({"brukare_id": brukare_id}), encoding="utf-8")


def copy_home(source: Path, target: Path) -> Path:
    """Copy a home that does not run."""
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("hass.out"))
    return target


def _link_probe(config: Path) -> None:
    """Let Home Assistant see the probe."""
    link = config / "custom_components" / PROBE
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.exists():
        link.symlink_to(_PROBE, target_is_directory=True)
