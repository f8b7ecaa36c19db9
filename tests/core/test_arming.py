"""What a rule may raise while somebody is away, or does not agree any more (R010.6, S.2)."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.homecare_h2o.core.arming import ALWAYS_ARMED, Pause, Suppression, find_suppression, suppress
from custom_components.homecare_h2o.core.arming_events import SuppressReason
from custom_components.homecare_h2o.core.escalation import AlarmType

from .samples import DESK, T0, minutes, request

AWAY = Pause(pause_id="p1", brukare_id="K1", rule=None, reason="Sjukhus", started_at=T0, until_at=minutes(60), by=DESK)
LINE = replace(AWAY, pause_id="p2", rule="passivity")
HUB = replace(AWAY, pause_id="p3", brukare_id=None)


def ask(
    *pauses: Pause,
    brukare_id: str = "K1",
    rule: str = "passivity",
    alarm_type: AlarmType = AlarmType.PASSIVITY,
    after: float = 1,
    without_consent: tuple[str, ...] = (),
) -> Suppression | None:
    """Return why a rule must be silent so many minutes after the pause began."""
    return find_suppression(
        brukare_id, rule, alarm_type, minutes(after), pauses=pauses, without_consent=without_consent
    )


def reason(found: Suppression | None) -> SuppressReason | None:
    return found.reason if found else None


@pytest.mark.parametrize(
    ("pause", "why"),
    [(AWAY, SuppressReason.PAUSED), (LINE, SuppressReason.LINE_PAUSED), (HUB, SuppressReason.INTERRUPTED)],
)
def test_a_pause_silences_until_its_end_and_not_after(pause: Pause, why: SuppressReason) -> None:
    assert ask(pause) == Suppression(reason=why, pause_id=pause.pause_id, until_at=pause.until_at)
    assert reason(ask(pause, after=59.999)) is why
    assert ask(pause, after=60) is None


def test_nobody_elses_alarm_is_silenced() -> None:
    assert ask(AWAY, brukare_id="K2") is None
    assert ask(LINE, brukare_id="K2") is None
    assert ask(LINE, rule="gone_out") is None
    assert reason(ask(HUB, brukare_id="K2")) is SuppressReason.INTERRUPTED


@pytest.mark.parametrize("alarm_type", sorted(ALWAYS_ARMED))
def test_a_press_fire_and_water_come_although_the_person_is_away(alarm_type: AlarmType) -> None:
    assert ask(AWAY, HUB, alarm_type=alarm_type) is None
    assert reason(ask(LINE, alarm_type=alarm_type)) is SuppressReason.LINE_PAUSED


@pytest.mark.parametrize("alarm_type", sorted(AlarmType))
def test_without_consent_nothing_comes(alarm_type: AlarmType) -> None:
    assert reason(ask(alarm_type=alarm_type, without_consent=("K1",))) is SuppressReason.CONSENT_WITHDRAWN
    assert ask(alarm_type=alarm_type, without_consent=("K2",)) is None


def test_the_hubs_own_troubles_are_nobodys_to_pause() -> None:
    assert ask(AWAY, HUB, rule="system.journal", without_consent=("K1",)) is None


def test_of_several_the_longest_counts() -> None:
    assert ask(AWAY, replace(HUB, until_at=minutes(90))) == Suppression(
        reason=SuppressReason.INTERRUPTED, pause_id="p3", until_at=minutes(90)
    )
    assert reason(ask(AWAY, replace(HUB, until_at=minutes(90)), after=70)) is SuppressReason.INTERRUPTED


@given(st.lists(st.tuples(st.sampled_from([AWAY, LINE, HUB]), st.integers(0, 500)), max_size=4), st.integers(0, 500))
def test_no_pause_outlives_its_end(pauses: list[tuple[Pause, int]], after: int) -> None:
    found = ask(*(replace(pause, until_at=minutes(end)) for pause, end in pauses), after=after)
    assert (found is not None) == any(end > after for _, end in pauses)


def test_what_is_suppressed_is_written_down_as_it_was_asked() -> None:
    asked = request(sources=("binary_sensor.hall",), due_at=T0)
    event = suppress(asked, Suppression(reason=SuppressReason.PAUSED, pause_id="p1"), T0 + timedelta(hours=1))
    assert (event.brukare_id, event.rule, event.due_at, event.late) == ("K1", "passivity", T0, True)
    assert (event.sources, event.reason, event.pause_id) == (("binary_sensor.hall",), SuppressReason.PAUSED, "p1")
