"""What recurs within words: where strings begin equals plain Python, and what is found stands between letters."""

import random
import re
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.kernels.insertions import insertions
from ops.kernels.masks import SIZE, padded
from ops.kernels.word_insides import BYTES_MAX, beginnings

WORDS = (
    "首席", "官", "执行官在图书馆", "《某网》", "（某网）", "[Some Name]", "(x)", "www.a.com", "BrandNet", "ab",
    "cd", " ", "。", "《", "]", "é", ".netx", ".comb", "\n", "*a1b2*", "§某§", "12ab3", "'s ",
    "Some Name", "🙂", "a'b", ", ", "//x/",
)  # fmt: skip
TEXT = st.lists(st.sampled_from(WORDS), max_size=30).map("".join) | st.text(max_size=40)
BRACKETS = dict(zip("([{<（［〈《「『【〔〖", ")]}>）］〉》」』】〕〗", strict=True))
LATIN = r"A-Za-z\u00c0-\u07ff"
BLANK = {*range(0x21), 0x7F}
HAN = r"\u4000-\u9fff"
TOP_LEVEL = re.compile(rb"(?<=[A-Za-z0-9])\.(?=(?:co|ne|or|in|to|xy|vi|cl|si|on|cn|cc|tv|io|me).)", re.DOTALL)


def bracketed(text: str) -> str | None:
    """What begins with a bracket, until it closes on its line, if a letter follows."""
    opener, closer = text[0], BRACKETS.get(text[0])
    if not closer:
        return None
    found = re.match(rf"{re.escape(opener)}[^\n\x0b\x0c\r{re.escape(closer)}]*{re.escape(closer)}", text)
    if not found or len(found[0].encode()) >= BYTES_MAX:
        return None
    return found[0] if re.match(rf"[{LATIN}{HAN}]", text[found.end() :]) else None


def signs(raw: bytes) -> bytes | None:
    stop = 0
    while stop < min(len(raw), 24) and not (raw[stop] < 0x80 and (chr(raw[stop]).isalnum() or raw[stop] in BLANK)):
        stop += 1
    run = re.match(rb"[A-Za-z0-9]{0,40}", raw[stop:])
    assert run
    after = raw[stop + run.end() :]
    if not raw[stop:]:
        return None
    if stop >= 6:
        return raw[:stop]
    goes_on = after[:1] not in (b"", b" ") and after[0] not in BLANK and not after[:1].isalnum()
    if run[0] and (goes_on or (after[:1] == b" " and raw[0] not in b".,;:!?'-_/\\=+&)]}>\"")):
        return raw[: stop + run.end()]
    return None


def window(raw: bytes, size: int) -> bytes | None:
    return raw[:size] if len(raw) >= size and not BLANK & {*raw[:size]} else None


def after_han(text: str, raw: bytes) -> bytes | None:
    """What is of a string for sure that begins after Han."""
    run = re.match(r"[A-Za-z0-9](?:[A-Za-z0-9._/:@-]| (?=[A-Za-z0-9]))*", text)
    if run:
        rest = text[run.end() :].encode()
        return run[0].encode() if rest and rest[0] > 0x20 and run.end() >= 4 else None
    if raw[0] in BLANK or text[0] in "，：；？！）、。》」】" or re.match(rf"[{HAN}{LATIN[6:]}]", text):
        return None
    inside = bracketed(text)
    return inside.encode() if inside else window(raw, 4 if text[0] < "\x80" else 6)


def after_latin(text: str, raw: bytes, before: str) -> bytes | None:
    """What is of a string for sure that begins after a Latin letter."""
    if raw[0] in BLANK or text[0] == "'" or (text[0] < "\x80" and raw[1] <= 0x20):
        return None
    if text[0] in "0123456789" or (re.match("[A-Z]", text) and re.match("[a-z]", before)):
        return window(raw, 5)
    if re.match(rf"[{LATIN}]", text):
        return None
    inside = bracketed(text)
    return inside.encode() if inside else signs(raw)


def begun(text: str) -> list[tuple[int, bytes]]:
    """Where strings begin, by bytes, and what is theirs for sure."""
    found = []
    raw = text.encode()
    at = 0
    for place, char in enumerate(text):
        here, before = raw[at:], text[place - 1 : place]
        own: bytes | None = None
        if at >= 3 and len(here) > 3 and TOP_LEVEL.match(raw, at):
            found.append((at - 3, raw[at - 3 : at + 3]))
        elif len(here) > 4 and re.match(rf"[{HAN}]", before):
            own = after_han(text[place:], here)
        elif len(here) > 4 and re.match(rf"[{LATIN}]", before):
            own = after_latin(text[place:], here, before)
        found += [(at, own)] if own else []
        at += len(char.encode())
    inner = re.compile(rf"(?<=[{HAN}])(?=([{HAN}]{{4}})[{HAN}])")
    return found + [(len(text[: one.start()].encode()), one[1].encode()) for one in inner.finditer(text)]


def begun_by_kernel(text: str, least: int) -> list[tuple[int, int]]:
    """Where strings begin that so many places may have, and their keys."""
    raw = np.frombuffer(b"ab" + text.encode() + b"[cd]e", np.uint8)
    seen = np.empty(8 * len(raw) + 64, np.uint8)
    places, keys = (np.empty(len(raw) + 2 * SIZE, kind) for kind in (np.int64, np.uint64))
    count = beginnings(padded(raw), 2, len(raw) - 5, least, seen, places, keys)
    return list(zip((places[:count] - 2).tolist(), keys[:count].tolist(), strict=True))


@given(text=TEXT)
@settings(max_examples=400)
def test_strings_begin_where_plain_python_says(text: str) -> None:
    found, expected = begun_by_kernel(text, 1), begun(text)
    assert [at for at, _ in found] == [at for at, _ in expected]
    same = {(key, own) for (_, key), (_, own) in zip(found, expected, strict=True)}
    assert len({key for key, _ in same}) == len({own for _, own in same}) == len(same)


@given(text=TEXT, least=st.integers(2, 3))
@settings(max_examples=200)
def test_strings_that_too_few_places_have_are_left_out_and_no_others(text: str, least: int) -> None:
    found, every = begun_by_kernel(text, least), begun_by_kernel(text, 1)
    often = Counter(key for _, key in every)
    assert {one for one in every if often[one[1]] >= least} <= {*found} <= {*every}
    assert len(found) == len({*found})


@given(texts=st.lists(TEXT, max_size=4), least=st.integers(1, 3), share=st.sampled_from([0.0, 0.5, 0.8, 1.0]))
@settings(max_examples=200)
def test_what_is_found_stands_between_letters(texts: list[str], least: int, share: float) -> None:
    column = pa.array(texts, pa.string())
    data = b"".join(text.encode() for text in texts)
    ends = np.cumsum([len(text.encode()) for text in texts])
    for row, at, size in insertions(column, least, share):
        strings = {data[place : place + size] for place in at.tolist()}
        assert len(strings) == 1
        string = strings.pop().decode()
        assert string == string.strip()
        assert len(at) >= least
        between = re.compile(rf"(?<=[{LATIN}{HAN}])(?={re.escape(string)}[{LATIN}{HAN}])")
        assert len(between.findall(texts[row])) >= max(least, 1)
        assert all(place + size <= ends[row] for place in at.tolist())


@pytest.mark.parametrize(
    "string", ["*a1b2*", "www.mill.com", "《某网》", "[Some Name]", "http://www.mill.cc/", "云海国际网"]
)
@pytest.mark.parametrize(
    "words", [["repairing", "counted", "remember", "bridges"], ["图书馆在", "经济学", "计算机网", "社会人"]]
)
def test_a_string_reaches_as_far_as_its_places_are_alike(string: str, words: list[str]) -> None:
    chance = random.Random(3)
    texts = [f" {word[:cut]}{string}{word[cut:]} " for word in words for cut in [chance.randint(1, len(word) - 1)]]
    found = insertions(pa.array(["".join(texts)]), 3, 0.8)
    data = "".join(texts).encode()
    assert {data[one.at[0] : one.at[0] + one.size].decode() for one in found} == {string}


@given(raw=st.lists(st.binary(max_size=60), max_size=4))
@settings(max_examples=200)
def test_never_raises_on_any_bytes(raw: list[bytes]) -> None:
    insertions(pa.array([one * 4 for one in raw], pa.binary()).view(pa.string()), 2, 0.5)
