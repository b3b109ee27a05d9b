"""Records -> documents: what a reader gave, with the columns that every document has."""

import contextlib
import posixpath
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.ancestry import depth_of, generators_of, origins_of, parents_of, with_known_origins
from jobs.commits import Unit
from jobs.jobfile.sources import Source
from jobs.readers import arrow, csv, jsonl, parquet, tar, text, warc
from jobs.readers.chat import SPOKEN_BY, with_text_of_chats
from jobs.readers.drafts import with_text_of_drafts
from jobs.readers.layouts import with_text_of_layouts
from jobs.readers.machine_labels import with_labels
from jobs.readers.page_columns import with_text_of_pages
from jobs.readers.pointers import heads, with_values_within
from jobs.readers.records import Records, TextAs, no_text_column
from jobs.readers.templates import with_text_of_rows
from jobs.readers.text_files import with_text_of_files
from jobs.storage import open_url
from ops.columns import DOCUMENT, POSITION, TERMS, with_column
from ops.edits.hidden_labels import LABEL
from ops.provenance.labels import labels_told

# Bytes of UTF-8 of the text, kept beside each document so that shards can be planned without reading text again.
TEXT_BYTES = pa.field("text_bytes", pa.int64(), nullable=False)

# Formats whose pages are taken apart as they are read.
_OF_PAGES = ("warc", "tar")

# What a document may tell of itself in the place of its source.
_OWN = ("origin", "license", "generator")


def stage_schema(columns: tuple[pa.Field, ...]) -> pa.Schema:
    """Columns of the documents between stages; `columns` are those beyond every document's own."""
    return pa.schema([*DOCUMENT, *columns, POSITION, TEXT_BYTES])


def release_schema(columns: tuple[pa.Field, ...]) -> pa.Schema:
    """Columns of a released document."""
    return pa.schema([*DOCUMENT, *columns])


def read_records(unit: Unit, source: Source, root: str) -> Iterator[Records]:
    """Read a unit's records batch by batch; raise `BadShard` where the shard cannot be opened."""
    found = with_values_within(_as_stored(unit, source, root), source.wanted, _text_as(source, unit.reads["format"]))
    kind, columns = unit.reads["format"], source.wanted
    if source.has_chats:
        found = with_text_of_chats(found, source.chat)
    elif source.template:
        found = with_text_of_rows(found, source.template)
    elif "text_path" in source.columns:
        folder = posixpath.dirname(f"{root}/{unit.reads['path']}")
        found = with_text_of_files(found, columns, source.html, lambda path: open_url(f"{folder}/{path}"))
    elif "layout" in source.columns or kind == "layout":
        found = with_text_of_layouts(found, columns, source.layout)
    elif source.draft:
        found = with_text_of_drafts(found, source.draft)
    elif kind == "html" or ("html" in source.columns and kind not in _OF_PAGES):
        found = with_text_of_pages(found, columns, source.html)
    for records in with_labels(found, source.labels):
        yield with_known_origins(records) if "origin" in source.columns else records


def _as_stored(unit: Unit, source: Source, root: str) -> Iterator[Records]:
    """Read records whose text may be what one is made of: a page, a chat, the first value of a row, a path."""
    shard, columns = unit.reads, heads(source.wanted)
    kind, compression = shard["format"], shard["compression"]
    text_as = "json" if source.wanted["text"].startswith("/") else _text_as(source, kind)
    if kind in {"text", "html", "warc"} and (text_as == "json" or "text_path" in source.columns):
        raise no_text_column(columns["text"], [f"none, as it is of the kind {kind}"])
    with contextlib.closing(open_url(f"{root}/{shard['path']}")) as file:
        if kind == "parquet":
            rows = range(*shard["row_groups"]) if "row_groups" in shard else None
            yield from parquet.read(file, columns, rows, text_as)
        elif kind == "arrow":
            yield from arrow.read(file, columns, text_as)
        elif kind in {"text", "html", "layout"}:
            yield from text.read(file, columns, compression, text_as)
        elif kind == "warc":
            yield from warc.read(file, columns, compression, source.html)
        elif kind == "tar":
            layouts = "layout" in source.columns
            yield from tar.read(file, columns, compression, source.html, text_as, with_layouts=layouts)
        elif kind == "jsonl":
            yield from jsonl.read(file, columns, compression, text_as)
        else:
            yield from csv.read(file, columns, compression)


def _text_as(source: Source, kind: str) -> TextAs:
    if kind == "layout":
        return "bytes"
    if source.has_chats or source.template or "layout" in source.columns:
        return "json"
    if source.draft:
        return "optional"
    return "bytes" if kind == "html" or "html" in source.columns else "plain"


def documents(rows: pa.Table, extra: tuple[pa.Field, ...], source: Source, path: str) -> pa.Table:
    """Give records the columns of a document, and those beyond. Those without an id get `source/path#position`."""
    count = rows.num_rows
    own = {name: rows[name] if name in rows.column_names else None for name in (*_OWN, SPOKEN_BY.name)}
    columns = {"source": pa.repeat(pa.scalar(source.name), count)}
    columns |= {name: _or_said(own[name], getattr(source, name), count) for name in ("license", "generator")}
    origins = origins_of(own["origin"], own[SPOKEN_BY.name], source.origin, count)
    columns["generator"] = generators_of(columns["generator"], own[SPOKEN_BY.name], origins)
    columns |= {name: origins[name] for name in origins.column_names}
    columns |= {term.name: pa.repeat(pa.scalar(getattr(source, term.name) or None, term.type), count) for term in TERMS}
    columns |= {"id": _ids(rows, f"{source.name}/{path}#"), "text": rows["text"], POSITION.name: rows[POSITION.name]}
    for name in ("url", "parents", "depth", *(field.name for field in extra if field.name not in columns)):
        columns[name] = rows[name] if name in rows.column_names else pa.nulls(count, pa.string())
    if LABEL.name in source.columns:
        columns[LABEL.name] = labels_told(columns[LABEL.name])
    depth = source.generations(np.asarray(pc.equal(columns["origin"], "real")))
    columns |= {"parents": parents_of(columns["parents"]), "depth": depth_of(columns["depth"], depth)}
    schema = stage_schema(extra)
    without_size = pa.table([columns[name] for name in schema.names[:-1]], names=schema.names[:-1])
    return with_text_bytes(without_size).cast(schema)


def _or_said(own: pa.ChunkedArray | None, said: str | None, count: int) -> pa.Array | pa.ChunkedArray:
    """Return what documents tell of themselves, and what their source says of all where they tell nothing."""
    otherwise = pa.repeat(pa.scalar(said, pa.string()), count)
    if own is None:
        return otherwise
    return pc.if_else(pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(own), ""), False), own, otherwise)  # noqa: FBT003 - a value


def with_text_bytes(table: pa.Table) -> pa.Table:
    """Measure the text of each document anew, as after an edit."""
    sizes = pc.binary_length(table["text"]).cast(pa.int64())
    return with_column(table, TEXT_BYTES, sizes)


def size_histogram(table: pa.Table) -> list[int]:
    """Count documents by the power of two of their text's bytes: entry k holds those of 2^k to 2^(k+1) - 1.

    >>> size_histogram(pa.table({"text_bytes": [0, 1, 2, 3, 4]}))[:4]
    [2, 2, 1, 0]
    """
    sizes = np.maximum(np.asarray(table["text_bytes"]), 1)
    counts: list[int] = np.bincount(np.log2(sizes).astype(int), minlength=32)[:32].tolist()
    return counts


def _ids(rows: pa.Table, prefix: str) -> pa.Array:
    """Return the records' own ids, and derived ones where a record has none."""
    if "id" in rows.column_names:
        own = rows["id"]
        if not own.null_count and not pc.any(pc.equal(own, "")).as_py():
            return own
    derived = pc.binary_join_element_wise(prefix, rows[POSITION.name].cast(pa.string()), "")
    if "id" not in rows.column_names:
        return derived
    return pc.if_else(pc.fill_null(pc.not_equal(rows["id"], ""), False), rows["id"], derived)  # noqa: FBT003 - a value
