"""Medians, percentiles, and ratios of what was measured in pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
import math
import random
import statistics

_RESAMPLES = 2000
_SEED = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Ratio:
    """The median of the ratios of pairs, and where it lies with 95 % confidence."""

    median: float
    low: float
    high: float


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of the values does not exceed (nearest rank)."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def calc_ratio(values: Sequence[float], beside: Sequence[float]) -> Ratio:
    """Compare measurements with those that were made beside them, pair by pair."""
    return summarize([value / other for value, other in zip(values, beside, strict=True)])


def calc_ratio_of_processes(values: Sequence[Sequence[float]], beside: Sequence[Sequence[float]]) -> Ratio:
    """Compare processes: what is drawn again is the process, for its batches are as much alike as it is itself."""
    return summarize([calc_ratio(own, other).median for own, other in zip(values, beside, strict=True)])


def summarize(ratios: Sequence[float]) -> Ratio:
    """Return the median of ratios, and its interval by drawing from them again and again."""
    chance = random.Random(_SEED)  # noqa: S311 - repeatable, not secret
    medians = sorted(statistics.median(chance.choices(ratios, k=len(ratios))) for _ in range(_RESAMPLES))
    return Ratio(median=statistics.median(ratios), low=percentile(medians, 0.025), high=percentile(medians, 0.975))
