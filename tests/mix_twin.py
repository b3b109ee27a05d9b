"""The mix in its plainest form: lists, sorted, copy by copy. And random corpora and recipes to compare on."""

import math
from collections import Counter, defaultdict
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from ops.kernels.hashing import chance
from ops.kernels.tokens import count_tokens
from ops.mixing.mix import Mix
from ops.mixing.recipe import Cells, Plan, plan, slack

ORIGIN = {"web": "real", "books": "real", "textbook": "synthetic", "forum": "unknown"}
_FIRST = ["real", "unknown", "synthetic"]

Row = dict[str, Any]


def text_of(tokens: int, number: int) -> str:
    """A text of so many tokens that no other number has: signs are no tokens."""
    return ("今" * tokens if tokens % 2 else "a " * tokens) + "." * number


def slow_times(table: pa.Table, op: Mix) -> dict[str, int]:
    """Return how often each document is taken, by its id. Of a mix without curves, importance and weights in files."""
    rows = table.to_pylist()
    for row, tokens, number in zip(rows, count_tokens(table["text"]), chance(table["id"], op.seed or 0), strict=True):
        row |= {"tokens": int(tokens), "draw": ((int(number) >> 11) + 0.5) / 2**53, "most": _epochs(row, op)}
    times = Counter({row["id"]: 1 for row in rows})
    rows = [row for row in rows if all(row[column] in values for column, values in op.within.items())]
    times.update({row["id"]: -1 for row in rows})
    _give_copies(rows)
    cells = defaultdict(list)
    for row in rows:
        cells[tuple(row[name] for name in ("source", "origin", *op.labels))].append(row)
    keys = sorted(cells, key=lambda key: [(value is None, value or "") for value in key])
    absent = [(name, "unknown", *(None for _ in op.labels)) for name in sorted({*op.shares} - {key[0] for key in keys})]
    keys = sorted([*keys, *absent], key=lambda key: [(value is None, value or "") for value in key])
    once = [sum(row["tokens"] for row in cells.get(key, []) if row["copies"]) for key in keys]
    most = [sum(row["tokens"] * len(row["copies"]) for row in cells.get(key, [])) for key in keys]
    columns = {name: [key[n] for key in keys] for n, name in enumerate(("source", "origin", *op.labels))}
    made = plan(Cells(columns, np.array(once, np.int64), np.array(most, np.int64)), op.recipe)
    _take(keys, [_in_order(cells.get(key, [])) for key in keys], made, times)
    return dict(times)


def _epochs(row: dict[str, Any], op: Mix) -> int:
    own = [
        limit.epochs_max
        for limit in op.limits
        if limit.epochs_max and all(row[column] in values for column, values in limit.where.items())
    ]
    return min(own, default=op.epochs_max)


def _give_copies(rows: list[dict[str, Any]]) -> None:
    """Deal the copies of each content out to the documents that have it."""
    contents = defaultdict(list)
    for row in rows:
        contents[row["text"] or row["id"]].append(row)
    for group in contents.values():
        group.sort(key=lambda row: (_FIRST.index(row["origin"]), row["draw"], row["id"]))
        for place, row in enumerate(group):
            row["copies"] = [*range(place, row["most"], len(group))]


def _take(keys: list[Any], orders: list[list[Row]], made: Plan, times: Counter[str]) -> None:
    """Take what is due first, of all cells that are rounded as one."""
    groups: dict[Any, dict[str, list[_Line]]] = defaultdict(lambda: defaultdict(list))
    for number, (key, rows) in enumerate(zip(keys, orders, strict=True)):
        planned, have = float(made.tokens[number]), sum(row["tokens"] for row in rows)
        line = _Line(float(np.round(planned, 6)), float(made.growth[number]), 0, rows if planned > 0 else [])
        if have <= planned + slack(planned) and planned > 0:
            times.update(row["id"] for row in rows)
            line = line._replace(before=have, rows=[])
        groups[key[1] == "real", number if made.held[number] else ""][key[0]].append(line)
    for (is_real, _), sources in groups.items():
        line = _together([_together(lines, is_real=is_real) for _, lines in sorted(sources.items())], is_real=is_real)
        times.update(row["id"] for row in _taken(line, is_real=is_real))


class _Line(NamedTuple):
    planned: float
    growth: float
    before: int
    rows: list[Row]


def _taken(line: _Line, *, is_real: bool) -> list[Row]:
    until, found = line.before, []
    for row in line.rows:
        fits = until + row["tokens"] <= line.planned + slack(line.planned)
        if not (fits or (is_real and until < line.planned - slack(line.planned))):
            break
        until += row["tokens"]
        found.append(row)
    return found


def _together(lines: list[_Line], *, is_real: bool) -> _Line:
    """Put the documents of several lines in the order in which growing parts reach their middles."""
    growing, others = [one for one in lines if one.growth], [one for one in lines if not one.growth]
    if growing and others:
        first = _together(others, is_real=is_real)
        taken = len(_taken(first, is_real=is_real))
        rows = [*first.rows[:taken], *_together(growing, is_real=is_real).rows, *first.rows[taken:]]
    else:
        rows = _by_moment(lines, [line.growth or line.planned for line in lines])
    numbers = zip(*(line[:3] for line in lines), strict=True)
    planned, growth, before = (math.fsum(column) for column in numbers)
    return _Line(planned, growth, int(before), rows)


def _by_moment(lines: list[_Line], rates: list[float]) -> list[Row]:
    due = []
    for line, rate in zip(lines, rates, strict=True):
        until = line.before
        for row in line.rows:
            moment = (until + row["tokens"] / 2 - line.planned) / rate
            due.append((float(np.rint(moment * math.fsum(rates) * 1024)), row))
            until += row["tokens"]
    return [row for _, row in sorted(due, key=lambda one: one[0])]


def _in_order(rows: list[Row]) -> list[Row]:
    copies = [(copy + row["draw"], row["id"], row) for row in rows for copy in row["copies"]]
    return [row for _, _, row in sorted(copies, key=lambda one: one[:2])]


def random_corpus(random: Random) -> list[dict[str, Any]]:
    """Up to 60 short documents, of which some have one text."""
    texts = [text_of(random.randrange(40), n) for n in range(random.randrange(1, 60))]
    rows = []
    for text in texts:
        for _ in range(random.choice([1, 1, 1, 2, 5])):
            source = random.choice(sorted(ORIGIN))
            domain = random.choice(["math", "prose", None])
            rows.append({"text": text, "source": source, "origin": ORIGIN[source], "domain": domain})
    random.shuffle(rows)
    return rows


def random_recipe(random: Random) -> dict[str, Any]:
    """Settings of a mix: a budget and some of what else there is."""
    found: dict[str, Any] = {"tokens": random.randrange(1, 1500), "seed": random.randrange(5)}
    if random.random() < 0.7:
        found["synthetic_max"] = random.randrange(21) / 20
    if random.random() < 0.5:
        found["epochs_max"] = random.choice([2, 3, 4, 64])
    if random.random() < 0.3:
        found["alpha"] = random.choice([0.0, 0.3])
    limits: list[dict[str, Any]] = []
    if random.random() < 0.4:
        limits.append({"where": {"source": random.choice(sorted(ORIGIN))}, "epochs_max": random.choice([1, 2, 7])})
    if random.random() < 0.4:
        share = random.randrange(1, 10) / 10
        limits.append({"where": {"domain": "math"}, random.choice(["share_max", "share_min"]): share})
    if random.random() < 0.3:
        limits.append({"where": {"source": "web"}, random.choice(["tokens_max", "tokens"]): random.randrange(300)})
    if random.random() < 0.15:
        found["within"] = {"domain": random.choice(["math", "prose"])}
    if random.random() < 0.2:
        found["real_first"] = True
    return found | ({"limits": limits} if limits else {})
