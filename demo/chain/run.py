"""The alarm chain without hands: every step must be seen, or it fails."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from demo.check import go_through

from .answering import check_app_number, check_false_alarm, check_hand_over, check_outcome
from .cut import check_power_cut
from .home import ChainPorts, open_chain_home
from .proof import check_every_phone, check_export, check_private
from .rights import check_forgeries, check_roles
from .seeing import ChainCheck
from .telling import check_error, check_hanging

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
    return await go_through(open_chain_home(folder, ports), ChainCheck, CHECKS)
