"""Signals for the report: how what judges compare is distributed, by source and profile, and where their lines are."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from jobs.ledger import Ledger, stage_name, step_settings
from jobs.storage import Storage
from jobs.tuning.measured import Measured, measure
from ops import Step
from ops.contract import Check

# Enough for shares to be right to half a per cent; columns of some dozen units are read for it.
_DOCUMENTS_MAX = 50_000

_BINS = 40

# The hundredth at either end is drawn at the edge: one text of a million words would leave one bin for all others.
_OUTER = (0.01, 0.99)


def signals(storage: Storage, ledger: Ledger) -> list[dict[str, Any]]:
    """Tell of the signal of each rule that has a threshold, in the order in which they are applied."""
    settings = step_settings(ledger.manifest)
    adapter: TypeAdapter[Any] = TypeAdapter(Step)
    told: list[dict[str, Any]] = []
    passes = -1
    for stage in ledger.manifest["stages"]:
        passes += stage_name(stage["folder"]) == "pass"
        if stage_name(stage["folder"]) == "judges":
            steps = [(label, adapter.validate_python(settings[label])) for label in stage["steps"]]
            found = measure(storage, [lot.held for lot in ledger.passes[passes]], steps, _DOCUMENTS_MAX)
            told += _told(found)
    return told


def _told(measured: Measured) -> Iterator[dict[str, Any]]:
    sources = np.array([one.source for one in measured.lots], object)[measured.lot]
    for step, rules in _figures(measured.checks):
        check = next(iter(rules.values()))
        known = ~np.isnan(check.value)
        profiles = measured.profile(step)
        lines = [
            {"profile": profile, "at": float(np.asarray(one.threshold)[profiles == profile][0])}
            for one in rules.values()
            for profile in sorted(set(profiles.tolist()))
        ]
        lines = [line for line in lines if not np.isnan(line["at"])]
        if not lines or not known.any():
            continue
        begin, end = _range(check, [line["at"] for line in lines])
        yield {
            "step": step,
            "reasons": list(rules),
            "begin": begin,
            "end": end,
            "thresholds": lines,
            "series": [
                {"source": source, "profile": profile, **_histogram(check.value[here & known], begin, end)}
                for source, profile in sorted(set(zip(sources.tolist(), profiles.tolist(), strict=True)))
                if (here := (sources == source) & (profiles == profile)).any()
            ],
        }


def _figures(checks: Mapping[tuple[str, str], Check]) -> list[tuple[str, dict[str, Check]]]:
    """Return the rules of each figure, by reason: the least and the most of one signal share theirs."""
    figures: list[tuple[str, dict[str, Check]]] = []
    for (step, reason), check in checks.items():
        if np.isnan(check.threshold).all():  # it is off
            continue
        last_step, last = figures[-1] if figures else ("", {})
        if last_step == step and len(last) == 1 and _is_pair(next(iter(last.values())), check):
            last[reason] = check
        else:
            figures.append((step, {reason: check}))
    return figures


def _is_pair(one: Check, other: Check) -> bool:
    return one.is_least and not other.is_least and np.array_equal(one.value, other.value, equal_nan=True)


def _range(check: Check, thresholds: list[float]) -> tuple[float, float]:
    """Return what to draw: most of the values, and the thresholds that are not far from them."""
    low, high = np.quantile(check.value[~np.isnan(check.value)], _OUTER).tolist()
    span = (high - low) or abs(high) or 1.0
    near = [one for one in thresholds if low - span <= one <= high + span]
    begin, end = min(low, *near, high), max(high, *near, low)
    room = (end - begin or span) / 20
    return float(f"{max(begin - room, min(low, 0.0)):.4g}"), float(f"{end + room:.4g}")


def _histogram(values: NDArray[np.float64], begin: float, end: float) -> dict[str, Any]:
    counts, _ = np.histogram(np.clip(values, begin, end), bins=_BINS, range=(begin, end))
    return {"documents": len(values), "shares": np.round(counts / max(1, len(values)), 4).tolist()}
