"""Runs of repeated lines equal those that a slow twin finds, on texts of few different lines."""

from typing import NamedTuple

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.kernels.repeated_runs import RunLimits, repeated_runs

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


def is_run(run: list[Line], j: int, kept: list[Line], *, at_end: bool) -> bool | None:
    """Whether lines are a run; None if they are one where they stand in one place before."""
    counted = {line.text: line.size for line in run if line.size}
    size, whole = sum(counted.values()), sum(len(line.text) for line in run)
    if len(counted) >= LIMITS.lines and size >= LIMITS.bytes:
        return True
    different = len({line.text for line in run})
    if not at_end or len(run) < 2 or 4 * whole < LIMITS.bytes or 3 * different < len(run):
        return False
    before = sum(len(line.text) for line in kept)
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


def without_runs(lines: list[Line]) -> list[Line]:
    kept: list[Line] = []
    i = 0
    while i < len(lines):
        longest, only = 0, []
        for j in [j for j in range(len(kept)) if kept[j].text == lines[i].text]:  # no text here has more than 32
            if j and kept[j - 1].text == kept[-1].text:
                continue
            run = 0
            while i + run < len(lines) and j + run < len(kept) and lines[i + run].text == kept[j + run].text:
                run += 1
            found = is_run(lines[i : i + run], j, kept, at_end=i + run == len(lines))
            longest = max(longest, run) if found else longest
            only += [run] if found is None else []
        longest = max(longest, *only) if len(only) == 1 else longest
        if longest:
            i += longest
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
    may = (may or (lines and lines[-1].text in [line.text for line in lines[:-1]])) and len(text) >= LIMITS.bytes
    expected = [line.text for line in (kept if may else lines)]
    left = left_of(text)
    if left != expected:  # the headings of copies go too: where they do, `test_repeated_article` says
        rest = iter(expected)
        assert all(line in rest for line in left)
        assert len(lines) - len(expected) >= 2 * (len(expected) - len(left))
