"""Lines, sentences, their hashes and the cuts equal slow twins on any text."""

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ops.kernels.buffers import buffers_of
from ops.kernels.cuts import cuts_of, stretches, without
from ops.kernels.lines import START, STOP, distinct_spans, split
from ops.kernels.unicode_tables import FLAGS, FOLDED, HAN_ABOVE_END, SINGLE, SPACE, TABLED, WORD

MASK = (1 << 64) - 1
PRIME = 0x9E3779B97F4A7C15
LINE_END = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
CLOSERS = "\"')]”’…」』）》】"
MARKS = re.compile(f"[.!?。！？｡][.!?。！？｡{re.escape(CLOSERS)}]*")
ODD = (
    "aBc. Z!?\"') 中文。！？”」…Ａ．ｱ｡：1٣ßİé\u212a \n\n\r\x0b\x0c\x85\u2028\u2029\u00a0\u3000"
    "\u202f\u2003\t\x00\x1c\x1f\x7f\u1680\u205f\u200b\ufeff🙂𠀀𰀀\u4dc0\u4e00\u9fff\ua000一二三四五六七"
)
TEXT = (
    st.text(max_size=60)
    | st.text(st.sampled_from(ODD), max_size=60)
    | st.text(st.sampled_from("aB.  \n中。"), max_size=80)
)
TEXTS = st.lists(TEXT, max_size=5)
ENOUGH = st.sampled_from([1, 3, 12, 1000])


def _flags(char: str) -> int:
    point = ord(char)
    return int(FLAGS[point]) if point < TABLED else (WORD | SINGLE) * (point < HAN_ABOVE_END)


def _is_space(char: str) -> bool:
    return bool(_flags(char) & SPACE)


def _strip(text: str, start: int, stop: int) -> tuple[int, int]:
    while start < stop and _is_space(text[start]):
        start += 1
    while start < stop and _is_space(text[stop - 1]):
        stop -= 1
    return start, stop


def letters_of(text: str) -> int:
    return sum((3 if _flags(c) & SINGLE else 1) for c in text if _flags(c) & WORD)


def hash_of(text: str) -> int:
    """Fold, pack all characters, and only then cut into words of eight bytes."""
    packed = bytearray()
    for char in text:
        point = int(FOLDED[ord(char)]) if ord(char) < TABLED else ord(char)
        if _is_space(char):
            packed += b" " * (packed[-1:] != b" ")
        else:
            packed += bytes([point]) if point < 0x80 else (point | 0x800000).to_bytes(3, "little")
    value = 0
    whole = len(packed) // 8 * 8
    for at in range(0, whole, 8):
        value = ((value ^ int.from_bytes(packed[at : at + 8], "little")) * PRIME) & MASK
        value ^= value >> 32
    value ^= int.from_bytes(packed[whole:], "little")
    return max(_mix64((value + 8 * len(packed) * PRIME) & MASK), 1)


def _mix64(value: int) -> int:
    value = ((value ^ (value >> 33)) * 0xFF51AFD7ED558CCD) & MASK
    value = ((value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53) & MASK
    return value ^ (value >> 33)


def lines_of(text: str) -> list[tuple[int, int, int]]:
    """Return (start, start of its line end, start of the next line) of each line, in characters."""
    out, at = [], 0
    for end in LINE_END.finditer(text):
        out.append((at, end.start(), end.end()))
        at = end.end()
    return out + [(at, len(text), len(text))] * (at < len(text))


def pieces_of(text: str, enough: int, *, sentences: bool) -> list[str]:
    out = []
    for start, stop, _ in lines_of(text):
        line = text[slice(*_strip(text, start, stop))]
        if not sentences:
            out += [line] * (bool(line) and letters_of(line) >= enough)
            continue
        at = 0
        for mark in MARKS.finditer(line):
            end = mark.end()
            if end == len(line) or _is_space(line[end]) or re.search("[。！？｡]", mark.group()):
                out.append(line[slice(*_strip(line, at, end))])
                at = end
        rest = line[slice(*_strip(line, at, len(line)))]
        out += [rest] * bool(rest)
    return out


def span_hash(pieces: list[str]) -> int:
    if len(pieces) == 1:
        return hash_of(pieces[0])
    value = 0
    for piece in pieces:
        value = _mix64(value ^ hash_of(piece))
    return max(value, 1)


def spans_of(text: str, span: int, enough: int, *, sentences: bool) -> list[int]:
    """Return the hash of each span of enough letters; 0 where there are not enough."""
    pieces = pieces_of(text, enough, sentences=sentences)
    windows = [pieces[at : at + span] for at in range(len(pieces) - span + 1)]
    return [span_hash(window) * (sum(map(letters_of, window)) >= enough) for window in windows]


def text_without(text: str, gone: set[int], enough: int) -> str:
    """Return the text without its lines of these hashes; the line end before a last line that goes, goes too."""
    left: list[tuple[str, str]] = []
    tail = False
    for start, stop, following in lines_of(text):
        line = text[slice(*_strip(text, start, stop))]
        tail = bool(line) and letters_of(line) >= enough and hash_of(line) in gone
        if not tail:
            left.append((text[start:stop], text[stop:following]))
    if tail and left and not LINE_END.match(text[-1]):
        left[-1] = (left[-1][0], "")
    return "".join(line + end for line, end in left)


@given(texts=TEXTS, enough=ENOUGH, sentences=st.booleans())
@example(texts=["a" * 7 + "  " + "B" * 40 + " \t\u3000 c" * 9], enough=1, sentences=False)
@example(texts=["一二三 " * 9 + "Abcdefgh  ijklmnop " * 5], enough=3, sentences=False)
def test_pieces_equal_their_twin(*, texts: list[str], enough: int, sentences: bool) -> None:
    column = pa.array(["before", *texts], pa.string()).slice(1)
    found = split(column, enough, sentences=sentences)
    data, _ = buffers_of(column)
    for row, text in enumerate(texts):
        expected = pieces_of(text, enough, sentences=sentences)
        mine = slice(found.first[row], found.first[row + 1])
        assert [data[at[START] : at[STOP]].tobytes().decode() for at in found.at[mine]] == expected
        assert found.hashes[mine].tolist() == [hash_of(piece) for piece in expected]
        wanted = [min(letters_of(piece), enough) for piece in expected]
        assert np.minimum(found.letters[mine], enough).tolist() == wanted


@given(texts=TEXTS, span=st.integers(1, 4), enough=ENOUGH, sentences=st.booleans())
def test_distinct_spans_equal_their_twin(*, texts: list[str], span: int, enough: int, sentences: bool) -> None:
    found = split(pa.array(texts, pa.string()), enough, sentences=sentences)
    rows, hashes = distinct_spans(found, span, enough)
    expected = []
    for row, text in enumerate(texts):
        each = dict.fromkeys(spans_of(text, span, enough, sentences=sentences))
        expected += [(row, value) for value in each if value]
    assert list(zip(rows.tolist(), hashes.tolist(), strict=True)) == expected


@given(TEXTS, ENOUGH, st.randoms(use_true_random=False))
@example(["one\ntwo\nthree"], 1, None)
@example(["one\r\ntwo\n\n \nthree"], 1, None)
def test_lines_are_cut_as_by_the_twin(texts: list[str], enough: int, random: object) -> None:
    column = pa.array(["before", *texts], pa.string()).slice(1)
    data, offsets = buffers_of(column)
    found = split(column, enough, sentences=False)
    wanted = [value for value in sorted(set(found.hashes.tolist())) if random is None or random.random() < 0.6]  # type: ignore[attr-defined]
    cuts = cuts_of(found, offsets, np.array(wanted, np.uint64), 1, enough)
    cuts = cuts[cuts[:, 1] > cuts[:, 0]]
    assert without(data, offsets, cuts).to_pylist() == [text_without(text, set(wanted), enough) for text in texts]


@given(TEXTS, st.randoms(use_true_random=False))
@example(["One. 甲。Two. Three", "甲。One.  Two."], None)
def test_sentences_that_stay_are_as_they_were(texts: list[str], random: object) -> None:
    column = pa.array(texts, pa.string())
    data, offsets = buffers_of(column)
    found = split(column, 1, sentences=True)
    distinct = sorted(set(found.hashes[found.letters > 0].tolist()))
    wanted = {value for value in distinct if random is None or random.random() < 0.5}  # type: ignore[attr-defined]
    cuts = cuts_of(found, offsets, np.array(sorted(wanted), np.uint64), 1, 1)
    cuts = cuts[cuts[:, 1] > cuts[:, 0]]
    assert (cuts[1:, 0] >= cuts[:-1, 1]).all()
    for before, after in zip(texts, without(data, offsets, cuts).to_pylist(), strict=True):
        kept = [piece for piece in pieces_of(before, 1, sentences=True) if hash_of(piece) not in wanted]
        assert pieces_of(after, 1, sentences=True) == kept


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Home  |\tAbout", " HOME | about ", True),
        ("版权所有：某某网", "版权所有:某某网", True),
        ("ＧＰＵ\u3000时代", "gpu 时代", True),
        ("Page 3 of 10", "Page 4 of 10", False),
        ("Read more", "Read more.", False),
        ("Read more", "Readmore", False),
        ("abcdefgh", "abcdefgh\x00", False),
        ("\u212a", "k", True),
    ],
)
def test_what_is_equal(*, one: str, other: str, same: bool) -> None:
    hashes = split(pa.array([one, other]), 1, sentences=False).hashes
    assert (hashes[0] == hashes[1]) == same


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ('He said "no." Then 3.14 came', ['He said "no."', "Then 3.14 came"]),
        ("今天很好。明天呢？后天！", ["今天很好。", "明天呢？", "后天！"]),
        ("他说：“好。”然后走了……没有回来。", ["他说：“好。”", "然后走了……没有回来。"]),
        ("no end\nnext line", ["no end", "next line"]),
        ("...", ["..."]),
        (" \u3000\n\t", []),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    data, _ = buffers_of(pa.array([text]))
    at = split(pa.array([text]), 1, sentences=True).at
    assert [data[row[START] : row[STOP]].tobytes().decode() for row in at] == sentences


@given(st.lists(TEXT, min_size=1, max_size=4), st.integers(1, 5))
def test_stretches_are_cut_on_a_character(texts: list[str], chars: int) -> None:
    data, offsets = buffers_of(pa.array(texts))
    whole = np.stack([offsets[:-1], offsets[1:]], axis=1).astype(np.int64)
    assert stretches(data, whole, chars).to_pylist() == [text[:chars] for text in texts]


def test_a_huge_line_and_many_small_ones() -> None:
    text = ["x y" * 700_000, "a\n" * 200_000, "", "\n" * 100_000, "中文。" * 100_000]
    assert np.diff(split(pa.array(text), 1, sentences=False).first).tolist() == [1, 200_000, 0, 0, 1]
    assert np.diff(split(pa.array(text), 1, sentences=True).first).tolist() == [1, 200_000, 0, 0, 100_000]
    assert len(distinct_spans(split(pa.array(text), 1, sentences=True), 1, 1)[0]) == 3


@pytest.mark.parametrize("column", [pa.array([], pa.string()), pa.chunked_array([], pa.string())])
def test_no_text(column: pa.Array) -> None:
    assert len(split(column, 1, sentences=True).hashes) == 0
