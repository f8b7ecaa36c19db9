"""The test of the alarm chain, phone by phone: what is known of each, and when it is due (R011.5, P004.2).

A silent test proves that a phone can be reached; only a phone that says by itself that it shows a message proves it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
import hashlib
from zoneinfo import ZoneInfo

TEST_AT = time(10, 0)
"""When the phones are tested, by the hub's wall clock, in daylight and not at a change of shift."""
SPREAD = timedelta(hours=2)
"""The tests of the phones are spread over this long."""
RECEIPT_WITHIN = timedelta(minutes=10)
"""A phone that sleeps may take some minutes to say that it shows a silent message."""
AGAIN_AFTER = timedelta(minutes=15)
"""A test that failed is repeated before anybody is bothered: the phone may have been in a lift."""
WHILE_FAILED = timedelta(hours=1)
"""How often a phone is tested that has failed, until it passes."""
FAILURES_TOLD = 2
"""So many tests in a row that failed are a failed phone."""

NO_RECEIPT = "no_receipt"
"""Why a test failed that could be sent."""
NOT_SENT = "timeout"
"""Why a test failed that was not sent before its time was over."""


class ChainResult(StrEnum):
    """What a test showed."""

    PASSED = "passed"
    NOT_VERIFIED = "not_verified"
    """It was sent, and the phone cannot say more."""
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneTests:
    """What is known of the tests of one phone, which is tested since ``known_at``."""

    known_at: datetime
    tested_at: datetime | None = None
    result: ChainResult | None = None
    error: str | None = None
    failures: int = 0

    @property
    def is_failed(self) -> bool:
        """Whether somebody must see to the phone."""
        return self.failures >= FAILURES_TOLD


@dataclass(frozen=True, kw_only=True, slots=True)
class Probe:
    """One test message on its way: what is known of it, in milliseconds since it was sent."""

    sent: bool = False
    received_ms: int | None = None
    answered_ms: int | None = None
    error: str | None = None

    @property
    def is_proven(self) -> bool:
        """Whether the phone has shown that it has the message."""
        return self.received_ms is not None or self.answered_ms is not None


def calc_slot(phone_id: str, day: datetime, tz: ZoneInfo) -> datetime:
    """Return when a phone is tested on the day of an instant: each phone at its own minute."""
    minutes = int(hashlib.sha256(phone_id.encode()).hexdigest(), 16) % (SPREAD // timedelta(minutes=1))
    wall = datetime.combine(day.astimezone(tz).date(), TEST_AT) + timedelta(minutes=minutes)
    return wall.replace(tzinfo=tz).astimezone(day.tzinfo)


def next_test_at(tests: PhoneTests, phone_id: str, tz: ZoneInfo) -> datetime:
    """Return when a phone is to be tested next; what fell due during a stop is due at once."""
    if tests.tested_at and tests.failures:
        return tests.tested_at + (WHILE_FAILED if tests.is_failed else AGAIN_AFTER)
    since = tests.tested_at or tests.known_at
    slot = calc_slot(phone_id, since, tz)
    return slot if slot > since else calc_slot(phone_id, _day_after(since, tz), tz)


def _day_after(at: datetime, tz: ZoneInfo) -> datetime:
    """Return an instant of the next day of the wall clock."""
    noon = datetime.combine(at.astimezone(tz).date() + timedelta(days=1), time(12), tzinfo=tz)
    return noon.astimezone(at.tzinfo)


def is_expired(sent_at: datetime, now: datetime) -> bool:
    """Return whether a receipt will not come any more."""
    return now >= sent_at + RECEIPT_WITHIN


def judge(probe: Probe, *, can_confirm: bool) -> tuple[ChainResult, str | None]:
    """Return what a test showed when its time is over, and why it failed."""
    if probe.is_proven:
        return ChainResult.PASSED, None
    if not probe.sent:
        return ChainResult.FAILED, probe.error or NOT_SENT
    return (ChainResult.FAILED, NO_RECEIPT) if can_confirm else (ChainResult.NOT_VERIFIED, None)


def record(tests: PhoneTests, result: ChainResult, error: str | None, now: datetime, *, weight: int = 1) -> PhoneTests:
    """Return what is known of a phone after a test; ``weight`` is for how many failures one of it counts."""
    failures = tests.failures + weight if result is ChainResult.FAILED else 0
    return replace(tests, tested_at=now, result=result, error=error, failures=failures)


def is_news(before: PhoneTests, after: PhoneTests) -> bool:
    """Return whether a test is worth a row in the journal: not one of the many of a phone that stays failed."""
    return not (before.is_failed and after.is_failed) or before.error != after.error
