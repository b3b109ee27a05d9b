"""Repeated lines: cut what stands in many documents of the corpus: menus, notices, watermarks on a line of their own.

Sketch: a hash for each line of each document, once. The runner counts the documents of each hash over the whole corpus;
an edit in the next pass works on the frequent ones. Their text is removed wherever it stands, the first place too: a
menu is no better in the first document that has it.
"""

from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from ops.columns import with_column
from ops.contract import Op
from ops.cuts import cut_out
from ops.kernels.buffers import buffers_of, one_chunk
from ops.kernels.cuts import cuts_of
from ops.kernels.lines import Pieces, distinct_spans, split

SHARE = pa.field("repeated_line_share", pa.float64())


class RepeatedLines(Op):
    """Cut lines, or spans of sentences, that more than `documents_max` documents of the corpus have.

    Lines are equal whatever their case, width and spaces; digits and punctuation count. `exact_dedup` and `near_dedup`
    belong before this step: to it, the lines of a page with 101 copies are repeated. Not for code, where `import numpy
    as np` is no furniture. A line goes with its line end, and nothing else changes: blank lines around it stay.

    Adds `repeated_line_share`: repeated bytes, with the line ends that go with them, by all bytes of the text; 0 for an
    empty one. Where it is above `removed_share_max` the text was left whole, for a later step to judge.
    """

    op: Literal["repeated_lines"] = "repeated_lines"
    sketched_by: ClassVar[tuple[str, ...]] = ("span", "span_sentences", "line_chars_min")
    keyed_by: ClassVar[tuple[str, ...]] = ("line", "row")
    adds: ClassVar[tuple[pa.Field, ...]] = (SHARE,)
    # 100: Llama 3 cut above 6 in 30 million documents, and good text with it; BigScience above 1,200 in 12 million; any
    # line seen twice is 62.67 % of a Chinese corpus (c4-dataset-script). A phrase that 100 authors use is still rare.
    documents_max: int = Field(100, ge=1, description="a line in more documents than this is repeated")
    span: Literal["line", "sentences"] = Field("line", description="sentences: so many in a row, over line ends too")
    span_sentences: int = Field(3, ge=1, description="sentences of a span, if span is sentences; C4 has 3")
    # 12: 版权所有 and "Privacy Policy" are counted; 第一章, "References", "}" and the rules of a table are not.
    line_chars_min: int = Field(
        12, ge=1, description="letters and digits of a line or span; one of a script without spaces counts as three"
    )
    allow: tuple[str, ...] = Field((), description="lines that always stay; with span sentences, spans")
    removed_share_max: float | None = Field(
        0.5, ge=0, le=1, description="a text that would lose a greater share of its bytes is left whole"
    )
    action: Literal["remove", "flag"] = Field("remove", description="flag: add repeated_line_share and cut nothing")

    def sketch(self, batch: pa.Table) -> pa.Table:
        """Return `row` and `line` for each line of each document, once a document."""
        rows, lines = _spans(self, batch["text"])
        return pa.table({"row": pa.array(rows), "line": pa.array(lines)})

    def keys(self, sketches: pa.Table) -> NDArray[np.uint64]:
        """Return the hashes of the lines."""
        return np.asarray(sketches["line"], np.uint64)

    def repeated(self, documents: NDArray[np.int64], of: NDArray[np.int64]) -> NDArray[np.bool_]:  # noqa: ARG002
        """Say which lines are repeated, by the number of documents that have them."""
        return np.asarray(documents) > self.documents_max

    def apply(self, batch: pa.Table, found: pa.Table) -> pa.Table:
        """Cut the lines whose `key` was found to be repeated; put them on record and add the share."""
        text = one_chunk(batch["text"])
        _, offsets = buffers_of(text)
        pieces = _pieces(self, text)
        cuts = cuts_of(pieces, offsets, _wanted(self, found), _span(self), self.line_chars_min)
        sizes = cuts[:, 1] - cuts[:, 0]
        rows = np.repeat(np.arange(len(text)), np.diff(pieces.first))
        cut_bytes = np.bincount(rows, sizes, minlength=len(text))
        share = cut_bytes / np.maximum(np.diff(offsets), 1)
        most = 1.0 if self.removed_share_max is None else self.removed_share_max
        going = (sizes > 0) & (share <= most)[rows] & (self.action == "remove")
        kind = "repeated_line" if self.span == "line" else "repeated_sentence"
        kinds = pa.repeat(pa.scalar(kind), int(going.sum()))
        return with_column(cut_out(batch, rows[going], cuts[going], kinds), SHARE, pa.array(share))


def _span(op: RepeatedLines) -> int:
    return 1 if op.span == "line" else op.span_sentences


def _pieces(op: RepeatedLines, text: pa.ChunkedArray | pa.Array) -> Pieces:
    return split(text, op.line_chars_min, sentences=op.span == "sentences")


def _spans(op: RepeatedLines, text: pa.ChunkedArray | pa.Array) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    return distinct_spans(_pieces(op, text), _span(op), op.line_chars_min)


def _wanted(op: RepeatedLines, found: pa.Table) -> NDArray[np.uint64]:
    """Return the hashes that are to go, in order: of those found, the ones that are not allowed."""
    lines = np.asarray(found["key"], np.uint64)
    if not op.allow:
        return lines
    return lines[~np.isin(lines, _spans(op, pa.array(op.allow, pa.string()))[1])]
