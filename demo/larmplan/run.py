"""The whole larmplan without hands: every step must be seen, or it fails."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path

from demo import cast
from demo.check import go_through

from .cuts import check_power_cuts
from .home import RadioPorts, open_full_home
from .larmtyper import check_devices, check_larmtyper
from .seeing import FullCheck

PACE = cast.Pace(level=timedelta(seconds=30))
OURS = "custom_components.homecare_h2o"


async def check_log(check: FullCheck) -> None:
    """See that the integration has logged no error, and that no rule failed."""
    lines = (await asyncio.to_thread(check.home.hass.output.read_text)).splitlines()
    errors = [line for line in lines if " ERROR " in line and (OURS in line or "automation" in line)]
    for line in errors:
        print(f"      {line}", flush=True)
    check.expect("integrationen och automationerna loggade inga fel", is_true=not errors)


CHECKS: Mapping[str, Callable[[FullCheck], Awaitable[None]]] = {
    "Enheterna": check_devices,
    "Varje larmtyp: från sensorn (eller larmets tid) till telefonen": check_larmtyper,
    "Strömavbrott mitt i en väntan på 60 sekunder": check_power_cuts,
    "Loggen": check_log,
}


async def run_larmplan(folder: Path, ports: RadioPorts) -> bool:
    """Go through the whole larmplan in a new home; return whether everything was seen."""
    return await go_through(open_full_home(folder, ports, PACE), FullCheck, CHECKS)
