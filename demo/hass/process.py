"""A real Home Assistant as a child process: started, stopped, killed, started again."""

import asyncio
from http import HTTPStatus
import os
from pathlib import Path
import signal
import socket
import sys

import aiohttp

from demo.loopback import LOOPBACK

from .client import HassClient
from .config import prepare
from .errors import HassStartError
from .login import Account

OWNER = Account("Larmansvarig", "demo", "demo")

# Home Assistant asks by this exit code to be started again.
RESTART_EXIT_CODE = 100

_START_TIMEOUT = 180.0
_STOP_TIMEOUT = 30.0
_TAIL_LINES = 40


class HassProcess:
    """One Home Assistant with its configuration folder and its port on loopback."""

    def __init__(
        self, config: Path, port: int, *, language: str = "sv", owner: Account = OWNER, extra: str = ""
    ) -> None:
        """Remember the folder and the port; nothing is written or started yet. ``extra`` ends configuration.yaml."""
        self.config = config
        self.port = port
        self.owner = owner
        self._language = language
        self._extra = extra
        self.environment: dict[str, str] = {}
        """What Home Assistant is started with beside our own environment."""
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Return the base address, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int | None:
        """Return the process id while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def output(self) -> Path:
        """Return the file that takes everything Home Assistant prints, over all starts."""
        return self.config / "hass.out"

    def client(self) -> HassClient:
        """Return a client of the owner; entering it signs in, on the very first start by onboarding."""
        return HassClient(self.url, self.owner)

    async def start(self) -> None:
        """Start Home Assistant and return when its core is running.

        Raises HassStartError if the port is taken, the process ends or the core does not run within three minutes.
        """
        if self.pid is not None:
            raise HassStartError("Home Assistant is already running")
        _require_free_port(self.port)
        await asyncio.to_thread(prepare, self.config, self.port, self._language, self._extra)
        self._process = await self._spawn()
        try:
            await self._wait_ready(self._process)
        except BaseException:
            await self._abandon()
            raise

    async def stop(self) -> None:
        """Let Home Assistant end cleanly, for thirty seconds at the most."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_STOP_TIMEOUT):
                await self._process.wait()
        except TimeoutError:
            await self._abandon()

    def kill(self) -> None:
        """Kill Home Assistant at once, as a power cut would; `wait` tells when it is gone."""
        if self.pid is not None:
            os.killpg(self.pid, signal.SIGKILL)

    async def wait(self) -> int:
        """Wait for the process to end and return its exit code (see RESTART_EXIT_CODE)."""
        return await self._process.wait() if self._process else 0

    async def _abandon(self) -> None:
        """Kill and reap the process."""
        self.kill()
        await self.wait()

    async def _spawn(self) -> asyncio.subprocess.Process:
        """Start the `hass` of this virtual environment in a session of its own."""
        # A session of its own, so that Ctrl-C reaches the demo alone and Home Assistant is ended in order.
        with self.output.open("ab") as output:
            return await asyncio.create_subprocess_exec(
                str(Path(sys.executable).parent / "hass"),
                "--config",
                str(self.config),
                "--skip-pip",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=_environment() | self.environment,
                start_new_session=True,
            )

    async def _wait_ready(self, process: asyncio.subprocess.Process) -> None:
        """Return when the core is running; raise when it ended before, or never came."""
        ready = asyncio.create_task(self._wait_running())
        ended = asyncio.create_task(process.wait())
        try:
            await asyncio.wait((ready, ended), timeout=_START_TIMEOUT, return_when=asyncio.FIRST_COMPLETED)
            if not ready.done():
                raise HassStartError(f"Home Assistant did not start:\n{_tail(self.output)}")
            await ready
        finally:
            ready.cancel()
            ended.cancel()
            await asyncio.gather(ready, ended, return_exceptions=True)

    async def _wait_running(self) -> None:
        """Wait for the first answer over HTTP, then for the core."""
        async with aiohttp.ClientSession() as session:
            while not await _answers(session, f"{self.url}/manifest.json"):  # noqa: ASYNC110 - nothing tells us
                await asyncio.sleep(0.1)
        async with self.client() as client:
            await client.wait_running()


def _environment() -> dict[str, str]:
    """Return Home Assistant's environment; without compiled modules every start would take four seconds longer."""
    return {**os.environ, "TZ": "Europe/Stockholm", "PYTHONDONTWRITEBYTECODE": ""}


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    """Tell whether Home Assistant serves its frontend, and so its login, by now."""
    try:
        async with session.get(url) as response:
            return response.status == HTTPStatus.OK
    except aiohttp.ClientError, TimeoutError:
        return False


def _require_free_port(port: int) -> None:
    """Refuse a port that someone else serves: their answers would be taken for ours."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as err:
            raise HassStartError(f"port {port} is taken by another program") from err


def _tail(path: Path) -> str:
    """Return the last lines of a file."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-_TAIL_LINES:])
