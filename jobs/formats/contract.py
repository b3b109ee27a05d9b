"""What a format is: how documents become the files of a shard, and which files stand beside all shards of a release."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import pyarrow as pa

from jobs.commits import File
from jobs.formats.settings import Release
from jobs.outbox import Outbox

# The role of the file that holds a shard's documents; a shard may have others beside it.
SHARD = "shard"

Write = Callable[[pa.Table], None]


@dataclass(frozen=True)
class Placed:
    """A file of a shard, and its path in the release."""

    path: str
    file: File


def _no_index(shards: Sequence[Mapping[str, Placed]], schema: pa.Schema) -> dict[str, bytes]:
    del shards, schema
    return {}


@dataclass(frozen=True)
class Format:
    """A way to write documents.

    `write` opens the files of a shard in the outbox, one for each role, and gives the function that writes a batch;
    the same batches, cut elsewhere, give the same documents. `index` makes the files that list a folder's shards, by
    name, from the files that those consist of, by role; it runs when a release is published.
    """

    write: Callable[[Outbox, pa.Schema, Release], AbstractContextManager[Write]]
    suffixes: Mapping[str, str]  # of a shard's files, by role
    index: Callable[[Sequence[Mapping[str, Placed]], pa.Schema], dict[str, bytes]] = _no_index
    opened_by: str = ""  # Python that opens a release, for its card
    is_for_datasets: bool = False  # whether Hugging Face's `datasets` opens a release's folder as it is


# Python that opens the folder of a release.
BY_DATASETS = """import datasets

documents = datasets.load_dataset("path/to/this/folder")"""
