"""What came of the runs, as a table."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from .script import FAULTS, make_script


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What came of a seed; ``ended`` says why it did not come to its end."""

    seed: int
    seconds: float
    ended: str
    verdict: Mapping[str, Any]

    @property
    def violations(self) -> Sequence[Mapping[str, str]]:
        """What must not be."""
        found: list[Mapping[str, str]] = list(self.verdict.get("violations", ()))
        return [*found, {"promise": "the run itself", "what": self.ended}] if self.ended else found

    @property
    def faults(self) -> Sequence[str]:
        """The faults that were played."""
        return [step.fault for step in make_script(self.seed)]


def print_result(result: Result) -> None:
    """Print one run in a line, and what is wrong with it."""
    counts = result.verdict.get("counts", {})
    late = ", ".join(f"{after} {seconds} s" for after, seconds in result.verdict.get("late", {}).items())
    what = f"{counts.get('alarms', 0)} alarms, {counts.get('answers', 0)} answers, {counts.get('pushes', 0)} pushes"
    print(
        f"{result.seed:5} {result.seconds:5.1f} s  {'ok ' if not result.violations else 'BAD'} "
        f"{' '.join(result.faults)}  ({what}; late: {late or '-'})",
        flush=True,
    )
    if result.violations:
        for violation in result.violations[:12]:
            print(f"        {violation['promise']}: {violation['what']}", flush=True)
        for step in make_script(result.seed):
            print(f"          {step}")
        print(f"        again: scripts/chaos --runs 1 --seed {result.seed} --keep /tmp/chaos", flush=True)


def print_table(results: Sequence[Result], seconds: float) -> bool:
    """Print all runs by kind of fault; return whether nothing is wrong."""
    print(f"\n{'fault':20} {'runs':>5} {'bad':>4}")
    for fault in FAULTS:
        runs = [result for result in results if fault in result.faults]
        print(f"{fault:20} {len(runs):5} {sum(bool(result.violations) for result in runs):4}")
    struck: Counter[str] = Counter()
    late: dict[str, float] = {}
    for result in results:
        struck.update(result.verdict.get("struck", {}))
        for after, waited in result.verdict.get("late", {}).items():
            late[after] = max(waited, late.get(after, 0.0))
    print("\nstruck: " + ", ".join(f"{name} {number}" for name, number in sorted(struck.items())))
    print("longest wait for a call, counted from the end of what hindered it:")
    print("".join(f"  after {after}: {waited:.2f} s\n" for after, waited in sorted(late.items())), end="")
    _print_sums(results, seconds)
    return not any(result.violations for result in results)


def _print_sums(results: Sequence[Result], seconds: float) -> None:
    """Print what it all comes to."""
    counts: Counter[str] = Counter()
    promises: Counter[str] = Counter()
    for result in results:
        counts.update(result.verdict.get("counts", {}))
        promises.update(violation["promise"] for violation in result.violations)
    print("\n" + ", ".join(f"{number} {name}" for name, number in counts.items()))
    bad = [result.seed for result in results if result.violations]
    print(
        f"{len(results)} runs in {seconds / 60:.1f} min (median {median(r.seconds for r in results):.1f} s), "
        f"{len(bad)} with violations {sorted(bad) or ''}"
    )
    for promise, number in promises.most_common():
        print(f"  {promise}: {number}")
