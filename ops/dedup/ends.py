"""Repeated ends: cut the sentences with which paragraphs of many documents of one source begin or end.

Sketch: a hash for the first and the last sentence of each line that has several, with the document's source, once. The
runner counts the documents of each over the whole corpus; an edit in the next pass cuts the frequent ones where they
begin or end a line, and nowhere else.
"""

from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from ops.contract import Op
from ops.cuts import cut_out
from ops.kernels.buffers import buffers_of, one_chunk
from ops.kernels.cuts import cuts_of_pieces
from ops.kernels.hashing import digests, mix64_all
from ops.kernels.lines import LINE, Pieces, distinct_spans, split


class RepeatedEnds(Op):
    """Cut watermarks that a source puts after or before paragraphs, in many of its documents.

    Many are more than `documents_max`, or a share above `share_max` if that is `share_documents_min` at least.
    What stands between sentences, or on a line of its own, stays: that is for `repeated_lines`. Sentences are equal
    whatever their case, width and spaces. A watermark that a page repeats is found in it alone, by `watermarks`.
    """

    op: Literal["repeated_ends"] = "repeated_ends"
    version: ClassVar[int] = 2
    reads: ClassVar[tuple[str, ...]] = ("text", "source")
    sketched_by: ClassVar[tuple[str, ...]] = ("end_chars_min",)
    keyed_by: ClassVar[tuple[str, ...]] = ("end", "row")
    # 100, as for lines: a saying with which 100 authors of one source end a paragraph is still rare.
    documents_max: int = Field(100, ge=1, description="an end in more documents of its source than this is repeated")
    # 5 % and 10: small sources have watermarks, too; what nine pages end a paragraph with may be a refrain.
    share_max: float = Field(0.05, ge=0, le=1, description="or in a greater share of them; 1: no share is enough")
    share_documents_min: int = Field(10, ge=2, description="documents that make a share")
    # 12: 【某某网】 has 9, "He said so." too; 【某某国际网】 is counted.
    end_chars_min: int = Field(
        12, ge=1, description="letters and digits of it; one of a script without spaces counts as three"
    )

    def sketch(self, batch: pa.Table) -> pa.Table:
        """Return `row` and `end` for the first and last sentences of each document, once a document."""
        pieces, keys, lines = _sentences(self, batch)
        counted = _reaching(np.ones(len(keys), np.bool_), lines, 1)
        rows, ends = distinct_spans(pieces._replace(hashes=np.where(counted, keys, 0)), 1, self.end_chars_min)
        return pa.table({"row": pa.array(rows), "end": pa.array(ends)})

    def keys(self, sketches: pa.Table) -> NDArray[np.uint64]:
        """Return the hashes of the ends."""
        return np.asarray(sketches["end"], np.uint64)

    def repeated(self, documents: NDArray[np.int64], of: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say which ends are repeated, by the number of documents that have them, of so many of their source."""
        is_many = np.asarray(documents) > self.documents_max
        return is_many | ((documents > self.share_max * of) & (documents >= self.share_documents_min))

    def apply(self, batch: pa.Table, found: pa.Table) -> pa.Table:
        """Cut the ends whose `key` was found to be repeated, and put them on record."""
        pieces, keys, lines = _sentences(self, batch)
        _, offsets = buffers_of(one_chunk(batch["text"]))
        hit = _reaching(np.isin(keys, np.asarray(found["key"], np.uint64)), lines)
        cuts = cuts_of_pieces(pieces.first, pieces.at, hit, offsets)
        rows = np.repeat(np.arange(batch.num_rows), np.diff(pieces.first))[hit]
        return cut_out(batch, rows, cuts[hit], pa.repeat(pa.scalar("repeated_end"), len(rows)))


def _sentences(op: RepeatedEnds, batch: pa.Table) -> tuple[Pieces, NDArray[np.uint64], NDArray[np.int64]]:
    """Return the sentences, a hash of each with its source, 0 if it is too short, and the number of its line."""
    pieces = split(batch["text"], op.end_chars_min, sentences=True)
    rows = np.repeat(np.arange(batch.num_rows), np.diff(pieces.first))
    keys = np.maximum(mix64_all(pieces.hashes ^ digests(batch["source"])[rows, 0]), np.uint64(1))
    lines = np.cumsum(np.diff(pieces.at[:, LINE], prepend=-1) != 0) - 1
    return pieces, np.where(pieces.letters >= op.end_chars_min, keys, np.uint64(0)), lines


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
