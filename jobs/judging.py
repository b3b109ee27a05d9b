"""Judging: columns that a pass has measured and stored in, the ledger of the documents that go out. No text is read."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.commits import Commit, Unit
from jobs.held import Held, read_held
from jobs.outbox import Outbox
from jobs.passes import ledger_rows
from jobs.plan import JudgesPlan
from jobs.storage import open_storage
from jobs.surveys.verdicts import left_of
from jobs.tally import counted
from jobs.units import Run, Stage, map_units
from ops.contract import Judge, Op

# What the ledger tells of a document, and what the commit counts.
_OWN = ("id", "source", "position", "text_bytes")

# A document's columns without its text: some forty signals, and where it is from.
_ROW_BYTES = 500


def judge(run: Run, plan: JudgesPlan, held: Sequence[Held]) -> tuple[list[Held], list[Commit]]:
    """Return what is left of each unit, and the commits that say so."""
    by_name = {one.unit: one for one in held}
    units = [Unit(name, {"unit": name}, one.rows * _ROW_BYTES) for name, one in by_name.items()]
    work = partial(_judge_unit, held=by_name, plan=plan, storage_url=run.storage.url)
    commits = map_units(run, Stage(plan.folder, plan.label), units, work)
    return [left_of(one, commit) for one, commit in zip(held, commits, strict=True)], commits


def _judge_unit(
    unit: Unit, outbox: Outbox, *, held: dict[str, Held], plan: JudgesPlan, storage_url: str
) -> dict[str, Any]:
    one = held[unit.name]
    columns = sorted({*_OWN, *(column for _, step in plan.steps for column in step.needs)})
    gone: list[pa.Table] = []
    bytes_gone = 0
    for batch in read_held(open_storage(storage_url), one, columns, with_rows=True):
        dropped, size = _judged(batch, plan.steps)
        gone += dropped
        bytes_gone += size
    if gone:
        outbox.table("drops", pa.concat_tables(gone), place="drops")
    return {
        "rows_in": one.rows,
        "rows_kept": one.rows - sum(table.num_rows for table in gone),
        "bytes_kept": one.bytes - bytes_gone,
        "rows_dropped": counted(gone),
    }


def _judged(batch: pa.Table, steps: Sequence[tuple[str, Op]]) -> tuple[list[pa.Table], int]:
    """Return ledger rows of the documents that go, each by its first judge, and the bytes of their text.

    Every judge sees all documents: to filter forty columns after each took a quarter of the time.
    """
    own = batch.select([*_OWN, "row"])
    stays = np.ones(batch.num_rows, np.bool_)
    gone = []
    for label, step in steps:
        if not isinstance(step, Judge):
            raise TypeError(f"step {label} is not a judge")
        reasons = step.judge(batch)
        going = pa.array(np.flatnonzero(stays & np.asarray(pc.is_valid(reasons))))
        if len(going):
            gone.append(ledger_rows(own.take(going), reasons.take(going), label))
            stays[np.asarray(going)] = False
    return gone, int(np.asarray(batch["text_bytes"])[~stays].sum())
