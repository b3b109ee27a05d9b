"""Duplicates for the report: how large clusters are, how similar, between which sources, and the largest with texts.

A survey's notes and a few rows of its ledger in, facts out.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jobs.ledger import Drops, Ledger, Lot, stage_name, step_settings, tables
from jobs.report.differences import differences
from jobs.report.examples import by_turns
from jobs.report.texts import excerpt, stored_rows
from jobs.storage import Storage

# Of each of the largest clusters some members are shown: those least like the one kept in the files looked through.
_CLUSTERS_SHOWN = 10
_MEMBERS_SHOWN = 3
_PASSAGES_SHOWN = 4
_FILES_SEARCHED_MAX = 256


def duplicates(storage: Storage, ledger: Ledger) -> list[dict[str, Any]]:
    """Tell of each survey that looked for duplicates, in order; of that for ids only where it found some."""
    settings = step_settings(ledger.manifest)
    return [
        _told(storage, ledger, label, notes, settings)
        for label, notes in ledger.manifest["surveys"].items()
        if "largest_clusters" in notes and (label in settings or notes["largest_clusters"])
    ]


def _told(
    storage: Storage, ledger: Ledger, label: str, notes: dict[str, Any], settings: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    sizes = notes["cluster_sizes"]
    between = notes.get("between", {})
    sources, references = (
        [one["name"] for one in ledger.manifest["job"].get(part, [])] for part in ("sources", "references")
    )
    # A table of one source by itself would say again what stands above it.
    seen = set(between).union(*between.values()) if between else set()
    return {
        "step": label,
        "removed": sum(count for counts in between.values() for count in counts.values()),
        "removed_for_references": sum(sum(between.get(name, {}).values()) for name in references),
        "clusters": sum(sizes.values()),
        "threshold": settings.get(label, {}).get("threshold"),
        "cluster_sizes": [{"documents": _sizes(name), "clusters": count} for name, count in sizes.items()],
        "similarity": notes.get("similarity", []),
        "between": {
            "sources": [name for name in [*sources, *references] if name in seen],
            "removed": between if len(seen) > 1 else {},
        },
        "without_key": notes.get("without_key", 0),
        "compared_with_compare_max": notes.get("compared_with_compare_max", 0),
        "counts_earlier": label in settings and _counts_earlier(settings, label),
        "largest": list(_largest(storage, ledger, label, notes["largest_clusters"][:_CLUSTERS_SHOWN])),
    }


def _counts_earlier(settings: dict[str, dict[str, Any]], label: str) -> bool:
    """Whether clusters count documents that went in an earlier step, too."""
    earlier = itertools.takewhile(lambda step: step != label, settings)
    return any(settings[step].get("count_copies") for step in earlier)


def _sizes(name: str) -> str:
    """Write a range of sizes as people do.

    >>> _sizes("2-2"), _sizes("3-4")
    ('2', '3–4')
    """
    first, _, last = name.partition("-")
    return first if first == last else f"{first}–{last}"


def _largest(storage: Storage, ledger: Ledger, label: str, clusters: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Give the largest clusters, each with the document kept and some of those that went."""
    own = [drops for drops in ledger.drops if stage_name(ledger.manifest["stages"][drops.stage]["folder"]) == label]
    if not own:
        return
    lots = ledger.passes[own[0].lots]
    kept = [(one["copies"], *_document(storage, lots[one["unit"]], one["row"])) for one in clusters]
    members = _members(storage, own, [document["id"] for _, document, _ in kept])
    for copies, document, text in kept:
        removed = [_removed(storage, *member, text) for member in members[document["id"]]]
        yield {"copies": copies, "kept": document, "removed": removed}


def _document(storage: Storage, lot: Lot, row: int) -> tuple[dict[str, Any], str]:
    found = stored_rows(storage, lot, [row], ["id", "text", "source", "position"])[row]
    text = found.pop("text")
    return found | {"path": lot.shard["path"], "excerpt": excerpt(text), "chars": len(text)}, text


def _members(storage: Storage, parts: list[Drops], ids: list[str]) -> dict[str, list[tuple[Drops, dict[str, Any]]]]:
    """Find documents that went in favour of some others; sources take turns, and enough are enough."""
    found: dict[str, list[tuple[Drops, dict[str, Any]]]] = {one: [] for one in ids}
    left = set(ids)
    for drops, table in tables(storage, by_turns(parts)[:_FILES_SEARCHED_MAX], ["row", "kept_id", "value"]):
        here = table.filter(pc.is_in(table["kept_id"], pa.array(sorted(left), pa.string())))
        for row in here.sort_by([("value", "ascending"), ("row", "ascending")]).to_pylist():
            if len(found[row["kept_id"]]) < _MEMBERS_SHOWN:
                found[row["kept_id"]].append((drops, row))
        left = {one for one in left if len(found[one]) < _MEMBERS_SHOWN}
        if not left:
            break
    return found


def _removed(storage: Storage, drops: Drops, row: dict[str, Any], kept: str) -> dict[str, Any]:
    """Tell of one document that went, beside the one kept in its place."""
    if drops.lot is None:
        raise TypeError("a survey reads what a pass has stored")
    document, text = _document(storage, drops.lot, row["row"])
    return document | {
        "value": row["value"],
        "same": text == kept,
        "differences": differences(kept, text, _PASSAGES_SHOWN),
    }
