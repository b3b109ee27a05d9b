"""The sentences that lines of several begin and end with: a watermark that a page has once is one of these."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.kernels.buffers import Bytes, buffers_of
from ops.kernels.cuts import cuts_of_pieces
from ops.kernels.hashing import mix64_all
from ops.kernels.lines import END, LINE, NEXT, STOP, Pieces, distinct_spans, split
from ops.rounds import Cuts

# A line that ends in another character of ASCII goes on in the next one: "For more information, see".
_ENDS_LINE = np.isin(np.arange(256), [*b".!?:;\"')]}>*_`~|", *range(0x80, 0x100)])


class Sentences(NamedTuple):
    """The sentences of some texts."""

    pieces: Pieces
    keys: NDArray[np.uint64]  # of a sentence and its source, even; 0 where it is too short, or of two lines
    lines: NDArray[np.int64]  # number of the line of each
    last: NDArray[np.uint64]  # of the last line of each text and its source, even; 0 where it is one sentence


def sentences_of(text: pa.Array, sources: NDArray[np.uint64], letters_min: int) -> Sentences:
    """Return the sentences of texts, whose sources have these hashes."""
    pieces = split(text, letters_min, sentences=True)
    rows = np.repeat(np.arange(len(text)), np.diff(pieces.first))
    keys = _keys(pieces.hashes, sources[rows])
    lines = np.cumsum(np.diff(pieces.at[:, LINE], prepend=-1) != 0) - 1
    is_whole = pieces.letters >= letters_min
    goes_on = _goes_on(buffers_of(text)[0], pieces.at[:-1], pieces.at[1:]) & (np.diff(rows) == 0)
    is_whole[:-1] &= ~goes_on
    is_whole[1:] &= ~goes_on
    last = _last_lines(pieces, lines, sources)
    return Sentences(pieces, np.where(is_whole, keys, np.uint64(0)), lines, last)


def _last_lines(pieces: Pieces, lines: NDArray[np.int64], sources: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return a key of each text's last line, if it has several sentences; else 0."""
    made = np.zeros(len(sources), np.uint64)
    if len(lines):
        sizes = np.bincount(lines)
        first = np.cumsum(sizes) - sizes
        within = np.arange(len(lines), dtype=np.uint64) - first[lines].astype(np.uint64)
        hashes = np.add.reduceat(mix64_all(pieces.hashes + within), first)
        rows = np.flatnonzero(np.diff(pieces.first))
        line = lines[pieces.first[rows + 1] - 1]
        made[rows] = np.where(sizes[line] > 1, _keys(hashes[line], sources[rows]), np.uint64(0))
    return made


def _keys(hashes: NDArray[np.uint64], sources: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return np.asarray(np.maximum(mix64_all(hashes ^ sources) & ~np.uint64(1), np.uint64(2)), np.uint64)


def _goes_on(data: Bytes, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say of the lines of sentences whether they go on in the next line, if that is where the other sentences are."""
    is_next = (one[:, NEXT] == other[:, LINE]) & (one[:, END] < one[:, NEXT])
    return np.asarray(is_next & ~_ENDS_LINE[data[one[:, STOP] - 1]])


def outer_sentences(found: Sentences, letters_min: int) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Return row and key of the first and the last sentences of lines that have several, each once a text.

    And of the last line of the text, if it has several.
    """
    counted = _reaching(np.ones(len(found.keys), np.bool_), found.lines, 1)
    rows, keys = distinct_spans(found.pieces._replace(hashes=np.where(counted, found.keys, 0)), 1, letters_min)
    last = np.flatnonzero(found.last)
    return np.concatenate([rows, last]), np.concatenate([keys, found.last[last]])


def cuts_of_outer(text: pa.Array, found: Sentences, known: NDArray[np.uint64]) -> dict[int, Cuts]:
    """Return from where to where those go that are known and begin or end a line, or stand next to one that does.

    A line of which all are known, or a last line that is known as a whole, is no paragraph with a watermark, but
    furniture of several sentences, and stays.
    """
    _, offsets = buffers_of(text)
    is_known = np.isin(found.keys, known)
    has_others = np.bincount(found.lines, ~is_known) > 0
    rows = np.repeat(np.arange(len(text)), np.diff(found.pieces.first))
    ends = np.flatnonzero(np.diff(found.pieces.first) > 0)
    has_others[found.lines[found.pieces.first[ends + 1] - 1]] &= ~np.isin(found.last[ends], known)
    hit = _reaching(is_known, found.lines) & has_others[found.lines]
    cuts = cuts_of_pieces(found.pieces.first, found.pieces.at, hit, offsets)[hit]
    rows = rows[hit]
    made: dict[int, Cuts] = {}
    for row, (begin, end) in zip(rows.tolist(), (cuts - offsets[rows][:, None]).tolist(), strict=True):
        made.setdefault(row, []).append((begin, end))
    return made


def _reaching(wanted: NDArray[np.bool_], lines: NDArray[np.int64], most: int | None = None) -> NDArray[np.bool_]:
    """Mark the wanted sentences that a line of several begins or ends with, at most so many of them on each side.

    >>> _reaching(np.array([True, True, False, True, False, True, True]), np.array([0, 0, 0, 0, 1, 1, 2])).tolist()
    [True, True, False, True, False, True, False]
    """
    sizes = np.bincount(lines)
    first = (np.cumsum(sizes) - sizes)[lines]
    last = first + sizes[lines] - 1
    at = np.arange(len(lines))
    others = np.concatenate([[0], np.cumsum(~wanted)])
    reach = len(lines) if most is None else most
    begins = (others[at + 1] == others[first]) & (at < first + reach)
    ends = (others[last + 1] == others[at]) & (at > last - reach)
    return np.asarray((begins | ends) & (first < last))
