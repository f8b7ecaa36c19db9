"""From the change of a state to the push at the phones, each peer in turn and in an order that chance decides."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
import random
import time
from typing import Any

from demo.phones import Behaviour, EntryKind, LogEntry, PhoneServer, VirtualPhone

from .homes import DOMAIN, Home
from .peers import OUR_TAG, OURS, Peer

_TIMEOUT = 60.0
_HANGS_FOR = 11.0
"""Seconds after which everyone has given up a phone that hangs."""
_PAUSE = 0.1
"""Seconds between two rounds."""
_NS = 1_000_000_000


@dataclass(slots=True)
class Arrivals:
    """When the pushes of a round reached the phones, by phone; and the tags they had."""

    phones: PhoneServer
    prefix: str = ""
    shown: dict[str, int] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def listen(self) -> Callable[[], None]:
        """Start listening; returns what ends it."""
        return self.phones.subscribe(self._on_entry)

    def expect(self, prefix: str) -> None:
        """Begin a round."""
        self.prefix = prefix
        self.shown.clear()
        self.tags.clear()

    async def wait_shown(self, phone_ids: Collection[str]) -> int:
        """Return when the last of these phones had its push (nanoseconds)."""
        async with asyncio.timeout(_TIMEOUT):
            while not self.shown.keys() >= set(phone_ids):
                self.changed.clear()
                await self.changed.wait()
        return max(self.shown[phone_id] for phone_id in phone_ids)

    def _on_entry(self, phone: VirtualPhone, entry: LogEntry) -> None:
        """Note the first push of the round to each phone."""
        at_ns = time.monotonic_ns()
        if entry.kind is EntryKind.SHOWN and (tag := _tag_of(entry.payload)).startswith(self.prefix):
            self.shown.setdefault(phone.phone_id, at_ns)
            self.tags.add(tag)
        self.changed.set()


async def measure_pushes(
    home: Home, peers: Sequence[Peer], rounds: int, warmups: int, chance: random.Random
) -> dict[str, list[float]]:
    """Return, for each peer, the seconds to the first push in every round."""
    phone = next(iter(home.phones.phones))
    seconds: dict[str, list[float]] = {peer.name: [] for peer in peers}
    with ExitStack() as stack:
        arrivals = Arrivals(home.phones)
        stack.callback(arrivals.listen())
        for number in range(warmups + rounds):
            for peer in chance.sample(peers, len(peers)):
                took = await _one_round(home, arrivals, peer, [phone])
                if number >= warmups:
                    seconds[peer.name].append(took)
    return seconds


async def measure_crew(home: Home, peers: Sequence[Peer], rounds: int, chance: random.Random) -> dict[str, list[float]]:
    """Return the seconds until all phones that work have it, while one hangs and one fails; other two each round."""
    phones = list(home.phones.phones.values())
    seconds: dict[str, list[float]] = {peer.name: [] for peer in peers}
    with ExitStack() as stack:
        arrivals = Arrivals(home.phones)
        stack.callback(arrivals.listen())
        for peer in peers:
            await _one_round(home, arrivals, peer, [phone.phone_id for phone in phones])
        for number in range(rounds):
            bad = chance.sample(phones, 2)
            well = [phone.phone_id for phone in phones if phone not in bad]
            for peer in chance.sample(peers, len(peers)):
                for phone, behaviour in zip(bad, (Behaviour.HANG, Behaviour.ERROR_500), strict=True):
                    phone.behaviour = behaviour
                seconds[peer.name].append(await _one_round(home, arrivals, peer, well))
                for phone in bad:
                    phone.behaviour = Behaviour.OK
                if number < rounds - 1:
                    await asyncio.sleep(_HANGS_FOR)
    return seconds


async def _one_round(home: Home, arrivals: Arrivals, peer: Peer, phone_ids: Sequence[str]) -> float:
    """Let a peer's detector sense smoke, and return the seconds until all these phones know."""
    arrivals.expect(peer.tag)
    turned = await home.probe("turn", entity_id=peer.entity_id, is_on=True)
    told_at_ns = await arrivals.wait_shown(phone_ids)
    await asyncio.sleep(_PAUSE)
    await _end_round(home, arrivals, peer, phone_ids)
    return (told_at_ns - int(turned["at_ns"])) / _NS


async def _end_round(home: Home, arrivals: Arrivals, peer: Peer, phone_ids: Sequence[str]) -> None:
    """Let the smoke go away; an alarm of ours is closed, too, or the next would be its repetition."""
    await home.probe("turn", entity_id=peer.entity_id, is_on=False)
    if peer.name == OURS:
        for tag in arrivals.tags:
            await home.act(DOMAIN, "report_false_alarm", alarm_id=tag.removeprefix(OUR_TAG))
        phones = [home.phones.phones[phone_id] for phone_id in phone_ids]
        for phone in phones:
            await phone.wait_until(_is_clear, _TIMEOUT)
    await asyncio.sleep(_PAUSE)


def _is_clear(phone: VirtualPhone) -> bool:
    """Tell whether a phone shows nothing of ours."""
    return not any(tag.startswith(OUR_TAG) for tag in phone.notifications)


def _tag_of(push: Mapping[str, Any]) -> str:
    """Return the tag of a push."""
    data = push.get("data")
    return str(data.get("tag", "")) if isinstance(data, Mapping) else ""
