"""The handlingsplan without hands: every step must be seen, or it fails."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from demo.check import go_through

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
    steps = {name: run for name, run in CHECKS.items() if not (quick and name in SLOW)}
    return await go_through(open_plan_home(folder, ports), PlanCheck, steps)
