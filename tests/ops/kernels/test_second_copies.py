"""Second copies equal those that a slow twin finds, on texts put together from few pieces."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.kernels.run_lines import RunLimits
from ops.kernels.second_copies import second_copies

LIMITS = RunLimits(lines=2, line_bytes=24, bytes=60)


def size(text: str) -> int:
    return len(text.encode())


def past_spaces(text: str, at: int, end: int) -> int:
    return next((n for n in range(at, end) if not text[n].isspace()), max(at, end))


def past_alike(text: str, one: int, other: int, bound: int, end: int) -> tuple[int, int]:
    last = one, other
    while True:
        one, other = past_spaces(text, one, bound), past_spaces(text, other, end)
        if one >= bound or other >= end or text[one] != text[other]:
            return last
        one, other = one + 1, other + 1
        last = one, other


def lines_before(text: str, one: int, other: int) -> tuple[int, int]:
    found, low = (one, other), one
    while True:
        one, other = len(text[:one].rstrip()), low + len(text[low:other].rstrip())
        if one == 0 or other == low or text[one - 1] != text[other - 1]:
            return found
        one, other = one - 1, other - 1
        if one == 0 or text[one - 1] == "\n":
            found = one, other


def is_cut_mark(text: str) -> bool:
    return 0 < size(text) <= 40 and text[0] in ".…[【(（"


def is_heading(line: str) -> bool:
    return line[0] not in ".'`<{!" and not line[:2].isspace() and not line.endswith((".", "。", "…", ")", "]"))


def inset(text: str, at: int) -> int:
    return len(text[:at]) - len(text[:at].rstrip(" \t"))


def second_of(text: str, first: int, second: int) -> tuple[int, int] | None:
    """From where to where is cut; nothing if it is no copy, and (0, 0) if there can be none."""
    one, other = past_alike(text, first, second, second, len(text))
    gap, rest = text[one:second], text[other:]
    is_short = is_cut_mark(rest.strip()) and "\n" not in rest[: len(rest) - len(rest.lstrip())]
    copied = size(text[second:other])
    if 3 * copied >= LIMITS.line_bytes and "\n" not in gap.rstrip() and is_cut_mark(gap.strip()):
        return one, other
    if copied < LIMITS.line_bytes:
        return None if gap.strip() else (0, 0)
    if text[: second - inset(text, second)].endswith("\n") and inset(text, second) > inset(text, first):
        return None
    heading = gap.strip()
    if not heading:
        return one, len(text) if is_short else other
    is_line = gap[: len(gap) - len(gap.lstrip())].endswith("\n") and "\n" not in heading and size(heading) <= 60
    if not rest.strip() and is_line and is_heading(heading):
        return one, len(text)
    is_part = is_short and 2 * copied >= LIMITS.bytes
    return (len(text[:second].rstrip()), len(text)) if is_part else None


def copy_of(text: str, at: int) -> tuple[int, int] | None:
    anchor = text[at:].encode()[:8]
    for place in range(at + 1, len(text)):
        if size(text[place:]) > 8 and text[place:].encode()[:8] == anchor:
            found = second_of(text, *lines_before(text, at, place))
            if found is not None:
                return found if found[0] < found[1] else None
    return None


def second_copy(text: str) -> tuple[int, int] | None:
    lines, at, looked_for = text.split("\n"), 0, 0
    for number, line in enumerate(lines[:20]):
        bare, begin = line.strip(), at + len(line) - len(line.lstrip())
        marked = bare[:1] in tuple("|+-*#>=<[{`") and not (bare[0] == "*" and bare[1:2] not in ("", " "))
        if bare and (not (marked or line.startswith(("\t", "  "))) or number == len(lines) - 1):
            below = [other for other in lines[1:] if other.strip()]
            if not number and size(bare) >= 6 and len(below) > 1 and "".join(below[0].split()) == "".join(bare.split()):
                stop = len(line.rstrip())
                end = text.index(below[0].strip(), stop) + len(below[0].strip())
                if size(below[0].strip()) == size(bare):
                    return stop, end
            if size(bare) * (1 if looked_for else 3) >= LIMITS.line_bytes:
                found = copy_of(text, begin)
                looked_for += 1
                if found or looked_for == 2:
                    return found
        at += len(line) + 1
    return None if looked_for else copy_of(text, 0)


PIECES = st.sampled_from(
    [
        "The mill stands where the river ends.", "And nobody knows who built it.", "A short one.", "The mill",
        "磨坊建在河流流出山谷的地方，", "村里没有人记得是谁造的。", "The mill stands where the river...", "- ", "# ",
        "... Read more", "Full text:", "（未完）", "* so it is", "\n", "\n\n", " ", "\u3000", "", "    ", "…",
    ]
)  # fmt: skip
TEXT = st.lists(PIECES, max_size=9).map("".join)


@given(st.tuples(TEXT, TEXT, TEXT).map(lambda parts: parts[0] + parts[1] + parts[0] + parts[2]))
@settings(max_examples=400)
def test_second_copies_equal_the_twin(text: str) -> None:
    text = text.strip()
    _, cuts = second_copies(pa.array([text]), LIMITS)
    found = second_copy(text) if size(text) >= 12 else None
    expected = [] if found is None else [[size(text[: found[0]]), size(text[: found[1]])]]
    assert cuts.tolist() == expected


@given(st.lists(st.text(max_size=60).map(lambda text: text * 3), max_size=4))
@settings(max_examples=100)
def test_any_text(texts: list[str]) -> None:
    rows, cuts = second_copies(pa.array(texts, pa.string()), LIMITS)
    ends = [size("".join(texts[: row + 1])) for row in range(len(texts))]
    assert all(
        ends[row] - size(texts[row]) <= begin < end <= ends[row] for row, (begin, end) in zip(rows, cuts, strict=True)
    )
