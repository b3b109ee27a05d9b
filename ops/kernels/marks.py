"""Which strings that a page repeats may be a watermark: a gate before Python looks at the paragraphs that have them.

What is refused here no rule of `ops.edits.watermarks` would accept: a watermark stands in several lines, and names a
domain, is framed by a bracket or a dash, or is long and in more lines.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ops.kernels.buffers import Bytes, Offsets
from ops.kernels.compiled import inlined, kernel
from ops.kernels.eight import eight_bytes, trailing_zeros
from ops.kernels.masks import SIZE, between, equal, first_of, padded, up_to
from ops.kernels.word_insides import TOP_LEVEL

MARK_BYTES = 400  # of a watermark, at most
_COMPARED = 32  # places of a group whose pairs are compared; one with more is looked at
_3 = np.uint64(3)
_COLON, _SLASH, _DOT, _W, _HYPHEN, _TILDE, _AT, _BAR, _EXCLAIMS, _ASKS = (*b":/.w-~@|!?",)


BLOCK_BYTES = 2000  # of lines without a blank one between, which are one paragraph
# The first bytes of what frames begin with, or of spaces that `str.strip` takes; the last ones of what they end with.
_ODD_FIRST = np.isin(np.arange(256), [*b"([{<~@|-", *range(0x1C, 0x20), 0xC2, 0xE1, 0xE2, 0xE3, 0xEF])
_OTHER = np.zeros(256, np.uint8)
_OTHER[[*b"([{<)]}>"]] = [*b")]}>([{<"]
_LETTER = np.isin(np.arange(256), [*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B), *range(0x80, 0x100)])
# What a watermark ends in that text follows: closers, colons and line ends, and marks and letters of other scripts.
_STOPS = np.isin(np.arange(256), [*b":)]}>\r\n", *range(0x80, 0x100)])
_IN_HOST = np.isin(np.arange(256), [*range(0x30, 0x3A), *range(0x41, 0x5B), *range(0x61, 0x7B), *b"-"])
_END_MARKS = np.isin(np.arange(256), [*b".!?"])
_ODD_LAST = np.isin(np.arange(256), [*b")]}>", *range(0x1C, 0x20)])


class MarkLimits(NamedTuple):
    """What a watermark has at least, as the kernel reads it."""

    framed_letters: int  # of what a bracket or a dash sets apart
    plain_letters: int
    plain_lines: int
    prose_share: float  # of the paragraphs that have it


@inlined
def _first_of_frame(data, at, end):  # type: ignore[no-untyped-def]
    """Return the first byte of what may be a frame or a space that a sentence begins with; 0 for letters and quotes."""
    byte = data[at]
    if at + 2 >= end or not _ODD_FIRST[byte]:
        return np.uint8(0)
    is_list = byte == _HYPHEN and data[at + 1] != _HYPHEN
    is_quote = byte == 0xE2 and data[at + 1] == 0x80 and 0x98 <= data[at + 2] <= 0x9F
    return np.uint8(0) if is_list or is_quote else byte


@inlined
def _last_of_frame(data, start, at):  # type: ignore[no-untyped-def]
    """Return the last byte of what may be a bracket, before full stops, or a space that a line ends with; else 0."""
    while at - start > 3:
        if data[at - 1] == _DOT:
            at -= 1
        elif data[at - 3] == 0xE3 and data[at - 2] == 0x80 and data[at - 1] == 0x82:
            at -= 3
        else:
            break
    byte = data[at - 1]
    if byte < 0x80:
        return byte if _ODD_LAST[byte] else np.uint8(0)
    # Of what begins with E2, quotes and dots are no frame, and others may be spaces.
    is_quote = data[at - 3] == 0xE2 and data[at - 2] == 0x80 and 0x90 <= data[at - 1] <= 0xA6
    is_odd = data[at - 2] == 0xC2 or data[at - 3] in (0xE1, 0xE2, 0xE3, 0xEF)
    return byte if is_odd and not is_quote else np.uint8(0)


@inlined
def _is_framed(data, at, stop, odd):  # type: ignore[no-untyped-def]
    """Whether the other bracket is there too, if it is of ASCII."""
    other = _OTHER[odd]
    for i in range(at, stop):
        if data[i] == other:
            return True
    return not other


@inlined
def _alike(data, one, other, most):  # type: ignore[no-untyped-def]
    """Return how many bytes from two places on are equal."""
    size = 0
    while size + 8 <= most:
        differs = eight_bytes(data, one + size) ^ eight_bytes(data, other + size)
        if differs:
            return size + np.int64(trailing_zeros(differs) >> _3)
        size += 8
    while size < most and data[one + size] == data[other + size]:
        size += 1
    return size


@inlined
def _alike_before(data, one, other, most):  # type: ignore[no-untyped-def]
    """Return how many bytes before two places are equal."""
    size = 0
    while size < most and data[one - size - 1] == data[other - size - 1]:
        size += 1
    return size


@inlined
def _letters_of(data, at, stop):  # type: ignore[no-untyped-def]
    """Count letters and digits as `letters_of` of the rules does, or more: any byte that is not ASCII as one."""
    letters = 0
    for i in range(at, stop):
        letters += _LETTER[data[i]]
    return letters


@inlined
def _has_domain(data, at, stop):  # type: ignore[no-untyped-def]
    """Whether bytes may have a domain: `www.`, `://`, or a full stop before a top level, and two characters before."""
    for i in range(at, stop):
        byte = data[i]
        if byte == _DOT and i > at:
            is_after_name = i - at > 1 and _IN_HOST[data[i - 1]] and _IN_HOST[data[i - 2]]
            top_level = np.int64(data[i + 1]) << 8 | np.int64(data[i + 2]) if i + 2 < stop else 0
            if data[i - 1] == _W or (is_after_name and TOP_LEVEL[top_level]):
                return True
        elif byte == _COLON and i + 1 < stop and data[i + 1] == _SLASH:
            return True
    return False


@inlined
def _may_stop(data, at, stop, other_stop, end):  # type: ignore[no-untyped-def]
    """Whether what two sentences begin with may end a watermark, or goes on to the end of a line."""
    if stop - at >= MARK_BYTES or other_stop == end or data[stop] in (0x0A, 0x0D) or data[other_stop] in (0x0A, 0x0D):
        return True
    for i in range(at, stop):
        byte, after = data[i], data[i + 1]
        # A full stop within a name is of a host: of one with a small letter after it, or of www.
        within_host = byte == _DOT and (0x61 <= after <= 0x7A or (i > at and data[i - 1] == _W))
        if _STOPS[byte] or (_END_MARKS[byte] and (after <= 0x20 or within_host)):
            return True
    return False


@inlined
def _has_dash(data, at, stop):  # type: ignore[no-untyped-def]
    """Whether bytes have what a credit begins with: -- ~ @ |, or that begins as – — ※ ★ ｜ © do."""
    for i in range(at, stop - 1):
        byte, after = data[i], data[i + 1]
        if byte in (_TILDE, _AT, _BAR) or (byte == _HYPHEN and after == _HYPHEN) or (byte == 0xC2 and after == 0xA9):
            return True
        if byte == 0xE2 and i + 2 < stop and (after == 0x98 or (after == 0x80 and data[i + 2] in (0x93, 0x94, 0xBB))):
            return True
        if byte == 0xEF and after == 0xBD:
            return True
    return False


@inlined
def _lines_of(data, places, count, is_end, enough):  # type: ignore[no-untyped-def]
    """Return how many different lines have these places, which are in order; no more than are enough."""
    lines = 1
    for one in range(count - 1):
        at, stop = places[one] - is_end, places[one + 1] - is_end
        while at < stop:
            if up_to(equal(data, at, 0x0A) | equal(data, at, 0x0D), at, stop):
                lines += 1
                break
            at += SIZE
        if lines >= enough:
            break
    return lines


@inlined
def _may_be_prose(data, at, stop):  # type: ignore[no-untyped-def]
    """Whether a paragraph may end a sentence, without the watermark or with it, or has marks of Chinese."""
    if data[stop - 1] in (_DOT, _EXCLAIMS, _ASKS):
        return True
    while at < stop:
        marks = equal(data, at, _DOT) | equal(data, at, _EXCLAIMS) | equal(data, at, _ASKS)
        # Within names, numbers and code a letter or a digit follows; www. and http may follow a sentence.
        within = between(data, at + 1, 0x61, 0x7A) | between(data, at + 1, 0x30, 0x39) | equal(data, at + 1, 0x5F)
        within &= ~(equal(data, at + 1, 0x77) | equal(data, at + 1, 0x68))
        wide = (equal(data, at, 0xE3) | equal(data, at, 0xE2)) & equal(data, at + 1, 0x80)
        wide &= equal(data, at + 2, 0x82) | equal(data, at + 2, 0xA6)
        wide |= equal(data, at, 0xEF) & between(data, at + 1, 0xBC, 0xBD)
        if up_to((marks & ~within) | wide, at, stop):
            return True
        at += SIZE
    return False


@inlined
def _next_end(data, at, end):  # type: ignore[no-untyped-def]
    while at < end:
        found = up_to(equal(data, at, 0x0A) | equal(data, at, 0x0D), at, end)
        if found:
            return at + first_of(found)
        at += SIZE
    return end


@kernel
def _prose_of(data, start, end, places, is_end, enough):  # type: ignore[no-untyped-def]
    """Return how many of the paragraphs around these places may be prose; no more than are enough."""
    prose = 0
    for one in range(len(places)):
        at = stop = places[one]
        while at > start and data[at - 1] != 0x0A and data[at - 1] != 0x0D:
            at -= 1
        if not is_end:
            stop = line = _next_end(data, stop, end)
            while line + 1 < min(end, stop + BLOCK_BYTES):
                if data[line] == 0x0A and data[line + 1] == 0x0A:
                    stop = line
                    break
                line = _next_end(data, line + 1, end)
        prose += _may_be_prose(data, at, stop)
        if prose >= enough:
            break
    return prose


@kernel
def _may_be_mark(data, start, end, places, is_end, least, limits):  # type: ignore[no-untyped-def]
    """Whether what sentences begin with, or lines end with, at these places may be a watermark."""
    count = len(places)
    lines = _lines_of(data, places, count, np.int64(is_end), max(least, limits.plain_lines))
    prose_min = limits.prose_share * least
    if lines < least or (prose_min and _prose_of(data, start, end, places, is_end, prose_min) < prose_min):
        return False
    if count > _COMPARED:
        return True
    for one in range(count):
        domains = framed = plain = 1  # places that have what this one has, with it
        for other in range(count):
            at = stop = places[one]
            if other == one:
                continue
            if is_end:
                at -= _alike_before(data, stop, places[other], min(MARK_BYTES, min(stop, places[other]) - start))
                odd = _last_of_frame(data, start, stop)
            else:
                stop += _alike(data, at, places[other], min(MARK_BYTES, end - max(at, places[other])))
                if not _may_stop(data, at, stop, places[other] + stop - at, end):
                    continue
                odd = _first_of_frame(data, at, end)
            letters = _letters_of(data, at, stop)
            is_framed = (odd and _is_framed(data, at, stop, odd)) or (is_end and _has_dash(data, at, stop))
            domains += _has_domain(data, at, stop)
            framed += letters >= limits.framed_letters and is_framed
            plain += letters >= limits.plain_letters
        if domains >= least or framed >= least or (plain >= limits.plain_lines and lines >= limits.plain_lines):
            return True
    return False


@kernel
def _look(data, offsets, rows, at, first, is_end, least, limits, out):  # type: ignore[no-untyped-def]
    for group in range(len(rows)):
        start, end = np.int64(offsets[rows[group]]), np.int64(offsets[rows[group] + 1])
        places = at[first[group] : first[group + 1]]
        out[group] = _may_be_mark(data, start, end, places, is_end[group], least[group], limits)


def may_be_marks(
    data: Bytes,
    offsets: Offsets,
    rows: NDArray[np.int64],
    at: NDArray[np.int64],
    first: NDArray[np.int64],
    is_end: NDArray[np.bool_],
    least: NDArray[np.float64],
    limits: MarkLimits,
) -> NDArray[np.bool_]:
    r"""Say which groups of places may have a watermark after them or, where `is_end` says so, before them.

    The places of group `n`, of the text `rows[n]`, are `at[first[n]:first[n + 1]]`, in order; so many lines at `least`
    must have it.

    >>> data = np.frombuffer(b"(aa.cn) Yes\n(aa.cn) No.", np.uint8)
    >>> first, one_row, least = np.array([0, 2]), np.array([0]), np.array([2.0])
    >>> limits = MarkLimits(framed_letters=3, plain_letters=24, plain_lines=5, prose_share=0.25)
    >>> offsets, is_end = np.array([0, 23], np.int32), np.array([False])
    >>> for at in ([0, 12], [1, 13], [0, 8]):
    ...     may_be_marks(data, offsets, one_row, np.array(at), first, is_end, least, limits).tolist()
    [True]
    [True]
    [False]
    """
    out = np.empty(len(rows), np.bool_)
    _look(padded(data), offsets, rows, at, first, is_end, least, limits, out)
    return out
