"""The mix that is nearest to wished proportions, of those that keep to all limits.

Nearest is what has the least relative entropy to the wish (an I-projection: Csiszar, 1975): where a limit binds, the
cells that it binds keep their proportions to each other, and so do the others.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ops.mixing.limits import Rows, Tokens

_STEPS_MAX = 100
_NEWTON_STEPS_MAX = 25
_EXPONENT_MAX = 600.0
# Of the whole: less than a token in the largest mixes there are.
_MISSED_MAX = 1e-13
_NEAR = 1e-6
# What steps are held back by where no multiplier alone changes anything, and at most, in powers of e.
_DAMPING, _STEP_MAX = 1e-12, 20.0
_HALVINGS, _NONE = 100, 1e-25  # of a multiplier, and where it is none


class Mixed(NamedTuple):
    """Tokens of each cell, and how hard each row presses on them: 0 where it does not bind."""

    tokens: Tokens
    multipliers: Tokens


def by_newton(wished: Tokens, most: Tokens, rows: Rows) -> Mixed | None:
    """Return what `nearest` does where it is found at once; None where not, as it is if there is none."""
    part, scale = _in_parts(wished, most, rows)
    multipliers: Tokens | None = np.zeros(len(rows.most))
    for _ in range(_NEWTON_STEPS_MAX):
        if multipliers is None:
            return None
        if part.off(multipliers) <= _MISSED_MAX:
            return Mixed(part.given(multipliers) * scale, multipliers)
        multipliers = _stepped(part, multipliers)
    return None


def nearest(wished: Tokens, most: Tokens, rows: Rows) -> Mixed:
    """Return the mix nearest to `wished` that keeps to the rows, with `0 <= x <= most`.

    There must be one. Found by Newton's method for the multipliers of the rows, which are few; where it does not help,
    by Bregman's (1967), which takes one row after the other. Where only a multiplier without end would do, because a
    cell must be left empty, the last mix is moved as little as the rows need.

    >>> rows = Rows(np.array([[1.0, 1.0, 1.0], [-0.3, 0.7, 0.7]]), np.array([100.0, 0.0]), np.array([True, False]))
    >>> nearest(np.array([7000.0, 9000.0, 1000.0]), np.full(3, 1e9), rows).tokens.round(3).tolist()
    [70.0, 27.0, 3.0]
    """
    part, scale = _in_parts(wished, most, rows)
    multipliers = np.zeros(len(rows.most))
    for _ in range(_STEPS_MAX):
        if part.off(multipliers) <= _MISSED_MAX:
            return Mixed(part.given(multipliers) * scale, multipliers)
        stepped = _stepped(part, multipliers)
        multipliers = _in_turn(part, multipliers) if stepped is None else stepped
    return Mixed(_moved(part.given(multipliers), part) * scale, multipliers)


class _Parts(NamedTuple):
    """The same in parts of the whole."""

    wished: Tokens
    most: Tokens
    rows: Rows

    def given(self, multipliers: Tokens) -> Tokens:
        """Return the mix that multipliers stand for."""
        exponent = np.clip(-(multipliers @ self.rows.coefficients), -_EXPONENT_MAX, _EXPONENT_MAX)
        return np.minimum(self.most, self.wished * np.exp(exponent))

    def over(self, multipliers: Tokens) -> Tokens:
        """Return by how much each row is exceeded."""
        return np.asarray(self.rows.coefficients @ self.given(multipliers) - self.rows.most)

    def off(self, multipliers: Tokens) -> float:
        """Return by how much the worst row is missed. One that presses is met from both sides."""
        over = self.over(multipliers)
        return float(np.where(self.rows.exactly | (multipliers > 0), np.abs(over), over).max(initial=0.0))

    def value(self, multipliers: Tokens) -> float:
        """Return what multipliers are to make as great as can be: the dual of the distance."""
        tokens = self.given(multipliers)
        held = np.maximum(tokens, np.finfo(np.float64).tiny)
        distance = held * np.log(held / np.maximum(self.wished, np.finfo(np.float64).tiny)) - tokens
        return float(distance.sum() + multipliers @ (self.rows.coefficients @ tokens - self.rows.most))


def _in_parts(wished: Tokens, most: Tokens, rows: Rows) -> tuple[_Parts, float]:
    """Return the same in parts of the whole, and the tokens of it."""
    scale = max(1.0, float(np.abs(rows.most).max(initial=0.0)))
    return _Parts(wished / scale, most / scale, rows._replace(most=rows.most / scale)), scale


def _stepped(part: _Parts, multipliers: Tokens) -> Tokens | None:
    """Return better multipliers; None where none are found."""
    over = part.over(multipliers)
    free = part.rows.exactly | (multipliers > 0) | (over > 0)
    tokens = part.given(multipliers)
    moves = part.rows.coefficients[free] * np.where(tokens < part.most, tokens, 0.0)
    bend = moves @ part.rows.coefficients[free].T
    step = np.zeros(len(multipliers))
    step[free] = _solved(bend, over[free])
    value, off = part.value(multipliers), part.off(multipliers)
    for halving in range(40):
        tried = multipliers + step * 0.5**halving
        tried = np.where(part.rows.exactly, tried, np.maximum(tried, 0.0))
        # Near the end the value is too flat to tell.
        if part.value(tried) > value or part.off(tried) < off / 2 < _NEAR:
            return tried
    return None


def _in_turn(part: _Parts, multipliers: Tokens) -> Tokens:
    """Set one multiplier after the other so that its row is just met, 0 where it is met without."""
    found = multipliers.copy()
    for row in range(len(found)):
        low, high = -_EXPONENT_MAX if part.rows.exactly[row] else 0.0, _EXPONENT_MAX
        for _ in range(_HALVINGS):
            found[row] = (low + high) / 2
            over = part.over(found)[row] > 0
            low, high = (found[row], high) if over else (low, found[row])
        found[row] = 0.0 if abs(high) < _NONE else high
    return found


def _solved(bend: NDArray[np.float64], missed: Tokens) -> Tokens:
    damped = bend + np.eye(len(bend)) * (_DAMPING + _DAMPING * np.trace(bend))
    return np.asarray(np.clip(np.linalg.lstsq(damped, missed, rcond=None)[0], -_STEP_MAX, _STEP_MAX))


def _moved(tokens: Tokens, part: _Parts) -> Tokens:
    """Return the mix with the least sum of differences that keeps to the rows."""
    from scipy.optimize import linprog  # noqa: PLC0415 - 0.8 s

    cells = len(tokens)
    each = np.eye(cells)
    rows = part.rows
    wider = np.hstack([rows.coefficients, np.zeros((len(rows.most), cells))])
    differences = np.block([[each, -each], [-each, -each]])
    found = linprog(
        np.append(np.zeros(cells), np.ones(cells)),
        np.vstack([wider[~rows.exactly], differences]),
        np.concatenate([rows.most[~rows.exactly], tokens, -tokens]),
        wider[rows.exactly],
        rows.most[rows.exactly],
        bounds=[*((0, one) for one in part.most), *((0, None) for _ in range(cells))],
        method="highs-ds",
    )
    return np.asarray(found.x[:cells]) if found.status == 0 else tokens
