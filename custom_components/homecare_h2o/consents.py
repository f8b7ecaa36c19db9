"""Who agrees to what, as the journal has it: a withdrawal disarms at once and is told, whatever is cut off (S.1, S.2).

Everything that follows from what is registered is looked at after each registration, at every start and once an hour;
telling is known by when it was withdrawn, or by when it ends, so that each is told once.
"""

import asyncio
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.event import async_track_time_change
from homeassistant.util import dt as dt_util

from .const import CONF_CODE, SIGNAL_CONSENT
from .core import consent
from .core.alarm import Alarm
from .core.arming_events import ConsentRegistered, ConsentService, ConsentStatus
from .core.commands import RaiseRequest
from .core.consent import Consent, ConsentBook, ConsentState, Subject
from .core.errors import BeingErasedError, EngineStoppedError
from .core.escalation import AlarmType
from .core.events import Actor, DeviationKind, Event
from .deviations import Deviations
from .engine import Engine
from .facts import Facts
from .outbox import Spawn
from .ports import Clock, Journal
from .repairs import async_tell_consents
from .settings import brukare_of
from .wording import Wording

ERASING = "erasing."
"""What the key of the fact begins with that somebody is being erased."""
RULE = "system.consent"
SOURCE = "consent"
TOLD_WITHIN = timedelta(days=7)
"""A withdrawal that is older has rung: only the journal's retention could make it look as if it had not."""
TOLD_AS_ISSUES = (ConsentState.EXPIRED, ConsentState.WITHDRAWN)


def erasing_of(facts: Facts) -> frozenset[str]:
    """Return the brukare whose erasure has begun."""
    return frozenset(key.removeprefix(ERASING) for key in facts.find(ERASING))


class Consents:
    """Registers consent, and says whose alarms are disarmed."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        journal: Journal,
        engine: Engine,
        deviations: Deviations,
        clock: Clock,
        wording: Wording,
        spawn: Spawn,
    ) -> None:
        """Know of nothing yet."""
        self._hass = hass
        self._entry = entry
        self._journal = journal
        self._engine = engine
        self._deviations = deviations
        self._clock = clock
        self._wording = wording
        self._spawn = spawn
        self._telling = asyncio.Lock()
        self.book = ConsentBook()
        self.erasing: frozenset[str] = frozenset()
        """Those who are being erased: what they said is forgotten before they are (S.2)."""

    async def async_load(self) -> None:
        """Read what is registered, before anything can raise; raises JournalUnavailableError."""
        rows = await self._journal.load_kinds([ConsentRegistered.kind])
        self.book = consent.fold((*(row.event for row in rows), *self._engine.unwritten.events))

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Follow what is registered, and tell what has not been told; returns the way to stop."""
        stops = [
            self._engine.subscribe(self._on_event),
            # On the wall clock: a consent ends at midnight.
            async_track_time_change(self._hass, self._async_look, minute=0, second=0),
        ]
        self._async_look()

        @callback
        def stop() -> None:
            for each in stops:
                each()

        return stop

    @property
    def without_consent(self) -> frozenset[str]:
        """The brukare whose alarms are disarmed."""
        return self.book.without_consent | self.erasing

    @property
    def today(self) -> date:
        """The day in the home's time zone."""
        return dt_util.as_local(self._clock.now()).date()

    def state_of(self, brukare_id: str, service: ConsentService) -> ConsentState:
        """Return how it stands with a service."""
        return self.book.calc_state(brukare_id, service, self.today)

    def describe(self, brukare_id: str) -> str:
        """Return what is registered for a brukare, in words, one line each."""
        lines = [
            f"{self._wording.consent(each.subject.service, each.status, cohabitant=each.subject.cohabitant)}, "
            f"{each.decided_on}"
            for each in self.book.consents.values()
            if each.subject.brukare_id == brukare_id
        ]
        return "\n".join(lines) or self._wording.consent_state(ConsentState.NOT_REGISTERED)

    async def register(
        self,
        subject: Subject,
        status: ConsentStatus,
        by: Actor,
        *,
        decided_on: date,
        version: str | None = None,
        reference: str | None = None,
        expires_on: date | None = None,
    ) -> ConsentState:
        """Journal a consent or its withdrawal, which counts from now on; return how it stands with the service.

        Raises BeingErasedError, ConsentInFutureError and ConsentEndsTooEarlyError. Alarms that are open stay open:
        somebody is on the way.
        """
        if subject.brukare_id in self.erasing:
            # It would be shown as given, and no alarm would come.
            raise BeingErasedError
        registered = consent.register(
            subject,
            status,
            decided_on=decided_on,
            version=version,
            reference=reference,
            expires_on=expires_on,
            by=by,
            now=self._clock.now(),
            today=self.today,
        )
        await self._engine.record(registered)
        return self.state_of(subject.brukare_id, subject.service)

    @callback
    def _on_event(self, event: Event, _alarm: Alarm | None) -> None:
        """Take up what is registered."""
        if isinstance(event, ConsentRegistered):
            self.book = consent.evolve(self.book, event)
            self._async_look()

    @callback
    def _async_look(self, _now: datetime | None = None) -> None:
        """Show how it stands with everybody's consent today, and tell what is to be told."""
        self._show_issues()
        async_dispatcher_send(self._hass, SIGNAL_CONSENT)
        self._spawn(self._async_tell(), "homecare_h2o consent")

    def _show_issues(self) -> None:
        """Show what is withdrawn or has expired until it is given again."""
        wrong: dict[str, dict[str, str]] = {}
        for subentry in brukare_of(self._entry):
            for service in ConsentService:
                state = self.state_of(subentry.subentry_id, service)
                if state in TOLD_AS_ISSUES:
                    issue_id = f"{SOURCE}_{state}:{service}:{subentry.subentry_id}"
                    wrong[issue_id] = {
                        "code": subentry.data[CONF_CODE],
                        "service": self._wording.consent_service(service),
                    }
        async_tell_consents(self._hass, wrong)

    async def _async_tell(self) -> None:
        """Tell the larmansvarig; a hub that is being closed does it at its next start."""
        there = {subentry.subentry_id for subentry in brukare_of(self._entry)}
        async with self._telling:
            with suppress(EngineStoppedError):
                for each in tuple(self.book.consents.values()):
                    if each.subject.brukare_id in there:
                        await self._async_tell_of(each)

    async def _async_tell_of(self, registered: Consent) -> None:
        """Ring for a withdrawal, and file what has ended or is soon to end: each once."""
        if registered.status is ConsentStatus.WITHDRAWN:
            if self._clock.now() - registered.since_at < TOLD_WITHIN:
                await self._engine.raise_alarm(self._request(registered))
        elif registered.expires_on and registered.is_to_be_followed_up(self.today):
            await self._deviations.file(
                registered.subject.brukare_id,
                DeviationKind.CONSENT,
                self._wording.consent_ends(registered.subject.service, registered.expires_on),
                source=SOURCE,
                deviation_id=f"{_name(registered.subject)}-{registered.expires_on}",
            )

    def _request(self, withdrawn: Consent) -> RaiseRequest:
        """Return the technical alarm for a withdrawal; the inbox files it by itself."""
        return RaiseRequest(
            brukare_id=withdrawn.subject.brukare_id,
            alarm_type=AlarmType.TECHNICAL,
            rule=f"{RULE}.{_name(withdrawn.subject)}",
            due_at=withdrawn.since_at,
            message=self._wording.consent_withdrawn(withdrawn.subject.service),
        )


def _name(subject: Subject) -> str:
    """Return what is told of a consent is known by."""
    whose = "cohabitant" if subject.cohabitant else "own"
    return f"{SOURCE}-{subject.brukare_id}-{subject.service}-{whose}"
