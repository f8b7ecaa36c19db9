"""Consent as an interlock: who agrees to which service, and whose alarms are disarmed because somebody does not (S.1, S.2).

Only a consent that is *withdrawn* disarms. One that is not registered, or has expired, is shown and told: an alarm must
not be lost for a missing paper. A cohabitant's withdrawal disarms as the brukare's own does: the same sensors see both.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import reduce

from .arming_events import ConsentRegistered, ConsentService, ConsentStatus
from .errors import ConsentEndsTooEarlyError, ConsentInFutureError
from .events import Actor, Event

FOLLOWED_UP_BEFORE = timedelta(days=30)
"""How long before a consent ends the larmansvarig is told (S.1)."""


class ConsentState(StrEnum):
    """How it stands with a consent, the worst last."""

    GIVEN = "given"
    NOT_REGISTERED = "not_registered"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


_WORSE = tuple(ConsentState)


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What is agreed to, and by whom: the brukare, or somebody who lives there, too."""

    brukare_id: str
    service: ConsentService
    cohabitant: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent:
    """What was registered last; it holds through ``expires_on``. ``since_at``: since when it has had this status (UTC)."""

    subject: Subject
    status: ConsentStatus
    decided_on: date
    version: str | None
    reference: str | None
    expires_on: date | None
    since_at: datetime
    ended_at: datetime | None = None
    """When the last withdrawal ended; None if there was none, or one lasts."""

    def calc_state(self, today: date) -> ConsentState:
        """Return how it stands on a day."""
        if self.status is ConsentStatus.WITHDRAWN:
            return ConsentState.WITHDRAWN
        return ConsentState.EXPIRED if self.expires_on is not None and today > self.expires_on else ConsentState.GIVEN

    def is_to_be_followed_up(self, today: date) -> bool:
        """Return whether it has ended, or is soon to end, by itself."""
        given_until = self.expires_on if self.status is ConsentStatus.GIVEN else None
        return given_until is not None and today + FOLLOWED_UP_BEFORE >= given_until


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentBook:
    """What was registered last of each."""

    consents: Mapping[Subject, Consent] = field(default_factory=dict)

    def find(self, brukare_id: str, service: ConsentService, *, cohabitant: bool = False) -> Consent | None:
        """Return what was registered last, None if nothing ever was."""
        return self.consents.get(Subject(brukare_id=brukare_id, service=service, cohabitant=cohabitant))

    def calc_state(self, brukare_id: str, service: ConsentService, today: date) -> ConsentState:
        """Return how it stands with a service: the worst of the brukare's own and a cohabitant's, if there is one."""
        own, other = (self.find(brukare_id, service, cohabitant=cohabitant) for cohabitant in (False, True))
        states = [own.calc_state(today) if own else ConsentState.NOT_REGISTERED]
        return max([*states, *([other.calc_state(today)] if other else [])], key=_WORSE.index)

    @property
    def without_consent(self) -> frozenset[str]:
        """The brukare whose alarms are disarmed: they, or somebody who lives there, have withdrawn their consent."""
        return frozenset(
            consent.subject.brukare_id
            for consent in self.consents.values()
            if consent.subject.service is ConsentService.LARM and consent.status is ConsentStatus.WITHDRAWN
        )

    def armed_again_at(self, brukare_id: str) -> datetime | None:
        """Return when a brukare's alarms were last armed again; None if they never were, or are not (UTC)."""
        if brukare_id in self.without_consent:
            return None
        found = (self.find(brukare_id, ConsentService.LARM, cohabitant=cohabitant) for cohabitant in (False, True))
        return max((each.ended_at for each in found if each and each.ended_at), default=None)


def register(
    subject: Subject,
    status: ConsentStatus,
    *,
    decided_on: date,
    version: str | None,
    reference: str | None,
    expires_on: date | None,
    by: Actor,
    now: datetime,
    today: date,
) -> ConsentRegistered:
    """Decide what is journalled; raises ConsentInFutureError and ConsentEndsTooEarlyError.

    ``today``: the day in the home's time zone. What is withdrawn does not end.
    """
    if decided_on > today:
        raise ConsentInFutureError
    if status is ConsentStatus.WITHDRAWN:
        expires_on = None
    if expires_on is not None and expires_on < decided_on:
        raise ConsentEndsTooEarlyError
    return ConsentRegistered(
        at=now,
        brukare_id=subject.brukare_id,
        service=subject.service,
        status=status,
        decided_on=decided_on.isoformat(),
        version=version,
        reference=reference,
        expires_on=expires_on.isoformat() if expires_on else None,
        cohabitant=subject.cohabitant,
        by=by,
    )


def evolve(book: ConsentBook, event: Event) -> ConsentBook:
    """Return what is registered after an event; what was registered last counts, whatever day it was decided on."""
    if not isinstance(event, ConsentRegistered):
        return book
    subject = Subject(brukare_id=event.brukare_id, service=event.service, cohabitant=event.cohabitant)
    before = book.consents.get(subject)
    if event.status is ConsentStatus.WITHDRAWN or before is None:
        ended_at = None
    else:
        ended_at = event.at if before.status is ConsentStatus.WITHDRAWN else before.ended_at
    consent = Consent(
        subject=subject,
        status=event.status,
        decided_on=date.fromisoformat(event.decided_on),
        version=event.version,
        reference=event.reference,
        expires_on=date.fromisoformat(event.expires_on) if event.expires_on else None,
        since_at=before.since_at if before and before.status is event.status else event.at,
        ended_at=ended_at,
    )
    return ConsentBook(consents={**book.consents, subject: consent})


def fold(events: Iterable[Event]) -> ConsentBook:
    """Return what is registered after all of these."""
    return reduce(evolve, events, ConsentBook())
