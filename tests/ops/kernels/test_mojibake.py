"""What was misread is read again as slow twins do it, and as ftfy does it."""

import re
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from ftfy.badness import is_bad
from hypothesis import given
from hypothesis import strategies as st

from ops.edits.mojibake import undo_mixed
from ops.kernels.buffers import buffers_of
from ops.kernels.gbk import GAIN_MIN, read_as_gbk
from ops.kernels.latin import read_as_latin
from ops.kernels.misread import BITS, CODES, FIRST, GBK
from ops.kernels.read_again import Undone

WINDOWS = [bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256)]
LATIN = [chr(byte) for byte in range(256)]

GBK_PIECES = [
    *"鍙樺法鐨勪€锛鈥檚 a?中。\n𠀀\ue0a1",
    "鏄?",
    "鎴戜滑",
    "馃檪",
    "鍙樺法鐨勭湡鐞嗘\ue11c",
    "餅存。浣犲彲",
    "鍛戒护",
    "?",
]
LATIN_PIECES = [
    *"Ãâ©€™œ\x81\x9dàéE9 中\n\x1a—»ï",
    "â€™",
    "Ã©",
    "ä¸\xadæ–‡",
    "ð\x9f\x99\x82",
    "à´‡",
    "\xed\xa0\x80",
    "â‹®",
]


def texts_of(pieces: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.lists(st.sampled_from(pieces), max_size=25).map("".join), max_size=4)


def put(texts: list[str], found: Undone, offsets: np.ndarray) -> list[str]:
    """Return the texts with what was found in its place."""
    made = [text.encode() for text in texts]
    for row, (begin, end), new in reversed([*zip(*found[:2], found[2].to_pylist(), strict=True)]):
        made[row] = made[row][: begin - offsets[row]] + new.encode() + made[row][end - offsets[row] :]
    return [text.decode() for text in made]


def undone(read: object, texts: list[str]) -> list[str]:
    array = pa.array(["é鍙樺", *texts], pa.string()).slice(1)
    found = read(array, np.ones(len(texts), np.bool_))
    found[2].validate(full=True)
    return put(texts, found, buffers_of(array)[1])


def bits(text: str) -> int:
    return sum(int(BITS[ord(char)]) if ord(char) < 0x10000 else 12 + 12 * (char < "\U0001f000") for char in text)


def gbk_twin(text: str) -> str:
    out, at = "", 0
    while at < len(text):
        stop, read = _from(text, at) if text[at] in FIRST else (0, "")
        out += read if stop else text[at]
        at = stop or at + 1
    return out


def _from(text: str, begin: int) -> tuple[int, str]:
    before = text[max(0, begin - 2) : begin]
    is_lost = before.endswith("?") or (before[:1] == "?" and before[1:] > "\x7f")
    data, best, found, gain = b"", 0, (0, ""), 0
    for at in range(begin, len(text)):
        if gain <= best - 64 or (best < GAIN_MIN and at - begin >= 64):
            break
        if text[at] not in GBK:
            is_lost |= text[at] == "?"
            break
        data += b"\x80" if text[at] == "€" else text[at].encode("gb18030")
        try:
            read, is_whole = data.decode(), True
        except UnicodeDecodeError as error:
            if error.reason != "unexpected end of data":
                break
            read, is_whole = data[: error.start].decode(), False
        gain = bits(text[begin : at + 1]) - bits(read)
        if is_whole and gain <= 0:
            break
        if is_whole and gain > best:
            best, found = gain, (at + 1, read)
    return found if best >= GAIN_MIN - 12 * is_lost else (0, "")


def latin_twin(text: str) -> str:
    lines = text.split("\n")
    sure = any(made[1] for made in map(_read, lines) if made)
    return "\n".join(
        made[0] if (made := _read(line)) and sure else re.sub(r"[^\x00-\x7f]+", _part, line) for line in lines
    )


def _part(found: re.Match[str]) -> str:
    made = _read(found[0])
    return made[0] if made and made[1] else found[0]


def _read(line: str) -> tuple[str, bool] | None:
    """Return the line read again, and whether it is beyond doubt."""
    # The first encoding in which it is.
    both = [_read_as(line, chars) for chars in (LATIN, WINDOWS)]
    return next((made for made in both if made and made[1]), next((made for made in both if made), None))


def _read_as(line: str, chars: list[str]) -> tuple[str, bool] | None:
    if line.isascii() or not {*line} <= {*chars} or (chars is WINDOWS and "\x1a" in line):
        return None
    data = bytes(map(chars.index, line))
    pairs = [one + other for one, other in pairwise(line) if not (one + other).isascii()]
    bad = any(is_bad(pair) for pair in pairs if min(pair) > "\x7f")
    try:
        return data.decode(), bad or sum(0x80 <= byte < 0xC0 for byte in data) >= 16
    except UnicodeDecodeError:
        return None


@given(texts_of(GBK_PIECES))
def test_reading_gbk_again_equals_its_twin(texts: list[str]) -> None:
    assert undone(read_as_gbk, texts) == [gbk_twin(text) for text in texts]


@given(st.lists(st.text(max_size=40), max_size=4))
def test_any_text(texts: list[str]) -> None:
    assert undone(read_as_gbk, texts) == [gbk_twin(text) for text in texts]
    assert undone(read_as_latin, texts) == [latin_twin(text) for text in texts]


@given(texts_of(LATIN_PIECES))
def test_reading_latin_again_equals_its_twin(texts: list[str]) -> None:
    assert undone(read_as_latin, texts) == [latin_twin(text) for text in texts]


@pytest.mark.parametrize("chars", [LATIN, WINDOWS], ids=["latin-1", "windows-1252"])
@given(text=st.text(st.sampled_from("éàñß“”’—…中文，。🙂ж abc"), max_size=30))
def test_what_it_reads_ftfy_reads_so(text: str, chars: list[str]) -> None:
    broken = "".join(chars[byte] for byte in text.encode())
    (made,) = undone(read_as_latin, [broken])
    assert made == broken or made == text == undo_mixed(broken) or not any(is_bad(pair) for pair in _pairs(broken))


def _pairs(text: str) -> list[str]:
    return [one + other for one, other in pairwise(text)]


def test_only_wanted_rows_are_read() -> None:
    texts = ["鍙樺法", "cafÃ©"]
    for read in (read_as_gbk, read_as_latin):
        rows, _, _ = read(pa.array(texts * 2), np.array([False, False, True, True]))
        assert rows.tolist() == [2 + (read is read_as_latin)]


def test_every_character_of_gbk_has_its_bytes() -> None:
    for char in GBK - {"€"}:
        assert int(CODES[ord(char)]).to_bytes(2).decode("gb18030") == char
    assert np.count_nonzero(CODES) == len(GBK)


def test_a_long_text_is_read_in_time_in_proportion_to_its_length() -> None:
    """Bytes that are UTF-8 for long, and no better as that."""
    worse = "餅存。" * 200_000
    assert undone(read_as_gbk, [worse]) == [worse]


def test_empty() -> None:
    for read in (read_as_gbk, read_as_latin):
        assert undone(read, []) == []
        assert undone(read, ["", " ", "\n"]) == ["", " ", "\n"]
