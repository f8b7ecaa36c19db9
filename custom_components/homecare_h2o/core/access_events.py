"""Who looked at what: an opening of what is kept about a person is journalled as anything else is (R030.2)."""

from dataclasses import dataclass
from typing import ClassVar

from .events import Actor, Event


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonalDataOpened(Event):
    """A user opened who a brukare is and where; ``alarm_id``: for the sake of which alarm, None if for none."""

    kind: ClassVar[str] = "personal_data_opened"
    brukare_id: str
    alarm_id: str | None
    by: Actor
