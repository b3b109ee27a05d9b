"""Near dedup: of documents whose word shingles mostly agree, keep one (Broder 1997; bands as in Leskovec et al., MMDS).

Sketch: a MinHash signature for each document, from one compiled kernel. Signatures that agree on a band are candidates,
and a document goes only if it is similar to the very document that stays in its place.
"""

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from ops.contract import Op
from ops.dedup.outcome import replaced
from ops.dedup.rank import KEEP, KeepKey, columns_of, rank_columns
from ops.kernels.leaders import Candidates, Choice, choose_leaders, nothing_chosen
from ops.kernels.minhash import band_keys, shingle_sets, sign

# The permutations' seed. Signatures of two seeds cannot be compared, so it is not the job's seed.
_PERMUTATION_SEED = 1

_NAMED = ["id", "at", "source"]


class NearDedup(Op):
    """Drop documents whose similarity to a kept document is at least `threshold`.

    Similarity is the Jaccard index of sets of `shingle_tokens` tokens in a row, estimated from `bands * band_rows`
    minima (standard error 0.038 at 0.8 and 112), or exact with `verify = "exact"`. Tokens are words, and characters in
    scripts without spaces. A document with fewer tokens than a shingle is never near anything: `exact_dedup` with
    `on = "normalized_text"` is for those. Text is capped at 500,000 tokens.
    """

    op: Literal["near_dedup"] = "near_dedup"
    version: ClassVar[int] = 3  # 2: compare_max is of each band; 3: tokens hashed by the word
    reads: ClassVar[tuple[str, ...]] = ("text", "origin")
    sketched_by: ClassVar[tuple[str, ...]] = ("shingle_tokens", "bands", "band_rows", "keep")
    keyed_by: ClassVar[tuple[str, ...]] = ("signature", "shingles")
    threshold: float = Field(0.8, gt=0, le=1, description="least similarity to the document kept")
    shingle_tokens: int = Field(5, ge=1)
    bands: int = Field(14, ge=1, description="with band_rows: two documents of similarity s meet with 1 - (1 - s^r)^b")
    band_rows: int = Field(8, ge=1)
    verify: Literal["signature", "exact"] = Field(
        "signature", description="similarity by equal minima, or exactly, by reading candidates' texts again"
    )
    keep: tuple[KeepKey, ...] = Field(("real", "length:high"), description=KEEP)
    compare_max: int = Field(1000, ge=1, description="kept documents that one is compared with in a band, at most")
    against: tuple[str, ...] = Field((), description="references of the job: what resembles them goes")
    count_copies: bool = Field(
        default=False, description="add to those that stay how many went in their place, and the sources of these"
    )

    @property
    def needs(self) -> tuple[str, ...]:
        """What the policy names, too."""
        return (*self.reads, *columns_of(self.keep))

    def sketch(self, batch: pa.Table) -> pa.Table:
        """Return the signature, the number of shingles and the ranks of each document."""
        signatures, shingles = sign(batch["text"], self.shingle_tokens, self._permutations, _PERMUTATION_SEED)
        flat = pa.py_buffer(np.ascontiguousarray(signatures, dtype="<u4"))
        width = pa.binary(4 * self._permutations)
        signature = pa.FixedSizeBinaryArray.from_buffers(width, len(signatures), [None, flat])
        return pa.table({"signature": signature, "shingles": pa.array(shingles), **rank_columns(batch, self.keep)})

    @property
    def rereads_text(self) -> bool:
        """Whether candidates are compared by their shingles, not by their signatures."""
        return self.verify == "exact"

    def keys(self, sketches: pa.Table) -> NDArray[np.uint64]:
        """Return a key for each band; none for a document without shingles."""
        keys = band_keys(signature_matrix(sketches["signature"], self._permutations), self.bands)
        keys[np.asarray(sketches["shingles"]) == 0] = 0
        return keys

    def evidence(self, text: pa.ChunkedArray) -> dict[str, pa.Array]:
        """Return the set of shingle hashes of each candidate."""
        return {"shingle_set": shingle_sets(text, self.shingle_tokens)}

    def resolve(self, members: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Return a verdict for every document that is similar to a better ranked one that stays."""
        carried: list[pa.Table] = []  # leaders of the cluster that may go on in the next table
        for table in members:
            if carried and carried[0]["cluster"][0] != table["cluster"][0]:
                carried = []
            choice = self._choose(carried, table)
            lost = np.flatnonzero(choice.leader >= 0)
            named = pa.concat_tables([one.select(_NAMED) for one in (*carried, table)])
            yield replaced(
                table.take(pa.array(lost)),
                named.take(pa.array(choice.leader[lost])),
                "near_duplicate",
                choice.similarity[lost],
                self.threshold,
                compared_with_compare_max=int(np.count_nonzero((choice.compared > self.compare_max).any(axis=1))),
            )
            cluster = np.asarray(table["cluster"])
            leaders = table.filter(pa.array((choice.leader < 0) & (cluster == cluster[-1])))
            if cluster[0] != cluster[-1]:
                carried = [leaders]
            elif leaders.num_rows:
                carried = [*carried, set_aside(leaders)]

    @property
    def _permutations(self) -> int:
        return self.bands * self.band_rows

    def _choose(self, carried: list[pa.Table], table: pa.Table) -> Choice:
        """Choose among the rows of a table and the leaders before it; a leader's number counts both, in this order."""
        choice, before = nothing_chosen(table.num_rows, self.bands), 0
        for block in carried:
            if (choice.compared > self.compare_max).all():
                before += block.num_rows
                continue
            both = self._candidates(pa.concat_tables([block, table]))
            found = choose_leaders(both, choice, self.threshold, self.compare_max, known=block.num_rows)
            leader = np.where(found.leader >= 0, found.leader + before, choice.leader)
            choice, before = replace(found, leader=leader), before + block.num_rows
        found = choose_leaders(self._candidates(table), choice, self.threshold, self.compare_max)
        return replace(found, leader=np.where(found.leader >= 0, found.leader + before, choice.leader))

    def _candidates(self, table: pa.Table) -> Candidates:
        signatures = signature_matrix(table["signature"], self._permutations)
        keys, stays = band_keys(signatures, self.bands), np.asarray(table["sourced"]) == 0
        if not self.rereads_text:
            return Candidates(keys, stays, signatures, np.empty(0, np.int64), signatures[:0, 0])
        sets = table["shingle_set"].combine_chunks()
        return Candidates(keys, stays, signatures, np.asarray(sets.offsets), np.asarray(sets.values, np.uint32))


def set_aside(leaders: pa.Table) -> pa.Table:
    """Write leaders to a file of this machine and map it.

    Of a cluster larger than a worker's memory one block is read at a time, and the others' pages can go.
    """
    with tempfile.NamedTemporaryFile(prefix="gm-leaders-") as file:
        with pa.ipc.new_file(file.name, leaders.schema) as writer:
            writer.write_table(leaders.combine_chunks())
        return pa.ipc.open_file(pa.memory_map(file.name)).read_all()


def signature_matrix(signatures: pa.ChunkedArray, permutations: int) -> NDArray[np.uint32]:
    """View a column of fixed-size binary as documents x permutations."""
    joined = pa.concat_arrays(signatures.chunks) if signatures.num_chunks else pa.array([], signatures.type)
    data = joined.buffers()[1]
    if data is None:
        return np.empty((0, permutations), np.uint32)
    flat = np.frombuffer(data, "<u4")[joined.offset * permutations :]
    return flat[: len(joined) * permutations].reshape(-1, permutations)
