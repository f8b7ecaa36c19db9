"""Pictures of the panel for the docs, from an invented home in a telling state; ``scripts/pictures`` runs it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import io
from pathlib import Path
import sys
import tempfile
from typing import Any

from PIL import Image

from demo import cast
from demo.check import alarm_on
from demo.hass import Account

from .evaluated import tell, write_month
from .past import forget, write_past
from .recorded import live, write_days
from .stage import OWNER, Stage, open_stage

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images" / "panel"
NURSE = Account("1 Htj dag", "htj1", "htj1")
PHONE = {"width": 360, "height": 800}
TABLET = {"width": 860, "height": 900}
DESK = {"width": 1280, "height": 800}
SCALE = 1.5
DRAWN_AFTER = 1500
"""Milliseconds until charts and fonts have come to rest."""
COLOURS = 128
CONSENT = {"status": "given", "decided_on": "2026-01-12"}
PASSIVITY = "passivitet_formiddag"
SENSORS = """
template:
  - binary_sensor:
      - {name: Sovrummet, unique_id: sovrummet, device_class: motion, state: "off"}
      - {name: Hallen, unique_id: hallen, device_class: motion, state: "off"}
      - {name: Ytterdörren, unique_id: ytterdorren, device_class: door, state: "off"}
      - {name: Köket, unique_id: koket, device_class: smoke, state: "off"}
      - {name: Larmknappen, unique_id: larmknappen, state: "off"}
"""
"""What the home has, as the end of configuration.yaml: all is quiet."""

TO_THE_TOP = """part => {
    const main = part.getRootNode().querySelector("main");
    main.scrollBy(0, part.getBoundingClientRect().top - main.getBoundingClientRect().top - 12);
}"""

type Press = Callable[[Any], Awaitable[None]]


async def _nothing(_page: Any) -> None:
    """Press nothing."""


async def _scroll_to_changes(page: Any) -> None:
    """Show the line of the plan that was changed."""
    await page.get_by_role("region", name="Passivitetslarm förmiddag").evaluate(TO_THE_TOP)


async def _try_values(page: Any) -> None:
    """Try a shorter time in a line of the plan."""
    line = page.get_by_role("region", name="Passivitetslarm förmiddag")
    await line.get_by_role("button", name="Prova andra värden").click()
    part = page.get_by_role("region", name="Prova andra värden")
    await part.get_by_role("spinbutton", name="Inaktiv i").fill("6")
    await part.get_by_role("button", name="Räkna").click()
    await part.get_by_role("table").wait_for()
    await part.evaluate(TO_THE_TOP)


async def _open_urgent(page: Any) -> None:
    """Open the alarm that waits for somebody."""
    await page.locator("a.row.urgent").first.click()
    await page.get_by_text(cast.BRUKARE["name"]).first.wait_for()


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """What a picture is of: where, seen by whom, when it is there, and what to press first."""

    name: str
    path: str
    text: str
    size: Mapping[str, int]
    account: Account = OWNER
    press: Press = _nothing
    is_dark: bool = False


LOG = (Picture(name="log", path="/log", text="Spara som CSV", size=TABLET),)
QUIET = (
    Picture(name="statistics", path="/statistics", text="Larm per larmtyp", size=TABLET),
    Picture(name="plan", path="/plan", text="Passivitetslarm förmiddag", size=TABLET, press=_scroll_to_changes),
    Picture(name="what-if", path="/plan", text="Passivitetslarm förmiddag", size=TABLET, press=_try_values),
    Picture(name="deviations", path="/deviations", text="Pågår", size=DESK),
)
BUSY = (
    Picture(name="overview", path="/overview", text="Tjänstgöring", size=DESK),
    Picture(name="alarm", path="/alarms", text="Öppna larm", size=DESK, account=NURSE, press=_open_urgent),
    Picture(name="alarm-narrow", path="/alarms", text="Öppna larm", size=PHONE, account=NURSE, press=_open_urgent),
    Picture(
        name="alarm-dark", path="/alarms", text="Öppna larm", size=DESK, account=NURSE, press=_open_urgent, is_dark=True
    ),
    Picture(name="dashboard", path="/../home-care", text="Öppna larm", size=DESK),
)


async def _take(stage: Stage, picture: Picture) -> None:
    """Take a picture, and keep it small."""
    async with stage.page(picture.path, picture.account, size=picture.size, dark=picture.is_dark, scale=SCALE) as seen:
        await seen.page.get_by_text(picture.text).locator("visible=true").first.wait_for()
        await picture.press(seen.page)
        await seen.page.wait_for_timeout(DRAWN_AFTER)
        _save(picture.name, await seen.page.screenshot())


def _save(name: str, taken: bytes) -> None:
    """Save a picture in the few colours that it has."""
    few = Image.open(io.BytesIO(taken)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    path = FOLDER / f"{name}.png"
    few.save(path, optimize=True)
    sys.stdout.write(f"  {name}: {path.stat().st_size / 1000:.0f} kB\n")


async def _take_all(stage: Stage, pictures: tuple[Picture, ...], wanted: set[str]) -> list[str]:
    """Take pictures, each by itself; return those that could not be taken."""
    from playwright.async_api import Error  # There only when scripts/browser has brought it.

    missing = []
    for picture in pictures:
        if wanted and picture.name not in wanted:
            continue
        try:
            await _take(stage, picture)
        except Error as err:
            sys.stderr.write(f"  {picture.name}: {err}\n")
            missing.append(picture.name)
    return missing


async def _pace(stage: Stage) -> None:
    """Give staff half an hour, as the larmplan does."""
    entries = await stage.client.get("/api/config/config_entries/entry")
    (entry_id,) = (entry["entry_id"] for entry in entries if entry["domain"] == "homecare_h2o")
    paced = {**cast.plan(cast.Pace(level=timedelta(minutes=5))), "response_time": cast.duration(timedelta(minutes=30))}
    for priority in ("normal", "urgent"):
        await stage.client.run_options_flow(entry_id, {"next_step_id": priority}, paced)


async def _plan(stage: Stage) -> None:
    """Write the plan."""
    brukare = {"brukare": stage.brukare_id}
    door = {"doors": ["binary_sensor.ytterdorren"], "rooms": ["binary_sensor.sovrummet", "binary_sensor.hallen"]}
    lines = {
        "gatt_ut": cast.automation("Gått ut-larm natt", "gone_out", {**brukare, **door}),
        "brand": cast.automation("Brandlarm", "fire", {**brukare, "sensors": {"entity_id": ["binary_sensor.koket"]}}),
        "knapp": cast.automation(
            "Trygghetslarm", "safety_button", {**brukare, "button": {"entity_id": ["binary_sensor.larmknappen"]}}
        ),
        PASSIVITY: _passivity(stage, 5),
    }
    for rule, config in lines.items():
        await stage.client.save_automation(rule, config)


def _passivity(stage: Stage, hours: int) -> Mapping[str, object]:
    """Return the line of the forenoon, with so many hours."""
    given = {
        "brukare": stage.brukare_id,
        "sensors": {"entity_id": ["binary_sensor.sovrummet", "binary_sensor.hallen"]},
        "threshold": {"hours": hours},
        "from": "06:00:00",
        "to": "13:00:00",
        "placement": "Sovrum, mitt emot sängen; hall, vid badrumsdörren",
        "adaptation": "Sover till nio. Går upp en gång om natten.",
    }
    return cast.automation("Passivitetslarm förmiddag", "passivity", given)


async def _consent(stage: Stage) -> None:
    """Register that the brukare has consented."""
    given = {"device_id": stage.brukare_id, **CONSENT}
    await stage.client.call_service("homecare_h2o", "register_consent", given)


async def _change_plan(stage: Stage) -> None:
    """Shorten the time of the forenoon, and say why."""
    await stage.client.save_automation(PASSIVITY, _passivity(stage, 4))
    await asyncio.sleep(2)
    told = await stage.client.call_service(
        "homecare_h2o", "get_plan", {"device_id": stage.brukare_id}, return_response=True
    )
    change = next(line for line in told["lines"] if line["rule"] == PASSIVITY)["changes"][0]
    why = "Vaknar tidigare sedan i höstas, enligt kontaktpersonen."
    await stage.client.call_service(
        "homecare_h2o", "comment_plan_change", {"change_id": change["change_id"], "comment": why}
    )


async def _deviate(stage: Stage) -> None:
    """Give the larmansvarig something in the inbox."""
    close = {"outcome": "technical_fault", "note": "Batteriet i larmknappen var slut.", "report": True}
    for alarm_type in ("safety_button", "door", "passivity"):
        alarm_id = await stage.raise_alarm(alarm_type)
        await stage.client.call_service("homecare_h2o", "acknowledge_alarm", {"alarm_id": alarm_id})
        await stage.client.call_service("homecare_h2o", "resolve_alarm", {"alarm_id": alarm_id, **close})
        close = {"outcome": "false_alarm", "report": True}


async def _begin_work(stage: Stage) -> None:
    """Begin to work on one of the deviations."""
    async with stage.page("/deviations", OWNER) as seen:
        await seen.page.locator("a.row").first.click()
        await seen.page.get_by_role("button", name="Börja arbeta").first.click()
        await seen.page.get_by_text("Pågår").first.wait_for()


async def _test_phones(stage: Stage) -> None:
    """Test the phones."""
    with suppress(TimeoutError):
        async with asyncio.timeout(30):
            await stage.client.call_service(
                "homecare_h2o", "test_alarm_chain", {"device_id": stage.brukare_id, "timeout": 5}
            )


async def _alarm(stage: Stage) -> None:
    """Let one alarm be taken by a colleague, and another wait for somebody."""
    await stage.raise_alarm("passivity", sources=["binary_sensor.sovrummet"])
    colleague = stage.phones["htj2"]
    await colleague.wait_until(lambda phone: alarm_on(phone) is not None, 20)
    shown = alarm_on(colleague)
    assert shown
    await colleague.press(shown.tag, next(each.action_id for each in shown.actions if each.title == "Åtgärdar"))
    await stage.raise_alarm("safety_button", sources=["binary_sensor.larmknappen"])
    await asyncio.sleep(3)


async def _with_past(stage: Stage, write: Callable[[Path], Awaitable[None]]) -> None:
    """Give the home a past while it does not run."""
    await stage.hass.stop()
    await write(stage.hass.config)
    await stage.hass.start()
    await stage.client.wait_running()


async def _write_month(config: Path) -> None:
    """Write a month of alarms and a fortnight of movements."""
    now = datetime.now(UTC)
    await asyncio.to_thread(forget, config)
    await write_month(config, tell(54, now), {PASSIVITY: 7, "gatt_ut": 23})
    rooms = ("binary_sensor.sovrummet", "binary_sensor.hallen")
    await asyncio.to_thread(write_days, config, {room: live(now, 15, 60, seed) for seed, room in enumerate(rooms)})


async def take_pictures(folder: Path, chromium: str, wanted: set[str]) -> list[str]:
    """Take the pictures that are wanted, or all; return those that could not be taken."""
    await asyncio.to_thread(FOLDER.mkdir, parents=True, exist_ok=True)
    async with open_stage(folder, chromium, extra=SENSORS) as stage:
        await _pace(stage)
        await _plan(stage)
        await _with_past(stage, lambda config: write_past(config, 40, timedelta(hours=4, minutes=7)))
        missing = await _take_all(stage, LOG, wanted)
        await _with_past(stage, _write_month)
        await _consent(stage)
        await _change_plan(stage)
        await _test_phones(stage)
        await _deviate(stage)
        await _begin_work(stage)
        missing += await _take_all(stage, QUIET, wanted)
        await stage.close_all()
        dashboard = {"url_path": "home-care", "title": "Larm", "require_admin": False, "show_in_sidebar": True}
        await stage.client.ws_command("lovelace/dashboards/create", **dashboard)
        config = {"strategy": {"type": "custom:homecare-h2o"}}
        await stage.client.ws_command("lovelace/config/save", url_path="home-care", config=config)
        await _alarm(stage)
        return missing + await _take_all(stage, BUSY, wanted)


def main() -> int:
    """Take the pictures with the browser that is named, of the names that follow; return how many are missing."""
    chromium, *wanted = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        return len(asyncio.run(take_pictures(Path(folder), chromium, set(wanted))))


if __name__ == "__main__":
    raise SystemExit(main())
