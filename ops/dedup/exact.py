"""Exact dedup: of documents whose text, or whose address, is equal, keep one.

Sketch: a 128-bit digest of what is compared, for each document. Equal digests meet, and the best ranked stays.
"""

from collections.abc import Iterable, Iterator
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from ops.contract import Op
from ops.dedup.equal import first_stays
from ops.dedup.rank import KEEP, KeepKey, columns_of, rank_columns
from ops.dedup.urls import page_keys
from ops.kernels.hashing import digests
from ops.kernels.tokens import token_digests


class ExactDedup(Op):
    """Drop all but one of the documents whose text is equal, byte for byte or normalised, or that have one URL.

    Empty texts are never equal to each other, nor are texts that normalise to nothing (emoji or rules only): the
    step `length` is what drops them. URLs are equal whatever the scheme, `www.`, default port, tracking parameters,
    order of parameters, fragment, slash or index page at the end, and escapes. What is no absolute URL equals none.
    """

    op: Literal["exact_dedup"] = "exact_dedup"
    version: ClassVar[int] = 2  # 2: tokens hashed by the word
    reads: ClassVar[tuple[str, ...]] = ("text", "origin")
    sketched_by: ClassVar[tuple[str, ...]] = ("on", "keep")
    keyed_by: ClassVar[tuple[str, ...]] = ("digest", "digest_low")
    on: Literal["text", "normalized_text", "url"] = Field(
        "text", description="normalized_text: ignoring case, width, spaces and punctuation; url: ignoring its spelling"
    )
    keep: tuple[KeepKey, ...] = Field(("real",), description=KEEP)
    against: tuple[str, ...] = Field((), description="references of the job: what equals one of their documents goes")
    count_copies: bool = Field(
        default=False, description="add to those that stay how many went in their place, and the sources of these"
    )

    @property
    def needs(self) -> tuple[str, ...]:
        """What the policy and `on` name, too."""
        return (*self.reads, *(["url"] if self.on == "url" else []), *columns_of(self.keep))

    def sketch(self, batch: pa.Table) -> pa.Table:
        """Return the digest and the ranks of each document."""
        if self.on == "url":
            halves = digests(page_keys(batch["url"]))
        else:
            halves = digests(batch["text"]) if self.on == "text" else token_digests(batch["text"])
        digest = {"digest": pa.array(halves[:, 0]), "digest_low": pa.array(halves[:, 1])}
        return pa.table({**digest, **rank_columns(batch, self.keep)})

    @property
    def rereads_text(self) -> bool:
        """The digests tell all."""
        return False

    def keys(self, sketches: pa.Table) -> NDArray[np.uint64]:
        """Return half of the digest. Both halves are 0 where there is nothing to compare: else a chance of 2^-128."""
        high, low = np.asarray(sketches["digest"]), np.asarray(sketches["digest_low"])
        return np.where(high != 0, high, (low != 0).astype(np.uint64))

    def evidence(self, text: pa.ChunkedArray) -> dict[str, pa.Array]:  # noqa: ARG002 - as other surveys
        """Nothing beside the digests."""
        return {}

    def resolve(self, members: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Return a verdict for every document that equals a better ranked one: the other half of its digest, too."""
        reason = "duplicate_url" if self.on == "url" else "exact_duplicate"
        return first_stays(members, _low_half, ["digest_low"], reason)


def _low_half(members: pa.Table) -> NDArray[np.int64]:
    return np.asarray(members["digest_low"]).view(np.int64)
