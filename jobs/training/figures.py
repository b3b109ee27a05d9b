"""How well a classifier does on texts that it has not seen: their labels and its scores in, numbers out."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

_THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_BINS = 10
_DIGITS = 6

Labels = NDArray[np.bool_]
Scores = NDArray[np.float64]


def figures(is_positive: Labels, scores: Scores) -> dict[str, Any]:
    """Return counts, what thresholds keep, how true the probabilities are, and how well scores order.

    >>> told = figures(np.array([True, True, False]), np.array([0.9, 0.4, 0.1]))
    >>> told["auc"], told["thresholds"][5]
    (1.0, {'threshold': 0.5, 'kept': 1, 'precision': 1.0, 'recall': 0.5})
    """
    calibration = list(_calibration(is_positive, scores))
    off = sum(one["documents"] * abs(one["score"] - one["positive"]) for one in calibration)
    return {
        "documents": len(scores),
        "positive": int(is_positive.sum()),
        "auc": _auc(is_positive, scores),
        "brier": _rounded(np.mean((scores - is_positive) ** 2)),
        "calibration_error": _rounded(off / len(scores)),
        "thresholds": [_at(threshold, is_positive, scores) for threshold in _THRESHOLDS],
        "calibration": calibration,
    }


def _at(threshold: float, is_positive: Labels, scores: Scores) -> dict[str, Any]:
    """What stays where `limits` has this `least`; no precision where nothing does."""
    kept = scores >= threshold
    right = int((kept & is_positive).sum())
    return {
        "threshold": threshold,
        "kept": int(kept.sum()),
        "precision": _rounded(right / kept.sum()) if kept.any() else None,
        "recall": _rounded(right / is_positive.sum()),
    }


def _calibration(is_positive: Labels, scores: Scores) -> Iterator[dict[str, Any]]:
    """Tell, for scores between tenths, their mean, and the share of texts that are positive."""
    bins = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    for number in range(_BINS):
        here = bins == number
        if here.any():
            yield {
                "from": number / _BINS,
                "to": (number + 1) / _BINS,
                "documents": int(here.sum()),
                "score": _rounded(scores[here].mean()),
                "positive": _rounded(is_positive[here].mean()),
            }


def _auc(is_positive: Labels, scores: Scores) -> float:
    """Chance that a positive text has a higher score than another one; equal ones count half."""
    ordered = np.sort(scores[~is_positive])
    lower = np.searchsorted(ordered, scores[is_positive], "left")
    not_higher = np.searchsorted(ordered, scores[is_positive], "right")
    return _rounded((lower + not_higher).mean() / 2 / len(ordered))


def _rounded(value: float | np.floating[Any]) -> float:
    return round(float(value), _DIGITS)
