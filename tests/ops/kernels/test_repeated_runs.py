"""Runs of repeated lines equal those that a slow twin finds, on texts of few different lines."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.kernels.repeated_runs import RunLimits, repeated_runs

LIMITS = RunLimits(lines=2, line_bytes=4, bytes=12)


def read(text: str) -> list[tuple[str, int]]:
    """Each line that is not blank, and its bytes if it counts."""
    found, fenced = [], False
    for line in text.split("\n"):
        bare = line.strip()
        if bare:
            fence = bare.startswith("```")
            fenced ^= fence
            counts = len(bare) >= 4 and bare[0] not in "|+-*#>=<[{`" and not line.startswith(("\t", "  "))
            found.append((bare, len(bare) if counts and not fence and not fenced else 0))
    return found


def is_run(run: list[tuple[str, int]], before: int, *, at_end: bool) -> bool:
    counted = {line: size for line, size in run if size}
    size, whole = sum(counted.values()), sum(len(line) for line, _ in run)
    if len(counted) >= LIMITS.lines and size >= LIMITS.bytes:
        return True
    if not at_end or len(run) < 2 or 2 * whole < LIMITS.bytes:
        return False
    return whole >= 0.6 * before or (len(counted) >= 2 and (size >= LIMITS.bytes or 3 * whole >= before))


def without_runs(lines: list[tuple[str, int]]) -> list[tuple[str, int]]:
    kept: list[tuple[str, int]] = []
    i = 0
    while i < len(lines):
        longest = 0
        before = sum(len(line) for line, _ in kept)
        for j in [j for j in range(len(kept)) if kept[j][0] == lines[i][0]][-32:]:
            if j and kept[j - 1][0] == kept[-1][0]:
                continue
            run = 0
            while i + run < len(lines) and j + run < len(kept) and lines[i + run][0] == kept[j + run][0]:
                run += 1
            if is_run(lines[i : i + run], before, at_end=i + run == len(lines)):
                longest = max(longest, run)
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
    ["alpha.", "beta two.", "gamma.", "b.", " ", "```", "  alpha.", "- item.", "|a|b.", "delta four."]
)


@given(st.lists(LINE, max_size=24).map("\n".join))
@settings(max_examples=400)
def test_runs_equal_the_twin(text: str) -> None:
    lines = read(text)
    repeated = len(lines) > len({line for line, _ in lines})
    kept = lines
    while repeated and (fewer := without_runs(kept)) != kept:
        kept = fewer
    long = [line.strip() for line in text.split("\n") if len(line.strip()) >= LIMITS.line_bytes]
    again = [line for n, line in enumerate(long) if line in long[:n]]
    may = len(again) >= 2 and 2 * sum(map(len, again)) >= LIMITS.bytes and len(text) >= 2 * LIMITS.bytes
    expected = [line for line, _ in (kept if may else lines)]
    left = left_of(text)
    if left != expected:  # the heading of a copy goes too: where it does, `test_repeated_article` says
        assert left == expected[:-1]
        assert len(expected) < len(lines)
        assert [line for line, _ in lines].count(expected[-1]) == 1
