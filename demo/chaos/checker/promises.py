"""What must be true of every run; each promise returns what is not.

Bounds are in seconds of true time, counted from when nothing hindered any more (docs/chaos.md says why).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from .alarms import ACCEPTED, ENDINGS, Case, collect, instant, read_button
from .evidence import Evidence, Lateness
from .story import FOREVER, Line, Span, Story

CALLED_WITHIN = 4.0
"""From an alarm, or from when the hub is there again, until a phone on duty shows it."""
STALLED_WITHIN = 15.0
"""From an alarm that is raised while the journal takes nothing: each write before it waits for two seconds."""
LIVED_ON = 1.0
"""A press is kept if the hub was there this long after it was answered."""
LIVED_ON_FLOODED = 20.0
CAUGHT_UP = 17.0
"""What is kept in memory is written at the next sweep, after fifteen seconds at the latest."""
STORM = 12
"""Pushes of one alarm to one phone in a second; a press and a repetition may each bring one."""
SLACK = 5.0
"""For the calls that follow the first: what a timer and a busy machine may cost."""


def check_chain(evidence: Evidence) -> Iterator[str]:
    """Yield where the journal is not whole, and journals that were set aside though nobody had damaged them."""
    if evidence.current is None:
        yield "there is no journal"
        return
    yield from evidence.current.breaks
    damaged = [journal for journal in evidence.journals if journal.is_damaged]
    if damaged and not evidence.was_corrupted:
        yield f"{damaged[0].name} was set aside, and nobody had damaged it: {damaged[0].breaks[:1]}"
    told = {row.data["file"] for journal in evidence.journals for row in journal.rows if row.kind == "journal_replaced"}
    yield from (f"{journal.name} was set aside in silence" for journal in damaged if journal.name not in told)
    rules = {case.raised.data["rule"] for case in evidence.alarms.values() if case.raised}
    yield from (
        f"nobody was told that {journal.name} is damaged"
        for journal in damaged
        if f"system.journal.{journal.name}" not in rules
    )
    answer = next((line["answer"] for line in evidence.story.of("verified")), None)
    if answer is not None and not answer.get("sound", answer.get("valid", True)) and not evidence.was_corrupted:
        yield f"the hub itself finds the journal broken: {answer}"


def check_raised(evidence: Evidence) -> Iterator[str]:
    """Every raise that was answered is in the journal."""
    alarms = collect(evidence.journals, only_sound=False)
    known = {
        (row.data["rule"], instant(row.data["due_at"]))
        for case in alarms.values()
        for row in case.rows
        if row.kind in ("raised", "repeated")
    }
    for line in evidence.story.of("raised"):
        is_known = line["alarm_id"] in alarms and (line["rule"], instant(line["due_at"])) in known
        if not is_known and not _may_be_gone(evidence, float(line["m"])):
            yield f"{line['rule']} was answered as {line['alarm_id']} ({line['outcome']}) and is not in the journal"


def _may_be_gone(evidence: Evidence, at: float) -> bool:
    """Return whether something may be missing in the journal that had happened then."""
    return evidence.story.is_volatile(at, CAUGHT_UP) or _may_be_destroyed(evidence, at)


def _may_be_destroyed(evidence: Evidence, at: float) -> bool:
    """Return whether the row of something that had happened then may be one that nobody can read any more."""
    return at < evidence.corrupted_at and any(journal.is_damaged and journal.breaks for journal in evidence.journals)


def check_carried_on(evidence: Evidence) -> Iterator[str]:
    """Yield open alarms that can be read in a journal that was set aside, and do not go on in the next."""
    for before, after in pairwise(evidence.journals):
        if not before.is_damaged or any("cannot be read" in why for why in before.breaks):
            # Nobody can tell what stood in the rows that are gone: it may have ended any of them.
            continue
        kept = {row.alarm_id for row in after.rows if row.kind == "raised"}
        ended = {row.alarm_id for row in before.rows if row.kind in ENDINGS}
        for alarm_id, case in collect([before]).items():
            if case.raised and alarm_id not in kept | ended:
                yield f"{alarm_id} was open in {before.name} and is not in {after.name}"


def check_tripped(evidence: Evidence) -> Iterator[str]:
    """Every sensor that tripped and every press of a button has raised or repeated an alarm of its rule."""
    rows = [row for case in evidence.alarms.values() for row in case.rows if row.kind in ("raised", "repeated")]
    rules = {row.data["rule"] for row in rows}
    due = {(row.data["rule"], instant(row.data["due_at"])) for row in rows}
    for line in evidence.story.of("tripping"):
        waited = evidence.waited(Span(float(line["m"]), max(float(line["m"]), evidence.story.closing_at)))
        at = float(line["m"])
        # While only the journal takes nothing, the trigger remembers what it has raised.
        is_gone = evidence.story.is_volatile(at, CAUGHT_UP, all_files=True) or _may_be_destroyed(evidence, at)
        if line["name"] not in rules and waited > CALLED_WITHIN and not is_gone:
            yield f"{line['name']} tripped and raised nothing"
    for line in evidence.story.of("pushed"):
        if line["heard"] is None or not _was_heard(evidence.story, line) or _may_be_gone(evidence, float(line["m"])):
            continue
        if not any((line["name"], at) in due for at in _last_presses(evidence.story, line)):
            yield f"{line['name']} was pressed ({line['heard']['state']}, clock {line['heard']['now']}) for nothing"


def _last_presses(story: Story, line: Line) -> list[Any]:
    """Return the instants of which one must be raised: while the hub is away a button shows only its last press.

    A press is known by the timestamp that Home Assistant gives it or, where it holds that up, by when it was seen.
    """
    at = float(line["m"])
    until = at if story.is_loaded(Span(at, at)) else story.next_loaded(at) + 2
    presses = [
        other["heard"]
        for other in story.of("pushed")
        if other["name"] == line["name"] and other["heard"] and at <= float(other["m"]) <= until
    ]
    return [instant(heard[key]) for heard in presses for key in ("state", "changed")]


def _was_heard(story: Story, line: Line) -> bool:
    """Return whether Home Assistant went on long enough to take a press of a button up."""
    at = float(line["m"])
    return not story.was_ended(Span(at, story.next_loaded(at) + 2)) and story.next_loaded(at) < story.closing_at


def check_unasked(evidence: Evidence) -> Iterator[str]:
    """No alarm is raised that nothing has caused, and none twice for the same rule and deadline."""
    asked = {line["rule"] for line in evidence.story.of("raising")}
    asked |= {line["name"] for line in evidence.story.of("tripping", "pushing")}
    seen: set[tuple[str, str, str]] = set()
    for row in evidence.current.rows if evidence.current else ():
        if row.kind != "raised":
            continue
        rule, key = row.data["rule"], (row.data["brukare_id"], row.data["rule"], row.data["due_at"])
        if rule not in asked and not rule.startswith("system."):
            yield f"an alarm of {rule}, which nothing has caused"
        if key in seen:
            yield f"two alarms of {rule} for {row.data['due_at']}"
        seen.add(key)


def check_called(evidence: Evidence) -> Iterator[str]:
    """Every alarm is shown on a phone, and in time."""
    asked: dict[str, float] = {}
    for line in evidence.story.of("raised"):
        asked.setdefault(str(line["alarm_id"]), float(line["asked_m"]))
    tripped = {line["name"]: float(line["m"]) for line in evidence.story.of("tripping")}
    for alarm_id, case in evidence.alarms.items():
        shown = [float(line["m"]) for line in evidence.shown.get(case.tag, ())]
        rule = case.raised.data["rule"] if case.raised else ""
        since = asked.get(alarm_id, tripped.get(rule))
        if not shown:
            if case.raised and (since is None or since < evidence.story.healed_at):
                yield f"{rule} ({alarm_id}) was never shown on any phone"
        elif since is not None:
            yield from _check_first(evidence, rule, since, min(shown))


def _check_first(evidence: Evidence, rule: str, since: float, shown_at: float) -> Iterator[str]:
    """Yield if the first call of an alarm came too late."""
    span = Span(since, shown_at)
    after = evidence.after(span)
    evidence.lateness.append(Lateness(what=rule, after=after, seconds=evidence.waited(span, felt=False)))
    waited = evidence.waited(span)
    if waited > CALLED_WITHIN:
        yield f"{rule} was shown {shown_at - since:.1f} s late, of which nothing hindered {waited:.1f} s ({after})"
    is_stalled = any(stall.has(since) for stall in evidence.story.blocked)
    if is_stalled and not evidence.is_away(span):
        evidence.lateness.append(Lateness(what=rule, after="a raise while stalled", seconds=shown_at - since))
        if shown_at - since > STALLED_WITHIN:
            yield f"{rule} was shown {shown_at - since:.1f} s after it was raised while the journal took nothing"


def check_restarted(evidence: Evidence) -> Iterator[str]:
    """Whoever waits for an answer is called again when the hub is back."""
    kept = {row.alarm_id for row in evidence.current.rows if row.kind == "raised"} if evidence.current else set()
    for up in evidence.story.loaded[1:]:
        gone_at = _down_at(evidence.story, up.start)
        for case in (case for case in evidence.alarms.values() if case.alarm_id in kept):
            calls = [float(line["m"]) for line in evidence.shown.get(case.tag, ()) if _is_call(line)]
            if not any(at < gone_at for at in calls):
                continue
            # Home Assistant is up a moment before it says so.
            again = min((at for at in calls if at >= gone_at), default=FOREVER)
            until = min(again, _first_answer(evidence, case), evidence.story.closing_at)
            if until > gone_at and evidence.waited(Span(gone_at, until)) > CALLED_WITHIN:
                yield f"{case.alarm_id} was not called again after the start at {up.start:.1f}"
            elif again == until:
                seconds = evidence.waited(Span(gone_at, again), felt=False)
                evidence.lateness.append(Lateness(what="restart", after="start", seconds=seconds))


def _down_at(story: Story, loaded_at: float) -> float:
    """Return when the hub had gone before it was there again."""
    return max((up.end for up in story.loaded if up.end <= loaded_at), default=0.0)


def _is_call(line: Line) -> bool:
    """Return whether a phone shows an alarm that waits for somebody to take it."""
    return any("~taking~" in text for text in line["texts"]) and any("~decline~" in text for text in line["texts"])


def _first_answer(evidence: Evidence, case: Case) -> float:
    """Return when somebody first answered an alarm with what was accepted, or was about to close it."""
    ids = evidence.story.ids
    sent = [
        float(line["m"])
        for line in evidence.story.of("answering")
        if (button := read_button(line["text"]))
        and button.alarm_id == case.alarm_id
        and case.accepted(button, ids[line["phone"]])
    ]
    acted = [float(line["m"]) for line in evidence.story.of("acting") if line["alarm_id"] == case.alarm_id]
    return min([*sent, *acted], default=FOREVER)


def check_never_silent(evidence: Evidence) -> Iterator[str]:
    """Whoever has not answered is called again and again, as the plan says."""
    for case in evidence.alarms.values():
        calls = [float(line["m"]) for line in evidence.shown.get(case.tag, ()) if _is_call(line)]
        if case.raised is None or not calls:
            continue
        plan = case.raised.data["plan"]
        if evidence.story.flooded and plan["repeat_every"] > 10:
            # A phone's pushes of the day are nearly spent: reminders of what is not urgent wait.
            continue
        # One level may reach only phones that are away, or those who are not on duty.
        steps = [level["delay"] for level in plan["levels"]]
        gap = 2 * max(plan["repeat_every"], *(late - soon for soon, late in pairwise(steps)))
        until = min(_first_answer(evidence, case), evidence.story.closing_at)
        for at, following in zip(calls, [*calls[1:], FOREVER], strict=True):
            if at < until and evidence.waited(Span(at, min(following, until))) > gap + SLACK:
                yield f"{case.alarm_id} was silent from {at:.1f}, until {following:.1f}"


def check_deadlines(evidence: Evidence) -> Iterator[str]:
    """Every open alarm has a next deadline, which lies ahead; in the end all are closed."""
    for case in evidence.alarms.values():
        deadline: str | None = None
        for row in case.rows:
            if row.kind in ("called", "acknowledged", "done"):
                deadline = row.data["next_deadline_at"]
                # A repetition calls again; when it is due next stands, and after a jump of the clock that is at once.
                stands = row.data.get("reason") == "repeated"
                if deadline is None or (not stands and (instant(deadline) - instant(row.at)).total_seconds() < -2):
                    yield f"{case.alarm_id}: row {row.seq} ({row.kind}) leaves it without a deadline ahead"
        if case.is_open and case.raised:
            if deadline is None:
                yield f"{case.alarm_id} is open and has no next deadline"
            if evidence.story.has("end") and not _may_be_left(evidence, case):
                yield f"{case.alarm_id} ({case.raised.data['rule']}) is open in the end"


def _may_be_left(evidence: Evidence, case: Case) -> bool:
    """Return whether an alarm is only open in a journal that was set aside, or began after all were closed."""
    now = evidence.current
    is_current = now is not None and any(row.alarm_id == case.alarm_id for row in now.rows)
    return not is_current or not evidence.story.has("closed")


def check_answers_kept(evidence: Evidence) -> Iterator[str]:
    """Every answer that the hub took is obeyed or refused in the journal."""
    story = evidence.story
    for line in story.of("answered"):
        button = read_button(line["text"])
        at = float(line["m"])
        lived = LIVED_ON_FLOODED if any(span.widened(20).has(at) for span in story.flooded) else LIVED_ON
        is_held = line["served"] and story.is_loaded(Span(float(line["sent_m"]), at + lived))
        if button is None or not is_held or _may_be_gone(evidence, at):
            continue
        case = evidence.alarms.get(button.alarm_id)
        phone = story.ids[line["phone"]]
        owner = case.owner_of(button, story.ids.values()) if case else None
        is_kept = case is not None and (case.refused(button.text) or (owner == phone and case.accepted(button, phone)))
        if not is_kept:
            yield f"{line['phone']} answered {button.answer} to {button.alarm_id} (step {button.step}), {line['how']}: lost"


def check_answers_given(evidence: Evidence) -> Iterator[str]:
    """Nothing was accepted that nobody answered, or that was forged, another phone's or outdated."""
    story = evidence.story
    for case in evidence.alarms.values():
        if case.raised is None and case.alarm_id in evidence.patchy:
            # Its beginning is destroyed, and with it what its tokens are made of.
            continue
        given = [
            (button, story.ids[line["phone"]])
            for line in story.of("answering")
            if (button := read_button(line["text"])) and button.alarm_id == case.alarm_id
        ]
        for row, steps in case.steps_before():
            if row.kind in ACCEPTED.values() and not _is_given(evidence, case, row.kind, row.data, given, steps):
                yield f"{case.alarm_id}: row {row.seq} ({row.kind} by {row.data['by']}) was answered by nobody"


def _is_given(
    evidence: Evidence,
    case: Case,
    kind: str,
    data: Mapping[str, Any],
    given: Sequence[tuple[Any, str]],
    steps: Mapping[str, int],
) -> bool:
    """Return whether somebody who might gave the answer that a row tells of."""
    phone, user = data["by"]["phone_id"], data["by"]["user_id"]
    if phone is None and user is None:
        # Only the system itself: an alarm that is done and whose outcome nobody stated.
        return kind == "resolved" and data["outcome"] == "not_stated"
    if phone is None:
        return evidence.story.has("acting", alarm_id=case.alarm_id)
    return any(
        sender == phone
        and ACCEPTED[button.answer] == kind
        and (steps.get(phone) == button.step or case.alarm_id in evidence.patchy)
        and case.owner_of(button, [phone]) == phone
        for button, sender in given
    )


def check_cleared(evidence: Evidence) -> Iterator[str]:
    """In the end no phone shows an alarm that is closed."""
    showing: dict[tuple[str, str], float] = {}
    for line in evidence.story.of("shown", "cleared"):
        key = (str(line["phone"]), str(line["tag"]))
        if line["kind"] == "shown":
            showing[key] = float(line["m"])
        else:
            showing.pop(key, None)
    if not evidence.story.has("closed"):
        return
    # What a journal has lost with its bytes, or before it could be written, nobody can take away any more.
    known = {case.tag for case in evidence.alarms.values() if case.raised}
    for (phone, tag), at in showing.items():
        # Nor what a phone was told while only memory knew of it, and the power went.
        if tag in known and not evidence.story.is_volatile(at, CAUGHT_UP):
            yield f"{phone} still shows {tag} since {at:.1f}"


def check_no_storm(evidence: Evidence) -> Iterator[str]:
    """No phone is pushed the same alarm more than a few times in a second: a phone has five hundred pushes a day."""
    pushes: dict[tuple[str, str], list[float]] = {}
    for line in evidence.story.of("shown", "struck"):
        pushes.setdefault((str(line["phone"]), str(line["tag"])), []).append(float(line["m"]))
    for (phone, tag), times in pushes.items():
        times.sort()
        for first, last in zip(times, times[STORM:], strict=False):
            if last - first < 1:
                yield f"{phone} was pushed {tag} more than {STORM} times in a second, {len(times)} times in all"
                break


def check_ended(evidence: Evidence) -> Iterator[str]:
    """Yield if the run did not come to its end, or the hub did not come back."""
    story = evidence.story
    if not story.has("end"):
        yield "the run did not come to its end"
    if len(story.loaded) < len(story.of("starting")):
        yield f"the hub was there {len(story.loaded)} times after {len(story.of('starting'))} starts"


PROMISES: Mapping[str, Callable[[Evidence], Iterator[str]]] = {
    "the run is whole": check_ended,
    "hash chain whole": check_chain,
    "no alarm lost": check_raised,
    "open alarms survive damage": check_carried_on,
    "no sensor unheard": check_tripped,
    "no alarm out of nothing": check_unasked,
    "called in time": check_called,
    "called again after a start": check_restarted,
    "never silent": check_never_silent,
    "always a next deadline": check_deadlines,
    "no answer lost": check_answers_kept,
    "no answer from nobody": check_answers_given,
    "every phone cleared": check_cleared,
    "no storm of pushes": check_no_storm,
}
