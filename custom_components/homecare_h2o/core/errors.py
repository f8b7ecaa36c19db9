"""Everything that this integration refuses or fails at.

    HomeCareError
    ├── BadSettingError         a setting that could never work (also BadWindowError, BadRuleError)
    ├── CommandRefusedError     a command that the state of things does not allow
    │   ├── UnknownAlarmError       no such open alarm
    │   ├── AlarmClosedError        it is closed already
    │   ├── AlreadyTakenError       somebody else is on it
    │   ├── NotAcknowledgedError    nobody has taken it yet
    │   ├── BadPeriodError          a period that has no length
    │   ├── PauseReasonMissingError a pause that nobody says why of
    │   ├── PauseEndMissedError     a pause that would have ended already
    │   ├── PauseTooLongError       a pause that would be forgotten
    │   ├── NotPausedError          nothing to resume
    │   ├── UnknownLineError        no such line of the handlingsplan
    │   ├── UnknownGroupError       no such receiver group
    │   ├── ConsentInFutureError    a consent that somebody is going to decide on
    │   ├── ConsentEndsTooEarlyError a consent that ends before it begins
    │   ├── UnknownPlanChangeError  no such change of the handlingsplan
    │   ├── NothingToRestoreError   before that change there was no line
    │   ├── LineIsSoAlreadyError    the line is as it is to become
    │   ├── LineLivesElsewhereError a line that Home Assistant's editor does not know
    │   ├── LineNotAcceptedError    a line that Home Assistant does not accept
    │   ├── LineChangedMeanwhileError a line that somebody else has changed
    │   ├── PlanNotEditableError    the file of the automations cannot be changed now
    │   ├── AlarmsOpenError         somebody is to be erased while an alarm is not over
    │   ├── WrongCodeError          somebody is to be erased who is not meant
    │   ├── ConsentNotWithdrawnError somebody is to be erased who is watched
    │   └── UnknownDeviationError   no such thing in the inbox
    ├── CodecError              a journal row that this version cannot read
    ├── JournalError
    │   ├── JournalDamagedError     the file is not the journal that was written
    │   └── JournalUnavailableError it cannot be read or written now
    ├── LineNotInUseError       a line that was brought back and does not work
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


class AlarmsOpenError(CommandRefusedError):
    """Nobody is erased while an alarm of the home is not over (S.2)."""

    translation_key = "erase_alarms_open"


class WrongCodeError(CommandRefusedError):
    """Somebody is to be erased, and the code is another's (S.2)."""

    translation_key = "erase_wrong_code"


class ConsentNotWithdrawnError(CommandRefusedError):
    """Somebody is to be erased whose alarms are not disarmed by a withdrawn consent (S.2)."""

    translation_key = "erase_consent_not_withdrawn"


class ConsentInFutureError(CommandRefusedError):
    """The day of a consent, or of its withdrawal, has not come yet (S.1)."""

    translation_key = "consent_in_future"


class ConsentEndsTooEarlyError(CommandRefusedError):
    """A consent ends before the day that it was given on (S.1)."""

    translation_key = "consent_ends_too_early"


class BeingErasedError(CommandRefusedError):
    """The brukare is being erased, and stays disarmed whatever is registered."""

    translation_key = "being_erased"


class PauseReasonMissingError(CommandRefusedError):
    """Nobody says why there is to be a pause (R010.6)."""

    translation_key = "pause_reason_missing"


class PauseEndMissedError(CommandRefusedError):
    """The pause would have ended already."""

    translation_key = "pause_end_missed"


class PauseTooLongError(CommandRefusedError):
    """The pause would last for longer than anybody remembers it; ``days`` is the most."""

    translation_key = "pause_too_long"


class NotPausedError(CommandRefusedError):
    """There is no such pause to end."""

    translation_key = "not_paused"


class UnknownLineError(CommandRefusedError):
    """There is no such line in the brukare's handlingsplan."""

    translation_key = "unknown_line"


class UnknownPlanChangeError(CommandRefusedError):
    """There is no such change of the handlingsplan."""

    translation_key = "unknown_plan_change"


class NothingToRestoreError(CommandRefusedError):
    """Before that change there was no line."""

    translation_key = "nothing_to_restore"


class LineIsSoAlreadyError(CommandRefusedError):
    """The line is as it is to become."""

    translation_key = "line_is_so_already"


class LineLivesElsewhereError(CommandRefusedError):
    """The line is in a file that Home Assistant's editor does not write."""

    translation_key = "line_lives_elsewhere"


class LineNotAcceptedError(CommandRefusedError):
    """Home Assistant does not accept the line as it would be; ``reason`` is what it says."""

    translation_key = "line_not_accepted"


class LineChangedMeanwhileError(CommandRefusedError):
    """The line is not as it was when whoever asks looked at it."""

    translation_key = "line_changed_meanwhile"


class PlanNotEditableError(CommandRefusedError):
    """The file of the automations cannot be changed now, and was not; ``reason`` is what Home Assistant says."""

    translation_key = "plan_not_editable"


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


class LineNotInUseError(HomeCareError):
    """A line was written as it was before, and Home Assistant does not run it."""

    translation_key = "line_not_in_use"


class EngineStoppedError(HomeCareError):
    """The hub is being closed or loaded anew; what is asked for must be asked again."""

    translation_key = "hub_not_loaded"


class NotificationError(HomeCareError):
    """A phone could not be told; the message is a short reason without personal data."""

    translation_key = "notification_failed"
