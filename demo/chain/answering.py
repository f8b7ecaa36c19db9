"""Taken, done, outcome, handed over, noted, false, answered by text: each as staff does it, and as it is told."""

import re
from typing import Any

from demo import cast
from demo.check import DONE, TAKING
from demo.hass.devices import async_wait_for_device
from demo.phones import PhoneOS

from .home import RESERVE, SMS_NUMBER, STAFF
from .seeing import Alarm, ChainCheck, Raised, events

NO_HELP, FALSE_ALARM = "Ingen hjälp behövdes", "Felaktigt larm"
NOTE = f"{cast.BRUKARE['name']} var hos grannen på {cast.BRUKARE['address'].partition(',')[0]}"
"""Staff writes what must not leave the hub."""
STRANGER = "070-174 06 99"
UNVERIFIED = "ej verifierad"


async def check_outcome(check: ChainCheck) -> None:
    """Taken on one phone, told to the others, done, and how it ended; every call to a phone has its receipt."""
    one, *others = check.home.group(STAFF)
    raised = await check.raise_and_see()
    await raised.press(one, TAKING)
    await check.see("den som tar larmet ser Klart", raised.offers(DONE), [one])
    await check.see(f"de andra ser Tas av {one.name}", raised.says(f"Tas av {one.name}"), others)
    await raised.press(one, DONE)
    await check.see("telefonen frågar hur det gick", raised.offers(NO_HELP, "Hjälp given", FALSE_ALARM), [one])
    check.expect("larmet väntar på utfallet", is_true=(await check.journalled(raised))["state"] == "done")
    await raised.press(one, NO_HELP)
    await check.see("larmet är borta överallt", raised.is_gone, [one, *others])
    alarm = await check.wait_journal(
        f"avslutat: {NO_HELP}",
        raised,
        lambda alarm: (alarm["state"], alarm["outcome"]) == ("resolved", "no_help_needed"),
    )
    for kind in ("raised", "called", "acknowledged", "done", "resolved"):
        check.expect(f"tidslinjen: {_text(alarm, kind)}", is_true=bool(events(alarm, kind)))
    check.expect("tidslinjen nämner utfallet", is_true=NO_HELP in _text(alarm, "resolved"))
    _check_receipts(check, alarm, one.name)


def _check_receipts(check: ChainCheck, alarm: Alarm, taker: str) -> None:
    """See that an Android phone confirms, an iPhone cannot, and the taker has answered."""
    phones = {phone.name: phone for phone in check.home.group(STAFF) if phone.name != taker}
    found: dict[PhoneOS, set[tuple[str, str]]] = {PhoneOS.ANDROID: set(), PhoneOS.IOS: set()}
    for receipt in alarm["receipts"]:
        if receipt["phone"] in phones:
            found[phones[receipt["phone"]].os].add((receipt["status"], receipt["text"]))
    for os, status in ((PhoneOS.ANDROID, ("received", "mottaget")), (PhoneOS.IOS, ("unverified", UNVERIFIED))):
        check.expect(f"kvitton, {os}: {found[os]}", is_true=found[os] == {status})
    answered = [receipt["status"] for receipt in alarm["receipts"] if receipt["phone"] == taker]
    check.expect(f"kvitto, {taker}: {answered}", is_true=answered == ["answered"])


async def check_hand_over(check: ChainCheck) -> None:
    """Handed over by staff to another group, with a note, and taken there by SMS; a stranger's SMS does nothing."""
    home = check.home
    one, *others = home.group(STAFF)
    raised = await check.raise_and_see("leak")
    await raised.press(one, TAKING)
    await check.quietly(raised.offers(DONE), [one], "tagen")
    async with home.login(one) as staff:
        await check.act("hand_over_alarm", {"alarm_id": raised.alarm_id, "receiver_group": RESERVE}, staff)
        await check.see(f"överlämnat till {RESERVE}", raised.offers(TAKING), home.group(RESERVE))
        await check.see("och varifrån", raised.says("Överlämnat till gruppen"), home.group(RESERVE))
        await check.see("borta från dem som hade det", raised.is_gone, [one, *others])
        await check.act("add_note", {"alarm_id": raised.alarm_id, "note": NOTE}, staff)
    alarm = await check.wait_journal(
        "anteckningen står i tidslinjen",
        raised,
        lambda alarm: [step["note"] for step in events(alarm, "note_added")] == [NOTE],
    )
    check.expect(f"tidslinjen: {_text(alarm, 'handed_over')}", is_true=RESERVE in _text(alarm, "handed_over"))
    await _check_text_replies(check, raised)


async def _check_text_replies(check: ChainCheck, raised: Raised) -> None:
    """Take an alarm by its number, which stands in the SMS."""
    sms = await check.wait_for("SMS-mottagaren får larmet", lambda: _texts(check), lambda texts: _numbers(texts) != [])
    number = _numbers(sms)[-1]
    check.expect(f"i SMS:et står: 1 {number}", is_true=True)
    before = await check.journalled(raised)
    stranger = await check.act("process_reply", {"sender": STRANGER, "text": f"1 {number}"})
    check.expect(
        f"okänt nummer: {stranger['outcome']}, svar {stranger['reply']!r}",
        is_true=(stranger["outcome"], stranger["reply"]) == ("unknown_sender", ""),
    )
    check.expect("larmet är som förut", is_true=await check.journalled(raised) == before)
    wrong = await check.act("process_reply", {"sender": SMS_NUMBER, "text": f"1 {int(number) - 1}"})
    check.expect(f"fel nummer på larmet: {wrong['reply']}", is_true=wrong["outcome"] == "unknown_number")
    taken = await check.act("process_reply", {"sender": SMS_NUMBER, "text": f"1 {number}"})
    check.expect(
        f"1 {number}: {taken['reply']}", is_true=(taken["outcome"], taken["alarm_id"]) == ("taken", raised.alarm_id)
    )
    await check.see("de andra ser vem som tog det", raised.says("Tas av"), check.home.group(RESERVE))
    for text, outcome in ((f"klar {number}", "done"), (f"ingen hjälp {number}", "no_help_needed")):
        answer = await check.act("process_reply", {"sender": SMS_NUMBER, "text": text})
        check.expect(f"{text}: {answer['reply']}", is_true=answer["outcome"] == outcome)
    await check.wait_journal("avslutat med SMS", raised, lambda alarm: alarm["outcome"] == "no_help_needed")


async def check_app_number(check: ChainCheck) -> None:
    """See that an SMS from the registered number of an app phone is that phone's answer."""
    two = check.home.group(STAFF)[1]
    raised = await check.raise_and_see("passivity")
    taken = await check.act("process_reply", {"sender": str(two.number), "text": "Jag åtgärdar!"})
    check.expect(f"SMS från {two.number}: {taken['reply']}", is_true=taken["outcome"] == "taken")
    await check.see("taget av telefonen med numret", raised.offers(DONE), [two])
    await check.close(raised)


async def check_false_alarm(check: ChainCheck) -> None:
    """One tap, and it is in the larmansvarig's list."""
    home = check.home
    brukare = await async_wait_for_device(home.client, cast.BRUKARE["code"], "todo")
    todo = brukare.entity_ids["todo"]

    async def items() -> list[dict[str, Any]]:
        answer = await home.client.call_service("todo", "get_items", {"entity_id": todo}, return_response=True)
        found: list[dict[str, Any]] = answer[todo]["items"]
        return found

    before = len(await items())
    raised = await check.raise_and_see("passivity")
    await raised.press(home.group(STAFF)[5], FALSE_ALARM)
    await check.see("ett tryck, och larmet är borta överallt", raised.is_gone, home.group(STAFF))
    await check.wait_journal("felaktigt i journalen", raised, lambda alarm: alarm["state"] == "false_alarm")
    found = await check.wait_for("i listan Avvikelser", items, lambda found: len(found) == before + 1)
    new = [item for item in found if item["status"] == "needs_action" and FALSE_ALARM in item["summary"]]
    check.expect(f"där står: {new[0]['summary'] if new else found}", is_true=bool(new))


async def _texts(check: ChainCheck) -> list[str]:
    """Return what the SMS receiver has been sent, oldest first."""
    shown = await check.home.client.ws_command("persistent_notification/get")
    shown.sort(key=lambda each: each["created_at"])
    check.home.pushes.extend(str(each) for each in shown if each["title"].startswith(cast.BRUKARE["code"]))
    return [each["message"] for each in shown if (each["title"] or "").startswith(cast.BRUKARE["code"])]


def _numbers(texts: list[str]) -> list[str]:
    """Return the alarms' numbers in texts."""
    return [found for text in texts for found in re.findall(r"\b1 (\d{3})\b", text)]


def _text(alarm: Alarm, kind: str) -> str:
    """Return a step of a timeline in words."""
    return next((step["text"] for step in events(alarm, kind)), f"inget {kind}")
