"""Measured: what judges compare, of many documents at once. Stored columns of a pass in, values and thresholds out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.held import Held, read_held
from jobs.storage import Storage
from ops.contract import Check, Checked, Op


@dataclass(frozen=True)
class Measured:
    """Arrays have an entry for each document."""

    checks: dict[tuple[str, str], Check]  # by step and reason
    profiles: dict[str, NDArray[np.object_]]  # by column: whose thresholds a document is held to
    profiled_by: dict[str, str]  # by step: the column that holds the profiles of its rules
    lot: NDArray[np.int64]  # number of the lot that the document is in
    row: NDArray[np.int64]  # in the lot's data
    lots: tuple[Held, ...]

    def profile(self, step: str) -> NDArray[np.object_]:
        """Return the profile that each document is held to by a step; empty where it has none."""
        return self.profiles.get(self.profiled_by.get(step, ""), np.full(len(self.row), "", object))


def measure(storage: Storage, held: Sequence[Held], steps: Sequence[tuple[str, Op]], documents_max: int) -> Measured:
    """Check all that a pass has stored, before judges and surveys dropped any of it, by the rules of its judges.

    Of more documents than `documents_max` whole units, until there are as many, in order of their data's hashes.
    """
    lots = [Held.all_of(one) for one in held]
    judges = [(label, step) for label, step in steps if isinstance(step, Checked)]
    columns = sorted({column for _, step in judges for column in step.needs})
    checks: dict[tuple[str, str], list[Check]] = {}
    profiles: dict[str, list[NDArray[np.object_]]] = {}
    profiled_by: dict[str, str] = {}
    lot, row = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    documents = 0
    for number in sorted(range(len(lots)), key=lambda n: lots[n].data.sha256):
        if documents >= documents_max:
            break
        for batch in read_held(storage, lots[number], columns, with_rows=True):
            for label, step in judges:
                for reason, check in step.checks(batch).items():
                    checks.setdefault((label, reason), []).append(check)
            for column in _with_profiles(batch, columns):
                told = batch[column].combine_chunks().field("profile").to_numpy(zero_copy_only=False)
                profiles.setdefault(column, []).append(told)
                profiled_by |= {label: column for label, step in judges if column in step.needs}
            lot.append(np.full(batch.num_rows, number))
            row.append(np.asarray(batch["row"]))
            documents += batch.num_rows
    whole = {rule: _joined(parts) for rule, parts in checks.items()}
    joined = {column: np.concatenate(parts) for column, parts in profiles.items()}
    return Measured(whole, joined, profiled_by, np.concatenate(lot), np.concatenate(row), tuple(lots))


def _with_profiles(batch: pa.Table, columns: Sequence[str]) -> list[str]:
    """Return the columns of signals that tell which limits a document is held to: `quality`, `page`."""
    types = {column: batch.schema.field(column).type for column in columns}
    return [
        column for column, kind in types.items() if pa.types.is_struct(kind) and kind.get_field_index("profile") >= 0
    ]


def _joined(parts: Sequence[Check]) -> Check:
    return Check(
        np.concatenate([part.failed for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([np.broadcast_to(part.threshold, len(part.value)) for part in parts]),
        parts[0].is_least,
    )
