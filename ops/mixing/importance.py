"""Importance: how much more probable a document is in a target corpus than in this one, by its words and word pairs.

DSIR (Xie et al. 2023, arXiv 2302.03169), as its authors' tool computes it. Sums: how many unigrams and bigrams of all
documents fall into each of 10,000 buckets, whole numbers, so that neither order nor partition matters. The next pass
then weighs each document's.
"""

from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from ops.columns import with_column
from ops.contract import Op, Refusal
from ops.kernels.bigrams import bigram_counts, bigram_weights
from ops.kernels.tokens import count_tokens

BUCKETS = 10_000

# Added to each probability, that of an empty bucket too.
_SMOOTHING = 1e-8

IMPORTANCE = pa.field("importance", pa.float64())


class Importance(Op):
    """Add `importance`: log p(document | target) - log p(document | corpus), in nats, by hashed n-grams.

    Each n-gram counts as often as it occurs. As in DSIR nothing is divided by the length, unless `length_power` says
    so. The target are the documents of references. The corpus is what steps before this one have left.
    """

    op: Literal["importance"] = "importance"
    adds: ClassVar[tuple[pa.Field, ...]] = (IMPORTANCE,)
    sketched_by: ClassVar[tuple[str, ...]] = ()
    summed: ClassVar[int] = BUCKETS
    against: tuple[str, ...] = Field(min_length=1, description="references: their documents are the target")
    length_power: float = Field(
        0.0, ge=0, le=1, description="divided by the tokens to this power; the nearer to 1, the less a long text weighs"
    )

    def sketch(self, batch: pa.Table) -> pa.Table:
        """Count the n-grams of a batch."""
        return pa.table({"sums": pa.array(bigram_counts(batch["text"], BUCKETS))})

    def told(self, found: pa.Table) -> dict[str, object]:
        """Tell how many n-grams there are, and how far the corpus is from the target."""
        target, corpus = _probabilities(found["of_references"]), _probabilities(found["sums"])
        if not np.any(np.asarray(found["of_references"])):
            raise Refusal(f"importance: the references {', '.join(self.against)} have no words; they are the target")
        return {
            "ngrams": int(np.asarray(found["sums"]).sum()),
            "target_ngrams": int(np.asarray(found["of_references"]).sum()),
            "divergence_nats": round(float((target * (np.log(target) - np.log(corpus))).sum()), 6),
        }

    def apply(self, batch: pa.Table, found: pa.Table) -> pa.Table:
        """Add the column; null where nothing was added up, for documents of references."""
        if not found.num_rows:
            return with_column(batch, IMPORTANCE, pa.nulls(batch.num_rows, IMPORTANCE.type))
        weights = np.log(_probabilities(found["of_references"])) - np.log(_probabilities(found["sums"]))
        importance = bigram_weights(batch["text"], weights)
        if self.length_power:
            importance = importance / np.maximum(count_tokens(batch["text"]), 1) ** self.length_power
        return with_column(batch, IMPORTANCE, pa.array(importance))


def _probabilities(counts: pa.ChunkedArray | pa.Array) -> NDArray[np.float64]:
    """Share of the n-grams that is in each bucket, smoothed."""
    numbers: NDArray[np.float64] = np.asarray(counts, np.float64)
    return numbers / max(float(numbers.sum()), 1) + _SMOOTHING
