"""A watermark that most lines of a page have, whatever it is made of: found by how many have it, all else alike."""

import itertools
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from ops.edits.watermark_marks import DOMAIN, alike, is_framed, letters_of
from ops.kernels.alike_lines import AT_END, AT_START, WITHIN
from ops.kernels.marks import MARK_BYTES

LINE_CHARS_MIN = 12  # of a paragraph: less is a heading, a key or a bracket
_LINES_MIN = 4
# Letters and digits of a string, one of Han as three.
_LETTERS_MIN = 6
_TOKEN_LETTERS_MIN = 4  # of ab12, @mio
_HAN_LETTERS = 9  # 某某网; "他说。" has six
_FRAMED_LETTERS = 10  # "(changelog)" has nine
_SHORT_LETTERS = 12
_LONG_LETTERS = 16
# Shares of the lines that have it, in plain words: the shorter, the more. "如果你" begins a sentence in 80 % of some.
_NEARLY_ALL = 0.95
_SURE_SHARE = 0.8
_PLAIN_SHARE = 0.6
_PROSE_SHARE = 0.5  # of the lines that have it, if it is short
_BLANKS_MIN = 7  # of a line of prose that ends no sentence
_HEAD_CHARS = 5  # that strings after an end mark are compared by; of other scripts, two
_HEADS_TRIED = 3
_TAIL_CHARS = 3  # that the texts after a string may share by chance

Places = list[tuple[int, int]]

_LINE_END = re.compile(r"[\n\r\v\f]")
# One set first: that is what the search looks for, fast.
_WITHIN = re.compile(r"[。！？.!?](?:(?<=[。！？])|(?![a-z0-9]|\Z)|(?=www|http))")
_ENDS = ".。!！?？…，,；;：:、｡\"')]”’」』】》）*_"
_CLOSERS = tuple("\"')]”’」』】》）")
_SENTENCE = re.compile(r"(?<!\d)[.!?;,][\"')\]”’*_]*(?:\s|\Z)|[。！？，；、：…]")
# What lines may have in common after it: marks of lists, links and verses, brackets and quotes that open.
_OPENS = re.compile(r"(?:(?<=\s)[\"'*_#>`-]+|\*\*[\d.]*|\[\d*|[“‘「『《【（(]+)\s*\Z")
# Where a string may stop, if not much follows that all share: after an end mark, a bracket, a blank.
_STOP = re.compile(r"(?:[.!?](?![a-z0-9])|[。！？…)\]}>）】］〗〕》」』])[\"”’]*\s*|[:：]\s+|\s+(?=\w\Z)")
_SENTENCE_END = re.compile(r"[.!?][\"')\]”’]*(?=\s)|[。！？][”’」』】》）]*")
_SIGNS = tuple("|｜*~@#※★©^•·")
_LIST = re.compile(r"(?:[*+>|-]|#+|\d+[.)、])\s")
_TABLE = re.compile(r"\|.*\||\S\s{2,}\S|\t")
_TOKEN = re.compile(r"(?<![A-Za-z\d])(?:[A-Za-z]+\d|\d+[A-Za-z])[A-Za-z\d]{2,}|[@#~※★©][A-Za-z\d]{3,}")
_PATH = re.compile(r"(?!www\.)\w+\.[\w.]*[A-Z]\w*\Z|\w*[a-z][A-Z]\w*\Z")  # System.IO, MagicMock
_CLAUSES = tuple(",;，；、:：")
_QUOTES = tuple("\"'”’」』")
_KEY = tuple(":：=")
_IN_NAME = re.compile(r"[A-Za-z0-9/_=@\\&%$.-]")


def shared_places(text: str, sides: int, share: float) -> Places:
    """Return where a string stands that such a share of the lines have at one of these sides; nowhere if none does."""
    lines = _lines_of(text)
    places: Places = []
    if sides & AT_START:
        places = _at_start(text, lines, share)
    if sides & AT_END and not places:
        places = _at_end(text, lines, share)
    if sides & WITHIN and not places:
        places = _within(text, lines, share)
    return places


def _lines_of(text: str) -> Places:
    """Return from where to where lines are that are not blank, without spaces at their end."""
    lines = _LINE_END.split(text) if any(end in text for end in "\r\v\f") else text.split("\n")
    starts = itertools.accumulate((len(line) + 1 for line in lines), initial=0)
    sizes = map(len, map(str.rstrip, lines))
    return [(at, at + size) for at, size in zip(starts, sizes, strict=False) if size]


def _at_start(text: str, lines: Places, share: float) -> Places:
    long = [text[start : min(stop, start + MARK_BYTES)] for start, stop in lines if stop - start >= LINE_CHARS_MIN]
    mark = _trimmed(shared(long, share)) or "\n"
    long = [line for line in long if line != mark.rstrip()]
    having = [(start, stop) for start, stop in lines if text.startswith(mark, start, stop)]
    afters = [text[start + len(mark) : stop] for start, stop in having]
    if not _is_mark(mark, afters, len(long), share) or _goes_on(mark, afters, len(long)):
        return []
    bare = mark.rstrip()
    alone = [(start, stop) for start, stop in lines if stop - start == len(bare) and text.startswith(bare, start)]
    return sorted({*alone, *((start, start + len(mark)) for start, stop in having if stop - start > len(mark))})


def _at_end(text: str, lines: Places, share: float) -> Places:
    long = [text[max(start, stop - MARK_BYTES) : stop][::-1] for start, stop in lines if stop - start >= LINE_CHARS_MIN]
    ending = shared(long, share)
    others = [line for line in long if line != ending]
    mark = _without_end_mark((shared(others, share) if len(others) < len(long) else ending)[::-1])
    long = others
    bare = mark.strip() or "\n"
    having = [(start, stop) for start, stop in lines if text.endswith(bare, start, stop)]
    befores = [text[start : stop - len(bare)] for start, stop in having]
    if not _is_mark(bare, [before.rstrip() for before in befores], len(long), share) or _leads_to(mark, befores):
        return []
    gap = mark[: len(mark) - len(mark.lstrip())]
    return [
        (stop - len(bare) - len(gap) * before.endswith(gap), stop)
        for (_, stop), before in zip(having, befores, strict=True)
    ]


def _without_end_mark(ending: str) -> str:
    """Return what lines end with without what is of the texts before: end marks, or the end of a sentence."""
    mark = ending.lstrip(_ENDS)
    signs = len(ending) - len(mark) if mark.endswith(("*", "_")) else 0  # **a name**
    while signs and ending[signs - 1] == mark[-1]:
        signs -= 1
        mark = ending[signs:] if ending[signs] == ending[-1] else mark
    goes_on = _SENTENCE_END.search(mark) if mark.lstrip()[:1].islower() else None
    return mark[goes_on.end() :] if goes_on and letters_of(mark[goes_on.end() :].encode()) >= _LETTERS_MIN else mark


def _within(text: str, lines: Places, share: float) -> Places:
    ends = _ends_within(text, lines)
    heads = [[_head(text[at : at + _HEAD_CHARS + 1]) for at in places] for places, _ in ends]
    counted = Counter(head for of_line in heads for head in reversed(dict.fromkeys(reversed(of_line))))
    # A sentence ends within a line where a blank follows, or one of Chinese; with the string, where that follows.
    has_end = [any(text[at] == " " or text[at - 1] in "。！？" for at in places) for places, _ in ends]
    for head, count in counted.most_common(_HEADS_TRIED):
        having = [
            [(at, stop) for at, own in zip(places, of_line, strict=True) if own == head]
            for (places, stop), of_line in zip(ends, heads, strict=True)
        ]
        of = sum(bool(places) or has for places, has in zip(having, has_end, strict=True))
        if count >= max(_LINES_MIN, share * of):
            mark = _after_ends(text, [places[0] for places in having if places], of, share)
            if mark:
                found = [(at, at + len(mark)) for places in having for at, _ in places]
                return [(at, stop) for at, stop in found if text.startswith(mark, at)]
    return []


def _ends_within(text: str, lines: Places) -> list[tuple[list[int], int]]:
    """Return after which characters of a line sentences end, and where it stops, of lines that have such ends within.

    They are sought in the whole text at once: of what is sought, nothing is beyond the end of a line.
    """
    ends = [match.end() for match in _WITHIN.finditer(text)]
    found = []
    first = 0
    for _, stop in lines:
        last = bisect_left(ends, stop, first)
        if last > first:
            found.append((ends[first:last], stop))
        first = last + (ends[last : last + 1] == [stop])
    return found


def _after_ends(text: str, firsts: Places, of: int, share: float) -> str:
    """Return the watermark that stands at these places of lines, after end marks, up to their ends; nothing if none."""
    rests = [text[at : min(stop, at + MARK_BYTES)] for at, stop in firsts]
    mark = _without_own_blanks(_trimmed(shared(rests, share)), text)
    firsts = [(at, stop) for at, stop in firsts if text.startswith(mark, at)]
    afters = [text[at + len(mark) : stop] for at, stop in firsts]
    if (
        mark.lstrip().startswith((*_CLOSERS, *"_."))
        or _PATH.match(mark)
        or not _is_mark(mark, afters, of, share, within=True)
    ):
        return ""
    before, count = Counter(
        text[max(0, at - 9) : at].rsplit(maxsplit=1)[-1].lstrip("\"'“‘(") for at, _ in firsts
    ).most_common(1)[0]
    is_name = before.isascii() and 2 * count > len(firsts) and letters_of(mark.encode()) < _LONG_LETTERS
    is_last = 2 * sum(after != "" for after in afters) < len(afters)
    return "" if is_last or (is_name and not _is_foreign(mark)) or _goes_on(mark, afters, of) else mark


def _head(rest: str) -> str:
    head = rest.lstrip(" ")
    return head[:_HEAD_CHARS] if head[:1].isascii() else head[:2]


def shared(pieces: Sequence[str], share: float) -> str:
    """Return the longest string that so great a share of the pieces begin with, as far as all go that begin so.

    >>> shared(["mill one", "mill two", "mill three", "mill four", "road"], 0.8)
    'mill '
    """
    ordered = sorted(pieces)
    needed = max(_LINES_MIN, -int(-share * len(ordered) // 1))
    longest = ""
    for one, other in zip(ordered, ordered[needed - 1 :], strict=False):
        beyond = len(longest) + 1
        if one[:beyond] == other[:beyond]:
            longest = max(longest, one[: alike(one, other)], key=len)
    return _common([one for one in ordered if one.startswith(longest[: (len(longest) + 1) // 2])])


def _common(pieces: Sequence[str]) -> str:
    """Return what all of these begin with."""
    first, last = min(pieces, default=""), max(pieces, default="")
    return first[: alike(first, last)]


def _trimmed(mark: str) -> str:
    """Return what lines share without what is of the texts after the watermark."""
    opens = _OPENS.search(mark)
    # ** a name **
    if opens and not (opens[0].strip() and mark.startswith(opens[0].strip())):
        mark = mark[: opens.start()]
    for quote in "\"'":
        mark = mark.removesuffix(quote) if mark.count(quote) % 2 else mark
    stops = [match.end() for match in _STOP.finditer(mark) if len(mark) - match.end() <= _TAIL_CHARS]
    return mark[: stops[0]] if stops and letters_of(mark[: stops[0]].encode()) >= _LETTERS_MIN else mark


def _without_own_blanks(mark: str, text: str) -> str:
    """Return a string after an end mark without the blanks that part sentences of the text."""
    if mark.startswith(" "):
        return mark.rstrip(" ")
    if not mark.endswith(" "):
        return mark
    gaps = re.findall(r"[.!?]( +)(?=[A-Z\"])", text)
    own = 2 if gaps and gaps.count("  ") >= _NEARLY_ALL * len(gaps) else 1
    blanks = len(mark) - len(mark.rstrip(" "))
    return mark[: len(mark) - min(own, blanks)]


def _is_mark(mark: str, left: Sequence[str], of: int, share: float, *, within: bool = False) -> bool:
    """Whether enough lines have it, with text of their own besides, and it is none of what pages have so often."""
    long = [line for line in left if within or len(line) >= LINE_CHARS_MIN]
    letters = letters_of(mark.encode())
    tells, is_foreign = _tells(mark), _is_foreign(mark)
    if letters < (_TOKEN_LETTERS_MIN if tells else _LETTERS_MIN) or len(long) < max(_LINES_MIN, share * of):
        return False
    if len({*long}) < max(_LINES_MIN, len(long) / 2) or mark.rstrip().endswith(_KEY) or _TABLE.search(mark.strip()):
        return False
    if not is_foreign:
        short = _NEARLY_ALL if letters < _SHORT_LETTERS else _SURE_SHARE
        least = short if letters < _LONG_LETTERS else _PLAIN_SHARE
        if len(long) < least * of or _LIST.match(mark.lstrip()):
            return False
    if (
        tells
        or letters >= _LONG_LETTERS
        or within
        or (is_foreign and (letters >= _FRAMED_LETTERS or not mark.isascii()))
    ):
        return True
    if letters >= _HAN_LETTERS and not mark.isascii() and len(long) >= _NEARLY_ALL * of:
        return True
    prose = sum(_SENTENCE.search(line) is not None or line.count(" ") >= _BLANKS_MIN for line in long)
    return prose >= _PROSE_SHARE * len(long)


def _tells(mark: str) -> bool:
    """Whether a string names a domain, or has a token of digits and letters, or a name after a sign."""
    return DOMAIN.search(mark.encode()) is not None or _TOKEN.search(mark) is not None


def _is_foreign(mark: str) -> bool:
    """Whether a string is set apart from the text around, too: by brackets, a dash or a sign."""
    is_signed = mark.startswith(_SIGNS) or mark.rstrip().endswith(_SIGNS)
    return _tells(mark) or is_framed(mark.encode()) or is_signed


def _goes_on(mark: str, afters: Sequence[str], of: int) -> bool:
    """Whether a sentence or a name goes on after what lines begin with."""
    last = mark.rstrip()[-1:]
    hosts = [match.end() for match in DOMAIN.finditer(mark.encode())]
    if hosts and len(mark.encode()) - hosts[-1] <= len(".cn"):
        return False
    joined = sum(after[:1].isalnum() and after.isascii() for after in afters)
    if " " not in mark and last in "._" and 2 * joined > len(afters):
        return True
    if not _IN_NAME.match(last) or last == ".":
        return False
    if last.isalnum() and len(afters) >= _NEARLY_ALL * of and letters_of(mark.encode()) >= _LONG_LETTERS:
        return False
    firsts = [after.lstrip()[:1] for after in afters]
    return 2 * sum(first.islower() or first.isdigit() or first in {*"_/="} for first in firsts) > len(firsts)


def _leads_to(mark: str, befores: Sequence[str]) -> bool:
    """Whether what is before the ends of lines leads to them: a clause, a quote, a part of the same name."""
    bare = mark.lstrip()
    lasts = [before.rstrip()[-1:] for before in befores]
    is_plain = not _is_foreign(bare)
    if is_plain and mark[:1] == " " and bare[:1].islower() and 2 * sum(last in _ENDS for last in lasts) < len(lasts):
        return True
    if is_plain and not bare[:1].isupper() and 2 * sum(last in _CLAUSES for last in lasts) > len(lasts):
        return True
    names = sum(before[-1:] != "." and _IN_NAME.match(before[-1:]) is not None for before in befores)
    if mark == bare and _IN_NAME.match(bare) and not bare[:1].isupper() and 2 * names > len(lasts):
        return True
    is_tag = not _tells(bare) and (bare[:1].islower() or letters_of(bare.encode()) < _HAN_LETTERS)
    return is_tag and sum(last in _QUOTES for last in lasts) > _SURE_SHARE * len(lasts)
