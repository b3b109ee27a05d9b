"""What a stage holds: each unit's documents as they lie in storage, less those that surveys have dropped since."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from jobs.commits import File
from jobs.outbox import read_table
from jobs.storage import Storage


@dataclass(frozen=True)
class Held:
    """The documents of one unit at one point of a job."""

    unit: str
    source: str
    data: File  # all rows that the pass over text kept
    drops: tuple[File, ...]  # ledgers of the surveys since; their `row` counts within `data`
    rows: int  # documents left
    bytes: int  # of their text

    @staticmethod
    def all_of(held: "Held") -> "Held":
        """The same unit before any survey."""
        return replace(held, drops=(), rows=held.data.rows)

    def identity(self) -> list[str]:
        """What the documents left follow from: names units that read them."""
        return [self.data.sha256, *(file.sha256 for file in self.drops)]


def dropped_rows(storage: Storage, held: Held) -> NDArray[np.int64]:
    """Rows of `data` that surveys have dropped, in order."""
    columns = [np.asarray(read_table(storage, file, ["row"])["row"]) for file in held.drops]
    return np.sort(np.concatenate([np.empty(0, np.int64), *columns]))


def read_held(
    storage: Storage, held: Held, columns: list[str] | None = None, *, with_rows: bool = False
) -> Iterator[pa.Table]:
    """Read the documents left, a row group at a time; `with_rows` adds their `row` in `data`."""
    gone = dropped_rows(storage, held)
    with storage.open(held.data.key) as opened:
        file = pq.ParquetFile(opened)
        first = 0
        for number in range(file.num_row_groups):
            batch = file.read_row_group(number, columns=columns, use_threads=False)
            rows = np.arange(first, first + batch.num_rows)
            first += batch.num_rows
            stays = ~np.isin(rows, gone[np.searchsorted(gone, rows[0]) : np.searchsorted(gone, first)])
            left = batch if stays.all() else batch.filter(pa.array(stays))
            if left.num_rows:
                yield left.append_column("row", pa.array(rows[stays])) if with_rows else left
