"""Exact dedup: of documents whose text is equal, keep one.

Sketch: a 128-bit digest of the text for each document. One phase: equal digests meet, the best ranked stays.
"""

from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from ops.columns import VERDICT
from ops.contract import Op, Phase
from ops.dedup.rank import KeepKey, best_first, rank_columns
from ops.kernels.hashing import digests
from ops.kernels.tokens import token_digests


class ExactDedup(Op):
    """Drop all but one of the documents whose text is equal, byte for byte or after normalisation.

    Empty texts are never equal to each other, nor are texts that normalise to nothing (emoji or rules only): the
    step `length` is what drops them.
    """

    op: Literal["exact_dedup"] = "exact_dedup"
    reads: ClassVar[tuple[str, ...]] = ("text", "origin")
    sketched_by: ClassVar[tuple[str, ...]] = ("on", "keep")
    on: Literal["text", "normalized_text"] = Field(
        "text", description="normalized_text: ignoring case, width, spaces and punctuation"
    )
    keep: tuple[KeepKey, ...] = Field(("real",), description="which one stays, most important first; then by id")

    def sketch(self, batch: pa.Table) -> pa.Table:
        """Return the digest and the ranks of each document."""
        halves = digests(batch["text"]) if self.on == "text" else token_digests(batch["text"])
        digest = {"digest": pa.array(halves[:, 0]), "digest_low": pa.array(halves[:, 1])}
        return pa.table({**digest, **rank_columns(batch, self.keep)})

    def phases(self) -> tuple[Phase, ...]:
        """Bring equal digests together."""
        return (Phase("equal", by="digest", run=losers),)


def losers(sketches: pa.Table) -> pa.Table:
    """Return a verdict for every document that equals a better ranked one."""
    # Both digests are 0 where there is no byte, or no token; for others that is a chance of 2^-128.
    some = sketches.filter(pa.array((np.asarray(sketches["digest"]) | np.asarray(sketches["digest_low"])) != 0))
    ranked = some.take(pa.array(best_first(some)))
    high, low = np.asarray(ranked["digest"]), np.asarray(ranked["digest_low"])
    order = np.lexsort((low, high))  # stable: within equal digests the best ranked stays first
    high, low = high[order], low[order]
    first = np.ones(len(order), bool)
    first[1:] = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
    starts = np.flatnonzero(first)
    kept = order[starts[np.cumsum(first) - 1]] if len(order) else order
    return verdicts(ranked, lost=order[~first], kept=kept[~first], reason="exact_duplicate")


def verdicts(
    table: pa.Table,
    *,
    lost: np.ndarray,
    kept: np.ndarray,
    reason: str,
    value: np.ndarray | None = None,
    threshold: float | None = None,
) -> pa.Table:
    """Make verdict rows, in order of address, of the numbers of lost rows and of the rows kept in their place."""
    columns = [
        table["at"].take(pa.array(lost)),
        pa.repeat(pa.scalar(reason), len(lost)),
        pa.nulls(len(lost), pa.float64()) if value is None else pa.array(value, pa.float64()),
        pa.repeat(pa.scalar(threshold, pa.float64()), len(lost)),
        table["id"].take(pa.array(kept)),
    ]
    return pa.table(columns, schema=VERDICT).sort_by("at")
