"""Quality curves: the bottom of a source is left out, its top repeated, between them more is taken of what is better.

Of documents at quantile q of their cell's tokens by quality, 0 to 1, the part f(q) = M t^p is taken, where t is
(q - d) / (1 - d), d the share that is left out, M how often one may be taken, and p >= 0 follows from the budget: the
integral of f is (1 - d) M / (p + 1). A copy c (0, 1, ...) of a document whose random number is u is taken where
c + u < f(q), which is to say where p < log(M / (c + u)) / log(1 / t). So copies in order of the inverse of that number
are the curve of every budget: a larger one takes a superset.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.kernels.hashing import mix64_all

# Grades are told apart by sign, exponent and 12 bits of the mantissa; within one, order is by chance.
_GRADE_BITS = 24

BANDS = 20  # in which factors are told: vigintiles


def grades_of(quality: NDArray[np.float64]) -> NDArray[np.uint32]:
    """Return numbers in the order of quality; what has none is last, with 0.

    >>> grades_of(np.array([np.nan, -1.0, 0.0, 0.5, 0.5001, 0.51])).argsort(kind="stable").tolist()
    [0, 1, 2, 3, 4, 5]
    """
    bits = np.nan_to_num(quality, nan=0.0).astype(np.float64).view(np.uint64)
    ordered = np.where(bits >> np.uint64(63), ~bits, bits | np.uint64(1 << 63))
    grade = np.maximum((ordered >> np.uint64(64 - _GRADE_BITS)).astype(np.uint32), 1)
    return np.where(np.isnan(quality), np.uint32(0), grade)


@dataclass(frozen=True)
class Quantiles:
    """Where the grades of one cell lie among its tokens."""

    grade: NDArray[np.uint32]  # in order
    until: NDArray[np.float64]  # share of the cell's tokens up to and with each of them

    @classmethod
    def of(cls, grades: pa.Table) -> "Quantiles":
        """Put together what each grade has of the cell's tokens."""
        grade, place = np.unique(np.asarray(grades["grade"]), return_inverse=True)
        tokens = np.bincount(place, weights=np.asarray(grades["tokens"], np.float64), minlength=len(grade))
        return cls(grade, np.cumsum(tokens) / max(1.0, float(tokens.sum())))

    def at(self, grade: NDArray[np.uint32], draw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the quantile of documents, below 1; of those of one grade, it is drawn anew."""
        if not len(self.grade):
            return np.zeros(len(grade))
        place = np.minimum(np.searchsorted(self.grade, grade), len(self.grade) - 1)
        low = np.append(0.0, self.until)[place]
        another = (mix64_all(draw.view(np.uint64)) >> np.uint64(11)) * 2.0**-53
        return np.asarray(np.minimum(low + (self.until[place] - low) * another, 1 - 2.0**-53))


def order(
    quantile: NDArray[np.float64],
    draw: NDArray[np.float64],
    copy: int,
    dropped: NDArray[np.float64],
    most: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return the place of a copy in the order of the curve, 1 / p; infinite where it is never taken."""
    height = (quantile - dropped) / (1 - dropped)
    with np.errstate(divide="ignore", invalid="ignore"):
        place = -np.log(height) / np.log(most / (copy + draw))
    return np.where(height > 0, place, np.inf)


def factors(end: float, dropped: float, most: int) -> list[float]:
    """Return how often each band is to be taken on average, by the place at which the order is cut.

    >>> [round(one, 2) for one in factors(1.0, 0.5, 4)][-2:]
    [3.4, 3.8]
    """
    height = np.clip((np.arange(BANDS + 1) / BANDS - dropped) / (1 - dropped), 0, 1)
    if end <= 0:
        return [0.0] * BANDS
    power = 0.0 if np.isinf(end) else 1 / end
    whole: NDArray[np.float64] = most * (1 - dropped) * height ** (power + 1) / (power + 1)
    return [float(part) for part in np.diff(whole) * BANDS]
