"""Everything that this integration refuses or fails at.

    HomeCareError
    ├── BadSettingError         a setting that could never work (also BadWindowError, BadRuleError)
    ├── CommandRefusedError     a command that the state of things does not allow
    │   ├── UnknownAlarmError       no such open alarm
    │   ├── AlarmClosedError        it is closed already
    │   ├── AlreadyTakenError       somebody else is on it
    │   ├── NotAcknowledgedError    nobody has taken it yet
    │   ├── BadPeriodError          a period that has no length
    │   ├── UnknownGroupError       no such receiver group
    │   └── UnknownDeviationError   no such thing in the inbox
    ├── CodecError              a journal row that this version cannot read
    ├── JournalError
    │   ├── JournalDamagedError     the file is not the journal that was written
    │   └── JournalUnavailableError it cannot be read or written now
    ├── EngineStoppedError      the hub is being loaded anew
    └── NotificationError       a phone could not be told

Each carries the key of its translation; the adapters make a translated Home Assistant error of it in one place.
"""

from typing import ClassVar


class HomeCareError(Exception):
    """Base of the tree; ``placeholders`` fill in the translated text."""

    translation_key: ClassVar[str] = "unknown_error"

    def __init__(self, message: str = "", **placeholders: str) -> None:
        """Keep what the translated text needs."""
        super().__init__(message or self.translation_key)
        self.placeholders = placeholders


class BadSettingError(HomeCareError):
    """A setting that could never work."""

    translation_key = "bad_setting"


class CommandRefusedError(HomeCareError):
    """A command that the state of things does not allow."""

    translation_key = "command_refused"


class UnknownAlarmError(CommandRefusedError):
    """There is no such alarm."""

    translation_key = "unknown_alarm"


class AlarmClosedError(CommandRefusedError):
    """The alarm is closed already."""

    translation_key = "alarm_closed"


class AlreadyTakenError(CommandRefusedError):
    """Somebody else has acknowledged the alarm."""

    translation_key = "already_taken"


class NotAcknowledgedError(CommandRefusedError):
    """Nobody has acknowledged the alarm yet."""

    translation_key = "not_acknowledged"


class UnknownDeviationError(CommandRefusedError):
    """There is no such thing in the larmansvarig's inbox."""

    translation_key = "unknown_deviation"


class BadPeriodError(CommandRefusedError):
    """The period ends before it begins."""

    translation_key = "bad_period"


class UnknownGroupError(CommandRefusedError):
    """There is no such receiver group."""

    translation_key = "unknown_group"


class CodecError(HomeCareError):
    """A journal row that this version cannot read."""

    translation_key = "journal_unreadable"


class JournalError(HomeCareError):
    """Something is wrong with the journal."""

    translation_key = "journal_unavailable"


class JournalDamagedError(JournalError):
    """The file is not the journal that was written."""

    translation_key = "journal_damaged"


class JournalUnavailableError(JournalError):
    """The journal cannot be read or written now."""


class EngineStoppedError(HomeCareError):
    """The hub is being closed or loaded anew; what is asked for must be asked again."""

    translation_key = "hub_not_loaded"


class NotificationError(HomeCareError):
    """A phone could not be told; the message is a short reason without personal data."""

    translation_key = "notification_failed"
