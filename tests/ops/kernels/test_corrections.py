"""What is cut from lines equals a slow twin on any text: regular expressions over folded lines, one rule at a time."""

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ops.edits.line_corrections import LineCorrections
from ops.edits.line_phrases import COUNTERS_EN, COUNTERS_ZH, EN, ZH
from ops.kernels.corrections import count_half_words
from ops.kernels.unicode_tables import (
    ALPHABETIC,
    CAPITAL,
    FLAGS,
    FOLDED,
    HAN,
    HAN_ABOVE_END,
    KINDS,
    SINGLE,
    SMALL,
    SPACE,
    TABLED,
    WORD,
)

LINE_END = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
ALL = LineCorrections(
    cut_share_max=None,
    no_end_mark=True,
    line_chars_min=5,
    broken_characters=True,
    at_start=("Zz top",),
    at_end=("tail",),
    anywhere=("b c", "段落"),
    counters=("Items",),
)
SETTINGS = [
    LineCorrections(cut_share_max=None),
    LineCorrections(cut_share_max=None, words_max=2, upper_case_share_max=0.3),
    LineCorrections(cut_share_max=None, one_word=False, upper_case_share_max=None, numbers=False),
    LineCorrections(cut_share_max=None, counter=False, sign_in=False, read_more=False, navigation=False),
    ALL,
]


def flags_of(char: str) -> int:
    point = ord(char)
    return int(FLAGS[point]) if point < TABLED else (ALPHABETIC | WORD | SINGLE | HAN) * (point < HAN_ABOVE_END)


def kinds_of(char: str) -> int:
    return int(KINDS[ord(char)]) if ord(char) < TABLED else 0


def is_word(char: str) -> bool:
    return bool(flags_of(char) & WORD)


def is_spaced(char: str) -> bool:
    return is_word(char) and not flags_of(char) & SINGLE


def is_space(char: str) -> bool:
    return bool(flags_of(char) & SPACE)


def is_capital(char: str) -> bool:
    return ord(char) >= TABLED or bool(kinds_of(char) & CAPITAL)


def halves_of(text: str) -> int:
    """Part by spaces, then each part by its characters of unspaced scripts."""
    spaced = "".join(" " if is_space(char) else char for char in text)
    count = 0
    for part in spaced.split(" "):
        runs = "".join("\n" if flags_of(char) & SINGLE else char for char in part).split("\n")
        count += len(runs) - 1 + 2 * sum(any(map(is_word, run)) for run in runs)
    return count


def strip(text: str) -> str:
    while text and is_space(text[0]):
        text = text[1:]
    while text and is_space(text[-1]):
        text = text[:-1]
    return text


def read(text: str) -> tuple[str, list[int]]:
    """Fold a stripped line, a run of spaces as one; and tell where each character is from."""
    folded, places = "", []
    for at, char in enumerate(text):
        if is_space(char):
            if folded.endswith(" "):
                continue
            folded += " "
        else:
            folded += chr(int(FOLDED[ord(char)])) if ord(char) < TABLED else char
        places.append(at)
    return folded, places


def fold(phrase: str) -> str:
    return read(phrase)[0]


def known(op: LineCorrections, place: str) -> list[tuple[str, str]]:
    """Return kind and folded phrase of those that are on."""
    mine = {"start": ("at_start", op.at_start), "end": ("at_end", op.at_end), "anywhere": ("anywhere", op.anywhere)}
    groups = [(g.kind, g.phrases) for g in (*EN, *ZH) if g.place == place and getattr(op, g.kind)] + [mine[place]]
    return [(kind, fold(phrase)) for kind, phrases in groups for phrase in phrases]


def starts(line: str, places: list[int], raw: str, phrase: str) -> bool:
    rest = line.lstrip(" |·•>»›([【『<")
    if not rest.startswith(phrase) or line[-1] in ".!?。！？:,;；、":
        return False
    after = rest[len(phrase) :]
    if not after:
        return True
    if is_capital(raw[places[len(line) - len(rest)]]):
        return after[0] in " |/·•&>»›:,)]】…"
    return after.removeprefix(" ")[0] in "|/·•&>»›"


def ends(line: str, places: list[int], raw: str, phrase: str) -> int | None:
    """Return where what stays ends."""
    body = line[:1] + line[1:].rstrip(" .…»›>→)]】』+▼↓")
    if not body.endswith(phrase) or line[len(body) :] in {".", "。"}:
        return None
    before = body.removesuffix(phrase)
    if before:
        if is_word(before[-1]):
            return None
        last = before.removesuffix(" ")
        if last and is_word(last[-1]) and not is_capital(raw[places[len(before)]]):
            return None
    return len(before.rstrip(" ([【『<|»›"))


def whole_words(line: str, at: int, stop: int) -> bool:
    if at and is_spaced(line[at]) and is_spaced(line[at - 1]):
        return False
    return stop == len(line) or not is_spaced(line[stop - 1]) or not is_spaced(line[stop])


def phrase_of(op: LineCorrections, line: str, places: list[int], raw: str) -> tuple[str, int] | None:
    for kind, phrase in known(op, "start"):
        if starts(line, places, raw, phrase):
            return kind, 0
    for at in range(len(line)):
        for kind, phrase in known(op, "anywhere"):
            if line.startswith(phrase, at) and whole_words(line, at, at + len(phrase)):
                return kind, 0
    for kind, phrase in known(op, "end"):
        at = ends(line, places, raw, phrase)
        if at is not None:
            return kind, at
    return None


def is_counter(op: LineCorrections, line: str) -> bool:
    words = [fold(word) for word in (*COUNTERS_EN, *COUNTERS_ZH, *op.counters)]
    number = word = False
    at = 0
    while at < len(line):
        found = max((len(w) for w in words if line.startswith(w, at) and whole_words(line, at, at + len(w))), default=0)
        char = line[at]
        if found:
            word, number = True, number or char in "0123456789"
        elif char in "0123456789":
            number = True
        elif char in "=\"'{};_`<":
            return False
        elif is_word(char):
            unit = number and char in "kmbw+万亿千百条次人个篇位年月日时分秒萬億條個時"
            if not unit or (is_spaced(char) and at + 1 < len(line) and is_spaced(line[at + 1])):
                return False
        at += max(found, 1)
    return number and word and line[-1] not in ".。"


def rule_of(op: LineCorrections, raw: str, line: str | None) -> str | None:
    """Return the first rule that a line breaks; `line` is None where it is not short."""
    letters = all(is_word(c) for c in raw) and not re.search("[0-9]", line or "")
    capitals = sum(kinds_of(c) & (CAPITAL | SMALL) == CAPITAL for c in raw)
    alphabetic, han = (any(flags_of(c) & flag for c in raw) for flag in (ALPHABETIC, HAN))
    most, least = op.upper_case_share_max, op.line_chars_min
    broken = {
        "counter": op.counter and line and is_counter(op, line),
        "numbers": op.numbers and line and re.fullmatch("[0-9]+|[0-9][0-9.,]*[0-9]", line),
        "one_word": op.one_word and line and halves_of(raw) <= 2 and letters and alphabetic and is_capital(raw[0]),
        "upper_case": most is not None and capitals > most * len(raw),
        "broken_characters": op.broken_characters and re.search("[□■\ufffd\ue000-\uf8ff]", raw),
        "no_end_mark": op.no_end_mark and han and not re.search("([。！？”：]|……)$", raw),
        "too_short": least is not None and han and len(raw) < least,
    }
    return next((rule for rule, breaks in broken.items() if breaks), None)


def judge(op: LineCorrections, raw: str) -> tuple[str, str] | None:
    """Return why something of a stripped line goes, and what stays of it."""
    kind = None
    while True:
        short = halves_of(raw) <= 2 * op.words_max
        line, places = read(raw)
        short = short and len(line) <= 512
        found = phrase_of(op, line, places, raw) if short else None
        if not found:
            whole = rule_of(op, raw, line if short else None)
            return (whole, "") if whole else (kind, raw) if kind else None
        kind, at = found
        if not any(map(is_word, line[:at])):
            return kind, ""
        raw = strip(raw[: places[at]])


def is_fence(line: str) -> bool:
    return bool(re.fullmatch("```+[^`]*|~~~+[^`]*", line, re.DOTALL))


def corrected(op: LineCorrections, text: str) -> tuple[str, list[str], int]:
    """Return what is left of a text, the kinds of the cuts in it, and the half words that went."""
    lines, at = [], 0
    for end in LINE_END.finditer(text):
        lines.append((text[at : end.start()], end.group()))
        at = end.end()
    lines += [(text[at:], "")] * (at < len(text))
    left: list[tuple[str, str]] = []
    kinds, lost, fenced, tail = [], 0, False, False
    for n, (line, end) in enumerate(lines):
        raw = strip(line)
        fence = is_fence(raw)
        fenced ^= fence
        below = lines[n + 1][0] if n + 1 < len(lines) else ""
        heading = re.match("#+( |$)", raw) or re.fullmatch(r"(={3,}|-{3,}|~{3,}|\^{3,})", strip("x" + below)[1:])
        stays = not raw or fence or fenced or line[:1] == "\t" or line[:2] in {"  ", " \t"} or heading
        found = None if stays else judge(op, raw)
        tail = bool(found) and not found[1]
        if found:
            kinds.append(found[0])
            lost += halves_of(raw) - halves_of(found[1])
        if not tail:
            at = line.index(raw)
            left.append((line[: at + len(found[1])] + line[at + len(raw) :] if found else line, end))
    if tail and left and not LINE_END.match(text[-1]):
        left[-1] = (left[-1][0], "")
    return "".join(line + end for line, end in left), kinds, lost


PIECES = [
    *("Sign in", "sign in", "SIGN IN", "Read more", "read more", "READ MORE", "add to cart", "Share this", "3 likes"),
    *(
        "登录",
        "注册",
        "展开全文",
        "点击查看更多",
        "上一篇",
        "版权所有",
        "扫一扫",
        "阅读",
        "1.2万",
        "条评论",
        "23",
        "次",
    ),
    *(
        "12",
        "1,234.5",
        "Home",
        "home",
        "é",
        "Ärger",
        "中",
        "文字",
        "正文在这里。",
        "……",
        "”",
        "：",
        "Zz Top",
        "tail",
        "b c",
    ),
    *(
        "Items",
        "段落",
        "k",
        "1 comment",
        "views",
        "=",
        '"',
        "```",
        "~~~",
        "# ",
        "===",
        "---",
        "\t",
        "  ",
        " ",
        " ",
        " ",
    ),
    *(
        "|",
        "/",
        "»",
        "...",
        "…",
        ".",
        "。",
        "[",
        "]",
        "(",
        ")",
        "！",
        "?",
        "ＡＢ",
        "１２",
        "\u3000",
        "\u00a0",
        "\u2028",
    ),
    *(
        "\n",
        "\n",
        "\n",
        "\n",
        "\r\n",
        "\r",
        "\x85",
        "\x0b",
        "\x1c",
        "□",
        "\ue000",
        "\ufffd",
        "🙂",
        "𠀀",
        "𰀀",
        "ไทย",
        "\u0301",
    ),
]
TEXT = st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | st.text(max_size=40)
TEXTS = st.lists(TEXT, max_size=5)


@pytest.mark.parametrize("op", SETTINGS, ids=["default", "short", "few", "other", "all"])
@given(texts=TEXTS)
@settings(max_examples=150)
@example(texts=["Home\n===\nHome\n# Home\n```\nHome\n```\nHome\n  Home\n\tHome\n Home"])
@example(texts=["x ```y``` z\n```y```\nHome", "Home\n---- \nHome\n--\nHome"])
@example(texts=["One. Read more\nRead more\n[Read more]\nto read more\nto Read more...", "a\rHome\n\nb", "Home"])
@example(texts=["A" * 600 + " x", "中" * 20 + "版权所有", "中" * 16 + "版权所有", "X" + " read more" * 6])
def test_what_is_cut_equals_the_twin(op: LineCorrections, texts: list[str]) -> None:
    column = pa.array(["Home", *texts], pa.string()).slice(1)
    made = op.edit(pa.table({"text": column})).to_pylist()
    expected = [corrected(op, text) for text in texts]
    assert [row["text"] for row in made] == [left for left, _, _ in expected]
    assert [[cut["kind"] for cut in row["cuts"] or []] for row in made] == [kinds for _, kinds, _ in expected]
    shares = [lost / max(halves_of(text), 1) for text, (_, _, lost) in zip(texts, expected, strict=True)]
    assert [row["corrected_share"] for row in made] == shares


@given(TEXTS)
def test_half_words_equal_the_twin(texts: list[str]) -> None:
    assert count_half_words(pa.array(texts, pa.string())).tolist() == [halves_of(text) for text in texts]


@given(st.lists(st.binary(max_size=60), max_size=4))
@example([b"\xe2\x80", b"\xff\xfe\n\xf0", b"Home\n\x80\x80\x80"])
def test_bytes_that_are_no_text_do_no_harm(texts: list[bytes]) -> None:
    """Readers let none through, and yet."""
    offsets = np.cumsum([0, *map(len, texts)]).astype(np.int32)
    data = b"".join(texts) + bytes(8)
    column = pa.StringArray.from_buffers(len(texts), pa.py_buffer(offsets), pa.py_buffer(data))
    assert ALL.edit(pa.table({"text": column})).num_rows == len(texts)
