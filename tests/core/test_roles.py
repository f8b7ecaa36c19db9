"""Who may do what (R030.2)."""

import pytest

from custom_components.homecare_h2o.core.roles import (
    ALLOWED,
    Permission,
    UserRole,
    calc_role,
    is_allowed,
    is_read_only,
)

EVERYTHING = set(Permission)
STAFF = {Permission.RAISE, Permission.HANDLE, Permission.VISIT, Permission.READ, Permission.PERSON}


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (UserRole.LARMANSVARIG, EVERYTHING),
        (UserRole.STAFF, STAFF),
        (UserRole.SYSTEM, EVERYTHING - {Permission.CONSENT, Permission.ERASE, Permission.RESTORE}),
        (UserRole.NOBODY, set()),
    ],
)
def test_a_role_may_what_the_table_says_and_no_more(role: UserRole, allowed: set[Permission]) -> None:
    assert {permission for permission in Permission if is_allowed(role, permission)} == allowed


def test_every_role_is_in_the_table() -> None:
    assert ALLOWED.keys() == set(UserRole)


@pytest.mark.parametrize(
    ("is_active", "is_admin", "read_only", "role"),
    [
        (True, True, False, UserRole.LARMANSVARIG),
        (True, True, True, UserRole.LARMANSVARIG),
        (True, False, False, UserRole.STAFF),
        (True, False, True, UserRole.NOBODY),
        (False, True, False, UserRole.NOBODY),
        (False, False, False, UserRole.NOBODY),
    ],
)
def test_what_a_user_is(is_active: bool, is_admin: bool, read_only: bool, role: UserRole) -> None:
    assert calc_role(is_active=is_active, is_admin=is_admin, is_read_only=read_only) is role


@pytest.mark.parametrize(
    ("groups", "read_only"), [(set(), False), ({"r"}, True), ({"w"}, False), ({"r", "w"}, False), ({"r", "x"}, True)]
)
def test_who_may_only_look(groups: set[str], read_only: bool) -> None:
    assert is_read_only(groups, read_only="r", writing="w") is read_only
