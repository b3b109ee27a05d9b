"""The report's page: facts in, one HTML file out that opens offline, without scripts or anything from elsewhere."""

import difflib
import math
import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from jobs.report_flow import flow, lengths

# Texts this unlike each other are not compared word by word: marks all over say less than none.
_LIKENESS_MIN = 0.3

# Words, runs of spaces, and all else (so each Chinese character) one by one.
_PIECES = re.compile(r"[A-Za-z0-9\u00c0-\u024f]+|\s+|.", re.DOTALL)


def render(facts: dict[str, Any]) -> str:
    """Return the page of a report."""
    env = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {
        "count": count,
        "share": share,
        "size": size,
        "number": number,
        "words": words,
        "settings": settings,
    }
    page = env.get_template("report.html")
    colours = {source["name"]: min(n, 7) for n, source in enumerate(facts["sources"])}
    return (
        page.render(facts, flow=flow(facts), chart=lengths(facts["lengths"]), colours=colours, compared=compared) + "\n"
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


def compared(text: str, kept: str) -> tuple[Markup, Markup]:
    """Mark, in two texts, the words that the other lacks."""
    one, two = _PIECES.findall(text), _PIECES.findall(kept)
    matcher = difflib.SequenceMatcher(None, one, two, autojunk=False)
    if matcher.ratio() < _LIKENESS_MIN:
        return Markup.escape(text), Markup.escape(kept)
    spans = matcher.get_opcodes()
    left = [_marked(one[a:b], tag) for tag, a, b, _, _ in spans]
    right = [_marked(two[a:b], tag) for tag, _, _, a, b in spans]
    return Markup().join(left), Markup().join(right)


def _marked(pieces: list[str], tag: str) -> Markup:
    text = Markup.escape("".join(pieces))
    return text if tag == "equal" or not pieces else Markup("<mark>{}</mark>").format(text)


def _setting(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_setting(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_setting, value)) + "]"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
