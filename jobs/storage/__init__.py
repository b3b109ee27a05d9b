"""Storage: list, read, write, create-if-absent. The only package that touches files and object stores.

A `Storage` is a place (a local folder, `s3://bucket/prefix`, any fsspec URL) with keys below it. Data is written under
names that its content decides, so equal attempts collide harmlessly; what makes work visible is `create`, which
succeeds for one writer only.
"""

import contextlib
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

import pyarrow as pa
from fsspec.core import split_protocol

from jobs.errors import JobError
from jobs.storage.entry import Entry
from jobs.storage.faults import disk_full, explained
from jobs.storage.listing import glob, matching
from jobs.storage.local import LocalStorage
from jobs.storage.objects import ObjectStorage
from jobs.storage.remote import open_url, read_url

__all__ = [
    "Entry",
    "LocalStorage",
    "ObjectStorage",
    "Storage",
    "disk_full",
    "explained",
    "glob",
    "matching",
    "open_storage",
    "open_url",
    "probe",
    "read_url",
]


class Storage(Protocol):
    """A place with keys below it."""

    url: str
    at_once: int  # writers worth having under way in one process
    is_local: bool  # reads and writes wait for no network
    stage_codec: str  # that Parquet files between stages are compressed with

    def read(self, key: str) -> bytes:
        """Return a small file's bytes; raise FileNotFoundError where there is none."""

    def read_many(self, keys: Sequence[str]) -> Iterable[bytes]:
        """Return several small files' bytes, as fast as the store allows."""

    def create(self, key: str, data: bytes) -> bool:
        """Write a small file if there is none; False, and nothing written, where there is one."""

    def put(self, key: str, local: Path) -> None:
        """Move a local file to a key that its content names; done already is fine."""

    def copy(self, source: str, key: str) -> None:
        """Make a file known under another key too, without passing it through this machine where the store can."""

    def list(self, folder: str) -> list[Entry]:
        """Return the files anywhere below a folder, in order of key; none where there is no such folder."""

    def open(self, key: str) -> pa.NativeFile:
        """Open a file for reading at any offset."""

    def delete(self, key: str) -> None:
        """Delete a file; fine where there is none."""

    def drop_empty_folders(self, folder: str) -> None:
        """Delete folders below a folder that hold nothing, where folders are things of their own."""

    def scratch(self) -> contextlib.AbstractContextManager[Path]:
        """Give a local path to write a file at; what still lies there afterwards is deleted."""


def open_storage(url: str) -> Storage:
    """Return the storage at a local folder or URL."""
    protocol, path = split_protocol(url)
    return LocalStorage(path) if protocol in (None, "file", "local") else ObjectStorage(url)


def probe(storage: Storage) -> None:
    """Refuse a target that cannot be written to, or that does not honour create-if-absent.

    Without it two runs could both commit, and the later would silently replace the earlier.
    """
    key = f"scratch/probe-{uuid.uuid4().hex}"
    with explained(storage.url, "write to the target"):
        storage.create(key, b"first")
        refused = not storage.create(key, b"second")
        kept = storage.read(key) == b"first"
        storage.delete(key)
    # A first request that arrived although its answer was lost is sent again and refused: what was kept tells.
    if not (refused and kept):
        raise JobError(
            f"the store behind {storage.url} ignores conditional writes (PUT with If-None-Match: *): commits would not "
            "be safe. Use a store that honours them (AWS S3, Ceph, MinIO, R2, Google Cloud Storage), or a local folder."
        )
