"""The files of a release: those of its shards, under names of their own, and those made for all shards."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import Any

import pyarrow as pa

from jobs.commits import Commit, File
from jobs.formats import FORMATS
from jobs.formats.contract import SHARD, Format, Placed
from jobs.storage import Storage

_DATA = "data"


@dataclass(frozen=True)
class Layout:
    """Every file of a release but its manifest."""

    shards: tuple[dict[str, Placed], ...]  # the files of each, by role
    reads: tuple[dict[str, Any], ...]  # what each holds, as its commit tells
    made: dict[str, bytes]  # by path
    beside: tuple[Placed, ...] = ()  # files of other stages

    @cached_property
    def files(self) -> list[dict[str, Any]]:
        """What the manifest tells of the files that hold the documents, one for each shard."""
        return [
            _entry(shard[SHARD]) | {name: reads[name] for name in ("split", "phase") if name in reads}
            for shard, reads in zip(self.shards, self.reads, strict=True)
        ]

    @cached_property
    def other_files(self) -> list[dict[str, Any]]:
        """What it tells of the files beside them."""
        beside = [_entry(placed) for shard in self.shards for role, placed in shard.items() if role != SHARD]
        beside += [_entry(placed) for placed in self.beside]
        made = [
            {"path": path, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for path, data in self.made.items()
        ]
        return beside + made

    def with_file(self, path: str, data: bytes) -> "Layout":
        """Add a file that is made for the release."""
        return replace(self, made=self.made | {path: data})

    def with_stored(self, path: str, file: File) -> "Layout":
        """Add a file that a stage has made."""
        return replace(self, beside=(*self.beside, Placed(path, file)))

    def write(self, storage: Storage, folder: str) -> None:
        """Put the files into a release's folder; those that are there stay."""
        for placed in (*(one for shard in self.shards for one in shard.values()), *self.beside):
            storage.copy(placed.file.key, f"{folder}/{placed.path}")
        for path, data in self.made.items():
            storage.create(f"{folder}/{path}", data)


def lay_out(name: str, schema: pa.Schema, shards: Sequence[Commit]) -> Layout:
    """Name the files of the shards, which come in the release's order, of a format; make what lists them.

    Shards of a split are in a folder of its own, and numbered from 0.
    """
    kind = FORMATS[name]
    placed: list[dict[str, Placed]] = []
    made: dict[str, bytes] = {}
    for folder, commits in groupby(shards, _folder):
        some = [_placed(f"{folder}/part-{n:05d}", commit, kind) for n, commit in enumerate(commits)]
        made |= {f"{folder}/{path}": data for path, data in kind.index(some, schema).items()}
        placed += some
    return Layout(tuple(placed), tuple(commit.reads for commit in shards), made)


def _folder(shard: Commit) -> str:
    """Where the files of a shard lie in the release."""
    return "/".join(filter(None, [_DATA, shard.reads.get("split")]))


def _placed(stem: str, shard: Commit, kind: Format) -> dict[str, Placed]:
    """Name the files of a shard, the one that holds the documents first."""
    roles = sorted(shard.files, key=lambda role: (role != SHARD, role))
    return {role: Placed(f"{stem}.{kind.suffixes[role]}", shard.files[role]) for role in roles}


def _entry(placed: Placed) -> dict[str, Any]:
    file = placed.file
    return {"path": placed.path, "rows": file.rows, "bytes": file.bytes, "sha256": file.sha256}
