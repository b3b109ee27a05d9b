"""Labels: what a survey tells of documents that stay, in order of address in; for each unit, the rows that it has, out.

    labels by address -> told (by unit, each unit's with a hash) -> the survey's edit, in the next pass

As with verdicts, a unit of which the same is said as on the night before is not edited again.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.commits import Commit, Unit
from jobs.held import ROW, Found, Held
from jobs.outbox import Outbox
from jobs.plan import SurveyPlan
from jobs.sorted import Sorted, read_range, sorted_files, unit_groups, write_sorted
from jobs.storage import open_storage
from jobs.surveys.addresses import at_range, row_of, unit_of
from jobs.units import Run, map_units
from ops.kernels.groups import each_value
from ops.kernels.hashing import digests
from ops.surveys import Comparing, Labelling

_NUMBER = pa.field("number", pa.int64())


def with_labels(
    run: Run,
    plan: SurveyPlan,
    survey: Labelling | Comparing,
    held: Sequence[Held],
    found: Sequence[Commit],
    partition_bytes: int,
) -> list[Held]:
    """Return the units with the labels of their documents; `found` are the commits that tell them."""
    parts = sorted_files(found, "labels")
    units, groups = unit_groups(parts, len(held), partition_bytes)
    work = partial(_told_unit, parts=parts, groups=groups, labels=survey.labels, storage_url=run.storage.url)
    commits = map_units(run, plan.stage("labels"), units, work)
    told = {
        number: Found(plan.label, number, name, sorted_files([commit])[0])
        for commit in commits
        for number, name in commit.facts["units"]
    }
    return [replace(one, found=(*one.found, told[n])) if n in told else one for n, one in enumerate(held)]


def _told_unit(
    unit: Unit,
    outbox: Outbox,
    *,
    parts: Sequence[Sorted],
    groups: dict[str, range],
    labels: pa.Schema,
    storage_url: str,
) -> dict[str, Any]:
    """Bring the labels of a group of units into order of address, and hash those of each unit."""
    storage = open_storage(storage_url)
    group = groups[unit.name]
    tables = [table for part in parts for table in read_range(storage, part, "at", *at_range(group[0], group[-1]))]
    if not tables:
        return {"sorted": {}, "units": []}
    order = [(name, "ascending") for name in ("at", *labels.names)]
    whole = pa.concat_tables(tables).sort_by(order).combine_chunks()
    at = np.asarray(whole["at"])
    number = unit_of(at)
    columns = [pa.array(number), pa.array(row_of(at)), *(whole[name] for name in labels.names)]
    told = pa.table(columns, schema=pa.schema([_NUMBER, ROW, *labels]))
    names = [[unit_number, _digest(told.slice(begin, end - begin))] for unit_number, begin, end in each_value(number)]
    return {"sorted": write_sorted(outbox, "told", told, "number"), "units": names}


def _digest(told: pa.Table) -> str:
    """Hash what is told of a unit, not the unit's number."""
    said = [digests(told[name].cast(pa.string()).fill_null("")) for name in told.column_names if name != _NUMBER.name]
    return hashlib.sha256(np.concatenate(said).tobytes()).hexdigest()[:16]
