"""Mix: a token budget over sources, with shares, a cap on synthetic text and a floor under real text.

Sketch: labels, tokens, a digest of the text and a random number of each document. Per cell, documents in order of their
random number are taken up to the planned tokens, and where a content may be taken more than once, all of them once
before any a second time. The number is a hash of (seed, id), so the choice does not depend on order or machine, changes
little as the corpus grows, and a larger budget takes a superset.
"""

import math
from dataclasses import replace
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field, model_validator

from ops.contract import Op, Refusal, with_notes
from ops.dedup.rank import origin_ranks
from ops.dedup.values import numbers
from ops.kernels.hashing import chance, digests
from ops.mixing import draws, ends
from ops.mixing.contents import EPOCHS_MAX, Contents
from ops.mixing.curves import grades_of
from ops.mixing.order import GRADES, Order, drawn
from ops.mixing.recipe import Recipe
from ops.mixing.settings import Curve, MixLimit, WeightsFile, WhereSetting, checked_weights, weights_of
from ops.mixing.told import bands_taken, told
from ops.surveys import Keyed
from ops.tokenizers import PatternSetting, TokenizerSetting, check, count_tokens, name_of


class Mix(Op):
    """Keep as many tokens of each kind of document as the recipe gives it; the others go with reason `over_budget`.

    Tokens are those of `tokenizer`, a file; without one they are estimated. Shares are of the mix's tokens. Text whose
    origin is not real stays at or below `synthetic_max`. Of all mixes that keep to the limits it is the one nearest to
    what there is, or to `alpha` or `weights`. No content is taken more than `epochs_max` times, whichever documents
    have it. What cannot be met is refused, with the limits that conflict.
    """

    op: Literal["mix"] = "mix"
    version: ClassVar[int] = 6  # 4: tokens of a tokenizer, or estimated; 5: sources are rounded as one; 6: cells told
    reads: ClassVar[tuple[str, ...]] = ("text", "source", "origin")
    sketched_by: ClassVar[tuple[str, ...]] = ("seed", "labels", "importance", "graded_by", "counted_by", "within")
    tokens: int | None = Field(None, ge=1, description="size of the mix; default: as many as the other limits allow")
    within: WhereSetting = Field(
        default_factory=dict, description="which documents are mixed; others stay once and do not count; default: all"
    )
    shares: dict[str, float] = Field(default_factory=dict, description="by source; default: by alpha or weights")
    alpha: float = Field(
        1.0, ge=0, le=1, description="sources in proportion to their tokens to this power; 0 is UniMax; needs tokens"
    )
    weights: dict[str, float] | Literal["proportional", "unimax"] | None = Field(
        None, description="sources in these proportions as far as limits allow; proportional: alpha = 1, unimax: 0"
    )
    weights_file: WeightsFile | None = Field(None, description="weights by source, in JSON or TOML")
    epochs_max: int = Field(
        1, ge=1, le=EPOCHS_MAX, description="how often one content may be taken, whichever documents have it"
    )
    synthetic_max: float = Field(0.3, ge=0, le=1, description="share of tokens that are not real, at most")
    real_min: float = Field(0.0, ge=0, le=1, description="share of real tokens, at least")
    real_tokens_min: int = Field(0, ge=0, description="real tokens, at least")
    real_first: bool = Field(
        default=False, description="text that is not real only fills what real text leaves, its repeats included"
    )
    limits: tuple[MixLimit, ...] = Field((), description="budgets, caps and floors by source, origin and any column")
    curves: tuple[Curve, ...] = Field((), description="more of what is better, by source")
    importance: str | None = Field(
        None, min_length=1, description="column of log weights: heavier documents are drawn sooner, those without last"
    )
    cost_per_million_tokens: dict[str, float] = Field(
        default_factory=dict, description="by source; others cost nothing"
    )
    cost_max: float | None = Field(None, ge=0, description="of all tokens of the mix, each time they are taken")
    tokenizer: TokenizerSetting = None
    tokenizer_pattern: PatternSetting = None
    tokens_from: str | None = Field(
        None, min_length=1, description="column of tokens, as count_tokens adds it, in the place of counting here"
    )
    seed: int | None = Field(None, ge=0, lt=2**63, description="default: the job's")

    @model_validator(mode="after")
    def _tokens_are_counted_one_way(self) -> Self:
        if self.tokens_from and self.tokenizer:
            raise ValueError("tokenizer and tokens_from each say what a token is; give one of them")
        check(self.tokenizer, self.tokenizer_pattern)
        return self

    @model_validator(mode="after")
    def _shares_are_shares(self) -> Self:
        if negative := [f"{name} = {share:g}" for name, share in self.shares.items() if share < 0]:
            raise ValueError(f"shares must not be negative: {', '.join(negative)}")
        total = math.fsum(self.shares.values())
        if self.shares and not math.isclose(total, 1, abs_tol=1e-6):
            raise ValueError(f"shares sum to {total:g}; they must sum to 1")
        return self

    @model_validator(mode="after")
    def _proportions_are_said_once_and_of_a_budget(self) -> Self:
        said = {
            "shares": bool(self.shares),
            "alpha": self.alpha != 1,
            "weights": self.weights is not None,
            "weights_file": self.weights_file is not None,
        }
        names = [name for name, is_said in said.items() if is_said]
        if len(names) > 1 and names != ["shares", "alpha"]:
            raise ValueError(f"{' and '.join(names)} each say how sources are divided; give one of them")
        if isinstance(self.weights, dict):
            checked_weights(self.weights)
        needs_tokens = {**said, "shares": False, "weights": said["weights"] and self.weights != "proportional"}
        needs_tokens["real_first"] = self.real_first
        for name in [name for name, is_said in needs_tokens.items() if is_said and self.tokens is None]:
            raise ValueError(f"{name} says how `tokens` are divided; give tokens, or leave {name} out")
        if self.may_repeat and self.tokens is None:
            raise ValueError("epochs_max says how often documents may be taken to fill `tokens`; give tokens")
        return self

    @model_validator(mode="after")
    def _curves_and_costs_fit(self) -> Self:
        sources = [curve.source for curve in self.curves]
        if len(set(sources)) < len(sources):
            raise ValueError("curves: a source has more than one; give one of each source")
        if self.curves and self.importance:
            raise ValueError("curves and importance both say which documents come first; give one of them")
        if (self.cost_max is None) != (not self.cost_per_million_tokens):
            raise ValueError("cost_max and cost_per_million_tokens need each other")
        if any(not 0 <= cost < math.inf for cost in self.cost_per_million_tokens.values()):
            raise ValueError("cost_per_million_tokens must not be negative or infinite")
        return self

    @property
    def labels(self) -> tuple[str, ...]:
        """Columns that limits and `within` name, beside source and origin."""
        columns = {column for limit in self.limits for column in limit.columns} | {*self.within}
        return tuple(sorted(columns - {"source", "origin"}))

    @property
    def graded_by(self) -> list[list[str]]:
        """Source and column of each curve."""
        return [[curve.source, curve.column] for curve in self.curves]

    @property
    def counted_by(self) -> str:
        """What a token is: a column's, a tokenizer's, or estimated."""
        return f"column {self.tokens_from}" if self.tokens_from else name_of(self.tokenizer, self.tokenizer_pattern)

    @property
    def needs(self) -> tuple[str, ...]:
        """Source and origin, and what limits, curves, importance and tokens_from name."""
        columns = [*(curve.column for curve in self.curves), *filter(None, (self.importance, self.tokens_from))]
        return tuple(dict.fromkeys((*self.reads, *self.labels, *columns)))

    @property
    def may_repeat(self) -> bool:
        """Whether a document may be taken more than once."""
        return max([self.epochs_max, *(limit.epochs_max or 1 for limit in self.limits)]) > 1

    @property
    def recipe(self) -> Recipe:
        """The recipe, without what it is made of, and without weights in a file."""
        asked = tuple(limit.asked(number) for number, limit in enumerate(self.limits, 1) if limit.epochs_max is None)
        return Recipe(
            self.tokens,
            self.shares,
            self.synthetic_max,
            self.real_min,
            self.real_tokens_min,
            asked,
            0.0 if self.weights == "unimax" else self.alpha,
            self.weights if isinstance(self.weights, dict) else None,
            self.cost_per_million_tokens,
            self.cost_max,
            self.real_first,
        )

    def sketch(self, batch: pa.Table) -> pa.Table:
        """Return labels, tokens, digest, quality and random number of each document."""
        content = digests(batch["text"])
        content[~self.order.are_within(batch)] = 0  # no content: what is not mixed shares its copies with none
        draw = drawn(chance(batch["id"], self.seed or 0), numbers(batch[self.importance]) if self.importance else None)
        columns = {
            **{name: batch[name].cast(pa.string()) for name in ("source", "origin", *self.labels)},
            "tokens": self._tokens(batch),
            "content": pa.array(content[:, 0]),
            "rank_content": pa.array(content[:, 1]),
            "rank_origin": pa.array(origin_ranks(batch["origin"]).astype(np.int8)),
            "rank_draw": pa.array(draw),
        }
        return pa.table(columns | ({"grade": pa.array(self._grades(batch))} if self.curves else {}))

    @property
    def ordered_by(self) -> object:
        """How often which contents may be taken, and what is left out; not how much is taken in all."""
        limits = [[limit.where, limit.epochs_max] for limit in self.limits if limit.epochs_max]
        return [self.version, self.epochs_max, limits, [curve.drop_share for curve in self.curves]]

    @property
    def contents(self) -> Keyed:
        """What brings equal texts together."""
        return Contents(self.order.epochs_of)

    @property
    def edge_reads(self) -> tuple[str, ...]:
        """Where in the order parts end, roughly."""
        return (*self.order.names, "cell", "stretch", "last_stretch")

    @property
    def taken_reads(self) -> tuple[str, ...]:
        """Where in the order parts end."""
        return (*self.order.names, "place", "id")

    @property
    def graded(self) -> bool:
        """Whether there are curves."""
        return bool(self.curves)

    def grades(self, sketches: pa.Table) -> pa.Table:
        """Return the tokens of each grade, of what may be taken at all."""
        return self.order.grades(sketches)

    def supply(self, sketches: pa.Table, grades: pa.Table) -> pa.Table:
        """Return the tokens in each stretch of each cell's order."""
        return draws.supply(sketches, self.order.names, self.order.entries(sketches, grades))

    def plan(self, supply: pa.Table) -> pa.Table:
        """Divide the budget among the cells. A source that is named but has no documents is one that has none."""
        recipe = self.recipe
        if self.weights_file is not None:
            recipe = replace(recipe, weights=weights_of(self.weights_file.read("mix")))
        have = {*supply["source"].to_pylist()} if supply.num_columns else set()
        if recipe.weights is not None and have - {*recipe.weights}:
            missing = ", ".join(sorted(have - {*recipe.weights}))
            raise Refusal(f"mix: weights name no {missing}. Give every source a weight; 0 leaves it out.")
        return ends.planned(self.order, supply, recipe, {*self.shares, *(recipe.weights or ())})

    def edge(self, sketches: pa.Table, grades: pa.Table, planned: pa.Table) -> pa.Table:
        """Return the entries in the stretches in which parts end."""
        entries = self.order.entries(sketches, grades)
        return draws.edge(sketches, entries, planned, self.order.rows_of(entries.cells, planned))

    def cut(self, planned: pa.Table, edge: pa.Table) -> pa.Table:
        """Return where each part ends."""
        return ends.cut(planned, edge if edge.num_columns else draws.EDGE.empty_table())

    def taken(self, sketches: pa.Table, grades: pa.Table, cuts: pa.Table) -> pa.Table:
        """Return how often each document is taken, and why not where it is not."""
        found = self.order.taken(sketches, grades, cuts)
        if not self.curves:
            return found
        return with_notes(found, bands=bands_taken(self.order, sketches, grades, np.asarray(found["times"])))

    def told(self, cuts: pa.Table, notes: dict[str, Any]) -> dict[str, Any]:
        """Planned against achieved, by source, origin and label."""
        return {"tokenizer": self.counted_by, **told(self.order, cuts, notes.get("bands", {}))}

    @property
    def order(self) -> Order:
        """How often documents may be taken, and which first."""
        limits = tuple((limit.where, limit.epochs_max) for limit in self.limits if limit.epochs_max is not None)
        curves = {curve.source: curve.drop_share for curve in self.curves}
        return Order(("source", "origin", *self.labels), self.epochs_max, limits, curves, self.within)

    def _tokens(self, batch: pa.Table) -> pa.Array | pa.ChunkedArray:
        if self.tokens_from is None:
            return pa.array(count_tokens(batch["text"], self.tokenizer, self.tokenizer_pattern))
        given = batch[self.tokens_from]
        if not pa.types.is_integer(given.type) or given.null_count or (pc.min(given).as_py() or 0) < 0:
            raise Refusal(
                f"mix: the column {self.tokens_from} does not have a whole number for every document. Add it by "
                "the step count_tokens, or leave tokens_from out."
            )
        return given.cast(pa.int64())

    def _grades(self, batch: pa.Table) -> NDArray[np.uint32]:
        grade = np.zeros(batch.num_rows, GRADES.field("grade").type.to_pandas_dtype())
        for curve in self.curves:
            of_it = np.asarray(pc.equal(batch["source"], curve.source))
            if of_it.any():
                grade = np.where(of_it, grades_of(numbers(batch[curve.column])), grade)
        return grade
