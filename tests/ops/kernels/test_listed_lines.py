"""Lines with listed words are those that plain Python finds, and the gate of page furniture misses no phrase."""

import re

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from line_twin import is_heading, is_phrase, lines_of

from ops.edits import furniture_lines
from ops.edits.furniture_lines import LIMITS, is_adult, is_furniture, is_invitation, words_by_place
from ops.edits.openings import openings
from ops.kernels.buffers import buffers_of
from ops.kernels.line_table import BEGIN, END, LOOK, line_table
from ops.kernels.listed_lines import (
    BEGINS,
    BEGINS_WITH_DOT,
    HEADS,
    IN_END,
    IN_HEAD,
    WITH_DIGIT,
    LineLimits,
    listed_lines,
    words_of,
)

WORDS = {
    HEADS: ["related", "相关"],
    BEGINS: ["share", "©", "登录"],
    IN_END: ["read more", "版权"],
    IN_HEAD: ["casino", "微信"],
    WITH_DIGIT: ["call", "电话"],
    BEGINS_WITH_DOT: ["visit", "点击"],
}
SHORT = LineLimits(head_lines=2, head_bytes=120, head_chars=40, end_bytes=60, heading_bytes=30)
LISTED = words_of(WORDS)
PIECES = [
    *(
        "Related",
        "相关",
        "share",
        "©",
        "登录",
        "Read more",
        "版权",
        "casino",
        "CASINO",
        "微信",
        "call",
        "电话",
        "visit",
    ),
    *(
        "点击",
        "7",
        ".",
        ":",
        " > ",
        " » ",
        "›",
        "中",
        "é",
        "—",
        "【",
        "|",
        " ",
        "\t",
        "\u3000",
        "x",
        "x" * 45,
        "\n",
        "\n",
    ),
]
TEXT = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


def line_places(line: str, first: int, *, is_last: bool) -> int:
    """Return the places of the words of a line, which is the `first` of those that are not blank."""
    own, size = line.strip().lower(), len(line.strip().encode())
    found = 0
    for place, words in WORDS.items():
        for word in words:
            where = [match.start() for match in re.finditer(f"(?={re.escape(word)})", own)]
            where = [at for at in where if not (word[0].isascii() and re.match("[a-z]", own[at - 1 : at] or " "))]
            opens = any(not re.search("[0-9a-zé中相关登录版权微信电话点击]", own[:at]) for at in where)
            found |= place if where and (opens or place in {IN_END, IN_HEAD, WITH_DIGIT}) else 0
    found &= ~(0 if re.search("[0-9]", own) else WITH_DIGIT) & ~(0 if re.search("[.:]", own) else BEGINS_WITH_DOT)
    found |= IN_END if len(re.findall("[>»›]", own)) > 1 and not first and not is_last else 0
    if is_last:
        return found & (BEGINS | IN_END) if size <= SHORT.end_bytes else 0
    wanted = HEADS if first and size <= SHORT.heading_bytes else 0
    wanted |= BEGINS | IN_END if not first and size <= SHORT.end_bytes else 0
    is_head = first < SHORT.head_lines and len(line.strip()) <= SHORT.head_chars
    return found & (wanted | (IN_HEAD | WITH_DIGIT | BEGINS_WITH_DOT if is_head else 0))


@given(st.lists(TEXT.filter(lambda text: len(text.encode()) <= SHORT.head_bytes), max_size=4))
@settings(max_examples=300)
def test_lines_are_those_of_plain_python(texts: list[str]) -> None:
    found = listed_lines(pa.array(["before", *texts], pa.string()).slice(1), LISTED, SHORT)
    start = len("before")
    for row, text in enumerate(texts):
        expected, at, count = [], start, 0
        for line in text.split("\n"):
            end = at + len(line.encode())
            if line.strip():
                # A mark before a heading is one that a heading may have.
                places = line_places(line, count, is_last=False)
                may_head = count < SHORT.head_lines or not re.match("[^\\w \t\u3000|【—»]", line)
                expected.append((at, places if may_head else 0))
                last = (at, line_places(line, count, is_last=True))
                count += 1
            at = end + 1
        expected = [one for one in [*expected, *([last] if count else [])] if one[1]]
        here = found.rows == row
        starts, places_found = found.at[here][:, 0].tolist(), found.places[here].tolist()
        assert list(zip(starts, places_found, strict=True)) == expected
        start += len(text.encode())


@given(st.lists(st.binary(max_size=150), max_size=4))
@settings(max_examples=100)
def test_any_bytes(raw: list[bytes]) -> None:
    listed_lines(pa.array(raw, pa.binary()).view(pa.string()), LISTED, SHORT)


def passes(text: str) -> bool:
    found = listed_lines(pa.array([text]), words_by_place(), LIMITS)
    lines = line_table(buffers_of(pa.array([text]))[0], found.at, words_by_place())
    return any(
        is_furniture(text.encode()[at:stop], look, place)
        for (at, stop, look), place in zip(
            lines.table[:, [BEGIN, END, LOOK]].tolist(), found.places.tolist(), strict=True
        )
    )


WRITTEN = st.characters(codec="utf-8", exclude_categories=["C"])


@pytest.mark.parametrize("where", ["first", "last", "heading"])
def test_the_gate_misses_no_phrase(where: str) -> None:
    pattern = furniture_lines._HEADING if where == "heading" else furniture_lines._PHRASE

    @given(st.from_regex(pattern, fullmatch=True, alphabet=WRITTEN))
    @settings(max_examples=100)
    def every_match_passes(line: str) -> None:
        parsed = lines_of(line)
        known = is_heading if where == "heading" else is_phrase
        is_path = where == "last" and len(re.findall("[>»›]", line)) > 1
        if len(parsed) == 1 and known(parsed[0]) and not is_path:
            body = "The mill stands where the river leaves the valley."
            assert passes(f"{line}\n{body}" if where == "first" else f"{body}\n{line}")

    every_match_passes()


@given(st.from_regex(furniture_lines._INVITATION, alphabet=WRITTEN))
@settings(max_examples=100)
def test_the_gate_misses_no_invitation(line: str) -> None:
    parsed = lines_of(line)
    # Of marks that no visit is likely to be behind, those of other scripts, the gate takes some for letters.
    is_odd = any("\x80" <= char < "\u2000" or "\ua000" <= char < "\uff00" for char in line)
    if len(parsed) == 1 and not is_odd and len(line.encode()) < LIMITS.head_bytes and is_invitation(parsed[0].text):
        assert passes(f"The mill\n{line}\nThe mill stands where the river leaves the valley.")


@given(st.from_regex(furniture_lines._ADULT))
@settings(max_examples=100)
def test_the_gate_misses_no_word_of_adult_sites(line: str) -> None:
    parsed = lines_of(line)
    if len(parsed) == 1 and len(line) <= LIMITS.head_chars and is_adult(parsed[0].text) and not parsed[0].prose:
        assert passes(line)


def test_a_pattern_without_plain_text_is_refused() -> None:
    with pytest.raises(ValueError, match="likes"):
        openings(r"share|\d+ likes")


def test_words_must_be_looked_up_by_two_small_letters() -> None:
    for word in ("x", "Share"):
        with pytest.raises(ValueError, match=word):
            words_of({HEADS: [word]})
