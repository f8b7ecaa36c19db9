"""The handlingsplan without hands: every step must be seen, or it fails."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
import time

from demo.check import CheckFailedError, print_state
from demo.hass import HassError

from .changes import check_changes, check_deletion, check_rights, check_switching
from .consent import check_consent, check_erasure
from .home import PlanCheck, PlanPorts, open_plan_home
from .pausing import check_interruption, check_line_pause, check_pause
from .watching import check_gap, check_heartbeat, check_power, check_proof

CHECKS: Mapping[str, Callable[[PlanCheck], Awaitable[None]]] = {
    "5 h blir 4 h i editorn": check_changes,
    "En rad tas bort av misstag": check_deletion,
    "En rad stängs av": check_switching,
    "Vem får vad": check_rights,
    "Sjukhusvistelse": check_pause,
    "En rad pausas": check_line_pause,
    "Planerat avbrott": check_interruption,
    "Strömmen": check_power,
    "Någon utanför lyssnar": check_heartbeat,
    "Övervakningslucka": check_gap,
    "Bevis på övervakning": check_proof,
    "Samtycke": check_consent,
    "Radering": check_erasure,
}


SLOW = ("Strömmen", "Någon utanför lyssnar", "Övervakningslucka")
"""What takes minutes, for something must have lasted."""


async def run_plan(folder: Path, ports: PlanPorts, *, quick: bool = False) -> bool:
    """Go through the plan in a new home, ``quick``: without what takes minutes; return whether everything was seen."""
    started = time.monotonic()
    async with open_plan_home(folder, ports) as home:
        print(f"Hemmet är uppe efter {time.monotonic() - started:.1f} s", flush=True)
        check = PlanCheck(home)
        try:
            for name, run in CHECKS.items():
                if quick and name in SLOW:
                    continue
                print(f"\n{name}", flush=True)
                await run(check)
        except (CheckFailedError, HassError, TimeoutError) as err:
            print(f"  FEL  inte sett: {type(err).__name__} {err}", flush=True)
            await _print_known(check)
            return False
    print(f"\nAllt sett: {len(check.seen)} steg på {time.monotonic() - started:.1f} s", flush=True)
    return True


async def _print_known(check: PlanCheck) -> None:
    """Print what is known when something was not seen."""
    try:
        await print_state(check)
    except HassError as err:
        print(f"      Home Assistant svarar inte: {err}")
    for line in (await asyncio.to_thread(check.home.hass.output.read_text)).splitlines()[-40:]:
        print(f"      {line}")
