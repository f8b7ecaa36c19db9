"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """How often each thing is measured, and how large the large ones are; what is not said is as in the full run."""

    warmups: int = 5
    """Rounds at the beginning that do not count."""
    pushes: int = 200
    """Rounds of each peer to one phone."""
    crew: int = 20
    """Phones of the large group."""
    crew_rounds: int = 8
    """Rounds of each peer to the large group."""
    actions: int = 200
    """Alarms raised and acknowledged with each journal."""
    short_journal: int = 100
    """Alarms in the short journal."""
    long_journal: int = 100_000
    """Alarms in the long journal."""
    processes: int = 12
    """Groups of processes, with and without the integration, that change states."""
    batches: int = 100
    """Batches of state changes in each process."""
    changes: int = 2_000
    """State changes of a batch."""
    starts: int = 10
    """Starts of each home."""
    settle: float = 10.0
    """Seconds after a start until nothing is left of it."""


FULL = Size()
QUICK = Size(
    warmups=2, pushes=30, crew_rounds=2, actions=30, long_journal=20_000, processes=3, batches=40, starts=3, settle=4.0
)
SMOKE = Size(
    warmups=1,
    pushes=2,
    crew=3,
    crew_rounds=1,
    actions=2,
    short_journal=10,
    long_journal=100,
    processes=1,
    batches=2,
    changes=500,
    starts=1,
    settle=0.5,
)
