"""Who may do what, and answers that nobody was given."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from demo.check import DONE, TAKING
from demo.hass import Account, HassClient
from demo.phones import VirtualPhone

from .home import STAFF
from .seeing import Alarm, ChainCheck, Raised, events

READER = Account("Bara titta", "titta", "titta")
ANSWERED = "mobile_app_notification_action"


async def check_roles(check: ChainCheck) -> None:
    """Staff takes alarms and no more; who only may look does nothing at all."""
    home = check.home
    raised = await check.raise_and_see()
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    await _regroup(check, await home.client.create_user(READER), "system-read-only")
    async with home.client.login(READER) as reader:
        for action, data in _readers_wishes(check, raised).items():
            await check.refused("läsaren", reader, action, data)
    await _check_reader_phone(check, raised)
    async with home.login(home.group(STAFF)[2]) as staff:
        await check.refused("personal", staff, "export_journal", {"from": today, "to": today})
        await check.refused("personal", staff, "verify_journal", {})
        await check.refused("personal", staff, "test_alarm_chain", {"device_id": home.brukare_id})
        await check.refused("personal", staff, "get_deviations", {})
        await _check_staff(check, staff, raised)
    await check.close(raised)


def _readers_wishes(check: ChainCheck, raised: Raised) -> Mapping[str, Mapping[str, Any]]:
    """Return what somebody tries who only may look, a little of everything."""
    alarm = {"alarm_id": raised.alarm_id}
    return {
        "get_alarms": {},
        "acknowledge_alarm": alarm,
        "report_false_alarm": alarm,
        "hand_over_alarm": {**alarm, "receiver_group": STAFF},
        "add_note": {**alarm, "note": "sett"},
        "process_reply": {"sender": str(check.home.group(STAFF)[0].number), "text": "1"},
        "raise_alarm": {"device_id": check.home.brukare_id, "alarm_type": "fire"},
    }


async def _regroup(check: ChainCheck, user_id: str, group: str) -> None:
    """Change what a user is in Home Assistant."""
    await check.home.client.ws_command("config/auth/update", user_id=user_id, group_ids=[group])


async def _check_reader_phone(check: ChainCheck, raised: Raised) -> None:
    """See that a press counts only while the phone's user may take alarms."""
    phone = check.home.group(STAFF)[4]
    await _regroup(check, str(phone.user_id), "system-read-only")
    await phone.fire_event(ANSWERED, {"action": raised.button(phone, TAKING)})
    await check.wait_journal(
        "en telefon vars användare bara får titta ändrar inget",
        raised,
        lambda alarm: alarm["state"] == "raised" and _reasons(alarm) == ["foreign"],
    )
    await _regroup(check, str(phone.user_id), "system-users")


async def _check_staff(check: ChainCheck, staff: HassClient, raised: Raised) -> None:
    """See that staff may acknowledge."""
    answer = await check.act("acknowledge_alarm", {"alarm_id": raised.alarm_id}, staff)
    check.expect("personal får ta larmet i Home Assistant", is_true=answer["state"] == "acknowledged")
    await check.see("telefonerna ser det", raised.says("Tas av personal i Home Assistant"), check.home.group(STAFF))


async def check_forgeries(check: ChainCheck) -> None:
    """See that a wrong token, another phone's button and an older step change nothing; each is journalled."""
    one, two, three, *_ = phones = check.home.group(STAFF)
    raised = await check.raise_and_see()
    old = raised.button(three, TAKING)
    before = {phone.phone_id: raised.on(phone) for phone in phones}
    await check.act("hand_over_alarm", {"alarm_id": raised.alarm_id, "receiver_group": STAFF})
    await check.see("gruppen larmas i ett nytt steg, med nya knappar", raised.is_new_since(before), phones)
    key = raised.button(one, TAKING)
    forged = f"{key[:-4]}{'0000' if key[-4:] != '0000' else '1111'}"
    await _refuse(check, raised, one, forged, "forged", "förfalskad knapp")
    await _refuse(check, raised, two, key, "foreign", "en annan telefons knapp")
    await _refuse(check, raised, three, old, "outdated", "knapp från ett äldre steg")
    await one.fire_event(ANSWERED, {"action": forged})
    await raised.press(one, TAKING)
    await check.see("den rätta knappen tar larmet", raised.offers(DONE), [one])
    alarm = await check.journalled(raised)
    check.expect("samma förfalskning är noterad en gång", is_true=_reasons(alarm).count("forged") == 1)
    await check.close(raised)


async def _refuse(check: ChainCheck, raised: Raised, phone: VirtualPhone, key: str, reason: str, what: str) -> None:
    """Send an answer that changes nothing."""
    await phone.fire_event(ANSWERED, {"action": key})
    await check.wait_journal(
        f"{what} från {phone.name}: utan verkan ({reason})",
        raised,
        lambda alarm: _reasons(alarm)[-1:] == [reason] and not events(alarm, "acknowledged"),
    )


def _reasons(alarm: Alarm) -> list[str]:
    """Return why answers to an alarm changed nothing."""
    return [step["reason"] for step in events(alarm, "refused")]
