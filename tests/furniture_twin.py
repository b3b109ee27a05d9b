"""What furniture goes of a page, in plain Python: line by line, with regular expressions; slow, for comparison."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby

from line_twin import (
    Line,
    has_digit,
    is_address,
    is_dated,
    is_heading,
    is_item,
    is_label,
    is_phrase,
    is_teaser,
    is_title,
    is_underline,
    lines_of,
    lowered,
    shared,
)

from ops.edits.furniture_lines import is_adult, is_invitation, keywords_of
from ops.edits.line_shapes import is_lower_case
from ops.kernels.furniture_ends import FurnitureLimits
from ops.kernels.page_ends import HEAD_LINES, ITEM_BYTES, TINY_BYTES

KNOWN, KNOWN_OF_SENTENCE = 0.6, 0.5
BODY_CHARS = 100_000
_TOKEN = re.compile(r"[\u3400-\u9fff]|\w+")


def furniture(text: str, rules: FurnitureLimits) -> list[tuple[int, int, str]]:
    lines = lines_of(text)
    left = lines
    kinds: dict[int, str] = {}
    while True:
        gone = _one_round(left, rules)
        if not gone:
            break
        kinds |= {left[i].at: kind for i, kind in gone.items()}
        left = [line for i, line in enumerate(left) if i not in gone]
    if not kinds:
        return []
    prose = sum(line.bytes for line in left if line.prose)
    whole = sum(line.bytes for line in lines)
    lost = whole - sum(line.bytes for line in left)
    if prose < rules.body_bytes or lost > rules.cut_share * whole:
        return []
    return _stretches(lines, kinds)


def _stretches(lines: list[Line], kinds: dict[int, str]) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    first, is_kept = 0, False
    for kind, run in groupby(lines, lambda line: kinds.get(line.at)):
        stop = first + len([*run])
        if kind is None:
            is_kept = True
        elif is_kept:
            found.append((lines[first - 1].end, lines[stop - 1].end, kind))
        else:
            found.append((lines[first].at, lines[stop].at if stop < len(lines) else lines[-1].end, kind))
        first = stop
    return found


def _one_round(lines: list[Line], rules: FurnitureLimits) -> dict[int, str]:
    prose = [i for i, line in enumerate(lines) if line.prose]
    while prose and is_phrase(lines[prose[-1]]):
        prose.pop()
    if not prose:
        return {}
    first, last = prose[0], prose[-1]
    body = _joined(lines[first : last + 1])
    gone = _spam(lines, last) if rules.spam_header else {}
    if not gone:
        gone = _leading(lines[: first + 1], body, rules)
    tail = _trailing(lines, last + 1, body, rules)
    if not tail and rules.teasers:
        tail = dict.fromkeys(_teasers(lines, rules), "teaser")
    return gone | tail


def _joined(lines: list[Line]) -> str:
    return lowered("\n".join(line.text for line in lines)[:BODY_CHARS])


def _spam(lines: list[Line], last_prose: int) -> dict[int, str]:
    found: list[int] = []
    for i, line in enumerate(lines[: min(HEAD_LINES, last_prose)]):
        if not line.indented and _is_spam(line, lines[i + 1 :]):
            found.append(i)
        elif line.prose:
            break
    if not found:
        return {}
    stop = found[-1] + 1
    # Beside spam, what is no title, no sentence and nothing that the page speaks of is more of it.
    while stop < min(HEAD_LINES, last_prose) and is_address(lines[stop]):
        stop += 1
    page = _joined(lines[stop:])
    beside = [i for i in range(stop) if i > found[0] or is_lower_case(lines[i].text)]
    foreign = [i for i in beside if shared(lines[i].text, page) < KNOWN_OF_SENTENCE]
    return dict.fromkeys(sorted({*found, *foreign}), "spam_header")


def _is_spam(line: Line, page: list[Line]) -> bool:
    parts = keywords_of(line.text)
    if parts:
        body = _joined(page)
        known = sum(shared(part, body) >= KNOWN for part in parts)
        some = len(parts) > 4 or is_adult(line.text)
        return known <= (len(parts) / 3 if some else 0)
    return is_invitation(line.text) and shared(line.text, _joined(page)) <= KNOWN_OF_SENTENCE


def _leading(head: list[Line], body: str, rules: FurnitureLimits) -> dict[int, str]:
    size = _count(head, lambda line: (is_item(line) or is_phrase(line)) and not line.prose)
    stop = size - 1 if size and is_underline(head[size].text) else size
    mean = sum(line.bytes for line in head[:size]) / max(size, 1)
    while stop and _is_of_article(head[stop - 1], body, mean):
        stop -= 1
    if rules.navigation and _is_link_list(head[:stop], body, rules):
        return dict.fromkeys(range(stop), "navigation")
    return dict.fromkeys(range(_count(head, is_phrase)), "navigation") if rules.tails else {}


def _is_of_article(line: Line, body: str, mean_bytes: float) -> bool:
    if is_phrase(line):
        return False
    known = line.bytes >= 12 and shared(line.text, body) >= KNOWN_OF_SENTENCE
    return known or line.bytes > max(2.5 * mean_bytes, ITEM_BYTES / 3) or is_dated(line.text)


def _trailing(lines: list[Line], first: int, body: str, rules: FurnitureLimits) -> dict[int, str]:
    for i in range(first, len(lines) - 1):
        if rules.navigation and is_heading(lines[i]) and not any(line.indented for line in lines[i:]):
            return dict.fromkeys(range(i, len(lines)), "navigation")
    tail = lines[first:]
    size = _count(tail[::-1], lambda line: is_item(line) or is_phrase(line) or is_heading(line))
    start = len(lines) - size
    if not size:
        return {}
    phrases = _count(tail[::-1], lambda line: is_phrase(line) or is_heading(line))
    if phrases:
        return dict.fromkeys(range(len(lines) - phrases, len(lines)), "tail") if rules.tails else {}
    mean = sum(line.bytes for line in lines[start:]) / size
    while start < len(lines) and _is_of_article(lines[start], body, mean):
        start += 1
    if rules.navigation and _is_link_list(lines[start:], body, rules):
        return dict.fromkeys(range(start, len(lines)), "navigation")
    return {}


def _is_link_list(run: list[Line], body: str, rules: FurnitureLimits) -> bool:
    count = len(run)
    if count < rules.list_lines:
        return False
    if sum(line.bytes for line in run) > TINY_BYTES * count and count < 3 * rules.list_lines:
        return False
    texts = [line.text for line in run]
    if sum(map(has_digit, texts)) > 0.3 * count:
        return False
    # Classical verse has five or seven characters a line.
    wide = Counter(line.bytes for line in run if line.bytes == 3 * len(line.text))
    if max(wide[15], wide[21]) > 0.6 * count:
        return False
    if sum(map(is_label, texts)) < 0.75 * count:
        return False
    some = run[:: -(-count // 30)]
    return sum(shared(line.text, body) >= KNOWN for line in some) <= 0.4 * len(some)


def _teasers(lines: list[Line], rules: FurnitureLimits) -> list[int]:
    found: list[int] = []
    for i in [i for i, line in enumerate(lines[:-2]) if is_heading(line)]:
        stop, body = i + 2, _joined(lines[:i])
        while stop < len(lines) and (
            _alike(lines[stop - 1], lines[stop], rules.teaser_likeness) or _go_on(lines[stop - 1], lines[stop], body)
        ):
            stop += 1
        if stop > i + 2 and _is_foreign(lines, i + 1, stop):
            found += range(i, stop)
    start = len(lines) - 1
    while start > 0 and _alike(lines[start - 1], lines[start], rules.teaser_likeness):
        start -= 1
    if not found and len(lines) - start >= rules.teaser_lines and _is_foreign(lines, start, len(lines)):
        found += range(start, len(lines))
    return found


def _go_on(one: Line, other: Line, body: str) -> bool:
    if one.end + 1 != other.at:
        return False
    return all(is_title(line) and shared(line.text, body) < KNOWN for line in (one, other))


def _is_foreign(lines: list[Line], start: int, stop: int) -> bool:
    block = [{*_tokens(line.text)} for line in lines[start:stop]]
    common = set.intersection(*block)
    body = _joined(lines[:start] + lines[stop:])
    known = 0
    for line in lines[start:stop]:
        own = " ".join(token for token in _tokens(line.text) if token not in common)
        known += shared(own.replace(" ", "") if own and own[0] >= "\u3400" else own, body) >= KNOWN_OF_SENTENCE
    return known <= len(block) / 3


def _alike(one: Line, other: Line, likeness_min: float) -> bool:
    if not (is_teaser(one) and is_teaser(other)):
        return False
    if one.text[:2] != other.text[:2] and one.text[-3:] != other.text[-3:]:
        return False
    words, others = ({*_tokens(line.text)} for line in (one, other))
    return len(words & others) >= likeness_min * min(len(words), len(others))


def _tokens(text: str) -> Sequence[str]:
    found: list[str] = _TOKEN.findall(lowered(text))
    return found


def _count(lines: list[Line], test: Callable[[Line], bool]) -> int:
    for i, line in enumerate(lines):
        if not test(line):
            return i
    return len(lines)
