"""Led light: lamps go on at motion in the night, off after the last, and a hand's lamp stays the hand's."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from custom_components.homecare_h2o.core.detection import BadRuleError
from custom_components.homecare_h2o.core.detection.led_light import (
    STUCK_AFTER,
    Role,
    Seen,
    check,
    check_dark_below,
    is_daylight,
    moving,
    next_on_at,
    observe,
)

from .led_home import HOUR, NIGHT, NOT_AT_ALL, SECOND, Home, local
from .samples import MINUTE, STOCKHOLM

ONE = ("bed",)


# --- on and off -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "until", "log"),
    [
        pytest.param("22:00", "22:01", ["22:00:00 bed on", "22:21:00 bed off"], id="in the night"),
        pytest.param("20:00", "20:00", ["20:00:00 bed on", "20:20:00 bed off"], id="as the window opens"),
        pytest.param("19:50", "19:59", [], id="before it"),
        pytest.param("19:50", "20:10", ["20:00:00 bed on", "20:30:00 bed off"], id="into it"),
        pytest.param("19:59", "20:00", ["20:00:00 bed on", "20:20:00 bed off"], id="until it opens"),
        pytest.param("2026-06-02T07:59:59", "2026-06-02T08:05", ["07:59:59 bed on", "08:25:00 bed off"], id="past it"),
        pytest.param("2026-06-02T08:00", "2026-06-02T08:05", [], id="as it closes"),
        pytest.param("22:00", "2026-06-02T01:59", ["22:00:00 bed on", "02:19:00 bed off"], id="for hours"),
        pytest.param("22:00", "2026-06-02T05:00", ["22:00:00 bed on", "02:20:00 bed off"], id="stuck"),
    ],
)
def test_lamps_are_lit_at_motion_and_off_some_time_after(since: str, until: str, log: list[str]) -> None:
    """The last motion counts, and a sensor that is on for ever is broken."""
    assert Home(lamps=ONE).moves(since, until).at("2026-06-02T12:00").log == log


@pytest.mark.parametrize(
    ("do", "log"),
    [
        pytest.param(
            lambda home: home.moves("22:00", "22:01").moves("22:10", "22:11"),
            ["22:00:00 bed on", "22:31:00 bed off"],
            id="again",
        ),
        pytest.param(
            lambda home: home.moves("22:00", "22:01").moves("22:10", "22:11", "two"),
            ["22:00:00 bed on", "22:31:00 bed off"],
            id="another sensor",
        ),
        pytest.param(
            lambda home: home.at("22:00").motion(False, True).moves("22:01", "22:02", "two").at("22:40").motion(False),
            ["22:00:00 bed on", "23:00:00 bed off"],
            id="one goes on",
        ),
        pytest.param(
            lambda home: home.moves("22:00", "22:01").moves("22:21", "22:22"),
            ["22:00:00 bed on", "22:21:00 bed off", "22:21:00 bed on", "22:42:00 bed off"],
            id="at the deadline",
        ),
        pytest.param(lambda home: home.at("22:00").motion(True), [], id="on when it is discovered"),
        pytest.param(lambda home: home.at("22:00").motion(False, None, True), [], id="came back on"),
        pytest.param(lambda home: home.at("22:00").motion(False).motion(True, restored=True), [], id="restored"),
        pytest.param(lambda home: home.at("22:00").motion(None, False), [], id="came back off"),
        pytest.param(
            lambda home: home.at("22:00").motion(False, True).at("22:05").motion(None),
            ["22:00:00 bed on", "22:25:00 bed off"],
            id="fell silent",
        ),
        pytest.param(
            lambda home: home.at("22:00").motion(False, True).at("22:05").motion(None, None).at("22:15").motion(None),
            ["22:00:00 bed on", "22:25:00 bed off"],
            id="is silent all the time",
        ),
        pytest.param(
            lambda home: (
                home.at("22:00").motion(False, True).at("22:05").motion(None, True).at("22:08").motion(False, False)
            ),
            ["22:00:00 bed on", "22:28:00 bed off"],
            id="a blip",
        ),
        pytest.param(
            lambda home: home.at("22:00").motion(False, True).at("22:05").motion(None).at("22:10").motion(False),
            ["22:00:00 bed on", "22:25:00 bed off"],
            id="ended in silence",
        ),
        pytest.param(
            lambda home: home.at("22:00").motion(False, True).at("22:05").motion(None).at("23:00").motion(True),
            ["22:00:00 bed on", "22:25:00 bed off"],
            id="came back on in the dark",
        ),
        pytest.param(
            lambda home: (
                home.moves("22:00", "22:01").at("22:02").motion(True).at("22:05").motion(None).at("23:00").motion(True)
            ),
            ["22:00:00 bed on", "22:25:00 bed off"],
            id="came back on in the dark after two motions",
        ),
        pytest.param(
            lambda home: home.at("22:00").motion(False, True).at("2026-06-02T02:10").motion(None),
            ["22:00:00 bed on", "02:20:00 bed off"],
            id="was stuck before it fell silent",
        ),
        pytest.param(
            lambda home: (
                home.lamp(None)
                .at("22:00")
                .motion(False, True, None)
                .lamp(False)
                .at("22:00:05")
                .motion(True)
                .at("22:01")
                .motion(False)
            ),
            ["22:00:05 bed on", "22:21:00 bed off"],
            id="the lamp came back in a blip of the sensor",
        ),
    ],
)
def test_what_is_motion(do: Callable[[Home], Home], log: list[str]) -> None:
    """An off that turns into an on; what cannot be heard is none."""
    assert do(Home(lamps=ONE)).at("2026-06-02T12:00").log == log


def test_every_lamp_that_is_off_is_lit() -> None:
    """One that is on already is left alone, and stays on."""
    home = Home().lamp(True, source="hall").moves("22:00", "22:01").at("23:00")
    assert (home.log, home.shown["hall"]) == (["22:00:00 bed on", "22:21:00 bed off"], True)


def test_the_sensors_that_see_motion_are_told() -> None:
    """Not those that are silent, quiet or stuck."""
    home = Home().at("21:00").motion(False, True, source="old").at("22:00").motion(False, True, source="b")
    home.motion(False, True, source="a").motion(False, source="c").motion(False, True, None, source="d")
    assert moving(home.facts, home.now) == ("a", "b", "old")
    assert moving(home.facts, local("21:00") + STUCK_AFTER) == ("a", "b")


@pytest.mark.parametrize(
    ("begin", "until", "on", "off"),
    [
        pytest.param(("2026-10-25T02:50", 0), ("2026-10-25T02:50", 0), "02:50:00", "02:10:00", id="into the second"),
        pytest.param(("2026-10-25T02:50", 1), ("2026-10-25T02:50", 1), "02:50:00", "03:10:00", id="out of it"),
        pytest.param(("2026-03-29T01:50", 0), ("2026-03-29T01:50", 0), "01:50:00", "03:10:00", id="spring"),
    ],
)
def test_a_change_of_the_clock_moves_no_deadline(
    begin: tuple[str, int], until: tuple[str, int], on: str, off: str
) -> None:
    """Twenty minutes are twenty minutes."""
    home = Home(begin="2026-03-28T12:00", lamps=ONE).at(local(*begin)).motion(False, True)
    home.at(local(*until)).motion(False)
    assert home.at(local(*until) + 20 * MINUTE).log == [f"{on} bed on", f"{off} bed off"]


# --- hands --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("do", "log"),
    [
        pytest.param(lambda home: home.lamp(True).moves("22:00", "22:01"), [], id="lit before"),
        pytest.param(
            lambda home: home.moves("22:00", "22:01").lamp(False, True), ["22:00:00 bed on"], id="off and on by hand"
        ),
        pytest.param(
            lambda home: home.at("22:00").motion(False, True).at("22:05").lamp(False).at("22:08").motion(False),
            ["22:00:00 bed on"],
            id="turned off by hand",
        ),
        pytest.param(
            lambda home: home.at("22:00").motion(False, True).at("22:00:05").lamp(False, True).motion(False),
            ["22:00:00 bed on"],
            id="off and on by hand at once",
        ),
        pytest.param(
            lambda home: home.moves("22:00", "22:01").lamp(False).moves("22:05", "22:06"),
            ["22:00:00 bed on", "22:05:00 bed on", "22:26:00 bed off"],
            id="turned off by hand, then motion",
        ),
        pytest.param(
            lambda home: home.moves("22:00", "22:01").lamp(True, by_hand=True), ["22:00:00 bed on"], id="set by hand"
        ),
        pytest.param(
            lambda home: home.moves("22:00", "22:01").lamp(True), ["22:00:00 bed on", "22:21:00 bed off"], id="repeats"
        ),
        pytest.param(
            lambda home: home.lamp(True).at("22:00").motion(False, True).at("22:05").lamp(False), [], id="a hand's off"
        ),
        pytest.param(
            lambda home: home.moves("22:00", "22:01").lamp(None, True),
            ["22:00:00 bed on", "22:21:00 bed off"],
            id="a blip of the lamp",
        ),
        pytest.param(
            lambda home: home.moves("22:00", "22:01").lamp(None, True, by_hand=True),
            ["22:00:00 bed on"],
            id="a blip, and a hand",
        ),
        pytest.param(
            lambda home: home.moves("22:00", "22:01").lamp(None).at("23:00").lamp(True),
            ["22:00:00 bed on", "23:00:00 bed off"],
            id="was away at the deadline",
        ),
        pytest.param(
            lambda home: home.moves("22:00", "22:01").lamp(None).at("23:00").lamp(False, True),
            ["22:00:00 bed on"],
            id="went off while it was away",
        ),
        pytest.param(lambda home: home.lamp(None, True).moves("22:00", "22:01"), [], id="came back lit"),
        pytest.param(lambda home: home.lamp(None).moves("22:00", "22:01"), [], id="cannot be reached"),
        pytest.param(
            lambda home: home.lamp(None).at("22:00").motion(False, True).at("22:03").lamp(False),
            ["22:03:00 bed on", "02:20:00 bed off"],
            id="came back while somebody moves",
        ),
        pytest.param(
            lambda home: home.lamp(None).at("2026-06-02T07:50").motion(False, True).at("2026-06-02T08:00").lamp(False),
            [],
            id="came back in the morning",
        ),
    ],
)
def test_whose_lamp_it_is(do: Callable[[Home], Home], log: list[str]) -> None:
    """What a hand has lit stays lit."""
    home = do(Home(lamps=ONE))
    assert home.at(home.now + 5 * HOUR).log == log


@pytest.mark.parametrize(
    ("answers_after", "how", "log"),
    [
        pytest.param(10 * SECOND, {}, ["22:00:00 bed on", "22:21:00 bed off"], id="in time"),
        pytest.param(11 * SECOND, {}, ["22:00:00 bed on"], id="too late"),
        pytest.param(SECOND, {"by_hand": True}, ["22:00:00 bed on"], id="by hand"),
    ],
)
def test_a_lamp_that_takes_its_time(answers_after: timedelta, how: dict[str, Any], log: list[str]) -> None:
    """What comes long after the request is somebody else's doing."""
    home = Home(lamps=ONE)
    home.obeys = False
    home.at("22:00").motion(False, True).at(home.now + answers_after).lamp(True, **how).at("22:01").motion(False)
    assert home.at("2026-06-02T12:00").log == log


def test_a_lamp_that_does_not_go_off_is_told_again_only_after_the_next_motion() -> None:
    """Not each moment."""
    home = Home(lamps=ONE).moves("22:00", "22:01")
    home.obeys = False
    home.at("23:00").moves("23:10", "23:11").at("23:40")
    assert home.log == ["22:00:00 bed on", "22:21:00 bed off", "23:31:00 bed off"]


def test_motion_while_the_lamp_goes_off_lights_it_again() -> None:
    """The person must not stand in the dark."""
    home = Home(lamps=ONE).moves("22:00", "22:01")
    home.obeys = False
    home.at("22:21").motion(True)
    home.obeys = True
    home.lamp(False)
    assert home.log == ["22:00:00 bed on", "22:21:00 bed off", "22:21:00 bed on"]


def test_a_lamp_that_is_off_when_its_sensor_turns_out_to_be_stuck_stays_off() -> None:
    """The motion is long over."""
    home = Home(lamps=ONE).lamp(None).at("22:00").motion(False, True).at("2026-06-02T02:00").lamp(False)
    assert home.at("2026-06-02T07:00").log == NOT_AT_ALL


# --- daylight -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("do", "log"),
    [
        pytest.param(lambda home: home.daylight(True).moves("21:00", "21:05"), [], id="light"),
        pytest.param(
            lambda home: home.daylight(False).moves("21:00", "21:05"),
            ["21:00:00 bed on", "21:25:00 bed off"],
            id="dark",
        ),
        pytest.param(
            lambda home: home.daylight(True, None).moves("21:00", "21:05"),
            ["21:00:00 bed on", "21:25:00 bed off"],
            id="says nothing",
        ),
        pytest.param(
            lambda home: home.daylight(True).daylight(False, source="sun").moves("21:00", "21:05"), [], id="one of two"
        ),
        pytest.param(
            lambda home: home.daylight(True).at("21:00").motion(False, True).at("21:10").daylight(False),
            ["21:10:00 bed on", "01:20:00 bed off"],
            id="gets dark during the motion",
        ),
        pytest.param(
            lambda home: home.daylight(True).moves("21:00", "21:05").at("21:10").daylight(False),
            [],
            id="gets dark after it",
        ),
        pytest.param(
            lambda home: (
                home.daylight(False)
                .at("21:00")
                .motion(False, True)
                .daylight(True)
                .at("21:05")
                .lamp(False)
                .daylight(False)
                .at("21:06")
                .motion(False)
            ),
            ["21:00:00 bed on"],
            id="the lamp itself is the light",
        ),
        pytest.param(
            lambda home: home.daylight(False).moves("21:00", "21:05").daylight(True),
            ["21:00:00 bed on", "21:25:00 bed off"],
            id="it gets light",
        ),
    ],
)
def test_nothing_is_lit_in_daylight(do: Callable[[Home], Home], log: list[str]) -> None:
    """While somebody says that it is light."""
    assert do(Home(lamps=ONE)).at("2026-06-02T12:00").log == log


def test_it_is_due_when_it_gets_dark() -> None:
    """Not when the motion began: that would be late."""
    home = Home(lamps=ONE).daylight(True).at("21:00").motion(False, True).at("21:10")
    seen = Seen(role=Role.DAYLIGHT, source="lux", on=False, at=local("21:10"))
    assert next_on_at(NIGHT, observe(home.facts, seen), STOCKHOLM) == local("21:10")


@pytest.mark.parametrize(
    ("lux", "light"), [(20.0, True), (19.9, False), (0.0, False), (None, None), (float("nan"), None)]
)
def test_a_light_sensor_says_whether_it_is_light(lux: float | None, light: bool | None) -> None:
    """From its limit on."""
    assert is_daylight(lux, 20) is light


# --- settings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("off_after", [timedelta(), -SECOND])
def test_lamps_that_would_not_stay_lit_are_refused(off_after: timedelta) -> None:
    """With a reason."""
    with pytest.raises(BadRuleError) as refusal:
        check(replace(NIGHT, off_after=off_after))
    assert refusal.value.translation_key == "off_after_not_positive"


@pytest.mark.parametrize("dark_below", [0, -1, float("nan")])
def test_a_limit_that_it_is_never_below_is_refused(dark_below: float) -> None:
    """With a reason."""
    with pytest.raises(BadRuleError) as refusal:
        check_dark_below(dark_below)
    assert refusal.value.translation_key == "dark_below_not_positive"


def test_the_default_is_accepted() -> None:
    """As the larmplan has it."""
    check(NIGHT)
    check_dark_below(20)


# --- restarts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("do", "log"),
    [
        pytest.param(
            lambda home: home.moves("22:00", "22:01").restart("22:05", "22:06"),
            ["22:00:00 bed on", "22:21:00 bed off"],
            id="before the deadline",
        ),
        pytest.param(
            lambda home: home.moves("22:00", "22:01").restart("22:05", "23:00"),
            ["22:00:00 bed on", "23:00:00 bed off"],
            id="down at the deadline",
        ),
        pytest.param(
            lambda home: home.moves("22:00", "22:01").restart("22:05", "23:00", bed=None).at("23:01").lamp(True),
            ["22:00:00 bed on", "23:01:00 bed off"],
            id="the lamp comes later",
        ),
        pytest.param(
            lambda home: home.moves("22:00", "22:01").restart("22:05", "23:00", bed=False).lamp(True),
            ["22:00:00 bed on"],
            id="turned off meanwhile, then lit by hand",
        ),
        pytest.param(
            lambda home: home.at("22:00").motion(False, True).restart("22:05", "22:10", pir=False),
            ["22:00:00 bed on", "22:25:00 bed off"],
            id="the motion ended meanwhile",
        ),
        pytest.param(
            lambda home: home.at("22:00").motion(False, True).restart("22:05", "23:00", pir=None),
            ["22:00:00 bed on", "23:00:00 bed off"],
            id="the sensor is gone",
        ),
        pytest.param(
            lambda home: home.at("22:00").motion(False, True).restart("22:05", "23:00").at("23:10").motion(False),
            ["22:00:00 bed on", "23:30:00 bed off"],
            id="the motion goes on",
        ),
        pytest.param(lambda home: home.motion(False).restart("22:00", "22:05", pir=True), [], id="on at the start"),
        pytest.param(lambda home: home.motion(False).restart("22:00", "22:05", bed=True), [], id="lit meanwhile"),
        pytest.param(
            lambda home: home.at("19:50").motion(False, True).restart("19:55", "20:10").at("20:11").motion(False),
            ["20:10:00 bed on", "20:31:00 bed off"],
            id="down as the window opened",
        ),
        pytest.param(
            lambda home: (
                home.at("2026-06-02T07:59").lamp(None).motion(False, True).restart("07:59", "2026-06-02T08:01")
            ),
            [],
            id="down until the window closed",
        ),
    ],
)
def test_a_restart(do: Callable[[Home], Home], log: list[str]) -> None:
    """What the rule lit goes off at its deadline or, if nobody was there, right at the start."""
    assert do(Home(lamps=ONE)).at("2026-06-02T12:00").log == log


@pytest.mark.parametrize(
    ("lit", "log"),
    [
        pytest.param(True, ["22:00:00 bed on", "02:20:00 bed off"], id="it had reached the lamp"),
        pytest.param(False, ["22:00:00 bed on", "22:00:40 bed on", "02:20:00 bed off"], id="it had not"),
    ],
)
def test_a_restart_in_the_second_in_which_a_lamp_is_lit(lit: bool, log: list[str]) -> None:
    """Its answer was never heard."""
    home = Home(lamps=ONE)
    home.obeys = False
    home.at("22:00").motion(False, True)
    home.obeys = True
    home.restart("22:00:01", "22:00:40", bed=lit)
    assert home.at("2026-06-02T12:00").log == log


def test_a_lamp_that_did_not_answer_before_a_restart_is_a_hands() -> None:
    """It was lit while nobody watched."""
    home = Home(lamps=ONE)
    home.obeys = False
    home.at("22:00").motion(False, True)
    home.restart("22:00:11", "22:10", bed=True)
    assert home.at("2026-06-02T12:00").log == ["22:00:00 bed on"]


def test_a_restart_in_the_second_in_which_a_lamp_goes_off() -> None:
    """It is told again."""
    home = Home(lamps=ONE).moves("22:00", "22:01")
    home.obeys = False
    home.at("22:21")
    home.obeys = True
    home.restart("22:21", "22:22", bed=True)
    assert home.at("2026-06-02T12:00").log == ["22:00:00 bed on", "22:21:00 bed off", "22:22:00 bed off"]


def test_lamps_without_any_motion_go_off_some_time_after_they_were_lit() -> None:
    """No lamp is lit for ever, whatever is remembered of the sensors."""
    home = Home(lamps=ONE).at("22:00").motion(False, True)
    home.facts = replace(home.facts, sensors=())
    assert home.at("23:00").log == ["22:00:00 bed on", "22:20:00 bed off"]
