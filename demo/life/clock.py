"""A clock that stands still until it is moved, for all of Home Assistant."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
import sqlite3
from typing import cast

import freezegun
import freezegun.api
from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component import patch_time

from custom_components.homecare_h2o import gaps
from custom_components.homecare_h2o.core import codec
from custom_components.homecare_h2o.core.detection.visit import VisitFacts
from custom_components.homecare_h2o.trigger import TRIGGERS
from custom_components.homecare_h2o.triggers.detector import DetectorTrigger

PATCHED = (
    "_get_module_attributes",
    "_get_module_attributes_hash",
    "_should_use_real_time",
    "datetime_to_fakedatetime",
    "get_current_time",
)


def _learn_records() -> None:
    """Have the codec look at every record now: while time stands still ``datetime`` is another class."""
    detectors = [kind.detector.facts for kind in TRIGGERS.values() if issubclass(kind, DetectorTrigger)]
    for record in (*codec.KINDS.values(), *detectors, VisitFacts):
        with suppress(KeyError, TypeError, ValueError):
            codec.from_plain(record, {})


def _know_summer_time() -> None:
    """Give freezegun what Home Assistant's own tests give it: without it the repeated hour in autumn is told wrong."""
    names = {"FakeDate": patch_time.HAFakeDate, "FakeDatetime": patch_time.HAFakeDatetime}
    names |= {name: getattr(patch_time, f"ha_{name.lstrip('_')}") for name in PATCHED}
    for name, patch in names.items():
        setattr(freezegun.api, name, patch)
    sqlite3.register_adapter(patch_time.HAFakeDatetime, lambda at: at.isoformat(" "))


@contextmanager
def frozen_at(at: datetime) -> Iterator[FrozenDateTimeFactory]:
    """Let time stand still at an instant."""
    _learn_records()
    _know_summer_time()
    # Looking at who asks for the time costs more than all else, and nobody here may have the real one.
    freezegun.api.call_stack_inspection_limit = 0
    # Time moves in long steps here, which a hub takes for monitoring gaps.
    gaps.LONGEST_STEP = timedelta.max
    with freezegun.freeze_time(at) as factory:
        yield cast(FrozenDateTimeFactory, factory)
