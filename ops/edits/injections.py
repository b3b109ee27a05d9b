"""Injections: cut a foreign string that a page has within its words, so that the words are whole again."""

import itertools
import re
from typing import Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from ops.contract import Op
from ops.edits.rounds import Cuts, cut_in_rounds, with_apart
from ops.edits.watermark_marks import DOMAIN, letters_of, longest_shared
from ops.kernels.buffers import buffers_of
from ops.kernels.insertions import insertions
from ops.kernels.segments import word_around

_CONTEXT = 8  # characters before and after that a word around the injection may have
_EXTENDED = 16  # characters by which it may be longer than its brackets or its Latin letters
_WORDS_MIN = 3  # different ones that it stands in
_LETTERS_MIN = 4  # of what is in brackets between Latin letters: colo(u)r, (s)he
_BRACKETS = "([{<（【［〖〔《「『〈", ")]}>）】］〗〕》」』〉"
_CLOSERS = dict(zip(*_BRACKETS, strict=True))
_NOT_IN_RUN = re.compile(r"[^A-Za-z0-9._/:@-]")
_NOT_HAN = re.compile(r"[^\u3400-\u9fff]")
_NOT_IN_NAME = re.compile(r"[^\w.:/-]")
_BYTES_MAX = 128
_HOST = re.compile(r"(?:https?://)?(?:[a-z0-9-]+\.)*[a-z0-9-]{3,}\.(?:com|net|org|cn|com\.cn)/?", re.IGNORECASE)


class Injections(Op):
    """Cut a string that recurs within words of a page: 首席执行《某某网》官 is 首席执行官.

    Between Han, the characters before and after it must make one word of the dictionary at most of its places, or at
    some if it has a domain: 用Python写 and 读《红楼梦》的 make none. Between Latin letters it must have brackets or be
    a domain. What stands apart at many of its places, by a space or a mark, is what the page speaks of, and stays.
    """

    op: Literal["injections"] = "injections"
    places_min: int = Field(3, ge=2, description="places within words that have it")
    # 0.6: of terms in clean text, what is around them makes a word at 10 % of their places; and three other words.
    joined_share_min: float = Field(
        0.6, ge=0, le=1, description="share of its places between Han where they join to a word"
    )
    domain_joined_share_min: float = Field(0.25, ge=0, le=1, description="that share, if it has a domain")
    within_share_min: float = Field(
        0.8, ge=0, le=1, description="share of its places on the page that are within words"
    )

    def edit(self, batch: pa.Table) -> pa.Table:
        """Cut the injections of each text."""
        return cut_in_rounds(batch, lambda text: _search(self, text), "injection")


def _search(op: Injections, text: pa.Array) -> dict[int, Cuts]:
    """Return where the injections of each text stand: of those that overlap, the first."""
    found = insertions(text, op.places_min)
    data, offsets = buffers_of(text)
    rows, first = np.unique(found.rows, return_index=True)
    cuts: dict[int, Cuts] = {}
    for row, start, stop in zip(rows.tolist(), first, np.append(first, len(found.rows))[1:], strict=True):
        raw = data[offsets[row] : offsets[row + 1]].tobytes()
        whole = raw.decode()
        keys, at = found.keys[start:stop], found.at[start:stop] - offsets[row]
        for key in dict.fromkeys(keys.tolist()):
            strings = _strings(raw, at[keys == key].tolist())
            where = next(filter(None, (_within_words(op, whole, string) for string in strings)), None)
            if where:
                cuts[row] = with_apart(cuts.get(row, []), _in_bytes(whole, where))
    return cuts


def _in_bytes(text: str, places: Cuts) -> Cuts:
    """Return stretches of characters as stretches of bytes."""
    bounds = [0, *(bound for place in places for bound in place)]
    sizes = [len(text[start:stop].encode()) for start, stop in itertools.pairwise(bounds)]
    ends = list(itertools.accumulate(sizes))
    return list(zip(ends[::2], ends[1::2], strict=True))


def _strings(raw: bytes, at: list[int]) -> list[str]:
    """Return what may be the injection at these places: the string, and what more is equal around it."""
    first = raw[at[0] : at[0] + _BYTES_MAX].decode(errors="ignore")
    if first[0] == ".":
        return [_around(raw, at, 3, 3)]
    closer = _CLOSERS.get(first[0])
    string = first[: first.index(closer) + 1] if closer else _NOT_IN_RUN.split(first, maxsplit=1)[0].rstrip(".-_/:@")
    return [_around(raw, at, 0, len(string.encode())), string]


def _around(raw: bytes, at: list[int], before: int, after: int) -> str:
    """Return what is so many bytes before and after these places, with what is alike around it at most of them."""
    most = 4 * _EXTENDED
    left = longest_shared([raw[max(0, place - most) : place + after][::-1] for place in at])[::-1]
    right = longest_shared([raw[place - before : place + after + most] for place in at])
    core = raw[at[0] - before : at[0] + after]
    left = left.decode(errors="ignore").encode().removesuffix(core)
    right = right.removeprefix(core)
    start = _NOT_IN_NAME.split(left.decode(errors="ignore"))[-1]
    end = _NOT_IN_NAME.split(right.decode(errors="ignore"), maxsplit=1)[0]
    return start + core.decode(errors="ignore") + end


def _within_words(op: Injections, text: str, string: str) -> Cuts | None:
    """Return where a string stands within words, if it is an injection."""
    places = [match.span() for match in re.finditer(re.escape(string), text)] if len(string) > 1 else []
    within = [
        (start, stop) for start, stop in places if text[start - 1 : start].isalpha() and text[stop : stop + 1].isalpha()
    ]
    if len(within) < max(op.places_min, op.within_share_min * len(places)):
        return None
    han = [(start, stop) for start, stop in within if text[start - 1] > "\u2fff" and text[stop] > "\u2fff"]
    is_foreign = (
        _joins_words(op, text, string, han) if 2 * len(han) > len(within) else _parts_words(text, string, within)
    )
    return within if is_foreign else None


def _joins_words(op: Injections, text: str, string: str, places: Cuts) -> bool:
    """Whether what is before and after a string makes words of Chinese."""
    words = []
    for start, stop in places:
        left = _NOT_HAN.split(text[max(0, start - _CONTEXT) : start])[-1]
        right = _NOT_HAN.split(text[stop : stop + _CONTEXT], maxsplit=1)[0]
        word = word_around(left + right, len(left))
        words += [word] if word else []
    has_domain = DOMAIN.search(string.encode()) is not None
    share = op.domain_joined_share_min if has_domain else op.joined_share_min
    return len(words) >= share * len(places) and len({*words}) >= (2 if has_domain else _WORDS_MIN)


def _parts_words(text: str, string: str, places: Cuts) -> bool:
    """Whether a string between Latin letters is foreign to them, and parts different words."""
    befores = {text[start - 2 : start] for start, _ in places}
    afters = {text[stop : stop + 2] for _, stop in places}
    if not all(text[start - 1].islower() and text[stop].islower() for start, stop in places):
        return False
    if min(len(befores), len(afters)) < _WORDS_MIN:
        return False
    is_bracketed = _CLOSERS.get(string[0]) == string[-1] and letters_of(string.encode()) >= _LETTERS_MIN
    # map[string]int is code; a name has a capital letter, a space, a full stop or Han.
    return (is_bracketed and not string[1:-1].islower()) or _HOST.fullmatch(
        string.strip("".join(_BRACKETS))
    ) is not None
