"""Messages on their way: one phone never delays another, the newest wins."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace

import pytest

from custom_components.homecare_h2o.core.messages import Message, MessageKind
from custom_components.homecare_h2o.outbox import Outbox
from tests.core.samples import new_alarm

from .fakes import FakePhones

ALARM = new_alarm()


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
