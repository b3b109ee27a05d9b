"""The report's page: facts in, one HTML file out that opens offline, without scripts or anything from elsewhere."""

import math
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from jobs.alarms import told
from jobs.report.flow import distribution, flow, lengths, similarity


def render(facts: dict[str, Any]) -> str:
    """Return the page of a report."""
    env = templates(Path(__file__).parent)
    env.filters |= {
        "count": count,
        "share": share,
        "size": size,
        "number": number,
        "words": words,
        "settings": settings,
        "alarm": told,
    }
    page = env.get_template("page.html")
    colours = {source["name"]: min(n, 7) for n, source in enumerate(facts["sources"])}
    drawn = {"flow": flow(facts), "chart": lengths(facts["lengths"])}
    shapes = {"similarity": similarity, "distribution": distribution}
    return page.render(facts, **drawn, **shapes, colours=colours) + "\n"


def templates(folder: Path) -> Environment:
    """Return what pages are made with, from the templates in a folder."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def count(value: int) -> str:
    """Write a whole number with separators.

    >>> count(1234567)
    '1,234,567'
    """
    return f"{value:,}"


def share(value: float) -> str:
    """Write a share as a percentage that is never 0 for something, nor 100 for less than all.

    >>> share(0.8826), share(0.000001), share(0.99999), share(1)
    ('88.3 %', '< 0.1 %', '> 99.9 %', '100 %')
    """
    percent = value * 100
    if value in (0, 1):
        return f"{percent:.0f} %"
    if percent < 0.05:  # noqa: PLR2004 - what rounds to 0.0
        return "< 0.1 %"
    return "> 99.9 %" if percent >= 99.95 else f"{percent:.1f} %"  # noqa: PLR2004 - what rounds to 100.0


def size(value: int) -> str:
    """Write bytes in a unit that fits.

    >>> size(999), size(10_300_000), size(2_500_000_000_000)
    ('999 B', '10.3 MB', '2.50 TB')
    """
    if value < 1000:  # noqa: PLR2004 - bytes in a kilobyte
        return f"{value} B"
    scaled = float(value)
    for unit in ("kB", "MB", "GB", "TB", "PB"):
        scaled /= 1000
        if scaled < 999.5 or unit == "PB":  # noqa: PLR2004 - what rounds to 1000
            break
    return f"{scaled:#.3g}".rstrip(".") + f" {unit}"


def number(value: float | None) -> str:
    """Write a measured value: whole numbers as such, others to four digits.

    >>> number(375995.0), number(0.38333333), number(None)
    ('375,995', '0.3833', '')
    """
    if value is None or math.isnan(value):  # a threshold that is not set
        return ""
    if math.isfinite(value) and (value == int(value) or abs(value) >= 10_000):  # noqa: PLR2004 - digits enough
        return f"{round(value):,}"
    return f"{value:.4g}"


def words(name: str) -> str:
    """Write a name as people do.

    >>> words("too_few_words")
    'too few words'
    """
    return name.replace("_", " ")


def settings(step: dict[str, Any]) -> str:
    """Write a step's settings in one line.

    >>> settings({"op": "near_dedup", "threshold": 0.8, "keep": ["real"], "tokens": None})
    'threshold = 0.8, keep = [real]'
    """
    return ", ".join(
        f"{name} = {_setting(value)}" for name, value in step.items() if name != "op" and value not in (None, {})
    )


def _setting(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_setting(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_setting, value)) + "]"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
