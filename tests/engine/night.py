"""A language for nights at work: a home, its phones, and a clock that is moved forward."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime, time, timedelta
from itertools import count
from typing import Any, Self
from zoneinfo import ZoneInfo

from custom_components.homecare_h2o.core.alarm import Alarm
from custom_components.homecare_h2o.core.answers import Answer, make_button_id
from custom_components.homecare_h2o.core.arming import Suppression
from custom_components.homecare_h2o.core.calling import Rota
from custom_components.homecare_h2o.core.commands import RaiseRequest
from custom_components.homecare_h2o.core.duty import Receiver, ReceiverGroup, Role, duty_window
from custom_components.homecare_h2o.core.escalation import AlarmType, EscalationPlan, Level, Priority
from custom_components.homecare_h2o.core.events import AlarmEvent, Event, ReceiversCalled, RefusalReason
from custom_components.homecare_h2o.engine import Engine, RaiseResult, Settings, World

from .fakes import FakeClock, FakeJournal, FakePhones

STOCKHOLM = ZoneInfo("Europe/Stockholm")
MINUTE = timedelta(minutes=1)
MOST_WAKES = 5000
"""More than any night has: an engine that needs more stands still."""


def plan(pace: timedelta, response_time: timedelta) -> EscalationPlan:
    """Return the plan of R012.2."""
    return EscalationPlan(
        levels=(
            Level(delay=timedelta(0), receivers=(Receiver.ON_DUTY,)),
            Level(delay=pace, receivers=(Receiver.ON_DUTY, Receiver.BACKUP)),
            Level(delay=2 * pace, receivers=(Receiver.LARMANSVARIG,)),
        ),
        repeat_every=pace,
        response_time=response_time,
    )


PLANS: Mapping[Priority, EscalationPlan] = {
    Priority.NORMAL: plan(5 * MINUTE, 30 * MINUTE),
    Priority.URGENT: plan(2.5 * MINUTE, 15 * MINUTE),
}


def group(group_id: str, role: Role, *phones: str, hours: str = "") -> ReceiverGroup:
    """Return a group; hours such as 06:46-21:29, both minutes included."""
    first, last = (time.fromisoformat(text) for text in hours.split("-")) if hours else (None, None)
    return ReceiverGroup(group_id=group_id, name=group_id, role=role, duty=duty_window(first, last), phones=phones)


DAY = group("dag", Role.STAFF, "dag-1", "dag-2", hours="06:46-21:29")
NIGHT = group("natt", Role.STAFF, "natt-1", hours="21:30-06:45")
BACKUP = group("reserv", Role.BACKUP, "reserv-1")
BOSS = group("ansvarig", Role.LARMANSVARIG, "chef")


async def turns() -> None:
    """Let the event loop go round often enough for anything that could happen."""
    for _ in range(50):
        await asyncio.sleep(0)


def local(text: str) -> datetime:
    """Return the instant of a wall-clock time, the first of two."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


class Night:
    """One home and all that happens to it."""

    def __init__(self, at: str = "2026-11-02 12:00", *groups: ReceiverGroup) -> None:
        self.clock = FakeClock(local(at))
        self.phones = FakePhones()
        self.journal = FakeJournal()
        self.groups = groups or (DAY, NIGHT, BACKUP, BOSS)
        self.plans = PLANS
        self.suppression: Suppression | None = None
        self.tasks: set[asyncio.Task[Any]] = set()
        self._ids = map("A{}".format, count(1))
        self.engine = self._make_engine()

    def _make_engine(self) -> Engine:
        """Return what a new process has."""
        return Engine(
            World(
                journal=self.journal,
                notifier=self.phones,
                clock=self.clock,
                settings=self._settings,
                spawn=self._spawn,
                new_id=lambda: next(self._ids),
                find_suppression=lambda _request, _now: self.suppression,
            )
        )

    def _settings(self) -> Settings:
        return Settings(rota=Rota(groups=self.groups, tz=STOCKHOLM), plans=self.plans)

    def _spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Run work as Home Assistant's background tasks do."""
        task = asyncio.Task(work, loop=asyncio.get_running_loop(), name=name, eager_start=True)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    # --- what happens ---------------------------------------------------------------------------

    async def start(self) -> Self:
        """Start the hub."""
        await self.engine.start(None)
        await self.settle()
        return self

    async def stop(self) -> None:
        """Cut the power."""
        self.engine._outbox.stop()
        running = list(self.tasks)
        [task.cancel() for task in running]
        await asyncio.gather(*running, return_exceptions=True)

    async def restart(self, *, after: timedelta = timedelta(0)) -> None:
        """Cut the power, and start again after some time; the phones go on showing what they showed."""
        await self.stop()
        self.clock.at += after
        self.journal = self.journal.restart()
        self.engine = self._make_engine()
        await self.start()

    async def settle(self) -> None:
        """Let everything happen that happens now."""
        while self.tasks - self.phones.parked:  # noqa: ASYNC110 - everything happens in no time
            await asyncio.sleep(0)

    async def alarm(
        self,
        alarm_type: AlarmType = AlarmType.PASSIVITY,
        *,
        due_at: datetime | None = None,
        tell_relatives: bool = False,
    ) -> RaiseResult:
        """Have a rule come true."""
        result = await self.engine.raise_alarm(
            RaiseRequest(
                brukare_id="K1",
                alarm_type=alarm_type,
                rule=alarm_type,
                due_at=due_at or self.clock.at,
                sources=("binary_sensor.hall",),
                tell_relatives=tell_relatives,
            )
        )
        await self.settle()
        return result

    async def until(self, at: str | datetime) -> None:
        """Let time pass to a wall-clock time, an instant, or a time of this day, doing what falls due."""
        end_at = at if isinstance(at, datetime) else self._instant(at)
        for _ in range(MOST_WAKES):
            deadline_at = self.engine.next_deadline_at
            if deadline_at is None or deadline_at > end_at:
                self.clock.at = end_at
                return
            self.clock.at = max(self.clock.at, deadline_at)
            await self.engine.wake()
            await self.settle()
        raise AssertionError("Time stands still")

    async def wait(self, minutes: float) -> None:
        """Let some minutes pass."""
        await self.until(self.clock.at + minutes * MINUTE)

    def _instant(self, text: str) -> datetime:
        """Return the next instant at which the clock shows this, or the instant of a date with a time."""
        if len(text) > len("00:00:00"):
            return local(text)
        today = self.clock.at.astimezone(STOCKHOLM).replace(tzinfo=None)
        then = datetime.combine(today.date(), time.fromisoformat(text))
        return (then + timedelta(days=then < today)).replace(tzinfo=STOCKHOLM).astimezone(UTC)

    # --- what people do -------------------------------------------------------------------------

    def button(self, phone_id: str, answer: Answer) -> str:
        """Return the button that a phone's newest message has."""
        (message,) = self.phones.screens(phone_id)
        return make_button_id(message.alarm, phone_id, answer)

    async def send(self, button: str, *phones: str) -> RefusalReason | None:
        """Have a button come back from somebody who may answer for these phones."""
        refusal = await self.engine.answer(
            button, f"{phones[0]}-user" if phones else None, lambda phone: phone in phones
        )
        await self.settle()
        return refusal

    async def press(self, phone_id: str, answer: Answer) -> RefusalReason | None:
        """Press a button that a phone shows."""
        return await self.send(self.button(phone_id, answer), phone_id)

    # --- what can be seen -----------------------------------------------------------------------

    def shows(self, phone_id: str) -> str | None:
        """Return what a phone shows of the only alarm."""
        kinds = [message.kind.value for message in self.phones.screens(phone_id)]
        return kinds[0] if kinds else None

    @property
    def the_alarm(self) -> Alarm:
        """The only open alarm."""
        (alarm,) = self.engine.alarms.values()
        return alarm

    def calls(self) -> list[str]:
        """Return when who was called, by the wall clock."""
        return [f"{self.wall(event.at)} {' '.join(event.phones)}" for event in self.of(ReceiversCalled)]

    def wall(self, at: datetime) -> str:
        """Return what the clock on the wall shows."""
        return at.astimezone(STOCKHOLM).strftime("%H:%M:%S")

    def of[T: Event](self, kind: type[T]) -> list[T]:
        """Return what the journal has of a kind of event."""
        return [event for event in self.journal.events if isinstance(event, kind)]

    def kinds(self, alarm_id: str | None = None) -> list[str]:
        """Return the kinds of what happened, to all alarms or one."""
        return [
            event.kind
            for event in self.journal.events
            if isinstance(event, AlarmEvent) and alarm_id in (None, event.alarm_id)
        ]


type Nights = Callable[..., Coroutine[Any, Any, Night]]
