"""What a sample tells: equal to a slow twin, for any text and any size of sample."""

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.kernels import han_variants as h
from ops.kernels import language as seen
from ops.kernels import scripts as s
from ops.kernels.unicode_tables import ALPHABETIC, FLAGS, WORD

FREQUENT = frozenset(seen._ENGLISH_WORDS.split())


def script_of(char: str) -> int:
    point = ord(char)
    if point < s.TABLED:
        return int(s.SCRIPT[point])
    if point >= 0x30000:
        return s.HAN if point < 0x323B0 else s.NO_LETTER
    if not FLAGS[point] & ALPHABETIC:
        return s.NO_LETTER
    return s.HAN if point >= 0x20000 else s.OTHER


def pieces(data: bytes, sample: int) -> list[bytes]:
    """Half of the sample from the beginning, a quarter each from the middle and the end; cut where characters are."""

    def cut(at: int) -> int:
        while at < len(data) and data[at] & 0xC0 == 0x80:
            at += 1
        return at

    size = min(len(data), sample)
    half, quarter = size // 2, size // 4
    last = cut(len(data) - quarter)
    first = cut(half)
    if len(data) < sample:
        return [data[:first], data[first : max(first, last)], data[max(first, last) :]]
    middle = half + (len(data) - size) // 2
    end = cut(middle + quarter)
    return [data[:first], data[cut(middle) : end], data[max(end, last) :]]


def words(text: str, script: int) -> list[str]:
    found = [""]
    for char in text:
        point = ord(char)
        mark = found[-1] and point >= 0x300 and script_of(char) == s.NO_LETTER
        mark = mark and point < s.TABLED and FLAGS[point] & WORD
        mark = mark and not (0x2000 <= point < 0x3000 or 0xFF10 <= point < 0xFF20)
        if script_of(char) == script or mark:
            found[-1] += char
        elif found[-1]:
            found.append("")
    return [word for word in found if word]


def copied(parts: list[bytes], script: int, most: int) -> list[str]:
    joined = b"".join(parts)
    some = [joined] if len(joined) <= most else parts
    sizes = [most] if len(joined) <= most else [most // 2, most // 4, most // 4]
    taken = []
    for number, (part, size) in enumerate(zip(some, sizes, strict=True)):
        written = 0
        space = re.search(rb"[\x00-\x7f]", re.sub(rb"[A-Za-z]", b"\xff", part[:32]))  # past a word that was cut
        for word in words(part[space.start() if space and number else 0 :].decode(), script):
            taken.append(word)
            written += len(word.encode()) + 1
            if written >= size:
                break
    return taken


def slow(text: str, sample: int) -> tuple[list[int], str]:
    parts = pieces(text.encode(), sample)
    chars = np.zeros(s.COUNT + 1, np.int64)
    out = [0] * seen.COLUMNS
    for char in b"".join(parts).decode():
        script = script_of(char)
        chars[min(script, s.COUNT)] += 1
        flags = int(h.VARIANTS[ord(char) - h.FIRST]) if h.FIRST <= ord(char) < h.END and script == s.HAN else 0
        for column, flag in (
            (seen.SIMPLIFIED_CHARS, h.SIMPLIFIED),
            (seen.TRADITIONAL_CHARS, h.TRADITIONAL),
            (seen.JAPANESE_CHARS, h.JAPANESE),
            (seen.CHINESE_CHARS, h.CHINESE),
        ):
            out[column] += flags & flag != 0
    parts_of = chars[:-1] * s.WEIGHTS
    out[seen.LETTERS] = int(parts_of.sum())
    out[seen.HAN_CHARS], out[seen.KANA_CHARS] = int(chars[s.HAN]), int(chars[s.KANA])
    parts_of[s.HAN] += parts_of[s.KANA]
    parts_of[s.KANA] = 0
    main = int(np.argmax(parts_of))
    out[seen.MAIN], out[seen.PART] = main, int(parts_of[main])
    out[seen.HAN_PART], out[seen.LATIN_PART] = int(parts_of[s.HAN]), int(parts_of[s.LATIN])
    most = sample // seen.ASKED_PART
    latin = copied(parts, s.LATIN, most)
    out[seen.WORDS] = len(latin)
    out[seen.ENGLISH_WORDS] = sum(word.lower() in FREQUENT and word.isascii() for word in latin)
    asked = s.LANGUAGE_OF[main] == ""
    return out, "".join(f"{word} " for word in copied(parts, main, most)) if asked else ""


SENTENCES = (Path(__file__).parents[1] / "edits" / "languages.tsv").read_text(encoding="utf-8").splitlines()
PIECES = st.sampled_from([line.split("\t")[1] for line in SENTENCES[::9]] + ["the", "of ", " And", "THE", "the\u0301"])
TEXT = st.text(max_size=80) | st.lists(PIECES | st.characters(), max_size=30).map("".join)


@given(texts=st.lists(TEXT, max_size=5), sample=st.sampled_from([256, 257, 300, 1024]))
@settings(max_examples=400)
def test_equal_to_its_slow_twin(texts: list[str], sample: int) -> None:
    found, letters, ends = seen.look(pa.array(texts, pa.string()), sample)
    for row, text in enumerate(texts):
        counts, copy = slow(text, sample)
        assert found[row].tolist() == counts
        assert letters[ends[row] : ends[row + 1]].tobytes().decode() == copy


@pytest.mark.parametrize(
    "text", ["é" * 5000, "中" * 3000, "🙂a" * 2000, "x" * 10_000, "a" + "中" * 3000, "the " * 3000]
)
@pytest.mark.parametrize("sample", [256, 259, 2048])
def test_long_texts(text: str, sample: int) -> None:
    found, letters, ends = seen.look(pa.array(["", text, "b"]), sample)
    counts, copy = slow(text, sample)
    assert found[1].tolist() == counts
    assert letters[ends[1] : ends[2]].tobytes().decode() == copy


def test_no_rows() -> None:
    found, letters, ends = seen.look(pa.array([], pa.string()), 2048)
    assert (found.shape, len(letters), ends.tolist()) == ((0, seen.COLUMNS), 0, [0])
