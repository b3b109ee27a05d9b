"""All counts behind the page filters: characters, lines, code, keywords and templates, of texts and their titles."""

import math
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.kernels.buffers import buffers_of
from ops.kernels.compiled import kernel
from ops.kernels.ngrams import room_for
from ops.kernels.page_columns import (
    ALPHANUMERICS,
    BRACKETS,
    CHARS,
    COLUMNS,
    DAMAGED_CHARS,
    DISTINCT,
    FOUND_TOPICS,
    KNOWN_TOPICS,
    TOKENS,
    TOP_TEN,
    TOP_TOKEN,
    WORDS,
)
from ops.kernels.page_lines import TEMPLATE_CHARS_MIN
from ops.kernels.page_tables import ALPHANUMERIC, BRACKET, CLASSES, DAMAGED, KIND
from ops.kernels.page_tally import COUNT, class_of, count_of
from ops.kernels.page_walk import walk
from ops.kernels.tokens import longest
from ops.kernels.unicode_tables import FOLDED

_OF_A_KIND_MIN = 50  # tokens of a kind from which a text is expected to name its topic
_TOP = 10
_1 = np.uint64(1)


@kernel
def _put(top, times):  # type: ignore[no-untyped-def]
    """Put a number in its place among the largest."""
    for place in range(_TOP):
        if times > top[place]:
            times, top[place] = top[place], times


@kernel
def _sum_up(classes, tally, seen, points, topics, order, distinct, top, out):  # type: ignore[no-untyped-def]
    """Count characters by kind, clear their tally, and find the most frequent tokens; return the entropy in nats."""
    logs = 0.0
    for n in range(0x80 + points):
        point = n if n < 0x80 else np.int64(seen[n - 0x80])
        times = np.int64(tally[point])
        if not times:
            continue
        tally[point] = 0
        flags = class_of(point, classes)
        logs += times * math.log(times)
        out[CHARS] += times
        out[flags & KIND] += times
        out[DISTINCT] += 1
        out[DAMAGED_CHARS] += times * (flags & DAMAGED != 0)
        out[ALPHANUMERICS] += times * (flags & ALPHANUMERIC != 0)
        out[BRACKETS] += times * (flags & BRACKET != 0)
    for n in range(distinct):
        times = np.int64(topics[order[n], 1] & COUNT)
        if times > top[-1]:
            _put(top, times)
    out[TOP_TOKEN] = top[0]
    out[TOP_TEN] = top.sum()
    top[:] = 0
    return math.log(out[CHARS]) - logs / out[CHARS] if out[CHARS] else 0.0


@kernel
def _find_topics(titles, title_order, distinct, topics, bits, stamp, text, out):  # type: ignore[no-untyped-def]
    """Count the topic tokens of a title that are of a kind which the text has, and those that are in the text."""
    words = text[WORDS] >= _OF_A_KIND_MIN
    pairs = text[TOKENS] - text[WORDS] >= _OF_A_KIND_MIN
    for n in range(distinct):
        key = titles[title_order[n], 0]
        if words if key & _1 else pairs:
            out[KNOWN_TOPICS] += 1
            out[FOUND_TOPICS] += count_of(topics, bits, stamp, key) > 0


@kernel
def _measure_all(data, offsets, titles, title_offsets, classes, folded, room, out, entropy, of_titles, known):  # type: ignore[no-untyped-def]
    tally, seen, order, lines_table, lines_order, line_keys, topics, title_topics, title_order, top = room
    for row in range(len(offsets) - 1):
        start, end = np.int64(offsets[row]), np.int64(offsets[row + 1])
        bits = room_for((end - start) // 3 + 1)[1]
        stamp = np.uint64(2 * row + 1)
        text = out[row]
        walked = (tally, seen, order, lines_table, lines_order, line_keys)
        points, distinct = walk(data, start, end, classes, folded, walked, topics, bits, stamp, text)
        entropy[row] = _sum_up(classes, tally, seen, points, topics, order, distinct, top, text)
        if len(title_offsets) < 2:
            continue
        start, end = np.int64(title_offsets[row]), np.int64(title_offsets[row + 1])
        title_bits = room_for((end - start) // 3 + 1)[1]
        title = of_titles[row]
        walked = (tally, seen, title_order, lines_table, lines_order, line_keys)
        behind = stamp + _1
        points, distinct = walk(titles, start, end, classes, folded, walked, title_topics, title_bits, behind, title)
        _sum_up(classes, tally, seen, points, title_topics, title_order, distinct, top, title)
        _find_topics(title_topics, title_order, distinct, topics, bits, stamp, text, known[row])


def _room_for(size: int, title_size: int) -> tuple[NDArray[Any], ...]:
    """Return room to work on texts and titles of so many bytes. What is not written to takes no memory."""
    most = max(size, title_size)
    lines = 2 * (most // TEMPLATE_CHARS_MIN) + 2
    return (
        np.zeros(1 << 21, np.int32),
        np.empty(most + 1, np.int32),
        np.empty(size // 3 + 2, np.int64),
        np.zeros((room_for(lines)[0], 2), np.uint64),
        np.empty(lines, np.int64),
        np.empty(lines, np.uint64),
        np.zeros((room_for(size // 3 + 1)[0], 2), np.uint64),
        np.zeros((room_for(title_size // 3 + 1)[0], 2), np.uint64),
        np.empty(title_size // 3 + 2, np.int64),
        np.zeros(_TOP, np.int64),
    )


class PageCounts(NamedTuple):
    """Counts of each text, and of its title: zero where there are no titles."""

    text: NDArray[np.int64]  # n x COLUMNS
    entropy: NDArray[np.float64]  # of the text's characters, in nats
    title: NDArray[np.int64]  # n x COLUMNS
    known: NDArray[np.int64]  # n x 2: KNOWN_TOPICS, FOUND_TOPICS


def count_page(texts: pa.ChunkedArray | pa.Array, titles: pa.ChunkedArray | pa.Array | None = None) -> PageCounts:
    r"""Return the counts named above for each text, and for its title where there are titles.

    >>> found = count_page(pa.array(["新图书馆开放了。\nif (x) { open(); }"]), pa.array(["图书馆"]))
    >>> found.text[0, [CHARS, WORDS, TOKENS]].tolist(), found.title[0, [CHARS, WORDS, TOKENS]].tolist()
    ([27, 3, 9], [3, 0, 2])
    """
    data, offsets = buffers_of(texts)
    title_data, title_offsets = buffers_of(pa.array([], pa.string()) if titles is None else titles)
    count = len(offsets) - 1
    found = PageCounts(
        np.zeros((count, COLUMNS), np.int64),
        np.zeros(count),
        np.zeros((count, COLUMNS), np.int64),
        np.zeros((count, 2), np.int64),
    )
    room = _room_for(longest(offsets), longest(title_offsets))
    _measure_all(data, offsets, title_data, title_offsets, CLASSES, FOLDED, room, *found)
    return found
