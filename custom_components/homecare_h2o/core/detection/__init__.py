"""The detectors, one file each: pure functions of a rule and of what has been seen (R010.3)."""

from ..errors import BadSettingError


class BadRuleError(BadSettingError):
    """A rule that could never raise an alarm, or would raise one all the time."""

    translation_key = "bad_rule"
