"""Events that say what is true until another says otherwise: they outlive the retention and a damaged journal."""

from .arming_events import ConsentRegistered, PauseEnded, PauseStarted
from .plan_events import PlanChanged, PlanCommented

LASTING = (PlanChanged, PlanCommented, PauseStarted, PauseEnded, ConsentRegistered)

LASTING_KINDS = frozenset(event.kind for event in LASTING)
