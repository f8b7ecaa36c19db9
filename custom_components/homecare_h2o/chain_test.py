"""Tests the way to every phone: silently once a day, and aloud when somebody asks for it (R011.5, P004.2)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, CoreState, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect, async_dispatcher_send

from .const import SIGNAL_PHONES, SIGNAL_SWEEP
from .core.alarm import Alarm
from .core.chain import (
    FAILURES_TOLD,
    ChainResult,
    PhoneTests,
    Probe,
    is_expired,
    is_news,
    judge,
    next_test_at,
    record,
)
from .core.codec import recall, to_plain
from .core.errors import EngineStoppedError
from .core.events import ChainTested, Event, PhoneReceived
from .engine import Engine
from .facts import Facts
from .phones import can_confirm, phone_name
from .ports import Clock
from .probing import Prober, Running
from .repairs import async_forget_phones, async_tell_phone_test
from .settings import groups_of

SECOND = 1.0
"""Tests of the test need not wait so long."""

type OnFailed = Callable[[str, str], Awaitable[None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a loud test showed of one phone."""

    phone_id: str
    result: ChainResult
    probe: Probe
    error: str | None


def describe_report(hass: HomeAssistant, report: Report) -> dict[str, Any]:
    """Return a report as the action gives it; milliseconds from the moment the test was begun."""
    return {
        "phone": phone_name(hass, report.phone_id),
        "result": report.result,
        "sent": report.probe.sent,
        "received_ms": report.probe.received_ms,
        "answered_ms": report.probe.answered_ms,
        "error": report.error,
    }


class ChainTest:
    """Knows of each phone when it was last reached, and has it tested when that is due."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        engine: Engine,
        facts: Facts,
        clock: Clock,
        prober: Prober,
        on_failed: OnFailed,
    ) -> None:
        """Keep what is needed; ``on_failed`` is told of a phone that has just failed, and why."""
        self._hass = hass
        self._entry = entry
        self._engine = engine
        self._facts = facts
        self._clock = clock
        self._prober = prober
        self._on_failed = on_failed
        self._sent: dict[str, tuple[Running, datetime]] = {}

    # --- what can be seen -----------------------------------------------------------------------

    @property
    def phones(self) -> Sequence[str]:
        """The phones of all groups."""
        return list(dict.fromkeys(phone for group in groups_of(self._entry) for phone in group.phones))

    def tests_of(self, phone_id: str) -> PhoneTests | None:
        """Return what is known of a phone, None before its first test was planned."""
        return recall(PhoneTests, self._facts.get(_key(phone_id)))

    def phones_with(self, result: ChainResult) -> list[str]:
        """Return the phones whose tests show this; a phone has failed when it has done so twice in a row."""
        known = {phone_id: self.tests_of(phone_id) for phone_id in self.phones}
        failed = {phone_id for phone_id, tests in known.items() if tests and tests.is_failed}
        if result is ChainResult.FAILED:
            return [phone_id for phone_id in known if phone_id in failed]
        return [phone_id for phone_id, tests in known.items() if tests and tests.result is result]

    # --- once a day -----------------------------------------------------------------------------

    @callback
    def async_start(self) -> CALLBACK_TYPE:
        """Start testing; returns the way to stop that."""
        async_forget_phones(self._hass, self.phones)
        stops = [
            async_dispatcher_connect(self._hass, SIGNAL_SWEEP, self._on_sweep),
            self._prober.async_start(self._on_heard),
            self._engine.subscribe(self._on_event),
        ]
        for phone_id in self.phones_with(ChainResult.FAILED):
            self._show(phone_id)

        @callback
        def stop() -> None:
            for each in stops:
                each()

        return stop

    @callback
    def _on_sweep(self) -> None:
        """Begin the tests that are due, and end those whose receipt will not come."""
        now = self._clock.now()
        for phone_id, (running, sent_at) in list(self._sent.items()):
            if is_expired(sent_at, now):
                self._end(phone_id, running)
        if self._hass.state is not CoreState.running:
            return
        for phone_id in self.phones:
            tests = self.tests_of(phone_id)
            if tests is None:
                self._spawn(self._facts.put(_key(phone_id), to_plain(PhoneTests(known_at=now))))
            elif phone_id not in self._sent and now >= next_test_at(tests, phone_id, self._tz):
                self._sent[phone_id] = (running := self._prober.begin(phone_id), now)
                self._spawn(self._async_send(phone_id, running))

    async def _async_send(self, phone_id: str, running: Running) -> None:
        """Send a silent test; of a phone that cannot confirm no more will ever be known."""
        await self._prober.send_silently(running)
        if running.probe.is_proven or not running.probe.sent or not can_confirm(self._hass, phone_id):
            self._end(phone_id, running)

    @callback
    def _on_heard(self, running: Running) -> None:
        """End a silent test whose receipt has come."""
        if running.phone_id in self._sent and self._sent[running.phone_id][0] is running:
            self._end(running.phone_id, running)

    @callback
    def _on_event(self, event: Event, alarm: Alarm | None) -> None:
        """Take the receipt of an alarm for a proof, where one is wanted."""
        if isinstance(event, PhoneReceived) and (tests := self.tests_of(event.phone_id)) and tests.failures:
            self._spawn(self._async_record(event.phone_id, ChainResult.PASSED, None))

    @callback
    def _end(self, phone_id: str, running: Running) -> None:
        """End a silent test."""
        if self._sent.pop(phone_id, None):
            self._prober.end(running)
            result, error = judge(running.probe, can_confirm=can_confirm(self._hass, phone_id))
            self._spawn(self._async_record(phone_id, result, error))

    # --- when asked for -------------------------------------------------------------------------

    async def async_test_loudly(self, code: str, seconds: float) -> list[Report]:
        """Ring every phone, wait for answers so long at the most, and return what each showed."""
        return list(await asyncio.gather(*(self._async_ring(phone_id, code, seconds) for phone_id in self.phones)))

    async def _async_ring(self, phone_id: str, code: str, seconds: float) -> Report:
        """Ring one phone."""
        running = self._prober.begin(phone_id)
        try:
            await self._async_wait(running, code, seconds)
        finally:
            self._prober.end(running)
        result, error = judge(running.probe, can_confirm=can_confirm(self._hass, phone_id))
        weight = 1 if running.probe.sent else FAILURES_TOLD
        await self._async_record(phone_id, result, error, loud=True, weight=weight)
        self._spawn(self._prober.clear(running))
        return Report(phone_id=phone_id, result=result, probe=running.probe, error=error)

    async def _async_wait(self, running: Running, code: str, seconds: float) -> None:
        """Send a loud test, and wait until it is answered, has failed, or time is up."""
        try:
            async with asyncio.timeout(seconds * SECOND):
                await self._prober.send_loudly(running, code)
                while not running.is_settled:
                    running.changed.clear()
                    await running.changed.wait()
        except TimeoutError:
            return

    # --- what is kept ---------------------------------------------------------------------------

    async def _async_record(
        self, phone_id: str, result: ChainResult, error: str | None, *, loud: bool = False, weight: int = 1
    ) -> None:
        """Keep, journal and tell what a test showed."""
        now = self._clock.now()
        before = self.tests_of(phone_id) or PhoneTests(known_at=now)
        after = record(before, result, error, now, weight=weight)
        await self._facts.put(_key(phone_id), to_plain(after))
        if loud or is_news(before, after):
            with suppress(EngineStoppedError):
                await self._engine.record(ChainTested(at=now, phone_id=phone_id, loud=loud, result=result, error=error))
        self._show(phone_id)
        if after.is_failed and not before.is_failed:
            await self._on_failed(phone_name(self._hass, phone_id), error or "")

    @callback
    def _show(self, phone_id: str) -> None:
        """Show what is known of a phone."""
        tests = self.tests_of(phone_id)
        is_failed = tests is not None and tests.is_failed
        async_tell_phone_test(self._hass, phone_id, wrong=is_failed, error=(tests and tests.error) or "")
        async_dispatcher_send(self._hass, SIGNAL_PHONES)

    @property
    def _tz(self) -> ZoneInfo:
        """The time zone of the home."""
        return ZoneInfo(self._hass.config.time_zone)

    def _spawn(self, work: Any) -> None:
        """Do something that nobody waits for."""
        self._hass.async_create_background_task(work, "homecare_h2o chain test", eager_start=True)


def _key(phone_id: str) -> str:
    """Return the key of what is remembered of a phone's tests."""
    return f"chain.{phone_id}"
