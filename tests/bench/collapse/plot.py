"""Lines over generations, as SVG: a logarithmic axis, a name at each line's end."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT = 760, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 150, 20, 50
_COLORS = ("#1b6ca8", "#c0392b", "#d68910", "#7d3c98", "#2e86c1", "#1e8449", "#111111")


def plot(lines: Mapping[str, Sequence[float]], across: str, up: str) -> str:
    """Draw each line's values by number, which are above 0."""
    values = [value for line in lines.values() for value in line]
    low, high = math.log10(min(values)), math.log10(max(values))
    last = max(len(line) for line in lines.values()) - 1

    def x(number: float) -> float:
        return _LEFT + number / max(1, last) * (_WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        share = (math.log10(value) - low) / ((high - low) or 1)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    marks = [base * 10**power for power in range(math.floor(low), math.ceil(high) + 1) for base in (1, 2, 5)]
    grid = "".join(
        f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(mark):.1f}" y2="{y(mark):.1f}" stroke="#ddd"/>'
        f'<text x="{_LEFT - 8}" y="{y(mark) + 4:.1f}" text-anchor="end">{mark:,g}</text>'
        for mark in marks
        if low <= math.log10(mark) <= high
    )
    ticks = "".join(
        f'<text x="{x(n):.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{n}</text>' for n in range(last + 1)
    )
    drawn = "".join(
        _line(name, [(x(n), y(value)) for n, value in enumerate(line)], color, label)
        for (name, line), color, label in zip(
            lines.items(), _COLORS, _apart([y(line[-1]) for line in lines.values()]), strict=False
        )
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
        f'font-size="12"><rect width="100%" height="100%" fill="white"/>{grid}{ticks}{drawn}'
        f'<text x="{x(last / 2):.1f}" y="{_HEIGHT - 10}" text-anchor="middle">{escape(across)}</text>'
        f'<text transform="translate(16 {_HEIGHT / 2}) rotate(-90)" text-anchor="middle">{escape(up)}</text></svg>'
    )


def _line(name: str, points: Sequence[tuple[float, float]], color: str, label: float) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    end = points[-1][0] + 8
    return (
        f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>'
        f'<text x="{end:.1f}" y="{label + 4:.1f}" fill="{color}">{escape(name)}</text>'
    )


def _apart(heights: Sequence[float], least: float = 14) -> list[float]:
    """Move labels down until none covers another."""
    moved = list(heights)
    order = sorted(range(len(heights)), key=lambda n: heights[n])
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + least)
    return moved
