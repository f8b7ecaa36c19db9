"""What the measurements say: one ratio for each question, and whether it keeps its target."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .figures import Ratio, calc_ratio, calc_ratio_of_processes
from .run import Results


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One question, its answer, and what the answer should not exceed; None if there is only something to compare."""

    question: str
    ratio: Ratio
    target: float | None = None

    @property
    def is_kept(self) -> bool:
        """Whether the target is kept."""
        return self.target is None or self.ratio.median <= self.target


def find_all(results: Results) -> Sequence[Finding]:
    """Answer every question."""
    return [*_find_pushes(results), *_find_actions(results), *_find_load(results)]


def _find_pushes(results: Results) -> Iterator[Finding]:
    """Compare the ways to the phones."""
    pushes, crew = results["pushes"], results["crew"]
    yield Finding(
        question="First push: ours ÷ plain automation",
        ratio=calc_ratio(pushes["ours"], pushes["automation"]),
        target=1.0,
    )
    yield Finding(question="First push: ours ÷ core alert", ratio=calc_ratio(pushes["ours"], pushes["alert"]))
    names = {"automation": "plain automation", "parallel": "automation with “parallel”", "alert": "core alert"}
    for peer, name in names.items():
        yield Finding(
            question=f"{results['size']['crew']} phones, two bad: ours ÷ {name}",
            ratio=calc_ratio(crew["ours"], crew[peer]),
        )


def _find_actions(results: Results) -> Iterator[Finding]:
    """Compare a long journal with a short one."""
    size = results["size"]
    alarms = f"{size['long_journal']:,} alarms ÷ {size['short_journal']:,}"
    for action, name in (("raise", "Raise an alarm"), ("acknowledge", "Acknowledge one")):
        of_homes = results["actions"][action]
        yield Finding(question=f"{name}: {alarms}", ratio=calc_ratio(of_homes["long"], of_homes["short"]), target=1.1)


def _find_load(results: Results) -> Iterator[Finding]:
    """Compare Home Assistant with the integration to Home Assistant without it, and a start with others."""
    changes, starts = results["changes"], results["starts"]
    without, none, long = (starts[name] for name in ("without", "none", "long"))
    alarms = f"{results['size']['long_journal']:,} alarms ÷ none"
    yield Finding(
        question="Unrelated changes of states: with ÷ without",
        ratio=calc_ratio_of_processes(changes["with"], changes["without"]),
        target=1.01,
    )
    yield Finding(question="Whole start: with ÷ without", ratio=calc_ratio(none["whole"], without["whole"]))
    yield Finding(question=f"Whole start: {alarms}", ratio=calc_ratio(long["whole"], none["whole"]), target=1.5)
    yield Finding(question=f"Our part of a start: {alarms}", ratio=calc_ratio(long["ours"], none["ours"]), target=1.5)
    yield Finding(question="Memory: with ÷ without", ratio=calc_ratio(none["memory"], without["memory"]))
