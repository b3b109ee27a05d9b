"""The recipe: from what each cell has to what it gives. Numbers only; refuses what cannot be met.

"Synthetic" here means every origin but real: text of unknown origin never counts as real.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ops.contract import Refusal
from ops.mixing.limits import Flags, Limit, Tokens, attainable, conflict, most_tokens, rows_of
from ops.mixing.nearest import Mixed, by_newton, nearest

Where = Mapping[str, Sequence[str]]  # columns, and which of their values are meant

_CAP_ON_ALL = "synthetic_max"

# How much of what only fills up is wished for, of what there is: less than a token in the largest mixes there are.
_LAST = 1e-18

# By which part a budget is made another to see what grows with it; and what is no growth, as a part of the largest.
_NEARBY, _NO_GROWTH = 0.001, 1e-6


@dataclass(frozen=True, eq=False)
class Cells:
    """What there is to mix: documents that are alike in source, origin and labels are one cell."""

    columns: Mapping[str, Sequence[str | None]]  # "source", "origin" and those that limits name: a value for each cell
    tokens: NDArray[np.int64]  # of all documents that may be taken, each once
    repeated: NDArray[np.int64] | None = None  # with every copy that may be taken; None: each may be taken once

    @property
    def most(self) -> NDArray[np.int64]:
        """Tokens that each cell may give."""
        return self.tokens if self.repeated is None else self.repeated

    def __len__(self) -> int:
        return len(self.tokens)

    def where(self, wanted: Where) -> Flags:
        """Say which cells have the wanted values; all of them where nothing is wanted."""
        found = np.ones(len(self), np.bool_)
        for column, values in wanted.items():
            found &= np.array([value in values for value in self.columns[column]], np.bool_)
        return found

    @property
    def sources(self) -> list[str]:
        """Names of the sources, in order."""
        return sorted({str(name) for name in self.columns["source"]})


@dataclass(frozen=True)
class Asked:
    """A limit as the user asks for it, of documents with some labels."""

    name: str
    kind: Literal["at_least", "at_most", "exactly"]
    value: float
    where: Where
    of: Where | None  # the documents of whose tokens it is a share; None where it is in tokens


@dataclass(frozen=True)
class Recipe:
    """What a mix must be and what it should be like; shares are of the mix's tokens."""

    tokens: float | None  # None: as many as the other limits allow
    shares: Mapping[str, float]  # by source; empty: none is asked for
    synthetic_max: float
    real_min: float
    real_tokens_min: int
    limits: tuple[Asked, ...] = ()
    alpha: float = 1.0  # sources in proportion to their tokens to this power
    weights: Mapping[str, float] | None = None  # sources in these proportions, whatever they have
    costs: Mapping[str, float] = field(default_factory=dict)  # of a million tokens, by source
    cost_max: float | None = None
    real_first: bool = False  # whether the rest only fills what real text leaves


@dataclass(frozen=True, eq=False)
class Plan:
    """Tokens that each cell is to give, and the limits that keep it from giving more or less."""

    tokens: Tokens
    growth: Tokens  # of tokens that were added to the budget, how each cell's part grows; all 0 where that is not known
    held: NDArray[np.int8]  # -1 where a cell's own part is rounded down, 1 where up, for a cap to hold; else 0
    bound_by: tuple[str, ...]


def slack(tokens: float) -> float:
    """Return by how much a number of tokens may miss a whole one, being a product of floats."""
    return 1e-6 + 1e-14 * tokens


def plan(cells: Cells, recipe: Recipe) -> Plan:
    """Divide the budget among the cells: of all mixes that keep to the limits, the nearest to the proportions wished.

    Raises Refusal with the limits that conflict, and what each would have to be.
    """
    limits = _limits(cells, recipe)
    if not cells.tokens.any() and (rows_of(limits, len(cells)).missed(np.zeros(len(cells))) <= 0).all():
        none = np.zeros(len(cells))
        return Plan(none, none, _held(cells, limits), ("supply",) * len(cells))
    wished, supply = _wished(cells, recipe), cells.most.astype(np.float64)
    made = by_newton(wished, supply, rows_of(limits, len(cells)))
    if made is None or (recipe.tokens is None and made.multipliers.any()):
        made = _searched(cells, recipe, limits, wished)
    tokens = np.where(made.tokens > slack(0), made.tokens, 0.0)
    bound_by = _bound_by(tokens, supply, made.multipliers, limits)
    return Plan(tokens, _growth(cells, recipe, wished, tokens), _held(cells, limits), bound_by)


def _searched(cells: Cells, recipe: Recipe, limits: Sequence[Limit], wished: Tokens) -> Mixed:
    """Return the mix where it is not clear that there is one, or how large it can be."""
    supplies = _supplies(cells)
    total = most_tokens([*supplies, *limits, _some_text(cells)], len(cells))
    if total is None:
        real = int(cells.tokens[cells.where({"origin": ["real"]})].sum())
        there_is = f" with {real:,} real tokens and {int(cells.tokens.sum()) - real:,} others"
        raise Refusal(_told(cells, [*supplies, *limits], there_is))
    whole = [Limit("tokens", "exactly", total, np.ones(len(cells), np.bool_))] if recipe.tokens is None else []
    return nearest(wished, cells.most.astype(np.float64), rows_of([*limits, *whole], len(cells)))


def _growth(cells: Cells, recipe: Recipe, wished: Tokens, tokens: Tokens) -> Tokens:
    """Return by how much each cell's part grows where the budget does by a thousandth, or did, where it cannot."""
    for part in (_NEARBY, -_NEARBY):
        if recipe.tokens is None:
            break
        other = _limits(cells, replace(recipe, tokens=recipe.tokens * (1 + part)))
        made = by_newton(wished, cells.most.astype(np.float64), rows_of(other, len(cells)))
        if made is not None:
            grown = np.maximum((made.tokens - tokens) * np.sign(part), 0.0)
            # In few digits: the last ones of a float may differ from machine to machine.
            few: Tokens = np.where(grown > grown.max() * _NO_GROWTH, grown.astype(np.float32), 0.0).astype(np.float64)
            return few
    return np.zeros(len(cells))


def _held(cells: Cells, limits: Sequence[Limit]) -> NDArray[np.int8]:
    """Say which cells the caps on some text that is not real speak of, and which real ones those are shares of."""
    held = np.zeros(len(cells), np.int8)
    real = cells.where({"origin": ["real"]})
    for limit in limits:
        is_cap = limit.kind == "at_most" and limit.prices is None and not (limit.group & real).any()
        if is_cap and limit.name != _CAP_ON_ALL:
            held[limit.group] = -1
            if limit.of is not None and not limit.of.all():
                held[limit.of & real] = 1
    return held


def conflict_of(recipe: Recipe, origins: Mapping[str, str]) -> str | None:
    """Say where limits conflict whatever each source has; None where they do not. Needs no text."""
    columns = {"source": list(origins), "origin": list(origins.values())}
    cells = Cells(columns, np.ones(len(origins), np.int64))
    limits = _limits(cells, by_columns(recipe, columns))
    ones = np.ones(len(cells))
    made = by_newton(ones, ones * np.inf, rows_of(limits, len(cells)))
    if made is not None and made.tokens.sum() >= 1:
        return None
    return _told(cells, limits) if conflict([*limits, _some_text(cells)], len(cells)) else None


def by_columns(recipe: Recipe, known: Collection[str]) -> Recipe:
    """Return a recipe without the limits that name other columns of documents than those."""
    return replace(recipe, limits=tuple(one for one in recipe.limits if {*one.where, *(one.of or {})} <= {*known}))


def _supplies(cells: Cells) -> list[Limit]:
    supply = cells.most.astype(np.float64)
    named = ((name, cells.where({"source": [name]})) for name in cells.sources)
    return [Limit(_supply_told(cells, name, group), "at_most", 1.0, group, supply=supply) for name, group in named]


def _supply_told(cells: Cells, name: str, group: Flags) -> str:
    once, most = int(cells.tokens[group].sum()), int(cells.most[group].sum())
    return f"{name!r} has {once:,} tokens" + ("" if most == once else f", {most:,} with all copies allowed")


def _limits(cells: Cells, recipe: Recipe) -> list[Limit]:
    """Return what the recipe asks for; first the cap that has a default: it is told of only where nothing else is."""
    everything: Where = {}
    real, rest = {"origin": ["real"]}, ~cells.where({"origin": ["real"]})
    asked = [] if recipe.tokens is None else [Asked("tokens", "exactly", recipe.tokens, everything, None)]
    asked += [
        Asked(f"shares.{name}", "exactly", share, {"source": [name]}, everything)
        for name, share in sorted(recipe.shares.items(), key=lambda one: _scarcity(cells, *one))
    ]
    if recipe.real_min:
        asked.append(Asked("real_min", "at_least", recipe.real_min, real, everything))
    if recipe.real_tokens_min:
        asked.append(Asked("real_tokens_min", "at_least", recipe.real_tokens_min, real, None))
    found = [
        Limit(one.name, one.kind, one.value, cells.where(one.where), None if one.of is None else cells.where(one.of))
        for one in (*asked, *recipe.limits)
    ]
    whole = np.ones(len(cells), np.bool_)
    none = [name for name, weight in sorted((recipe.weights or {}).items()) if not weight]
    found += [Limit(f"weights.{name}", "exactly", 0.0, cells.where({"source": [name]})) for name in none]
    if recipe.cost_max is not None:
        prices = np.array([recipe.costs.get(str(name), 0.0) / 1e6 for name in cells.columns["source"]])
        found.append(Limit("cost_max", "at_most", recipe.cost_max, prices > 0, prices=prices))
    return [Limit(_CAP_ON_ALL, "at_most", recipe.synthetic_max, rest, whole), *found]


def _scarcity(cells: Cells, name: str, share: float) -> float:
    """Return how little a source has for its share; the scarcest is last, and told of rather than others."""
    return share / max(1, int(cells.most[cells.where({"source": [name]})].sum()))


def _some_text(cells: Cells) -> Limit:
    return Limit("a mix with any text", "at_least", 1.0, np.ones(len(cells), np.bool_))


def _wished(cells: Cells, recipe: Recipe) -> Tokens:
    """Return tokens in the proportions wished: of sources by weight, of the cells of each by what they have."""
    wished = cells.tokens.astype(np.float64)
    for name in cells.sources:
        group = cells.where({"source": [name]})
        whole = wished[group].sum()
        if whole and recipe.weights is not None:
            wished[group] *= recipe.weights.get(name, 0.0) / whole
        elif whole:
            wished[group] *= whole ** (recipe.alpha - 1)
    return np.where(cells.where({"origin": ["real"]}), 1.0, _LAST if recipe.real_first else 1.0) * wished


def _bound_by(tokens: Tokens, supply: Tokens, multipliers: Tokens, limits: Sequence[Limit]) -> tuple[str, ...]:
    found: list[list[str]] = [
        ["supply"] if one >= most - slack(most) else [] for one, most in zip(tokens, supply, strict=True)
    ]
    row = 0
    for limit in limits:
        coefficients = limit.rows().coefficients
        presses = (multipliers[row : row + len(coefficients)] != 0).any()
        row += len(coefficients)
        for cell in np.flatnonzero(limit.group) if presses else ():
            if limit.name not in found[cell]:
                found[cell].append(limit.name)
    return tuple(", ".join(names) for names in found)


def _told(cells: Cells, limits: Sequence[Limit], there_is: str = "") -> str:
    """Say which limits conflict, and what each would have to be for the others to stay."""
    found, without = conflict(limits, len(cells)), ""
    if not found:
        # They agree on a mix of nothing.
        limits, without = [*limits, _some_text(cells)], ": no text would be left"
        found = conflict(limits, len(cells))[:-1]
    each = "; ".join(f"{_limit_told(one)} ({_needed(one, limits, cells)})" for one in found)
    these = "these limits conflict, change one" if len(found) > 1 else "change this"
    return f"the recipe cannot be met{there_is}{without}; {these}: {each}"


def _limit_told(limit: Limit) -> str:
    if limit.supply is not None:
        return limit.name
    if limit.of is not None or limit.prices is not None:
        return f"{limit.name} = {limit.value:g}"
    return f"{limit.name} = {limit.value:,.0f}"


def _needed(limit: Limit, limits: Sequence[Limit], cells: Cells) -> str:
    """Say what a limit would have to be."""
    others = [_rebased(one, limit) for one in limits if one is not limit]
    value = attainable(limit, others, len(cells))
    if value is None:
        return "no other value would do alone"
    if limit.supply is not None:
        return f"{_whole(value, down=False)} would do"
    if limit.of is None:
        return f"{_whole(value, down=value < limit.value)} would do"
    return f"{_rounded(value, down=value < limit.value):g} would do"


def _rebased(other: Limit, limit: Limit) -> Limit:
    """Return a share as one of what another share leaves: if that changes, the others keep their proportions."""
    if not (limit.name.startswith("shares.") and other.name.startswith("shares.") and limit.value < 1):
        return other
    assert other.of is not None  # as of all shares
    return replace(other, value=other.value / (1 - limit.value), of=other.of & ~limit.group)


def _whole(tokens: float, *, down: bool) -> str:
    """Write whole tokens, rounded so that what is advised can be had."""
    return f"{math.floor(tokens + slack(tokens)) if down else math.ceil(tokens - slack(tokens)):,}"


def _rounded(share: float, *, down: bool) -> float:
    """Round a share to four digits, so that what is advised can be had."""
    return (math.floor(share * 10_000 + 1e-6) if down else math.ceil(share * 10_000 - 1e-6)) / 10_000
