"""The report: what a release holds and what became of everything else, as numbers and as a page for people.

Manifest, commits and a few texts in; `report.json` and `report.html` out. Like the manifest it tells no clock, host or
path of the machine that made it.
"""

from typing import Any

import orjson

from jobs.ledger import Ledger, counts_by_source, read_ledger, sizes_read, sizes_released
from jobs.release import folder_of, read_manifest
from jobs.report.collapse import collapse
from jobs.report.cuts import cuts
from jobs.report.duplicates import duplicates
from jobs.report.examples import Key, drop_examples, quarantine_examples
from jobs.report.page import render
from jobs.report.signals import signals
from jobs.report.texts import Sources
from jobs.storage import Storage


def write_report(storage: Storage, number: int) -> str:
    """Write a release's report unless it is there; return where the page lies."""
    page = f"{folder_of(number)}/report.html"
    try:
        storage.read(page)
    except FileNotFoundError:
        facts, html = make_report(storage, number)
        storage.create(f"{folder_of(number)}/report.json", orjson.dumps(facts, option=orjson.OPT_INDENT_2))
        storage.create(page, html.encode())
    return f"{storage.url}/{page}"


def make_report(storage: Storage, number: int) -> tuple[dict[str, Any], str]:
    """Return a release's report as facts and as HTML."""
    manifest = read_manifest(storage, number)
    ledger = read_ledger(storage, manifest)
    facts = {
        "release": manifest["release"],
        "identity": manifest["identity"],
        "job": manifest["job"]["name"],
        "made_by": manifest["made_by"],
        "counts": manifest["counts"],
        "kept_share": _share(manifest["counts"]["kept"], manifest["counts"]["read"]),
        "text_bytes": {
            side: sum(source[f"{side}_bytes"] for source in manifest["sources"].values()) for side in ("read", "kept")
        },
        "sources": _sources(ledger),
        "documents": manifest.get("documents", {}),
        "accumulated": manifest.get("accumulated"),
        "steps": _steps(ledger, drop_examples(storage, ledger, Sources(manifest))),
        "lengths": _lengths(storage, ledger),
        "signals": signals(storage, ledger),
        "duplicates": duplicates(storage, ledger),
        "cuts": cuts(storage, ledger),
        "collapse": collapse(storage, manifest),
        "quarantine": _quarantine(ledger, quarantine_examples(storage, ledger)),
        "skipped": manifest.get("skipped", {}),
        "bad_shards": manifest["bad_shards"],
        "alarms": manifest.get("alarms", []),
        "surveys": {label: notes for label, notes in manifest["surveys"].items() if notes},
        "files": manifest["files"],
        "settings": [*manifest["job"]["steps"]],
    }
    return facts, render(facts)


def _sources(ledger: Ledger) -> list[dict[str, Any]]:
    """Say what was read of each source and what became of it, in the job's order."""
    manifest = ledger.manifest
    lost = counts_by_source(ledger)
    return [
        {"name": name, "origin": source["origin"], "license": source["license"], "generator": source["generator"]}
        | manifest["sources"][name]
        | {
            "quarantined": lost["read"][name] if "read" in lost else 0,
            "dropped": sum(count[name] for step, count in lost.items() if step != "read"),
            "kept_share": _share(manifest["sources"][name]["kept"], manifest["sources"][name]["read"]),
        }
        for source in manifest["job"]["sources"]
        if (name := source["name"]) in manifest["sources"]
    ]


def _steps(ledger: Ledger, examples: dict[Key, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Say what each step dropped and why, with examples, and what it left of each source."""
    lost = counts_by_source(ledger)
    left = {name: source["read"] for name, source in ledger.manifest["sources"].items()}
    steps = []
    for told in ledger.manifest["steps"]:
        left = {name: count - (lost[told["step"]][name] if told["step"] in lost else 0) for name, count in left.items()}
        if sum(left.values()) != told["kept"]:
            raise AssertionError(f"step {told['step']}: the ledger leaves {left}, the manifest {told['kept']}")
        reasons = [
            {
                "reason": reason,
                "dropped": count,
                "share": _share(count, ledger.manifest["counts"]["read"]),
                "examples": examples.get((told["step"], reason), []),
            }
            for reason, count in sorted(told["dropped"].items(), key=lambda one: (-one[1], one[0]))
        ]
        counts = {"step": told["step"], "in": told["in"], "dropped": told["in"] - told["kept"], "kept": told["kept"]}
        steps.append(counts | {"left_by_source": left, "reasons": reasons})
    return steps


def _lengths(storage: Storage, ledger: Ledger) -> dict[str, Any]:
    """Count texts by the power of two of their bytes, as read and as released."""
    read, kept = sizes_read(ledger), sizes_released(storage, ledger)
    if sum(kept) != ledger.manifest["counts"]["kept"]:
        raise AssertionError(f"{sum(kept)} lengths of {ledger.manifest['counts']['kept']} released documents")
    last = max((power for power, count in enumerate(read) if count or kept[power]), default=-1)
    return {"bytes_from": [2**power if power else 0 for power in range(last + 1)]} | {
        "read": read[: last + 1],
        "kept": kept[: last + 1],
    }


def _quarantine(ledger: Ledger, examples: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    reading = ledger.manifest["steps"][0]["dropped"]
    return [
        {"reason": reason, "records": count, "examples": examples.get(reason, [])}
        for reason, count in sorted(reading.items(), key=lambda one: (-one[1], one[0]))
    ]


def _share(part: int, whole: int) -> float:
    """Share to six digits, as in the manifest."""
    return round(part / whole, 6) if whole else 0.0
