"""A tar file in, Records out: texts, pages and JSON are documents, as WebDataset writes them; JSONL has one a line.

Neighbours whose names differ in the last suffix alone are one document: `7.txt` or `7.html` gives the text, `7.json`
the other columns. `member`, the name of the file that the text is from, is a column, too. Other files are counted by
suffix.
"""

import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath

import pyarrow as pa

from jobs.readers import jsonl
from jobs.readers.batches import Document, Skipped, batches
from jobs.readers.compression import READ_BYTES, Compression
from jobs.readers.html_settings import Html
from jobs.readers.json_lines import values_of
from jobs.readers.kinds import kind_of
from jobs.readers.pages import read_page
from jobs.readers.records import RAW_BYTES_MAX, Reason, Records, TextAs, Unreadable, unreadable
from jobs.readers.tar_members import Member, members

_BOM = b"\xef\xbb\xbf"

_MEMBER = "member"

# What may hold the annotations of a page beside it: PAGE, ALTO and hOCR.
_LAYOUTS = {".xml", ".hocr"}

Found = Document | Unreadable | Skipped


@dataclass(frozen=True)
class _Part:
    """A file that a document, or a part of one, is in."""

    name: str
    kind: str  # text, html or json
    data: bytes

    @property
    def stem(self) -> str:
        """Name that the parts of a document share."""
        return str(PurePosixPath(self.name).with_suffix(""))


@dataclass(frozen=True)
class _Wanted:
    """What is read of files, and how."""

    columns: Mapping[str, str]
    html: Html
    text_as: TextAs
    with_layouts: bool


def read(
    file: pa.NativeFile,
    columns: Mapping[str, str],
    compression: Compression = "none",
    html: Html | None = None,
    text_as: TextAs = "plain",
    *,
    with_layouts: bool = False,
) -> Iterator[Records]:
    """Read records in batches of about BATCH_BYTES. Positions count documents.

    with_layouts: annotations of pages (`.xml`, `.hocr`) are given as texts
    Raises BadShard if the file is not compressed as stated or not a tar file.
    """
    wanted = _Wanted(columns, html or Html(), text_as, with_layouts)
    yield from batches(_numbered(_documents(members(file, compression), wanted)), columns)


def _numbered(found: Iterator[Found]) -> Iterator[Found]:
    position = 0
    for one in found:
        if isinstance(one, Skipped):
            yield one
        else:
            yield replace(one, position=position)
            position += 1


def _documents(files: Iterator[Member | Reason], wanted: _Wanted) -> Iterator[Found]:
    group: list[_Part] = []
    for one in _parts(files, wanted):
        if isinstance(one, _Part) and group and one.stem == group[0].stem:
            group.append(one)
            continue
        yield from _document(group, wanted)
        group = []
        if isinstance(one, _Part):
            group.append(one)
        else:
            yield one
    yield from _document(group, wanted)


def _parts(files: Iterator[Member | Reason], wanted: _Wanted) -> Iterator[_Part | Found]:
    for file in files:
        if isinstance(file, str):
            yield unreadable(0, file, b"")
            continue
        try:
            yield from _read_file(file, wanted)
        except tarfile.ReadError:
            yield unreadable(0, file.ends_early(), file.name.encode())
            return


def _read_file(file: Member, wanted: _Wanted) -> Iterator[_Part | Found]:
    suffix = PurePosixPath(file.name).suffix
    kind, compression = kind_of(file.name) or ("", "none")
    if wanted.with_layouts and suffix in _LAYOUTS:
        kind = "text"
    if kind not in {"text", "html", "jsonl"} or compression != "none":
        yield Skipped(suffix or "no_suffix")
    elif kind == "html" and file.size > wanted.html.page_bytes_max:
        yield unreadable(0, "page_too_large", file.content.read(RAW_BYTES_MAX))
    elif kind == "jsonl" and suffix != ".json":
        chunks = iter(partial(file.content.read, READ_BYTES), b"")
        for records in jsonl.read_chunks(chunks, wanted.columns, wanted.text_as):
            for row in records.rows.to_pylist():
                yield Document(0, {wanted.columns[name]: row[name] for name in wanted.columns} | {_MEMBER: file.name})
            yield from records.unreadable
    else:
        yield _Part(file.name, "json" if kind == "jsonl" else kind, file.content.read())


def _document(group: list[_Part], wanted: _Wanted) -> Iterator[Found]:
    """Put a document together from its parts; of two of one kind the first counts."""
    if not group:
        return
    by_kind = {part.kind: part for part in reversed(group)}
    main = by_kind.get("text") or by_kind.get("html") or by_kind["json"]
    parts = [main] if main.kind == "json" or "json" not in by_kind else [by_kind["json"], main]
    for other in group:
        if other not in parts:
            yield Skipped(PurePosixPath(other.name).suffix)
    values: dict[str, str | None] = {}
    for part in parts:
        said = _values(part, wanted)
        if isinstance(said, str):
            yield unreadable(0, said, part.data)
            return
        values |= {name: value for name, value in said.items() if value is not None}
    if wanted.columns["text"] in values or wanted.text_as == "optional":
        yield Document(0, values | {_MEMBER: main.name})
    else:
        yield unreadable(0, "text_null", main.data)


def _values(part: _Part, wanted: _Wanted) -> dict[str, str | None] | Reason:
    """Values by the names that `columns` use, or why there are none."""
    if part.kind == "json":
        return values_of(part.data, wanted.columns.values())
    if part.kind == "html":
        page = read_page(part.data, wanted.html, told=wanted.columns.values())
        if isinstance(page, str):
            return page
        return {wanted.columns["text"]: page.text} | page.told
    try:
        return {wanted.columns["text"]: part.data.removeprefix(_BOM).decode()}
    except UnicodeDecodeError:
        return "invalid_utf8"
