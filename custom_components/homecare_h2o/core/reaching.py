"""Whether an alarm would reach anybody, as far as is known: a line that reaches nobody does not watch (R010.5)."""

from collections.abc import Callable
from datetime import datetime

from .calling import Rota
from .escalation import EscalationPlan


def reaches_somebody(plan: EscalationPlan, rota: Rota, now: datetime, is_reachable: Callable[[str], bool]) -> bool:
    """Return whether a phone that an alarm with this plan would call now, at any level, can be reached."""
    receivers = tuple(dict.fromkeys(receiver for level in plan.levels for receiver in level.receivers))
    return any(is_reachable(phone_id) for phone_id in rota.resolve(receivers, now).phones)
