"""The only writer: one lock, one clock; decide, append to the journal, evolve, publish, tell the phones.

Rules it keeps: nothing is done before it is in the journal; every open alarm has a next deadline; one alarm's
or phone's trouble never delays another.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
import logging
import secrets
from typing import Any

from .core.alarm import Alarm, evolve, fold
from .core.answers import Button, find_phone, find_refusal, parse_button_id
from .core.arming import Suppression, suppress
from .core.calling import Rota
from .core.commands import (
    RaiseRequest,
    acknowledge,
    add_note,
    advance,
    call_again,
    decline,
    raise_alarm,
    repeat_alarm,
    report_false_alarm,
    resolve_alarm,
)
from .core.duty import Receiver
from .core.errors import EngineStoppedError, UnknownAlarmError
from .core.escalation import AlarmType, EscalationPlan, Priority, calc_priority
from .core.events import (
    Actor,
    AlarmEvent,
    AlarmRaised,
    AlarmRepeated,
    AnswerRefused,
    CallReason,
    Event,
    HubStarted,
    NotificationFailed,
    Outcome,
    PhoneCleared,
    PhoneNotified,
    PhoneReceived,
    RefusalReason,
)
from .core.finishing import to_its_end
from .core.handover import hand_over, next_due_at
from .core.messages import Message, MessageKind, calc_messages, find_outdated
from .core.pressing import press
from .core.text_replies import calc_number
from .core.unwritten import Unwritten, complete, join
from .outbox import Outbox, Spawn
from .ports import Clock, Journal, Notifier, RaiseKey

_LOGGER = logging.getLogger(__name__)

OVERDUE_AFTER = timedelta(seconds=60)
"""A deadline that has been passed over for this long means that the engine itself has stopped working."""
LONGEST_ID = 40
"""Characters kept of an alarm id that somebody made up."""
LONGEST_ANSWER = 200
REMEMBERED_FORGERIES = 1000

type Listener = Callable[[Event, Alarm | None], None]


class RaiseOutcome(StrEnum):
    """What became of a raise."""

    RAISED = "raised"
    REPEATED = "repeated"
    DUPLICATE = "duplicate"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, kw_only=True, slots=True)
class RaiseResult:
    """The alarm that a raise concerns, None if it was suppressed; and what became of the raise."""

    alarm_id: str | None
    outcome: RaiseOutcome


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What the user has set up and the engine needs; looked up anew at each decision."""

    rota: Rota
    plans: Mapping[Priority, EscalationPlan]
    own_plans: Mapping[AlarmType, EscalationPlan] = field(default_factory=dict)
    """Larmtyper that do not follow the plan of their priority."""

    def plan_for(self, alarm_type: AlarmType) -> EscalationPlan:
        """Return the plan that a new alarm of a larmtyp follows."""
        return self.own_plans.get(alarm_type) or self.plans[calc_priority(alarm_type)]


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """What the engine reaches the world by."""

    journal: Journal
    notifier: Notifier
    clock: Clock
    settings: Callable[[], Settings]
    spawn: Spawn
    new_id: Callable[[], str]
    find_suppression: Callable[[RaiseRequest, datetime], Suppression | None] = lambda _request, _now: None
    """Why a rule must not raise an alarm now."""


class Engine:
    """Brings every alarm to a human being who acknowledges it."""

    def __init__(self, world: World) -> None:
        """Prepare; nothing happens before ``start``."""
        self._world = world
        self._lock = asyncio.Lock()
        self._alarms: dict[str, Alarm] = {}
        self._listeners: list[Listener] = []
        self._backlog: list[Event] = []
        self._backlog_finished: set[str] = set()
        self._has_failed = False
        self._forgeries: dict[str, None] = {}
        self._is_stopped = False
        self._outbox = Outbox(world.notifier, world.spawn, self._on_sent)

    # --- what can be seen -----------------------------------------------------------------------

    @property
    def alarms(self) -> Mapping[str, Alarm]:
        """The open alarms by id, oldest first."""
        return {alarm_id: alarm for alarm_id, alarm in self._alarms.items() if alarm.is_open}

    @property
    def next_deadline_at(self) -> datetime | None:
        """The earliest instant at which something is due: a deadline, or a change of shift while one is open."""
        return next_due_at(self._alarms.values(), self._rota)

    @property
    def is_stopped(self) -> bool:
        """Whether nothing can be asked of it any more."""
        return self._is_stopped

    @property
    def is_journal_behind(self) -> bool:
        """Whether the journal has refused something that happened; what is being written is not behind."""
        return self._has_failed and bool(self._backlog)

    @property
    def unwritten(self) -> Unwritten:
        """What the journal has refused, or is being written."""
        return Unwritten(events=tuple(self._backlog), finished=frozenset(self._backlog_finished))

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have a function called with each event and the alarm after it; returns the way to stop that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def audit(self) -> list[str]:
        """Return the open alarms that nothing would ever happen to: there must be none."""
        overdue = self._world.clock.now() - OVERDUE_AFTER
        return [a.alarm_id for a in self.alarms.values() if a.next_deadline_at is None or a.next_deadline_at < overdue]

    async def load_history(self, alarm_id: str) -> list[AlarmEvent]:
        """Return all that happened to an alarm, also what could not be written yet; nothing if there is none."""
        written = await self._world.journal.load_alarm(alarm_id)
        return join(written, [e for e in self._backlog if isinstance(e, AlarmEvent) and e.alarm_id == alarm_id])

    async def load(self, alarm_id: str) -> Alarm:
        """Return an alarm, open or closed; raises UnknownAlarmError."""
        return self._alarms.get(alarm_id) or fold(await self._world.journal.load_alarm(alarm_id))

    # --- commands -------------------------------------------------------------------------------

    async def take_over(self, unwritten: Unwritten) -> None:
        """Write what the engine before could not, before anything is read from the journal."""
        self._backlog.extend(unwritten.events)
        self._backlog_finished.update(unwritten.finished)
        await self._run(self._write([]), "take over")

    async def start(self, last_alive_at: datetime | None) -> None:
        """Pick up everything that is open; what fell due meanwhile happens now, marked late."""
        await self._run(self._start(last_alive_at), "start")

    async def stop(self) -> None:
        """Finish what has been asked for, and refuse what is asked for later: the journal is about to be closed."""
        async with self._lock:
            if self._backlog:
                await self._write([])
            self._is_stopped = True
        self._outbox.stop()

    def try_again(self, reaches: Callable[[str], bool]) -> None:
        """Tell phones that gave a sign of life what they could not be told before."""
        self._outbox.try_again(reaches)

    async def raise_alarm(self, request: RaiseRequest) -> RaiseResult:
        """Raise an alarm; the same rule and deadline again is a duplicate, an open one's rule a repetition."""
        return await self._run(self._raise(request), "raise")

    async def acknowledge(self, alarm_id: str, by: Actor) -> Alarm:
        """Take an alarm."""
        return await self._command(alarm_id, lambda alarm, now: acknowledge(alarm, by, now))

    async def decline(self, alarm_id: str, by: Actor) -> Alarm:
        """Leave an alarm to a colleague."""
        return await self._command(alarm_id, lambda alarm, now: decline(alarm, by, now, self._rota))

    async def resolve(self, alarm_id: str, by: Actor, outcome: Outcome, note: str | None, *, report: bool) -> Alarm:
        """Close an alarm with its outcome."""
        return await self._command(
            alarm_id, lambda alarm, now: resolve_alarm(alarm, by, outcome, note, now, report=report)
        )

    async def report_false_alarm(self, alarm_id: str, by: Actor) -> Alarm:
        """Close an alarm as a false one."""
        return await self._command(alarm_id, lambda alarm, now: report_false_alarm(alarm, by, now))

    async def hand_over(self, alarm_id: str, receiver_group: str, by: Actor) -> Alarm:
        """Hand an alarm over to a group, named or by its id; raises UnknownGroupError."""
        group = self._rota.find_group(receiver_group)
        return await self._command(alarm_id, lambda alarm, now: hand_over(alarm, group, by, now, self._rota))

    async def add_note(self, alarm_id: str, note: str, by: Actor) -> Alarm:
        """Write something down about an alarm, open or closed."""
        return await self._command(alarm_id, lambda alarm, now: add_note(alarm, by, note, now))

    async def answer(self, text: str, user_id: str | None, owns: Callable[[str], bool]) -> RefusalReason | None:
        """Do what a button says; return why it was refused, None if it was not.

        ``owns`` tells whether the user may answer for a phone. Texts that are no button of ours do nothing.
        """
        button = parse_button_id(text)
        return await self._run(self._answer(button, text, user_id, owns), "answer") if button else None

    async def receive(self, text: str, owns: Callable[[str], bool]) -> None:
        """Note that a phone shows the message with this button."""
        if button := parse_button_id(text):
            await self._run(self._receive(button, owns), "receive")

    async def record(self, event: Event) -> None:
        """Journal something that concerns no alarm, and tell everyone who listens."""
        await self._run(self._record(event), "record")

    async def wake(self) -> None:
        """Do everything that is due, and write what could not be written before."""
        await self._run(self._wake(), "wake")

    # --- how ------------------------------------------------------------------------------------

    @property
    def _rota(self) -> Rota:
        """The rota as it is now."""
        return self._world.settings().rota

    async def _run[T](self, work: Coroutine[Any, Any, T], what: str) -> T:
        """Do work under the lock, and to its end even if whoever asked for it is cancelled."""

        async def locked() -> T:
            async with self._lock:
                if self._is_stopped:
                    work.close()
                    raise EngineStoppedError
                return await work

        result: T = await asyncio.shield(self._world.spawn(locked(), f"homecare_h2o {what}"))
        return result

    async def _command(self, alarm_id: str, decide: Callable[[Alarm, datetime], list[AlarmEvent]]) -> Alarm:
        """Decide something about one alarm and make it so."""

        async def work() -> Alarm:
            alarm = self._alarms.get(alarm_id) or await self.load(alarm_id)
            return await self._commit(alarm, decide(alarm, self._world.clock.now()))

        return await self._run(work(), "command")

    async def _record(self, event: Event) -> None:
        """Write an event, and publish it."""
        await self._write([event])
        self._publish(event, None)

    async def _start(self, last_alive_at: datetime | None) -> None:
        """Load what is unfinished, and bring every phone up to date."""
        for history in complete(await self._world.journal.load_unfinished(), self._backlog):
            try:
                alarm = fold(history)
            except Exception:
                _LOGGER.exception("An open alarm cannot be read; the others go on")
            else:
                self._alarms[alarm.alarm_id] = alarm
        started = HubStarted(at=self._world.clock.now(), last_alive_at=last_alive_at)
        await self._write([started])
        self._publish(started, None)
        for alarm in tuple(self._alarms.values()):
            await self._guarded(alarm, self._pick_up)

    async def _pick_up(self, alarm: Alarm) -> None:
        """Go on with an alarm after a start: a press may have been lost, so its phones are told again."""
        now = self._world.clock.now()
        events = advance(alarm, now, self._rota) or call_again(alarm, CallReason.RESTARTED, now, self._rota)
        alarm = await self._commit(alarm, events)
        told = find_outdated(alarm, events)
        self._outbox.put(calc_messages(alarm, sorted(alarm.shown.difference(told))))

    async def _wake(self) -> None:
        """Advance each alarm that is due."""
        if self._backlog:
            await self._write([])
        # Once for all of them: hundreds may be open at a time.
        rota = self._rota
        for alarm in tuple(self._alarms.values()):
            await self._guarded(alarm, lambda each: self._advance(each, rota))

    async def _advance(self, alarm: Alarm, rota: Rota) -> None:
        """Advance one alarm."""
        if events := advance(alarm, self._world.clock.now(), rota):
            await self._commit(alarm, events)

    async def _guarded(self, alarm: Alarm, work: Callable[[Alarm], Coroutine[Any, Any, None]]) -> None:
        """Do something with one alarm so that its trouble does not reach the next."""
        try:
            await work(alarm)
        except Exception:
            _LOGGER.exception("Could not go on with alarm %s", alarm.alarm_id)

    async def _raise(self, request: RaiseRequest) -> RaiseResult:
        """Raise, repeat, or recognise a duplicate."""
        key = (request.brukare_id, request.rule, request.due_at)
        now = self._world.clock.now()
        # One that is done is nobody's any more: its rule raises anew, and everybody is called.
        again = next((a for a in self.alarms.values() if a.needs_somebody and (a.brukare_id, a.rule) == key[:2]), None)
        # Only if none is open: that one goes on, and so does whoever presses for it again.
        suppression = None if again else self._world.find_suppression(request, now)
        is_asked = bool(again or suppression or self._backlog)
        if known := self._find_raise(key) or (await self._find_written(key) if is_asked else None):
            return RaiseResult(alarm_id=known, outcome=RaiseOutcome.DUPLICATE)
        if again:
            await self._commit(again, repeat_alarm(again, request, now, self._rota))
            return RaiseResult(alarm_id=again.alarm_id, outcome=RaiseOutcome.REPEATED)
        if suppression:
            await self._record(suppress(request, suppression, now))
            return RaiseResult(alarm_id=None, outcome=RaiseOutcome.SUPPRESSED)
        raised, events = self._decide_raise(request, now)
        # Nobody has asked the journal yet: it looks while it writes, which saves the alarm a way to its thread.
        if known := await self._write(events, unless=None if is_asked else key):
            return RaiseResult(alarm_id=known, outcome=RaiseOutcome.DUPLICATE)
        self._settle(raised, events)
        return RaiseResult(alarm_id=raised.alarm_id, outcome=RaiseOutcome.RAISED)

    def _decide_raise(self, request: RaiseRequest, now: datetime) -> tuple[Alarm, list[AlarmEvent]]:
        """Return a new alarm, and what happens to it first."""
        settings = self._world.settings()
        plan = settings.plan_for(request.alarm_type)
        if request.tell_relatives:
            plan = plan.telling(Receiver.RELATIVE)
        if not request.tell_staff:
            plan = plan.not_telling_first(Receiver.ON_DUTY)
        alarm_id = self._world.new_id()
        raised, events = raise_alarm(request, plan, alarm_id, secrets.token_hex(16), now, settings.rota)
        raised = replace(raised, number=calc_number(alarm_id, {alarm.number for alarm in self._alarms.values()}))
        return fold([raised, *events]), [raised, *events]

    def _find_raise(self, key: RaiseKey) -> str | None:
        """Return the alarm that this deadline has raised already, as far as memory knows."""
        for alarm in self.alarms.values():
            if (alarm.brukare_id, alarm.rule, alarm.due_at) == key:
                return alarm.alarm_id
        for event in self._backlog:
            if isinstance(event, AlarmRaised | AlarmRepeated) and (event.brukare_id, event.rule, event.due_at) == key:
                return event.alarm_id
        return None

    async def _find_written(self, key: RaiseKey) -> str | None:
        """Return the alarm that this deadline has raised already, as far as the journal knows."""
        try:
            return await self._world.journal.find_raise(*key)
        except Exception:
            _LOGGER.exception("The journal could not be asked; the alarm is raised all the same")
            return None

    async def _answer(
        self, button: Button, text: str, user_id: str | None, owns: Callable[[str], bool]
    ) -> RefusalReason | None:
        """Find out who answers what, and whether that is still asked."""
        try:
            alarm = await self.load(button.alarm_id)
        except UnknownAlarmError:
            return await self._refuse(None, text, Actor(user_id=user_id), RefusalReason.FORGED)
        phone_id = find_phone(alarm, button)
        if phone_id is None:
            return await self._refuse(alarm, text, Actor(user_id=user_id), RefusalReason.FORGED)
        if not owns(phone_id):
            return await self._refuse(alarm, text, Actor(user_id=user_id), RefusalReason.FOREIGN)
        by = Actor(phone_id=phone_id, user_id=user_id)
        if reason := find_refusal(alarm, button, phone_id):
            return await self._refuse(alarm, text, by, reason)
        decided = press(alarm, button.answer, by, self._world.clock.now(), self._rota)
        alarm = await self._commit(alarm, decided)
        if not decided:
            # Pressed again: what the phone should show may have been lost on its way.
            self._outbox.put(calc_messages(alarm, [phone_id]))
        return None

    async def _refuse(self, alarm: Alarm | None, text: str, by: Actor, reason: RefusalReason) -> RefusalReason:
        """Journal once that an answer changed nothing, and show the phone what is true."""
        answer = text[:LONGEST_ANSWER]
        if (answer, reason) in alarm.refused if alarm else answer in self._forgeries:
            return reason
        alarm_id = alarm.alarm_id if alarm else text.split("~")[1][:LONGEST_ID]
        refused = AnswerRefused(at=self._world.clock.now(), alarm_id=alarm_id, by=by, answer=answer, reason=reason)
        if alarm:
            await self._commit(alarm, [refused])
            return reason
        self._forgeries[answer] = None
        while len(self._forgeries) > REMEMBERED_FORGERIES:
            del self._forgeries[next(iter(self._forgeries))]
        await self._write([refused])
        self._publish(refused, None)
        return reason

    async def _receive(self, button: Button, owns: Callable[[str], bool]) -> None:
        """Note a phone's receipt, once for each step."""
        alarm = self._alarms.get(button.alarm_id)
        phone_id = find_phone(alarm, button) if alarm else None
        if alarm is None or phone_id is None or not owns(phone_id):
            return
        if (phone_id, button.step) in alarm.received:
            return
        received = PhoneReceived(
            at=self._world.clock.now(), alarm_id=alarm.alarm_id, phone_id=phone_id, step=button.step
        )
        await self._commit(alarm, [received])

    async def _on_sent(self, message: Message, error: str | None) -> None:
        """Journal how the telling of a phone went."""
        if error or message.is_loud or message.kind is MessageKind.CLEAR:
            await self._run(self._record_sent(message, error), "sent")

    async def _record_sent(self, message: Message, error: str | None) -> None:
        """Journal that a phone was called or cleared, or could not be."""
        alarm = self._alarms.get(message.alarm.alarm_id)
        if alarm is None or (error and not alarm.is_open and message.kind is not MessageKind.CLEAR):
            # A call that timed out after the end may have arrived: the phone is still to be cleared.
            return
        now, phone_id, step = self._world.clock.now(), message.phone_id, message.step
        event: AlarmEvent
        if error:
            event = NotificationFailed(at=now, alarm_id=alarm.alarm_id, phone_id=phone_id, step=step, error=error)
        elif message.kind is MessageKind.CLEAR:
            event = PhoneCleared(at=now, alarm_id=alarm.alarm_id, phone_id=phone_id)
        else:
            event = PhoneNotified(at=now, alarm_id=alarm.alarm_id, phone_id=phone_id, step=step)
        await self._commit(alarm, [event])

    async def _commit(self, alarm: Alarm, events: Sequence[AlarmEvent]) -> Alarm:
        """Write events, and only then let them have happened: evolve, publish, tell the phones."""
        for event in events:
            alarm = evolve(alarm, event)
        await self._write(events, {alarm.alarm_id} if alarm.is_finished else ())
        self._settle(alarm, events)
        return alarm

    def _settle(self, alarm: Alarm, events: Sequence[AlarmEvent]) -> None:
        """Let what has been written have happened."""
        if alarm.is_finished and not self._backlog:
            self._alarms.pop(alarm.alarm_id, None)
        else:
            # Even a finished one, until the journal knows its end: it would be open again when it is looked up.
            self._alarms[alarm.alarm_id] = alarm
        # The phones first: what the rest of Home Assistant does with the news would hold them up.
        self._outbox.put(calc_messages(alarm, find_outdated(alarm, events)))
        for event in events:
            self._publish(event, alarm)

    async def _write(
        self, events: Sequence[Event], finished: Collection[str] = (), unless: RaiseKey | None = None
    ) -> str | None:
        """Append to the journal; what cannot be written now goes first the next time.

        An alarm that cannot be written is told all the same: silence would be worse than a gap in the record.
        ``unless`` a deadline has raised an alarm already: then nothing is written, and that alarm is returned.
        """
        self._backlog.extend(events)
        self._backlog_finished.update(finished)
        if not self._backlog:
            return None
        journal, known = self._world.journal, None
        try:
            if unless:
                known = await to_its_end(journal.append_raise(self._backlog, unless))
            else:
                await to_its_end(journal.append(self._backlog, finished=self._backlog_finished))
        except Exception:
            self._has_failed = True
            _LOGGER.exception("The journal cannot be written; %d events are kept in memory", len(self._backlog))
            return None
        self._has_failed = False
        self._backlog.clear()
        for alarm_id in self._backlog_finished:
            self._alarms.pop(alarm_id, None)
        self._backlog_finished.clear()
        return known

    def _publish(self, event: Event, alarm: Alarm | None) -> None:
        """Tell everyone who listens; one that fails does not keep it from the next."""
        for listener in tuple(self._listeners):
            try:
                listener(event, alarm)
            except Exception:
                _LOGGER.exception("A listener failed on %s", event.kind)
