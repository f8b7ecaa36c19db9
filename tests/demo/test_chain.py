"""The demo of the alarm chain looks for what must not be told, on phones that can and cannot confirm."""

from collections import Counter

import pytest

from demo import cast
from demo.chain.answering import NOTE
from demo.chain.home import PHONES, RESERVE, STAFF, make_phones
from demo.chain.proof import PRIVATE
from demo.phones import PhoneOS

NAME, ADDRESS, KEY = (cast.BRUKARE[field] for field in ("name", "address", "key_information"))


@pytest.mark.parametrize(
    "told",
    [
        *(word for word in NAME.split() if len(word) > 2),
        *(word for word in ADDRESS.replace(",", "").split() if len(word) > 3),
        "111 11",
        KEY,
        cast.BRUKARE["instructions"],
        "Testv\\u00e4gen",
        NOTE,
    ],
)
def test_every_word_that_tells_who_or_where_is_looked_for(told: str) -> None:
    assert PRIVATE.search(told)


@pytest.mark.parametrize("told", ["K7-31 · Trygghetslarm", "personal i Home Assistant", "Personal", "person: loaded"])
def test_what_tells_nobody_is_not_taken_for_it(told: str) -> None:
    assert not PRIVATE.search(told)


def test_half_of_the_twenty_phones_on_duty_cannot_confirm() -> None:
    assert Counter(phone.os for phone in make_phones() if phone.group == STAFF) == {
        PhoneOS.ANDROID: PHONES // 2,
        PhoneOS.IOS: PHONES // 2,
    }


def test_every_phone_has_a_number_of_its_own() -> None:
    numbers = [phone.number for phone in make_phones()]
    assert len(set(numbers)) == len(numbers)
    assert None not in numbers


def test_an_alarm_can_be_handed_over_to_others() -> None:
    assert [phone.group for phone in make_phones()].count(RESERVE) == 2
