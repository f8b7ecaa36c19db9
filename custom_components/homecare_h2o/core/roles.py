"""Who may do what: the one table that every way in asks (R030.2, R011.4).

A plain action is open to everybody who can log in, read-only users too; an automation has no user at all.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum


class UserRole(StrEnum):
    """What somebody is to the alarms (R030.1)."""

    LARMANSVARIG = "larmansvarig"
    """An administrator of Home Assistant."""
    STAFF = "staff"
    SYSTEM = "system"
    """Nobody: an automation, or the integration itself."""
    NOBODY = "nobody"
    """Somebody who only may look at Home Assistant, is turned off, or is not known."""


class Permission(StrEnum):
    """What can be allowed."""

    RAISE = "raise"
    HANDLE = "handle"
    """Acknowledge, decline, close, hand over, note."""
    RELAY = "relay"
    """Pass on what somebody else has answered by text."""
    VISIT = "visit"
    TEST_CHAIN = "test_chain"
    PLAN = "plan"
    """Change what is watched: pause and resume, too."""
    EXPORT = "export"
    READ = "read"
    DEVIATIONS = "deviations"
    OVERSEE = "oversee"
    """See how everything stands: who is watched, the phones, the rota."""
    PERSON = "person"
    """See who a brukare is and where, while an alarm is open (R010.7)."""
    ANY_PERSON = "any_person"
    """See that at any time."""
    RESTORE = "restore"
    """Bring a line of the handlingsplan back, and say why one was changed (HP.2)."""
    CONSENT = "consent"
    """Register who agrees to what (S.1)."""
    ERASE = "erase"
    """Have a person erased from the journal and the settings (S.2)."""


ALLOWED: Mapping[UserRole, frozenset[Permission]] = {
    UserRole.LARMANSVARIG: frozenset(Permission),
    UserRole.STAFF: frozenset(
        {Permission.RAISE, Permission.HANDLE, Permission.VISIT, Permission.READ, Permission.PERSON}
    ),
    # An automation is written by an administrator, and may be the only way: an SMS, a button on the wall, a calendar.
    # What somebody agrees to, wants to have erased, or says of the plan is for a person to answer for.
    UserRole.SYSTEM: frozenset(Permission) - {Permission.CONSENT, Permission.ERASE, Permission.RESTORE},
    UserRole.NOBODY: frozenset(),
}


def is_allowed(role: UserRole, permission: Permission) -> bool:
    """Return whether a role may do something."""
    return permission in ALLOWED[role]


def calc_role(*, is_active: bool, is_admin: bool, is_read_only: bool) -> UserRole:
    """Return the role of a user that is known."""
    if not is_active:
        return UserRole.NOBODY
    if is_admin:
        return UserRole.LARMANSVARIG
    return UserRole.NOBODY if is_read_only else UserRole.STAFF


def is_read_only(groups: Collection[str], *, read_only: str, writing: str) -> bool:
    """Return whether somebody may only look; who is in both groups may write, as in Home Assistant itself."""
    return read_only in groups and writing not in groups
