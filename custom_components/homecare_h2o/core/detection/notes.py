"""What is told of a rule besides its alarms: why it did not fire, and what is journalled before it does."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from ..events import NoteKind
from ..windows import Window


class Reason(StrEnum):
    """Why something that was seen is no alarm; the names are a contract with those who read traces."""

    DID_NOT_LAST = "did_not_last"
    DONE_IN_TIME = "done_in_time"
    EXCUSED_BY_VISIT = "excused_by_visit"
    NOT_SEEN_TO_BEGIN = "not_seen_to_begin"
    OTHER_COMMAND = "other_command"
    OUTSIDE_WINDOW = "outside_window"
    SEEN_INSIDE = "seen_inside"
    SIGN_SEEN = "sign_seen"
    STEP_OUT_OF_ORDER = "step_out_of_order"
    STEP_TOO_LATE = "step_too_late"
    TURNED_OFF_IN_TIME = "turned_off_in_time"


@dataclass(frozen=True, kw_only=True, slots=True)
class Why:
    """Why a rule did not fire (UTC).

    due_at: the deadline that was taken back, or by which it would have had to come. active_from_at: when the rule
    begins to matter again, if it was seen at another time of the day.
    """

    reason: Reason
    due_at: datetime | None = None
    active_from_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """Something to journal that raises no alarm, or none yet."""

    kind: NoteKind
    due_at: datetime | None = None


def outside(window: Window, at: datetime, tz: ZoneInfo) -> Why:
    """Return that something was seen outside the window, and when that opens."""
    starts = (each.start_at for each in window.occurrences_from(at, tz) if each.start_at < each.end_at)
    return Why(reason=Reason.OUTSIDE_WINDOW, active_from_at=next(start_at for start_at in starts if start_at > at))


def note_deadline(before_at: datetime | None, after_at: datetime | None, at: datetime) -> Note | None:
    """Return what is to be journalled of a deadline that began or was taken back at an instant.

    One that is due at once is not: its alarm says the same.
    """
    if before_at is None and after_at is not None and after_at > at:
        return Note(kind=NoteKind.BEGAN, due_at=after_at)
    if before_at is not None and after_at is None:
        return Note(kind=NoteKind.WITHDRAWN, due_at=before_at)
    return None
