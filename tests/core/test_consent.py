"""Whose consent is registered, and whose alarms are disarmed because it was withdrawn (S.1, S.2)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from custom_components.homecare_h2o.core.arming_events import ConsentRegistered, ConsentService, ConsentStatus
from custom_components.homecare_h2o.core.consent import (
    ConsentBook,
    ConsentState,
    Subject,
    evolve,
    fold,
    register,
)
from custom_components.homecare_h2o.core.errors import ConsentEndsTooEarlyError, ConsentInFutureError
from custom_components.homecare_h2o.core.events import Actor, HubStarted

NOW = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
TODAY = date(2026, 11, 2)
OWN = Subject(brukare_id="brukare-1", service=ConsentService.LARM)
COHABITANT = replace(OWN, cohabitant=True)
CAMERA = replace(OWN, service=ConsentService.CAMERA)
GIVEN = ConsentStatus.GIVEN
WITHDRAWN = ConsentStatus.WITHDRAWN


def registered(
    status: ConsentStatus, subject: Subject = OWN, *, hours: float = 0, expires_on: date | None = None, **more: Any
) -> ConsentRegistered:
    """Return that a consent was registered, some hours after noon of a day."""
    decided = {"decided_on": TODAY, "version": "2", "reference": "Pärm 4", "expires_on": expires_on, **more}
    return register(
        subject, status, by=Actor(user_id="larmansvarig"), now=NOW + timedelta(hours=hours), today=TODAY, **decided
    )


def state(book: ConsentBook, service: ConsentService = ConsentService.LARM, today: date = TODAY) -> ConsentState:
    return book.calc_state("brukare-1", service, today)


def test_nothing_is_registered_at_first_and_disarms_nothing() -> None:
    assert state(ConsentBook()) is ConsentState.NOT_REGISTERED
    assert ConsentBook().without_consent == frozenset()
    assert ConsentBook().find("brukare-1", ConsentService.LARM) is None


def test_a_consent_is_kept_as_it_was_registered() -> None:
    event = registered(GIVEN, expires_on=date(2027, 11, 2))
    assert (event.at, event.by, event.decided_on, event.expires_on) == (
        NOW,
        Actor(user_id="larmansvarig"),
        "2026-11-02",
        "2027-11-02",
    )
    consent = fold([event]).find("brukare-1", ConsentService.LARM)
    assert consent
    assert (consent.decided_on, consent.version, consent.reference, consent.expires_on, consent.since_at) == (
        TODAY,
        "2",
        "Pärm 4",
        date(2027, 11, 2),
        NOW,
    )


@pytest.mark.parametrize(
    ("days", "expected"), [(0, ConsentState.GIVEN), (1, ConsentState.GIVEN), (2, ConsentState.EXPIRED)]
)
def test_a_consent_holds_through_its_last_day(days: int, expected: ConsentState) -> None:
    book = fold([registered(GIVEN, expires_on=TODAY + timedelta(days=1))])
    assert state(book, today=TODAY + timedelta(days=days)) is expected


def test_an_expired_consent_disarms_nothing() -> None:
    book = fold([registered(GIVEN, decided_on=date(2020, 1, 1), expires_on=date(2021, 1, 1))])
    assert (state(book), book.without_consent) == (ConsentState.EXPIRED, frozenset())


def test_a_withdrawal_disarms_and_does_not_end() -> None:
    book = fold([registered(GIVEN), registered(WITHDRAWN, expires_on=TODAY, hours=1)])
    assert state(book, today=date(2099, 1, 1)) is ConsentState.WITHDRAWN
    assert book.without_consent == {"brukare-1"}


def test_what_is_given_again_is_armed_again() -> None:
    book = fold([registered(WITHDRAWN), registered(GIVEN, hours=1)])
    assert (state(book), book.without_consent) == (ConsentState.GIVEN, frozenset())


def test_what_was_registered_last_counts_although_it_was_decided_on_before() -> None:
    book = fold([registered(GIVEN), registered(WITHDRAWN, hours=1, decided_on=date(2026, 1, 1))])
    assert state(book) is ConsentState.WITHDRAWN


def test_a_cohabitants_withdrawal_disarms_too() -> None:
    book = fold([registered(GIVEN), registered(WITHDRAWN, COHABITANT)])
    assert (state(book), set(book.without_consent)) == (ConsentState.WITHDRAWN, {"brukare-1"})


def test_a_cohabitants_consent_is_not_the_brukares() -> None:
    assert state(fold([registered(GIVEN, COHABITANT)])) is ConsentState.NOT_REGISTERED


def test_a_cohabitants_consent_that_has_expired_is_shown() -> None:
    book = fold([registered(GIVEN), registered(GIVEN, COHABITANT, expires_on=TODAY)])
    assert state(book, today=TODAY + timedelta(days=1)) is ConsentState.EXPIRED


def test_the_camera_is_another_matter() -> None:
    book = fold([registered(GIVEN), registered(WITHDRAWN, CAMERA)])
    assert (state(book), state(book, ConsentService.CAMERA)) == (ConsentState.GIVEN, ConsentState.WITHDRAWN)
    assert book.without_consent == frozenset()


def test_a_corrected_withdrawal_is_still_the_same_one() -> None:
    book = fold([registered(WITHDRAWN), registered(WITHDRAWN, hours=1, reference="Pärm 5")])
    consent = book.find("brukare-1", ConsentService.LARM)
    assert consent
    assert (consent.since_at, consent.reference) == (NOW, "Pärm 5")


def test_other_events_change_nothing() -> None:
    book = fold([registered(GIVEN)])
    assert evolve(book, HubStarted(at=NOW, last_alive_at=None)) is book


def test_what_is_yet_to_be_decided_is_refused() -> None:
    with pytest.raises(ConsentInFutureError):
        registered(WITHDRAWN, decided_on=TODAY + timedelta(days=1))


def test_a_consent_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ConsentEndsTooEarlyError):
        registered(GIVEN, expires_on=TODAY - timedelta(days=1))


@pytest.mark.parametrize(
    ("status", "days", "expected"),
    [(GIVEN, 31, False), (GIVEN, 30, True), (GIVEN, 0, True), (GIVEN, None, False), (WITHDRAWN, 0, False)],
)
def test_a_consent_that_ends_within_a_month_is_followed_up(
    status: ConsentStatus, days: int | None, expected: bool
) -> None:
    expires_on = None if days is None else TODAY + timedelta(days=days)
    consent = fold([registered(status, expires_on=expires_on)]).find("brukare-1", ConsentService.LARM)
    assert consent
    assert consent.is_to_be_followed_up(TODAY) is expected


def test_what_is_armed_again_is_known_by_the_end_of_the_last_withdrawal() -> None:
    told = [registered(GIVEN), registered(WITHDRAWN, hours=1), registered(GIVEN, hours=2), registered(GIVEN, hours=3)]
    ends = [fold(told[:count]).armed_again_at("brukare-1") for count in range(5)]
    assert ends == [None, None, None, NOW + timedelta(hours=2), NOW + timedelta(hours=2)]


def test_what_somebody_else_has_withdrawn_is_not_armed_again() -> None:
    told = [registered(WITHDRAWN), registered(WITHDRAWN, COHABITANT), registered(GIVEN, hours=1)]
    assert fold(told).armed_again_at("brukare-1") is None
    assert fold([*told, registered(GIVEN, COHABITANT, hours=2)]).armed_again_at("brukare-1") == NOW + timedelta(hours=2)
