"""Messages on their way: one phone never delays another, the newest wins."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.homecare_h2o import outbox as outbox_module
from custom_components.homecare_h2o.core.budget import HELD_BACK, RATE_LIMITED
from custom_components.homecare_h2o.core.errors import NotificationError
from custom_components.homecare_h2o.core.messages import Message, MessageKind
from custom_components.homecare_h2o.outbox import Outbox
from tests.core.samples import new_alarm

from .fakes import FakePhones

ALARM = new_alarm()
CLOSED = replace(ALARM, closed_at=ALARM.raised_at + timedelta(minutes=1))
SOON = 0.01


def message(phone_id: str = "p1", kind: MessageKind = MessageKind.CALL, alarm_id: str = "A1") -> Message:
    return Message(kind=kind, phone_id=phone_id, alarm=replace(ALARM, alarm_id=alarm_id))


class Desk:
    """An outbox and what it reported."""

    def __init__(self) -> None:
        self.phones = FakePhones()
        self.reports: list[tuple[str, str, str | None]] = []
        self.tasks: set[asyncio.Task[object]] = set()
        self.outbox = Outbox(self.phones, self._spawn, self.report)
        self.failures = 0

    def _spawn(self, work: Coroutine[object, object, object], name: str) -> asyncio.Task[object]:
        task: asyncio.Task[object] = asyncio.Task(work, loop=asyncio.get_running_loop(), name=name, eager_start=True)
        self.tasks.add(task)
        return task

    async def report(self, told: Message, error: str | None) -> None:
        await asyncio.sleep(0)
        self.reports.append((told.phone_id, told.kind, error))
        if self.failures:
            self.failures -= 1
            raise RuntimeError("report")

    async def settle(self) -> None:
        while any(task not in self.phones.parked for task in self.tasks if not task.done()):  # noqa: ASYNC110
            await asyncio.sleep(0)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    desk = Desk()
    yield desk
    desk.outbox.stop()
    running = [task for task in desk.tasks if not task.done()]
    assert all(task.cancel() for task in running)
    await asyncio.gather(*desk.tasks, return_exceptions=True)


async def test_each_message_is_sent_and_reported(desk: Desk) -> None:
    desk.outbox.put([message("p1"), message("p2")])
    await desk.settle()
    assert sorted(desk.reports) == [("p1", "call", None), ("p2", "call", None)]


async def test_a_message_that_waits_is_replaced_by_a_newer_one(desk: Desk) -> None:
    desk.phones.hung = {"p1"}
    desk.outbox.put([message()])
    await desk.settle()
    desk.outbox.put([message(kind=MessageKind.TAKEN)])
    desk.outbox.put([message(kind=MessageKind.CLEAR)])
    await desk.settle()
    assert desk.phones.heard("p1") == []
    desk.phones.release()
    await desk.settle()
    assert desk.phones.heard("p1") == ["call", "clear"]
    assert [report[1] for report in desk.reports] == ["call", "clear"]


async def test_a_phone_that_hangs_delays_neither_another_phone_nor_another_alarm(desk: Desk) -> None:
    desk.phones.hung = {"p1"}
    desk.outbox.put([message("p1")])
    desk.phones.hung = set()
    desk.outbox.put([message("p2"), message("p1", alarm_id="A2")])
    await desk.settle()
    assert [told.phone_id for told in desk.phones.told] == ["p2", "p1"]


@pytest.mark.usefixtures("impatient")
async def test_a_phone_that_hangs_is_given_up(desk: Desk) -> None:
    desk.phones.hung = {"p1"}
    desk.outbox.put([message()])
    await asyncio.sleep(0.05)
    assert desk.reports == [("p1", "call", "timeout")]


async def test_a_phone_that_is_dead_is_reported(desk: Desk) -> None:
    desk.phones.dead = {"p1"}
    desk.outbox.put([message()])
    await desk.settle()
    assert desk.reports == [("p1", "call", "dead")]


async def test_an_error_that_nobody_expected_is_reported_without_its_text(desk: Desk) -> None:
    desk.phones.broken["p1"] = ValueError("Tess T. Person")
    desk.outbox.put([message()])
    await desk.settle()
    assert desk.reports == [("p1", "call", "ValueError")]


async def test_a_report_that_fails_does_not_keep_the_next_message_back(desk: Desk) -> None:
    desk.failures = 1
    desk.phones.hung = {"p1"}
    desk.outbox.put([message()])
    await desk.settle()
    desk.outbox.put([message(kind=MessageKind.CLEAR)])
    desk.phones.release()
    await desk.settle()
    assert desk.phones.heard("p1") == ["call", "clear"]


async def test_an_outbox_works_on_after_it_was_idle(desk: Desk) -> None:
    desk.outbox.put([message()])
    await desk.settle()
    desk.outbox.put([message(kind=MessageKind.CLEAR)])
    await desk.settle()
    assert desk.phones.heard("p1") == ["call", "clear"]


# --- what failed is tried again ------------------------------------------------------------------


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again after moments instead of seconds."""
    monkeypatch.setattr(outbox_module, "CALL_PAUSES", (SOON, SOON))
    monkeypatch.setattr(outbox_module, "CLEAR_PAUSES", (SOON, SOON, SOON))


def clear(phone_id: str = "p1") -> Message:
    """Return the taking away of an alarm that is over."""
    return Message(kind=MessageKind.CLEAR, phone_id=phone_id, alarm=CLOSED)


def timers(desk: Desk) -> list[float]:
    """Return how long from now something is tried again."""
    now = asyncio.get_running_loop().time()
    return [round(each.timer.when() - now) for each in desk.outbox._attempts.values() if each.timer]


@pytest.mark.usefixtures("hasty")
async def test_a_call_that_failed_is_tried_again_until_it_is_taken_and_reported_once_each(desk: Desk) -> None:
    desk.phones.dead = {"p1"}
    desk.outbox.put([message()])
    await asyncio.sleep(5 * SOON)
    assert desk.reports == [("p1", "call", "dead")]
    desk.phones.dead = set()
    await asyncio.sleep(5 * SOON)
    assert desk.reports == [("p1", "call", "dead"), ("p1", "call", None)]
    assert desk.phones.heard("p1") == ["call"]


async def test_the_pauses_between_calls_grow_and_then_stay(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "SIGN_PAUSE", 0)
    desk.phones.dead = {"p1"}
    desk.outbox.put([message()])
    pauses = []
    for _ in range(8):
        await desk.settle()
        pauses += timers(desk)
        desk.outbox.try_again("p1".__eq__)
    assert pauses == [2, 5, 10, 20, 40, 60, 60, 60]


@pytest.mark.usefixtures("hasty")
async def test_each_reason_is_reported_once_in_each_step(desk: Desk) -> None:
    desk.phones.dead = {"p1"}
    desk.outbox.put([message()])
    await asyncio.sleep(5 * SOON)
    desk.phones.broken["p1"] = ValueError()
    desk.phones.dead = set()
    await asyncio.sleep(5 * SOON)
    later = replace(ALARM, step=1, calls=(("p1", 1),))
    desk.outbox.put([Message(kind=MessageKind.CALL, phone_id="p1", alarm=later)])
    await asyncio.sleep(5 * SOON)
    assert [error for _, _, error in desk.reports] == ["dead", "ValueError", "ValueError"]


@pytest.mark.usefixtures("hasty")
async def test_the_newest_message_wins_over_another_attempt(desk: Desk) -> None:
    desk.phones.dead = {"p1"}
    desk.outbox.put([message()])
    await desk.settle()
    desk.phones.dead = set()
    desk.outbox.put([message(kind=MessageKind.TAKEN)])
    await asyncio.sleep(5 * SOON)
    assert desk.phones.heard("p1") == ["taken"]


@pytest.mark.usefixtures("hasty")
async def test_what_waits_meanwhile_is_sent_instead_of_another_attempt(desk: Desk) -> None:
    desk.phones.hung = {"p1"}
    desk.outbox.put([message()])
    await desk.settle()
    desk.outbox.put([message(kind=MessageKind.TAKEN)])
    desk.phones.give_up()
    desk.phones.hung = set()
    await asyncio.sleep(5 * SOON)
    assert desk.phones.heard("p1") == ["taken"]


@pytest.mark.usefixtures("hasty")
async def test_what_could_not_be_cleared_is_reported_when_it_is_given_up(desk: Desk) -> None:
    desk.phones.dead = {"p1"}
    desk.outbox.put([clear()])
    await desk.settle()
    assert desk.reports == []
    await asyncio.sleep(10 * SOON)
    assert desk.reports == [("p1", "clear", "dead")]
    assert timers(desk) == []


@pytest.mark.usefixtures("hasty")
async def test_a_phone_that_gives_a_sign_of_life_is_cleared_after_all(desk: Desk) -> None:
    desk.phones.dead = {"p1", "p2"}
    desk.outbox.put([clear("p1"), clear("p2")])
    await asyncio.sleep(10 * SOON)
    desk.phones.dead = set()
    desk.outbox.try_again("p1".__eq__)
    await desk.settle()
    assert (desk.phones.heard("p1"), desk.phones.heard("p2")) == (["clear"], [])


@pytest.mark.usefixtures("hasty")
async def test_a_sign_of_life_while_it_is_being_told_changes_nothing(desk: Desk) -> None:
    desk.phones.dead = {"p1"}
    desk.outbox.put([message()])
    await desk.settle()
    desk.phones.hung = {"p1"}
    await asyncio.sleep(5 * SOON)
    desk.outbox.try_again("p1".__eq__)
    desk.phones.dead = set()
    desk.phones.release()
    await desk.settle()
    assert desk.phones.heard("p1") == ["call"]


async def test_a_phone_that_confirms_what_its_push_service_denies_is_not_called_in_a_circle(desk: Desk) -> None:
    desk.phones.dead = {"p1"}
    desk.outbox.put([message()])
    for _ in range(20):
        await desk.settle()
        desk.outbox.try_again("p1".__eq__)
    await desk.settle()
    assert [attempts.failures for attempts in desk.outbox._attempts.values()] == [2]
    assert timers(desk) == [5]


async def test_a_later_sign_of_life_counts_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "SIGN_PAUSE", SOON)
    desk.phones.dead = {"p1"}
    desk.outbox.put([message()])
    await desk.settle()
    desk.outbox.try_again("p1".__eq__)
    await desk.settle()
    await asyncio.sleep(2 * SOON)
    desk.phones.dead = set()
    desk.outbox.try_again("p1".__eq__)
    await desk.settle()
    assert desk.phones.heard("p1") == ["call"]


@pytest.mark.usefixtures("hasty")
async def test_only_so_much_that_was_given_up_is_remembered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "MOST_GIVEN_UP", 1)
    desk.phones.dead = {"p1", "p2"}
    desk.outbox.put([clear("p1")])
    await asyncio.sleep(10 * SOON)
    desk.outbox.put([clear("p2")])
    await asyncio.sleep(10 * SOON)
    assert [phone_id for phone_id, _ in desk.outbox._attempts] == ["p2"]


async def test_a_reminder_that_is_held_back_waits_for_the_next(desk: Desk) -> None:
    desk.phones.broken["p1"] = NotificationError(HELD_BACK)
    desk.outbox.put([message()])
    await desk.settle()
    assert (desk.reports, timers(desk)) == ([("p1", "call", "budget")], [])


async def test_a_push_service_that_takes_no_more_is_left_alone_for_a_while(desk: Desk) -> None:
    desk.phones.broken["p1"] = NotificationError(RATE_LIMITED)
    desk.outbox.put([message()])
    await desk.settle()
    assert timers(desk) == [60]


async def test_an_outbox_that_is_stopped_tries_nothing_again(desk: Desk) -> None:
    desk.phones.dead = {"p1"}
    desk.phones.hung = {"p2"}
    desk.outbox.put([message("p1"), message("p2")])
    await desk.settle()
    desk.outbox.stop()
    desk.phones.give_up()
    await desk.settle()
    assert timers(desk) == []


async def test_nineteen_phones_that_hang_do_not_delay_the_twentieth(desk: Desk) -> None:
    desk.phones.hung = {f"p{number}" for number in range(19)}
    loop = asyncio.get_running_loop()
    began_at = loop.time()
    desk.outbox.put([message(f"p{number}") for number in range(20)])
    await desk.settle()
    assert desk.reports == [("p19", "call", None)]
    assert loop.time() - began_at < 0.1
