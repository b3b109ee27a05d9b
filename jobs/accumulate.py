"""Accumulate: the real documents of the latest release stay in the next one, unless a reason for their going is known.

    ids that it had - ids that the new one has -> gone -> reasons, of the ledger and of the removals -> settled

Only units that differ between the releases are compared, a range of ids' digests at a time; no text is read.
"""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from jobs.census import IDS, Census
from jobs.commits import Commit, File, Unit, digest, read_commits
from jobs.errors import JobError
from jobs.lineage import keys_of
from jobs.outbox import Outbox, read_table
from jobs.plan import JobPlan
from jobs.sorted import (
    LAST_KEY,
    Sorted,
    by_digest,
    partition_units,
    range_of,
    read_range,
    sorted_files,
    windows,
    write_sorted,
)
from jobs.spec import JobSpec
from jobs.storage import Storage, open_storage
from jobs.units import Run, Stage, map_units

if TYPE_CHECKING:
    from jobs.run import Record

# What a recipe had no room for is not at fault: no reason for real text to go.
_NO_REASONS = ("over_budget",)

# Why an id is gone, and whether that will do.
_REASONS = pa.schema([*IDS, ("why", pa.string()), ("will_do", pa.bool_())])
_UNKNOWN = "not in the input as real text"

_FILES_A_UNIT = 32  # of the ledger
_FIRST = 5  # ids that a refusal names
_COPIES_IN_MEMORY = 4  # of a window of ids


def accumulated(
    run: Run, spec: JobSpec, plan: JobPlan, census: Census, record: "Record", latest: dict[str, Any]
) -> dict[str, Any]:
    """Tell how many real documents of the latest release, by its manifest, are gone, and why; JobError where none does.

    Only reasons of judges and dedup, and the job's removals, will do.
    """
    here = {commit.unit for commit in census.commits}
    there = set(latest.get("census", {}).get("units", []))
    before = _ids_of(
        run.storage, latest, [unit for unit in latest.get("census", {}).get("units", []) if unit not in here]
    )
    after = sorted_files(commit for commit in census.commits if commit.unit not in there)
    number, partition_bytes = latest["release"], spec.run.partition_bytes
    stage = Stage(f"{plan.release_folder.rpartition('-')[0]}.accumulate-{digest(number)}", "release: accumulate")
    gone = sorted_files(_by_range(run, stage, "gone", before, after, partition_bytes))
    if not gone:
        return {"since_release": number, "removed": {}}
    reasons = _reasons(run, stage, spec, record, gone)
    settled = _by_range(run, stage, "settled", gone, reasons, partition_bytes)
    _refuse_unsettled(settled, number)
    return {"since_release": number, "removed": _summed(settled, "removed")}


def _ids_of(storage: Storage, latest: dict[str, Any], units: list[str]) -> list[Sorted]:
    """Return the ids of some units of the latest release."""
    off = 'Run once with accumulate = "off": from then on real documents are compared.'
    if "census" not in latest:
        raise JobError(
            f"release {latest['release']} was made by a version that kept no list of its real documents. {off}"
        )
    folder = latest["census"]["folder"]
    found = read_commits(storage, folder, units)
    if len(found) < len(units):
        raise JobError(
            f"{len(units) - len(found)} commits of {storage.url}/{folder} are gone, which list the real documents of "
            f"release {latest['release']}. Put them back, if you can. {off}"
        )
    return sorted_files(found[unit] for unit in units)


def _by_range(
    run: Run, stage: Stage, name: str, left: Sequence[Sorted], right: Sequence[Sorted], partition_bytes: int
) -> list[Commit]:
    """Compare two sets of sorted files, each range of keys in a unit of its own."""
    if not left:
        return []
    inputs = digest([[part.file.sha256 for part in parts] for parts in (left, right)], partition_bytes)
    size = sum(part.memory_bytes for part in (*left, *right))
    partitions = max(1, -(-size * _COPIES_IN_MEMORY // partition_bytes))
    units = partition_units(partitions, inputs, size, prefix=f"{name}-")
    work = partial(
        {"gone": _gone_unit, "settled": _settled_unit}[name],
        left=left,
        right=right,
        window_bytes=partition_bytes // _COPIES_IN_MEMORY,
        storage_url=run.storage.url,
    )
    return map_units(run, Stage(stage.folder, f"{stage.label}: {name}"), units, work)


def _gone_unit(
    unit: Unit,
    outbox: Outbox,
    *,
    left: Sequence[Sorted],
    right: Sequence[Sorted],
    window_bytes: int,
    storage_url: str,
) -> dict[str, Any]:
    """Write the ids that are on the left and not on the right."""
    storage = open_storage(storage_url)
    told: dict[str, Any] = {}
    for window in windows([*left, *right], *range_of(unit), window_bytes):
        ids, others = (_read(storage, parts, window, IDS) for parts in (left, right))
        gone = ids.filter(pc.invert(pc.is_in(ids["id"], others["id"].combine_chunks())))
        told |= write_sorted(outbox, f"gone-{len(told):05d}", gone, "key")
    return {"sorted": told}


def _reasons(run: Run, stage: Stage, spec: JobSpec, record: "Record", gone: Sequence[Sorted]) -> list[Sorted]:
    """Find what this run's ledger, its withdrawals and the removals say of ids that are gone; files of `_REASONS`."""
    withdrawn = [part.file for part in record.withdrawn.files] if record.withdrawn else []
    drops = [*(file for _, file in record.drops), *withdrawn]
    inputs = digest([part.file.sha256 for part in gone], spec.run.partition_bytes)
    groups = [drops[start : start + _FILES_A_UNIT] for start in range(0, len(drops), _FILES_A_UNIT)]
    told_by: dict[str, list[File] | pa.Table] = {
        digest([one.sha256 for one in group], inputs): group for group in groups
    }
    units = [Unit(name, {}, sum(one.bytes for one in group)) for name, group in zip(told_by, groups, strict=True)]
    if spec.removals:
        listed = spec.removals.listed()
        units.append(Unit(digest(spec.removals.sha256, inputs), {}, listed.nbytes))
        told_by[units[-1].name] = listed.append_column("will_do", pa.array([True] * listed.num_rows))
    work = partial(
        _reason_unit,
        told_by=told_by,
        gone=gone,
        window_bytes=spec.run.partition_bytes // _COPIES_IN_MEMORY,
        storage_url=run.storage.url,
    )
    return sorted_files(map_units(run, Stage(stage.folder, f"{stage.label}: reasons"), units, work))


def _reason_unit(
    unit: Unit,
    outbox: Outbox,
    *,
    told_by: dict[str, list[File] | pa.Table],
    gone: Sequence[Sorted],
    window_bytes: int,
    storage_url: str,
) -> dict[str, Any]:
    """Write what some files of the ledger, or the removals, say of ids that are gone."""
    storage = open_storage(storage_url)
    one = told_by[unit.name]
    told: dict[str, Any] = {}
    for window in windows(gone, 0, LAST_KEY, window_bytes):
        ids = _read(storage, gone, window, IDS)["id"].combine_chunks()
        for said in [one] if isinstance(one, pa.Table) else (_of_ledger(storage, file) for file in one):
            found = said.filter(pc.is_in(said["id"], ids))
            made = pa.table([keys_of(found["id"]), *found.select(_REASONS.names[1:])], schema=_REASONS)
            told |= write_sorted(outbox, f"reasons-{len(told):05d}", made.sort_by("key"), "key")
    return {"sorted": told}


def _of_ledger(storage: Storage, file: File) -> pa.Table:
    table = read_table(storage, file, ["id", "step", "reason"])
    why = pc.binary_join_element_wise(table["step"], table["reason"], ": ")
    will_do = pc.invert(pc.is_in(table["reason"], pa.array(_NO_REASONS)))
    return pa.table({"id": table["id"], "why": why, "will_do": will_do})


def _settled_unit(
    unit: Unit,
    outbox: Outbox,
    *,
    left: Sequence[Sorted],
    right: Sequence[Sorted],
    window_bytes: int,
    storage_url: str,
) -> dict[str, Any]:
    """Write why each id is gone; count those for which that will do, and the others."""
    storage = open_storage(storage_url)
    told: dict[str, Any] = {}
    removed, lost = Counter[str](), Counter[str]()
    first: list[str] = []
    for window in windows([*left, *right], *range_of(unit), window_bytes):
        ids, reasons = _read(storage, left, window, IDS), _read(storage, right, window, _REASONS)
        # Of several reasons one that will do, and of those the first by name, so that files' order does not matter.
        reasons = reasons.sort_by([("id", "ascending"), ("will_do", "descending"), ("why", "ascending")])
        place = pc.index_in(ids["id"], reasons["id"].combine_chunks())
        why = pc.fill_null(reasons["why"].take(place), _UNKNOWN)
        will_do = pc.fill_null(reasons["will_do"].take(place), False)  # noqa: FBT003 - a value
        settled = pa.table([ids["key"], ids["id"], why, will_do], schema=_REASONS)
        told |= write_sorted(outbox, f"settled-{len(told):05d}", settled, "key")
        left_open = settled.filter(pc.invert(will_do))
        removed.update(settled.filter(will_do)["why"].to_pylist())
        lost.update(left_open["why"].to_pylist())
        first = sorted([*first, *left_open["id"].to_pylist()])[:_FIRST]
    return {
        "sorted": told,
        "removed": dict(sorted(removed.items())),
        "lost": dict(sorted(lost.items())),
        "first": first,
    }


def _read(storage: Storage, parts: Sequence[Sorted], window: tuple[int, int], schema: pa.Schema) -> pa.Table:
    tables = [table for part in parts for table in read_range(storage, part, "key", *window)]
    return by_digest(pa.concat_tables([schema.empty_table(), *tables]), ("key", "id"))


def _summed(commits: Sequence[Commit], fact: str) -> dict[str, int]:
    total = Counter[str]()
    for commit in commits:
        total.update(commit.facts[fact])
    return dict(sorted(total.items()))


def _refuse_unsettled(settled: Sequence[Commit], number: int) -> None:
    lost = _summed(settled, "lost")
    if not lost:
        return
    count = sum(lost.values())
    first = sorted(one for commit in settled for one in commit.facts["first"])[:_FIRST]
    more = f" and {count - len(first):,} more" if count > len(first) else ""
    why = ", ".join(f"{reason} ({n:,})" for reason, n in lost.items())
    raise JobError(
        f'accumulate = "strict": {count:,} real documents of release {number} would be missing: {", ".join(first)}'
        f"{more}. Why: {why}. No release was made. Put back what the input lacks, make room in the mix for the rest, "
        "or list the ids that may go in a file that `removals` names: an id, a tab and the reason on each line."
    )
