"""The figures of a period for the panel: figures only, counted on the hub (R011.6, R010.5)."""

from typing import Any

from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .core.figures import Counter, Figure
from .core.summary import Answered, Summary, Watched, calc_summary, calc_watched
from .export import ATTR_FROM, ATTR_TO, PERIOD, period_of, read_pages
from .hub import Hub
from .journal_words import Words
from .statistics import describe_figure

STATISTICS: dict[Any, Any] = {key: value for key, value in PERIOD.items() if str(key) in (ATTR_FROM, ATTR_TO)}

type Message = dict[str, Any]


async def read_statistics(hass: HomeAssistant, hub: Hub, _connection: ActiveConnection, msg: Message) -> Message:
    """Return the figures of the alarms raised in a period; when they were answered may be later."""
    since, until = period_of(msg)
    counter = Counter(None, until, since)
    async for page in read_pages(hub, since, until):
        counter.add(row.event for row in page)
    # What has been done to these after the period, and also what could not be written yet.
    unfinished = [alarm_id for alarm_id, case in counter.cases.items() if not case.is_closed]
    for alarm_id in dict.fromkeys((*unfinished, *hub.engine.alarms)):
        counter.add(await hub.engine.load_history(alarm_id))
    summary = await hass.async_add_executor_job(calc_summary, counter.cases.values(), hub.rota.tz)
    begun_at = (await hub.journal.load_extent()).first_at
    # Outside the home a relative's group is not called by its name, and the figures are made to be taken out.
    words = Words(hass, hub, is_private=True)
    watched = [
        {
            "code": hub.code_of(each.line.brukare_id),
            "line": words.mask(each.line.name),
            "alarm_type": each.line.alarm_type,
            **_describe_watched(calc_watched(each.facts.days, since, until, hub.clock.now(), hub.rota.tz)),
        }
        for each in hub.lines.values()
    ]
    return {
        "from": dt_util.as_local(since).isoformat(),
        "to": dt_util.as_local(until).isoformat(),
        "begun": dt_util.as_local(begun_at).isoformat() if begun_at and begun_at > since else None,
        **_describe_summary(summary, words),
        "watched": sorted(watched, key=lambda row: (row["code"], row["line"])),
    }


def _describe_summary(summary: Summary, words: Words) -> Message:
    """Return the figures of the alarms as plain data; spans in seconds."""
    return {
        "total": _describe_answered(summary.total),
        "by_type": [{"alarm_type": kind, **_describe_answered(part)} for kind, part in summary.by_type.items()],
        "by_group": [{"group": words.group(key), **_describe(figure)} for key, figure in summary.by_group.items()],
        "by_hour": [_describe(figure) for figure in summary.by_hour],
    }


def _describe_answered(part: Answered) -> Message:
    """Return the figure of some alarms, and how many were answered how."""
    return {**_describe(part.figure), "answers": dict(part.answers)}


def _describe(figure: Figure) -> Message:
    """Return a figure without its hours: they have their own."""
    return {key: value for key, value in describe_figure(figure).items() if key != "hours"}


def _describe_watched(watched: Watched) -> Message:
    """Return how much was watched, in seconds."""
    return {
        "watched_seconds": round(watched.watched.total_seconds()),
        "not_watched_seconds": round(watched.not_watched.total_seconds()),
        "uncounted_seconds": round(watched.uncounted.total_seconds()),
        "share": round(watched.share, 4),
    }
