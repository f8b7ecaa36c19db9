"""The tables of docs/performance.md, between two marks; around them somebody has written."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
import statistics

from .figures import calc_ratio, calc_ratio_of_processes, percentile
from .findings import find_all
from .plot import DARK, LIGHT, draw
from .run import Results

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
BEGIN, END = "<!-- scripts/bench --write: begin -->", "<!-- scripts/bench --write: end -->"

PICTURE = """\
<picture>
  <source media="(prefers-color-scheme: dark)" srcset="images/performance-dark.svg">
  <img alt="The ratios of the table below as dots" src="images/performance-light.svg">
</picture>"""

NAMES: Mapping[str, str] = {
    "alert": "core `alert`",
    "automation": "plain automation",
    "parallel": "plain automation, `parallel:`",
    "ours": "ours",
}
HOMES: Mapping[str, str] = {
    "without": "without the integration",
    "none": "with it, no alarms",
    "long": "with it, {} alarms",
}

PER = 10_000
"""State changes that processor time is told for."""

type Row = Sequence[str]


def write_page(results: Results, page: Path = PAGE) -> None:
    """Put the tables and the plot of a run in the place of those of an older one."""
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    written = "\n\n".join((BEGIN, PICTURE, make_tables(results), END))
    page.write_text(f"{before}{written}{after}", encoding="utf-8")
    findings = find_all(results)
    for name, theme in (("light", LIGHT), ("dark", DARK)):
        (page.parent / "images" / f"performance-{name}.svg").write_text(draw(findings, theme), encoding="utf-8")


def make_tables(results: Results) -> str:
    """Return all tables."""
    sections = (_summary, _pushes, _actions, _changes, _starts, _machine)
    return "\n\n".join("\n".join(section(results)) for section in sections)


def _summary(results: Results) -> Iterator[str]:
    """Tell each ratio beside its target."""
    yield f"Run of {results['date']}: {_describe_size(results)}"
    yield ""
    rows = [
        (
            finding.question,
            f"**{finding.ratio.median:.3g}**",
            f"{finding.ratio.low:.3g}–{finding.ratio.high:.3g}",
            "" if finding.target is None else f"≤ {finding.target:g} {'✓' if finding.is_kept else '✗'}",
        )
        for finding in find_all(results)
    ]
    yield from _table(("median of the ratios of pairs", "ratio", "95 %", "target"), rows)


def _describe_size(results: Results) -> str:
    """Tell how much was measured."""
    size = results["size"]
    return (
        f"{size['pushes']} rounds of each peer to one phone, {size['crew_rounds']} to {size['crew']} phones, "
        f"{size['actions']} alarms with each journal, {size['processes']} × {size['batches']} batches of "
        f"{size['changes']:,} changes of states, {size['starts']} starts of each home."
    )


def _pushes(results: Results) -> Iterator[str]:
    """Tell how long the pushes took."""
    yield "### From the change of a state to the phone"
    yield ""
    rows = [_row(name, values, results["pushes"]["automation"]) for name, values in results["pushes"].items()]
    yield from _table(("one phone", "p50 ms", "p95 ms", "÷ plain automation"), rows)
    yield ""
    rows = [_row(name, values, results["crew"]["automation"]) for name, values in results["crew"].items()]
    title = f"all but two of {results['size']['crew']} phones"
    yield from _table((title, "p50 ms", "p95 ms", "÷ plain automation"), rows)


def _row(name: str, values: Sequence[float], beside: Sequence[float]) -> Row:
    """Return the figures of one peer."""
    return NAMES[name], _ms(statistics.median(values)), _ms(percentile(values, 0.95)), _ratio(values, beside)


def _actions(results: Results) -> Iterator[str]:
    """Tell how long the actions took with each journal."""
    size = results["size"]
    yield "### With a short and with a long journal"
    yield ""
    rows = []
    for action, of_homes in results["actions"].items():
        short, long = of_homes["short"], of_homes["long"]
        medians = [_ms(statistics.median(values)) for values in (short, long)]
        slowest = [_ms(percentile(values, 0.95)) for values in (short, long)]
        rows.append((f"`{action}_alarm`", *medians, *slowest, _ratio(long, short)))
    numbers = [f"{size[name]:,}" for name in ("short_journal", "long_journal")]
    yield from _table(("", *(f"p50 ms, {n}" for n in numbers), *(f"p95 ms, {n}" for n in numbers), "ratio"), rows)


def _changes(results: Results) -> Iterator[str]:
    """Tell what unrelated changes of states cost, and how exact that is."""
    changes = results["changes"]
    yield "### Unrelated changes of states"
    yield ""
    names = {"without": "without the integration", "without2": "the same again, to see the noise", "with": "with it"}
    scale = PER / results["size"]["changes"]
    rows = []
    for name, processes in changes.items():
        ratio = calc_ratio_of_processes(processes, changes["without"])
        median = statistics.median(statistics.median(batches) for batches in processes)
        rows.append((names[name], _ms(scale * median), f"{ratio.median:.3f}", f"{ratio.low:.3f}–{ratio.high:.3f}"))
    yield from _table((f"processor time of {PER:,}", "ms", "÷ without", "95 %"), rows)


def _starts(results: Results) -> Iterator[str]:
    """Tell what the integration adds to a start and to the memory."""
    starts = results["starts"]
    yield "### Start and memory"
    yield ""
    rows = [
        (
            HOMES[name].format(f"{results['size']['long_journal']:,}"),
            f"{statistics.median(of_home['whole']):.2f} s",
            f"{_ms(statistics.median(of_home['ours']))} ms" if name != "without" else "",
            f"{_ratio(of_home['ours'], starts['none']['ours'])}" if name != "without" else "",
            f"{statistics.median(of_home['memory']) / 2**20:.0f} MiB",
            f"{_added(of_home['memory'], starts['without']['memory']):+.1f} MiB" if name != "without" else "",
        )
        for name, of_home in starts.items()
    ]
    yield from _table(("", "whole start", "our part", "÷ no alarms", "memory (RSS)", "added"), rows)


def _added(memory: Sequence[float], without: Sequence[float]) -> float:
    """Return how much memory is added, in MiB: the median of the differences of pairs."""
    return statistics.median(a - b for a, b in zip(memory, without, strict=True)) / 2**20


def _machine(results: Results) -> Iterator[str]:
    """Tell on what it was run."""
    yield "### Machine"
    yield ""
    yield from _table(("", ""), list(results["machine"].items()))


def _table(head: Row, rows: Sequence[Row]) -> Iterator[str]:
    """Return a table, its first column to the left, the others to the right."""
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'--:|' * (len(head) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _ratio(values: Sequence[float], beside: Sequence[float]) -> str:
    """Return the median of the ratios."""
    return f"{calc_ratio(values, beside).median:.3g}"


def _ms(seconds: float) -> str:
    """Return seconds as milliseconds, with as many digits as mean something."""
    milliseconds = seconds * 1000
    return f"{milliseconds:,.0f}" if milliseconds >= 100 else f"{milliseconds:.3g}"
