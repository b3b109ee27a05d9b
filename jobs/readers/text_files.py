"""Records whose text is the path of a file beside their shard in, Records with what is in those files out."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath

import pyarrow as pa

from jobs.readers import text
from jobs.readers.compression import Compression
from jobs.readers.html_settings import Html
from jobs.readers.kinds import kind_of
from jobs.readers.made import Made, with_made
from jobs.readers.pages import TOLD, read_page
from jobs.readers.records import BATCH_BYTES, BadShard, Reason, Records

# What stores allow of a path, and file systems of a name in it; a longer one is a text where a path should be.
_PATH_BYTES_MAX = 1024
_NAME_BYTES_MAX = 255

Open = Callable[[str], pa.NativeFile]


@dataclass(frozen=True)
class _Text:
    text: str
    told: Mapping[str, str | None] = field(default_factory=dict)


def with_text_of_files(
    found: Iterable[Records], columns: Mapping[str, str], settings: Html, open_beside: Open
) -> Iterator[Records]:
    """Read the file of each record: a text, or a page if it is called so; set aside records whose file is not there.

    columns: our name -> the shard's; of pages also title and date, for those that are mapped to these names
    open_beside: opens a path that begins in the shard's folder; raises FileNotFoundError
    """
    told = {name: column for name, column in columns.items() if column in TOLD}
    for records in found:
        for some, made in _some(records, partial(_read, settings=settings, open_beside=open_beside)):
            yield with_made(some, made, told)


def _some(records: Records, read: Callable[[str], Made | Reason]) -> Iterator[tuple[Records, list[Made | Reason]]]:
    """Read files until they are a batch, again and again; what came with the records comes with their first."""
    begin, held, made = 0, 0, list[Made | Reason]()
    rest = records
    for end, path in enumerate(records.rows["text"].to_pylist(), 1):
        one = read(path)
        made.append(one)
        held += 0 if isinstance(one, str) else len(one.text)
        if held >= BATCH_BYTES:
            yield Records(records.rows.slice(begin, end - begin), rest.unreadable, rest.skipped), made
            begin, held, made, rest = end, 0, [], Records(records.rows.slice(end), ())
    yield Records(records.rows.slice(begin), rest.unreadable, rest.skipped), made


def _read(path: str, settings: Html, open_beside: Open) -> Made | Reason:
    place = PurePosixPath(path)
    if place.is_absolute() or ".." in place.parts or "://" in path:
        return "text_elsewhere"
    too_long = len(path.encode()) > _PATH_BYTES_MAX or any(len(part.encode()) > _NAME_BYTES_MAX for part in place.parts)
    if not path.strip() or "\0" in path or too_long:
        return "no_such_text"
    kind, compression = kind_of(place.name) or ("text", "none")
    try:
        with closing(open_beside(path)) as file:
            return _content(file, compression, settings if kind == "html" else None)
    except BadShard:
        return "corrupt_compression"
    except OSError as error:
        # Arrow's own error for a folder has no class or number; other errors of storage are tried again.
        if isinstance(error, FileNotFoundError | NotADirectoryError) or "is a directory" in str(error):
            return "no_such_text"
        raise


def _content(file: pa.NativeFile, compression: Compression, page: Html | None) -> Made | Reason:
    """Read a file as a shard is read that is one; nothing in it is an empty text."""
    for records in text.read(file, {}, compression, "bytes" if page else "plain"):
        if records.unreadable:
            return records.unreadable[0].reason
        whole = records.rows["text"][0].as_py()
        return read_page(whole, page) if page else _Text(whole)
    return _Text("")
