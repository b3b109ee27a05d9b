"""A release: numbered, immutable, described by its manifest `release.json`, which is written last.

The manifest holds no clock, host or path of the machine that made it: the same job over the same input gives the same
bytes. Its number is claimed first, so that two runs never write into one release.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from jobs.code import code_hash
from jobs.commits import Commit, digest
from jobs.documents import release_schema
from jobs.errors import JobError
from jobs.held import Held
from jobs.layout import Layout, lay_out
from jobs.plan import STORAGE_VERSION, JobPlan
from jobs.shards import written_schema
from jobs.sources import Listing
from jobs.spec import JobSpec
from jobs.standards.card import dataset_card
from jobs.standards.croissant import croissant
from jobs.standards.data_provenance import provenance_record
from jobs.storage import Storage
from jobs.withdrawal.withdrawn import LIST_FILE
from ops.columns import COPY

if TYPE_CHECKING:
    from jobs.run import Record


@dataclass(frozen=True)
class Published:
    """The release that a run ended with; `is_new` says whether the run made it."""

    number: int
    folder: str
    manifest: dict[str, Any]
    is_new: bool


def publish(
    storage: Storage,
    spec: JobSpec,
    plan: JobPlan,
    listing: Listing,
    held: Sequence[Held],
    shards: Sequence[Commit],
    record: "Record",
) -> Published:
    """Make a release of the shards, unless the latest one is the same already."""
    schema = written_schema(release_schema(plan.columns), spec.release)
    layout = lay_out(spec.release.format, schema, shards)
    body = _describe(spec, plan, listing, held, layout, record)
    layout = layout.with_file("README.md", dataset_card(spec, schema, body))
    for part in record.withdrawn.files if record.withdrawn else []:
        layout = layout.with_stored(LIST_FILE, part.file)
    layout = layout.with_file("provenance.json", provenance_record(spec, body))
    layout = layout.with_file("croissant.json", croissant(spec, schema, body, layout.other_files))
    body["other_files"] = layout.other_files
    manifest = {"identity": identity_of(body), **body}
    latest = latest_number(storage)
    if latest:
        held_already = read_manifest(storage, latest)
        if held_already["identity"] == manifest["identity"]:
            return Published(latest, folder_of(latest), held_already, is_new=False)
    number = _claim(storage, manifest["identity"], first=latest + 1)
    folder = folder_of(number)
    layout.write(storage, folder)
    made = {"release": number, **manifest}
    is_new = storage.create(f"{folder}/release.json", orjson.dumps(made, option=orjson.OPT_INDENT_2))
    return Published(number, folder, made, is_new)


def _describe(
    spec: JobSpec,
    plan: JobPlan,
    listing: Listing,
    held: Sequence[Held],
    layout: Layout,
    record: "Record",
) -> dict[str, Any]:
    """Describe a release. Raises where a document is not accounted for."""
    # Not what cannot change the answer: the same job into another target gives the same manifest. What profiles say is
    # in the steps; where their files lie is not.
    job = spec.model_dump(mode="json", exclude={"run", "target", "profiles"})
    first = record.commits[plan.segments[0].pass_folder]
    return {
        "made_by": {"gristmill": code_hash(), "storage": STORAGE_VERSION},
        "job": job,
        "job_sha256": digest(job),
        "inputs": [
            {**unit.reads, "records": commit.facts["rows_in"], "text_bytes": commit.facts["bytes_in"]}
            for unit, commit in zip(listing.units, first, strict=True)
        ],
        "references": _references(listing, record, plan),
        "bad_shards": [
            unit.reads["path"] for unit, c in zip(listing.units, first, strict=True) if c.facts["bad_shard"]
        ],
        "counts": _balanced(first, held, layout, record, plan),
        "skipped": _skipped(first),
        "steps": _steps(record, plan),
        "sources": _sources(listing, first, held),
        "alarms": record.alarms,
        "surveys": record.notes,
        "documents": record.census.counts() if record.census else {},
        "accumulated": record.accumulated,
        "files": layout.files,
        "stages": _stages(record),
        "census": record.census.place() if record.census else {},
        "withdrawals": record.withdrawn.told(record.compared) if record.withdrawn else {},
        "indexes": _indexes(record),
    }


def _references(listing: Listing, record: "Record", plan: JobPlan) -> list[dict[str, Any]]:
    """What documents were compared with: shards read, and their records."""
    commits = record.references[plan.segments[0].pass_folder]
    return [
        {**unit.reads, "records": commit.facts["rows_in"]}
        for unit, commit in zip(listing.references, commits, strict=True)
    ]


def _stages(record: "Record") -> list[dict[str, Any]]:
    """Where the commits lie that tell what became of each document."""
    return [
        {
            "folder": folder,
            "steps": [*record.labels.get(folder, ())],
            "units": [commit.unit for commit in commits],
            "references": [commit.unit for commit in record.references.get(folder, [])],
        }
        for folder, commits in record.commits.items()
    ]


def _indexes(record: "Record") -> dict[str, Any]:
    """Where the commits lie by which documents are found, in order of their ids."""
    withdrawn = record.withdrawn.index if record.withdrawn else None
    found = {"lineage": record.lineage, "ends": record.ends, "withdrawn": withdrawn}
    return {name: index.place() for name, index in found.items() if index}


def identity_of(body: dict[str, Any]) -> str:
    """Hash what makes two releases the same: not when a shard was touched, nor which code found the same again.

    `body` is a manifest without its own number and identity.
    """
    read = [
        [{name: entry[name] for name in entry if name != "identity"} for entry in body[part]]
        for part in ("inputs", "references")
    ]
    apart = ("made_by", "inputs", "references", "stages", "census", "accumulated", "indexes")
    kept = {name: part for name, part in body.items() if name not in apart}
    return digest(kept, read)


def released_numbers(storage: Storage) -> list[int]:
    """Return the numbers of the finished releases, in order."""
    names = (entry.key.split("/") for entry in storage.list("releases"))
    return sorted(int(parts[1]) for parts in names if parts[2:] == ["release.json"])


def latest_number(storage: Storage) -> int:
    """Return the number of the latest finished release; 0 where there is none."""
    return max(released_numbers(storage), default=0)


def released_number(storage: Storage) -> int:
    """Return the number of the latest finished release; JobError where there is none."""
    number = latest_number(storage)
    if not number:
        raise JobError(f"there is no release under {storage.url} yet. Run the job first: gristmill run JOB.toml")
    return number


def previous_number(storage: Storage, number: int) -> int:
    """Return the number of the finished release before another; JobError where there is none."""
    before = [one for one in released_numbers(storage) if one < number]
    if not before:
        raise JobError(
            f"there is no release before {number} under {storage.url}: one can be compared with a later one."
        )
    return before[-1]


def read_manifest(storage: Storage, number: int) -> dict[str, Any]:
    """Return a release's manifest."""
    try:
        return dict(orjson.loads(storage.read(f"{folder_of(number)}/release.json")))
    except FileNotFoundError:
        raise JobError(
            f"there is no release {number} under {storage.url}; the latest is {latest_number(storage) or 'none yet'}. "
            "Run the job first, or name another release."
        ) from None


def folder_of(number: int) -> str:
    """Folder of a release.

    >>> folder_of(7)
    'releases/0007'
    """
    return f"releases/{number:04d}"


def _claim(storage: Storage, identity: str, first: int) -> int:
    """Take the first number that nobody else has claimed for another release."""
    mine = orjson.dumps({"identity": identity})
    for number in itertools.count(first):
        key = f"{folder_of(number)}/claim.json"
        if storage.create(key, mine) or storage.read(key) == mine:
            return number
    raise AssertionError("numbers do not end")


def _balanced(
    first: Sequence[Commit], held: Sequence[Held], layout: Layout, record: "Record", plan: JobPlan
) -> dict[str, int]:
    """Count every record once: read = kept + dropped + quarantined, or the job fails. Copies of one are `repeated`."""
    read = sum(commit.facts["rows_in"] for commit in first)
    kept = sum(one.rows for one in held)
    written = sum(entry["rows"] for entry in layout.files)
    quarantined = sum(sum(commit.facts["rows_quarantined"].values()) for commit in first)
    dropped = sum(
        sum(reasons.values())
        for folder, commits in record.commits.items()
        if folder != plan.release_folder
        for commit in commits
        for reasons in commit.facts["rows_dropped"].values()
    )
    repeated = sum(one.repeated for one in held)
    if read != kept + dropped + quarantined or written != kept + repeated:
        raise AssertionError(
            f"the ledger does not balance: read {read}, kept {kept}, repeated {repeated}, written {written}, dropped "
            f"{dropped}, quarantined {quarantined}"
        )
    counts = {"read": read, "kept": kept, "dropped": dropped, "quarantined": quarantined}
    return counts | ({"repeated": repeated} if COPY in plan.columns else {})


def _skipped(first: Sequence[Commit]) -> dict[str, int]:
    """Count by kind what lay between the records and is no document: requests in WARC files, images in tar files."""
    kinds: dict[str, int] = {}
    for commit in first:
        _add(kinds, commit.facts["skipped"])
    return dict(sorted(kinds.items()))


def _steps(record: "Record", plan: JobPlan) -> list[dict[str, Any]]:
    """Per step in order: documents in, dropped by reason, kept. The first entry is reading."""
    first = record.commits[plan.segments[0].pass_folder]
    quarantined: dict[str, int] = {}
    for commit in first:
        _add(quarantined, commit.facts["rows_quarantined"])
    rows = sum(commit.facts["rows_in"] for commit in first)
    steps = [{"step": "read", "in": rows, "dropped": quarantined, "kept": rows - sum(quarantined.values())}]
    for folder, labels in record.labels.items():
        for label in labels:
            dropped: dict[str, int] = {}
            for commit in record.commits[folder]:
                _add(dropped, commit.facts["rows_dropped"].get(label, {}))
            before = steps[-1]["kept"]
            steps.append({"step": label, "in": before, "dropped": dropped, "kept": before - sum(dropped.values())})
    return steps


def _sources(listing: Listing, first: Sequence[Commit], held: Sequence[Held]) -> dict[str, dict[str, int]]:
    """Records read and documents kept, by source."""
    total: dict[str, dict[str, int]] = {}
    for unit, commit in zip(listing.units, first, strict=True):
        facts = commit.facts
        entry = {"read": facts["rows_in"], "read_bytes": facts["bytes_in"], "kept": 0, "kept_bytes": 0}
        _add(total.setdefault(unit.reads["source"], {}), entry)
    for one in held:
        _add(total[one.source], {"kept": one.rows, "kept_bytes": one.bytes})
    return total


def _add(total: dict[str, int], more: dict[str, int]) -> None:
    for name, count in more.items():
        total[name] = total.get(name, 0) + count
