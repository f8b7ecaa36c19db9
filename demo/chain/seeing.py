"""An alarm by its id: on the phones, in the journal, and what is refused."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import itertools
from typing import Any

from demo.check import PUSH_WITHIN, TAKING, Check, CheckFailedError
from demo.hass import HassClient, HassError
from demo.phones import Notification, VirtualPhone

from .home import ChainHome

DOMAIN = "homecare_h2o"
WITHIN = 3 * PUSH_WITHIN
"""So many phones on a machine that others use, too."""
NOT_ALLOWED = 400
_TAG = "homecare_h2o-"
_POLL = 0.1
_rules = itertools.count(1)

type Alarm = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Raised:
    """An alarm that was asked for at an instant."""

    alarm_id: str
    rule: str
    asked_at: datetime

    @property
    def tag(self) -> str:
        """Return what ties its notifications together."""
        return _TAG + self.alarm_id

    def on(self, phone: VirtualPhone) -> Notification | None:
        """Return what a phone shows of it."""
        return phone.notifications.get(self.tag)

    def offers(self, *buttons: str) -> Callable[[VirtualPhone], bool]:
        """Return whether a phone shows it with these buttons."""

        def is_shown(phone: VirtualPhone) -> bool:
            shown = self.on(phone)
            return shown is not None and set(buttons) <= {action.title for action in shown.actions}

        return is_shown

    def says(self, text: str) -> Callable[[VirtualPhone], bool]:
        """Return whether a phone shows it with this text."""
        return lambda phone: (shown := self.on(phone)) is not None and text in shown.message

    def is_new_since(self, before: Mapping[str, Notification | None]) -> Callable[[VirtualPhone], bool]:
        """Return whether a phone shows it anew."""
        return lambda phone: (shown := self.on(phone)) is not None and shown is not before[phone.phone_id]

    def is_gone(self, phone: VirtualPhone) -> bool:
        """Return whether a phone shows nothing of it."""
        return self.on(phone) is None

    def button(self, phone: VirtualPhone, title: str) -> str:
        """Return the key of a button that a phone shows."""
        shown = self.on(phone)
        found = [action.key for action in shown.actions if action.title == title] if shown else []
        if not found:
            raise CheckFailedError(f"{phone.name} visar ingen knapp {title}")
        return found[0]

    async def press(self, phone: VirtualPhone, title: str) -> None:
        """Press a button."""
        await phone.press(self.tag, self.button(phone, title))


class ChainCheck(Check[ChainHome]):
    """What has been seen of the chain."""

    async def act(self, action: str, data: Mapping[str, Any] | None = None, client: HassClient | None = None) -> Any:
        """Call one of the integration's actions and return its response."""
        return await (client or self.home.client).call_service(DOMAIN, action, data, return_response=True)

    async def raise_alarm(self, alarm_type: str = "safety_button", rule: str | None = None) -> Raised:
        """Raise an alarm of a rule of its own, or again of a rule."""
        rule = rule or f"regel-{next(_rules)}"
        data = {"device_id": self.home.brukare_id, "alarm_type": alarm_type, "rule": rule}
        asked_at = datetime.now(UTC)
        answer = await self.act("raise_alarm", data)
        return Raised(alarm_id=answer["alarm_id"], rule=rule, asked_at=asked_at)

    async def raise_and_see(
        self, alarm_type: str = "safety_button", phones: Sequence[VirtualPhone] | None = None
    ) -> Raised:
        """Raise an alarm and wait until the group on duty shows it."""
        raised = await self.raise_alarm(alarm_type)
        await self.quietly(raised.offers(TAKING), phones or self.home.group("Hemtjänst"), f"larmet {alarm_type}")
        return raised

    async def quietly(
        self,
        is_shown: Callable[[VirtualPhone], bool],
        phones: Sequence[VirtualPhone],
        what: str,
        within: timedelta = WITHIN,
    ) -> None:
        """Wait until all phones show something; nothing is printed."""
        late = [phone.name for phone in phones if not await _waited(phone, is_shown, within)]
        if late:
            raise CheckFailedError(f"{what} på {', '.join(late)}, inom {within}")

    async def see(
        self,
        what: str,
        is_shown: Callable[[VirtualPhone], bool],
        phones: Sequence[VirtualPhone],
        within: timedelta = WITHIN,
    ) -> None:
        """Wait until all phones show something, and note it as one step."""
        started = datetime.now(UTC)
        await self.quietly(is_shown, phones, what, within)
        took = (datetime.now(UTC) - started) / timedelta(milliseconds=1)
        who = phones[0].name if len(phones) == 1 else f"{len(phones)} telefoner"
        self.expect(f"{what} · {who} · {took:.0f} ms", is_true=True)

    async def journalled(self, raised: Raised) -> Alarm:
        """Return an alarm as the journal tells it."""
        answer = await self.act("get_alarms", {"limit": 50})
        found: list[Alarm] = [alarm for alarm in answer["alarms"] if alarm["alarm_id"] == raised.alarm_id]
        if not found:
            raise CheckFailedError(f"larmet {raised.alarm_id} finns inte i journalen")
        return found[0]

    async def wait_journal(self, what: str, raised: Raised, is_so: Callable[[Alarm], bool]) -> Alarm:
        """Wait until the journal tells something of an alarm, and note it."""
        return await self.wait_for(what, lambda: self.journalled(raised), is_so)

    async def wait_for[T](self, what: str, ask: Callable[[], Awaitable[T]], is_so: Callable[[T], bool]) -> T:
        """Ask until the answer is as expected, for some seconds, and note it."""
        for _ in range(round(WITHIN.total_seconds() / _POLL)):
            answer = await ask()
            if is_so(answer):
                self.expect(what, is_true=True)
                return answer
            await asyncio.sleep(_POLL)
        raise CheckFailedError(f"{what}; i stället: {answer}")

    async def refused(self, who: str, client: HassClient, action: str, data: Mapping[str, Any]) -> None:
        """See that an action is refused with a reason, and not with an error of ours."""
        try:
            await client.post(f"/api/services/{DOMAIN}/{action}?return_response", data)
        except HassError as err:
            reason = err.body.get("message") if isinstance(err.body, Mapping) else err.body
            self.expect(f"{who} nekas {action}: HTTP {err.status}, {reason}", is_true=err.status == NOT_ALLOWED)
        else:
            raise CheckFailedError(f"{who} nekas {action}")

    async def close(self, *alarms: Raised) -> None:
        """Take and close alarms in Home Assistant, and see them gone."""
        for raised in alarms:
            if (await self.journalled(raised))["state"] != "acknowledged":
                await self.act("acknowledge_alarm", {"alarm_id": raised.alarm_id})
            await self.act("resolve_alarm", {"alarm_id": raised.alarm_id, "outcome": "no_help_needed"})
            await self.quietly(raised.is_gone, list(self.home.phones.values()), "inget larm", 5 * WITHIN)


def events(alarm: Alarm, kind: str) -> list[Alarm]:
    """Return the steps of one kind."""
    return [step for step in alarm["timeline"] if step["event"] == kind]


async def _waited(phone: VirtualPhone, is_shown: Callable[[VirtualPhone], bool], within: timedelta) -> bool:
    """Return whether a phone showed something in time."""
    try:
        await phone.wait_until(is_shown, within.total_seconds())
    except TimeoutError:
        return False
    return True
