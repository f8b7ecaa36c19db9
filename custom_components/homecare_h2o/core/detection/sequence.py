"""Sequence: steps, each within a time of the one before, and then perhaps nothing for a time (R010.3)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ..windows import ALL_DAY, Window
from . import BadRuleError
from .notes import Reason, Why, outside

_NO_INFORMATION = frozenset({None, "", "unknown", "unavailable"})


class NoStepsError(BadRuleError):
    """Nothing would ever begin."""

    translation_key = "sequence_without_steps"


class StepWithoutSensorError(BadRuleError):
    """Nobody could see this step."""

    translation_key = "step_without_sensor"


class StepTimeNotPositiveError(BadRuleError):
    """Every step after the first needs a time within which it follows."""

    translation_key = "step_time_not_positive"


class AbsenceTimeNotPositiveError(BadRuleError):
    """Nothing for no time at all always holds."""

    translation_key = "absence_time_not_positive"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One of the sources changes to a state, None being any; within: of the step before, not used by the first."""

    sources: tuple[str, ...]
    to_state: str | None = "on"
    within: timedelta | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Absence:
    """And then no sign from these sources for a time; a change to a rest state, as a motion sensor's off, is none."""

    sources: tuple[str, ...]
    duration: timedelta
    rest_states: tuple[str, ...] = ("off",)


@dataclass(frozen=True, kw_only=True, slots=True)
class SequenceConfig:
    """The steps, what must stay away after the last, and when the first one must happen."""

    steps: tuple[Step, ...]
    absence: Absence | None = None
    window: Window = ALL_DAY


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceFacts:
    """The last state of a source that was information; blind: it has shown none since."""

    source: str
    state: str
    blind: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """The newest way in which a step, by its index, was reached: when, and when its first step was (UTC)."""

    step: int
    at: datetime
    began_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class SequenceFacts:
    """What is remembered over a restart: at most one state a source, one candidate a step and one deadline."""

    states: tuple[SourceFacts, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    due_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """The state of a source of the rule; restored: shown at a start, it is learnt but is no step and no sign."""

    source: str
    state: str | None
    at: datetime
    restored: bool = False


def check(config: SequenceConfig) -> None:
    """Raise BadRuleError if a step, or what must stay away, could never be seen or has no time."""
    if not config.steps:
        raise NoStepsError("A sequence needs a first step")
    absent = [] if config.absence is None else [config.absence.sources]
    if not all([*(step.sources for step in config.steps), *absent]):
        raise StepWithoutSensorError("Every step needs a sensor")
    if any(step.within is None or step.within <= timedelta() for step in config.steps[1:]):
        raise StepTimeNotPositiveError("Every step after the first needs a time within which it follows")
    if config.absence is not None and config.absence.duration <= timedelta():
        raise AbsenceTimeNotPositiveError("The time in which nothing happens must be longer than nothing")


def observe(config: SequenceConfig, facts: SequenceFacts, seen: Seen, tz: ZoneInfo) -> SequenceFacts:
    """Return the new facts; raise what is due by ``seen.at`` first, for a later sign does not take it back.

    A step may be seen over a time without information, a sign that calls the alarm off may not.
    """
    known = next((each for each in facts.states if each.source == seen.source), None)
    if seen.state is None or seen.state in _NO_INFORMATION:
        return facts if known is None else _learn(facts, replace(known, blind=True))
    learnt = _learn(facts, SourceFacts(source=seen.source, state=seen.state))
    if seen.restored or known is None or known.state == seen.state:
        return learnt
    if not known.blind and _is_sign(config.absence, seen):
        learnt = replace(learnt, due_at=None)
    return _advance(config, learnt, seen, tz)


def next_due_at(config: SequenceConfig, facts: SequenceFacts, tz: ZoneInfo) -> datetime | None:
    """Return the deadline: the last step's instant, or the end of the time in which nothing may happen; None if none.

    It may lie in the past, if the hub was down: it is then raised at once, late (R010.5).
    """
    return facts.due_at


def fired(facts: SequenceFacts, due_at: datetime) -> SequenceFacts:
    """Return the facts after the alarm; what had begun after it goes on."""
    return replace(facts, due_at=None if facts.due_at is None or facts.due_at <= due_at else facts.due_at)


def explain(
    config: SequenceConfig, before: SequenceFacts, after: SequenceFacts, seen: Seen, tz: ZoneInfo
) -> Why | None:
    """Return why what was seen is no alarm; None if it may become one, or says nothing new."""
    if before.due_at is not None and (after.due_at is None or after.due_at > before.due_at):
        return Why(reason=Reason.SIGN_SEEN, due_at=before.due_at)
    known = next((each for each in before.states if each.source == seen.source), None)
    nothing_new = seen.restored or known is None or seen.state in {known.state, *_NO_INFORMATION}
    steps = [] if nothing_new else [i for i, step in enumerate(config.steps) if _is_step(step, seen)]
    candidates = {each.step: each for each in before.candidates}
    if not steps or any(_calc_began_at(config, candidates.get(i - 1), i, seen, tz) for i in steps):
        return None
    for candidate in reversed(before.candidates):
        by_at = candidate.at + (config.steps[candidate.step + 1].within or timedelta())
        if candidate.step + 1 in steps:
            return Why(reason=Reason.STEP_TOO_LATE, due_at=by_at)
        if seen.at <= by_at and candidate.step + 1 < steps[-1]:
            return Why(reason=Reason.STEP_OUT_OF_ORDER, due_at=by_at)
    return outside(config.window, seen.at, tz) if 0 in steps else None


def followed_sources(config: SequenceConfig) -> tuple[str, ...]:
    """Return every source that the rule must be shown, sorted."""
    absent = () if config.absence is None else config.absence.sources
    return tuple(sorted({*absent, *(source for step in config.steps for source in step.sources)}))


def _learn(facts: SequenceFacts, state: SourceFacts) -> SequenceFacts:
    """Remember the state of a source."""
    others = [each for each in facts.states if each.source != state.source]
    return replace(facts, states=tuple(sorted([*others, state], key=lambda each: each.source)))


def _is_sign(absence: Absence | None, seen: Seen) -> bool:
    """Return whether this is what must stay away."""
    return absence is not None and seen.source in absence.sources and seen.state not in absence.rest_states


def _advance(config: SequenceConfig, facts: SequenceFacts, seen: Seen, tz: ZoneInfo) -> SequenceFacts:
    """Let each candidate take the step that this is; the newest one at a step can do all that an older could."""
    candidates = {each.step: each for each in facts.candidates}
    # From the last, or one change would be two steps.
    for index in reversed(range(len(config.steps))):
        began_at = _calc_began_at(config, candidates.get(index - 1), index, seen, tz)
        if began_at is not None:
            candidates[index] = Candidate(step=index, at=seen.at, began_at=began_at)
    done = candidates.pop(len(config.steps) - 1, None)
    left = [each for each in candidates.values() if done is None or each.began_at > done.began_at]
    facts = replace(facts, candidates=tuple(sorted(left, key=lambda each: each.step)))
    return facts if done is None else _complete(config, facts, seen.at)


def _is_step(step: Step, seen: Seen) -> bool:
    """Return whether a change is what a step asks for."""
    return seen.source in step.sources and step.to_state in {None, seen.state}


def _calc_began_at(
    config: SequenceConfig, before: Candidate | None, index: int, seen: Seen, tz: ZoneInfo
) -> datetime | None:
    """Return when the sequence began that this step belongs to, or None if it is not this step or comes too late."""
    step = config.steps[index]
    if not _is_step(step, seen):
        return None
    if index == 0:
        return seen.at if config.window.contains(seen.at, tz) else None
    in_time = before is not None and step.within is not None and seen.at - before.at <= step.within
    return before.began_at if before is not None and in_time else None


def _complete(config: SequenceConfig, facts: SequenceFacts, at: datetime) -> SequenceFacts:
    """Set the deadline; a sequence that comes again in the meantime does not put off the first one's."""
    due_at = at if config.absence is None else at + config.absence.duration
    return replace(facts, due_at=due_at if facts.due_at is None else min(due_at, facts.due_at))
