"""Policy: drop documents that must not be in a release for what they are, not for what they say."""

import functools
import tomllib
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from ops.contract import REASON, Op

_GROUPS = Path(__file__).with_name("licenses.toml")

# Text that a model wrote without a given text to keep to.
_FREE = ("synthetic", "generated")

# As `origin_by_label` adds it.
_CONFLICT = "origin_conflict"


class Policy(Op):
    """Drop documents that are too deep, or whose license, uses or generator's terms are not among those allowed.

    What is not said is not allowed, where it is asked for. A list that is empty asks for nothing. Text of unknown depth
    counts as depth 1, and so does text that is not real and says 0.
    """

    op: Literal["policy"] = "policy"
    reads: ClassVar[tuple[str, ...]] = ("origin", "depth", "license")
    depth_max: int | None = Field(1, ge=0, le=127, description="generations from real text")
    licenses: tuple[str, ...] = Field(
        (), description="SPDX ids, and groups of them: public-domain, permissive, share-alike"
    )
    uses: tuple[str, ...] = Field((), description="what the release is for: sources must say each in their `uses`")
    generator_terms: tuple[str, ...] = Field(
        (), description="terms that text may be under that is not real, as sources say in their `generator_terms`"
    )
    origin_conflicts: bool = Field(
        default=True, description="false: documents go that are called real and bear the label of a model"
    )
    verified: bool = Field(default=False, description="text from a prompt alone needs a value in the column `verifier`")

    @property
    def needs(self) -> tuple[str, ...]:
        """The verdict of a verifier, too, and conflicts of origin, where they are asked for."""
        asked = (("verifier", self.verified), (_CONFLICT, not self.origin_conflicts))
        return (*self.reads, *(name for name, is_asked in asked if is_asked))

    def judge(self, batch: pa.Table) -> pa.Array:
        """Judge by what the documents and their sources tell; only depth has a value."""
        real = _is_in(batch["origin"], ("real",))
        depth = np.asarray(pc.fill_null(batch["depth"], 1)).astype(np.int64)
        depth = np.where(real, depth, np.maximum(depth, 1))
        failed = {"too_deep": depth > (np.inf if self.depth_max is None else self.depth_max)}
        if self.licenses:
            failed |= _not_among(batch, "license", allowed_licenses(self.licenses))
        if self.uses:
            said = pc.binary_join(_column(batch, "uses", pa.list_(pa.string())), "\n")
            enough = [one for one in pc.unique(said).to_pylist() if one and {*self.uses} <= {*one.split("\n")}]
            failed |= {"uses_unsaid": _is_blank(said), "use_not_allowed": ~_is_in(said, tuple(enough))}
        if self.generator_terms:
            of_terms = _not_among(batch, "generator_terms", frozenset(self.generator_terms))
            failed |= {reason: rows & ~real for reason, rows in of_terms.items()}
        if not self.origin_conflicts:
            failed[_CONFLICT] = ~_is_blank(batch[_CONFLICT])
        if self.verified:
            failed["not_verified"] = _is_in(batch["origin"], _FREE) & _is_blank(batch["verifier"])
        return _first(failed, depth, self.depth_max)


@functools.cache
def allowed_licenses(names: tuple[str, ...]) -> frozenset[str]:
    """Return the licenses that names of groups and SPDX ids stand for, in small letters.

    >>> sorted(allowed_licenses(("public-domain", "MIT")))[:3]
    ['0bsd', 'cc-pddc', 'cc-pdm-1.0']
    """
    groups = tomllib.loads(_GROUPS.read_text())
    found: set[str] = set()
    for name in names:
        found |= allowed_licenses(tuple(groups[name])) if name in groups else {name.lower()}
    return frozenset(found)


def _not_among(batch: pa.Table, column: str, allowed: frozenset[str]) -> dict[str, NDArray[np.bool_]]:
    """Say which documents tell nothing in a column, and which tell what is not allowed."""
    values = _column(batch, column, pa.string())
    here = _is_in(pc.utf8_lower(values), tuple(one.lower() for one in allowed))
    return {f"{column}_unsaid": _is_blank(values), f"{column}_not_allowed": ~here}


def _column(batch: pa.Table, name: str, kind: pa.DataType) -> pa.ChunkedArray:
    """Return a column; nulls where no source says anything in it."""
    return batch[name] if name in batch.column_names else pa.chunked_array([pa.nulls(batch.num_rows, kind)])


def _is_in(values: pa.ChunkedArray, names: tuple[str, ...]) -> NDArray[np.bool_]:
    return np.asarray(pc.is_in(values, pa.array(sorted(names), pa.string())))


def _is_blank(values: pa.ChunkedArray) -> NDArray[np.bool_]:
    return np.asarray(pc.equal(pc.utf8_trim_whitespace(pc.fill_null(values, "")), ""))


def _first(failed: dict[str, NDArray[np.bool_]], depth: NDArray[np.int64], most: int | None) -> pa.StructArray:
    """Name the first rule that each document failed."""
    rows = np.stack(list(failed.values()))
    number, deep = rows.argmax(axis=0), next(iter(failed.values()))
    reason = pa.array(list(failed), pa.string()).take(pa.array(number))
    value = pa.array(depth.astype(np.float64), mask=~deep)
    threshold = pa.array(np.full(len(depth), float(most or 0)), mask=~deep)
    return pa.StructArray.from_arrays([reason, value, threshold], fields=list(REASON), mask=pa.array(~rows.any(axis=0)))
