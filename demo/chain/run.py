"""The alarm chain without hands: every step must be seen, or it fails."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
import time

from demo.check import CheckFailedError, print_state
from demo.hass import HassError
from demo.phones import PhoneError

from .answering import check_app_number, check_false_alarm, check_hand_over, check_outcome
from .cut import check_power_cut
from .home import ChainPorts, open_chain_home
from .proof import check_every_phone, check_export, check_private
from .rights import check_forgeries, check_roles
from .seeing import ChainCheck
from .telling import check_error, check_hanging

TAIL = 40

CHECKS: Mapping[str, Callable[[ChainCheck], Awaitable[None]]] = {
    "Nitton av tjugo telefoner hänger": check_hanging,
    "En telefon svarar 500": check_error,
    "Taget, klart, utfall, kvitton": check_outcome,
    "Överlämnat, antecknat, taget med SMS": check_hand_over,
    "SMS från en telefon med appen": check_app_number,
    "Felaktigt larm": check_false_alarm,
    "Vem får vad": check_roles,
    "Svar som ingen har fått": check_forgeries,
    "Prov av larmkedjan": check_every_phone,
    "Export och journal": check_export,
    "Strömavbrott mitt i": check_power_cut,
    "Inget säger vem eller var": check_private,
}


async def run_chain(folder: Path, ports: ChainPorts) -> bool:
    """Go through the chain in a new home; return whether everything was seen."""
    started = time.monotonic()
    async with open_chain_home(folder, ports) as home:
        print(f"Hemmet är uppe efter {time.monotonic() - started:.1f} s", flush=True)
        check = ChainCheck(home)
        await home.client.call_service("logger", "set_level", {"custom_components.homecare_h2o": "debug"})
        try:
            for name, run in CHECKS.items():
                print(f"\n{name}", flush=True)
                await run(check)
        except (CheckFailedError, HassError, PhoneError, TimeoutError) as err:
            print(f"  FEL  inte sett: {type(err).__name__} {err}", flush=True)
            await _print_known(check)
            return False
    print(f"\nAllt sett: {len(check.seen)} steg på {time.monotonic() - started:.1f} s", flush=True)
    return True


async def _print_known(check: ChainCheck) -> None:
    """Print what is known when something was not seen."""
    try:
        await print_state(check)
    except HassError as err:
        print(f"      Home Assistant svarar inte: {err}")
    for line in (await asyncio.to_thread(check.home.hass.output.read_text)).splitlines()[-TAIL:]:
        print(f"      {line}")
