"""The figures of a period for the evaluation, as plain data (R011.6)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .core.figures import Counter, Figure
from .export import period_of, read_pages
from .hub import Hub
from .journal_words import Words


async def async_calc_statistics(
    hass: HomeAssistant, hub: Hub, data: Mapping[str, Any], brukare_id: str | None
) -> dict[str, Any]:
    """Return the figures of the alarms raised in a period; when they were answered may be later."""
    since, until = period_of(data)
    counter = Counter({brukare_id} if brukare_id else None, until)
    async for page in read_pages(hub, since, None):
        counter.add(row.event for row in page)
    figures = await hass.async_add_executor_job(counter.calc, hub.rota.tz)
    words = Words(hass, hub, is_private=True)
    return {
        "from": dt_util.as_local(since).isoformat(),
        "to": dt_util.as_local(until).isoformat(),
        "total": describe_figure(figures.total),
        "by_type": {kind: describe_figure(figure) for kind, figure in figures.by_type.items()},
        "by_group": [
            {"group": words.group(group_id), **describe_figure(figure)} for group_id, figure in figures.by_group.items()
        ],
        "by_source": [
            {"source": words.mask(source), **describe_figure(figure)} for source, figure in figures.by_source.items()
        ],
    }


def describe_figure(figure: Figure) -> dict[str, Any]:
    """Return a figure as plain data; spans in seconds."""
    return {
        "number": figure.number,
        "false": figure.false,
        "false_share": round(figure.false_share, 3),
        "answered": figure.answered,
        "median_seconds": _seconds(figure.median),
        "p90_seconds": _seconds(figure.p90),
        "hours": list(figure.hours),
    }


def _seconds(span: timedelta | None) -> float | None:
    """Return a span in seconds."""
    return round(span.total_seconds(), 1) if span is not None else None
