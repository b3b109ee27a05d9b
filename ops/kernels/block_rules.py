"""What keeps a block of repeated lines in a page: code, headings, links that the text cites, paragraphs that go on."""

import numpy as np
from numba import njit

_BLANKS = (0x20, 0x09, 0x0A, 0x0D)
_INDENTS = (0x20, 0x09)
_RULES = tuple(b"=-~^*")
_SIGNS = tuple(b"={}$;<\\`")  # of code, and not of addresses and links
_NEWLINE, _BACKTICK, _HASH, _COLON, _OPEN, _CLOSE, _SLASH, _COMMA, _BRACE = (
    0x0A,
    0x60,
    0x23,
    0x3A,
    0x5B,
    0x5D,
    0x2F,
    0x2C,
    0x28,
)
_HTTP = tuple(b"http")

_WRAPPED_BYTES_MIN = 40  # of a line that goes on in the next
_SHORT_BYTES_MAX = 3  # of a word that ends no sentence: "the", "of"
_LABEL_BYTES_MAX = 24  # "Discussions-To: "
_WORD_BYTES_MIN = 5  # "the", "here" are on any page
_FOUND_MIN = 4  # two words, or four pairs of Han, that a title and its page have in common
_HAN_BYTES = 3


@njit(cache=True, nogil=True)
def past_blanks(data, at, stop):  # type: ignore[no-untyped-def]
    """Return where blanks and line ends from here come to an end."""
    while at < stop and data[at] in _BLANKS:
        at += 1
    return at


@njit(cache=True, nogil=True)
def before_blanks(data, start, at):  # type: ignore[no-untyped-def]
    """Return where blanks and line ends up to here begin."""
    while at > start and data[at - 1] in _BLANKS:
        at -= 1
    return at


@njit(cache=True, nogil=True)
def next_line(data, at, stop):  # type: ignore[no-untyped-def]
    """Return where the next line that is not blank begins, with its indentation."""
    after = past_blanks(data, at, stop)
    while after > at and data[after - 1] in _INDENTS:
        after -= 1
    return after


@njit(cache=True, nogil=True)
def _fence(data, at, stop):  # type: ignore[no-untyped-def]
    """Say whether a line is a fence of code: 1, or 2 for three backticks alone, which may end it."""
    while at < stop and data[at] in _INDENTS:
        at += 1
    if at + 3 > stop or not data[at] == data[at + 1] == data[at + 2] == _BACKTICK:
        return 0
    is_bare = True
    for i in range(at + 3, stop):
        if data[i] == _NEWLINE:
            break
        if data[i] == _BACKTICK:
            return 0
        is_bare &= data[i] in _BLANKS
    return 2 if is_bare else 1


@njit(cache=True, nogil=True)
def _is_between_fences(data, left, begin, until, right):  # type: ignore[no-untyped-def]
    """Say whether lines stand between two fences: one that nothing ends has no code. Fences among them: 2."""
    is_open = False
    at = left
    while at < right:
        fence = _fence(data, at, right)
        if fence and begin <= at < until:
            return 2
        if fence and at >= until:
            return np.int64(is_open and fence == 2)
        is_open = fence == 1 or (fence == 2 and not is_open) or (not fence and is_open)
        while at < right and data[at] != _NEWLINE:
            at += 1
        at += 1
    return 0


@njit(cache=True, nogil=True)
def is_code(data, left, begin, until, right):  # type: ignore[no-untyped-def]
    """Say whether lines are code: with a fence, or between two and indented or with a sign that prose has not.

    A list of links may have come to stand between fences: links are told from code by the signs.
    """
    fenced = _is_between_fences(data, left, begin, until, right)
    if fenced != 1:
        return fenced == 2
    begins = True
    for i in range(begin, until):
        if data[i] in _SIGNS or (begins and data[i] in _INDENTS):
            return True
        begins = data[i] == _NEWLINE
    return False


@njit(cache=True, nogil=True)
def is_heading(data, is_parted, start, stop, right):  # type: ignore[no-untyped-def]
    """Say whether a line is marked as a heading: underlined, or by number signs and parted from the line above it."""
    at = start
    while at < stop and data[at] == _HASH:
        at += 1
    if is_parted and at > start and at < stop and data[at] in _INDENTS:
        return True
    at = stop
    return (
        at + 3 < right
        and data[at] == _NEWLINE
        and data[at + 1] in _RULES
        and data[at + 1] == data[at + 2] == data[at + 3]
    )


@njit(cache=True, nogil=True)
def introduces(data, start, stop, right):  # type: ignore[no-untyped-def]
    """Say whether the last line of a block belongs to what follows: by a colon, which indented lines are below."""
    has_colon = False
    for i in range(start, stop):
        has_colon |= data[i] == _COLON and (i + 1 == stop or data[i + 1] == _COLON)
    after = past_blanks(data, stop, right)
    return has_colon and stop < after < right and data[after - 1] in _INDENTS


@njit(cache=True, nogil=True)
def is_definition(data, start, stop):  # type: ignore[no-untyped-def]
    """Say whether a line is the target of a link that a text cites by its label: `[1]: https://...`."""
    if data[start] != _OPEN:
        return False
    at = start + 1
    while at < stop and data[at] != _CLOSE:
        at += 1
    if at + 1 >= stop or data[at + 1] != _COLON:
        return False
    at = past_blanks(data, at + 2, stop)
    if at + len(_HTTP) > stop:
        return at == stop
    return data[at] == _HTTP[0] and data[at + 1] == _HTTP[1] and data[at + 2] == _HTTP[2] and data[at + 3] == _HTTP[3]


@njit(cache=True, nogil=True)
def _is_field(data, start, stop):  # type: ignore[no-untyped-def]
    """Say whether a line is a field of a record: a label without blanks, a colon, a value."""
    for i in range(start, min(stop, start + _LABEL_BYTES_MAX)):
        if data[i] in _INDENTS:
            return False
        if data[i] == _COLON:
            return i > start and (i + 1 == stop or data[i + 1] in _INDENTS)
    return False


@njit(cache=True, nogil=True)
def _is_letter(byte):  # type: ignore[no-untyped-def]
    return 0x30 <= byte <= 0x39 or 0x61 <= byte | 0x20 <= 0x7A


@njit(cache=True, nogil=True)
def _is_small(byte):  # type: ignore[no-untyped-def]
    return 0x61 <= byte <= 0x7A


@njit(cache=True, nogil=True)
def _is_wrapped(data, start, stop, after):  # type: ignore[no-untyped-def]
    """Say whether a long line goes on in the next: by a comma, a short last word, or a small letter there."""
    if stop - start < _WRAPPED_BYTES_MIN:
        return False
    size = 0
    while size <= _SHORT_BYTES_MAX and _is_small(data[stop - 1 - size]):
        size += 1
    is_short = 0 < size <= _SHORT_BYTES_MAX and data[stop - 1 - size] in _INDENTS
    return data[stop - 1] == _COMMA or is_short or (_is_letter(data[stop - 1]) and _is_small(data[after]))


@njit(cache=True, nogil=True)
def goes_on(data, start, stop, after, end):  # type: ignore[no-untyped-def]
    """Say whether a line goes on in the one right below: of a paragraph that is wrapped, or of a record."""
    return _is_wrapped(data, start, stop, after) or (_is_field(data, start, stop) and _is_field(data, after, end))


@njit(cache=True, nogil=True)
def _has(data, word, size, at, stop):  # type: ignore[no-untyped-def]
    """Say whether a word stands in a text, whatever the case of its ASCII letters."""
    for i in range(at, stop - size + 1):
        same = 0
        while same < size and (data[i + same] | 0x20) == (data[word + same] | 0x20):
            same += 1
        if same == size:
            return True
    return False


@njit(cache=True, nogil=True)
def is_spoken_of(data, start, stop, at, end):  # type: ignore[no-untyped-def]
    """Say whether a text has two thirds of a line's words, and enough of them: then the line is its title.

    Words are runs of ASCII letters; two Han characters side by side are half of one. An address or a link is no title.
    """
    words = found = 0
    one = start
    while one < stop:
        if data[one] >= 0xE0:
            if one + 2 * _HAN_BYTES <= stop and data[one + _HAN_BYTES] >= 0xE0:
                words += 1
                found += _has(data, one, 2 * _HAN_BYTES, at, end)
            one += _HAN_BYTES
            continue
        size = 0
        while one + size < stop and _is_letter(data[one + size]):
            size += 1
        if size >= _WORD_BYTES_MIN:
            words += 2
            found += 2 * _has(data, one, size, at, end)
        one += max(size, 1)
        is_address = one + 1 < stop and data[one - 1] == _COLON and data[one] == data[one + 1] == _SLASH
        if is_address or (one < stop and data[one - 1] == _CLOSE and data[one] == _BRACE):
            return False
    return found >= _FOUND_MIN and 3 * found >= 2 * words
