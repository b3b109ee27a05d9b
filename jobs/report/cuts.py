"""What edits cut out of texts, for the report: counts, the most frequent texts, examples. Ledger in, facts out.

Counts are of all cuts, from commits; texts come from few files of the ledger, and examples from fewer.
"""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jobs.ledger import Cuts, Ledger, tables
from jobs.report.examples import by_turns
from jobs.report.texts import excerpt, shown, stored_rows
from jobs.storage import Storage
from ops.cuts import CUT_CHARS_MAX

# Rows of the ledger that are counted to find the most frequent texts: a few hundred MB of memory at most.
_ROWS_COUNTED_MAX = 1_000_000
_FREQUENT_SHOWN = 20

_EXAMPLES = 3
_CUTS_SHOWN = 6
_AROUND_CHARS = 120


def cuts(storage: Storage, ledger: Ledger) -> list[dict[str, Any]]:
    """Tell of each step that cut something, in order."""
    steps = [told["step"] for told in ledger.manifest["steps"]]
    sources = [source["name"] for source in ledger.manifest["job"]["sources"]]
    cut = {step for part in ledger.cuts for step in part.counts}
    return [
        _told(storage, step, sources, [part for part in ledger.cuts if step in part.counts])
        for step in steps
        if step in cut
    ]


def _told(storage: Storage, step: str, sources: Sequence[str], parts: Sequence[Cuts]) -> dict[str, Any]:
    by_source = {name: {"cuts": 0, "documents": 0, "bytes": 0} for name in sources}
    for part in parts:
        total = by_source[part.shard["source"]]
        for name, count in part.counts[step].items():
            total[name] += count
    looked_at = _bounded(by_turns(parts))
    return {
        "step": step,
        "by_source": [{"source": name} | total for name, total in by_source.items() if total["cuts"]],
        "total": {name: sum(one[name] for one in by_source.values()) for name in ("cuts", "documents", "bytes")},
        "files": len(parts),
        "files_counted": len(looked_at),
        "most_frequent": _most_frequent(storage, step, looked_at),
        "examples": _examples(storage, step, looked_at),
    }


def _bounded(parts: Sequence[Cuts]) -> list[Cuts]:
    """Take parts from the front, at least one, until they have as many rows as are counted."""
    taken: list[Cuts] = []
    rows = 0
    for part in parts:
        rows += part.file.rows
        if taken and rows > _ROWS_COUNTED_MAX:
            break
        taken.append(part)
    return taken


def _most_frequent(storage: Storage, step: str, parts: Sequence[Cuts]) -> list[dict[str, Any]]:
    """Count texts that were cut, however they ended, and name for each the first document that had it."""
    counted = []
    for part, table in tables(storage, parts, ["step", "kind", "text", "bytes", "id"]):
        own = table.filter(pc.equal(table["step"], step))
        texts = own.set_column(own.schema.get_field_index("text"), "text", pc.utf8_trim_whitespace(own["text"]))
        counts = texts.group_by(["kind", "text"], use_threads=False).aggregate(
            [([], "count_all"), ("bytes", "sum"), ("id", "first")]
        )
        source = pa.repeat(pa.scalar(part.shard["source"]), counts.num_rows)
        counted.append(counts.append_column("source", source))
    merged = pa.concat_tables(counted).group_by(["kind", "text"], use_threads=False)
    totals = merged.aggregate(
        [("count_all", "sum"), ("bytes_sum", "sum"), ("id_first", "first"), ("source", "count_distinct")]
    )
    order = [("count_all_sum", "descending"), ("text", "ascending")]
    return [
        {
            "kind": row["kind"],
            "text": shown(row["text"]),
            "cuts": row["count_all_sum"],
            "bytes": row["bytes_sum_sum"],
            "sources": row["source_count_distinct"],
            "example": row["id_first_first"],
        }
        for row in totals.sort_by(order).slice(0, _FREQUENT_SHOWN).to_pylist()
    ]


def _examples(storage: Storage, step: str, parts: Sequence[Cuts]) -> list[dict[str, Any]]:
    """Show a few texts as they were, with what was cut out of them; sources take turns."""
    examples = []
    for part, table in tables(storage, parts[: 4 * _EXAMPLES]):
        own = table.filter(pc.equal(table["step"], step))
        document = own.filter(pc.equal(own["row"], own["row"][0])).to_pylist()
        example = _example(storage, part, document)
        if example:
            examples.append(example)
        if len(examples) == _EXAMPLES:
            break
    return examples


def _example(storage: Storage, part: Cuts, rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Show one text; none where it is not stored as it was before the cuts, since edits or redaction came first."""
    if part.lot is None:
        return None
    row = rows[0]
    text = stored_rows(storage, part.lot, [row["row"]], ["text"])[row["row"]]["text"].encode()
    if any(_whole(text, cut)[:CUT_CHARS_MAX] != cut["text"] for cut in rows):
        return None
    place = {name: row[name] for name in ("id", "source", "position")} | {"path": part.shard["path"]}
    return place | {"cuts": len(rows), "bytes": sum(cut["bytes"] for cut in rows), "parts": _parts(text, rows)}


def _parts(text: bytes, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Cut a text into what stays and what goes, by turns; long stretches that stay are cut down to what is near."""
    parts = []
    at = 0
    some = sorted(rows, key=lambda cut: cut["at"])[:_CUTS_SHOWN]
    for cut in some:
        stays = text[at : cut["at"]].decode()
        parts.append({"cut": False, "text": _near(stays, after=bool(at), before=True)})
        parts.append({"cut": True, "text": excerpt(_whole(text, cut), 2 * _AROUND_CHARS)})
        at = cut["at"] + cut["bytes"]
    return [*parts, {"cut": False, "text": _near(text[at:].decode(), after=True, before=False)}]


def _near(stays: str, *, after: bool, before: bool) -> str:
    """Keep of a stretch what comes right after one cut, and right before the next."""
    if len(stays) <= 2 * _AROUND_CHARS:
        return shown(stays)
    begin = stays[:_AROUND_CHARS] if after else ""
    end = stays[-_AROUND_CHARS:] if before else ""
    return f"{shown(begin)} … {shown(end)}"


def _whole(text: bytes, cut: dict[str, Any]) -> str:
    return text[cut["at"] : cut["at"] + cut["bytes"]].decode(errors="replace")
