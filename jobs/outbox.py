"""Files that a unit writes: beside first, then under the name of their own content hash.

What is written is stored, made durable and committed later, at once: while the next unit is worked on.
"""

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from jobs.commits import Commit, File, create_commit
from jobs.storage import Storage

# Columns of few distinct values. Looking for repeated values in the others costs a tenth of the time to write them.
_REPEATING = {"source", "origin", "license", "generator", "depth", "step", "reason", "path"}

# Four times the default: 4 % less time to write long texts.
_PAGE_BYTES = 4 * 1024 * 1024


class Outbox:
    """What one unit has written so far, by role ("data", "drops", ...), and what is to be committed beside it."""

    def __init__(self, storage: Storage, folder: str) -> None:
        self._storage = storage
        self._folder = folder
        self._written: list[tuple[str, Path]] = []  # keys, and where the files lie until they are stored
        self._scratch = contextlib.ExitStack()
        self._beside: list[tuple[Outbox, Commit]] = []
        self.files: dict[str, File] = {}

    def beside(self, folder: str) -> "Outbox":
        """An outbox for another stage; `commit_beside` says what it is committed as."""
        other = Outbox(self._storage, folder)
        self._scratch.callback(other.close)
        return other

    def commit_beside(self, other: "Outbox", commit: Commit) -> None:
        """Note a commit of another stage, which is made before this unit's own."""
        self._beside.append((other, commit))

    def store(self) -> None:
        """Store the files; done again, what is stored already stays."""
        for key, path in self._written:
            self._storage.put(key, path)

    def commit(self, commit: Commit) -> tuple[Commit, bool]:
        """Store all files, then commit; return the commit that counts, and whether it differs from ours."""
        for other, theirs in self._beside:
            other.commit(theirs)
        self.store()
        return create_commit(self._storage, self._folder, commit)

    def close(self) -> None:
        """Delete what was written and not stored."""
        self._scratch.close()

    def table(self, role: str, table: pa.Table, *, place: str = "data") -> File:
        """Write a whole table."""
        with self.parquet(role, table.schema, place=place) as write:
            write(table)
        return self.files[role]

    @contextlib.contextmanager
    def parquet(
        self, role: str, schema: pa.Schema, *, place: str = "data", zstd_level: int | None = None
    ) -> Iterator[Callable[[pa.Table], None]]:
        """Write a Parquet file batch by batch, each batch a row group.

        Without a level as the storage takes it soonest: a stage's files are read once or twice.
        """
        with self.file(role, place=place, suffix="parquet") as (path, count):
            repeating = [name for name in schema.names if name in _REPEATING]
            with pq.ParquetWriter(
                path,
                schema,
                compression=self._storage.stage_codec if zstd_level is None else "zstd",
                compression_level=zstd_level,
                use_dictionary=repeating,
                write_statistics=[name for name in schema.names if name != "text"],
                data_page_size=_PAGE_BYTES,
            ) as writer:

                def write(table: pa.Table) -> None:
                    count(table.num_rows)
                    # One row group for each batch, however long: batches are cut by bytes where they are read.
                    writer.write_table(table, row_group_size=max(1, table.num_rows))

                yield write

    @contextlib.contextmanager
    def file(self, role: str, *, place: str, suffix: str) -> Iterator[tuple[Path, Callable[[int], None]]]:
        """Give a path to write to and a function that counts rows; afterwards the file is noted, to be stored."""
        rows = 0

        def count(more: int) -> None:
            nonlocal rows
            rows += more

        path = self._scratch.enter_context(self._storage.scratch())
        yield path, count
        with path.open("rb") as written:
            sha256 = hashlib.file_digest(written, "sha256").hexdigest()
        size = path.stat().st_size
        key = f"{self._folder}/{place}/{sha256[:32]}.{suffix}"
        self._written.append((key, path))
        self.files[role] = File(key, rows, size, sha256)


@contextlib.contextmanager
def open_parquet(storage: Storage, file: File) -> Iterator[pq.ParquetFile]:
    """Open a committed Parquet file.

    From a store, what is wanted of a row group comes in few large requests. From a disk that took twice the time, and
    the memory of all that was read.
    """
    with storage.open(file.key) as opened:
        yield pq.ParquetFile(opened, pre_buffer=not storage.is_local)


def read_table(
    storage: Storage, file: File, columns: list[str] | None = None, where: pc.Expression | None = None
) -> pa.Table:
    """Read a committed Parquet file whole."""
    if where is not None:
        with storage.open(file.key) as opened:
            return pq.read_table(opened, columns=columns, filters=where, use_threads=False)
    with open_parquet(storage, file) as parquet:
        return parquet.read(columns, use_threads=False)  # a third of the time, for small files


def read_rows(storage: Storage, file: File, rows: NDArray[np.int64], columns: list[str]) -> pa.Table:
    """Read some rows of a committed Parquet file, which come in ascending order, from the row groups that hold them."""
    with open_parquet(storage, file) as parquet:
        found = [parquet.schema_arrow.empty_table().select(columns)]
        first = 0
        for number in range(parquet.num_row_groups):
            end = first + parquet.metadata.row_group(number).num_rows
            here = rows[np.searchsorted(rows, first) : np.searchsorted(rows, end)]
            if len(here):
                group = parquet.read_row_group(number, columns=columns, use_threads=False)
                found.append(group.take(pa.array(here - first)))
            first = end
    return pa.concat_tables(found)
