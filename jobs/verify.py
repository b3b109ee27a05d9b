"""Verifying: whether a release's files are those that were released. Every byte is read.

The seal names each file with its hash, the manifest each data file with its hash and rows, and both are compared with
what lies there and with each other. A signature says who sealed it.
"""

from dataclasses import dataclass
from typing import Any

import orjson
import pyarrow.parquet as pq
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from jobs.errors import JobError
from jobs.release import identity_of
from jobs.seal import CHECKSUMS, SIGNATURE, is_signed, sha256_of, told_checksums
from jobs.storage import Storage, explained

_MANIFEST = "release.json"
_CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Verified:
    """A release whose files are as they were released."""

    files: int
    bytes: int
    rows: int
    is_signed: bool


def verify(storage: Storage, key: Ed25519PublicKey | None = None) -> Verified:
    """Compare a release, which lies at `storage`, with its seal; JobError names the first file that is wrong.

    With a key, its holder must have signed the seal.
    """
    with explained(storage.url, "read the release"):
        there = {entry.key: entry.bytes for entry in storage.list("")}
    sealed = _sealed(storage, there, key)
    names = sorted(sealed)
    for name in names:
        if name not in there:
            raise _wrong(storage, name, "it is missing")
    for name in sorted(set(there) - set(sealed) - {CHECKSUMS, SIGNATURE}):
        raise _wrong(storage, name, f"{CHECKSUMS} does not name it: it came after the release was sealed")
    with explained(storage.url, "read the release"):
        for name, found in zip(names, sha256_of(storage, names), strict=True):
            if found != sealed[name]:
                raise _wrong(storage, name, f"its sha256 is {found}, {CHECKSUMS} says {sealed[name]}")
        rows = _rows(storage, sealed)
    return Verified(len(names), sum(there[name] for name in names), rows, key is not None)


def _sealed(storage: Storage, there: dict[str, int], key: Ed25519PublicKey | None) -> dict[str, str]:
    """Return what the seal says, by name of file."""
    if _MANIFEST not in there:
        raise JobError(
            f"{storage.url} is not a release: it has no {_MANIFEST}. Name the folder of one: .../releases/0001"
        )
    if CHECKSUMS not in there:
        raise _wrong(storage, CHECKSUMS, "it is missing. Run the job again: it seals what it has released")
    written = storage.read(CHECKSUMS)
    sealed = told_checksums(written)
    if sealed is None:
        raise _wrong(storage, CHECKSUMS, "it is not as it was written: the sha256 in its last line is another")
    if key is not None and SIGNATURE not in there:
        raise _wrong(
            storage, SIGNATURE, "it is missing: nobody signed this release. Verify it without a key, or sign it"
        )
    if key is not None and not is_signed(written, storage.read(SIGNATURE), key):
        raise _wrong(storage, SIGNATURE, f"it is not a signature of {CHECKSUMS} by this key")
    return sealed


def _rows(storage: Storage, sealed: dict[str, str]) -> int:
    """Compare the manifest with itself, with the seal and with the rows of each data file; return the rows of all."""
    manifest: dict[str, Any] = orjson.loads(storage.read(_MANIFEST))
    body = {name: part for name, part in manifest.items() if name not in ("release", "identity")}
    if identity_of(body) != manifest["identity"]:
        raise _wrong(storage, _MANIFEST, "its identity is not that of what it says")
    for file in manifest["files"]:
        if file["sha256"] != sealed[file["path"]]:
            raise _wrong(storage, file["path"], f"{_MANIFEST} and {CHECKSUMS} give it another sha256")
        found = _rows_in(storage, file["path"])
        if found is not None and found != file["rows"]:
            raise _wrong(storage, file["path"], f"it has {found:,} rows, {_MANIFEST} says {file['rows']:,}")
    rows: int = sum(file["rows"] for file in manifest["files"])
    counted = manifest["counts"]["kept"] + manifest["counts"].get("repeated", 0)
    if rows != counted:
        raise _wrong(storage, _MANIFEST, f"it counts {counted:,} documents, and {rows:,} rows in its files")
    return rows


def _rows_in(storage: Storage, name: str) -> int | None:
    """Count the rows of a data file; None where its form does not tell them."""
    if name.endswith(".parquet"):
        with storage.open(name) as file:
            return int(pq.read_metadata(file).num_rows)
    if name.endswith(".jsonl.zst"):
        with storage.open(name) as file, zstandard.ZstdDecompressor().stream_reader(file) as lines:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: lines.read(_CHUNK_BYTES), b""))
    return None


def _wrong(storage: Storage, name: str, why: str) -> JobError:
    return JobError(f"{storage.url}/{name} is not what was released: {why}.")
