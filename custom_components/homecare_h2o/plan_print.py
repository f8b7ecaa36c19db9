"""The handlingsplan on paper: as text, and as a page to print that fetches nothing from anywhere (HP.4)."""

from datetime import datetime
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .hub import Hub
from .plan_view import Document
from .wording import Wording

LATEST = 5
"""So many changes are seen at the first glance (R011.3)."""
FOLDER = Path(__file__).parent / "templates"


def write_html(wording: Wording, language: str, plan: Document) -> str:
    """Return the plan as a page; reads a file. Whatever somebody has written is text there, never markup."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["when"] = say_when
    return environment.get_template("handlingsplan.html.jinja").render(
        plan=plan,
        say=wording.plan,
        language=language[:2],
        latest=LATEST,
        facts=lambda line: _facts(wording, line),
        kind=wording.alarm_type,
    )


async def async_write_html(hass: HomeAssistant, hub: Hub, plan: Document) -> str:
    """Return the plan as a page, in the hub's language."""
    return await hass.async_add_executor_job(write_html, hub.wording, hass.config.language, plan)


def write_text(wording: Wording, plan: Document) -> str:
    """Return the plan as plain text."""
    say = wording.plan
    lines = [f"{say('title')} {plan['code']}", f"{say('name')}: ______________________ ({say('by_hand')})"]
    if plan["created_at"]:
        made = say("by", at=say_when(plan["created_at"]), who=plan["created_by"])
        lines.append(f"{say('created')}: {made}")
    lines.append(f"{say('printed')}: {say_when(plan['printed_at'])}")
    if not plan["lines"]:
        lines += ["", say("no_lines")]
    for line in plan["lines"]:
        lines += ["", *_heading(f"{line['name']} · {wording.alarm_type(line['alarm_type'])}"), *_block(wording, line)]
    if plan["deleted"]:
        lines += ["", *_heading(say("deleted_lines"))]
    for line in plan["deleted"]:
        gone = f"{line['name']} · {wording.alarm_type(line['alarm_type'])}: {say('deleted')} {say_when(line['deleted_at'])}"
        lines += [gone, *_changes(wording, line["changes"])]
    return "\n".join(lines)


def say_when(text: str) -> str:
    """Return an instant as people read it, to the minute."""
    return f"{dt_util.as_local(datetime.fromisoformat(text)):%Y-%m-%d %H:%M}"


def _heading(text: str) -> list[str]:
    """Return a heading."""
    return [text, "-" * len(text)]


def _facts(wording: Wording, line: Document) -> list[tuple[str, str]]:
    """Return what a line is, by name, in the order of the plan (HP.1)."""
    say = wording.plan
    status = say("broken") if line.get("broken") else say("on" if line["on"] else "off")
    coverage = [wording.coverage(line["coverage"]).lower()] if line.get("coverage") else []
    paused = [say("paused", until=say_when(line["paused_until"]))] if line.get("paused_until") else []
    facts = [(say("status"), ", ".join([status, *coverage, *paused]))]
    if "created_at" not in line:
        return facts
    return [
        *facts,
        (say("sensors"), ", ".join(line["sensors"]) or "–"),
        (say("time"), ", ".join(line["time"]) or "–"),
        (say("active"), line["active"] or "–"),
        (say("placement"), line["placement"] or "–"),
        (say("adaptation"), line["adaptation"] or "–"),
        (say("response"), line["response"]),
        (say("response_time"), line["response_time"]),
        (say("told"), "\n".join(line["told"])),
        (say("added"), say("by", at=say_when(line["created_at"]), who=line["created_by"])),
    ]


def _block(wording: Wording, line: Document) -> list[str]:
    """Return a line of the plan as text: what it is, its values, its latest changes, and all of them."""
    say, changes = wording.plan, line["changes"]
    told = [f"{name}: {_one_line(value.replace('\n', '; '))}" for name, value in _facts(wording, line)]
    told += ["", f"{say('values')}:"]
    told += [f"  {each['name']}: {_one_line(each['value'])}" for each in line.get("values", ())]
    told += ["", f"{say('latest', number=str(LATEST))}:", *_changes(wording, changes[:LATEST])]
    if len(changes) > LATEST:
        told += ["", f"{say('all_changes')}:", *_changes(wording, changes)]
    return told


def _changes(wording: Wording, changes: list[dict[str, Any]]) -> list[str]:
    """Return changes as text, the newest first: when, who, what, and why."""
    told = []
    for change in changes:
        told.append(f"  {say_when(change['at'])} {change['by']}: {change['text']}")
        if change["comment"]:
            told.append(f"    {wording.plan('comment')}: {_one_line(change['comment'])} ({change['comment_by']})")
    return told


def _one_line(text: str) -> str:
    """Return a text that somebody wrote in several lines as one."""
    return " ".join(text.split())
