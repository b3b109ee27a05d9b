"""Which texts have lines that are alike: the kernel equals plain Python, but for strings that fall together."""

import re
from collections import Counter

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.kernels.alike_lines import AT_END, AT_START, WITHIN, alike_sides
from ops.kernels.stops import stops_of

PIECES = [
    "One farm. ",
    "Two roads! ",
    "三户人家。",
    "共用？",
    "(a page)",
    "【某网】",
    "Mr. ",
    "a.b ",
    "...",
    "\n",
    "\r\n",
    " ",
    "é",
    "🙂",
]
TEXT = st.lists(st.sampled_from([*PIECES, "\n", "\n"]), max_size=60).map("".join) | st.text(max_size=60)
END = re.compile("[.!?]|" + "|".join("。！？"))


def sides(text: str, share: float) -> int:
    counts = {side: Counter[bytes]() for side in (AT_START, AT_END, WITHIN)}
    of = of_within = 0
    looks_within = True
    for line in re.split("[\n\v\f\r]", text):
        own = line.strip(" \t")
        if len(own) < 12:
            continue
        of += 1
        raw = own.encode()
        counts[AT_START][raw[:6]] += 1
        counts[AT_END][raw[-6:]] += 1
        if looks_within:
            keys, ends = within(own)
            counts[WITHIN].update(keys)
            of_within += ends
            looks_within = of_within != 8 or max(counts[WITHIN].values(), default=0) >= 3
        if of >= 8 and not looks_within and all(max(counts[side].values()) < 3 for side in (AT_START, AT_END)):
            return 0
    most = {side: max(counted.values(), default=0) for side, counted in counts.items()}
    needed = {AT_START: of, AT_END: of, WITHIN: of_within}
    return sum(side for side in most if most[side] >= max(4, share * needed[side]))


def within(line: str) -> tuple[set[bytes], bool]:
    """Return what stands after the end marks of a line, and whether a sentence ends before the line does."""
    keys, ends = set(), False
    for mark in END.finditer(line):
        after = line[mark.end() :]
        if not after:
            continue
        is_wide = mark[0] in "。！？"
        ends |= is_wide or after[0] == " "
        if not is_wide and re.match("[0-9a-gi-vx-z]", after):
            continue
        if after[0] in "\"')]/_.," or (
            mark[0] == "." and re.search(r"(?<![A-Za-z])[A-Z][A-Za-z]{0,2}\Z", line[: mark.start()])
        ):
            continue
        raw = after.lstrip(" ").encode()
        size = 8 if raw and 0x41 <= raw[0] < 0x80 else 6
        if len(raw) >= size:
            keys.add(raw[:size])
            ends = True
    return keys, ends


@given(texts=st.lists(TEXT, max_size=4), share=st.sampled_from([0.3, 0.5, 1.0]))
@settings(max_examples=200)
def test_equals_plain_python(texts: list[str], share: float) -> None:
    column = pa.array(texts, pa.string())
    found = alike_sides(column, stops_of(column), 12, share).tolist()
    assert found == [sides(text, share) for text in texts]


def test_a_page_of_each_side() -> None:
    body = [f"{word} farms share one road." for word in ("Two", "Three", "Four", "Five", "Six")]
    pages = [
        [f"(Mill) {line}" for line in body],
        [f"{line} (Mill)" for line in body],
        [f"It rains. [Mill 7] {line}" for line in body],
        [f"{line.split()[0]} rivers. (Mill) {line}" for line in body],
        body[:3],
    ]
    column = pa.array(["\n".join(page) for page in pages])
    found = alike_sides(column, stops_of(column), 12, 0.8).tolist()
    assert [bool(side & AT_START) for side in found[:2]] == [True, False]
    assert [bool(side & AT_END) for side in found[:2]] == [True, True]
    assert found[3] & WITHIN
    assert found[4] == 0
