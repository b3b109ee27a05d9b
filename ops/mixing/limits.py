"""Limits on a mix, as a linear program over cells, and where they conflict.

A cell is the documents of one source with one origin and the same labels. The variables are the tokens `x` taken of
each cell. A share of tokens is linear in them too: `group . x <= share * (of . x)`.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Tokens = NDArray[np.float64]

# Sets that are tried, about 1 ms each, to find one that is smaller than a set of which nothing can be left out.
_TRIES_MAX = 2_000
_EXACTLY = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}  # HiGHS knows no smaller ones


@dataclass(frozen=True, eq=False)
class Limit:
    """A number that the tokens of some cells must keep to, and what the user calls it."""

    name: str  # as the job file has it: "shares.web"
    kind: Literal["at_least", "at_most", "exactly"]
    value: float
    group: Flags  # the cells that are counted
    of: Flags | None = None  # the cells of whose tokens `value` is a share; None where it is a number of tokens
    supply: Tokens | None = None  # where given, each cell of the group may give `value` times its supply at most
    prices: Tokens | None = None  # where given, what a token of each cell counts; else 1

    @property
    def is_size(self) -> bool:
        """Whether it is a number of tokens of the whole mix."""
        return self.of is None and self.supply is None and self.prices is None and bool(self.group.all())

    @property
    def counts(self) -> Tokens:
        """What a token of each cell counts."""
        return np.asarray(self.group * (1.0 if self.prices is None else self.prices), np.float64)

    def rows(self) -> "Rows":
        """Return what it says, a row for each (in)equality."""
        if self.supply is not None:
            own = np.eye(len(self.group))[self.group]
            return Rows(own, self.value * self.supply[self.group], np.zeros(len(own), np.bool_))
        sign = -1.0 if self.kind == "at_least" else 1.0
        whole = np.zeros(len(self.group)) if self.of is None else self.value * self.of
        most = sign * self.value if self.of is None else 0.0
        # Prices are told as parts of the highest, so that they miss no more than tokens do.
        unit = 1.0 if self.prices is None else max(float(self.prices.max(initial=0.0)), np.finfo(np.float64).tiny)
        counted: Tokens = np.asarray(sign * (self.counts - whole) / unit, np.float64)
        return Rows(counted[None, :], np.array([most / unit]), np.array([self.kind == "exactly"]))


class Rows(NamedTuple):
    """`coefficients @ x <= most`, and where it is said exactly, `==`."""

    coefficients: Tokens
    most: Tokens
    exactly: Flags

    def missed(self, tokens: Tokens) -> Tokens:
        """Return by how much a mix exceeds each row, or misses it, where it is to be met exactly."""
        over = self.coefficients @ tokens - self.most
        return np.where(self.exactly, np.abs(over), over)


def rows_of(limits: Iterable[Limit], cells: int) -> Rows:
    """Return what all limits say."""
    found = [limit.rows() for limit in limits]
    none = Rows(np.zeros((0, cells)), np.zeros(0), np.zeros(0, np.bool_))
    return Rows(*(np.concatenate(parts) for parts in zip(none, *found, strict=True)))


def most_tokens(limits: Sequence[Limit], cells: int) -> float | None:
    """Return how many tokens a mix can have that keeps to all limits; None where no mix does."""
    scale = _scale(limits)
    found = _least(-np.ones(cells), rows_of(limits, cells), scale)
    return None if found is None else -found


def conflict(limits: Sequence[Limit], cells: int) -> list[Limit]:
    """Return limits that cannot be kept together, though they could if any one were left out; none if all can be.

    They are the fewest that conflict, wherever there are not too many sets to try. Those that come first in `limits`
    are left out rather than others.
    """
    if _agree(limits, cells):
        return []
    found = list(limits)
    for limit in limits:
        others = [one for one in found if one is not limit]
        if not _agree(others, cells):
            found = others
    for size in range(1, len(found)):
        if math.comb(len(limits), size) > _TRIES_MAX:
            break
        for some in itertools.combinations(reversed(limits), size):
            if not _agree(some, cells):
                return sorted(some, key=list(limits).index)
    return found


def attainable(limit: Limit, others: Sequence[Limit], cells: int) -> float | None:
    """Return the value nearest to its own with which a limit agrees with others; None where none will do.

    Of a limit by supply it is the tokens that all its cells together would have to give.
    """
    scale = _scale([limit, *others])
    rows = rows_of(others, cells)
    objective = limit.counts
    if limit.of is not None:
        # A ratio is linear in y = x * t where t is such that the whole is 1 (Charnes and Cooper, 1962).
        wider = np.vstack(
            [np.hstack([rows.coefficients, -rows.most[:, None] / scale]), np.append(limit.of.astype(np.float64), 0.0)]
        )
        rows = Rows(wider, scale * np.append(np.zeros(len(rows.most)), 1.0), np.append(rows.exactly, True))
        objective = np.append(objective, 0.0)
    low, high = _least(objective, rows, scale), _least(-objective, rows, scale)
    if low is None or high is None:
        return None
    unit = 1.0 if limit.of is None else scale
    ends = {"at_least": (-math.inf, -high), "at_most": (low, math.inf), "exactly": (low, -high)}[limit.kind]
    own = -math.inf if limit.supply is not None else limit.value
    return min(max(own, ends[0] / unit), ends[1] / unit)


def _agree(limits: Sequence[Limit], cells: int) -> bool:
    return _least(np.zeros(cells), rows_of(limits, cells), _scale(limits)) is not None


def _scale(limits: Sequence[Limit]) -> float:
    """Return the tokens of the whole mix, or the greatest number that limits speak of: solvers miss a part of it."""
    whole = [one.value for one in limits if one.is_size]
    tokens = [np.abs(limit.rows().most).max(initial=0.0) for limit in limits if limit.prices is None]
    return max(1.0, max(whole) if whole else max(tokens, default=1.0))


def _least(objective: Tokens, rows: Rows, scale: float) -> float | None:
    """Return the least that an objective can be, -inf where it can be any; None where no `x` keeps to the rows."""
    if not len(objective):
        return 0.0 if (rows.missed(objective) <= 0).all() else None
    from scipy.optimize import linprog  # noqa: PLC0415 - 0.8 s

    kept, most = rows.coefficients, rows.most / scale
    is_most, is_exactly = ~rows.exactly, rows.exactly
    found = linprog(
        objective, kept[is_most], most[is_most], kept[is_exactly], most[is_exactly], method="highs-ds", options=_EXACTLY
    )
    if found.status == 3:  # noqa: PLR2004 - unbounded
        return -math.inf
    return None if found.status == 2 else float(found.fun) * scale  # noqa: PLR2004 - infeasible
