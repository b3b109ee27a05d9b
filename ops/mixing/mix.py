"""Mix: a token budget over sources, with shares, a cap on synthetic text and a floor under real text.

Sketch: source, tokens and a random number for each document. Gathered: per source, documents in order of their random
number are taken up to the planned tokens. The number is a hash of (seed, id), so the choice does not depend on order or
machine, changes little as the corpus grows, and a larger budget takes a superset.
"""

import math
from typing import ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ops.columns import VERDICT
from ops.contract import Op, with_notes
from ops.kernels.hashing import chance
from ops.mixing.recipe import Asked, Cells, Plan, Recipe, plan, slack
from ops.tokenizers import PatternSetting, TokenizerSetting, check, count_tokens, name_of

_KINDS: dict[str, Literal["at_least", "at_most", "exactly"]] = {"min": "at_least", "max": "at_most", "": "exactly"}


class MixLimit(BaseModel):
    """One number that the mix must keep to, of the documents whose columns have the values that `where` names.

    `where = { domain = "math", origin = ["synthetic"] }`. A share is of the tokens of those that `of` names in the same
    way; by default of all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    where: dict[str, tuple[str, ...]] = Field(min_length=1, description="columns, and which of their values are meant")
    of: dict[str, tuple[str, ...]] = Field(default_factory=dict, description="what a share is of; default: all")
    tokens: int | None = Field(None, ge=0, description="exactly so many")
    tokens_min: int | None = Field(None, ge=0, description="at least so many")
    tokens_max: int | None = Field(None, ge=0, description="at most so many")
    share: float | None = Field(None, ge=0, le=1, description="exactly this share")
    share_min: float | None = Field(None, ge=0, le=1, description="at least this share")
    share_max: float | None = Field(None, ge=0, le=1, description="at most this share")
    because: str | None = Field(None, description="why, for those who read the release")

    @field_validator("where", "of", mode="before")
    @classmethod
    def _one_value_is_a_list_of_one(cls, wanted: object) -> object:
        if not isinstance(wanted, dict):
            return wanted
        return {column: (value,) if isinstance(value, str) else value for column, value in wanted.items()}

    @model_validator(mode="after")
    def _has_one_number(self) -> Self:
        if len(self._numbers()) != 1:
            raise ValueError("a limit has exactly one of tokens, tokens_min, tokens_max, share, share_min, share_max")
        if self.of and not next(iter(self._numbers())).startswith("share"):
            raise ValueError("`of` is for shares; a number of tokens is of nothing")
        return self

    def _numbers(self) -> dict[str, float]:
        told = self.model_dump(include={"tokens", "tokens_min", "tokens_max", "share", "share_min", "share_max"})
        return {name: value for name, value in told.items() if value is not None}

    def asked(self, number: int) -> Asked:
        """Return it as the recipe has it."""
        ((name, value),) = self._numbers().items()
        unit, _, end = name.partition("_")
        values = ", ".join("|".join(values) for values in self.where.values())
        called = f"limits.{number} ({values}) {name}"
        return Asked(called, _KINDS[end], value, self.where, self.of if unit == "share" else None)

    @property
    def columns(self) -> set[str]:
        """The columns that it names."""
        return {*self.where, *self.of}


class Mix(Op):
    """Keep as many tokens of each kind of document as the recipe gives it; the others go with reason `over_budget`.

    Tokens are those of `tokenizer`, a file; without one they are estimated. Shares are of the mix's tokens. Text whose
    origin is not real (synthetic or unknown) stays at or below `synthetic_max`. Of all mixes that keep to the limits it
    is the one nearest to what there is, or to `alpha`. What cannot be met is refused, with the limits that conflict.
    """

    op: Literal["mix"] = "mix"
    version: ClassVar[int] = 3
    reads: ClassVar[tuple[str, ...]] = ("text", "source", "origin")
    sketched_by: ClassVar[tuple[str, ...]] = ("seed", "labels", "tokenizer", "tokenizer_pattern")
    tokens: int | None = Field(None, ge=1, description="size of the mix; default: as many as the other limits allow")
    shares: dict[str, float] = Field(default_factory=dict, description="by source; default: by alpha")
    alpha: float = Field(
        1.0, ge=0, le=1, description="sources in proportion to their tokens to this power; 0 is UniMax; needs tokens"
    )
    synthetic_max: float = Field(0.3, ge=0, le=1, description="share of tokens that are not real, at most")
    real_min: float = Field(0.0, ge=0, le=1, description="share of real tokens, at least")
    real_tokens_min: int = Field(0, ge=0, description="real tokens, at least")
    limits: tuple[MixLimit, ...] = Field((), description="budgets, caps and floors by source, origin and any column")
    tokenizer: TokenizerSetting = None
    tokenizer_pattern: PatternSetting = None
    seed: int | None = Field(None, ge=0, lt=2**63, description="default: the job's")

    @model_validator(mode="after")
    def _tokenizer_is_one(self) -> Self:
        check(self.tokenizer, self.tokenizer_pattern)
        return self

    @model_validator(mode="after")
    def _shares_are_shares(self) -> Self:
        if any(share < 0 for share in self.shares.values()):
            raise ValueError("shares must not be negative")
        total = math.fsum(self.shares.values())
        if self.shares and not math.isclose(total, 1, abs_tol=1e-6):
            raise ValueError(f"shares sum to {total:g}; they must sum to 1")
        return self

    @model_validator(mode="after")
    def _alpha_has_a_budget(self) -> Self:
        if self.alpha != 1 and self.tokens is None:
            raise ValueError("alpha says how `tokens` are divided; give tokens, or leave alpha out")
        return self

    @property
    def labels(self) -> tuple[str, ...]:
        """Columns that limits name, beside source and origin."""
        return tuple(sorted({column for limit in self.limits for column in limit.columns} - {"source", "origin"}))

    @property
    def needs(self) -> tuple[str, ...]:
        """Source and origin, and what limits name."""
        return (*self.reads, *self.labels)

    @property
    def recipe(self) -> Recipe:
        """The recipe, without what it is made of."""
        asked = tuple(limit.asked(number) for number, limit in enumerate(self.limits, 1))
        return Recipe(
            self.tokens, self.shares, self.synthetic_max, self.real_min, self.real_tokens_min, asked, self.alpha
        )

    def sketch(self, batch: pa.Table) -> pa.Table:
        """Return source, origin, labels, tokens and the random number of each document."""
        columns = {name: batch[name].cast(pa.string()) for name in ("source", "origin", *self.labels)}
        tokens = pa.array(count_tokens(batch["text"], self.tokenizer, self.tokenizer_pattern))
        return pa.table({**columns, "tokens": tokens, "chance": pa.array(chance(batch["id"], self.seed or 0))})

    def gather(self, sketches: pa.Table) -> pa.Table:
        """Return a verdict for every document beyond its cell's part."""
        names = ["source", "origin", *self.labels]
        cells = _cells(sketches, names, self.shares)
        made = plan(cells, self.recipe)
        kept_tokens = np.zeros(len(cells), np.int64)
        lost = []
        for cell in range(len(cells)):
            rows = sketches.filter(_is_of(sketches, {name: cells.columns[name][cell] for name in names}))
            is_real = cells.columns["origin"][cell] == "real"
            over, kept_tokens[cell] = over_budget(rows, float(made.tokens[cell]), round_up=is_real)
            lost.append(over)
        over_all = pa.concat_tables([VERDICT.empty_table(), *lost]).sort_by("at")
        return with_notes(
            over_all,
            tokenizer=name_of(self.tokenizer, self.tokenizer_pattern),
            sources=_achieved(cells, made, kept_tokens),
        )


def over_budget(rows: pa.Table, planned: float, *, round_up: bool) -> tuple[pa.Table, int]:
    """Return verdicts for one source's documents beyond `planned` tokens, and the tokens that stay.

    The part of real text is rounded up to whole documents and the others' down, so that a cap on synthetic text holds
    to the token; either way a part is within one document of the plan.
    """
    ordered = rows.sort_by([("chance", "ascending"), ("id", "ascending")])
    tokens = np.asarray(ordered["tokens"], np.int64)
    until = np.cumsum(tokens)
    begun = until - tokens < planned - slack(planned) if round_up else np.zeros(len(tokens), np.bool_)
    stays = (begun | (until <= planned + slack(planned))) & (planned > 0)
    goes = ordered.filter(pa.array(~stays))
    columns = [
        goes["at"],
        pa.repeat(pa.scalar("over_budget"), goes.num_rows),
        pa.array(until[~stays], pa.float64()),
        pa.repeat(pa.scalar(float(planned), pa.float64()), goes.num_rows),
        *(pa.nulls(goes.num_rows, VERDICT.field(name).type) for name in ("kept_id", "copies", "copy_sources")),
    ]
    return pa.table(columns, schema=VERDICT), int(tokens[stays].sum())


def _is_of(sketches: pa.Table, labels: dict[str, str | None]) -> pa.ChunkedArray:
    """Say which documents have these labels; null is one."""
    found = pa.chunked_array([pa.repeat(pa.scalar(True), sketches.num_rows)])  # noqa: FBT003
    for name, value in labels.items():
        column = sketches[name]
        found = pc.and_(found, pc.is_null(column) if value is None else pc.fill_null(pc.equal(column, value), False))  # noqa: FBT003
    return found


def _cells(sketches: pa.Table, names: list[str], shares: dict[str, float]) -> Cells:
    """Tokens by cell, in order; a source with a share but without documents is one that has none."""
    order = [(name, "ascending") for name in names]
    sums = sketches.group_by(names).aggregate([("tokens", "sum")]).sort_by(order).to_pylist()
    absent = sorted(set(shares) - {row["source"] for row in sums})
    sums += [{"source": name, "origin": "unknown", "tokens_sum": 0} for name in absent]
    columns = {name: [row.get(name) for row in sums] for name in names}
    return Cells(columns, np.array([row["tokens_sum"] for row in sums], np.int64))


def _achieved(cells: Cells, made: Plan, kept_tokens: NDArray[np.int64]) -> dict[str, object]:
    """Planned against achieved, by source."""
    planned_total, kept_total = math.fsum(made.tokens), int(kept_tokens.sum())
    told: dict[str, object] = {}
    for name in cells.sources:
        group = np.flatnonzero(cells.where({"source": [name]})).tolist()
        planned, kept = math.fsum(made.tokens[group]), int(kept_tokens[group].sum())
        told[name] = {
            "origin": ", ".join(sorted({str(cells.columns["origin"][cell]) for cell in group})),
            "supply_tokens": int(cells.tokens[group].sum()),
            "planned_tokens": round(planned),
            "achieved_tokens": kept,
            "planned_share": _rounded(planned, planned_total),
            "achieved_share": _rounded(kept, kept_total),
            "bound_by": ", ".join(dict.fromkeys(made.bound_by[cell] for cell in group if made.bound_by[cell])),
        }
    return told


def _rounded(part: float, whole: float) -> float:
    """Share to six digits, which is what a manifest can be compared by."""
    return round(part / whole, 6) if whole else 0.0
