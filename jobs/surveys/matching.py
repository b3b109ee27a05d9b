"""Matching: who stays of the documents that keys connect. Sketches in, verdicts out, text nowhere.

    sketches -> key runs -> links -> clusters -> members (each cluster's sketches together) -> verdicts

Every arrow is `map_units` over partitions of a size that follows from the corpus; `partition_bytes` bounds what a
worker holds. Only sketches of documents that share a key with another one are moved.
"""

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.commits import Commit, Unit, digest
from jobs.outbox import Outbox, read_rows
from jobs.plan import SurveyPlan
from jobs.sorted import Sorted, merged, partition_units, range_of, read_range, sorted_files, windows, write_sorted
from jobs.storage import Storage, open_storage
from jobs.surveys.addresses import at_range, row_of, unit_of
from jobs.surveys.clusters import CLUSTER, clusters
from jobs.surveys.keys import key_runs
from jobs.surveys.links import link
from jobs.surveys.pieces import Piece, in_groups_of
from jobs.units import Run, map_units
from ops.contract import notes_of
from ops.dedup.outcome import summed
from ops.kernels.hashing import mix64_all
from ops.surveys import Keyed, Labelling

# Sketches that one unit looks through for members of clusters.
_SKETCHES_BYTES = 16 * 1024 * 1024

# Members are read, put together, ordered, and their keys and signatures laid out for the kernel.
_COPIES_IN_MEMORY = 6


def match(
    run: Run, plan: SurveyPlan, survey: Keyed, pieces: Sequence[Piece], partition_bytes: int
) -> tuple[list[Commit], dict[str, Any]]:
    """Return commits whose sorted files are what `resolve` says, in order of address, and its notes.

    A labelling survey's labels are sorted files of theirs, too.
    """
    runs = key_runs(run, plan.sketch_stage("keys"), survey, pieces)
    links = link(run, plan.stage("links"), runs, partition_bytes)
    verdicts = []
    if any(commit.facts["sorted"] for commit in links):
        found = clusters(run, plan.stage("clusters"), links, partition_bytes)
        members = _gather_members(run, plan, survey, pieces, found)
        verdicts = _resolve(run, plan, survey, members, partition_bytes)
    told = summed([notes for commit in verdicts for notes in commit.facts["notes"]])
    return verdicts, {**told, "without_key": sum(one.without_key for one in runs)}


def _gather_members(
    run: Run, plan: SurveyPlan, survey: Keyed, pieces: Sequence[Piece], found: Sequence[Sorted]
) -> list[Sorted]:
    """Bring the sketches of each cluster's documents together, in order of (cluster, rank, id)."""
    inputs = digest([part.file.sha256 for part in found])
    groups = {
        digest([piece.identity() for piece in group], inputs): group for group in in_groups_of(pieces, _SKETCHES_BYTES)
    }
    units = [Unit(name, {}, sum(piece.memory_bytes for piece in group)) for name, group in groups.items()]
    work = partial(_member_unit, groups=groups, found=found, survey=survey, storage_url=run.storage.url)
    return sorted_files(map_units(run, plan.stage("members"), units, work))


def _member_unit(
    unit: Unit,
    outbox: Outbox,
    *,
    groups: dict[str, list[Piece]],
    found: Sequence[Sorted],
    survey: Keyed,
    storage_url: str,
) -> dict[str, Any]:
    storage = open_storage(storage_url)
    group = groups[unit.name]
    clustered = _clustered(storage, found, *at_range(group[0].number, group[-1].number))
    number = unit_of(np.asarray(clustered["at"]))
    tables = []
    for piece in group:
        begin, end = np.searchsorted(number, [piece.number, piece.number + 1])
        if begin < end and piece.held.rows:
            tables.append(_members_of(storage, piece, clustered.slice(begin, end - begin), survey))
    if not tables:
        return {"sorted": {}}
    whole = pa.concat_tables(tables)
    return {"sorted": write_sorted(outbox, "members", whole.sort_by(_order(whole)), "key")}


def _clustered(storage: Storage, found: Sequence[Sorted], first: int, last: int) -> pa.Table:
    """Return the clusters of the documents in a range of addresses, each document once, in order."""
    tables = [table for part in found for table in read_range(storage, part, "at", first, last)]
    whole = pa.concat_tables([CLUSTER.empty_table(), *tables])
    at, where = np.unique(np.asarray(whole["at"]), return_index=True)
    return pa.table([pa.array(at), whole["cluster"].take(pa.array(where))], schema=CLUSTER)


def _members_of(storage: Storage, piece: Piece, clustered: pa.Table, survey: Keyed) -> pa.Table:
    """Return what is left of one unit's clustered documents, each with its cluster."""
    members, stay = piece.load_rows(storage, row_of(np.asarray(clustered["at"])))
    cluster = np.asarray(clustered["cluster"])[stay]
    if survey.rereads_text:
        text = read_rows(storage, piece.held.data, row_of(np.asarray(members["at"])), ["text"])["text"]
        for name, column in survey.evidence(text).items():
            members = members.append_column(name, column)
    keyed = members.append_column("key", pa.array(mix64_all(cluster.astype(np.uint64))))
    return keyed.append_column("cluster", pa.array(cluster))


def _resolve(
    run: Run, plan: SurveyPlan, survey: Keyed, members: Sequence[Sorted], partition_bytes: int
) -> list[Commit]:
    size = sum(part.memory_bytes for part in members)
    partitions = max(1, math.ceil(size * _COPIES_IN_MEMORY / partition_bytes))
    inputs = digest([part.file.sha256 for part in members], partition_bytes)
    units = partition_units(partitions, inputs, size)
    work = partial(
        _resolve_unit, survey=survey, members=members, window_bytes=partition_bytes, storage_url=run.storage.url
    )
    return map_units(run, plan.stage("resolve"), units, work)


def _resolve_unit(
    unit: Unit, outbox: Outbox, *, survey: Keyed, members: Sequence[Sorted], window_bytes: int, storage_url: str
) -> dict[str, Any]:
    storage = open_storage(storage_url)
    told: dict[str, Any] = {}
    labelled: dict[str, Any] = {}
    notes = []
    tables = _in_order(storage, members, *range_of(unit), window_bytes)
    found = survey.label(tables) if isinstance(survey, Labelling) else ((one, None) for one in survey.resolve(tables))
    for verdicts, labels in found:
        notes.append(notes_of(verdicts))
        told |= write_sorted(outbox, f"verdicts-{len(told):05d}", verdicts.sort_by("at"), "at")
        if labels is not None:
            labelled |= write_sorted(outbox, f"labels-{len(labelled):05d}", labels.sort_by("at"), "at")
    return {"sorted": told, "labels": labelled, "notes": notes}


def _in_order(
    storage: Storage, members: Sequence[Sorted], first: int, last: int, window_bytes: int
) -> Iterator[pa.Table]:
    """Give the members of a range of clusters, whole clusters in one table unless one is too large for a worker."""
    for low, high in windows(members, first, last, window_bytes // _COPIES_IN_MEMORY):
        if low == high:
            streams = [read_range(storage, part, "key", low, high) for part in members]
            joined = _joined(merged(streams, _order), window_bytes // _COPIES_IN_MEMORY)
            yield from (table.drop_columns("key") for table in joined)
            continue
        slices = [table for part in members for table in read_range(storage, part, "key", low, high)]
        if slices:
            whole = pa.concat_tables(slices)
            ordered = whole if len(slices) == 1 else whole.sort_by(_order(whole))
            yield ordered.drop_columns("key")


def _joined(tables: Iterator[pa.Table], bytes_max: int) -> Iterator[pa.Table]:
    """Put tables together while they fit: each is compared with all leaders before it."""
    group: list[pa.Table] = []
    for table in tables:
        if group and sum(one.nbytes for one in group) + table.nbytes > bytes_max:
            yield pa.concat_tables(group)
            group = []
        group.append(table)
    if group:
        yield pa.concat_tables(group)


def _order(table: pa.Table) -> list[tuple[str, str]]:
    """What members are ordered by: the cluster, then references, then the one to keep before all others."""
    ranks = [name for name in table.column_names if name.startswith("rank_")]
    return [(name, "ascending") for name in ["key", "cluster", "sourced", *ranks, "id", "at"]]
