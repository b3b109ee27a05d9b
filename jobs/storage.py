"""Storage: list, read, write, create-if-absent. The only module that touches files and object stores.

A `Storage` is a place (a local folder, `s3://bucket/prefix`, any fsspec URL) with keys below it. Data is written under
names that its content decides, so equal attempts collide harmlessly; what makes work visible is `create`, which
succeeds for one writer only.
"""

import contextlib
import errno
import os
import re
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import fsspec
import pyarrow as pa
import pyarrow.fs
from fsspec.core import split_protocol
from fsspec.implementations.local import LocalFileSystem
from fsspec.utils import glob_translate

from jobs.errors import JobError

# Stores other than AWS refuse the trailing checksums that boto3 and Arrow send by default.
os.environ.setdefault("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")
os.environ.setdefault("AWS_RESPONSE_CHECKSUM_VALIDATION", "when_required")

# What identifies a file's content without reading it, by store; the first that is there is used.
_IDENTITIES = ("ETag", "etag", "md5Hash", "content_md5", "mtime", "LastModified", "last_modified", "created")


@dataclass(frozen=True)
class Entry:
    """A file in a listing. `identity` changes when its content does (an etag, or a time of change)."""

    key: str
    bytes: int
    identity: str


class Storage(Protocol):
    """A place with keys below it."""

    url: str

    def read(self, key: str) -> bytes:
        """Return a small file's bytes; raise FileNotFoundError where there is none."""

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

    def scratch(self) -> contextlib.AbstractContextManager[Path]:
        """Give a local path to write a file at; what still lies there afterwards is deleted."""


class LocalStorage:
    """A folder on a local or shared file system."""

    def __init__(self, folder: str) -> None:
        self.url = os.path.abspath(folder)
        self._root = Path(self.url)

    def read(self, key: str) -> bytes:
        return (self._root / key).read_bytes()

    def create(self, key: str, data: bytes) -> bool:
        path = self._root / key
        if path.exists():
            return False
        with self.scratch() as beside:
            with beside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(beside, path)
            except FileExistsError:
                return False
        return True

    def put(self, key: str, local: Path) -> None:
        path = self._root / key
        if path.exists():
            return
        with local.open("rb") as file:
            os.fsync(file.fileno())
        path.parent.mkdir(parents=True, exist_ok=True)
        local.replace(path)  # the same content may have come meanwhile: the same bytes under the same name

    def copy(self, source: str, key: str) -> None:
        path = self._root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.link(self._root / source, path)

    def list(self, folder: str) -> list[Entry]:
        top = self._root / folder
        files = (
            Path(parent) / name for parent, _, names in os.walk(top, onerror=_raise_unless_missing) for name in names
        )
        return sorted((self._entry(file) for file in files), key=lambda entry: entry.key)

    def open(self, key: str) -> pa.NativeFile:
        return pa.OSFile(str(self._root / key), "rb")

    def delete(self, key: str) -> None:
        (self._root / key).unlink(missing_ok=True)

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        # On the same file system, so that a finished file is moved into place by name alone.
        folder = self._root / "scratch"
        folder.mkdir(parents=True, exist_ok=True)
        beside = folder / uuid.uuid4().hex
        try:
            yield beside
        finally:
            beside.unlink(missing_ok=True)

    def _entry(self, file: Path) -> Entry:
        found = file.stat()
        return Entry(file.relative_to(self._root).as_posix(), found.st_size, str(found.st_mtime_ns))


class ObjectStorage:
    """A bucket and prefix in an object store, through fsspec (`s3://` through s3fs)."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._fs, self._root = _filesystem(self.url)

    def read(self, key: str) -> bytes:
        return bytes(self._fs.cat_file(self._path(key)))

    def create(self, key: str, data: bytes) -> bool:
        # An empty file would be written without the condition (s3fs), so commits are never empty.
        if not data:
            raise ValueError(f"{key}: an empty file cannot be created conditionally")
        try:
            self._fs.pipe_file(self._path(key), data, mode="create")
        except FileExistsError:
            return False
        except OSError as error:
            if _is_failed_condition(error):
                return False
            raise
        return True

    def put(self, key: str, local: Path) -> None:
        self._fs.put_file(str(local), self._path(key))

    def copy(self, source: str, key: str) -> None:
        self._fs.cp_file(self._path(source), self._path(key))  # copy() would take * ? [ in a key for a pattern

    def list(self, folder: str) -> list[Entry]:
        top = self._path(folder)
        found = _files(self._fs.find(top, detail=True))
        entries = (Entry(path[len(self._root) :].lstrip("/"), *_identified(info)) for path, info in found.items())
        return sorted(entries, key=lambda entry: entry.key)

    def open(self, key: str) -> pa.NativeFile:
        return open_url(f"{self.url}/{key}")

    def delete(self, key: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._fs.rm_file(self._path(key))

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="gristmill-") as folder:
            yield Path(folder) / "new"

    def _path(self, key: str) -> str:
        return f"{self._root}/{key}" if key else self._root


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


def glob(pattern: str) -> tuple[str, list[Entry]]:
    """List the files that a path, folder or glob names; return the root that keys are relative to, and the files."""
    protocol, path = split_protocol(pattern)
    local = protocol in (None, "file", "local")
    fs, full = _filesystem(os.path.abspath(path) if local else pattern)
    with explained(pattern, "list the source"):
        root, found = _matches(fs, full)
    entries = [Entry(name[len(root) :].lstrip("/"), *_identified(info)) for name, info in found.items()]
    return root if local else f"{protocol}://{root}", sorted(entries, key=lambda entry: entry.key)


def open_url(url: str) -> pa.NativeFile:
    """Open any file for reading at any offset: by Arrow where it can (local, S3), else through fsspec."""
    protocol, path = split_protocol(url)
    if protocol in (None, "file", "local"):
        return pa.OSFile(path, "rb")
    if protocol in ("s3", "s3a"):
        return _arrow_s3().open_input_file(path)
    fs, path = _filesystem(url)
    return pa.PythonFile(fs.open(path, "rb", cache_type="readahead"), mode="r")


@contextlib.contextmanager
def explained(place: str, doing: str) -> Iterator[None]:
    """Turn storage errors that a user can put right into a `JobError` that names the place."""
    try:
        yield
    except PermissionError as error:
        raise JobError(
            f"cannot {doing} {place}: permission denied ({_told(error)}). Check its owner, mode or keys."
        ) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise JobError(disk_full(place)) from error
        raise JobError(
            f"cannot {doing} {place}: {_told(error)}. Check the path, the network and the credentials."
        ) from error
    except (ImportError, ValueError) as error:
        raise JobError(f"cannot {doing} {place}: {error}") from error
    except Exception as error:
        if type(error).__module__.startswith(("botocore", "aiobotocore")):
            raise JobError(f"cannot {doing} {place}: {error}. Check AWS_ENDPOINT_URL and the AWS keys.") from error
        raise


def _told(error: OSError) -> str:
    """Say what a store said: s3fs gives its words alone, which are none on Ceph; the error below has the code too."""
    return str(error.__cause__ or error)


def disk_full(place: str) -> str:
    """Say that a disk is full and what to do."""
    return f"no space left at {place}. Nothing committed is lost: free space, then run the same command again."


def _matches(fs: Any, path: str) -> tuple[str, dict[str, Any]]:
    wild = min((path.index(sign) for sign in "*?[" if sign in path), default=None)
    if wild is not None:
        root = path[:wild].rpartition("/")[0]
        depth = None if "**" in path else path.count("/", wild) + 1
        fits = re.compile(glob_translate(path)).match
        return root, {name: info for name, info in _below(fs, root or "/", depth).items() if fits(name)}
    if fs.isfile(path):
        return path.rpartition("/")[0], {path: _followed(fs.info(path))}
    folder = path.rstrip("/")
    return folder, _below(fs, folder or "/", None)


def _below(fs: Any, folder: str, depth: int | None) -> dict[str, Any]:
    """List the files at most so many levels below a folder.

    Not by fsspec's glob and walk: they leave out a folder that could not be listed, and its documents with it.
    """
    if depth is None and not isinstance(fs, LocalFileSystem):
        return _files(fs.find(folder, detail=True))
    try:
        listed = {info["name"]: _followed(info) for info in fs.ls(folder, detail=True)}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    found = _files(listed)
    if depth != 1:
        folders = (name for name, info in listed.items() if info["type"] == "directory" and name != folder)
        for name in folders:
            found |= _below(fs, name, depth and depth - 1)
    return found


def _files(found: dict[str, Any]) -> dict[str, Any]:
    """Leave out folders, and the empty objects named like folders that some tools write."""
    return {name: info for name, info in found.items() if info["type"] != "directory" and not name.endswith("/")}


def _followed(info: dict[str, Any]) -> dict[str, Any]:
    """Of a local link, describe what it leads to: the link's own time of change says nothing of the content."""
    if not info.get("islink"):
        return info
    try:
        return dict(fsspec.filesystem("file").info(os.path.realpath(info["name"])))
    except FileNotFoundError:
        raise JobError(f"{info['name']} is a link to {info['destination']}, which is not there.") from None


def _raise_unless_missing(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error


def _identified(info: dict[str, Any]) -> tuple[int, str]:
    identity = next((str(info[name]) for name in _IDENTITIES if info.get(name) is not None), "")
    return int(info["size"] or 0), identity.strip('"')


def _is_failed_condition(error: OSError) -> bool:
    """Whether an error means that the key exists: s3fs maps 412 to errno 22 on some stores, 409 while racing."""
    told = f"{error} {error.__cause__}"
    return any(sign in told for sign in ("PreconditionFailed", "pre-conditions", "412", "ConditionalRequestConflict"))


def _filesystem(url: str) -> tuple[Any, str]:
    protocol, _ = split_protocol(url)
    options = {"use_listings_cache": False} if protocol in ("s3", "s3a") else {}
    try:
        fs, path = fsspec.core.url_to_fs(url, **options)
    except (ImportError, ValueError) as error:
        raise JobError(f"cannot open {url}: {error}") from error
    if options:
        with explained(url, "open"):
            fs.connect()
        # Else a PUT first waits for "100 Continue", without any limit: a stalled store would hold a worker for ever.
        fs.s3.meta.events.unregister("before-call.s3", import_module("botocore.handlers").add_expect_header)
    return fs, path


@cache
def _arrow_s3() -> pa.fs.S3FileSystem:
    # Ten attempts: at 15 % of requests refused with SlowDown, Arrow's default of 3 failed a quarter of reads.
    return pa.fs.S3FileSystem(
        endpoint_override=os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"),
        retry_strategy=pa.fs.AwsStandardS3RetryStrategy(max_attempts=10),
        region=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
    )
