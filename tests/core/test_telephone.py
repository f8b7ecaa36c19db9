"""Telephone numbers, however they are written."""

import pytest

from custom_components.homecare_h2o.core.telephone import mask, normalise_number


@pytest.mark.parametrize(
    "text",
    [
        "070-174 06 05",
        "0701740605",
        " 070 174 06 05 ",
        "(070) 174 06 05",
        "070–1740605",
        "070\u00a0174\u00a006\u00a005",
        "070/174.06.05",
        "+46701740605",
        "+46 70-174 06 05",
        "+46 (0)70-174 06 05",
        "0046701740605",
        "0046 (0)70 174 06 05",
    ],
)
def test_a_number_is_the_same_however_it_is_written(text: str) -> None:
    assert normalise_number(text) == "+46701740605"


@pytest.mark.parametrize(
    "text", ["", "   ", "notify.sms", "service:sms", "112", "0", "+", "+0701740605", "701740605", "07017406x5"]
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert normalise_number(text) is None


def test_a_number_of_another_country_keeps_it() -> None:
    assert normalise_number("+47 70 17 40 60") == "+4770174060"


@pytest.mark.parametrize("text", ["+" + "4" * 16, "070" + "1" * 20, "٠٧٠١٧٤٠٦٠٥"])
def test_what_no_exchange_takes_is_none(text: str) -> None:
    assert normalise_number(text) is None


def test_of_a_stranger_two_digits_are_kept() -> None:
    assert mask("+46701740605") == "…05"
