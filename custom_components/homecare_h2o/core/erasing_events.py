"""That a person was erased, and what proves the rows that were rewritten (docs/decisions/0017)."""

from dataclasses import dataclass
from typing import ClassVar

from .events import Actor, Event

PSEUDONYM = "erased-"
"""What the name that stands for an erased person begins with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ErasedRow:
    """A row that was rewritten; ``digest``: the one that it would have now, following the row before it."""

    seq: int
    digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalErased(Event):
    """A person was erased; ``rows`` are all that were ever rewritten, these included. ``by`` is who did it."""

    kind: ClassVar[str] = "journal_erased"
    rows: tuple[ErasedRow, ...]
    by: Actor
