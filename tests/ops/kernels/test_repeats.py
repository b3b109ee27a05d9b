"""What recurs at the ends of sentences and lines: kernels equal plain Python."""

import re
from collections import Counter

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.kernels.recurring import PLACES_AT_FIRST
from ops.kernels.repeats import repeats
from ops.kernels.stops import stops_of

PIECES = [
    *(
        "One page. ",
        "(a page)",
        "www.mill.net",
        "Visit ",
        "3.14",
        "a.b",
        "？！”",
        "……",
        "。",
        "【某网】",
        "某某国际网",
        "。）",
    ),
    *(
        "\n",
        "\n",
        "\r\n",
        "\n\n",
        " \n",
        "\u3000",
        "  ",
        "\t",
        ".",
        "!",
        "'",
        "é",
        "🙂",
        "x" * 30,
        "一二三四五六七八九十",
    ),
]
TEXT = st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=40)
MARK = re.compile(rb"[.!?]|" + "|".join("。！？…").encode())
CLOSERS = re.compile((r"(?:[\"')\]]|" + "|".join("”’」』】》）") + ")*").encode())
SPACE = re.compile(rb"[ \t]|" + "\u3000".encode())
LETTER = re.compile(rb"[0-9A-Za-z\xc3-\xe1\xe4-\xee]")


def windows(raw: bytes) -> tuple[list[tuple[int, bytes, int]], int, int]:
    """Return place, bytes and side (1: a sentence's first, 0: a line's last) of each window; lines and blocks."""
    found, lines, blocks, new_block = [], 0, 0, True
    for line in re.finditer(rb"[^\n\x0b\x0c\r]*(?:\Z|[\n\x0b\x0c\r])", raw):
        start, stop = line.start(), len(line[0].rstrip(b"\n\x0b\x0c\r")) + line.start()
        if line[0] == b"" and start and raw[start - 1 : start] not in {b"\n", b"\x0b", b"\x0c", b"\r"}:
            continue
        found += sentences(raw, start, stop)
        end = start + len(raw[start:stop].rstrip(b" \t"))
        if end - start >= 24:
            found.append((end, raw[end - 12 : end], 0))
        if end - start >= 30:
            lines += 1
            blocks += new_block
            new_block = False
        elif end == start and not (raw[stop - 1 : stop] == b"\r" and start):
            new_block = True
    return found, lines, blocks


def sentences(raw: bytes, at: int, stop: int) -> list[tuple[int, bytes, int]]:
    found, begins, first = [], True, True
    while at < stop:
        mark, space = MARK.match(raw, at), SPACE.match(raw, at)
        if mark and not first:
            after = mark.end()
            following = raw[after:]
            joins = re.match(rb"[0-9]", following) or (
                re.match(rb"[a-z]", following) and not (following.startswith((b"www", b"htt")) and len(following) > 3)
            )
            if len(mark[0]) > 1 or not joins:
                begins = True
                closers = CLOSERS.match(raw, after)
                after = closers.end() if closers else after
            at = after
            continue
        if begins and not space:
            host = {b"www": 9, b"htt": 12}.get(raw[at : at + 3] if at + 3 < len(raw) else b"", 16)
            window = raw[at : min(stop, at + (host if LETTER.match(raw, at) else 12))]
            found += [(at, window, 1)] if len(window) >= 6 else []
            begins = first = False
        at += len(space[0]) if space else 1 if raw[at] < 0xC0 else 2 if raw[at] < 0xE0 else 3 if raw[at] < 0xF0 else 4
    return found


@given(texts=st.lists(TEXT, max_size=4), least=st.integers(1, 3), share=st.sampled_from([0.0, 0.5, 1.5]))
@settings(max_examples=300)
def test_repeats_are_those_of_plain_python(texts: list[str], least: int, share: float) -> None:
    column = pa.array(texts, pa.string())
    found = repeats(column, stops_of(column), least, share)
    rows, keys = (np.repeat(one, np.diff(found.groups.first)) for one in (found.groups.rows, found.groups.keys))
    assert (np.diff(found.groups.first) >= least).all()
    assert {*zip(rows.tolist(), keys.tolist(), strict=True)} == {*zip(*found.groups[:2], strict=True)}
    start = 0
    for row, text in enumerate(texts):
        expected, lines, blocks = windows(text.encode())
        counts = Counter((window, side) for _, window, side in expected)
        kept = [one for one in expected if counts[one[1:]] >= max(least, share * blocks)]
        here = rows == row
        places = list(zip((found.groups.at[here] - start).tolist(), (keys[here] % 2).tolist(), strict=True))
        assert sorted(places) == sorted((at, side) for at, _, side in kept)
        of_each = dict(zip(places, keys[here].tolist(), strict=True))
        assert len({*of_each.values()}) == len({one[1:] for one in kept})
        assert len({(of_each[at, side], window) for at, window, side in kept}) == len({*of_each.values()})
        assert (found.lines[row], found.blocks[row]) == (lines, blocks)
        start += len(text.encode())


def test_room_grows_with_what_is_found() -> None:
    pages = ["".join(f"Mill {n % 50} of the valley. " for n in range(60 * length)) for length in range(40)]
    column = pa.array(pages)
    together = repeats(column, stops_of(column), 3, 0.0).groups
    assert len(together.at) > 2 * PLACES_AT_FIRST
    alone = [repeats(one, stops_of(one), 3, 0.0).groups for one in (column.slice(n, 1) for n in range(len(pages)))]
    assert together.at.tolist() == [at for groups in alone for at in groups.at.tolist()]
    assert together.keys.tolist() == [key for groups in alone for key in groups.keys.tolist()]
    assert together.rows.tolist() == [row for row, groups in enumerate(alone) for _ in groups.keys]
