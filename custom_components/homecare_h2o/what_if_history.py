"""What Home Assistant's recorder has kept of some entities, read where it reads its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from homeassistant.components.recorder import get_instance, history
from homeassistant.components.recorder.db_schema import RecorderRuns, States, StatesMeta
from homeassistant.components.recorder.util import session_scope
from homeassistant.core import HomeAssistant, State
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from .core.what_if import RecorderMissingError, TooMuchRecordedError

MOST_STATES = 500_000
"""Each takes some 600 bytes while it is replayed; a power that is told each second comes to this in six days."""


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """What was recorded (UTC): since when there is anything, the states by entity, and when the recorder started."""

    since: datetime | None
    states: Mapping[str, Sequence[State]]
    runs: tuple[datetime, ...]


async def async_read_history(
    hass: HomeAssistant, sources: Sequence[str], since: datetime, until: datetime, *, needs_attributes: bool
) -> History:
    """Read what was recorded of some entities in a period; raises RecorderMissingError, TooMuchRecordedError."""

    def read() -> History:
        oldest_ts = get_instance(hass).states_manager.oldest_ts
        oldest_at = None if oldest_ts is None else datetime.fromtimestamp(oldest_ts, UTC)
        with session_scope(hass=hass, read_only=True) as session:
            if _count_states(session, sources, since) > MOST_STATES:
                raise TooMuchRecordedError
            found = (
                history.get_significant_states_with_session(
                    hass,
                    session,
                    since,
                    until,
                    list(sources),
                    significant_changes_only=False,
                    no_attributes=not needs_attributes,
                )
                if sources
                else {}
            )
            runs = session.scalars(select(RecorderRuns.start).where(RecorderRuns.start > since)).all()
        return History(
            since=oldest_at,
            states=cast(Mapping[str, Sequence[State]], found),
            runs=tuple(run.replace(tzinfo=run.tzinfo or UTC) for run in runs),
        )

    try:
        return await get_instance(hass).async_add_executor_job(read)
    except SQLAlchemyError as err:
        raise RecorderMissingError from err


def _count_states(session: Session, sources: Sequence[str], since: datetime) -> int:
    """Return how many states of some entities were recorded since an instant."""
    of = States.metadata_id == StatesMeta.metadata_id
    chosen = StatesMeta.entity_id.in_(sources), States.last_updated_ts > since.timestamp()
    return session.scalar(select(func.count()).select_from(States).join(StatesMeta, of).where(*chosen)) or 0
