"""One Home Assistant and one browser for all tests of the panel."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path
import subprocess
import sys

import pytest
import pytest_asyncio
import pytest_socket

from .stage import Stage, open_stage

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "browser"


@pytest.fixture(autouse=True)
def verify_cleanup() -> None:
    """Leave the loop alone that all tests share, instead of ending it after each."""


@pytest.fixture(autouse=True)
def _with_sockets(socket_enabled: None) -> None:
    """Let the browser and the home be reached; nothing else is asked for, which a test sees to."""


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of Chromium; skip where there is none and none can be brought."""
    found = subprocess.run([SCRIPT], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip(f"there is no browser to see the panel with: {found.stderr.strip()}")
    libraries, path = found.stdout.split()
    # Last: what the project has locked itself comes first.
    sys.path.append(libraries)
    return path


@pytest.fixture(scope="module")
def _open_sockets() -> Generator[None]:
    """Let the stage be set up, before the first test."""
    pytest_socket.enable_socket()
    yield
    pytest_socket.enable_socket()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def theatre(
    _open_sockets: None, chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Stage]:
    """Return the stage that the tests of a module share."""
    async with open_stage(tmp_path_factory.mktemp("home"), chromium) as stage:
        yield stage


@pytest_asyncio.fixture(loop_scope="module")
async def stage(theatre: Stage) -> AsyncGenerator[Stage]:
    """Return the stage, and leave no alarm open."""
    yield theatre
    await theatre.close_all()
