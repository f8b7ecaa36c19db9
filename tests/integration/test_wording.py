"""What is written on a phone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import re

from homeassistant.core import HomeAssistant
import pytest

from custom_components.homecare_h2o.core.alarm import Alarm
from custom_components.homecare_h2o.core.answers import Answer
from custom_components.homecare_h2o.core.escalation import AlarmType, EscalationPlan, Level
from custom_components.homecare_h2o.core.messages import MessageKind
from custom_components.homecare_h2o.wording import Wording

AT = datetime(2026, 11, 2, 11, tzinfo=UTC)
PLAN = EscalationPlan(
    levels=(Level(delay=timedelta(0), receivers=("on_duty",)),),
    repeat_every=timedelta(minutes=5),
    response_time=timedelta(minutes=30),
)
ALARM = Alarm(
    alarm_id="1",
    brukare_id="1",
    alarm_type=AlarmType.FIRE,
    rule="fire",
    due_at=AT,
    raised_at=AT,
    late=False,
    message=None,
    sources=(),
    plan=PLAN,
    secret="secret",
    base_at=AT,
    shift_at=AT,
)
KEY = re.compile(r"[a-z]+_[a-z_]+|[{}]")
"""What is left where a text is missing."""


@pytest.fixture(params=["sv", "en"])
async def wording(hass: HomeAssistant, request: pytest.FixtureRequest) -> Wording:
    """Return the texts of each language."""
    hass.config.language = request.param
    return await Wording.async_load(hass)


@pytest.fixture
async def swedish(hass: HomeAssistant) -> Wording:
    """Return the texts in Swedish."""
    return await Wording.async_load(hass)


@pytest.mark.parametrize("alarm_type", list(AlarmType))
@pytest.mark.parametrize("kind", list(MessageKind))
async def test_every_message_has_words(wording: Wording, kind: MessageKind, alarm_type: AlarmType) -> None:
    alarm = replace(ALARM, alarm_type=alarm_type, late=True, level=2, repetitions=3)
    texts = [wording.title("K7-31", alarm), wording.body(kind, alarm, wording.taker(None))]
    assert [KEY.findall(text) for text in texts] == [[], []]


@pytest.mark.parametrize("answer", list(Answer))
async def test_every_button_has_words(wording: Wording, answer: Answer) -> None:
    text = wording.button(answer)
    assert (KEY.findall(text), text != answer) == ([], True)


async def test_a_call_tells_what_when_and_what_to_do(swedish: Wording) -> None:
    assert swedish.body(MessageKind.CALL, ALARM, "") == "BRAND · kl 12:00\nBesök genast. Ring 112 på vägen"


async def test_a_message_of_its_own_comes_first(swedish: Wording) -> None:
    alarm = replace(ALARM, message="Rök i {köket} %s")
    assert swedish.body(MessageKind.CALL, alarm, "").startswith("Rök i {köket} %s · kl 12:00")


async def test_what_else_is_worth_knowing_is_told_below(swedish: Wording) -> None:
    alarm = replace(ALARM, late=True, level=1, repetitions=1)
    assert swedish.body(MessageKind.CALL, alarm, "").splitlines()[2:] == [
        "FÖRSENAT: kunde inte skickas när det hände",
        "Ingen har svarat än (nivå 2)",
        "Har hänt 2 gånger",
    ]
    assert swedish.body(MessageKind.YOURS, alarm, "").splitlines()[2:] == ["Har hänt 2 gånger"]
    assert swedish.body(MessageKind.TAKEN, alarm, "1 Htj").splitlines() == ["Tas av 1 Htj"]


async def test_the_taker_is_named(swedish: Wording) -> None:
    assert (swedish.taker("1 Htj"), swedish.taker(None)) == ("1 Htj", "personal i Home Assistant")


async def test_a_phone_is_named_beside_its_step(swedish: Wording) -> None:
    assert (swedish.step("raised", None), swedish.step("received", "{1}")) == ("larm utlöst", "mottaget ({1})")


async def test_an_alarm_is_told_even_where_there_are_no_texts() -> None:
    wording = Wording({})
    assert wording.body(MessageKind.CALL, ALARM, "") == "call"
    assert wording.title("K7-31", ALARM) == "K7-31 · fire"


async def test_another_language_falls_back_to_english(hass: HomeAssistant) -> None:
    hass.config.language = "de"
    assert (await Wording.async_load(hass)).alarm_type(AlarmType.FIRE) == "FIRE"


async def test_an_alarm_of_another_day_tells_the_day(swedish: Wording) -> None:
    alarm = replace(ALARM, due_at=AT - timedelta(days=1), late=True)
    assert swedish.body(MessageKind.CALL, alarm, "") != swedish.body(MessageKind.CALL, replace(ALARM, late=True), "")
