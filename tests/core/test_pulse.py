"""The sign of life: what it says, and when nobody has received it."""

from dataclasses import replace
from datetime import timedelta
import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.homecare_h2o.core.pulse import (
    FAILURES_TOLD,
    Channel,
    PulseStatus,
    SelfAudit,
    judge,
    make_pulse,
    record,
)

from .samples import T0, minutes

WELL = SelfAudit()
WRONG = [
    {"alarms_stuck": 1},
    {"is_deadline_overdue": True},
    {"is_journal_behind": True},
    {"is_facts_behind": True},
    {"is_clock_behind": True},
    {"lines_not_watched": 2},
    {"phones_failed": 1},
    {"is_power_lost": True},
]


def test_a_hub_that_is_well_says_so() -> None:
    assert judge(WELL, is_running=True) is PulseStatus.OK
    assert judge(WELL, is_running=False) is PulseStatus.STARTING


@pytest.mark.parametrize("wrong", WRONG, ids=str)
@pytest.mark.parametrize("is_running", [True, False])
def test_whatever_is_wrong_is_a_problem(wrong: dict[str, Any], is_running: bool) -> None:
    assert judge(replace(WELL, **wrong), is_running=is_running) is PulseStatus.PROBLEM


def test_what_a_pulse_says() -> None:
    audit = SelfAudit(lines_not_watched=2, is_journal_behind=True)
    pulse = make_pulse("H2O-1", "0.1.0", PulseStatus.PROBLEM, audit, T0, T0 + timedelta(hours=1))
    assert json.loads(json.dumps(pulse)) == {
        "hub": "H2O-1",
        "at": "2026-11-02T11:00:00+00:00",
        "status": "problem",
        "version": "0.1.0",
        "alarms_stuck": 0,
        "deadline_overdue": False,
        "journal_behind": True,
        "facts_behind": False,
        "clock_behind": False,
        "lines_not_watched": 2,
        "phones_failed": 0,
        "power_lost": False,
        "interrupted_until": "2026-11-02T12:00:00+00:00",
    }


def test_no_interruption_is_no_time() -> None:
    assert make_pulse("H2O-1", "0.1.0", PulseStatus.OK, WELL, T0, None)["interrupted_until"] is None


@given(st.lists(st.sampled_from([None, "timeout", "http_500"]), max_size=20))
def test_only_failures_in_a_row_are_told(errors: list[str | None]) -> None:
    channel = Channel()
    for number, error in enumerate(errors):
        channel = record(channel, error, minutes(number))
    in_a_row = (*reversed(errors), None).index(None)
    assert (channel.failures, channel.is_failed) == (in_a_row, in_a_row >= FAILURES_TOLD)


def test_when_it_was_last_received_is_kept() -> None:
    channel = record(record(Channel(), None, T0), "timeout", minutes(1))
    assert channel == Channel(received_at=T0, failures=1, error="timeout")
