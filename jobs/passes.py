"""A pass: consecutive edits and judges over one unit. The only place, beside verdicts, where documents go.

Raw records or an earlier stage's documents in; documents, sketches, the ledger of drops and the quarantine out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.commits import Commit, Unit
from jobs.documents import documents, read_records, stage_schema, with_text_bytes
from jobs.held import NOTHING_FOUND, ROW, Held, read_held
from jobs.jobfile.sources import Source
from jobs.lineage import lineage_of
from jobs.lineage_texts import TEXT_DIGEST, with_text_digests
from jobs.outbox import Outbox
from jobs.readers.records import RECORDS_TO_JUDGE, BadShard
from jobs.redaction import redactor_of, without_pii
from jobs.spec import JobSpec
from jobs.storage import open_storage, read_url
from jobs.tally import Tally
from ops import resources
from ops.columns import COPIES, CUT, CUT_LEDGER, CUTS, DROPPED
from ops.contract import Edit, Judge, Op
from ops.edits.redact import Redact
from ops.surveys import Applied, Comparing, Labelling, Sampling, Summing, Survey, references_of


@dataclass(frozen=True)
class Sketching:
    """A survey whose sketch is taken while a pass has the text in hand, and the stage that its sketches lie in."""

    folder: str
    survey: Survey


@dataclass(frozen=True)
class FoundEdit:
    """The edit that a survey ends in, with what it found: in one unit, or sums of the corpus."""

    survey: Applied
    found: pa.Table

    def edit(self, batch: pa.Table) -> pa.Table:
        """Edit a batch."""
        return self.survey.apply(batch, self.found)


@dataclass(frozen=True)
class PassPlan:
    """What every unit of a pass needs to know."""

    spec: JobSpec
    edits: tuple[tuple[str, Applied], ...]  # label and survey whose edit the pass begins with
    steps: tuple[tuple[str, Op], ...]  # label, op
    columns: tuple[pa.Field, ...]  # beyond a document's own, once the steps have run
    sketches: tuple[Sketching, ...]
    roots: dict[str, str]  # where each source's paths begin; for the first pass
    held: dict[str, Held]  # by unit name: what an earlier stage left; for later passes
    references: dict[str, str]  # by unit name: the reference that the unit is of


def run_pass(unit: Unit, outbox: Outbox, *, plan: PassPlan, storage_url: str) -> dict[str, Any]:
    """Run the steps over one unit; return the facts for its commit."""
    resources.read_by(read_url)
    tally = Tally()
    steps = [*_found_edits(unit, plan, storage_url), *plan.steps]
    sketches: tuple[Sketching, ...] = plan.sketches
    if unit.name in plan.references:
        # What is compared with is edited as the others are, so that equal texts stay equal, and not judged.
        steps = [(label, step) for label, step in steps if isinstance(step, Edit)]
        sketches = tuple(one for one in sketches if plan.references[unit.name] in references_of(one.survey))
    kept_sketches: list[list[pa.Table]] = [[] for _ in sketches]
    is_raw = unit.name not in plan.held and unit.name not in plan.references
    lost: list[pa.Table] = []
    schema = stage_schema(plan.columns)
    with outbox.parquet("data", schema.append(TEXT_DIGEST) if is_raw else schema) as write:
        for batch in _batches(unit, plan, storage_url, tally):
            kept, dropped, cuts = run_steps(batch, steps)
            tally.keep(kept, dropped, cuts)
            if is_raw and dropped.num_rows:
                went = batch.filter(pc.is_in(batch["row"], dropped["row"].combine_chunks()))
                lost.append(lineage_of(with_text_digests(went)))
            if kept.num_rows:
                kept = kept.select(schema.names).cast(schema)
                write(with_text_digests(kept) if is_raw else kept)
                for sketching, tables in zip(sketches, kept_sketches, strict=True):
                    _add(
                        sketch(sketching.survey, kept, before=tally.rows_kept - kept.num_rows), tables, sketching.survey
                    )
    if lost:
        outbox.table("lost", pa.concat_tables(lost))
    _write_ledger(outbox, tally, redactor_of(plan.spec.steps))
    for sketching, tables in zip(sketches, kept_sketches, strict=True):
        _commit_sketch(sketching, tables, outbox, unit)
    return tally.facts()


def _add(made: pa.Table, to: list[pa.Table], survey: Survey) -> None:
    """Add the sketch of a batch to those of the unit, of which samples keep what they need alone.

    Not each time: where that takes as long as there are bytes, it is twice as long in all.
    """
    to.append(made)
    if isinstance(survey, Sampling) and sum(table.nbytes for table in to[1:]) > to[0].nbytes:
        to[:] = [survey.thin(pa.concat_tables(to))]


def run_steps(batch: pa.Table, steps: Iterable[tuple[str, object]]) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Apply steps in order. Return the documents kept, a ledger row for each one dropped, and one for each cut.

    `batch` has a column `row`: where the document lies in what the unit read.
    """
    gone, cut = [], []
    for label, step in steps:
        if isinstance(step, Edit):
            batch = with_text_bytes(step.edit(batch))
            if CUTS.name in batch.column_names:
                if batch[CUTS.name].null_count < batch.num_rows:
                    cut.append(_cut_rows(batch, label))
                batch = batch.drop_columns(CUTS.name)
            continue
        if not isinstance(step, Judge):
            raise TypeError(f"step {label} is neither an edit nor a judge")
        reasons = step.judge(batch)
        if reasons.null_count < len(reasons):
            gone.append(ledger_rows(batch, reasons, label))
            batch = batch.filter(pc.is_null(reasons))
    return batch, pa.concat_tables([DROPPED.empty_table(), *gone]), pa.concat_tables([CUT_LEDGER.empty_table(), *cut])


def _found_edits(unit: Unit, plan: PassPlan, storage_url: str) -> list[tuple[str, FoundEdit]]:
    """The edits that the pass begins with, each with what its survey found in this unit."""
    found = {one.label: one for one in plan.held[unit.name].found} if plan.edits else {}
    storage = open_storage(storage_url)
    return [
        (label, FoundEdit(survey, found[label].load(storage) if label in found else _nothing_found(survey)))
        for label, survey in plan.edits
    ]


def _nothing_found(survey: Applied) -> pa.Table:
    if isinstance(survey, Labelling | Comparing):
        return pa.schema([ROW, *survey.labels]).empty_table()
    return NOTHING_FOUND


def sketch(survey: Survey, batch: pa.Table, before: int) -> pa.Table:
    """Take a survey's sketch of a batch, with the documents' ids; `before` it the unit kept so many documents."""
    made = survey.sketch(batch)
    if isinstance(survey, Summing):
        return made
    if "row" not in made.column_names:
        return made.add_column(0, "id", batch["id"])
    return made.set_column(made.schema.get_field_index("row"), "row", pc.add(made["row"], before))


def sketch_again(
    unit: Unit, outbox: Outbox, *, survey: Survey, held: dict[str, Held], storage_url: str
) -> dict[str, Any]:
    """Sketch a unit's documents as they lie in storage: for a survey that the pass over text did not know of."""
    whole = Held.all_of(held[unit.name])
    tables: list[pa.Table] = []
    for batch in read_held(open_storage(storage_url), whole, with_rows=True):
        _add(sketch(survey, batch, before=int(batch["row"][0].as_py())), tables, survey)
    return _write_sketch(survey, tables, outbox)


def _batches(unit: Unit, plan: PassPlan, storage_url: str, tally: Tally) -> Iterator[pa.Table]:
    """Read a unit's documents, raw or as an earlier stage left them, each with its `row` in what was read."""
    if unit.name in plan.held:
        storage, held = open_storage(storage_url), plan.held[unit.name]
        for batch in read_held(storage, held, with_rows=True, with_copies=COPIES[0] in plan.columns):
            tally.read(batch)
            yield batch
        return
    source = plan.spec.source(unit.reads["source"])
    path = unit.reads["path"]
    row = 0
    try:
        for records in read_records(unit, source, plan.roots[source.name]):
            tally.set_aside(source.name, path, records.unreadable)
            tally.skip(records.skipped)
            if records.rows.num_rows:
                batch = documents(records.rows, plan.spec.extra_columns, source, path)
                tally.read(batch)
                yield batch.append_column("row", pa.array(np.arange(row, row + batch.num_rows)))
                row += batch.num_rows
        _refuse_textless(tally, source)
    except BadShard as bad:
        tally.set_aside_shard(source.name, path, bad)


def _refuse_textless(tally: Tally, source: Source) -> None:
    if tally.rows_in >= RECORDS_TO_JUDGE and tally.lacks_text:
        name = source.wanted["text"]
        raise BadShard("no_text_column", f"{name!r} is null or missing in the {tally.rows_in} records")


def ledger_rows(batch: pa.Table, reasons: pa.StructArray, label: str) -> pa.Table:
    """Make the ledger's rows of the documents that a judge gave a reason for."""
    gone = pc.is_valid(reasons)
    lost, why = batch.filter(gone), reasons.filter(gone)
    columns = {
        **{name: pa.nulls(lost.num_rows, pa.string()) for name in ("kept_id", "passage")},
        **{name: lost[name] for name in ("id", "source", "row", "position")},
        "step": pa.repeat(pa.scalar(label), lost.num_rows),
        **{field.name: why.field(field.name) for field in why.type},
    }
    return pa.table([columns[name] for name in DROPPED.names], schema=DROPPED)


def _cut_rows(batch: pa.Table, label: str) -> pa.Table:
    """Make a row of each cut that an edit made."""
    cuts = batch[CUTS.name].combine_chunks()
    of = pc.list_parent_indices(cuts)
    flat = pc.list_flatten(cuts)
    columns = {
        **{name: batch[name].take(of) for name in ("id", "source", "row", "position")},
        "step": pa.repeat(pa.scalar(label), len(of)),
        **{field.name: flat.field(field.name) for field in CUT},
    }
    return pa.table([columns[name] for name in CUT_LEDGER.names], schema=CUT_LEDGER)


def _write_ledger(outbox: Outbox, tally: Tally, redactor: Redact | None) -> None:
    """Write drops, cuts and quarantine, where there are any; the commit's counts say so where there are none.

    Where the job redacts texts, it redacts what was cut out of them before, what of them was found elsewhere, and
    records that could not be read.
    """
    if tally.dropped:
        outbox.table("drops", without_pii(pa.concat_tables(tally.dropped), "passage", redactor), place="drops")
    if tally.cuts:
        outbox.table("cuts", without_pii(pa.concat_tables(tally.cuts), "text", redactor), place="cuts")
    if tally.quarantined:
        unreadable = without_pii(pa.concat_tables(tally.quarantined), "raw", redactor)
        outbox.table("quarantine", unreadable, place="quarantine")


def _commit_sketch(sketching: Sketching, tables: list[pa.Table], outbox: Outbox, unit: Unit) -> None:
    """Commit a sketch to its own stage, so that it outlives a change of what its survey does with it."""
    own = outbox.beside(sketching.folder)
    facts = _write_sketch(sketching.survey, tables, own)
    name = sketch_name(unit.name, outbox.files["data"].sha256)
    outbox.commit_beside(own, Commit(name, {"data": outbox.files["data"].sha256}, facts, own.files))


def sketch_name(unit: str, data_sha256: str) -> str:
    """Name of the sketch of one unit's documents."""
    return f"{unit}-{data_sha256[:16]}"


def _write_sketch(survey: Survey, tables: list[pa.Table], outbox: Outbox) -> dict[str, Any]:
    """Write one table, whatever batches it came in, so that both ways to make a sketch give the same bytes."""
    if not tables:
        return {"rows": 0, "memory_bytes": 0}
    if isinstance(survey, Summing):
        tables = [pa.table({"sums": np.sum([np.asarray(table["sums"]) for table in tables], axis=0)})]
    whole = pa.concat_tables(tables).combine_chunks()
    if isinstance(survey, Sampling):
        whole = survey.thin(whole).combine_chunks()
    outbox.table("sketch", whole)
    return {"rows": whole.num_rows, "memory_bytes": whole.nbytes}
