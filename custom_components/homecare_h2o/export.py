"""The journal of a period, for the case system: JSON, CSV or a timeline in words (P001.7)."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
import csv
from datetime import date, datetime, timedelta
from enum import StrEnum
import io
import json
from typing import Any

from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import probatio as vol

from .core.errors import BadPeriodError, JournalDamagedError
from .core.events import AlarmEvent, AlarmRaised, Event
from .hub import Hub
from .journal_words import Words
from .ports import Recorded
from .wording import Wording

ATTR_FROM = "from"
ATTR_TO = "to"
ATTR_FORMAT = "format"

PAGE = 50
"""Rows between two chances for everything else to run."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a cell begins with that a spreadsheet takes for a formula."""

COLUMNS = (
    *("seq", "at", "code", "event", "alarm_id", "alarm_type", "text", "phone", "user_id", "step", "level", "reason"),
    *("outcome", "note", "report", "rule", "sources", "due_at", "late", "details", "digest"),
)
NOT_TOLD = frozenset(
    {"at", "alarm_id", "brukare_id", "by", "phone_id", "secret", "answer", "plan", "alarm_type", "rows", "line"}
)
"""Fields with a column of their own under another name, and those that are nobody's business."""


class Format(StrEnum):
    """How it is written."""

    JSON = "json"
    CSV = "csv"
    TEXT = "text"


def _instant(days: int) -> Callable[[Any], datetime]:
    """Return what makes an instant (UTC) of a local date or time; of a date so many days later, at midnight."""

    def parse(value: Any) -> datetime:
        day = dt_util.parse_date(value) if isinstance(value, str) else value
        try:
            if isinstance(day, date) and not isinstance(day, datetime):
                return dt_util.as_utc(dt_util.start_of_local_day(day + timedelta(days=days)))
            return dt_util.as_utc(cv.datetime(value))
        except OverflowError as err:
            raise vol.Invalid("beyond the calendar") from err

    return parse


PERIOD: dict[Any, Any] = {
    vol.Required(ATTR_FROM): _instant(0),
    vol.Required(ATTR_TO): _instant(1),
    vol.Optional(ATTR_DEVICE_ID): cv.string,
}
PERIOD_SCHEMA = vol.Schema(PERIOD)
EXPORT_SCHEMA = vol.Schema({**PERIOD, vol.Optional(ATTR_FORMAT, default=Format.JSON): vol.Coerce(Format)})
NO_SCHEMA = vol.Schema({})


def period_of(data: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """Return the period that is asked for; raises BadPeriodError for one that has no length."""
    since, until = data[ATTR_FROM], data[ATTR_TO]
    if until <= since:
        raise BadPeriodError
    return since, until


async def read_pages(hub: Hub, since: datetime, until: datetime | None) -> AsyncIterator[list[Recorded]]:
    """Yield the rows of a period page by page; meanwhile everything else goes on."""
    after = 0
    while page := await hub.journal.read(after, PAGE, since=since, until=until):
        yield list(page)
        after = page[-1].seq


class Exporter:
    """Makes records of rows."""

    def __init__(self, hass: HomeAssistant, hub: Hub) -> None:
        """Know of no alarm yet."""
        self._hub = hub
        self._raised: dict[str, AlarmRaised | None] = {}
        self.words = Words(hass, hub, is_private=True)

    async def records(self, since: datetime, until: datetime, brukare_id: str | None) -> AsyncIterator[Record]:
        """Yield the records of a period; of one brukare those that are of nobody else."""
        async for page in read_pages(self._hub, since, until):
            for row in page:
                raised = await self._find_raised(row.event)
                whose = raised.brukare_id if raised else getattr(row.event, "brukare_id", None)
                if brukare_id in (None, whose) or whose is None:
                    yield self._record(row, whose, raised), row.event

    async def _find_raised(self, event: Event) -> AlarmRaised | None:
        """Return how an event's alarm began, which may have been before the period."""
        if not isinstance(event, AlarmEvent):
            return None
        if isinstance(event, AlarmRaised):
            self._raised[event.alarm_id] = event
        if event.alarm_id not in self._raised:
            first = next(iter(await self._hub.journal.load_alarm(event.alarm_id)), None)
            self._raised[event.alarm_id] = first if isinstance(first, AlarmRaised) else None
        return self._raised[event.alarm_id]

    def _record(self, row: Recorded, brukare_id: str | None, raised: AlarmRaised | None) -> dict[str, Any]:
        """Return a row as plain data, without a name or an address."""
        event = row.event
        fields = self.words.fields(event)
        by = fields.get("by") or {}
        alarm_type = raised.alarm_type if raised else fields.get("alarm_type")
        record = {
            "seq": row.seq,
            "at": dt_util.as_local(event.at).isoformat(timespec="milliseconds"),
            "code": self._hub.code_of(brukare_id) if brukare_id else None,
            "event": event.kind,
            "alarm_id": self.words.mask(alarm_id) if (alarm_id := getattr(event, "alarm_id", None)) else None,
            "alarm_type": alarm_type,
            "text": self.words.text(event),
            "phone": fields.get("phone_id") or by.get("phone_id"),
            "user_id": by.get("user_id"),
        }
        record |= {key: fields[key] for key in COLUMNS if key in fields and key not in record}
        details = {key: value for key, value in fields.items() if key not in NOT_TOLD and key not in record}
        return record | {"details": details, "digest": row.digest}


type Record = tuple[dict[str, Any], Event]


async def async_export(
    hass: HomeAssistant, hub: Hub, data: Mapping[str, Any], brukare_id: str | None
) -> dict[str, Any]:
    """Return the journal of a period; what could not be written to it yet is not in it, which is told."""
    since, until = period_of(data)
    exporter = Exporter(hass, hub)
    records = [record async for record in exporter.records(since, until, brukare_id)]
    told: dict[str, Any] = {
        "format": data[ATTR_FORMAT],
        "from": dt_util.as_local(since).isoformat(),
        "to": dt_util.as_local(until).isoformat(),
        "count": len(records),
        "complete": not hub.engine.is_journal_behind,
    }
    match data[ATTR_FORMAT]:
        case Format.JSON:
            return told | {"rows": [record for record, _ in records]}
        case Format.CSV:
            rows = [record for record, _ in records]
            return told | {"content": await hass.async_add_executor_job(write_csv, rows)}
        case _:
            return told | {"content": await hass.async_add_executor_job(write_text, hub.wording, records)}


async def async_verify(hub: Hub) -> dict[str, Any]:
    """Return whether the journal is as it was written, how far it reaches, or where it breaks.

    What is found to be damaged is set aside and told at the next start, as always.
    """
    try:
        await hub.journal.verify()
        extent = await hub.journal.load_extent()
    except JournalDamagedError as err:
        row = err.placeholders.get("row")
        return {"sound": False, "reason": str(err), "row": int(row) if row else None}
    return {
        "sound": True,
        "rows": extent.rows,
        "removed": extent.removed,
        "first_at": _local(extent.first_at),
        "last_at": _local(extent.last_at),
        "digest": extent.digest,
    }


def _local(instant: datetime | None) -> str | None:
    """Return an instant in the home's time zone as text."""
    return dt_util.as_local(instant).isoformat() if instant else None


def write_csv(records: Iterable[Mapping[str, Any]]) -> str:
    """Return records as CSV (RFC 4180), in which a spreadsheet finds no formula."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(record.get(name)) for name in COLUMNS] for record in records)
    return out.getvalue()


def _cell(value: Any) -> str:
    """Return a value as a cell."""
    if value is None or isinstance(value, (int, float)):
        return "" if value is None else str(value).lower()
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # Also behind blanks, which some spreadsheets leave out.
    return f"'{text}" if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else text


def write_text(wording: Wording, records: Iterable[Record]) -> str:
    """Return the rows in words, by day."""
    lines: list[str] = []
    day = ""
    for record, event in records:
        if record["at"][:10] != day:
            day = record["at"][:10]
            lines += ["", day] if lines else [day]
        kind = wording.alarm_type(record["alarm_type"]) if record["alarm_type"] else ""
        whose = " · ".join(filter(None, (record["code"] or wording.journal("hub"), kind)))
        # What somebody wrote in several lines stays one row.
        lines.append(" ".join(f"{dt_util.as_local(event.at):%H:%M:%S} {whose}: {record['text']}".split()))
    return "\n".join(lines)
