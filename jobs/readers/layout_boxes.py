"""Boxes of a page in, the order in which they are read out: cut at gaps, into columns first (recursive X-Y cut)."""

from collections.abc import Sequence

Box = tuple[float, float, float, float]  # left, top, right, bottom; down is more

# A page has some hundreds at most. Each cut looks at all that is left, so time grows with the square.
BOXES_MAX = 1000

# Boxes that are drawn by hand, or by a model, overlap a little at their edges.
_MARGIN = 0.05


def reading_order(boxes: Sequence[Box], *, is_vertical: bool = False) -> list[int]:
    """Return numbers of boxes as they are read.

    A page whose boxes leave a gap from top to bottom is cut there into columns, and each is read to its end. Where
    there is none, it is cut from left to right; what lies between is a page of its own.

    >>> title, left, left_below, right = (0, 0, 90, 9), (0, 10, 40, 30), (0, 31, 40, 60), (50, 10, 90, 60)
    >>> reading_order([right, left_below, title, left])
    [2, 3, 1, 0]
    """
    across = [_shrunk(top, bottom) if is_vertical else _shrunk(left, right) for left, top, right, bottom in boxes]
    down = [_shrunk(-right, -left) if is_vertical else _shrunk(top, bottom) for left, top, right, bottom in boxes]
    ordered: list[int] = []
    left_over = [list(range(len(boxes)))]
    while left_over:
        some = left_over.pop()
        parts = _cut(some, across, down)
        if len(parts) > 1:
            left_over += reversed(parts)
        else:
            ordered += sorted(some, key=lambda number: (down[number], across[number]))
    return ordered


def _shrunk(begin: float, end: float) -> tuple[float, float]:
    margin = (end - begin) * _MARGIN
    return begin + margin, end - margin


def _cut(some: list[int], across: list[tuple[float, float]], down: list[tuple[float, float]]) -> list[list[int]]:
    """Cut into columns, or else into rows, of which neighbours stay together that have columns in common."""
    columns = _groups(some, across)
    if len(columns) > 1:
        return columns
    rows: list[list[int]] = []
    for row in _groups(some, down):
        if rows and len(_groups(rows[-1] + row, across)) > 1:
            rows[-1] += row
        else:
            rows.append(row)
    return rows


def _groups(some: list[int], extents: list[tuple[float, float]]) -> list[list[int]]:
    """Return boxes in groups with a gap between them, in order."""
    groups: list[list[int]] = []
    reach = 0.0
    for number in sorted(some, key=lambda number: extents[number]):
        begin, end = extents[number]
        if groups and begin < reach:
            groups[-1].append(number)
            reach = max(reach, end)
        else:
            groups.append([number])
            reach = end
    return groups
