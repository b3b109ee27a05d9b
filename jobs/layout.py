"""The files of a release: those of its shards, under names of their own, and those made for all shards."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from jobs.commits import Commit
from jobs.formats import FORMATS
from jobs.formats.contract import SHARD, Placed
from jobs.storage import Storage

_DATA = "data"


@dataclass(frozen=True)
class Layout:
    """Every file of a release but its manifest."""

    shards: tuple[dict[str, Placed], ...]  # the files of each, by role
    made: dict[str, bytes]  # by path

    @cached_property
    def files(self) -> list[dict[str, Any]]:
        """What the manifest tells of the files that hold the documents, one for each shard."""
        return [_entry(shard[SHARD]) for shard in self.shards]

    @cached_property
    def other_files(self) -> list[dict[str, Any]]:
        """What it tells of the files beside them."""
        beside = [_entry(placed) for shard in self.shards for role, placed in shard.items() if role != SHARD]
        made = [
            {"path": path, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for path, data in self.made.items()
        ]
        return beside + made

    def write(self, storage: Storage, folder: str) -> None:
        """Put the files into a release's folder; those that are there stay."""
        for shard in self.shards:
            for placed in shard.values():
                storage.copy(placed.file.key, f"{folder}/{placed.path}")
        for path, data in self.made.items():
            storage.create(f"{folder}/{path}", data)


def lay_out(name: str, schema: pa.Schema, shards: Sequence[Commit]) -> Layout:
    """Name the files of the shards, which come in the release's order, of a format; make what lists them."""
    kind = FORMATS[name]
    placed = tuple(
        {
            role: Placed(f"{_DATA}/part-{n:05d}.{kind.suffixes[role]}", file)
            for role, file in sorted(commit.files.items(), key=lambda entry: entry[0] != SHARD)
        }
        for n, commit in enumerate(shards)
    )
    made = {f"{_DATA}/{path}": data for path, data in kind.index(placed, schema).items()} if placed else {}
    return Layout(placed, made)


def _entry(placed: Placed) -> dict[str, Any]:
    file = placed.file
    return {"path": placed.path, "rows": file.rows, "bytes": file.bytes, "sha256": file.sha256}
