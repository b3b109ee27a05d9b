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
from pydantic import Field, model_validator

from ops.columns import VERDICT
from ops.contract import Op, with_notes
from ops.kernels.hashing import chance
from ops.kernels.tokens import count_tokens
from ops.mixing.recipe import Limits, Plan, Supply, plan, slack

# Named in every release, so that a budget in other tokens cannot be mistaken for this one.
TOKENIZER = "gristmill words and unspaced characters, version 1"


class Mix(Op):
    """Keep of each source as many tokens as the recipe gives it; the others go with reason `over_budget`.

    Tokens are words, and characters in scripts without spaces. Shares are of the mix's tokens. Text whose origin is not
    real (synthetic or unknown) stays at or below `synthetic_max`. What cannot be met is refused, with the numbers.
    """

    op: Literal["mix"] = "mix"
    reads: ClassVar[tuple[str, ...]] = ("text", "source", "origin")
    sketched_by: ClassVar[tuple[str, ...]] = ("seed",)
    tokens: int | None = Field(None, ge=1, description="size of the mix; default: as many as the other limits allow")
    shares: dict[str, float] = Field(default_factory=dict, description="by source; default: in proportion to supply")
    synthetic_max: float = Field(0.3, ge=0, le=1, description="share of tokens that are not real, at most")
    real_min: float = Field(0.0, ge=0, le=1, description="share of real tokens, at least")
    real_tokens_min: int = Field(0, ge=0, description="real tokens, at least")
    seed: int | None = Field(None, ge=0, lt=2**63, description="default: the job's")

    @model_validator(mode="after")
    def _shares_are_shares(self) -> Self:
        if any(share < 0 for share in self.shares.values()):
            raise ValueError("shares must not be negative")
        total = math.fsum(self.shares.values())
        if self.shares and not math.isclose(total, 1, abs_tol=1e-6):
            raise ValueError(f"shares sum to {total:g}; they must sum to 1")
        return self

    @property
    def limits(self) -> Limits:
        """The recipe's limits."""
        return Limits(self.tokens, self.shares, self.synthetic_max, self.real_min, self.real_tokens_min)

    def sketch(self, batch: pa.Table) -> pa.Table:
        """Return source, origin, tokens and the random number of each document."""
        return pa.table(
            {
                "source": batch["source"].cast(pa.string()),
                "origin": batch["origin"].cast(pa.string()),
                "tokens": pa.array(count_tokens(batch["text"])),
                "chance": pa.array(chance(batch["id"], self.seed or 0)),
            }
        )

    def gather(self, sketches: pa.Table) -> pa.Table:
        """Return a verdict for every document beyond its source's part."""
        supplies = _supplies(sketches, self.shares)
        made = plan(supplies, self.limits)
        kept_tokens: dict[str, int] = {}
        lost = []
        for name, supply in supplies.items():
            rows = sketches.filter(pc.equal(sketches["source"], name))
            over, kept_tokens[name] = over_budget(rows, made.tokens[name], round_up=supply.origin == "real")
            lost.append(over)
        over_all = pa.concat_tables([VERDICT.empty_table(), *lost]).sort_by("at")
        return with_notes(over_all, tokenizer=TOKENIZER, sources=_achieved(supplies, made, kept_tokens))


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


def _supplies(sketches: pa.Table, shares: dict[str, float]) -> dict[str, Supply]:
    """Tokens by source, in order of name; a source with a share but without documents has none."""
    sums = sketches.group_by(["source", "origin"]).aggregate([("tokens", "sum")]).sort_by("source").to_pylist()
    found = {row["source"]: Supply(row["origin"], row["tokens_sum"]) for row in sums}
    return {name: found.get(name, Supply("unknown", 0)) for name in sorted({*found, *shares})}


def _achieved(supplies: dict[str, Supply], made: Plan, kept_tokens: dict[str, int]) -> dict[str, object]:
    """Planned against achieved, by source."""
    planned_total = math.fsum(made.tokens.values())
    kept_total = sum(kept_tokens.values())
    return {
        name: {
            "origin": supply.origin,
            "supply_tokens": supply.tokens,
            "planned_tokens": round(made.tokens[name]),
            "achieved_tokens": kept_tokens[name],
            "planned_share": _rounded(made.tokens[name], planned_total),
            "achieved_share": _rounded(kept_tokens[name], kept_total),
            "bound_by": made.bound_by[name],
        }
        for name, supply in supplies.items()
    }


def _rounded(part: float, whole: float) -> float:
    """Share to six digits, which is what a manifest can be compared by."""
    return round(part / whole, 6) if whole else 0.0
