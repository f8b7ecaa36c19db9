"""One broken phone never delays another, and what failed is tried again."""

from datetime import timedelta
from statistics import median

from demo.check import TAKING, CheckFailedError
from demo.phones import Behaviour, EntryKind, VirtualPhone

from .home import STAFF
from .seeing import ChainCheck, Raised, events

RUNS = 3
SLOWER_AT_MOST = 100.0
"""Milliseconds, of the healthy phone among hanging ones."""
HEALTHY = 12
"""Its place in the order of the group, counted from 0."""
RETRIED_WITHIN = timedelta(seconds=8)
"""A phone that answers an error is tried again after two seconds."""
RECOVERED_WITHIN = timedelta(seconds=30)
"""A hanging push is given up after eight seconds, and tried again after five more at the most."""


async def check_hanging(check: ChainCheck) -> None:
    """Nineteen of twenty phones hang: the twentieth is told as soon as if they did not."""
    phones = check.home.group(STAFF)
    healthy = phones[HEALTHY]
    others = [phone for phone in phones if phone is not healthy]
    # The first alarm after a start loads what the later ones find loaded.
    await check.close(await check.raise_and_see())
    with_all, alarms = await _measure(check, healthy)
    await check.close(*alarms)
    for phone in others:
        phone.behaviour = Behaviour.HANG
    alone, alarms = await _measure(check, healthy)
    hung = [phone.name for phone in others if any(entry.kind is EntryKind.HUNG for entry in phone.log)]
    check.expect(f"{len(hung)} telefoner hänger, plats {HEALTHY + 1} är frisk", is_true=len(hung) == len(others))
    for phone in others:
        phone.behaviour = Behaviour.OK
    check.expect(
        f"den friska: {alone:.0f} ms med 19 hängande, {with_all:.0f} ms med 0 ({alone - with_all:+.0f} ms)",
        is_true=alone - with_all < SLOWER_AT_MOST,
    )
    last, *earlier = reversed(alarms)
    await check.see("de som hängde får larmet när de svarar igen", last.offers(TAKING), others, RECOVERED_WITHIN)
    await check.close(*earlier, last)


async def check_error(check: ChainCheck) -> None:
    """See that a phone that answers 500 and then works is told by the next attempt."""
    phones = check.home.group(STAFF)
    broken = phones[3]
    broken.behaviour = Behaviour.ERROR_500
    raised = await check.raise_alarm()
    await check.quietly(_has_refused, [broken], "svarar 500")
    check.expect(f"{broken.name} svarar 500 och visar inget", is_true=raised.on(broken) is None)
    broken.behaviour = Behaviour.OK
    await check.see("nästa försök når den", raised.offers(TAKING), [broken], RETRIED_WITHIN)
    alarm = await check.journalled(raised)
    failed = events(alarm, "notification_failed")
    check.expect(
        f"journalen: {failed[0]['text'] if failed else 'inget'}",
        is_true=[step["phone"] for step in failed] == [broken.name],
    )
    await check.close(raised)


def _has_refused(phone: VirtualPhone) -> bool:
    """Return whether a push to a phone was answered with an error."""
    return any(entry.kind is EntryKind.REFUSED for entry in phone.log)


async def _measure(check: ChainCheck, phone: VirtualPhone) -> tuple[float, list[Raised]]:
    """Return the milliseconds from the action to a phone, the median of some alarms, and those alarms."""
    took: list[float] = []
    alarms: list[Raised] = []
    for _ in range(RUNS):
        raised = await check.raise_alarm()
        await check.quietly(raised.offers(TAKING), [phone], "larmet")
        shown = raised.on(phone)
        if shown is None:
            raise CheckFailedError(f"{phone.name} visar larmet")
        took.append((shown.shown_at - raised.asked_at) / timedelta(milliseconds=1))
        alarms.append(raised)
    return median(took), alarms
