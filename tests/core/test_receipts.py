"""What is known of each call: sent is not received, and received is not answered (R012.3)."""

from dataclasses import replace

import pytest

from custom_components.homecare_h2o.core.events import (
    Actor,
    AlarmAcknowledged,
    AlarmDeclined,
    AlarmEvent,
    CallReason,
    NotificationFailed,
    PhoneCleared,
    PhoneNotified,
    PhoneReceived,
    ReceiversCalled,
)
from custom_components.homecare_h2o.core.receipts import Progress, Receipt, calc_receipts

from .samples import T0, minutes


def called(step: int, *phones: str) -> ReceiversCalled:
    return ReceiversCalled(
        at=minutes(step),
        alarm_id="A1",
        step=step,
        level=0,
        reason=CallReason.RAISED,
        groups=(),
        phones=phones,
        base_at=T0,
        next_deadline_at=minutes(5),
    )


SENT = PhoneNotified(at=minutes(2), alarm_id="A1", phone_id="p1", step=1)
FAILED = NotificationFailed(at=minutes(3), alarm_id="A1", phone_id="p1", step=1, error="timeout")
RECEIVED = PhoneReceived(at=minutes(4), alarm_id="A1", phone_id="p1", step=1)
TAKEN = AlarmAcknowledged(at=minutes(5), alarm_id="A1", by=Actor(phone_id="p1"), next_deadline_at=minutes(30))
CLEARED = PhoneCleared(at=minutes(6), alarm_id="A1", phone_id="p1")


@pytest.mark.parametrize(
    ("events", "android", "ios"),
    [
        ([], Progress.PENDING, Progress.PENDING),
        ([FAILED], Progress.FAILED, Progress.FAILED),
        ([SENT], Progress.CALLED, Progress.UNVERIFIED),
        ([FAILED, SENT], Progress.CALLED, Progress.UNVERIFIED),
        ([SENT, RECEIVED], Progress.RECEIVED, Progress.UNVERIFIED),
        ([SENT, RECEIVED, called(1, "p1"), SENT], Progress.RECEIVED, Progress.UNVERIFIED),
        ([SENT, RECEIVED, TAKEN], Progress.ANSWERED, Progress.ANSWERED),
        ([SENT, TAKEN, CLEARED], Progress.ANSWERED, Progress.ANSWERED),
    ],
)
def test_each_phone_says_no_more_than_it_can(events: list[AlarmEvent], android: Progress, ios: Progress) -> None:
    (receipt,) = calc_receipts([called(1, "p1"), *events])
    assert receipt.progress(can_confirm=True) is android
    assert receipt.progress(can_confirm=False) is ios


def test_a_receipt_has_every_instant_that_is_known() -> None:
    (receipt,) = calc_receipts([called(1, "p1"), FAILED, SENT, RECEIVED, TAKEN])
    assert receipt == Receipt(
        phone_id="p1",
        step=1,
        called_at=minutes(1),
        sent_at=minutes(2),
        failed_at=minutes(3),
        error="timeout",
        received_at=minutes(4),
        answered_at=minutes(5),
        answer="acknowledged",
    )


def test_an_answer_belongs_to_the_newest_call_of_the_phone() -> None:
    declined = AlarmDeclined(at=minutes(5), alarm_id="A1", by=Actor(phone_id="p1"))
    history = [called(1, "p1", "p2"), SENT, called(2, "p1"), replace(SENT, step=2, at=minutes(3)), declined]
    progress = {(r.phone_id, r.step): r.progress(can_confirm=True) for r in calc_receipts(history)}
    assert progress == {("p1", 1): Progress.CALLED, ("p2", 1): Progress.PENDING, ("p1", 2): Progress.ANSWERED}


def test_what_belongs_to_no_call_is_left_out() -> None:
    by_user = replace(TAKEN, by=Actor(user_id="u1"))
    assert calc_receipts([SENT, RECEIVED, TAKEN, by_user]) == ()


def test_the_first_answer_to_a_call_is_what_counts() -> None:
    again = replace(TAKEN, at=minutes(9))
    (receipt,) = calc_receipts([called(1, "p1"), SENT, TAKEN, again])
    assert receipt.answered_at == minutes(5)
