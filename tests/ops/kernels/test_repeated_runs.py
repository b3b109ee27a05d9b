"""Runs of repeated lines equal those that a slow twin finds, on texts of few different lines."""

from itertools import pairwise
from typing import NamedTuple

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.kernels.repeated_runs import repeated_runs
from ops.kernels.run_lines import RunLimits

LIMITS = RunLimits(lines=2, line_bytes=4, bytes=12)


class Line(NamedTuple):
    """A line that is not blank."""

    text: str
    size: int  # if it counts, else 0
    within: bool  # between lines of ```
    marked: bool  # indented, of a list or a table, or code


def read(text: str) -> list[Line]:
    found, fenced = [], False
    for line in text.split("\n"):
        bare = line.strip()
        if bare:
            fence, within = bare.startswith("```"), fenced
            fenced ^= fence
            listed = bare[0] in "|+-#>=<[{`" or bare.startswith("* ") or line.startswith(("\t", "  "))
            marked = listed or fence or fenced
            found.append(Line(bare, 0 if marked or len(bare) < LIMITS.line_bytes else len(bare), within, marked))
    return found


def is_sentence(line: Line) -> bool:
    return not line.marked and line.text.endswith((".", ":"))


def is_heading(line: str) -> bool:
    return line[0] not in ".'`<{!" and not line.endswith(".")


def alike(one: str, other: str) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def is_changed(line: str, other: str) -> bool:
    same = alike(line, other)
    return len(line) >= 24 and 5 * (same + alike(line[same:][::-1], other[same:][::-1])) >= 3 * len(line)


def lost(lines: list[Line], i: int, kept: list[Line], j: int) -> int:
    for number in (1, 2):
        here, there = [line.text for line in lines[i : i + 2]], [line.text for line in kept[j + number :][:2]]
        if there[:1] == here[:1] and (len(here[0]) >= 12 or len(here) == 1 or here == there):
            return number
    return 0


def run_at(lines: list[Line], i: int, kept: list[Line], j: int, *, may_change: bool) -> tuple[list[Line], bool]:
    """Lines that are those from a kept one on, but for some that are lost or changed; and whether any is changed."""
    first, run, gaps, changed = j, list[Line](), 0, False
    while i + len(run) < len(lines) and j < len(kept):
        line = lines[i + len(run)]
        if line.text != kept[j].text:
            if 2 * gaps > len(run) + 1 or (first and not any(one.size for one in run)):
                break
            gaps += 1
            if number := lost(lines, i + len(run), kept, j):
                j += number
                continue
            after, there = ([line.text for line in part[:1]] for part in (lines[i + len(run) + 1 :], kept[j + 1 :]))
            goes_on = not after or after == there or (bool(there) and is_changed(after[0], there[0]))
            if not (may_change and run and goes_on and is_changed(line.text, kept[j].text)):
                break
            changed = True
        run.append(line)
        j += 1
    return run, changed


def is_run(run: list[Line], j: int, kept: list[Line], *, at_end: bool, changed: bool) -> bool | None:
    """Whether lines are a run; None if they are one where they stand in one place before."""
    counted = {line.text: line.size for line in run if line.size}
    size, whole = sum(counted.values()), sum(len(line.text) for line in run)
    before = sum(len(line.text) for line in kept)
    if changed and 2 * whole < before:
        return False
    if len(counted) >= LIMITS.lines and size >= LIMITS.bytes:
        return True
    different = len({line.text for line in run})
    if not at_end or len(run) < 2 or 4 * whole < LIMITS.bytes or 3 * different < len(run):
        return False
    above = kept[-1].text
    headed = is_heading(above) and not run[0].within and [line.text for line in kept].count(above) == 1
    if 2 * whole >= LIMITS.bytes:
        many = len(run) >= 4 * LIMITS.lines and whole >= 2 * LIMITS.bytes
        two = size >= LIMITS.bytes or (len(counted) >= 2 and 3 * whole >= before)
        if two or headed or whole >= (0.2 if many else 0.6) * before:
            return True
    prose = sum(bool(line.size) or is_sentence(line) for line in run)
    sentences = all(map(is_sentence, run)) and 3 * whole >= LIMITS.bytes and (len(counted) >= 2 or len(run) >= 3)
    little = 3 * prose >= 2 * len(run) and (headed or whole >= 0.12 * before)
    marked = sum(line.marked for line in run)
    much = 3 * (prose + marked) >= 2 * len(run) and whole >= 0.2 * before
    much = much and whole >= LIMITS.bytes / (2 if prose else 1)
    return None if sentences or little or much or (headed and not j) else False


def longest_run(lines: list[Line], i: int, kept: list[Line]) -> tuple[int, int]:
    longest, only = (0, -1), list[tuple[int, int]]()
    for j in reversed([j for j, line in enumerate(kept) if line.text == lines[i].text]):  # no text has more than 32
        if j and kept[j - 1].text == kept[-1].text:
            continue
        for may_change in (True, False):
            run, changed = run_at(lines, i, kept, j, may_change=may_change)
            found = is_run(run, j, kept, at_end=i + len(run) == len(lines), changed=changed)
            if found is not False or not changed:
                break
        if found and len(run) > longest[0]:
            longest = len(run), j
        only += [(len(run), j)] if found is None else []
    return only[0] if len(only) == 1 and only[0][0] > longest[0] else longest


def without_runs(lines: list[Line]) -> list[Line]:
    kept: list[Line] = []
    i = 0
    while i < len(lines):
        longest, j = longest_run(lines, i, kept)
        if longest:
            if j == 1 and len(kept) > 1 and is_changed(kept[-1].text, kept[0].text):
                kept.pop()
            i += longest
        elif kept and kept[-1].text == lines[i].text and lines[i].size and is_sentence(lines[i]):
            i += 1
        else:
            kept.append(lines[i])
            i += 1
    return kept


def left_of(text: str) -> list[str]:
    data = text.encode()
    _, cuts = repeated_runs(pa.array([text]), LIMITS)
    for start, stop in cuts[::-1].tolist():
        data = data[:start] + data[stop:]
    return [line.strip() for line in data.decode().split("\n") if line.strip()]


LINE = st.sampled_from(
    [
        "alpha.",
        "beta two.",
        "gamma.",
        "b.",
        " ",
        "```",
        "  alpha.",
        "* beta",
        "- item.",
        "|a|b.",
        "delta four.",
        "Full",
        "More:",
    ]
)


@given(st.lists(LINE, max_size=24).map("\n".join))
@settings(max_examples=400)
def test_runs_equal_the_twin(text: str) -> None:
    lines = read(text)
    repeated = len(lines) > len({line.text for line in lines})
    kept = lines
    while repeated and (fewer := without_runs(kept)) != kept:
        kept = fewer
    long = [line.strip() for line in text.split("\n") if len(line.strip()) >= LIMITS.line_bytes]
    again = [line for n, line in enumerate(long) if line in long[:n]]
    may = len(again) >= 2 and 2 * sum(map(len, again)) >= LIMITS.bytes
    may = may or any(line == other for line, other in pairwise(long))
    may = (may or (lines and lines[-1].text in [line.text for line in lines[:-1]])) and len(text) >= LIMITS.bytes
    may = may and text.count("\n") + 1 >= 2 * LIMITS.lines
    expected = [line.text for line in (kept if may else lines)]
    left = left_of(text)
    if left != expected:  # the headings of copies go too: where they do, `test_repeated_article` says
        rest = iter(expected)
        assert all(line in rest for line in left)
        assert len(lines) - len(expected) >= 2 * (len(expected) - len(left))
