"""Who is on duty when, and who is reached when nobody is."""

from collections.abc import Sequence
from datetime import UTC, datetime, time

from hypothesis import example, given, settings, strategies as st
import pytest

from custom_components.homecare_h2o.core.duty import (
    Coverage,
    Receiver,
    ReceiverGroup,
    Resolution,
    Role,
    calc_coverage,
    duty_window,
    groups_on_duty,
    next_change_at,
    resolve,
)
from custom_components.homecare_h2o.core.windows import ALL_DAY, BadWindowError, Window

from .samples import MINUTE, STOCKHOLM, local


def hours(text: str) -> Window:
    """Make duty hours of a text such as 06:46-21:29, both minutes included."""
    first, last = text.split("-")
    return duty_window(time.fromisoformat(first), time.fromisoformat(last))


def group(
    group_id: str, role: Role = Role.STAFF, duty: Window = ALL_DAY, phones: tuple[str, ...] | None = None
) -> ReceiverGroup:
    """Make a group with one phone of its own."""
    own = (f"{group_id}-phone",) if phones is None else phones
    return ReceiverGroup(group_id=group_id, name=group_id.title(), role=role, duty=duty, phones=own)


DAY = group("day", duty=hours("06:46-21:29"), phones=("day-1", "day-2"))
NIGHT = group("night", duty=hours("21:30-06:45"), phones=("night-1",))
BACKUP_DAY = group("backup_day", Role.BACKUP, hours("06:46-21:29"))
BACKUP_NIGHT = group("backup_night", Role.BACKUP, hours("21:30-06:45"))
BOSS = group("boss", Role.LARMANSVARIG, hours("08:00-16:59"))
DAUGHTER = group("daughter", Role.RELATIVE, hours("17:00-21:59"))
NOON = local("2026-06-01T12:00")
MIDNIGHT = local("2026-06-01T00:00")


@pytest.mark.parametrize(
    ("start", "last_minute", "window"),
    [
        (time(6, 46), time(21, 29), Window(start=time(6, 46), end=time(21, 30))),
        (time(21, 30), time(6, 45), Window(start=time(21, 30), end=time(6, 46))),
        (time(6, 46), time(21, 29, 59, 999999), Window(start=time(6, 46), end=time(21, 30))),
        (time(7), time(7), Window(start=time(7), end=time(7, 1))),
        (time(12), time(23, 59), Window(start=time(12), end=time(0))),
        (time(0), time(23, 59), ALL_DAY),
        (time(6, 46), time(6, 45), ALL_DAY),
        (None, None, ALL_DAY),
    ],
)
def test_duty_hours_include_their_last_minute(start: time | None, last_minute: time | None, window: Window) -> None:
    """06:46-21:29 is [06:46, 21:30) (R013.2)."""
    assert duty_window(start, last_minute) == window


@pytest.mark.parametrize(("start", "last_minute"), [(time(6, 46), None), (None, time(21, 29))])
def test_duty_hours_with_one_end_are_refused(start: time | None, last_minute: time | None) -> None:
    """Both minutes, or neither."""
    with pytest.raises(BadWindowError):
        duty_window(start, last_minute)


@pytest.mark.parametrize(
    ("at", "on_duty"),
    [
        ("2026-06-01T06:45:59.999", "night"),
        ("2026-06-01T06:46:00", "day"),
        ("2026-06-01T21:29:59.999", "day"),
        ("2026-06-01T21:30:00", "night"),
        ("2026-06-01T00:00:00", "night"),
        ("2026-03-29T03:00:00", "night"),
        ("2026-03-29T06:46:00", "day"),
        ("2026-10-25T02:30:00", "night"),
        ("2026-10-25T06:45:59.999", "night"),
    ],
)
def test_the_shift_changes_at_the_full_minute(at: str, on_duty: str) -> None:
    """21:29:59.999 belongs to the day group, 21:30:00 to the night patrol (larmplan)."""
    assert [found.group_id for found in groups_on_duty([DAY, NIGHT], Role.STAFF, local(at), STOCKHOLM)] == [on_duty]


def test_only_groups_of_the_role_are_on_duty() -> None:
    """A backup group on duty is not staff on duty."""
    assert groups_on_duty([BACKUP_DAY, DAY], Role.BACKUP, NOON, STOCKHOLM) == (BACKUP_DAY,)


@pytest.mark.parametrize(
    ("receivers", "groups", "at", "expected"),
    [
        pytest.param([Receiver.ON_DUTY], [DAY, NIGHT], NOON, ["day"], id="staff on duty by day"),
        pytest.param([Receiver.ON_DUTY], [DAY, NIGHT], MIDNIGHT, ["night"], id="staff on duty by night"),
        pytest.param([Receiver.BACKUP], [BACKUP_DAY, BACKUP_NIGHT], NOON, ["backup_day"], id="backup on duty"),
        pytest.param(
            [Receiver.BACKUP],
            [group("b1", Role.BACKUP, hours("01:00-01:59")), group("b2", Role.BACKUP, hours("03:00-03:59"))],
            NOON,
            ["b1", "b2"],
            id="no backup on duty: all backups",
        ),
        pytest.param([Receiver.LARMANSVARIG], [DAY, BOSS], MIDNIGHT, ["boss"], id="larmansvarig off duty is reached"),
        pytest.param(
            [Receiver.LARMANSVARIG],
            [BOSS, group("mute", Role.LARMANSVARIG, phones=())],
            MIDNIGHT,
            ["boss", "mute"],
            id="only a larmansvarig without a phone on duty: all of them",
        ),
        pytest.param(
            [Receiver.RELATIVE], [DAUGHTER], local("2026-06-01T18:00"), ["daughter"], id="relative in her hours"
        ),
        pytest.param(["night"], [DAY, NIGHT], NOON, ["night"], id="a named group whatever its hours"),
        pytest.param(["gone", "day"], [DAY, NIGHT], NOON, ["day"], id="an unknown group is skipped"),
        pytest.param(
            [Receiver.ON_DUTY, Receiver.RELATIVE], [DAUGHTER, DAY], NOON, ["day"], id="relative outside her hours"
        ),
        pytest.param(
            [Receiver.BACKUP, Receiver.ON_DUTY, "day"],
            [DAY, BACKUP_DAY],
            NOON,
            ["backup_day", "day"],
            id="in the order asked, each once",
        ),
    ],
)
def test_receivers_are_resolved_without_fallback(
    receivers: list[str], groups: list[ReceiverGroup], at: datetime, expected: list[str]
) -> None:
    """Each receiver stands for the groups that can be reached now."""
    found = resolve(receivers, groups, at, STOCKHOLM)
    assert list(found.groups) == expected
    assert not found.fallback
    assert not found.no_one_on_duty


def test_a_phone_of_two_groups_is_told_once_in_order() -> None:
    """Phones keep the order of the groups and of the phones in them."""
    groups = [group("a", phones=("p2", "p1")), group("b", phones=("p1", "p3"))]
    assert resolve([Receiver.ON_DUTY], groups, NOON, STOCKHOLM).phones == ("p2", "p1", "p3")


MUTE = group("mute", phones=())


@pytest.mark.parametrize(
    ("receivers", "groups", "at", "expected"),
    [
        pytest.param(
            [Receiver.ON_DUTY],
            [DAY, BACKUP_DAY, BACKUP_NIGHT, BOSS],
            MIDNIGHT,
            Resolution(groups=("backup_night",), phones=("backup_night-phone",), no_one_on_duty=True, fallback=True),
            id="backup on duty first",
        ),
        pytest.param(
            [Receiver.ON_DUTY],
            [DAY, BOSS],
            MIDNIGHT,
            Resolution(groups=("boss",), phones=("boss-phone",), no_one_on_duty=True, fallback=True),
            id="then larmansvarig, even off duty",
        ),
        pytest.param(
            [Receiver.ON_DUTY],
            [DAY, DAUGHTER],
            MIDNIGHT,
            Resolution(groups=("day",), phones=("day-1", "day-2"), no_one_on_duty=True, fallback=True),
            id="then staff off duty",
        ),
        pytest.param(
            [Receiver.ON_DUTY],
            [DAUGHTER],
            MIDNIGHT,
            Resolution(groups=("daughter",), phones=("daughter-phone",), no_one_on_duty=True, fallback=True),
            id="then anyone at all",
        ),
        pytest.param(
            [Receiver.ON_DUTY],
            [],
            MIDNIGHT,
            Resolution(groups=(), phones=(), no_one_on_duty=True, fallback=True),
            id="nobody at all",
        ),
        pytest.param(
            [Receiver.ON_DUTY],
            [MUTE, group("silent", Role.BACKUP, phones=()), BOSS],
            NOON,
            Resolution(groups=("mute", "boss"), phones=("boss-phone",), no_one_on_duty=True, fallback=True),
            id="groups without phones reach nobody",
        ),
        pytest.param(
            [Receiver.ON_DUTY, "daughter"],
            [DAY, DAUGHTER, BACKUP_DAY, BOSS],
            MIDNIGHT,
            Resolution(
                groups=("daughter", "backup_day"),
                phones=("daughter-phone", "backup_day-phone"),
                no_one_on_duty=True,
                fallback=True,
            ),
            id="backup is added to other receivers",
        ),
        pytest.param(
            [Receiver.ON_DUTY, "daughter"],
            [DAY, DAUGHTER, BOSS],
            MIDNIGHT,
            Resolution(
                groups=("daughter", "boss"),
                phones=("daughter-phone", "boss-phone"),
                no_one_on_duty=True,
                fallback=True,
            ),
            id="else larmansvarig is added to other receivers",
        ),
        pytest.param(
            [Receiver.ON_DUTY, "daughter"],
            [DAY, DAUGHTER],
            MIDNIGHT,
            Resolution(groups=("daughter",), phones=("daughter-phone",), no_one_on_duty=True, fallback=True),
            id="staff off duty is left alone while somebody is reached",
        ),
        pytest.param(
            [Receiver.RELATIVE],
            [DAY, DAUGHTER],
            MIDNIGHT,
            Resolution(groups=("day",), phones=("day-1", "day-2"), no_one_on_duty=False, fallback=True),
            id="relative out of hours: staff, and nobody missed on duty",
        ),
        pytest.param(
            ["gone"],
            [BACKUP_DAY, DAY],
            NOON,
            Resolution(groups=("backup_day",), phones=("backup_day-phone",), no_one_on_duty=False, fallback=True),
            id="only an unknown group",
        ),
        pytest.param(
            [],
            [DAY],
            NOON,
            Resolution(groups=("day",), phones=("day-1", "day-2"), no_one_on_duty=False, fallback=True),
            id="no receivers at all",
        ),
    ],
)
def test_somebody_is_always_reached(
    receivers: list[str], groups: list[ReceiverGroup], at: datetime, expected: Resolution
) -> None:
    """A fallback group always exists, and that nobody was on duty is told (R012.6)."""
    assert resolve(receivers, groups, at, STOCKHOLM) == expected


wall_minutes = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
duties = st.one_of(st.just(ALL_DAY), st.builds(duty_window, wall_minutes, wall_minutes))
receiver_groups = st.builds(
    ReceiverGroup,
    group_id=st.sampled_from(["g1", "g2", "g3", "g4"]),
    name=st.just("Group"),
    role=st.sampled_from(Role),
    duty=duties,
    phones=st.lists(st.sampled_from(["p1", "p2", "p3"]), max_size=2, unique=True).map(tuple),
)
rotas = st.lists(receiver_groups, max_size=4, unique_by=lambda found: found.group_id)
instants = st.one_of(
    st.datetimes(datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2027-01-01"), timezones=st.just(UTC)),
    st.integers(-180, 180).map(lambda minutes: datetime(2026, 10, 25, 1, tzinfo=UTC) + minutes * MINUTE),
    st.integers(-180, 180).map(lambda minutes: datetime(2026, 3, 29, 1, tzinfo=UTC) + minutes * MINUTE),
)


@given(receivers=st.lists(st.sampled_from([*Receiver, "g1", "g2", "gone"]), max_size=3), groups=rotas, at=instants)
@settings(max_examples=100, deadline=None)
def test_a_phone_is_found_whenever_there_is_one(
    receivers: list[str], groups: list[ReceiverGroup], at: datetime
) -> None:
    """Never silence: whatever is asked, if any group has a phone, one is told (R012.6)."""
    found = resolve(receivers, groups, at, STOCKHOLM)
    assert bool(found.phones) is any(each.phones for each in groups)
    assert len(set(found.phones)) == len(found.phones)
    assert len(set(found.groups)) == len(found.groups)


def test_the_default_shifts_leave_neither_gap_nor_overlap() -> None:
    """06:46-21:29 and 21:30-06:45 fit (R013.2)."""
    assert calc_coverage([DAY, NIGHT], Role.STAFF) == Coverage(gaps=(), overlaps=())


WHOLE_DAY = (time(0), time(23, 59))


@pytest.mark.parametrize(
    ("groups", "gaps", "overlaps"),
    [
        pytest.param([], [WHOLE_DAY], [], id="no group"),
        pytest.param([BACKUP_DAY, BACKUP_NIGHT], [WHOLE_DAY], [], id="no group of the role"),
        pytest.param([group("a"), group("b")], [], [WHOLE_DAY], id="two all day"),
        pytest.param([MUTE], [WHOLE_DAY], [], id="no phones"),
        pytest.param([DAY], [(time(21, 30), time(6, 45))], [], id="the night, over midnight"),
        pytest.param([NIGHT], [(time(6, 46), time(21, 29))], [], id="the day"),
        pytest.param(
            [group("a", duty=hours("08:00-15:59")), group("b", duty=hours("16:30-23:59"))],
            [(time(0), time(7, 59)), (time(16), time(16, 29))],
            [],
            id="from midnight, and one between",
        ),
        pytest.param(
            [group("a", duty=hours("08:00-11:59")), group("b", duty=hours("13:00-16:59"))],
            [(time(12), time(12, 59)), (time(17), time(7, 59))],
            [],
            id="one between, and one over midnight",
        ),
        pytest.param(
            [DAY, NIGHT, group("c", duty=hours("21:00-22:00")), group("d", duty=hours("22:01-22:10"))],
            [],
            [(time(21), time(22, 10))],
            id="overlaps that touch are one",
        ),
        pytest.param(
            [group("a", duty=hours("23:00-01:00")), group("b", duty=hours("23:30-12:00"))],
            [(time(12, 1), time(22, 59))],
            [(time(23, 30), time(1))],
            id="an overlap over midnight",
        ),
    ],
)
def test_gaps_and_overlaps_of_the_rota(
    groups: list[ReceiverGroup], gaps: list[tuple[time, time]], overlaps: list[tuple[time, time]]
) -> None:
    """Gaps in the rota are found and shown (R011.5)."""
    assert calc_coverage(groups, Role.STAFF) == Coverage(gaps=tuple(gaps), overlaps=tuple(overlaps))


def minutes_of(spans: Sequence[tuple[time, time]]) -> list[int]:
    """List every minute of the day in these spans, as often as it occurs."""
    bounds = [(first.hour * 60 + first.minute, last.hour * 60 + last.minute) for first, last in spans]
    return sorted((first + i) % 1440 for first, last in bounds for i in range((last - first) % 1440 + 1))


@given(groups=rotas, role=st.sampled_from(Role))
@settings(max_examples=60, deadline=None)
@example(groups=[DAY], role=Role.STAFF)
def test_coverage_agrees_with_asking_each_minute(groups: list[ReceiverGroup], role: Role) -> None:
    """Every minute of an ordinary day is in a gap, an overlap or neither, as who is on duty then says."""
    coverage = calc_coverage(groups, role)
    able = [each for each in groups if each.phones]
    numbers = [len(groups_on_duty(able, role, MIDNIGHT + i * MINUTE, STOCKHOLM)) for i in range(1440)]
    assert minutes_of(coverage.gaps) == [i for i, number in enumerate(numbers) if number == 0]
    assert minutes_of(coverage.overlaps) == [i for i, number in enumerate(numbers) if number > 1]


@pytest.mark.parametrize(
    ("at", "change_at"),
    [
        ("2026-06-01T12:00", "2026-06-01T21:30"),
        ("2026-06-01T21:29:59.999", "2026-06-01T21:30"),
        ("2026-06-01T21:30", "2026-06-02T06:46"),
        ("2026-06-02T06:46", "2026-06-02T21:30"),
        ("2026-03-28T21:30", "2026-03-29T06:46"),
    ],
)
def test_the_next_change_of_shift_lies_ahead(at: str, change_at: str) -> None:
    """At a change of shift open alarms go to the incoming group (R013.2)."""
    assert next_change_at([group("always"), DAY, NIGHT], local(at), STOCKHOLM) == local(change_at)


def test_the_change_is_the_start_of_a_group_that_is_off_duty() -> None:
    """Starting changes who is on duty, too."""
    assert next_change_at([BOSS], MIDNIGHT, STOCKHOLM) == local("2026-06-01T08:00")


@pytest.mark.parametrize("groups", [[], [group("always")]])
def test_nothing_changes_if_all_are_always_on_duty(groups: list[ReceiverGroup]) -> None:
    """There is no change of shift to wait for."""
    assert next_change_at(groups, NOON, STOCKHOLM) is None


def test_a_group_stays_on_duty_over_the_repeated_hour() -> None:
    """Duty hours that end and start again inside it do not change anything there."""
    almost_always = group("almost", duty=hours("02:30-02:14"))
    at = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert next_change_at([almost_always], at, STOCKHOLM) == local("2026-10-26T02:15")


def test_a_group_stays_on_duty_over_the_skipped_hour() -> None:
    """Duty hours that end and start again inside it have no pause there."""
    almost_always = group("almost", duty=hours("02:20-02:09"))
    assert next_change_at([almost_always], local("2026-03-28T12:00"), STOCKHOLM) == local("2026-03-30T02:10")


def test_duty_hours_that_the_clock_skips_change_nothing() -> None:
    """02:10-02:49 does not exist on 29 March 2026."""
    short = group("short", duty=hours("02:10-02:49"))
    assert next_change_at([short], local("2026-03-28T12:00"), STOCKHOLM) == local("2026-03-30T02:10")


@given(groups=rotas, at=instants, fraction=st.floats(0, 0.999))
@settings(max_examples=100, deadline=None)
def test_nobody_goes_on_or_off_duty_before_the_next_change(
    groups: list[ReceiverGroup], at: datetime, fraction: float
) -> None:
    """Until the change those on duty stay; at the change somebody comes or goes."""
    shifting = [*groups, DAY]
    change_at = next_change_at(shifting, at, STOCKHOLM)
    assert change_at is not None
    assert change_at > at

    def on_duty(then: datetime) -> list[str]:
        return [each.group_id for each in shifting if each.duty.contains(then, STOCKHOLM)]

    assert on_duty(at + fraction * (change_at - at)) == on_duty(at)
    assert on_duty(change_at) != on_duty(at)
