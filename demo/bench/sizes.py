"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """How often each thing is measured, and how large the large ones are."""

    warmups: int
    """Rounds at the beginning that do not count."""
    pushes: int
    """Rounds of each peer to one phone."""
    crew: int
    """Phones of the large group."""
    crew_rounds: int
    """Rounds of each peer to the large group."""
    actions: int
    """Alarms raised and acknowledged with each journal."""
    short_journal: int
    """Alarms in the short journal."""
    long_journal: int
    """Alarms in the long journal."""
    processes: int
    """Groups of processes, with and without the integration, that change states."""
    batches: int
    """Batches of state changes in each process."""
    changes: int
    """State changes of a batch."""
    starts: int
    """Starts of each home."""
    settle: float
    """Seconds after a start until nothing is left of it."""


FULL = Size(
    warmups=5,
    pushes=200,
    crew=20,
    crew_rounds=8,
    actions=200,
    short_journal=100,
    long_journal=100_000,
    processes=12,
    batches=100,
    changes=2_000,
    starts=10,
    settle=10.0,
)
QUICK = Size(
    warmups=2,
    pushes=30,
    crew=20,
    crew_rounds=2,
    actions=30,
    short_journal=100,
    long_journal=20_000,
    processes=3,
    batches=40,
    changes=2_000,
    starts=3,
    settle=4.0,
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
