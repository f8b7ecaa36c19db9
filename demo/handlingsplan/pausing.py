"""Away, a line paused, a planned interruption: silent as long as was said, and not a moment longer (R010.6)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from demo import cast
from demo.check import TAKING, finish, is_clear, press, shows

from .home import PlanCheck

WITHIN = timedelta(seconds=3)
PAUSE = timedelta(seconds=40)
"""Longer than a restart takes, also on a busy machine."""


def _until(after: timedelta) -> str:
    """Return an end so far from now."""
    return (datetime.now(UTC) + after).isoformat()


async def raise_rule(check: PlanCheck, alarm_type: str, rule: str) -> Mapping[str, Any]:
    """Have a rule come true."""
    data = {"device_id": check.home.base.brukare_id, "alarm_type": alarm_type, "rule": rule}
    answer: Mapping[str, Any] = await check.act("raise_alarm", data)
    return answer


async def see_button(check: PlanCheck, what: str) -> None:
    """Press the safety button; it comes, and is dealt with."""
    one, two = await check.on_duty()
    await check.home.base.press_button()
    await check.wait_all(what, (one, two), shows("K7-31 · Trygghetslarm", TAKING), WITHIN)
    await press(one, TAKING)
    await check.wait("tas", one, shows("K7-31 · Trygghetslarm", "Klart"), WITHIN)
    await finish(check, one)
    await check.wait_all("larmet är borta", (one, two), is_clear, WITHIN)


async def check_pause(check: PlanCheck) -> None:
    """Hospital: nothing but a press comes; a power cut does not end it, its time does."""
    brukare = {"device_id": check.home.base.brukare_id}
    until = _until(PAUSE)
    await check.act("pause", {**brukare, "reason": "Sjukhusvistelse", "until": until})
    answer = await raise_rule(check, "passivity", "passivitet")
    check.expect("ett larm under pausen hålls inne", is_true=answer["outcome"] == "suppressed")
    await see_button(check, "en tryckning kommer ändå")
    check.home.hass.kill()
    await check.home.hass.wait()
    await check.home.hass.start()
    await check.home.client.wait_running()
    answer = await raise_rule(check, "passivity", "passivitet")
    check.expect("också efter kill -9", is_true=answer["outcome"] == "suppressed")
    left = datetime.fromisoformat(until) - datetime.now(UTC)

    async def over() -> bool:
        return bool((await _monitoring(check))["state"] == "on")

    await check.soon("pausen slutar av sig själv i rätt tid", over, max(left, timedelta()) + 2 * WITHIN)
    check.expect("inte före sin tid", is_true=datetime.now(UTC) >= datetime.fromisoformat(until))
    answer = await raise_rule(check, "motion", "efter-pausen")
    check.expect("larm kommer igen", is_true=answer["outcome"] == "raised")
    await check.act("report_false_alarm", {"alarm_id": answer["alarm_id"]})


async def _monitoring(check: PlanCheck) -> Mapping[str, Any]:
    """Return the switch that says whether the brukare is watched over."""
    return await check.state("switch", "monitoring")


async def check_line_pause(check: PlanCheck) -> None:
    """One line is paused and resumed by hand; the others go on."""
    brukare = {"device_id": check.home.base.brukare_id}
    line = await check.need_line("passivitet")
    paused = {**brukare, "line": line["entity_id"]}
    await check.act("pause", {**paused, "reason": "Sovrummet målas", "until": _until(timedelta(hours=8))})
    answer = await raise_rule(check, "passivity", "passivitet")
    check.expect("raden är pausad", is_true=answer["outcome"] == "suppressed")
    await check.act("resume", paused)
    await see_button(check, "andra rader larmar")


async def check_interruption(check: PlanCheck) -> None:
    """Thunder: the groups are told that manual routines apply, and when they do not any more."""
    hub = await check.hub_device_id()
    phones = await check.on_duty()
    seen = {phone.phone_id: len(phone.log) for phone in phones}

    def told(word: str) -> Any:
        return lambda phone: any(word in str(dict(entry.payload)) for entry in phone.log[seen[phone.phone_id] :])

    await check.act("pause", {"device_id": hub, "reason": "Åska", "until": _until(timedelta(seconds=12))})
    await check.wait_all("manuella rutiner gäller", phones, told("manuella rutiner"), WITHIN)
    answer = await raise_rule(check, "passivity", "passivitet")
    check.expect("larm hålls inne", is_true=answer["outcome"] == "suppressed")
    await check.wait_all("avbrottet är slut", phones, told("slut"), timedelta(seconds=20))
    check.expect("inget säger vem", is_true=not any(cast.BRUKARE["name"] in str(phone.log) for phone in phones))
    for phone in phones:
        for tag in list(phone.notifications):
            await phone.dismiss(tag)
