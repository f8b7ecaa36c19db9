"""What the user must know and can mend: shown as repair issues."""

from collections.abc import Collection, Mapping, Sequence
from datetime import time

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN
from .core.duty import Receiver, Role, calc_coverage
from .core.escalation import Priority
from .phones import is_known, phone_name
from .ports import Damage
from .settings import groups_of, plan_of

CONSENT = "consent_"
LINE_DELETED = "line_deleted"
PHONE_TEST = "phone_failed_test"


@callback
def _tell(
    hass: HomeAssistant,
    issue_id: str,
    severity: ir.IssueSeverity,
    *,
    is_persistent: bool = False,
    values: Mapping[str, str] | None = None,
) -> None:
    """Show an issue whose text has the key before the colon."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        is_fixable=False,
        is_persistent=is_persistent,
        severity=severity,
        translation_key=issue_id.partition(":")[0],
        translation_placeholders=dict(values) if values else None,
    )


@callback
def _tell_if(hass: HomeAssistant, issue_id: str, severity: ir.IssueSeverity, *, wrong: bool, **values: str) -> None:
    """Show an issue, or take it away when it is mended."""
    if wrong:
        _tell(hass, issue_id, severity, values=values)
    else:
        ir.async_delete_issue(hass, DOMAIN, issue_id)


@callback
def async_tell_damage(hass: HomeAssistant, damage: Damage) -> None:
    """Tell that a damaged journal was set aside; stays until somebody has looked at it."""
    _tell(
        hass,
        f"journal_damaged:{damage.file}",
        ir.IssueSeverity.CRITICAL,
        is_persistent=True,
        values={"file": damage.file},
    )


@callback
def async_tell_facts_damage(hass: HomeAssistant, damage: Damage) -> None:
    """Tell that what detection remembered is lost: a passivity alarm may come a window late."""
    _tell(
        hass, f"facts_damaged:{damage.file}", ir.IssueSeverity.ERROR, is_persistent=True, values={"file": damage.file}
    )


@callback
def async_tell_journal_behind(hass: HomeAssistant, *, behind: bool) -> None:
    """Tell that the journal cannot be written: alarms go out, but are lost if the power goes now."""
    _tell_if(hass, "journal_behind", ir.IssueSeverity.CRITICAL, wrong=behind)


@callback
def async_tell_rule_lost(hass: HomeAssistant, rule: str) -> None:
    """Tell that a rule points at a care recipient that does not exist; stays until somebody has looked at it."""
    _tell(hass, f"rule_lost:{rule}", ir.IssueSeverity.CRITICAL, is_persistent=True, values={"rule": rule})


@callback
def async_tell_line(hass: HomeAssistant, rule: str, *, wrong: bool, name: str, why: str) -> None:
    """Tell that a line of the handlingsplan is not watched as it should be (R060.5)."""
    _tell_if(hass, f"line_not_watched:{rule}", ir.IssueSeverity.ERROR, wrong=wrong, name=name, why=why)


@callback
def async_tell_phone_test(hass: HomeAssistant, phone_id: str, *, wrong: bool, error: str = "") -> None:
    """Tell that a phone failed its test: an alarm would not reach it."""
    name = phone_name(hass, phone_id)
    _tell_if(hass, f"{PHONE_TEST}:{phone_id}", ir.IssueSeverity.ERROR, wrong=wrong, phone=name, error=error)


@callback
def async_forget_phones(hass: HomeAssistant, phones: Collection[str]) -> None:
    """Take away what was told of phones that belong to no group any more."""
    for domain, issue_id in list(ir.async_get(hass).issues):
        kind, _, phone_id = issue_id.partition(":")
        if domain == DOMAIN and kind == PHONE_TEST and phone_id not in phones:
            ir.async_delete_issue(hass, DOMAIN, issue_id)


@callback
def async_tell_clock(hass: HomeAssistant, *, behind: bool) -> None:
    """Tell that the wall clock shows less than has passed: it was set back, or was ahead for a while."""
    _tell_if(hass, "clock_behind", ir.IssueSeverity.CRITICAL, wrong=behind)


@callback
def async_tell_heartbeat(hass: HomeAssistant, errors: Mapping[str, str]) -> None:
    """Tell on which ways nobody outside has received a sign of life for some time, and why (R010.5)."""
    ways = ", ".join(f"{way} ({error})" for way, error in errors.items())
    _tell_if(hass, "heartbeat_failed", ir.IssueSeverity.ERROR, wrong=bool(errors), ways=ways)


@callback
def async_tell_audit(hass: HomeAssistant, stuck: Sequence[str]) -> None:
    """Tell that an open alarm has no next deadline, which must never happen."""
    _tell_if(hass, "alarm_stuck", ir.IssueSeverity.CRITICAL, wrong=bool(stuck), alarms=", ".join(stuck))


@callback
def async_check_receivers(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Tell of hours that nobody or several groups cover, and of phones that are gone (R011.5, R012.6)."""
    groups = groups_of(entry)
    for role in (Role.STAFF, Role.LARMANSVARIG):
        coverage = calc_coverage(groups, role)
        _tell_if(
            hass,
            f"duty_gap_{role}",
            ir.IssueSeverity.ERROR,
            wrong=bool(coverage.gaps),
            hours=_hours(coverage.gaps),
        )
    there = {*Receiver, *(group.group_id for group in groups)}
    dangling = any(set(level.receivers) - there for priority in Priority for level in plan_of(entry, priority).levels)
    _tell_if(hass, "receiver_missing", ir.IssueSeverity.ERROR, wrong=dangling)
    overlaps = calc_coverage(groups, Role.STAFF).overlaps
    _tell_if(hass, "duty_overlap", ir.IssueSeverity.WARNING, wrong=bool(overlaps), hours=_hours(overlaps))
    empty = [group.name for group in groups if not group.phones]
    _tell_if(hass, "group_without_phone", ir.IssueSeverity.ERROR, wrong=bool(empty), groups=", ".join(empty))
    lost = {group.name for group in groups for phone in group.phones if not is_known(hass, phone)}
    _tell_if(hass, "phone_missing", ir.IssueSeverity.ERROR, wrong=bool(lost), groups=", ".join(sorted(lost)))


@callback
def async_tell_phone_users(hass: HomeAssistant, groups: Sequence[str]) -> None:
    """Tell of groups with phones whose users may not answer: they would be called in vain (R030.1)."""
    _tell_if(
        hass, "phone_user_not_allowed", ir.IssueSeverity.ERROR, wrong=bool(groups), groups=", ".join(sorted(groups))
    )


@callback
def async_tell_consents(hass: HomeAssistant, wrong: Mapping[str, Mapping[str, str]]) -> None:
    """Tell of consents that are withdrawn or have expired, by issue id, and take away what was told of others (S.2)."""
    for domain, issue_id in list(ir.async_get(hass).issues):
        if domain == DOMAIN and issue_id.startswith(CONSENT) and issue_id not in wrong:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
    for issue_id, values in wrong.items():
        _tell(hass, issue_id, ir.IssueSeverity.WARNING, values=values)


@callback
def async_tell_deleted_lines(hass: HomeAssistant, lines: Mapping[str, Mapping[str, str]]) -> None:
    """Tell of the lines that were deleted from the handlingsplan, and of no others any more (R011.2)."""
    wanted = {f"{LINE_DELETED}:{line_id}": values for line_id, values in lines.items()}
    for domain, issue_id in list(ir.async_get(hass).issues):
        if domain == DOMAIN and issue_id.startswith(f"{LINE_DELETED}:") and issue_id not in wanted:
            ir.async_delete_issue(hass, DOMAIN, issue_id)
    for issue_id, values in wanted.items():
        _tell(hass, issue_id, ir.IssueSeverity.ERROR, values=values)


@callback
def async_forget_issues(hass: HomeAssistant) -> None:
    """Take every issue away."""
    for domain, issue_id in list(ir.async_get(hass).issues):
        if domain == DOMAIN:
            ir.async_delete_issue(hass, DOMAIN, issue_id)


def _hours(spans: Sequence[tuple[time, time]]) -> str:
    """Return spans of minutes as people write them."""
    return ", ".join(f"{first:%H:%M}–{last:%H:%M}" for first, last in spans)
