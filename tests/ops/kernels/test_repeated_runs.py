"""Runs of repeated lines equal those that a slow twin finds, on texts of few different lines."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.kernels.repeated_runs import RunLimits, repeated_runs

LIMITS = RunLimits(lines=2, line_bytes=4, bytes=12)


Line = tuple[str, int, bool]


def read(text: str) -> list[Line]:
    """Each line that is not blank, its bytes if it counts, and whether it is between lines of ```."""
    found, fenced = [], False
    for line in text.split("\n"):
        bare = line.strip()
        if bare:
            fence, within = bare.startswith("```"), fenced
            fenced ^= fence
            counts = len(bare) >= 4 and bare[0] not in "|+-*#>=<[{`" and not line.startswith(("\t", "  "))
            found.append((bare, len(bare) if counts and not fence and not fenced else 0, within))
    return found


def is_heading(line: str) -> bool:
    return line[0] not in ".'`<{!" and not line.endswith(".")


def is_run(run: list[Line], kept: list[Line], *, at_end: bool) -> bool:
    counted = {line: size for line, size, _ in run if size}
    size, whole = sum(counted.values()), sum(len(line) for line, _, _ in run)
    if len(counted) >= LIMITS.lines and size >= LIMITS.bytes:
        return True
    if not at_end or len(run) < 2 or 2 * whole < LIMITS.bytes:
        return False
    before = sum(len(line) for line, _, _ in kept)
    if size >= LIMITS.bytes or (len(counted) >= 2 and 3 * whole >= before):
        return True
    above = kept[-1][0]
    if is_heading(above) and not run[0][2] and [line for line, _, _ in kept].count(above) == 1:
        return True
    many = len(run) >= 4 * LIMITS.lines and whole >= 2 * LIMITS.bytes
    return whole >= (0.2 if many else 0.6) * before


def without_runs(lines: list[Line]) -> list[Line]:
    kept: list[Line] = []
    i = 0
    while i < len(lines):
        longest = 0
        for j in [j for j in range(len(kept)) if kept[j][0] == lines[i][0]][-32:]:
            if j and kept[j - 1][0] == kept[-1][0]:
                continue
            run = 0
            while i + run < len(lines) and j + run < len(kept) and lines[i + run][0] == kept[j + run][0]:
                run += 1
            if is_run(lines[i : i + run], kept, at_end=i + run == len(lines)):
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
    ["alpha.", "beta two.", "gamma.", "b.", " ", "```", "  alpha.", "- item.", "|a|b.", "delta four.", "Full", "More:"]
)


@given(st.lists(LINE, max_size=24).map("\n".join))
@settings(max_examples=400)
def test_runs_equal_the_twin(text: str) -> None:
    lines = read(text)
    repeated = len(lines) > len({line for line, _, _ in lines})
    kept = lines
    while repeated and (fewer := without_runs(kept)) != kept:
        kept = fewer
    long = [line.strip() for line in text.split("\n") if len(line.strip()) >= LIMITS.line_bytes]
    again = [line for n, line in enumerate(long) if line in long[:n]]
    may = len(again) >= 2 and 2 * sum(map(len, again)) >= LIMITS.bytes
    may = (may or (lines and lines[-1][0] in [line for line, _, _ in lines[:-1]])) and len(text) >= LIMITS.bytes
    expected = [line for line, _, _ in (kept if may else lines)]
    left = left_of(text)
    if left != expected:  # the headings of copies go too: where they do, `test_repeated_article` says
        gone = [line for line in expected if line not in left]
        assert left == [line for line in expected if line not in gone]
        assert len(expected) < len(lines)
        assert all([line for line, _, _ in lines].count(one) == 1 for one in gone)
