"""Windows over midnight and over the changes to and from summer time."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from hypothesis import assume, example, given, settings, strategies as st
import pytest

from custom_components.homecare_h2o.core.errors import HomeCareError
from custom_components.homecare_h2o.core.windows import ALL_DAY, BadWindowError, Window, elapsed

STOCKHOLM = ZoneInfo("Europe/Stockholm")
# Clocks set back over midnight, set forward at midnight, by half an hour, and by a whole day.
ZONES = ("Europe/Stockholm", "America/St_Johns", "America/Santiago", "Australia/Lord_Howe", "Pacific/Apia", "UTC")
SPRING = date(2026, 3, 29)
AUTUMN = date(2026, 10, 25)

wall_times = st.times(min_value=time(0), max_value=time(23, 59)).map(lambda wall: wall.replace(microsecond=0))
windows = st.one_of(
    st.just(ALL_DAY),
    st.lists(wall_times, min_size=2, max_size=2, unique=True).map(lambda ends: Window(start=ends[0], end=ends[1])),
)
night_windows = st.lists(
    st.integers(0, 8 * 60 - 1).map(lambda minute: time((20 + minute // 60) % 24, minute % 60)),
    min_size=2,
    max_size=2,
    unique=True,
).map(lambda ends: Window(start=ends[0], end=ends[1]))
changes = st.sampled_from([datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)])
near_changes = st.builds(
    lambda change_at, minutes: change_at + timedelta(minutes=minutes), changes, st.integers(-26 * 60, 26 * 60)
)
any_instants = st.datetimes(
    min_value=datetime.fromisoformat("2005-01-01"),
    max_value=datetime.fromisoformat("2035-01-01"),
    timezones=st.just(UTC),
)
zones = st.sampled_from(ZONES).map(ZoneInfo)


def window(start: str, end: str) -> Window:
    """Make a window of two wall times."""
    return Window(start=time.fromisoformat(start), end=time.fromisoformat(end))


def utc(text: str) -> datetime:
    """Make an instant of an ISO text in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end"), [(time(6), None), (None, time(10)), (time(0), time(0)), (time(8, 30), time(8, 30))]
)
def test_a_window_that_could_mean_always_or_never_is_refused(start: time | None, end: time | None) -> None:
    """All day is its own value, not 00:00-00:00."""
    with pytest.raises(BadWindowError) as refusal:
        Window(start=start, end=end)
    assert isinstance(refusal.value, HomeCareError)
    assert isinstance(refusal.value, ValueError)
    assert refusal.value.translation_key == "bad_window"


def test_all_day_is_neither_start_nor_end() -> None:
    """Only the window without ends is all day."""
    assert Window() == ALL_DAY
    assert ALL_DAY.all_day
    assert not window("00:00", "23:59").all_day


@pytest.mark.parametrize(
    ("start", "end", "length"),
    [
        ("06:00", "10:00", timedelta(hours=4)),
        ("21:30", "06:46", timedelta(hours=9, minutes=16)),
        ("02:30", "02:29", timedelta(hours=23, minutes=59)),
    ],
)
def test_ordinary_length_counts_over_midnight(start: str, end: str, length: timedelta) -> None:
    """The length is that of a day without a change of the clock."""
    assert window(start, end).ordinary_length == length


def test_all_day_is_a_day_long() -> None:
    """All day has a length, too."""
    assert ALL_DAY.ordinary_length == timedelta(days=1)


@pytest.mark.parametrize(
    ("start", "end", "at", "inside"),
    [
        ("06:00", "10:00", "2026-06-01T03:59:59.999999", False),
        ("06:00", "10:00", "2026-06-01T04:00:00", True),
        ("06:00", "10:00", "2026-06-01T07:59:59.999999", True),
        ("06:00", "10:00", "2026-06-01T08:00:00", False),
        ("21:30", "06:46", "2026-01-10T20:29:59.999999", False),
        ("21:30", "06:46", "2026-01-10T20:30:00", True),
        ("21:30", "06:46", "2026-01-11T05:45:59.999999", True),
        ("21:30", "06:46", "2026-01-11T05:46:00", False),
        # The repeated hour of 25 October, 00:00-02:00 UTC: from the first showing of a start to the second of an end.
        ("02:30", "06:00", "2026-10-25T00:29:59", False),
        ("02:30", "06:00", "2026-10-25T00:30:00", True),
        ("02:30", "06:00", "2026-10-25T01:15:00", True),
        ("22:00", "02:30", "2026-10-25T00:45:00", True),
        ("22:00", "02:30", "2026-10-25T01:29:59", True),
        ("22:00", "02:30", "2026-10-25T01:30:00", False),
        # The skipped hour of 29 March ends at 01:00 UTC.
        ("02:30", "06:00", "2026-03-29T00:59:59", False),
        ("02:30", "06:00", "2026-03-29T01:00:00", True),
        ("22:00", "02:30", "2026-03-29T00:59:59", True),
        ("22:00", "02:30", "2026-03-29T01:00:00", False),
        ("02:15", "02:45", "2026-03-29T01:00:00", False),
    ],
)
def test_a_window_is_half_open_by_the_wall_clock(start: str, end: str, at: str, *, inside: bool) -> None:
    """Inside from the start up to, not including, the end."""
    assert window(start, end).contains(utc(at), STOCKHOLM) is inside


@pytest.mark.parametrize(
    ("opening", "day", "start_at", "end_at"),
    [
        (window("06:00", "10:00"), date(2026, 1, 1), "2026-01-01T05:00", "2026-01-01T09:00"),
        (window("22:00", "06:00"), SPRING - timedelta(days=1), "2026-03-28T21:00", "2026-03-29T04:00"),
        (window("22:00", "06:00"), AUTUMN - timedelta(days=1), "2026-10-24T20:00", "2026-10-25T05:00"),
        (window("02:30", "06:00"), SPRING, "2026-03-29T01:00", "2026-03-29T04:00"),
        (window("22:00", "02:30"), SPRING - timedelta(days=1), "2026-03-28T21:00", "2026-03-29T01:00"),
        (window("02:15", "02:45"), SPRING, "2026-03-29T01:00", "2026-03-29T01:00"),
        (window("02:30:00.5", "03:30"), SPRING, "2026-03-29T01:00", "2026-03-29T01:30"),
        (window("02:30", "06:00"), AUTUMN, "2026-10-25T00:30", "2026-10-25T05:00"),
        (window("22:00", "02:30"), AUTUMN - timedelta(days=1), "2026-10-24T20:00", "2026-10-25T01:30"),
        (window("02:15", "02:45"), AUTUMN, "2026-10-25T00:15", "2026-10-25T01:45"),
        (ALL_DAY, date(2026, 6, 1), "2026-05-31T22:00", "2026-06-01T22:00"),
        (ALL_DAY, SPRING, "2026-03-28T23:00", "2026-03-29T22:00"),
        (ALL_DAY, AUTUMN, "2026-10-24T22:00", "2026-10-25T23:00"),
    ],
)
def test_the_occurrence_of_a_day(opening: Window, day: date, start_at: str, end_at: str) -> None:
    """A skipped time is the end of the gap; a repeated one is the first for a start, the second for an end."""
    occurrence = opening.occurrence(day, STOCKHOLM)
    assert (occurrence.start_at, occurrence.end_at) == (utc(start_at), utc(end_at))


@pytest.mark.parametrize(
    ("evening", "hours"), [(SPRING - timedelta(days=1), 8), (date(2026, 1, 10), 9), (AUTUMN - timedelta(days=1), 10)]
)
def test_the_night_shift_lasts_an_hour_less_or_more_over_a_change(evening: date, hours: int) -> None:
    """21:30-06:46 is 8 h 16 in spring, 9 h 16 normally, 10 h 16 in autumn (larmplan)."""
    shift = window("21:30", "06:46").occurrence(evening, STOCKHOLM)
    assert elapsed(shift) == timedelta(hours=hours, minutes=16)


@given(opening=st.one_of(windows, night_windows), at=st.one_of(any_instants, near_changes), tz=zones)
@settings(max_examples=100, deadline=None)
@example(opening=window("02:30", "02:15"), at=utc("2026-10-25T01:14"), tz=STOCKHOLM)
@example(opening=window("23:45", "23:30"), at=utc("2010-11-07T02:30:30"), tz=ZoneInfo("America/St_Johns"))
@example(opening=window("00:00", "06:00"), at=utc("2010-11-07T02:45"), tz=ZoneInfo("America/St_Johns"))
@example(opening=window("23:00", "06:00"), at=utc("2011-12-30T10:00"), tz=ZoneInfo("Pacific/Apia"))
def test_contains_agrees_with_the_occurrences(opening: Window, at: datetime, tz: ZoneInfo) -> None:
    """An instant is inside exactly if some occurrence of the days around covers it."""
    days = [at.astimezone(tz).date() + timedelta(days=offset) for offset in range(-3, 4)]
    occurrences = [opening.occurrence(day, tz) for day in days]
    covered = any(occurrence.start_at <= at < occurrence.end_at for occurrence in occurrences)
    assert opening.contains(at, tz) is covered


@given(opening=windows, at=st.one_of(any_instants, near_changes))
@settings(max_examples=100, deadline=None)
def test_contains_follows_the_wall_clock_but_for_the_repeated_hour(opening: Window, at: datetime) -> None:
    """What the clock on the wall shows decides, if it shows it once."""
    local = at.astimezone(STOCKHOLM)
    assume(local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset())
    assert opening.contains(at, STOCKHOLM) is opening.covers(local.time())


@given(opening=windows, at=st.one_of(any_instants, near_changes))
@settings(max_examples=100, deadline=None)
def test_nothing_that_the_wall_clock_shows_inside_goes_unwatched(opening: Window, at: datetime) -> None:
    """In the repeated hour a window may be open longer, never shorter."""
    assert opening.contains(at, STOCKHOLM) >= opening.covers(at.astimezone(STOCKHOLM).time())


@given(opening=st.one_of(windows, night_windows), at=st.one_of(any_instants, near_changes), tz=zones)
@settings(max_examples=100, deadline=None)
@example(opening=window("23:45", "23:30"), at=utc("2010-11-07T02:30:30"), tz=ZoneInfo("America/St_Johns"))
def test_occurrences_come_in_order_without_a_day_left_out(opening: Window, at: datetime, tz: ZoneInfo) -> None:
    """The first one ends after the instant, and each day after has its own."""
    occurrences = list(islice(opening.occurrences_from(at, tz), 5))
    first_day = occurrences[0].start_at.astimezone(tz).date()
    known = [opening.occurrence(first_day + timedelta(days=offset), tz) for offset in range(-4, 10)]
    assert occurrences == [occurrence for occurrence in known if occurrence.end_at > at][:5]
    assert all(earlier.start_at <= later.start_at for earlier, later in pairwise(occurrences))
    assert all(timedelta() <= elapsed(occurrence) for occurrence in occurrences)


@given(at=st.one_of(any_instants, near_changes), tz=zones)
@settings(max_examples=50, deadline=None)
def test_all_day_neither_pauses_nor_overlaps(at: datetime, tz: ZoneInfo) -> None:
    """Each day ends at the instant the next one starts."""
    days = list(islice(ALL_DAY.occurrences_from(at, tz), 5))
    assert days[0].start_at <= at < days[0].end_at
    assert all(earlier.end_at == later.start_at for earlier, later in pairwise(days))
