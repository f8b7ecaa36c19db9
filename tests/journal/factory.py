"""Events to write."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from custom_components.homecare_h2o.core.escalation import AlarmType, EscalationPlan, Level
from custom_components.homecare_h2o.core.events import (
    Actor,
    AlarmEvent,
    AlarmRaised,
    AlarmRepeated,
    AlarmResolved,
    CallReason,
    HubStarted,
    Outcome,
    PhoneCleared,
    PhoneNotified,
    ReceiversCalled,
)
from custom_components.homecare_h2o.core.plan_events import PlanChange, PlanChanged, PlannedLine
from custom_components.homecare_h2o.journal import SqliteJournal
from custom_components.homecare_h2o.ports import Damage

T0 = datetime(2026, 10, 24, 21, 30, tzinfo=UTC)
PLAN = EscalationPlan(
    levels=(
        Level(delay=timedelta(0), receivers=("on_duty",)),
        Level(delay=timedelta(minutes=5), receivers=("backup",)),
    ),
    repeat_every=timedelta(minutes=5),
    response_time=timedelta(minutes=30),
)


class FixedClock:
    """A clock that stands still."""

    def now(self) -> datetime:
        return T0 + timedelta(days=1)


async def open_journal(path: Path) -> tuple[SqliteJournal, Damage | None]:
    """Open a journal on a clock that stands still."""
    return await SqliteJournal.open(path, clock=FixedClock())


def at(seconds: float) -> datetime:
    """Return an instant of the test's day."""
    return T0 + timedelta(seconds=seconds)


def started(seconds: float = 0) -> HubStarted:
    return HubStarted(at=at(seconds), last_alive_at=None)


def planned(seconds: float = 0) -> PlanChanged:
    """Return that a line of the handlingsplan was made."""
    line = PlannedLine(
        rule="r1", name="Passivitet", alarm_type=AlarmType.PASSIVITY, config="{}", is_on=True, is_broken=False
    )
    return PlanChanged(
        at=at(seconds),
        change_id=f"change{seconds}",
        brukare_id="b1",
        rule="r1",
        change=PlanChange.CREATED,
        line=line,
        by=Actor(user_id="u1"),
    )


def raised(
    number: int = 1, *, brukare_id: str = "b1", rule: str = "passivity", message: str | None = None
) -> AlarmRaised:
    """Return the beginning of an alarm; ten seconds lie between two."""
    return AlarmRaised(
        at=at(10 * number),
        alarm_id=f"alarm{number}",
        brukare_id=brukare_id,
        alarm_type=AlarmType.PASSIVITY,
        rule=rule,
        due_at=at(10 * number),
        late=False,
        message=message,
        sources=("binary_sensor.hall",),
        plan=PLAN,
        secret="00" * 16,
    )


def called(number: int = 1) -> ReceiversCalled:
    return ReceiversCalled(
        at=at(10 * number + 1),
        alarm_id=f"alarm{number}",
        step=1,
        level=0,
        reason=CallReason.RAISED,
        groups=("g1",),
        phones=("p1",),
        base_at=at(10 * number),
        next_deadline_at=at(10 * number + 300),
    )


def notified(number: int = 1) -> PhoneNotified:
    return PhoneNotified(at=at(10 * number + 2), alarm_id=f"alarm{number}", phone_id="p1", step=1)


def repeated(number: int, due_at: datetime) -> AlarmRepeated:
    return AlarmRepeated(
        at=due_at, alarm_id=f"alarm{number}", brukare_id="b1", rule="passivity", due_at=due_at, late=False, sources=()
    )


def resolved(number: int = 1) -> AlarmResolved:
    return AlarmResolved(
        at=at(10 * number + 3),
        alarm_id=f"alarm{number}",
        by=Actor(phone_id="p1"),
        outcome=Outcome.HELP_GIVEN,
        note=None,
        report=False,
    )


def cleared(number: int = 1) -> PhoneCleared:
    return PhoneCleared(at=at(10 * number + 4), alarm_id=f"alarm{number}", phone_id="p1")


def open_alarm(number: int) -> list[AlarmEvent]:
    """Return the history of an alarm that waits for somebody."""
    return [raised(number), called(number), notified(number)]


def closed_alarm(number: int) -> list[AlarmEvent]:
    """Return the history of an alarm about which nothing is left to do."""
    return [*open_alarm(number), resolved(number), cleared(number)]
