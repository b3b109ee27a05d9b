"""A bucket and prefix of an object store as storage."""

import contextlib
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa

from jobs.storage.entry import Entry, identified
from jobs.storage.listing import without_folders
from jobs.storage.remote import filesystem, open_url

# Small reads take about 20 ms each; 32 at once read 10,000 commits in seconds.
_READERS = 32


class ObjectStorage:
    """A bucket and prefix in an object store, through fsspec (`s3://` through s3fs)."""

    at_once = 8  # of writers, each of which has some requests of 20 to 50 ms to make
    is_local = False
    stage_codec = "lz4"  # two thirds of the bytes, in a fifth less time than zstd at level 1, which leaves half of them

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._fs, self._root = filesystem(self.url)

    def read(self, key: str) -> bytes:
        return bytes(self._fs.cat_file(self._path(key)))

    def read_many(self, keys: Sequence[str]) -> Iterable[bytes]:
        with ThreadPoolExecutor(_READERS) as pool:
            return list(pool.map(self.read, keys))

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
        found = without_folders(self._fs.find(top, detail=True))
        entries = (Entry(path[len(self._root) :].lstrip("/"), *identified(info)) for path, info in found.items())
        return sorted(entries, key=lambda entry: entry.key)

    def open(self, key: str) -> pa.NativeFile:
        return open_url(f"{self.url}/{key}")

    def delete(self, key: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._fs.rm_file(self._path(key))

    def drop_empty_folders(self, folder: str) -> None:
        """There are none: a folder is a part of its objects' names."""

    @contextlib.contextmanager
    def scratch(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="gristmill-") as folder:
            yield Path(folder) / "new"

    def _path(self, key: str) -> str:
        return f"{self._root}/{key}" if key else self._root


def _is_failed_condition(error: OSError) -> bool:
    """Whether an error means that the key exists: s3fs maps 412 to errno 22 on some stores, 409 while racing."""
    told = f"{error} {error.__cause__}"
    return any(sign in told for sign in ("PreconditionFailed", "pre-conditions", "412", "ConditionalRequestConflict"))
