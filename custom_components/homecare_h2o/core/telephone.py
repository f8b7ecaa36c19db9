"""Telephone numbers: one way of writing each (E.164), so that a sender is known however the number was written."""

import re

COUNTRY = "+46"
_SIGNS = re.compile(r"[\s\u00a0().\-\u2010-\u2015/]")
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
SHOWN = 2
"""Digits of a strange number that are kept: enough to be recognised by who knows it, too few to be called."""


def normalise_number(text: str) -> str | None:
    """Return a number as +46…, None if it is none; one without a country is Swedish."""
    digits = _SIGNS.sub("", text.strip().replace("(0)", ""))
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    elif digits.startswith("0"):
        digits = f"{COUNTRY}{digits[1:]}"
    return digits if _NUMBER.fullmatch(digits) else None


def mask(sender: str) -> str:
    """Return what may be written down of a stranger's number."""
    return f"…{sender[-SHOWN:]}"
