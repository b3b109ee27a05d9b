"""What C4's line rules would leave of a text, and which lines they would drop: an accounting, nothing is cut.

The rules come in their order, each for lines that passed the ones before it: a word of over 1,000 characters; (the
terminal mark); fewer than three words; `lorem ipsum`; `javascript`; a curly bracket; a policy's words. Citations are
taken out for all but the words and the sentences: one that sticks to a full stop hides it from the count of sentences.
The case of ASCII letters does not count. Blank lines are no lines.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ops.kernels.compiled import inlined, kernel
from ops.kernels.eight import eight_bytes, equal_bytes, trailing_zeros
from ops.kernels.text_lines import count_chars, ends_in_dots, past_spaces, past_word
from ops.kernels.unicode_tables import SPACE
from ops.kernels.word_marks import ENDS, START, STOP, UNPUNCTUATED

# What is counted, in this order.
LINES, SENTENCES, LONG_WORD, UNENDED, FEW_WORDS, LOREM_IPSUM, JAVASCRIPT, CURLY_BRACKET, POLICY = range(9)
COUNTS = 9

_SPACE = np.uint8(SPACE)
_J, _K, _V, _M, _P, _A, _I, _S, _BRACKET, _SMALL, _CITES = (
    np.uint64(0x0101010101010101 * byte) for byte in (*b"jkvmpais{", 0x20, 0x5B)
)
_3 = np.uint64(3)
_7 = np.uint64(7)
_WORD_CHARS_MAX = 1000
_LINE_WORDS_MIN = 3

# Each is found by two of its letters that are rare together: ja, va, ki, ms, ps. The place of the first comes first.
_PHRASES = (
    (7, "lorem ipsum", LOREM_IPSUM),
    (0, "javascript", JAVASCRIPT),
    (0, "{", CURLY_BRACKET),
    (3, "terms of use", POLICY),
    (3, "privacy policy", POLICY),
    (3, "cookie policy", POLICY),
    (8, "uses cookies", POLICY),
    (10, "use of cookies", POLICY),
    (7, "use cookies", POLICY),
)
_CITATIONS = ("[edit]", "[citation needed]")
_LONGEST = 17


def _letters(phrases: Sequence[str]) -> NDArray[np.uint8]:
    table = np.zeros((len(phrases), _LONGEST), np.uint8)
    for row, phrase in enumerate(phrases):
        table[row, : len(phrase)] = list(phrase.encode())
    return table


_TEXT = _letters([text for _, text, _ in _PHRASES])
_SIZE = np.array([len(text) for _, text, _ in _PHRASES])
_PLACE = np.array([place for place, _, _ in _PHRASES])
_KIND = np.array([kind for _, _, kind in _PHRASES])
_CITED = _letters(_CITATIONS)
_OPENING = np.uint8(ord("["))
_CITED_SIZE = np.array([len(text) for text in _CITATIONS])


@kernel
def _lower(byte):  # type: ignore[no-untyped-def]
    return byte + 32 if 0x41 <= byte <= 0x5A else byte


@kernel
def _phrases_at(data, start, at, stop):  # type: ignore[no-untyped-def]
    """Return which of the phrases have their rare letters here, a bit for each kind."""
    kinds = 0
    byte = _lower(data[at])
    for row in range(len(_SIZE)):
        begin = at - _PLACE[row]
        if byte != _TEXT[row, _PLACE[row]] or begin < start or begin + _SIZE[row] > stop:
            continue
        same = 0
        while same < _SIZE[row] and _lower(data[begin + same]) == _TEXT[row, same]:
            same += 1
        if same == _SIZE[row]:
            kinds |= 1 << _KIND[row]
    return kinds


@kernel
def _found(data, start, stop):  # type: ignore[no-untyped-def]
    """Return which of the phrases are there, a bit for each kind."""
    kinds = 0
    at = start
    while at < stop:
        if at + 9 <= len(data):
            here = eight_bytes(data, at) | _SMALL
            behind = eight_bytes(data, at + 1) | _SMALL
            rare = (equal_bytes(here, _J) | equal_bytes(here, _V)) & equal_bytes(behind, _A)
            rare |= (equal_bytes(here, _M) | equal_bytes(here, _P)) & equal_bytes(behind, _S)
            rare |= equal_bytes(here, _K) & equal_bytes(behind, _I) | equal_bytes(here, _BRACKET)
            if not rare:
                at += 8
                continue
            at += np.int64((trailing_zeros(rare) - _7) >> _3)
        if at < stop:
            kinds |= _phrases_at(data, start, at, stop)
        at += 1
    return kinds


@kernel
def citation_end(data, at, stop):  # type: ignore[no-untyped-def]
    """Return where a citation ends that begins here, 0 where none does: `[12]`, `[]`, `[edit]`, `[citation needed]`."""
    if data[at] != 0x5B:
        return 0
    end = at + 1
    while end < stop and 0x30 <= data[end] <= 0x39:
        end += 1
    if end < stop and data[end] == 0x5D:
        return end + 1
    for row in range(len(_CITED_SIZE)):
        same = 0
        while same < _CITED_SIZE[row] and at + same < stop and data[at + same] == _CITED[row, same]:
            same += 1
        if same == _CITED_SIZE[row]:
            return at + same
    return 0


@inlined
def _has_citation(data, at, stop):  # type: ignore[no-untyped-def]
    while at < stop:
        if at + 8 <= len(data):
            cites = equal_bytes(eight_bytes(data, at), _CITES)
            if not cites:
                at += 8
                continue
            at += np.int64((trailing_zeros(cites) - _7) >> _3)
            if at >= stop:
                break
        if citation_end(data, at, stop):
            return True
        at += 1
    return False


@kernel
def _without_citations(data, start, stop, out):  # type: ignore[no-untyped-def]
    size = 0
    at = start
    while at < stop:
        end = citation_end(data, at, stop)
        if end:
            at = end
            continue
        out[size] = data[at]
        size += 1
        at += 1
    return size


@inlined
def _has_words(data, at, stop, least):  # type: ignore[no-untyped-def]
    """Whether there are so many words between spaces."""
    words = 0
    at = past_spaces(data, at, stop)
    while at < stop:
        words += 1
        if words == least:
            return True
        at = past_spaces(data, past_word(data, at, stop), stop)
    return False


@kernel
def _has_long_word(data, at, stop):  # type: ignore[no-untyped-def]
    while stop - at > _WORD_CHARS_MAX:
        # What lies before the last blank of so many bytes is too short.
        last = at + _WORD_CHARS_MAX
        while last >= at and data[np.uint64(last)] != 0x20:
            last -= 1
        if last >= at:
            at = last + 1
            continue
        begin = past_spaces(data, at, stop)
        at = past_word(data, begin, stop)
        if at - begin > _WORD_CHARS_MAX and count_chars(data, begin, at) > _WORD_CHARS_MAX:
            return True
    return False


@inlined
def _ends_well(data, start, stop):  # type: ignore[no-untyped-def]
    if start == stop or ends_in_dots(data, start, stop):
        return False
    last = data[stop - 1]
    return last in (0x2E, 0x3F, 0x21, 0x22, 0x27)


@inlined
def _sentences(data, found, marks, word, last, stop):  # type: ignore[no-untyped-def]
    """Return how many sentences words are, and the first word beyond: each begins with a word after an end mark."""
    sentences = 0
    ended = False
    cited = 0
    while word < last and found[word, START] < stop:
        if data[found[word, START]] == _OPENING:
            cited = max(cited, citation_end(data, found[word, START], stop))
        if found[word, STOP] > cited:
            mark = marks[word]
            if sentences == 0 or (ended and mark & UNPUNCTUATED and not mark & ENDS):
                sentences += 1
                ended = False
            ended = ended or mark & ENDS != 0
        word += 1
    return sentences, word


@inlined
def account(data, start, stop, found, marks, word, last, spare, out):  # type: ignore[no-untyped-def]
    """Count one line, without its outer spaces, in both rows of `out`: by all rules, and by all but the terminal mark.

    Return the first word beyond it.
    """
    sentences, beyond = _sentences(data, found, marks, word, last, stop)
    if _has_long_word(data, start, stop):
        out[0, LONG_WORD] += 1
        out[1, LONG_WORD] += 1
        return beyond
    words = _has_words(data, start, stop, _LINE_WORDS_MIN)
    if _has_citation(data, start, stop):
        size = _without_citations(data, start, stop, spare)
        _judge(spare, 0, size, words, sentences, out)
    else:
        _judge(data, start, stop, words, sentences, out)
    return beyond


@inlined
def _judge(data, start, stop, words, sentences, out):  # type: ignore[no-untyped-def]
    ended = _ends_well(data, start, stop)
    out[0, UNENDED] += not ended
    kinds = _found(data, start, stop) if words else 0
    for way in range(2):
        if way == 0 and not ended:
            continue
        counts = out[way]
        if not words:
            counts[FEW_WORDS] += 1
            continue
        # A document goes with its first line of these two, whatever follows; the lines are counted on.
        if kinds & (1 << LOREM_IPSUM):
            counts[LOREM_IPSUM] += 1
        if kinds & (1 << JAVASCRIPT):
            counts[JAVASCRIPT] += 1
            continue
        if kinds & (1 << CURLY_BRACKET):
            counts[CURLY_BRACKET] += 1
        if kinds & (1 << POLICY):
            counts[POLICY] += 1
            continue
        counts[LINES] += 1
        counts[SENTENCES] += sentences
