"""Shapes of the report's drawings, of documents through the steps, lengths and similarities: numbers in, numbers out.

The template writes them as SVG; a bar's width is in proportion to documents, so what a step drops is seen at its size.
"""

from typing import Any

# Units of the drawing. Labels stand left of the bars, counts right of them.
WIDTH = 860
_LEFT, _RIGHT = 170, 640
_BAR, _GAP = 18, 36
_TOP = 34

# A step that drops one document in a million still shows that it dropped something.
_THINNEST = 1.5

_CHART_HEIGHT, _CHART_TOP, _CHART_LEFT = 180, 12, 56

_HALF_WIDTH, _HALF_HEIGHT, _HALF_TOP, _HALF_LEFT = 430, 150, 24, 48

_SMALL_WIDTH, _SMALL_HEIGHT, _SMALL_TOP = 270, 70, 14

# Similarities are drawn from one half on, or from where there are some.
_SIMILARITY_FROM = 10

# Colours tell this many sources apart, and dashes this many profiles; the rest share the last.
_COLOURS = 8
_DASHES = 5


def flow(facts: dict[str, Any]) -> dict[str, Any]:
    """Lay out one row for the sources and one for each step; between rows, bands of what went on."""
    names = [source["name"] for source in facts["sources"]]
    before = {source["name"]: source["read"] for source in facts["sources"]}
    scale = (_RIGHT - _LEFT) / max(1, sum(before.values()))
    rows = [_row("sources", before, 0, _TOP, scale)]
    bands: list[dict[str, Any]] = []
    released = {**facts["steps"][-1], "step": f"release {facts['release']}", "dropped": 0, "reasons": []}
    for number, step in enumerate([*facts["steps"], released], start=1):
        top = _TOP + number * (_BAR + _GAP)
        left = {name: step["left_by_source"][name] for name in names}
        row = _row(step["step"], left, step["dropped"], top, scale)
        row["reason"] = step["reasons"][0]["reason"] if step["reasons"] else ""
        row["more"] = len(step["reasons"]) - 1
        bands += _bands(rows[-1], row)
        rows.append(row)
    return {
        "rows": rows,
        "bands": bands,
        "width": WIDTH,
        "height": _TOP + len(rows) * (_BAR + _GAP) - _GAP + 14,
        "bar": _BAR,
    }


def lengths(facts: dict[str, Any]) -> dict[str, Any]:
    """Lay out two bars for each power of two of bytes: texts read and texts released."""
    bins = list(zip(facts["bytes_from"], facts["read"], facts["kept"], strict=True))
    first = next((n for n, (_, read, kept) in enumerate(bins) if read or kept), 0)
    most = max((max(read, kept) for _, read, kept in bins), default=0) or 1
    wide = (WIDTH - _CHART_LEFT) / max(1, len(bins) - first)
    bars = []
    for n, (begin, read, kept) in enumerate(bins[first:]):
        x = _CHART_LEFT + n * wide
        heights = {"read": read, "kept": kept}
        tall = {name: round(value / most * _CHART_HEIGHT, 1) for name, value in heights.items()}
        bars.append({"x": round(x, 1), "label": _bytes(begin), "read": read, "kept": kept, "tall": tall})
    base = _CHART_TOP + _CHART_HEIGHT
    ticks = [{"y": round(base - part * _CHART_HEIGHT, 1), "count": round(part * most)} for part in (0, 0.5, 1)]
    return {
        "bars": bars,
        "wide": round(wide, 2),
        "base": base,
        "ticks": ticks,
        "width": WIDTH,
        "left": _CHART_LEFT,
        "height": base + 26,
    }


def similarity(counts: list[int], threshold: float) -> dict[str, Any]:
    """Lay out a bar for each step of similarity, and the threshold among them."""
    steps = len(counts)
    seen = next((n for n, count in enumerate(counts) if count), steps)
    first = min(_SIMILARITY_FROM, seen, max(0, int(threshold * steps) - 1))
    most = max(counts) or 1
    wide = (_HALF_WIDTH - _HALF_LEFT - 8) / (steps - first)
    base = _HALF_TOP + _HALF_HEIGHT
    bars = [
        {"x": _r(_HALF_LEFT + n * wide), "tall": _r(count / most * _HALF_HEIGHT), "count": count}
        | {"begin": (first + n) / steps, "end": (first + n + 1) / steps}
        for n, count in enumerate(counts[first:])
    ]
    edges = [
        {"x": _r(_HALF_LEFT + n * wide), "at": (first + n) / steps}
        for n in range(steps - first + 1)
        if (first + n) % 2 == 0
    ]
    return {
        "bars": bars,
        "wide": _r(wide),
        "edges": edges,
        "threshold": _r(_HALF_LEFT + (threshold * steps - first) * wide),
        "ticks": [{"y": _r(base - part * _HALF_HEIGHT), "count": round(part * most)} for part in (0, 1)],
        "top": _HALF_TOP,
        "base": base,
        "left": _HALF_LEFT,
        "width": _HALF_WIDTH,
        "height": base + 26,
    }


def distribution(fact: dict[str, Any], colours: dict[str, int], profiles: list[str]) -> dict[str, Any]:
    """Lay out a line of shares for each source and profile of one rule, and the rule's thresholds."""
    begin, span = fact["begin"], fact["end"] - fact["begin"]
    most = max((share for one in fact["series"] for share in one["shares"]), default=0) or 1
    base = _SMALL_TOP + _SMALL_HEIGHT
    lines = [
        {
            "colour": colours.get(one["source"], _COLOURS - 1),
            "dash": min(profiles.index(one["profile"]), _DASHES - 1),
            "title": f"{one['source']} {one['profile']}".strip() + f": {one['documents']:,} documents",
            "points": " ".join(
                f"{_r(n * _SMALL_WIDTH / len(one['shares']))},{_r(base - share / most * _SMALL_HEIGHT)} "
                f"{_r((n + 1) * _SMALL_WIDTH / len(one['shares']))},{_r(base - share / most * _SMALL_HEIGHT)}"
                for n, share in enumerate(one["shares"])
            ),
        }
        for one in fact["series"]
        if one["documents"]
    ]
    # A threshold far from all values is told at the edge that it lies beyond.
    cuts = [
        one | {"x": _r(min(1, max(0, part)) * _SMALL_WIDTH), "beyond": not 0 <= part <= 1}
        for one in fact["thresholds"]
        for part in [(one["at"] - begin) / span]
    ]
    return {"lines": lines, "cuts": cuts, "top": _SMALL_TOP, "base": base, "width": _SMALL_WIDTH, "height": base + 16}


def _row(name: str, left: dict[str, int], dropped: int, top: int, scale: float) -> dict[str, Any]:
    """Lay out one bar: a part for each source, then what the step dropped."""
    x = float(_LEFT)
    parts = []
    for number, (source, documents) in enumerate(left.items()):
        wide = documents * scale
        parts.append(
            {
                "source": source,
                "colour": min(number, _COLOURS - 1),
                "documents": documents,
                "x": _r(x),
                "wide": _r(wide),
            }
        )
        x += wide
    gone = {"x": _r(x), "wide": _r(max(dropped * scale, _THINNEST))} if dropped else None
    return {
        "name": name,
        "top": top,
        "parts": parts,
        "gone": gone,
        "dropped": dropped,
        "left": sum(left.values()),
        "end": _r(x),
    }


def _bands(above: dict[str, Any], below: dict[str, Any]) -> list[dict[str, Any]]:
    """Join each source's part in one bar to its part in the next."""
    y1, y2 = above["top"] + _BAR, below["top"]
    bands = [
        _band(a["x"], a["wide"], b["x"], b["wide"], y1, y2) | {"colour": a["colour"]}
        for a, b in zip(above["parts"], below["parts"], strict=True)
        if a["wide"]
    ]
    if below["gone"]:
        bands.append(
            _band(
                above["end"] - below["gone"]["wide"],
                below["gone"]["wide"],
                below["gone"]["x"],
                below["gone"]["wide"],
                y1,
                y2,
            )
            | {"colour": "gone"}
        )
    return bands


def _band(x1: float, wide1: float, x2: float, wide2: float, y1: float, y2: float) -> dict[str, Any]:
    mid = (y1 + y2) / 2
    right1, right2 = _r(x1 + wide1), _r(x2 + wide2)
    down = f"M{_r(x1)},{y1} C{_r(x1)},{mid} {_r(x2)},{mid} {_r(x2)},{y2}"
    return {"path": f"{down} L{right2},{y2} C{right2},{mid} {right1},{mid} {right1},{y1} Z"}


def _bytes(value: int) -> str:
    """Write a power of two of bytes.

    >>> _bytes(512), _bytes(4096)
    ('512', '4 K')
    """
    for unit, power in (("G", 30), ("M", 20), ("K", 10)):
        if value >= 1 << power:
            return f"{value >> power} {unit}"
    return str(value)


def _r(value: float) -> float:
    """Round to what a screen can show, so that the page's bytes do not hang on the last bit of a float."""
    return round(value, 1)
