"""What is left behind: the test of every phone, the export, and that nothing tells who or where."""

import asyncio
import csv
from datetime import datetime, timedelta
import io
import json
from pathlib import Path
import re
from typing import Any

from demo import cast
from demo.check import CheckFailedError
from demo.phones import Behaviour, PhoneOS

from .answering import STRANGER
from .home import STAFF
from .seeing import ChainCheck

SEEN = "Jag har sett det"
WAIT = 6
"""Seconds that the test waits for answers."""
PRIVATE = re.compile(
    r"Tess\b|\bT\. Person|\bPerson\b|Testv(?:ä|a|\\u00e4|\\xe4)gen|Hultsfred|Nyckelg|till v(?:ä|\\u00e4)nster om"
    r"|(?<![0-9a-f])111 ?11(?![0-9a-f])|H(?:ö|\\u00f6)r d(?:å|\\u00e5)ligt"
)
"""Every word of the invented brukare's name, address, key and instructions; the digests have any digits."""


async def check_every_phone(check: ChainCheck) -> None:
    """Let the larmansvarig ring every phone: each shows what can be known of it."""
    home = check.home
    broken, answering = home.group(STAFF)[3], home.group(STAFF)[0]
    broken.behaviour = Behaviour.ERROR_500
    data = {"device_id": home.brukare_id, "timeout": WAIT}
    test = asyncio.create_task(check.act("test_alarm_chain", data), name="demo chain test")
    try:
        await answering.wait_until(lambda phone: bool(phone.notifications), WAIT)
        shown = next(iter(answering.notifications.values()))
        check.expect(f"prov: {shown.title} · {shown.message.partition('.')[0]}", is_true="Prov" in shown.message)
        await answering.press(shown.tag, next(each.key for each in shown.actions if each.title == SEEN))
        reports = {report["phone"]: report for report in (await test)["phones"]}
    finally:
        test.cancel()
        broken.behaviour = Behaviour.OK
    for phone in home.phones.values():
        expected = "passed" if phone.os is PhoneOS.ANDROID else "not_verified"
        expected = "failed" if phone is broken else expected
        report = reports.get(phone.name, {})
        if report.get("result") != expected:
            raise CheckFailedError(f"provet av {phone.name}: {report}, väntat {expected}")
    for name in (answering.name, home.group(STAFF)[2].name, home.group(STAFF)[1].name, broken.name):
        told = {key: value for key, value in reports[name].items() if key != "phone" and value is not None}
        check.expect(f"provet av {name}: {told}", is_true=True)
    await _check_told(check, broken.name)
    await check.see("provet är borta från telefonerna", lambda phone: not phone.notifications, home.group(STAFF))
    results = [report["result"] for report in reports.values()]
    check.expect(
        f"{len(reports)} mottagare rapporterade: { ({result: results.count(result) for result in sorted(set(results))}) }",
        is_true=len(reports) == len(home.phones) + 1 and "answered_ms" in reports[answering.name],
    )


async def _check_told(check: ChainCheck, name: str) -> None:
    """See that a phone that failed is in the larmansvarig's inbox and among the repairs."""

    async def filed() -> list[str]:
        answer = await check.act("get_deviations", {"status": "new"})
        return [each["text"] for each in answer["deviations"] if each["kind"] == "chain_test"]

    found = await check.wait_for("telefonen är en avvikelse", filed, lambda found: len(found) == 1 and name in found[0])
    check.expect(f"där står: {found[0]}", is_true=True)
    issues = (await check.home.client.ws_command("repairs/list_issues"))["issues"]
    told = [issue for issue in issues if (issue.get("translation_placeholders") or {}).get("phone") == name]
    check.expect("och ett ärende i reparationer", is_true=[issue["severity"] for issue in told] == ["error"])


async def check_export(check: ChainCheck) -> None:
    """See that the journal of the period has every alarm, as CSV and as text, and is sound."""
    alarms = (await check.act("get_alarms", {"limit": 100}))["alarms"]
    now = datetime.now().astimezone()
    period = {"from": f"{now - timedelta(days=1):%Y-%m-%d}", "to": f"{now + timedelta(days=1):%Y-%m-%d}"}
    table = await check.act("export_journal", {**period, "format": "csv"})
    rows = list(csv.DictReader(io.StringIO(table["content"])))
    raised = {row["alarm_id"] for row in rows if row["event"] == "raised"}
    check.expect(
        f"CSV: {table['count']} rader, {len(raised)} larm",
        is_true=raised == {alarm["alarm_id"] for alarm in alarms} and table["count"] == len(rows) and table["complete"],
    )
    _check_hub_rows(check, rows)
    text = await check.act("export_journal", {**period, "format": "text"})
    lines = [line for line in text["content"].splitlines() if "larm utlöst" in line]
    check.expect(
        f"text: {len(lines)} larm, det första {lines[0] if lines else ''!r}", is_true=len(lines) == len(alarms)
    )
    notes = [row["note"] for row in rows if row["event"] == "note_added"]
    check.expect(f"anteckningen i exporten: {notes}", is_true=len(notes) == 1 and cast.BRUKARE["code"] in notes[0])
    for what, told in (("CSV", table["content"]), ("text", text["content"])):
        _expect_private(check, f"exporten ({what})", told)
    await check_sound(check)


def _check_hub_rows(check: ChainCheck, rows: list[dict[str, str]]) -> None:
    """See what belongs to no alarm: refused users, a stranger's text, the test of the phones."""
    kinds = {kind: [row for row in rows if row["event"] == kind] for kind in ("access_refused", "reply_refused")}
    for kind, found in kinds.items():
        check.expect(f"journalen har {kind}: {len(found)}", is_true=bool(found))
    strangers = [row for row in kinds["reply_refused"] if row["reason"] == "unknown_sender"]
    check.expect(
        f"av det okända numret finns kvar: {strangers[0]['details'] if strangers else strangers}",
        is_true=len(strangers) == 1 and STRANGER[-5:] not in str(rows),
    )
    tested = [row for row in rows if row["event"] == "chain_tested"]
    check.expect(f"journalen har {len(tested)} provade mottagare", is_true=len(tested) == len(check.home.phones) + 1)


async def check_sound(check: ChainCheck) -> None:
    """See that the journal is as it was written."""
    verified = await check.act("verify_journal")
    check.expect(f"journalen är hel: {verified.get('rows')} rader", is_true=verified["sound"] is True)


async def check_private(check: ChainCheck) -> None:
    """Nothing that leaves the hub, and no log, tells who or where."""
    home = check.home
    inside = json.dumps(await check.act("get_alarms", {"limit": 100}), ensure_ascii=False)
    check.expect("inne i hubben står namnet, i anteckningen", is_true=PRIVATE.search(inside) is not None)
    raised = await check.raise_and_see("medicine")
    log = await asyncio.to_thread(_read_logs, home.hass.config)
    _expect_private(check, f"hela loggen ({len(log.splitlines())} rader)", log)
    _expect_private(check, f"allt som telefonerna har fått ({len(home.pushes)} poster)", "\n".join(home.pushes))
    told: Any = await home.client.get(f"/api/diagnostics/config_entry/{home.entry_id}")
    told = json.loads(told) if isinstance(told, str) else told
    check.expect(
        "diagnostiken har det öppna larmet",
        is_true=[alarm["alarm_id"] for alarm in told["data"]["open_alarms"]] == [raised.alarm_id],
    )
    _expect_private(check, "diagnostiken", json.dumps(told, ensure_ascii=False))
    await check.close(raised)
    errors = [line for line in log.splitlines() if " ERROR " in line and "homecare_h2o" in line]
    check.expect(f"integrationen loggade inga fel {errors[:3] or ''}".rstrip(), is_true=not errors)


def _read_logs(config: Path) -> str:
    """Return everything that Home Assistant has written into logs, over all starts."""
    paths = [*config.glob("*.out"), *config.glob("*.log*")]
    return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in paths)


def _expect_private(check: ChainCheck, what: str, text: str) -> None:
    """See that a text has no word of who or where."""
    found = [text[max(0, hit.start() - 60) : hit.end() + 20] for hit in PRIVATE.finditer(text)]
    check.expect(
        f"{what}: {len(found)} träffar på namn, adress eller nyckel {found[:3] or ''}".rstrip(), is_true=not found
    )
