"""Blocks of frequent lines: which of them go, and from which byte to which, as a slow twin says it."""

import itertools
import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.kernels.blocks import CERTAIN, FREQUENT, blocks
from ops.kernels.buffers import buffers_of
from ops.kernels.lines import split

BLANKS = b" \t\n\r"
BYTES_MIN = 12

# What a line is worth: so frequent is it. "-" has no letter.
LEVELS = {
    "Home": 3, "Contact us": 3, "Related": 3, "News of the day": 2, "首页": 2, "A link that few have": 1,
    "The city has opened its 7th new mill on the river today.": 1, "Text of its own.": 0, "中文正文。": 0,
    "The city has opened its 52nd new mill on the river today.": 0, "```": 0, "```yaml": 2, "-": 0,
    "---": 0, "": 0, "  ": 0, "## More": 3, "[1]: https://a.example/b": 3, "Status: Final": 2, "Type: Track": 3,
    "A line so long that it is wrapped and goes on in the": 0, "For example:": 2, "in small letters": 3,
    "indented": 0, "  indented": 0,
    "The news of contact, and why it is related to the day of its owner": 0,
    "x = f(1)": 3, "关于首页的正文": 2, "它关于首页的正文。": 0,
    "The news of contact, and why it is related to the day of its own.": 0,
}  # fmt: skip

OWN = "The news of contact, and why it is related to the day of its own."


def found(texts: list[str]) -> list[list[tuple[int, int]]]:
    """The cuts of each text."""
    strings = pa.array(texts, pa.string())
    data, offsets = buffers_of(strings)
    pieces = split(strings, 1, sentences=False)
    lines = [data[start:stop].tobytes().decode() for start, stop in pieces.at[:, :2]]
    level = np.array([LEVELS.get(line, 0) for line in lines], np.uint8)
    rows, cuts = blocks(data, offsets, pieces, level, BYTES_MIN)
    return [(cuts[rows == row] - offsets[row]).tolist() for row in range(len(texts))]


def left(text: str) -> str:
    raw = text.encode()
    for start, stop in reversed(found([text])[0]):
        raw = raw[:start] + raw[stop:]
    return raw.decode()


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Home\nContact us\n\nText of its own.", "Text of its own."),
        ("Home\nContact us\nText of its own.", "Text of its own."),
        ("Text of its own.\n\n首页\n首页\n\nNews of the day", "Text of its own."),
        ("Text of its own.\n\nRelated\nContact us\nA link that few have\n中文正文。", "Text of its own.\n中文正文。"),
        ("Text of its own.\nRelated\nHome\nHome\n\n中文正文。", None),  # no blank line above: a record, a table
        ("Text of its own.\nRelated\nHome\nHome\n中文正文。", "Text of its own.\n中文正文。"),
        ("Text of its own.\n\n首页\n首页\nNews of the day\n\n中文正文。", None),  # no line on many pages
        ("Text of its own.\n\nRelated\nHome\n\n中文正文。", None),  # two lines
        ("Home\nText of its own.", None),  # too short
        ("Home\nContact us", None),  # all of the page
        ("Contact us Text of its own.", None),
        ("Text of its own.\n\nContact us\n\n-", None),  # a heading, underlined
        ("Text of its own.\n\nRelated\n```\nContact us", None),  # code
        # Its title, which is a link elsewhere: one on few pages, one that is popular and that the text speaks of.
        (f"News of the day\n\nA link that few have\n\n{OWN}", f"A link that few have\n\n{OWN}"),
        (
            f"Home\nContact us\nRelated\n\n关于首页的正文\n\n它关于首页的正文。\n{OWN}",
            f"关于首页的正文\n\n它关于首页的正文。\n{OWN}",
        ),
        (f"Home\nContact us\n\n关于首页的正文\n\n{OWN}", OWN),
        # A near copy: a quarter of its other text is that of other pages.
        ("A link that few have\nText of its own.\n\nNews of the day", None),
        ("A link that few have\nText of its own.\n\nContact us\nHome", "A link that few have\nText of its own."),
        (f"{OWN}\n\nFor example:\n\n  indented", None),
        ("For example:\n\n  indented\nText of its own.", None),
        ("Home\nContact us\n\n  indented\nText of its own.", "  indented\nText of its own."),
        (f"{OWN}\n\n## More", None),  # a heading of what is not there
        (f"{OWN}\n\n## More\nHome\n\n## More\nContact us", f"{OWN}\n\n## More\nHome"),
        (f"{OWN}\n\nContact us\n[1]: https://a.example/b", None),
        (f"{OWN}\n\n[1]: https://a.example/b", None),
        ("A line so long that it is wrapped and goes on in the\nContact us\nHome", None),
        (
            "A line so long that it is wrapped and goes on in the\nHome\n\nContact us\nHome",
            "A line so long that it is wrapped and goes on in the\nHome",
        ),
        (f"{OWN[:-1]}er\nin small letters\nHome", None),
        (f"{OWN[:-1]}er\nContact us\nHome", f"{OWN[:-1]}er"),
        ("Author: me\nStatus: Final\nType: Track", None),
        (f"```\nText of its own.\n\nx = f(1)\nHome\nContact us\n\n```\n{OWN}", None),
        (f"```\nText of its own.\n\nHome\nRelated\nContact us\n\n```\n{OWN}", f"```\nText of its own.\n\n```\n{OWN}"),
    ],
)
def test_blocks(text: str, rest: str | None) -> None:
    assert left(text) == (text if rest is None else rest)


def test_sentences_of_one_template_go_with_the_next() -> None:
    first, rare = (one for one in LEVELS if one.startswith("The city"))
    assert left(f"Text of its own.\n\nNews of the day\n{first}\n{rare}") == "Text of its own."
    assert left(f"Text of its own.\n{rare}\nNews of the day\n{first}") == f"Text of its own.\n{rare}"


def twin(text: str) -> list[list[int]]:
    """As the kernel, over lines of bytes."""
    raw = text.encode()
    lines, at = [], 0
    for line in raw.split(b"\n"):
        if any(letter.isalnum() for letter in line.decode()):
            begin = at + len(line) - len(line.lstrip(b" "))
            lines.append((at, begin, begin + len(line.strip(b" ")), at + len(line) + 1, LEVELS[line.decode().strip()]))
        at += len(line) + 1
    cuts = page(raw, lines, FREQUENT)
    rest = [line for line in lines if not any(start <= line[1] < stop for start, stop in cuts)]
    shared = sum(line[2] - line[1] for line in rest if line[4])
    is_copy = cuts and 4 * shared > sum(line[2] - line[1] for line in rest)
    return page(raw, lines, CERTAIN) if is_copy else cuts


def page(raw: bytes, lines: list[tuple[int, ...]], least: int) -> list[list[int]]:
    cuts: list[list[int]] = []
    one = free = 0
    while one < len(lines):
        if not lines[one][4] or is_definition(raw, lines[one]):
            one += 1
            continue
        is_first = one == 0 and lines[0][4] >= least and not raw[: lines[0][1]].strip(BLANKS)
        end = run_end(raw, lines, one, least, is_first=is_first)
        frequent = [i for i in range(one, end) if lines[i][4] >= least]
        start, stop = one, one
        if frequent:
            start, stop = extended(raw, lines, frequent, range(one if is_first else free, end), is_first=is_first)
        levels = [lines[i][4] for i in range(start, stop)]
        size = sum(lines[i][2] - lines[i][1] for i in range(start, stop) if lines[i][4] >= least)
        is_strong = stop - start >= 3 and CERTAIN in levels
        if size >= BYTES_MIN and goes(raw, lines[start:stop], is_first=is_first, is_strong=is_strong):
            begin, until = lines[start][0], lines[stop - 1][2]
            above, below = raw[:begin].rstrip(BLANKS), raw[until:].lstrip(BLANKS)
            indent = raw[until : len(raw) - len(below)]
            after = len(raw) - len(below) - len(indent) + len(indent.rstrip(b" \t"))
            done = cuts[-1][1] if cuts else 0
            cuts.append([0, after] if is_first else [max(len(above), done), until])
            free = stop
        one = end
    return cuts


def extended(
    raw: bytes, lines: list[tuple[int, ...]], frequent: list[int], within: range, *, is_first: bool
) -> tuple[int, int]:
    start, stop = within.start if is_first else frequent[0], frequent[-1] + 1
    while stop < within.stop and lines[stop][0] == lines[stop - 1][3]:
        if is_first and not alike(raw, lines[stop - 1], lines[stop]):
            break
        stop += 1
    if is_first:
        return start, stop - is_title(raw, lines[stop - 1])
    while start - 1 > within.start and lines[start - 1][3] == lines[start][0]:
        if not alike(raw, lines[start - 1], lines[start]):
            break
        start -= 1
    if start and lines[start - 1][3] == lines[start][0] and goes_on(raw, lines[start - 1], lines[start]):
        start += 1
        while start < stop and lines[start - 1][3] == lines[start][0]:
            start += 1
    parted = {i: lines[i][0] != lines[i - 1][3] for i in range(start + 1, stop)}
    headings = [i for i in parted if is_heading(raw, lines[i], is_parted=parted[i])]
    return max([start, *headings]), stop


def goes(raw: bytes, block: list[tuple[int, ...]], *, is_first: bool, is_strong: bool) -> bool:
    begin, until = block[0][0], block[-1][2]
    is_parted = len(block) == 1 or block[-1][0] != block[-2][3]
    if is_code(raw, begin, until) or is_heading(raw, block[-1], is_parted=is_parted):
        return False
    if re.search(rb":(:|$)", raw[block[-1][1] : until]) and re.match(rb"\s*\n[ \t]+\S", raw[until:]):
        return False
    if is_first or not raw[until:].strip(BLANKS):
        return not is_first or bool(raw[until:].strip(BLANKS))
    above = raw[:begin].rstrip(BLANKS)
    return is_strong and (b"\n\n" in raw[len(above) : begin] or b"\n\n" not in raw)


def is_code(raw: bytes, begin: int, until: int) -> bool:
    """Fences are `(where, may it end code)`."""
    found = re.finditer(rb"(?m)^[ \t]*```([^`\n]*)$", raw)
    fences = [(one.start(), not one[1].strip()) for one in found]
    if any(begin <= at < until for at, _ in fences):
        return True
    is_open = False
    for at, is_bare in fences:
        if at >= until:
            is_code = bool(re.search(rb"(?m)[={}$;<\\`]|^[ \t]", raw[begin:until]))
            return is_open and is_bare and is_code
        is_open = not (is_bare and is_open)
    return False


def is_heading(raw: bytes, line: tuple[int, ...], *, is_parted: bool) -> bool:
    is_underlined = re.match(rb"\n(===|---|~~~|\*\*\*|\^\^\^)", raw[line[2] :])
    return bool(is_underlined or (is_parted and re.match(rb"#+[ \t]", raw[line[1] : line[2]])))


def is_definition(raw: bytes, line: tuple[int, ...]) -> bool:
    return bool(re.match(rb"\[[^\]]*\]:\s*(http|$)", raw[line[1] : line[2]]))


def goes_on(raw: bytes, line: tuple[int, ...], after: tuple[int, ...]) -> bool:
    one, other = raw[line[1] : line[2]], raw[after[1] : after[2]]
    ends = rb",$|[ \t][a-z]{1,3}$" + (rb"|[0-9A-Za-z]$" if other[:1].islower() else b"")
    is_wrapped = len(one) >= 40 and re.search(ends, one)
    field = rb"[^ \t:]{1,23}:([ \t]|$)"
    return bool(is_wrapped or (re.match(field, one) and re.match(field, other)))


def is_title(raw: bytes, line: tuple[int, ...]) -> bool:
    """Words count twice: of pairs of Han it takes four."""
    title, rest = raw[line[1] : line[2]].decode(), raw[line[2] :].decode().lower()
    words = [(2, one) for one in re.findall("[0-9A-Za-z]{5,}", title)]
    words += [(1, one) for one in re.findall("(?=([\u4e00-\u9fff]{2}))", title)]
    found = sum(count for count, word in words if word.lower() in rest)
    return found >= 4 and 3 * found >= 2 * sum(count for count, _ in words) and not re.search(r"://|\]\(", title)


def run_end(raw: bytes, lines: list[tuple[int, ...]], one: int, least: int, *, is_first: bool) -> int:
    longest, end = 0, one
    while end < len(lines):
        level, size = lines[end][4], lines[end][2] - lines[end][1]
        if is_definition(raw, lines[end]) or (is_first and level < least and not is_among(raw, lines, end)):
            break
        is_newest = end >= one + 3 and end + 1 < len(lines) and lines[end + 1][4] and size <= longest
        if not level and not is_newest and not alike(raw, lines[end - 1], lines[end]):
            break
        longest = max(longest, size)
        end += 1
    return end


def is_among(raw: bytes, lines: list[tuple[int, ...]], one: int) -> bool:
    if lines[one][0] != lines[one - 1][3]:
        return False
    if alike(raw, lines[one - 1], lines[one]):
        return True
    after = lines[one + 1] if one + 1 < len(lines) else None
    return bool(lines[one][4] and after and after[4] and after[0] == lines[one][3])


def alike(raw: bytes, line: tuple[int, ...], after: tuple[int, ...]) -> bool:
    one, other = raw[line[1] : line[2]], raw[after[1] : after[2]]
    begin = common(one, other)
    least = min(len(one), len(other))
    end = min(common(one[::-1], other[::-1]), least - begin)
    return least >= 40 and 3 * max(len(one), len(other)) <= 4 * least and begin + end >= max(15, least // 5)


def common(one: bytes, other: bytes) -> int:
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


@settings(max_examples=300)
@given(st.lists(st.lists(st.sampled_from([*LEVELS]), max_size=12).map("\n".join), max_size=3))
def test_equals_its_twin(texts: list[str]) -> None:
    assert found(texts) == [twin(text) for text in texts]


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=40), max_size=4))
def test_never_raises_on_any_bytes(raws: list[bytes]) -> None:
    strings = pa.Array.from_buffers(pa.string(), len(raws), pa.array(raws, pa.binary()).buffers())
    data, offsets = buffers_of(strings)
    pieces = split(strings, 1, sentences=False)
    rows, cuts = blocks(data, offsets, pieces, np.full(len(pieces.hashes), CERTAIN, np.uint8), 1)
    assert all(offsets[row] <= start <= stop <= offsets[row + 1] for row, (start, stop) in zip(rows, cuts, strict=True))
