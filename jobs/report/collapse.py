"""What the report tells of a collapse guard: each group beside real text, and the whole over the releases so far."""

from typing import Any

from jobs.release import read_manifest, released_numbers
from jobs.storage import Storage
from ops.collapse.metrics import METRICS

# The pair to gate by; the others are in report.json.
_PRIMARY = ("tail_coverage", "template_concentration")

# Releases that are drawn, the latest.
_RELEASES = 40

# Of a drawing in units of its own: a value is drawn in parts of real text's mean, from 0 to twice as much.
_WIDTH, _HEIGHT = 100.0, 60.0
_SCALE_MAX = 2.0

WHOLE = "all"


def collapse(storage: Storage, manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Return, for each guard of a release, its groups, and how the whole was in this release and those before."""
    guards = {label: notes for label, notes in manifest["surveys"].items() if _is_guard(notes)}
    if not guards:
        return []
    numbers = [one for one in released_numbers(storage) if one < manifest["release"]][-_RELEASES + 1 :]
    releases = [*(read_manifest(storage, number) for number in numbers), manifest]
    return [
        {
            "step": label,
            "groups": [_group(name, told) for name, told in notes["groups"].items() if told["metrics"]],
            "small": [name for name, told in notes["groups"].items() if not told["metrics"]],
            "over_releases": [_over_releases(metric, label, releases) for metric in _PRIMARY],
        }
        for label, notes in guards.items()
    ]


def _is_guard(notes: dict[str, Any]) -> bool:
    return "groups" in notes and "real_tokens" in notes


def _group(name: str, told: dict[str, Any]) -> dict[str, Any]:
    """Tell a group's metrics, the primary pair drawn."""
    drawn = [{"metric": metric, **_drawn(metric, told["metrics"][metric])} for metric in _PRIMARY]
    outside = [metric for metric in METRICS if _is_beyond(metric, told["metrics"][metric])]
    return {"group": name, "tokens": told["tokens"], "drawn": drawn, "outside": outside, "metrics": told["metrics"]}


def _drawn(metric: str, found: dict[str, float]) -> dict[str, Any]:
    """Place a value and real text's range between nothing and twice real text's mean."""
    ends = (_placed(found[end], found["real_mean"]) for end in ("value", "real_low", "real_high"))
    value, low, high = ends
    return {
        "value": found["value"],
        "at": value,
        "low": low,
        "width": round(max(high - low, 0.6), 2),
        "is_beyond": _is_beyond(metric, found),
    }


def _placed(value: float, mean: float) -> float:
    return round(min(max(value / mean if mean else 0.0, 0.0), _SCALE_MAX) / _SCALE_MAX * _WIDTH, 2)


def _is_beyond(metric: str, found: dict[str, float]) -> bool:
    """Say whether a value lies beyond real text's range on the side of a collapse."""
    is_low = METRICS[metric].collapses == "low"
    return found["value"] < found["real_low"] if is_low else found["value"] > found["real_high"]


def _over_releases(metric: str, label: str, releases: list[dict[str, Any]]) -> dict[str, Any]:
    """Lay out a metric of the whole over releases: its value, and real text's range as a band."""
    told = [
        (release["release"], found[metric])
        for release in releases
        if (found := release["surveys"].get(label, {}).get("groups", {}).get(WHOLE, {}).get("metrics"))
    ]
    highest = max((max(found["value"], found["real_high"]) for _, found in told), default=0.0) or 1.0
    step = _WIDTH / max(1, len(told) - 1)

    def points(end: str) -> list[str]:
        heights = (_HEIGHT * (1 - max(0.0, found[end]) / highest) for _, found in told)
        return [f"{round(n * step, 2)},{round(height, 2)}" for n, height in enumerate(heights)]

    return {
        "metric": metric,
        "releases": [number for number, _ in told],
        "line": " ".join(points("value")),
        "band": " ".join([*points("real_high"), *reversed(points("real_low"))]),
        "highest": highest,
    }
