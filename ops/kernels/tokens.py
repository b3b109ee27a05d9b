"""Tokens for dedup and counting: a word of a spaced script, or one character of an unspaced one.

The kind is chosen for each run of characters, not for each document, so a Chinese page with English words in it, or
the reverse, gives stable tokens. Case and width are folded; punctuation, symbols and spaces separate. "ＧＰＵ 时代!" is
gpu, 时, 代.
"""

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.compiled import inlined, kernel
from ops.kernels.eight import HIGH, eight_bytes, letters_and_digits, lowered, trailing_zeros
from ops.kernels.hashing import mix64, pack, stir, stirred, word_of
from ops.kernels.sixty_four import high_bits, word_bits
from ops.kernels.unicode_tables import FOLDED, SINGLE, TABLED, WORD
from ops.kernels.utf8 import code_point, flags_of

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_WORD_OR_SINGLE = np.uint8(WORD | SINGLE)
_JUST_WORD = np.uint8(WORD)
_SINGLE = np.uint8(SINGLE)
# Set in a character that takes three bytes of a token, so that it is never taken for three of a byte each.
_MARK = np.uint64(0x800000)
_MARKED_END = np.uint64(0x1000000)
_0 = np.uint64(0)
_1 = np.uint64(1)
_3 = np.uint64(3)
_7 = np.uint64(7)
_8 = np.uint64(8)
_24 = np.uint64(24)
_64 = np.uint64(64)
# Bytes that are looked at from a place on: 64 for their bits, and a token's last word may begin at the last of them.
_WIDE = 72


@inlined
def _hash_ascii(data, at, end, out, count):  # type: ignore[no-untyped-def]
    """Write the hashes of the tokens of the 64 bytes from `at` that begin and end there in ASCII.

    Returns where the rest begins, and the count. In bits a token is found three steps after the one before it, while
    that one's hash is still being made; going through the bytes by eights, each step waits for all of the one before.
    """
    bits = word_bits(data, at)
    until = min(np.int64(64), end - at, np.int64(trailing_zeros(high_bits(data, at))))
    while bits:
        beyond = bits + (bits & (~bits + _1))  # the lowest ones in a row carry, to where they end
        first = np.int64(trailing_zeros(bits))
        last = np.int64(trailing_zeros(beyond))
        if last >= until:
            until = min(until, first)
            break
        value = _0
        place = at + first
        size = last - first
        while size >= 8:
            value = stir(value, lowered(eight_bytes(data, place)))
            place += 8
            size -= 8
        word = lowered(eight_bytes(data, place)) & ((_1 << np.uint64(8 * size)) - _1)
        out[np.uint64(count)] = stirred(value, word, np.uint64(8 * (last - first)))
        count += 1
        bits &= beyond
    return at + until, count


@njit(cache=True, nogil=True)
def hash_tokens(data, start, end, out):  # type: ignore[no-untyped-def]
    """Write a 64-bit hash of each token; return how many. Stops when `out` is full; a token takes at least one byte.

    A token's folded characters are packed into words of 64 bits, ASCII in a byte and the others in three, and each full
    word is stirred in; the rest of it, and the length in bits, make the hash.
    """
    room = len(out)
    wide = min(end, len(data) - _WIDE)
    count = 0
    at = start
    value = word = filled = length = _0  # of the token that is being read: no length, no token
    while at < end:
        byte = data[np.uint64(at)]
        if byte < 0x80 and not length and at < wide and count + 32 <= room:
            rest, count = _hash_ascii(data, at, end, out, count)
            if rest > at:
                at = rest
                continue
        if byte < 0x80 and not filled and at + 8 <= end:
            low = lowered(eight_bytes(data, at))
            stops = ~letters_and_digits(low) & HIGH
            if not stops:
                value = stir(value, low)
                length += _64
                at += 8
                continue
            bits = trailing_zeros(stops) - _7
            word = low & ((_1 << bits) - _1)
            length += bits
            at += np.int64(bits >> _3)
            if data[np.uint64(at)] >= 0x80:
                filled = bits
                continue
            at += 1
            if length:
                if count == room:
                    return count
                out[count] = stirred(value, word, length)
                count += 1
                value = word = length = _0
            continue
        point, at = code_point(data, at)
        kind = flags_of(point) & _WORD_OR_SINGLE
        unit = np.uint64(FOLDED[point]) if point < TABLED else np.uint64(point)
        if kind == _JUST_WORD:
            width = _8
            if unit >= 0x80:
                unit |= _MARK
                width = _24
            length += width
            value, word, filled = pack(value, word, filled, unit, width)
            continue
        if length:
            if count == room:
                return count
            out[count] = stirred(value, word, length)
            count += 1
            value = word = filled = length = _0
        if kind:
            if count == room:
                return count
            out[count] = stirred(_0, unit | _MARK, _24)
            count += 1
    if length and count < room:
        out[count] = stirred(value, word, length)
        count += 1
    return count


@inlined
def is_single(token):  # type: ignore[no-untyped-def]
    """Say of a hash of `hash_tokens` whether it is of a character of a script without spaces.

    Of a word it is said once in 2^40 times.
    """
    word = word_of(token, _24)
    return word < _MARKED_END and flags_of(np.int64(word ^ _MARK)) & _SINGLE != 0


@kernel
def token_bounds(data, start, end, starts, stops):  # type: ignore[no-untyped-def]
    """Write from which byte to which each token of `hash_tokens` goes; return how many. There must be room for all."""
    count = 0
    inside = False
    at = start
    while at < end:
        point, following = code_point(data, at)
        kind = flags_of(point) & _WORD_OR_SINGLE
        if not kind or kind & _SINGLE or not inside:
            count += inside
            inside = False
        if kind:
            if not inside:
                starts[count] = at
            stops[count] = min(following, end)
            inside = kind == _JUST_WORD
            count += not inside
        at = following
    return count + inside


@njit(cache=True, nogil=True)
def longest(offsets):  # type: ignore[no-untyped-def]
    """Return the bytes of the longest string."""
    most = 0
    for row in range(len(offsets) - 1):
        most = max(most, offsets[row + 1] - offsets[row])
    return most


@njit(cache=True, nogil=True)
def _count_all(data, offsets, out):  # type: ignore[no-untyped-def]
    scratch = np.empty(longest(offsets), np.uint64)
    for row in range(len(offsets) - 1):
        out[row] = hash_tokens(data, offsets[row], offsets[row + 1], scratch)


@kernel
def digest_run(tokens, first, end):  # type: ignore[no-untyped-def]
    """Return a 128-bit digest of the tokens from `first` to before `end`, as two words."""
    one = two = np.uint64(end - first)
    for at in range(first, end):
        one = mix64(one ^ tokens[at])
        two = mix64((two + tokens[at]) * _PRIME)
    return one, two


@njit(cache=True, nogil=True)
def _digest_all(data, offsets, out):  # type: ignore[no-untyped-def]
    scratch = np.empty(longest(offsets), np.uint64)
    for row in range(len(offsets) - 1):
        count = hash_tokens(data, offsets[row], offsets[row + 1], scratch)
        out[row, 0], out[row, 1] = digest_run(scratch, 0, count)


def count_tokens(strings: pa.ChunkedArray | pa.Array) -> NDArray[np.int64]:
    """Number of tokens of each string.

    >>> count_tokens(pa.array(["Hello, world", "今天GPU很好。", "", "—"])).tolist()
    [2, 5, 0, 0]
    """
    data, offsets = buffers_of(strings)
    out = np.empty(len(offsets) - 1, np.int64)
    _count_all(data, offsets, out)
    return out


def token_digests(strings: pa.ChunkedArray | pa.Array) -> NDArray[np.uint64]:
    """Return a 128-bit digest of each string's tokens in order, as n x 2 words.

    Equal for texts that differ in case, width, spaces and punctuation only.

    >>> a, b, c = token_digests(pa.array(["Hello,  World!", "ｈello world", "world hello"]))
    >>> bool((a == b).all()), bool((a == c).all())
    (True, False)
    """
    data, offsets = buffers_of(strings)
    out = np.empty((len(offsets) - 1, 2), np.uint64)
    _digest_all(data, offsets, out)
    return out
