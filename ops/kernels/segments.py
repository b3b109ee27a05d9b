"""Words of Chinese, by jieba's dictionary: the bytes of each word in the runs of Han characters of many texts."""

import itertools
from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ops.kernels.buffers import Bytes, Offsets
from ops.kernels.eight import HIGH, eight_bytes
from ops.kernels.unicode_tables import HAN
from ops.kernels.utf8 import code_point, flags_of

_HAN = np.uint8(HAN)
# Text is segmented in parts of so many bytes: a list of all words of a batch would take fifty times their bytes.
_PART_BYTES = 1 << 20
_NEWLINE = np.uint8(0x0A)


@njit(cache=True, nogil=True)
def _copy_runs(data, offsets, out):  # type: ignore[no-untyped-def]
    """Copy the runs of Han characters, a newline after each; return the bytes written."""
    size = 0
    for row in range(len(offsets) - 1):
        at, end = offsets[row], offsets[row + 1]
        inside = False
        while at < end:
            if data[np.uint64(at)] < 0xE2:  # no Han character begins with a lower byte
                if inside:
                    out[size] = _NEWLINE
                    size += 1
                    inside = False
                at += 1
                while at + 8 <= end and not eight_bytes(data, at) & HIGH:
                    at += 8
                continue
            point, after = code_point(data, at)
            if flags_of(point) & _HAN:
                while at < after:
                    out[size] = data[at]
                    size += 1
                    at += 1
                inside = True
            elif inside:
                out[size] = _NEWLINE
                size += 1
                inside = False
            at = after
        if inside:
            out[size] = _NEWLINE
            size += 1
    return size


def han_words(data: Bytes, offsets: Offsets) -> NDArray[np.int64]:
    """Return how many bytes each word has, of all runs of Han characters in order.

    >>> text = "在北京大学GPU学习".encode()
    >>> han_words(np.frombuffer(text, np.uint8), np.array([0, len(text)], np.int32)).tolist()
    [3, 12, 6]
    """
    room = np.empty(offsets[-1] - offsets[0] + len(offsets), np.uint8)
    runs = room[: _copy_runs(data, offsets, room)]
    ends = np.flatnonzero(runs == _NEWLINE) + 1
    if not len(ends):
        return np.empty(0, np.int64)
    # Parts end where runs do: a run is segmented as a whole.
    cuts = ends[np.searchsorted(ends, np.arange(_PART_BYTES, len(runs), _PART_BYTES))]
    bounds = np.unique([0, *cuts, len(runs)]).tolist()
    parts = [_segmented(runs[begin:end].tobytes().decode()) for begin, end in itertools.pairwise(bounds)]
    return np.concatenate(parts)


def _segmented(text: str) -> NDArray[np.int64]:
    import rjieba  # noqa: PLC0415 - 30 MB of dictionary, for those who cut Chinese alone

    # Joined, and found again in the bytes: half the time of an Arrow array of the strings.
    words = np.frombuffer("\0".join([*rjieba.cut(text), ""]).encode(), np.uint8)
    sizes = np.diff(np.flatnonzero(words == 0), prepend=-1) - 1
    return np.asarray(sizes[sizes > 1], np.int64)  # a newline has one byte, a Han character three or four


def word_around(text: str, at: int) -> str:
    """Return the word that reaches over a place in a text of Han characters, nothing where one ends there.

    What the dictionary does not have may be a word, too, by how its characters stand in words.

    >>> word_around("首席执行官", 4), word_around("用写", 1), word_around("为者打造", 1)
    ('执行官', '', '为者')
    """
    import rjieba  # noqa: PLC0415 - see above

    return _over(rjieba.cut(text), at)


def dictionary_word_around(text: str, at: int) -> str:
    """Return the word of the dictionary that reaches over a place, in simplified characters; see `word_around`.

    >>> dictionary_word_around("執行官", 1), dictionary_word_around("为者打造", 1)
    ('执行官', '')
    """
    import rjieba  # noqa: PLC0415 - see above

    return _over(rjieba.cut(text.translate(_simplified()), False), at)  # noqa: FBT003 - it has no name


def _over(words: list[str], at: int) -> str:
    end = 0
    for word in words:
        start, end = end, end + len(word)
        if end >= at:
            return word if start < at < end else ""
    return ""


@cache
def _simplified() -> dict[int, str]:
    """Return what traditional characters are in simplified text."""
    from opencc import OpenCC  # noqa: PLC0415 - for those who need it

    points = range(0x3400, 0xA000)
    made = OpenCC("t2s").convert("\n".join(map(chr, points))).split("\n")
    return {point: to for point, to in zip(points, made, strict=True) if to != chr(point)}
