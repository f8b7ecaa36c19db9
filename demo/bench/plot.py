"""The plot of docs/performance.md: each ratio as a dot, beside what it should not exceed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
import math

from .findings import Finding

_WIDTH, _ROW, _TOP, _BOTTOM = 860, 34, 62, 46
_LEFT, _RIGHT = 400, 770
"""Where the axis begins and ends; the questions are to the left of it, the figures to the right."""
_FONT = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"


@dataclass(frozen=True, kw_only=True, slots=True)
class Theme:
    """The colours of one plot."""

    background: str
    text: str
    muted: str
    line: str
    kept: str
    missed: str


LIGHT = Theme(background="#ffffff", text="#1f2328", muted="#59636e", line="#d1d9e0", kept="#0969da", missed="#bc4c00")
DARK = Theme(background="#0d1117", text="#f0f6fc", muted="#9198a1", line="#3d444d", kept="#4493f8", missed="#f0883e")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Axis:
    """A logarithmic axis over whole powers of ten and their halves."""

    low: float
    high: float

    def place(self, ratio: float) -> float:
        """Return where a ratio lies."""
        share = (math.log10(ratio) - self.low) / (self.high - self.low)
        return _LEFT + (_RIGHT - _LEFT) * min(1.0, max(0.0, share))

    def ticks(self) -> list[float]:
        """Return what is written below the axis."""
        powers = range(math.ceil(self.low), math.floor(self.high) + 1)
        return [10.0**power for power in powers]


def draw(findings: Sequence[Finding], theme: Theme) -> str:
    """Return the plot as SVG."""
    height = _TOP + _ROW * len(findings) + _BOTTOM
    axis = _make_axis(findings)
    lines = [
        _open_svg(height),
        f"<title>{escape(_describe(findings))}</title>",
        f'<rect width="{_WIDTH}" height="{height}" rx="6" fill="{theme.background}"/>',
        *_draw_axis(axis, theme, height - _BOTTOM),
    ]
    for number, finding in enumerate(findings):
        lines += _draw_row(finding, axis, theme, _TOP + _ROW * number + _ROW / 2)
    return "\n".join((*lines, "</svg>", ""))


def _open_svg(height: int) -> str:
    """Return the beginning."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
        f' role="img" font-family="{_FONT}">'
    )


def _make_axis(findings: Sequence[Finding]) -> _Axis:
    """Return an axis on which everything has its place."""
    all_ratios = [value for finding in findings for value in (finding.ratio.low, finding.ratio.high, 1.0)]
    return _Axis(
        low=math.floor(math.log10(min(all_ratios)) * 2 - 0.2) / 2,
        high=math.ceil(math.log10(max(all_ratios)) * 2 + 0.2) / 2,
    )


def _draw_axis(axis: _Axis, theme: Theme, bottom: float) -> Iterator[str]:
    """Draw the head, the grid and what is written below it."""
    yield _text(16, 30, "Ratios to peers in the same run", theme.text, "start", size=15, weight=600)
    one = axis.place(1.0)
    yield _text(one - 8, 48, "← faster, less", theme.muted, "end", size=12)
    yield _text(one + 8, 48, "slower, more →", theme.muted, "start", size=12)
    for tick in axis.ticks():
        x = axis.place(tick)
        stroke, width = (theme.muted, 1.5) if tick == 1.0 else (theme.line, 1)
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{bottom}" stroke="{stroke}" stroke-width="{width}"/>'
        yield _text(x, bottom + 18, f"{tick:g} ×", theme.muted, "middle", size=12)
    yield _text(
        16,
        bottom + 34,
        "Dot: median of pairs, with its 95 % interval. Short bar: what it should not exceed.",
        theme.muted,
        "start",
        size=11,
    )


def _draw_row(finding: Finding, axis: _Axis, theme: Theme, y: float) -> Iterator[str]:
    """Draw one ratio."""
    colour = theme.kept if finding.is_kept else theme.missed
    low, middle, high = (axis.place(v) for v in (finding.ratio.low, finding.ratio.median, finding.ratio.high))
    yield _text(_LEFT - 14, y + 4, finding.question, theme.text, "end")
    yield f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="2"/>'
    if finding.target is not None:
        x = axis.place(finding.target)
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y - 10}" y2="{y + 10}" stroke="{theme.text}" stroke-width="2"/>'
    fill = colour if finding.is_kept else theme.background
    yield f'<circle cx="{middle:.1f}" cy="{y}" r="5" fill="{fill}" stroke="{colour}" stroke-width="2"/>'
    yield _text(_WIDTH - 16, y + 4, f"{finding.ratio.median:.3g} ×", colour, "end", weight=600)


def _text(x: float, y: float, text: str, fill: str, anchor: str, *, size: int = 13, weight: int = 400) -> str:
    """Write something."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}" text-anchor="{anchor}" font-size="{size}"'
        f' font-weight="{weight}">{escape(text)}</text>'
    )


def _describe(findings: Sequence[Finding]) -> str:
    """Return the plot in words."""
    return "; ".join(f"{finding.question}: {finding.ratio.median:.3g} times" for finding in findings)
