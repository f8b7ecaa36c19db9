"""What goes on in the home while its troubles come: alarms are raised, sensors trip, people answer."""

import asyncio
from datetime import UTC, datetime
import itertools
import random
from typing import Any

from demo.hass import HassError
from demo.phones import Notification, VirtualPhone

from .home import BUTTONS, ChaosHome

DOMAIN = "homecare_h2o"
TAG = "homecare_h2o-"
URGENT = ("safety_button", "fire")
TYPES = (*URGENT, "safety_button", "passivity", "door", "leak")
REPEATED = ("again_1", "again_2")
"""Rules that are raised again and again."""
SENSORS = ("leak_1", "leak_2", "smoke_1")
PRESS_GAP = 1.4
"""Presses of a button closer than a second are one."""


class Life:
    """Raises and answers; everything it does is written down first."""

    def __init__(self, home: ChaosHome, seed: int) -> None:
        """Begin with nothing raised."""
        self.home = home
        self.chance = random.Random(f"life {seed}")  # noqa: S311 - repeatable, not secret
        self._numbers = itertools.count(1)
        self._raised: list[dict[str, Any]] = []
        self._pressed_at: dict[str, float] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    async def go_on(self) -> None:
        """Live until cancelled."""
        acts = (self.raise_any, self.raise_any, self.trip, self.press, self.press, self.press)
        while True:
            await asyncio.sleep(self.chance.uniform(0.15, 0.7))
            self.spawn(self.chance.choice(acts)())

    def spawn(self, work: Any) -> asyncio.Task[Any]:
        """Do something beside everything else."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def finish(self) -> None:
        """Wait for what was begun."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def raise_any(self) -> None:
        """Raise an alarm of a new rule, of a repeated one, or the very same again."""
        draw = self.chance.random()
        if draw < 0.15 and self._raised:
            await self.raise_alarm(**self.chance.choice(self._raised))
        elif draw < 0.35:
            rule = self.chance.choice(REPEATED)
            await self.raise_alarm(rule=rule, alarm_type="safety_button" if rule == REPEATED[0] else "door")
        else:
            await self.raise_alarm(rule=f"rule_{next(self._numbers)}", alarm_type=self.chance.choice(TYPES))

    async def raise_alarm(self, rule: str, alarm_type: str, due_at: str | None = None) -> str | None:
        """Raise an alarm by the action; return its id if that was answered."""
        asked = {"rule": rule, "alarm_type": alarm_type, "due_at": due_at or datetime.now(UTC).isoformat()}
        number = next(self._numbers)
        asked_at = self.home.record.write("raising", number=number, **asked)
        data = {"device_id": self.home.brukare_id, **asked}
        try:
            answer = await self.home.client.call_service(DOMAIN, "raise_alarm", data, return_response=True)
        except HassError as err:
            self.home.record.write("raise_failed", number=number, asked_m=asked_at, error=str(err)[:200], **asked)
            return None
        self._raised.append(asked)
        self.home.record.write("raised", number=number, asked_m=asked_at, **asked, **answer)
        return str(answer["alarm_id"])

    async def trip(self) -> None:
        """Let a sensor trip that has not yet, or press a button."""
        quiet = [name for name in SENSORS if not self.home.devices.get(name)]
        if quiet and self.chance.random() < 0.4:
            await self.turn_on(self.chance.choice(quiet))
        else:
            await self.push(self.chance.choice(BUTTONS))

    async def turn_on(self, sensor: str) -> None:
        """Let a sensor sense something; it does so to the end."""
        said_at = self.home.record.write("tripping", name=sensor)
        heard = await self.home.speak(sensor, on=True)
        self.home.record.write("tripped", name=sensor, said_m=said_at, heard=heard)

    async def push(self, button: str) -> None:
        """Press a button of the home, unless it was just pressed."""
        now = asyncio.get_running_loop().time()
        if now - self._pressed_at.get(button, 0.0) < PRESS_GAP:
            return
        self._pressed_at[button] = now
        said_at = self.home.record.write("pushing", name=button)
        heard = await self.home.speak(button, on=True)
        self.home.record.write("pushed", name=button, said_m=said_at, heard=heard)

    def shown(self) -> list[tuple[VirtualPhone, Notification]]:
        """Return what can be answered on the phones now."""
        return [
            (phone, notification)
            for phone in self.home.relay.phones.values()
            for notification in phone.notifications.values()
            if notification.tag.startswith(TAG) and notification.actions
        ]

    async def find_answer(self) -> tuple[VirtualPhone, str]:
        """Return a phone and a button that it shows; raises an alarm if there is none. TimeoutError after a while."""
        async with asyncio.timeout(6):
            while not (shown := self.shown()):
                await self.raise_any()
                await asyncio.sleep(0.3)
        phone, notification = self.chance.choice(shown)
        keys = [action.key for action in notification.actions if action.key.startswith("H2O~")]
        return phone, self.chance.choice(keys) if keys else ""

    async def press(self) -> None:
        """Press some button on some phone, most often the first."""
        if not (shown := self.shown()):
            return
        phone, notification = self.chance.choice(shown)
        keys = [action.key for action in notification.actions if action.key.startswith("H2O~")]
        if keys:
            key = keys[0] if self.chance.random() < 0.6 else self.chance.choice(keys)
            await self.home.relay.answer(phone, key, how="pressed")
