"""Near dedup: of documents whose word shingles mostly agree, keep one (Broder 1997; bands as in Leskovec et al., MMDS).

Sketch: a MinHash signature for each document, from one compiled kernel. One phase: signatures that agree on a band are
candidates, and a document goes only if it is similar to the very document that stays in its place.
"""

import math
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from ops.contract import Op, Phase, with_notes
from ops.dedup.exact import verdicts
from ops.dedup.rank import KeepKey, best_first, rank_columns
from ops.kernels.leaders import choose_leaders
from ops.kernels.minhash import sign

# The permutations' seed. Signatures of two seeds cannot be compared, so it is not the job's seed.
_PERMUTATION_SEED = 1


class NearDedup(Op):
    """Drop documents whose similarity to a kept document is at least `threshold`.

    Similarity is the Jaccard index of sets of `shingle_tokens` tokens in a row, estimated from `bands * band_rows`
    minima (standard error 0.038 at 0.8 and 112). Tokens are words, and characters in scripts without spaces. A
    document with fewer tokens than a shingle is never near anything: `exact_dedup` with `on = "normalized_text"` is
    for those. Text is capped at 500,000 tokens.
    """

    op: Literal["near_dedup"] = "near_dedup"
    reads: ClassVar[tuple[str, ...]] = ("text", "origin")
    sketched_by: ClassVar[tuple[str, ...]] = ("shingle_tokens", "bands", "band_rows", "keep")
    threshold: float = Field(0.8, gt=0, le=1, description="least similarity to the document kept")
    shingle_tokens: int = Field(5, ge=1)
    bands: int = Field(14, ge=1, description="with band_rows: two documents of similarity s meet with 1 - (1 - s^r)^b")
    band_rows: int = Field(8, ge=1)
    keep: tuple[KeepKey, ...] = Field(
        ("real", "length:high"), description="which one stays, most important first; then by id"
    )
    compare_max: int = Field(1000, ge=1, description="kept documents that one is compared with, at most")

    def sketch(self, batch: pa.Table) -> pa.Table:
        """Return the signature, the number of shingles and the ranks of each document."""
        signatures, shingles = sign(batch["text"], self.shingle_tokens, self._permutations, _PERMUTATION_SEED)
        flat = pa.py_buffer(np.ascontiguousarray(signatures, dtype="<u4"))
        width = pa.binary(4 * self._permutations)
        signature = pa.FixedSizeBinaryArray.from_buffers(width, len(signatures), [None, flat])
        return pa.table({"signature": signature, "shingles": pa.array(shingles), **rank_columns(batch, self.keep)})

    def phases(self) -> tuple[Phase, ...]:
        """Choose who stays."""
        return (Phase("resolve", run=self._resolve),)

    @property
    def _permutations(self) -> int:
        return self.bands * self.band_rows

    def _resolve(self, sketches: pa.Table) -> pa.Table:
        """Return a verdict for every document similar to a kept one."""
        shingled = sketches.filter(pc.greater(sketches["shingles"], 0))
        ranked = shingled.take(pa.array(best_first(shingled)))
        signatures = _matrix(ranked["signature"], self._permutations)
        least_equal = math.ceil(self.threshold * self._permutations - 1e-9)
        leader, equal, capped = choose_leaders(
            band_buckets(signatures, self.bands), signatures, least_equal, self.compare_max
        )
        lost = np.flatnonzero(leader >= 0)
        found = verdicts(
            ranked,
            lost=lost,
            kept=leader[lost],
            reason="near_duplicate",
            value=equal[lost] / self._permutations,
            threshold=self.threshold,
        )
        too_short = sketches.num_rows - shingled.num_rows
        return with_notes(found, too_short_to_compare=too_short, compared_with_compare_max=capped)


def band_buckets(signatures: NDArray[np.uint32], bands: int) -> NDArray[np.int64]:
    """Return the bucket of each document in each band (documents x bands): equal where all minima of a band are."""
    rows = signatures.shape[1] // bands
    out = np.empty((len(signatures), bands), np.int64)
    used = 0
    for band in range(bands):
        keys = np.ascontiguousarray(signatures[:, band * rows : (band + 1) * rows])
        _, numbers = np.unique(keys.view(f"V{4 * rows}").ravel(), return_inverse=True)
        out[:, band] = numbers + used
        used += int(numbers.max()) + 1 if len(numbers) else 0
    return out


def _matrix(signatures: pa.ChunkedArray, permutations: int) -> NDArray[np.uint32]:
    """View a column of fixed-size binary as documents x permutations."""
    joined = pa.concat_arrays(signatures.chunks) if signatures.num_chunks else pa.array([], signatures.type)
    data = joined.buffers()[1]
    if data is None:
        return np.empty((0, permutations), np.uint32)
    flat = np.frombuffer(data, "<u4")[joined.offset * permutations :]
    return flat[: len(joined) * permutations].reshape(-1, permutations)
