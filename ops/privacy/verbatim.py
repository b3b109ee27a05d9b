"""Verbatim copies: spans of tokens that text which is not real has in common with real text, found over the corpus.

Sketch: the anchors of each document's spans (`ops.kernels.spans`), one for 13 tokens. The runner brings those of real
documents and of others together; the spans of documents that share an anchor are then compared by 128-bit digests of
their tokens, as `exact_dedup` compares texts. Carlini et al. 2023 and Lee et al. 2022 call 50 tokens in a row a copy.
"""

from collections import Counter
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from ops.columns import with_column
from ops.contract import Op
from ops.cuts import CUT_CHARS_MAX
from ops.kernels.buffers import buffers_of
from ops.kernels.cuts import stretches
from ops.kernels.spans import anchors, spans, token_places

TOKENS = pa.field("copied_tokens", pa.int64())
SHARE = pa.field("copied_share", pa.float64())
LONGEST = pa.field("copied_longest", pa.int64())
FROM = pa.field("copied_from", pa.string())
PASSAGE = pa.field("copied_passage", pa.string())
COPIED = (TOKENS, SHARE, LONGEST, FROM, PASSAGE)


class VerbatimCopies(Op):
    """Measure what each document that is not real has verbatim of real ones: `tokens_min` tokens in a row, or more.

    Tokens are words, and characters in scripts without spaces; case, width and punctuation do not matter. Real are
    documents of the origin `real` that are left when this step comes, and all of `against`.

    Adds `copied_tokens`, those that are in a span that some real document has; `copied_share` of all tokens;
    `copied_longest`, the longest run of them, each span of which is copied; `copied_from`, the real document that has
    most of them; and `copied_passage`, how the longest run begins. Where nothing is copied: 0, 0, 0 and nulls. The
    judge `copied` compares them with limits.
    """

    op: Literal["verbatim_copies"] = "verbatim_copies"
    reads: ClassVar[tuple[str, ...]] = ("text", "origin")
    adds: ClassVar[tuple[pa.Field, ...]] = COPIED
    labels: ClassVar[pa.Schema] = pa.schema([("place", pa.int64()), ("original", pa.string())])
    sketched_by: ClassVar[tuple[str, ...]] = ("tokens_min",)
    keyed_by: ClassVar[tuple[str, ...]] = ("anchor", "real", "row")
    tokens_min: int = Field(50, ge=8, le=10_000, description="tokens in a row that are a copy")
    against: tuple[str, ...] = Field((), description="references of the job whose text counts as real")

    def sketch(self, batch: pa.Table) -> pa.Table:
        """Return the `anchor` of spans, with the document's `row` and whether it is `real`."""
        rows, found = anchors(batch["text"], self.tokens_min)
        real = np.asarray(pc.equal(batch["origin"], "real"))
        return pa.table({"row": pa.array(rows), "anchor": pa.array(found), "real": pa.array(real[rows])})

    def keys(self, sketches: pa.Table) -> NDArray[np.uint64]:
        """Return the anchors."""
        return np.asarray(sketches["anchor"], np.uint64)

    def are_originals(self, sketches: pa.Table) -> NDArray[np.bool_]:
        """Say which rows are of real documents."""
        return np.asarray(sketches["real"])

    def parts(self, text: pa.ChunkedArray, keys: NDArray[np.uint64]) -> pa.Table:
        """Return the spans of these anchors, with the `row` of their text, their digest and their first token."""
        found = spans(text, self.tokens_min, keys)
        columns = {"row": found.rows, "key": found.digests[:, 0], "check": found.digests[:, 1], "place": found.places}
        return pa.table({name: pa.array(column) for name, column in columns.items()})

    def apply(self, batch: pa.Table, found: pa.Table) -> pa.Table:
        """Add the columns. `found` has the `place` of each span that was copied, and the id of its `original`."""
        numbers = np.asarray(batch["row"])
        here = found.filter(pa.array(np.isin(np.asarray(found["row"]), numbers))).sort_by("row")
        rows, of = np.unique(np.searchsorted(numbers, np.asarray(here["row"])), return_inverse=True)
        told = self._told(batch["text"].take(pa.array(rows)), of, here)
        place = np.full(batch.num_rows, len(rows))
        place[rows] = np.arange(len(rows))
        nothing = pa.table([[0], [0.0], [0], [None], [None]], schema=told.schema)
        chosen = pa.concat_tables([told, nothing]).take(pa.array(place))
        for column in COPIED:
            batch = with_column(batch, column, chosen[column.name])
        return batch

    def _told(self, text: pa.ChunkedArray, of: NDArray[np.int64], found: pa.Table) -> pa.Table:
        """Measure some texts: `of` says whose each of the spans found is."""
        where = token_places(text)
        places = np.asarray(found["place"])
        originals = found["original"].to_pylist()
        bounds = np.searchsorted(of, np.arange(len(text) + 1))  # they come in order
        passages = np.zeros((len(text), 2), np.int64)
        columns: list[list[object]] = [[], [], [], []]
        for row, first in enumerate(where.first[:-1]):
            begin, end = bounds[row], bounds[row + 1]
            begins, length = _longest_run(own := np.unique(places[begin:end]))
            copied = int(np.minimum(np.diff(own), self.tokens_min).sum()) + self.tokens_min
            passages[row] = where.starts[first + begins], where.stops[first + begins + length + self.tokens_min - 2]
            counts = Counter(originals[begin:end])
            original = min(counts, key=lambda name: (-counts[name], name))
            values = (copied, copied / (where.first[row + 1] - first), length + self.tokens_min - 1, original)
            for column, value in zip(columns, values, strict=True):
                column.append(value)
        passage = stretches(buffers_of(text)[0], passages, CUT_CHARS_MAX)
        return pa.table([*columns, passage], schema=pa.schema(COPIED))


def _longest_run(places: NDArray[np.int64]) -> tuple[int, int]:
    """Return the first number of the longest run of n, n + 1, ..., and how many it has; they come in order."""
    starts = np.flatnonzero(np.diff(places, prepend=-2) != 1)
    lengths = np.diff(np.append(starts, len(places)))
    best = int(lengths.argmax())
    return int(places[starts[best]]), int(lengths[best])
