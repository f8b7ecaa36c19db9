"""Buttons: every way in which one can show itself, each press exactly once (P001.1, larmplan.md)."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

PRESS_GAP = timedelta(seconds=1)
"""Presses of one button closer than this are one: devices report press and release, or twice by two clusters."""

_NO_INFORMATION = frozenset({None, "", "unknown", "unavailable"})


class ButtonKind(StrEnum):
    """How a button shows that it is pressed."""

    SENSOR = "sensor"
    """A binary sensor: off → on."""
    EVENT = "event"
    """An event entity: its state is the ISO timestamp of the last press."""
    PANEL = "panel"
    """An alarm control panel: anything else → triggered."""
    SIGNAL = "signal"
    """An event on the bus or a device trigger: every one is a press, whatever state it carries."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ButtonFacts:
    """What is remembered over a restart; last_state is never unknown or unavailable."""

    last_state: str | None = None
    last_press_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """A state, or a signal, and when it was seen (UTC); ``before``: the state in whose place it came, if that was seen."""

    state: str | None
    at: datetime
    before: str | None = None


def evaluate(kind: ButtonKind, facts: ButtonFacts, seen: Seen) -> tuple[ButtonFacts, datetime | None]:
    """Return the new facts and the instant of the press, or None if this is none."""
    match kind:
        case ButtonKind.SIGNAL:
            return _press_once(facts, seen.at)
        case _ if seen.state in _NO_INFORMATION:
            return facts, None
        case ButtonKind.EVENT:
            return _evaluate_event(facts, seen)
        case ButtonKind.SENSOR:
            pressed = facts.last_state == "off" and seen.state == "on"
        case ButtonKind.PANEL:  # pragma: no branch - mypy knows that no kind is left
            pressed = facts.last_state not in {None, "triggered"} and seen.state == "triggered"
    facts = replace(facts, last_state=seen.state)
    return _press_once(facts, seen.at) if pressed else (facts, None)


def _evaluate_event(facts: ButtonFacts, seen: Seen) -> tuple[ButtonFacts, datetime | None]:
    """Take a newer timestamp for a press, the first one and a restored older one for none."""
    pressed_at = _parse(seen.state)
    if pressed_at is None:
        return facts, None
    remembered = replace(facts, last_state=seen.state)
    known_at = _parse(facts.last_state)
    # A restored state is old when it is seen. A fresh one counts even if it is the first, as from a button that was
    # paired today, or older than the last, as after a clock was set back.
    fresh = abs(seen.at - pressed_at) < PRESS_GAP and pressed_at != known_at
    # An entity that goes from one timestamp to another is pressed; a restored one comes after no timestamp.
    is_next = _parse(seen.before) not in {None, pressed_at} and pressed_at != known_at
    if fresh or is_next or (known_at is not None and pressed_at > known_at):
        # After the clock was set back Home Assistant lets the timestamps go on from the last one, a millisecond at a time.
        is_held_up = pressed_at - seen.at >= PRESS_GAP
        return _press_once(remembered, seen.at if is_held_up else pressed_at)
    return (remembered if known_at is None else facts), None


def _press_once(facts: ButtonFacts, press_at: datetime) -> tuple[ButtonFacts, datetime | None]:
    """Count the press unless it belongs to the last one; one long before it means a clock set back, and counts."""
    if facts.last_press_at is not None and abs(press_at - facts.last_press_at) < PRESS_GAP:
        return facts, None
    return replace(facts, last_press_at=press_at), press_at


def _parse(state: str | None) -> datetime | None:
    """Return the instant that an event entity's state tells, in UTC, or None."""
    try:
        at = datetime.fromisoformat(state or "")
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
