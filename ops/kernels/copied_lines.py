"""From one line of a text on, and from an earlier one on: how far the later lines are a copy of the earlier ones."""

from ops.kernels.compiled import kernel
from ops.kernels.run_lines import BYTES, CLOSED, END, MARKED, PROSE, SAME, SIZE

_LOST_MAX, _LOST_BYTES = 2, 12  # lines one after another that a copy may lack; of a line by which it goes on
_CHANGED_BYTES = 24  # of a changed line


@kernel
def is_changed(data, lines, line, other):  # type: ignore[no-untyped-def]
    """Whether a line is another, changed in one place or cut short: most of it is the start and the end of that one."""
    size, other_size = lines[line, SIZE], lines[other, SIZE]
    at, other_at = lines[line, END] - size, lines[other, END] - other_size
    most = min(size, other_size)
    same = 0
    while same < most and data[at + same] == data[other_at + same]:
        same += 1
    alike = 0
    while same + alike < most and data[at + size - 1 - alike] == data[other_at + other_size - 1 - alike]:
        alike += 1
    return size >= _CHANGED_BYTES and 5 * (same + alike) >= 3 * size


@kernel
def _lost(i, j, left, count, kept, place, lines):  # type: ignore[no-untyped-def]
    """Return how many lines from the kept line `j` on a copy may lack, so that it goes on at `i`; 0 if it does not."""
    for lost in range(1, _LOST_MAX + 1):
        if j + lost >= place or lines[left[i], SAME] != lines[kept[j + lost], SAME]:
            continue
        if lines[left[i], SIZE] >= _LOST_BYTES or i + 1 == count:
            return lost
        if j + lost + 1 < place and lines[left[i + 1], SAME] == lines[kept[j + lost + 1], SAME]:
            return lost
    return 0


@kernel
def copied_lines(data, i, j, left, count, kept, place, lines, seen, may_change):  # type: ignore[no-untyped-def]
    """Return how many lines from `i` on are those from the kept line `j` on, but for lost and changed ones.

    And whether any is changed; their bytes; how many are different, and of these how many count, with what bytes; how
    many are prose, sentences, and of lists or code.
    """
    seen[-1] += 1
    size = different = counted = run = whole = prose = marked = closed = gaps = 0
    changed = False
    first = j
    while i + run < count and j < place:
        line = left[i + run]
        same = lines[line, SAME]
        if same != lines[kept[j], SAME]:
            # Short lines are alike all over a text, but for its first.
            if 2 * gaps > run + 1 or (first and not counted):
                break
            gaps += 1
            lost = _lost(i + run, j, left, count, kept, place, lines)
            j += lost
            if lost:
                continue
            goes_on = i + run + 1 == count or (
                j + 1 < place
                and (
                    lines[left[i + run + 1], SAME] == lines[kept[j + 1], SAME]
                    or is_changed(data, lines, left[i + run + 1], kept[j + 1])
                )
            )
            if not may_change or not run or not goes_on or not is_changed(data, lines, line, kept[j]):
                break
            changed = True
        whole += lines[line, SIZE]
        prose += lines[line, PROSE] > 0
        closed += lines[line, PROSE] == CLOSED
        marked += lines[line, MARKED]
        if seen[same] != seen[-1]:
            seen[same] = seen[-1]
            different += 1
            counted += lines[line, BYTES] > 0
            size += lines[line, BYTES]
        run += 1
        j += 1
    return run, changed, whole, different, counted, size, prose, closed, marked
