"""A trace, told: as lines with a tree for people, as one object for programs. Both say the same."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from jobs.report.texts import shown
from jobs.trace.raw import Raw
from jobs.trace.relatives import Record, Relative, Trace

_SAID = ("url", "license", "generator", "prompt_hash")


def trace_lines(found: Trace) -> list[str]:
    """Tell a trace to people: the document, and below it trees of what it was made from and what was made from it."""
    return [
        *_told(found.own),
        "made from",
        *(_tree(found.up, found.own.id) or ["  nothing that it names"]),
        "made from it",
        *(_tree(found.down, found.own.id) or ["  nothing"]),
    ]


def trace_facts(found: Trace) -> dict[str, Any]:
    """Tell a trace to programs: relatives generation after generation, the nearest first, each once."""
    children = found.down[found.own.id]
    own = _facts(found.own) | {"parents": found.own.next, "children": children.next, "more_children": children.is_cut}
    others = [
        [relative for relative in relatives.values() if relative.id != found.own.id]
        for relatives in (found.up, found.down)
    ]
    return own | {
        "ancestors": [_facts(one) | {"parents": one.next} for one in others[0]],
        "descendants": [_facts(one) | {"children": one.next, "more_children": one.is_cut} for one in others[1]],
        # Named by a relative, and not looked up, as there are many.
        "not_looked_up": sorted(
            {one for relatives in (found.up, found.down) for some in relatives.values() for one in some.next}
            - found.up.keys()
            - found.down.keys()
        ),
    }


def _facts(relative: Relative) -> dict[str, Any]:
    return {"id": relative.id, "records": [_record(relative, record) for record in relative.records]}


def _record(relative: Relative, record: Record) -> dict[str, Any]:
    fates = [
        {"releases": releases} | ({name: end[name] for name in ("step", "reason", "kept_id")} if end else {})
        for releases, end in _fates(relative, record)
    ]
    return {
        **{name: record.row[name] for name in ("source", "path", "position", *_SAID)},
        "raw": record.raw and _raw_facts(record.raw),
        "kept": [one for one in fates if "step" not in one],
        "dropped": [one for one in fates if "step" in one],
    }


def _raw_facts(raw: Raw) -> dict[str, Any]:
    return (
        {"why_not": raw.why_not}
        if raw.extent is None
        else {"shard": raw.url, "compression": raw.compression, **raw.extent}
    )


def _told(own: Relative) -> list[str]:
    """Tell of the document that was asked for."""
    lines = [shown(own.id)]
    for record in own.records:
        said = {name: record.row[name] for name in _SAID if record.row[name]}
        lines.append(f"  read      {_place(record.row)}")
        lines += [f"  raw       {_raw(record.raw)}"] if record.raw else []
        lines += [f"  {name.partition('_')[0]:<9} {shown(value)}" for name, value in said.items()]
        lines += [f"  {fate}" for fate in _fates_told(own, record)]
    return lines if own.records else [*lines, "  in the input of no release: others name it"]


def _tree(relatives: Mapping[str, Relative], document_id: str) -> list[str]:
    """Tell of relatives, each below the one that it was reached by, and of each once."""
    lines: list[str] = []
    waiting = _below(relatives[document_id], 1)
    seen = {document_id}
    while waiting:
        one, depth = waiting.pop()
        indent = "  " * depth
        if one is None:
            lines.append(f"{indent}and more, which are not told")
        elif one in seen:
            again = "the document itself: they were made from each other" if one == document_id else "see above"
            lines.append(f"{indent}{shown(one)}  ({again})")
        elif one not in relatives:
            lines.append(f"{indent}{shown(one)}  (not looked up: there are many)")
        else:
            seen.add(one)
            lines.append(f"{indent}{shown(one)}  {_in_a_line(relatives[one])}")
            waiting += _below(relatives[one], depth + 1)
    return lines


def _below(relative: Relative, depth: int) -> list[tuple[str | None, int]]:
    """Return who is told of below a relative, the last first; None for those that are not."""
    below: list[str | None] = [*relative.next, *([None] if relative.is_cut else [])]
    return [(one, depth) for one in reversed(below)]


def _in_a_line(relative: Relative) -> str:
    if not relative.records:
        return "in the input of no release"
    records = []
    for record in relative.records:
        generator = record.row["generator"]
        told = [
            _place(record.row),
            *([_raw(record.raw)] if record.raw else []),
            *([shown(generator)] if generator else []),
        ]
        records.append(", ".join([*told, *_fates_told(relative, record)]))
    return "; ".join(records)


def _fates(relative: Relative, record: Record) -> list[tuple[list[int], dict[str, Any] | None]]:
    """Say what became of a record in the releases that read it, those with one end together; None: it was kept."""
    row = record.row
    ends = {
        release: end
        for release, end in relative.ends
        if all(end[name] == row[name] for name in ("source", "path", "position"))
    }
    fates = groupby(sorted(record.releases), key=ends.get)
    return [(list(releases), end) for end, releases in fates]


def _fates_told(relative: Relative, record: Record) -> list[str]:
    return [f"release {_range(releases)} {_end(end) if end else 'kept'}" for releases, end in _fates(relative, record)]


def _end(end: dict[str, Any]) -> str:
    other = f" ({shown(end['kept_id'])})" if end["kept_id"] else ""
    return f"dropped by {end['step']}: {end['reason']}{other}"


def _range(numbers: list[int]) -> str:
    """Write numbers that come in order.

    >>> _range([1, 2, 3, 7]), _range([4])
    ('1-3, 7', '4')
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)


def _place(row: dict[str, Any]) -> str:
    return f"{row['source']}/{shown(row['path'])}#{row['position']}"


def _raw(raw: Raw) -> str:
    """Say where a record lies in its shard.

    >>> _raw(Raw("a.jsonl.gz", "gzip", {"begin": 0, "end": 20})), _raw(Raw("a", "none", {"row_group": 3, "row": 17}))
    ('bytes 0 to 20 decompressed', 'row group 3, row 17')
    """
    if raw.extent is None:
        return f"({shown(raw.why_not)})"
    if "begin" in raw.extent:
        packed = "" if raw.compression == "none" else " decompressed"
        return f"bytes {raw.extent['begin']} to {raw.extent['end']}{packed}"
    return ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in raw.extent.items())
