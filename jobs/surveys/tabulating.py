"""Tabulating: different rows of a few columns, counted over the corpus. Sketches in, what a survey makes of them out.

    sketches -> rows of groups of units, each with its count -> all rows -> what the next pass works with

As with sums, the next pass gives what was found to every unit: when it changes, that pass is done again for all.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pyarrow as pa

from jobs.commits import File, Unit, digest
from jobs.held import Held, Sums
from jobs.outbox import Outbox, read_table
from jobs.plan import SurveyPlan
from jobs.storage import open_storage
from jobs.surveys.pieces import Piece, in_groups_of
from jobs.units import Run, map_units
from ops.contract import notes_of
from ops.surveys import Tabulating

# Sketches that one unit condenses.
_SKETCHES_BYTES = 64 * 1024 * 1024


def tabulate(
    run: Run, plan: SurveyPlan, survey: Tabulating, held: Sequence[Held], pieces: Sequence[Piece]
) -> tuple[list[Held], dict[str, Any]]:
    """Return the units with what was settled, and what to tell of it. Documents of references do not count."""
    own = [one for one in pieces if not one.held.reference]
    groups = {digest([one.left for one in group]): group for group in in_groups_of(own, _SKETCHES_BYTES)}
    units = [Unit(name, {}, sum(one.memory_bytes for one in group)) for name, group in groups.items()]
    work = partial(_group_unit, groups=groups, survey=survey, storage_url=run.storage.url)
    files = [commit.files["rows"] for commit in map_units(run, plan.stage("groups"), units, work)]
    if not files:
        return list(held), {}
    whole = Unit(digest([file.sha256 for file in files]), {}, sum(file.bytes for file in files))
    settle = partial(_whole_unit, files=files, survey=survey, storage_url=run.storage.url)
    (commit,) = map_units(run, plan.stage("settled"), [whole], settle)
    found = Sums(plan.label, commit.files["found"])
    return [replace(one, found=(*one.found, found)) for one in held], commit.facts["notes"]


def _group_unit(
    unit: Unit, outbox: Outbox, *, groups: dict[str, list[Piece]], survey: Tabulating, storage_url: str
) -> dict[str, Any]:
    storage = open_storage(storage_url)
    tables = [survey.condense(one.load(storage)) for one in groups[unit.name]]
    outbox.table("rows", survey.condense(pa.concat_tables(tables)))
    return {}


def _whole_unit(
    unit: Unit,  # noqa: ARG001 - there is one
    outbox: Outbox,
    *,
    files: Sequence[File],
    survey: Tabulating,
    storage_url: str,
) -> dict[str, Any]:
    storage = open_storage(storage_url)
    found = survey.settle(survey.condense(pa.concat_tables([read_table(storage, file) for file in files])))
    outbox.table("found", found.replace_schema_metadata(None))
    return {"notes": notes_of(found)}
