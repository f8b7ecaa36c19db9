"""What a run does, drawn from its seed: the same seed, the same faults in the same order with the same pauses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
import random

from .relay import Way


class Fault(StrEnum):
    """What is done to the home."""

    KILL = "kill"
    """SIGKILL, as a power cut."""
    TERMINATE = "terminate"
    """SIGTERM and a start, as an update does it."""
    STALL = "stall"
    """Another process holds the journal's lock: every write waits and fails."""
    STALL_AND_KILL = "stall_and_kill"
    STALLED_START = "stalled_start"
    """The journal cannot even be read when the hub starts."""
    DISK_FULL = "disk_full"
    DISK_FULL_AND_KILL = "disk_full_and_kill"
    CORRUPT = "corrupt"
    """Bytes of the journal change between two runs of Home Assistant."""
    CORRUPT_FACTS = "corrupt_facts"
    CLOCK_FORWARD = "clock_forward"
    CLOCK_BACK = "clock_back"
    CLOCK_1970 = "clock_1970"
    BOOT_1970 = "boot_1970"
    """A start without a battery clock; a time server puts it right seconds later."""
    PUSH_REFUSED = "push_refused"
    PUSH_ERROR = "push_500"
    PUSH_SHOWN_ERROR = "push_shown_500"
    PUSH_HANG = "push_hang"
    PUSH_RESET = "push_reset"
    PUSH_DELAY = "push_delay"
    PUSH_DOUBLE = "push_double"
    ANSWER_DROP = "answer_drop"
    ANSWER_DELAY = "answer_delay"
    ANSWER_DOUBLE = "answer_double"
    ANSWER_FORGED = "answer_forged"
    ANSWER_FOREIGN = "answer_foreign"
    ANSWER_REPLAY = "answer_replay"
    RELOAD_ENTRY = "reload_entry"
    RELOAD_AUTOMATIONS = "reload_automations"
    DELETE_ENTITY = "delete_entity"
    DELETE_DEVICE = "delete_device"
    FLOOD = "flood"


FAULTS = tuple(Fault)
RESTARTS = frozenset(
    {
        Fault.KILL,
        Fault.TERMINATE,
        Fault.STALL_AND_KILL,
        Fault.STALLED_START,
        Fault.DISK_FULL_AND_KILL,
        Fault.CORRUPT,
        Fault.CORRUPT_FACTS,
        Fault.BOOT_1970,
    }
)
SLOW = RESTARTS | {Fault.FLOOD, Fault.STALL, Fault.DISK_FULL}
"""Faults that take seconds: no more than two of them in a run."""
WAYS: Mapping[Fault, Way] = {
    Fault.PUSH_ERROR: Way.ERROR,
    Fault.PUSH_SHOWN_ERROR: Way.SHOWN_ERROR,
    Fault.PUSH_HANG: Way.HANG,
    Fault.PUSH_RESET: Way.RESET,
    Fault.PUSH_DELAY: Way.DELAY,
    Fault.PUSH_DOUBLE: Way.DOUBLE,
}
STAFF, OTHERS = ("htj1", "htj2"), ("res1", "boss")
DAMAGES = ("flip", "page", "header", "log", "truncate")

type Value = float | int | str | bool | tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One fault, the pause before it, and how it is done."""

    fault: Fault
    pause: float
    how: Mapping[str, Value]

    def __str__(self) -> str:
        """Return the step as it is printed."""
        how = " ".join(f"{key}={value}" for key, value in self.how.items())
        return f"+{self.pause:.1f} s {self.fault} {how}".rstrip()


def make_script(seed: int) -> tuple[Step, ...]:
    """Return the faults of a seed; seeds that follow each other go through all kinds."""
    chance = random.Random(f"faults {seed}")  # noqa: S311 - repeatable, not secret
    first = FAULTS[seed % len(FAULTS)]
    faults = [first]
    wanted = chance.randint(3, 5)
    while len(faults) < wanted:
        fault = chance.choice(FAULTS)
        if fault in SLOW and sum(each in SLOW for each in faults) >= 2:
            continue
        if fault is Fault.FLOOD and first is not Fault.FLOOD:
            continue
        faults.append(fault)
    chance.shuffle(faults)
    return tuple(Step(fault=fault, pause=chance.uniform(0.3, 1.5), how=_how(fault, chance)) for fault in faults)


def _how(fault: Fault, chance: random.Random) -> Mapping[str, Value]:
    """Return how a fault is done."""
    if fault in WAYS:
        return _broken_ways(chance)
    return _HOW[fault](chance) if fault in _HOW else {}


def _broken_ways(chance: random.Random) -> Mapping[str, Value]:
    """Return whose ways are broken: one, those on duty, or everybody's."""
    phones = chance.choice((STAFF[:1], STAFF[1:], STAFF, (*STAFF, *OTHERS)))
    return {"phones": phones, "seconds": round(chance.uniform(2, 9), 1), "delay": round(chance.uniform(0.5, 4), 1)}


def _down(chance: random.Random) -> Mapping[str, Value]:
    """Return for how long the process is gone."""
    return {"down": round(chance.choice((0.0, chance.uniform(0, 2))), 2)}


def _blocked(chance: random.Random) -> Mapping[str, Value]:
    """Return for how long the journal cannot be written."""
    return {"seconds": round(chance.uniform(2.5, 7), 1), **_down(chance)}


_HOW: Mapping[Fault, Callable[[random.Random], Mapping[str, Value]]] = {
    Fault.KILL: lambda chance: {**_down(chance), "raises": chance.random() < 0.7},
    Fault.TERMINATE: lambda chance: {**_down(chance), "raises": chance.random() < 0.7},
    Fault.STALL: _blocked,
    Fault.STALL_AND_KILL: _blocked,
    Fault.STALLED_START: _blocked,
    Fault.DISK_FULL: _blocked,
    Fault.DISK_FULL_AND_KILL: _blocked,
    Fault.CORRUPT: lambda chance: {
        **_down(chance),
        "killed": chance.random() < 0.6,
        "damage": chance.choice(DAMAGES),
        "salt": chance.randrange(1_000_000),
    },
    Fault.CORRUPT_FACTS: lambda chance: {
        **_down(chance),
        "killed": chance.random() < 0.6,
        "damage": chance.choice(DAMAGES[:3]),
        "salt": chance.randrange(1_000_000),
    },
    Fault.CLOCK_FORWARD: lambda chance: {"seconds": round(chance.uniform(1, 4), 1)},
    Fault.CLOCK_BACK: lambda chance: {"seconds": round(chance.uniform(1, 4), 1)},
    Fault.CLOCK_1970: lambda chance: {"seconds": round(chance.uniform(1, 4), 1), "shows": chance.randint(1, 9999)},
    Fault.BOOT_1970: lambda chance: {
        **_down(chance),
        "seconds": round(chance.uniform(0.5, 4), 1),
        # Seconds after the first of January: never twice the same, or two presses would be one.
        "shows": chance.randint(1, 9999),
    },
    Fault.PUSH_REFUSED: lambda chance: {"seconds": round(chance.uniform(2, 7), 1)},
    Fault.ANSWER_DELAY: lambda chance: {"seconds": round(chance.uniform(1, 8), 1)},
    Fault.ANSWER_FORGED: lambda chance: {"salt": chance.randrange(1_000_000)},
    Fault.FLOOD: lambda chance: {"raises": 1000, "unique": chance.choice((50, 100, 200))},
}
