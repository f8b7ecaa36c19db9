"""Changed in the editor, commented, restored, deleted by mistake: who did what is known at once (R011.3)."""

from collections.abc import Mapping
from typing import Any

from demo import cast
from demo.hass import HassError

from .home import AT_ONCE, LARMANSVARIG, STAFF, PlanCheck

RULE = "passivitet_formiddag"
COMMENT = "Stiger upp tidigare sedan hon fick ny medicin."


def _passivity(check: PlanCheck, hours: int) -> Mapping[str, object]:
    """Return the line with so many hours, as the editor saves it."""
    inputs = {
        "brukare": check.home.base.brukare_id,
        "sensors": {"entity_id": list(check.home.base.sensors)},
        "threshold": {"hours": hours, "minutes": 0, "seconds": 0},
        "from": "06:00:00",
        "to": "13:00:00",
    }
    return cast.automation("Passivitetslarm förmiddag", "passivity", inputs)


async def _newest(check: PlanCheck, kind: str) -> Mapping[str, Any] | None:
    """Return the newest change of the line if it is of a kind."""
    line = await check.line(RULE)
    changes = line["changes"] if line else []
    return changes[0] if changes and changes[0]["change"] == kind else None


async def check_changes(check: PlanCheck) -> None:
    """5 h becomes 4 h: who, what and when are told, asked about, answered, and taken back."""
    lena = check.home.lena
    await lena.save_automation(RULE, _passivity(check, 5))
    await check.soon("den nya raden finns i handlingsplanen", lambda: _newest(check, "created"))
    await lena.save_automation(RULE, _passivity(check, 4))
    change: Mapping[str, Any] = await check.soon("ändringen finns i handlingsplanen", lambda: _newest(check, "changed"))
    check.expect(f"med namn: {change['by']}", is_true=change["by"].startswith(LARMANSVARIG.name))
    (value,) = change["values"]
    check.expect(
        f"gammalt och nytt värde i planens ord: {value['name']} {value['old']} → {value['new']}",
        is_true=(value["old"], value["new"]) == ("5 h", "4 h"),
    )
    check.expect(f"när: {change['at']}", is_true=bool(change["at"]))
    change_id = change["change_id"]
    items: list[Mapping[str, Any]] = await check.soon("inkorgen frågar", lambda: check.inbox(source=change_id))
    (item,) = items
    check.expect(f"{item['summary']} – {item['text']}", is_true=item["status"] == "new")
    await check.act(
        "update_deviation", {"deviation_id": item["deviation_id"], "status": "archived", "comment": COMMENT}
    )
    change = await check.soon("kommentaren finns i historiken", lambda: _commented(check))
    await check.act("restore_plan_line", {"change_id": change["change_id"]})
    await check.soon("det gamla värdet är tillbaka: 5 h", lambda: _has_hours(check, 5))
    saved = await check.home.client.get(f"/api/config/automation/config/{RULE}")
    check.expect("också i automationens editor", is_true=saved["use_blueprint"]["input"]["threshold"]["hours"] == 5)
    others = await check.line("passivitet"), await check.line("trygghetslarm")
    check.expect("de andra raderna är orörda", is_true=all(others))


async def _commented(check: PlanCheck) -> Mapping[str, Any] | None:
    """Return the newest change if it has the comment."""
    change = await _newest(check, "changed")
    return change if change and change["comment"] == COMMENT else None


async def _has_hours(check: PlanCheck, hours: int) -> bool:
    """Return whether the newest change brought this value back."""
    change = await _newest(check, "changed")
    return bool(change and change["restored_from"] and change["values"][0]["new"] == f"{hours} h")


async def check_deletion(check: PlanCheck) -> None:
    """Delete a line by mistake: it rings on the larmansvarig's phone, and comes back."""
    boss = check.home.phones["larmansvarig"]
    await check.home.lena.delete(f"/api/config/automation/config/{RULE}")
    await check.soon("inkorgen berättar det", lambda: _deleted(check), AT_ONCE)

    async def told() -> bool:
        return any("Borttaget ur handlingsplanen" in shown.message for shown in boss.notifications.values())

    await check.soon("larmansvarigs telefon berättar det", told, AT_ONCE)
    (gone,) = (await check.plan())["deleted"]
    await check.act("restore_plan_line", {"change_id": gone["changes"][0]["change_id"]})

    async def back() -> bool:
        line = await check.line(RULE)
        return bool(line and line["on"])

    await check.soon("raden är tillbaka", back)


async def _deleted(check: PlanCheck) -> bool:
    """Return whether the inbox tells of the deleted line."""
    gone = (await check.plan())["deleted"]
    return bool(gone and await check.inbox(status="new", source=gone[0]["changes"][0]["change_id"]))


async def check_switching(check: PlanCheck) -> None:
    """Turn a line off: it is told with who did it, and is not watched."""
    line = await check.need_line(RULE)
    await check.home.lena.call_service("automation", "turn_off", {"entity_id": line["entity_id"]})
    change: Mapping[str, Any] = await check.soon(
        "avstängd rad finns i historiken", lambda: _newest(check, "turned_off")
    )
    check.expect(f"med namn: {change['by']}", is_true=change["by"].startswith(LARMANSVARIG.name))
    line = await check.need_line(RULE)
    check.expect("raden visas som ej övervakad", is_true=line["coverage"] == "not_watched")
    await check.home.lena.call_service("automation", "turn_on", {"entity_id": line["entity_id"]})
    await check.soon("påslagen igen", lambda: _newest(check, "turned_on"))


async def check_rights(check: PlanCheck) -> None:
    """Staff may read the plan and change nothing."""
    line = await check.need_line(RULE)
    change_id = line["changes"][0]["change_id"]
    brukare = {"device_id": check.home.base.brukare_id}
    wishes: Mapping[str, Mapping[str, Any]] = {
        "restore_plan_line": {"change_id": change_id},
        "comment_plan_change": {"change_id": change_id, "comment": "nej"},
        "pause": {**brukare, "reason": "nej", "until": "2099-01-01T00:00:00+00:00"},
        "register_consent": {**brukare, "service": "larm", "status": "withdrawn", "decided_on": "2026-01-01"},
        "erase_brukare": {**brukare, "code": "K7-31"},
    }
    async with check.home.client.login(STAFF) as staff:
        check.expect("personal läser planen", is_true=bool((await check.act("get_plan", brukare, staff))["lines"]))
        for action, data in wishes.items():
            await _refused(check, staff, action, data)


async def _refused(check: PlanCheck, client: Any, action: str, data: Mapping[str, Any]) -> None:
    """See that somebody may not do something."""
    try:
        await check.act(action, data, client)
    except HassError as err:
        check.expect(f"personal får inte: {action}", is_true="may not do this" in str(err))
    else:
        check.expect(f"personal får inte: {action}", is_true=False)
