"""An alarm as the staff sees it: on the phones of those on duty, taken by one, told to the other, finished."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from demo.check import DONE, HELPED, PUSH_WITHIN, TAKING, Check, CheckFailedError
from demo.phones import Notification, VirtualPhone

from .home import FullHome

CODE = "K7-31"
ON_TIME = timedelta(seconds=2)
"""More than this from a sensor or a deadline to the phone is too late, also where others use the machine."""
_TAG = "homecare_h2o-"
_POLL = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """An alarm that is shown on the phones on duty."""

    alarm_id: str
    phones: Sequence[VirtualPhone]
    shown_at: datetime
    """On the first phone."""

    def after(self, instant: datetime) -> float:
        """Return the milliseconds from an instant to the first phone."""
        return (self.shown_at - instant) / timedelta(milliseconds=1)


class FullCheck(Check[FullHome]):
    """What has been seen of the whole larmplan."""

    async def see(self, title: str, within: timedelta, *, known: Collection[str] = ()) -> Sight:
        """Wait until everybody on duty is shown one more alarm with this title, and the buttons to answer it."""
        (sight,) = await self.see_all({title: 1}, within, known=known)
        return sight

    async def see_press(self, what: str, press: Awaitable[None]) -> Sight:
        """Press a button and wait until it is shown."""
        known, at = self.shown_tags(), datetime.now(UTC)
        await press
        sight = await self.see("Trygghetslarm", 3 * PUSH_WITHIN, known=known)
        self.expect(f"{what}: {sight.after(at):.0f} ms", is_true=sight.shown_at - at < ON_TIME)
        return sight

    async def see_all(
        self,
        titles: Mapping[str, int],
        within: timedelta,
        *,
        known: Collection[str] = (),
        phones: Sequence[VirtualPhone] | None = None,
    ) -> list[Sight]:
        """Wait until everybody on duty is shown so many new alarms with each title, in any order."""
        phones = phones or await self.on_duty()

        def fresh(phone: VirtualPhone) -> list[Notification]:
            return [
                shown
                for shown in phone.notifications.values()
                if _titled(shown) in titles and shown.tag not in known and _offers(shown, TAKING)
            ]

        def is_complete(phone: VirtualPhone) -> bool:
            shown = [_titled(each) for each in fresh(phone)]
            return all(shown.count(title) >= number for title, number in titles.items())

        try:
            await asyncio.gather(*(phone.wait_until(is_complete, within.total_seconds()) for phone in phones))
        except TimeoutError:
            raise CheckFailedError(
                f"{dict(titles)} på {', '.join(phone.name for phone in phones)} inom {within}"
            ) from None
        firsts: dict[str, datetime] = {}
        for phone in phones:
            for shown in fresh(phone):
                firsts[shown.tag] = min(shown.shown_at, firsts.get(shown.tag, shown.shown_at))
        return [
            Sight(alarm_id=tag.removeprefix(_TAG), phones=phones, shown_at=shown_at) for tag, shown_at in firsts.items()
        ]

    async def journalled(self, sight: Sight) -> dict[str, Any]:
        """Return an alarm as the journal tells it."""
        answer = await self.home.client.call_service("homecare_h2o", "get_alarms", {"limit": 10}, return_response=True)
        found = [alarm for alarm in answer["alarms"] if alarm["alarm_id"] == sight.alarm_id]
        if not found:
            raise CheckFailedError(f"larmet {sight.alarm_id} finns inte i journalen")
        alarm: dict[str, Any] = found[0]
        return alarm

    async def finish(self, sight: Sight) -> None:
        """Take an alarm on one phone, see it told on the others, say that it is done, and see it gone everywhere."""
        tag = _TAG + sight.alarm_id
        one, *others = sight.phones
        await _press(one, tag, TAKING)
        await _wait(one, "Klart", lambda phone: _offers(phone.notifications.get(tag), DONE))
        for other in others:
            await _wait(other, "vem som tog larmet", lambda phone: _says(phone.notifications.get(tag), one.name))
        await _press(one, tag, DONE)
        await _wait(one, "hur det gick", lambda phone: _offers(phone.notifications.get(tag), HELPED))
        await _press(one, tag, HELPED)
        for phone in sight.phones:
            await _wait(phone, "inget larm", lambda phone: tag not in phone.notifications)
        try:
            async with asyncio.timeout(PUSH_WITHIN.total_seconds() * 3):
                while (await self.journalled(sight))["state"] != "resolved":  # noqa: ASYNC110 - nothing tells us
                    await asyncio.sleep(_POLL)
        except TimeoutError:
            raise CheckFailedError(f"larmet {sight.alarm_id} avslutat i journalen") from None

    def shown_tags(self) -> set[str]:
        """Return what the phones show at the moment."""
        return {tag for phone in self.home.phones.values() for tag in phone.notifications}


def _titled(shown: Notification) -> str:
    """Return the larmtyp of a title."""
    return shown.title.removeprefix(f"{CODE} · ")


def _offers(shown: Notification | None, button: str) -> bool:
    """Return whether a notification has a button."""
    return shown is not None and any(action.title == button for action in shown.actions)


def _says(shown: Notification | None, text: str) -> bool:
    """Return whether a notification says that somebody has taken it."""
    return shown is not None and f"Tas av {text}" in shown.message


async def _press(phone: VirtualPhone, tag: str, title: str) -> None:
    """Press a button of one alarm."""
    shown = phone.notifications.get(tag)
    button = next((action for action in shown.actions if action.title == title), None) if shown else None
    if button is None:
        raise CheckFailedError(f"{phone.name} visar ingen knapp {title}")
    await phone.press(tag, button.action_id)


async def _wait(phone: VirtualPhone, what: str, shows: Callable[[VirtualPhone], bool]) -> None:
    """Wait until a phone shows something."""
    try:
        await phone.wait_until(shows, PUSH_WITHIN.total_seconds() * 3)
    except TimeoutError:
        raise CheckFailedError(f"{phone.name} visar {what}") from None
