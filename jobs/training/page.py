"""The page of a trained model: its figures in, one HTML file out that opens offline, without scripts."""

import math
from pathlib import Path
from typing import Any

from jobs.report.page import count, number, share, size, templates
from ops.edits.classifier_model import Model
from ops.kernels.ngram_model import NGramSettings

_WIDTH, _HEIGHT = 460, 180

# Texts of either end, with their perplexity.
Tails = dict[str, list[tuple[float, str]]]


def render(name: str, sha256: str, model: Model) -> str:
    """Return the page of a classifier."""
    return _page("classifier.html", name=name, sha256=sha256, grams=model.grams.model_dump(), about=model.about)


def render_perplexity(name: str, sha256: str, settings: NGramSettings, about: dict[str, Any], tails: Tails) -> str:
    """Return the page of an n-gram model."""
    facts = {"settings": settings.model_dump(), "about": about, "tails": tails, "drawn": _drawn(about)}
    return _page("perplexity.html", name=name, sha256=sha256, **facts)


def _page(template: str, **facts: Any) -> str:
    env = templates(Path(__file__).parent)
    env.filters |= {"count": count, "share": share, "number": number, "size": size}
    return env.get_template(template).render(**facts) + "\n"


def _drawn(about: dict[str, Any]) -> dict[str, Any]:
    """Lay out a line of shares for the texts held out and for the background; values are in equal ratios."""
    begin, end = (math.log(about["bins"][edge]) for edge in (0, -1))
    told = {name: about[name] for name in ("held_out", "background") if about[name]}
    most = max(share for one in told.values() for share in one["shares"]) or 1

    def across(value: float) -> float:
        return round((math.log(value) - begin) / ((end - begin) or 1) * _WIDTH, 1)

    lines = [
        {
            "is_background": name == "background",
            "title": f"{name.replace('_', ' ')}: {one['documents']:,} texts",
            "points": " ".join(
                f"{across(left)},{y} {across(right)},{y}"
                for left, right, part in zip(about["bins"], about["bins"][1:], one["shares"], strict=False)
                for y in [round(_HEIGHT * (1 - part / most), 1)]
            ),
        }
        for name, one in told.items()
    ]
    powers = range(math.ceil(begin / math.log(10)), math.floor(end / math.log(10)) + 1)
    return {
        "lines": lines,
        "cuts": [across(about["held_out"]["percentiles"][at]) for at in ("1", "99")],
        "ticks": [{"at": 10.0**power, "x": across(10.0**power)} for power in powers],
        "base": _HEIGHT,
        "width": _WIDTH,
        "height": _HEIGHT + 26,
    }
