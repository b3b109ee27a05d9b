"""A slow twin of the page counts: the definitions over Python strings, with `re` and Counter."""

import math
import re
from collections import Counter

import numpy as np

from ops.kernels import code_lines
from ops.kernels import page_columns as page
from ops.kernels import page_tables as t
from ops.kernels.unicode_tables import FLAGS, FOLDED, SPACE, TABLED

SPACES = "".join(chr(point) for point in np.flatnonzero(FLAGS & SPACE))
LINE_ENDS = re.compile("[\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
URL = re.compile(r"https?://[!-~]*", re.IGNORECASE | re.ASCII)
ENDINGS = ("readmore", "read more", "展开", "展開", "更多", "。。。", "...")
Row = dict[int, int]


def told(char: str) -> int:
    point = ord(char)
    if point < TABLED:
        return int(t.CLASSES[point])
    if point < 0x323B0:
        return t.ABOVE_HAN
    return t.ABOVE_PRIVATE if point >= t.PRIVATE_ABOVE else t.ABOVE_REST


def has(char: str, mark: int) -> bool:
    return bool(told(char) & mark)


def kind(char: str) -> int:
    return told(char) & t.KIND


def fold(word: str) -> str:
    return "".join(chr(FOLDED[ord(char)]) if ord(char) < TABLED else char for char in word)


def runs(text: str, mark: int) -> list[str]:
    """The longest runs of characters with a mark."""
    found, run = [], ""
    for char in [*text, "\n"]:
        if has(char, mark):
            run += char
        elif run:
            found.append(run)
            run = ""
    return found


def tokens(text: str) -> tuple[list[str], list[str], int, int]:
    """Words and pairs that are a topic, and how many tokens of grammar and in all there are; a letter is neither."""
    words = [fold(word) for word in runs(text, t.WORD_CHAR) if any(has(char, t.LETTER) for char in word)]
    pairs = [run[n : n + 2] for run in runs(text, t.UNSPACED) for n in range(len(run) - 1)]
    topics = [word for word in words if len(word) > 1 and word not in t.STOP_WORDS]
    about = [pair for pair in pairs if not any(has(char, t.FUNCTION) for char in pair)]
    grammar = sum(word in t.STOP_WORDS for word in words) + len(pairs) - len(about)
    return topics, about, grammar, len(words) + len(pairs)


def beginning(line: str) -> str:
    """How a line begins: 12 columns, a number being one."""
    key, units, number = "", 0, False
    for char in line:
        digit = kind(char) == t.DIGIT
        if digit and number:
            continue
        if units >= 12:
            break
        number = digit
        units += 1 if char < "\x80" else 2
        key += "0" if digit else char
    return key


def shape(line: str) -> str:
    parts = ["A" if has(c, t.LETTER) else "0" if kind(c) == t.DIGIT else c for c in line if kind(c) != t.BLANK]
    # A letter A and a digit are their own marks: what is itself a mark stays, however often it comes.
    merged = [part for n, part in enumerate(parts) if part not in "A0" or n == 0 or parts[n - 1] != part]
    letters, digits = parts.count("A"), parts.count("0")
    return "".join(merged) if digits and letters > digits and len(merged) >= 5 else ""


def is_prose(line: str) -> bool:
    _, _, functions, count = tokens(line)
    unspaced = sum(has(char, t.UNSPACED) for char in line)
    return (functions >= 3 and functions * 5 >= count) or unspaced * 6 > len(line.encode())


def is_code(line: str) -> bool:
    prose = is_prose(line)
    if prose and tokens(line)[3] > 20:
        return False
    if not (any(has(char, t.CODE) for char in line) or line[-1] in ";:" or line[0] in '/#"'):
        return False
    if line.startswith(code_lines._STRONG) or (re.fullmatch(r"[{}()\[\];,]+", line) and re.search(r"[{})\]]", line)):
        return True
    text = re.sub(r"://[^\x00-\x20]*", "\x01", line)
    if re.search(r"\\[A-Za-z]{2,}[{^_]", text):
        return False
    last = line[-1]
    begins = line.startswith(code_lines._WEAK)
    assigned = re.match(r"(?=.{3})([A-Za-z0-9_.]+ ?)=(?![=>])(.*)", text, re.DOTALL)
    assigned = assigned if assigned and len(assigned[1]) >= 3 else None
    marks = (
        re.search(r"(?:[A-Za-z0-9_]{4}|\.[A-Za-z][A-Za-z0-9_]*)\((?!s\)|es)|[A-Za-z0-9_]\(\)", text),
        re.search(r"(?:(?<!=)=|(?<!-)-)>", text),
        re.search(r"(?<!&)&&(?!&)|(?<!:)::(?!:)|(?<!=)==(?!=)|(?<!\|)\|\|(?!\|)", text),
        re.search(r"[!+:]=", text),
        re.search(r" -{1,2}[A-Za-z]", text),
        len(re.findall(r" -{1,2}[A-Za-z]", text)) > 1,
        re.search(r"\$[A-Za-z_{]", text),
        re.search(r"[A-Za-z]{2}_[A-Za-z]", text),
        last == ";" and re.match(r"[A-Za-z0-9_]{2,}:(?!:)", text),
        assigned,
        assigned and re.match(r" ?[\"'\[{]", assigned[2]),
        begins,
        begins and last == ":" and re.search(r"[(\[=]", text),
        last == ";",
        last == "}",
    )
    points = sum(bool(mark) for mark in marks)
    points += 2 * len(re.findall(r"</[A-Za-z]", text))
    points += 2 * (last == "{")
    points += 2 * bool(re.match(r"<[A-Za-z/]", line) and ">" in text)
    points += 2 * bool(line[0] == '"' and '":' in text and last in ',{["}]0123456789')
    return points >= (4 if prose or re.match(r"[#*|-][ #]", line) else 2)


def code_chars(lines: list[str]) -> tuple[int, list[bool]]:
    """Characters of code, and which lines are neither code, nor fences, nor behind the fence that opens a block."""
    total, opened, since, outside = 0, False, [], []
    for line in lines:
        if line.startswith(("```", "~~~")):
            prose = sum(len(one) for one in since if is_prose(one) and not is_code(one))
            opened = not (opened and prose * 2 <= sum(map(len, since)))
            total += sum(len(one) for one in since if not is_code(one)) if not opened else 0
            since = []
            outside.append(False)
        else:
            since.append(line)
            total += len(line) * is_code(line)
            outside.append(not opened and not is_code(line))
    return total, outside


def counts(text: str) -> tuple[list[int], float]:
    """Count by the definitions; the entropy of characters, too."""
    raw = LINE_ENDS.split(text)
    lines = [line.strip(SPACES) for line in raw if line.strip(SPACES)]
    row: Row = Counter(map(kind, text))
    row[page.CHARS] = len(text)
    row[page.DISTINCT] = len(set(text))
    for column, mark in (
        (page.DAMAGED_CHARS, t.DAMAGED),
        (page.ALPHANUMERICS, t.ALPHANUMERIC),
        (page.BRACKETS, t.BRACKET),
    ):
        row[column] = sum(has(char, mark) for char in text)
    row[page.URL_CHARS] = sum(map(len, URL.findall(text)))
    row[page.LENTICULAR_CHARS] = sum(len(inside) for line in raw for inside in re.findall("【(.*?)】", line))
    ended = [line.endswith((*"。！？”：」』", "……")) for line in lines]
    row[page.LINES] = len(lines)
    row[page.LINE_CHARS] = sum(map(len, lines))
    row[page.ENDED_LINES] = sum(ended)
    row[page.SHORT_LINES] = sum(len(line) < 5 for line in lines)
    row[page.MORE_LINES] = sum(
        "".join(c.lower() if c.isascii() else c for c in line).endswith(ENDINGS) for line in lines
    )
    row[page.BULLET_LINES] = sum(ord(line[0]) in t.BULLETS for line in lines)
    row[page.PASSING_LINES] = sum(
        end and len(line) >= 5 and not any(has(char, t.DAMAGED) for char in line)
        for end, line in zip(ended, lines, strict=True)
    )
    row[page.CODE_CHARS], outside = code_chars(lines)
    keys = []
    for line, out, end in zip(lines, outside, ended, strict=True):
        if not out:
            continue
        _, _, functions, count = tokens(line)
        parts = "".join("\n" if has(char, t.BREAK) else char for char in line).split("\n")
        items = sum(any(has(char, t.WORD_CHAR | t.UNSPACED) for char in part) for part in parts)
        listed = count >= 8 and functions * 10 <= count <= 5 * items and not (end or line[-1] in ".!?")
        row[page.LISTED_TOKENS] += count * listed
        size = len(line.encode())
        if len(line) >= 8:
            keys.append(
                (("begins", beginning(line)) if size <= 48 else None, ("shape", shape(line)) if size <= 96 else None)
            )
    alike = Counter(key for pair in keys for key in pair if key and key[1])
    row[page.TEMPLATE_LINES] = sum(any(alike[key] >= 3 for key in pair if key) for pair in keys)
    parts = re.split(
        "[" + re.escape("".join(chr(p) for p in range(0x10000) if has(chr(p), t.SENTENCE_END))) + "]", text
    )
    row[page.SENTENCES] = sum(bool(part.strip(SPACES)) for part in parts)
    row[page.LONGEST_WORD] = longest_word(text)
    found = [tokens(line) for line in raw]
    words = [word for one in found for word in one[0]]
    pairs = [pair for one in found for pair in one[1]]
    row[page.WORDS] = sum(any(has(char, t.LETTER) for char in word) for word in runs(text, t.WORD_CHAR))
    row[page.TOKENS] = sum(one[3] for one in found)
    row[page.TOPIC_TOKENS] = len(words) + len(pairs)
    times = sorted([*Counter(words).values(), *Counter(pairs).values()], reverse=True)
    row[page.DISTINCT_TOPICS] = len(times)
    row[page.TOP_TOKEN] = times[0] if times else 0
    row[page.TOP_TEN] = sum(times[:10])
    shares = [count / len(text) for count in Counter(text).values()]
    return [row[n] for n in range(page.TOP_TEN + 1)], -sum(share * math.log(share) for share in shares)


def longest_word(text: str) -> int:
    """Characters between spaces and unspaced characters; an unspaced one belongs to what follows it."""
    longest = size = 0
    for char in text:
        size = 0 if kind(char) == t.BLANK else 1 if has(char, t.UNSPACED) else size + 1
        longest = max(longest, size)
    return longest
