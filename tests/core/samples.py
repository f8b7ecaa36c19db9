"""An alarm, its plan and its receivers, for tests of the core."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any
from zoneinfo import ZoneInfo

from custom_components.homecare_h2o.core.alarm import Alarm, begin, evolve
from custom_components.homecare_h2o.core.calling import Rota
from custom_components.homecare_h2o.core.commands import RaiseRequest, raise_alarm
from custom_components.homecare_h2o.core.duty import Receiver, ReceiverGroup, Role
from custom_components.homecare_h2o.core.escalation import AlarmType, EscalationPlan, Level
from custom_components.homecare_h2o.core.events import Actor, AlarmEvent
from custom_components.homecare_h2o.core.windows import ALL_DAY

T0 = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STOCKHOLM = ZoneInfo("Europe/Stockholm")

PLAN = EscalationPlan(
    levels=(
        Level(delay=timedelta(0), receivers=(Receiver.ON_DUTY,)),
        Level(delay=5 * MINUTE, receivers=(Receiver.ON_DUTY, Receiver.BACKUP)),
        Level(delay=10 * MINUTE, receivers=(Receiver.LARMANSVARIG,)),
    ),
    repeat_every=5 * MINUTE,
    response_time=30 * MINUTE,
)
P1, P2 = Actor(phone_id="p1", user_id="u1"), Actor(phone_id="p2", user_id="u2")
BOSS = Actor(phone_id="boss", user_id="u4")
DESK = Actor(user_id="desk")


def local(text: str, fold: int = 0) -> datetime:
    """Make an instant of a wall-clock time in Stockholm."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM, fold=fold).astimezone(UTC)


def minutes(number: float) -> datetime:
    """Return an instant so many minutes after the alarm."""
    return T0 + number * MINUTE


def group(group_id: str, role: Role, *phones: str) -> ReceiverGroup:
    """Return a group that is on duty all day."""
    return ReceiverGroup(group_id=group_id, name=group_id, role=role, duty=ALL_DAY, phones=phones)


STAFF = group("staff", Role.STAFF, "p1", "p2")
BACKUP = group("backup", Role.BACKUP, "b1")
BOSSES = group("bosses", Role.LARMANSVARIG, "boss")
ROTA = Rota(groups=(STAFF, BACKUP, BOSSES), tz=STOCKHOLM)


def request(**changes: Any) -> RaiseRequest:
    """Return what a rule says when it comes true."""
    facts: dict[str, Any] = {"brukare_id": "K1", "alarm_type": AlarmType.PASSIVITY, "rule": "passivity", "due_at": T0}
    return RaiseRequest(**facts | changes)


def new_alarm(plan: EscalationPlan = PLAN, rota: Rota = ROTA, **changes: Any) -> Alarm:
    """Return an alarm that has just been raised."""
    raised, events = raise_alarm(request(**changes), plan, "A1", "secret", T0, rota)
    return after(begin(raised), events)


def after(alarm: Alarm, *rounds: Iterable[AlarmEvent]) -> Alarm:
    """Return the alarm after some rounds of events."""
    return reduce(evolve, (event for events in rounds for event in events), alarm)
