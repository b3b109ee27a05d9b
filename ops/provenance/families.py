"""Families: documents that descend from each other, or resemble each other, get one split; who has no place in it goes.

Sketch: digests of each document's id, its parents' ids and its family, and a MinHash signature. What shares a digest or
a band of signatures meets; then parents and children are known exactly, and the similar ones are compared.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator

from ops.columns import DOCUMENT, VERDICT, with_column
from ops.contract import Op, with_notes
from ops.dedup.near import NearDedup, signature_matrix
from ops.kernels.clusters import Numbers
from ops.kernels.hashing import chance
from ops.kernels.minhash import band_keys
from ops.kernels.similar_links import similar_links
from ops.provenance.kinship import Kin, digest_columns, id_digests, kin_of, names, whole_clusters

FAMILY_ID = pa.field("family_id", pa.string())
SPLIT = pa.field("split", pa.string())
_DEPTH = DOCUMENT.field("depth")


class Families(Op):
    """Give every document a split, the same one to a whole family, and drop those that must not be in it.

    A family is what parents connect, an equal `family`, or a similarity of at least `similarity` between two documents,
    in chains of any length. Its key is the least id of those that nothing in the job is a parent of; its split is drawn
    by the key. Text that is not real stays out of every split but those of `synthetic_in`: where a family has real
    documents in another one, its synthetic ones are dropped.
    """

    op: Literal["families"] = "families"
    reads: ClassVar[tuple[str, ...]] = ("text", "origin", "parents", "depth")
    adds: ClassVar[tuple[pa.Field, ...]] = (FAMILY_ID, SPLIT)
    labels: ClassVar[pa.Schema] = pa.schema([FAMILY_ID, SPLIT, _DEPTH])
    sketched_by: ClassVar[tuple[str, ...]] = ("shingle_tokens", "bands", "band_rows", "compares")
    keyed_by: ClassVar[tuple[str, ...]] = ("own", "family", "parents", "signature", "shingles")
    shares: dict[str, float] = Field(
        {"train": 0.98, "validation": 0.01, "test": 0.01}, description="how many of the families each split gets"
    )
    synthetic_in: tuple[str, ...] = Field(("train",), description="splits that text may be in that is not real")
    children_per_parent_max: int | None = Field(
        None, ge=1, description="documents of one parent that stay, at most, of those that are not real"
    )
    similarity: float | None = Field(
        0.8,
        gt=0,
        le=1,
        description='of two documents of one family, as near_dedup estimates it; "off": by descent alone',
    )
    shingle_tokens: int = Field(5, ge=1, description="as of near_dedup")
    bands: int = Field(14, ge=1, description="as of near_dedup; more of fewer rows where similarity is lower")
    band_rows: int = Field(8, ge=1, description="as of near_dedup")
    compare_max: int = Field(1000, ge=1, description="documents that one is compared with in a band, at most")
    seed: int | None = Field(None, ge=0, lt=2**63, description="default: the job's")

    @field_validator("similarity", mode="before")
    @classmethod
    def _off_is_none(cls, limit: object) -> object:
        return None if limit == "off" else limit

    @model_validator(mode="after")
    def _shares_are_shares(self) -> Self:
        total = math.fsum(self.shares.values())
        if any(share < 0 for share in self.shares.values()) or not math.isclose(total, 1, abs_tol=1e-6):
            raise ValueError(f"shares sum to {total:g}; they must sum to 1, and none be negative")
        unknown = sorted(set(self.synthetic_in) - set(self.shares))
        if unknown or not math.fsum(self.shares[name] for name in self.synthetic_in):
            raise ValueError(
                f"synthetic_in is {list(self.synthetic_in)}: name one or more of the splits that have a share: "
                f"{', '.join(self.shares)}"
            )
        return self

    @property
    def compares(self) -> bool:
        """Whether documents are compared by their texts."""
        return self.similarity is not None

    @property
    def splits(self) -> list[str]:
        """The splits in order of name: how a job file orders them does not matter."""
        return sorted(self.shares)

    def sketch(self, batch: pa.Table) -> pa.Table:
        """Return digests, signature, name, depth and whether it is real, of each document."""
        rows = batch.num_rows
        if self.compares:
            near = NearDedup(shingle_tokens=self.shingle_tokens, bands=self.bands, band_rows=self.band_rows, keep=())
            signed = near.sketch(batch)
        else:
            width = pa.binary(4 * self.bands * self.band_rows)
            signed = pa.table({"signature": pa.nulls(rows, width), "shingles": np.zeros(rows, np.int64)})
        own = {
            "name": names(batch),
            "real": pc.equal(batch["origin"], "real"),
            "depth": pc.fill_null(batch["depth"], 0),
        }
        return pa.table(
            {**digest_columns(batch), "signature": signed["signature"], "shingles": signed["shingles"], **own}
        )

    @property
    def rereads_text(self) -> bool:
        """The sketches tell all."""
        return False

    def keys(self, sketches: pa.Table) -> NDArray[np.uint64]:
        """Return the digests, and a key for each band of the signature."""
        signatures = signature_matrix(sketches["signature"], self.bands * self.band_rows)
        single = [np.asarray(sketches[name], np.uint64) for name in ("own", "family")]
        banded = self._band_keys(signatures, np.asarray(sketches["shingles"]))
        return np.column_stack([*single, as_matrix(sketches["parents"]), banded])

    def evidence(self, text: pa.ChunkedArray) -> dict[str, pa.Array]:  # noqa: ARG002 - as other surveys
        """Nothing beside the sketches."""
        return {}

    def resolve(self, members: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Return a verdict for every document that has no place in its family's split."""
        return (goes for goes, _ in self.label(members))

    def label(self, members: Iterable[pa.Table]) -> Iterator[tuple[pa.Table, pa.Table]]:
        """Return the verdicts, and the labels of the documents that stay and are not alone."""
        for table, signatures in whole_clusters(members, self.bands * self.band_rows):
            yield self._labelled(table, self._kin(table, signatures))

    def apply(self, batch: pa.Table, found: pa.Table) -> pa.Table:
        """Write family, split and depth into the documents; `found` has those of documents that are not alone."""
        row = np.asarray(batch["row"])
        place = np.searchsorted(np.asarray(found["row"]), row)
        is_found = np.append(np.asarray(found["row"]), -1)[place] == row
        alone = names(batch)
        split = self.split_of(alone, np.asarray(pc.equal(batch["origin"], "real")))
        own = pa.table([alone, split, batch["depth"]], schema=self.labels)
        chosen = pa.array(np.where(is_found, len(row) + place, np.arange(len(row))))
        both = pa.concat_tables([own, found.select(self.labels.names)]).take(chosen)
        for column in self.labels:
            batch = with_column(batch, column, both[column.name])
        return batch

    def split_of(self, names: pa.Array | pa.ChunkedArray, has_real: NDArray[np.bool_]) -> pa.Array:
        """Draw the split of each family by its key; of one without real documents among those of `synthetic_in`."""
        drawn = _drawn([self.shares[name] for name in self.splits], chance(names, self.seed or 0))
        allowed = np.array([name in self.synthetic_in for name in self.splits])
        weights = [self.shares[name] * bool(ok) for name, ok in zip(self.splits, allowed, strict=True)]
        again = _drawn(weights, chance(names, (self.seed or 0) ^ 1))
        return pa.array(self.splits).take(pa.array(np.where(has_real | allowed[drawn], drawn, again)))

    def _band_keys(self, signatures: NDArray[np.uint32], shingles: NDArray[np.int64]) -> NDArray[np.uint64]:
        keys = band_keys(signatures, self.bands)
        keys[shingles == 0] = 0
        return keys

    def _kin(self, table: pa.Table, signatures: NDArray[np.uint32]) -> Kin:
        if self.similarity is None:
            return kin_of(table)
        keys = self._band_keys(signatures, np.asarray(table["shingles"]))
        return kin_of(table, similar_links(keys, signatures, self.similarity, self.compare_max))

    def _labelled(self, table: pa.Table, kin: Kin) -> tuple[pa.Table, pa.Table]:
        """Return verdicts and labels of whole clusters."""
        real = np.asarray(table["real"])
        told = np.asarray(table["depth"]).astype(np.int64)
        depth = kin.depths(told, real)
        families, family = np.unique(kin.root, return_inverse=True)
        has_real = np.bincount(family, weights=real, minlength=len(families)) > 0
        key = _keys_of(table["name"], family, kin)
        split = self.split_of(key, has_real).take(pa.array(family))
        held_out = ~real & ~np.asarray(pc.is_in(split, pa.array(self.synthetic_in)))
        siblings = kin.siblings(chance(table["id"], self.seed or 0), ~real & ~held_out)
        beyond = siblings.rank >= (np.inf if self.children_per_parent_max is None else self.children_per_parent_max)
        goes = held_out | beyond
        reason = pc.if_else(
            pa.array(held_out), pc.binary_join_element_wise("synthetic_in", split, "_"), "too_many_siblings"
        )
        verdicts = pa.table(
            {
                **{name: pa.nulls(table.num_rows, VERDICT.field(name).type) for name in VERDICT.names},
                "at": table["at"],
                "reason": reason,
                "value": pa.array(siblings.count.astype(np.float64), mask=held_out),
                "threshold": pa.array(
                    np.full(table.num_rows, self.children_per_parent_max or 0, np.float64), mask=held_out
                ),
            },
            schema=VERDICT,
        )
        labels = pa.table(
            [table["at"], key.take(pa.array(family)), split, pa.array(depth.astype(np.int8))],
            names=["at", *self.labels.names],
        )
        together = kin.sizes > 1
        stays = pa.array(together & ~goes)
        notes = {
            "families": int(np.count_nonzero(np.bincount(family) > 1)),
            "in_families": int(np.count_nonzero(together)),
            "depth_raised": int(np.count_nonzero(depth > told)),
        }
        return with_notes(verdicts.filter(pa.array(goes)).sort_by("at"), **notes), labels.filter(stays).sort_by("at")


def _keys_of(name: pa.ChunkedArray, family: Numbers, kin: Kin) -> pa.ChunkedArray:
    """Return the key of each family: the least name in it that is of nobody's child."""
    is_child = kin.is_child()
    inner = np.isin(id_digests(name), kin.own[is_child])
    ordered = pa.table({"family": family, "inner": inner, "name": name}).sort_by(
        [("family", "ascending"), ("inner", "ascending"), ("name", "ascending")]
    )
    return ordered["name"].take(pa.array(np.unique(np.asarray(ordered["family"]), return_index=True)[1]))


def _drawn(weights: Sequence[float], chances: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the number of the weight that each chance falls on."""
    bounds = np.cumsum(weights) / math.fsum(weights)
    last = np.flatnonzero(weights)[-1]
    drawn: NDArray[np.int64] = np.minimum(np.searchsorted(bounds, chances / 2.0**64, side="right"), last)
    return drawn


def as_matrix(lists: pa.ChunkedArray) -> NDArray[np.uint64]:
    """Lay lists out as rows of equal length, filled up with 0."""
    array = lists.combine_chunks()
    lengths = np.asarray(pc.list_value_length(array))
    starts = np.cumsum(lengths) - lengths
    row = np.asarray(pc.list_parent_indices(array))
    out = np.zeros((len(array), lengths.max(initial=0)), np.uint64)
    flat = np.asarray(pc.list_flatten(array))
    out[row, np.arange(len(flat)) - starts[row]] = flat
    return out
