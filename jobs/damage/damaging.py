"""The command `damage`: clean shards in, one file of damaged documents with their truth out."""

import importlib.util
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.table import Table

from jobs.damage.kinds import COMBINED, COMBINED_MIN, KINDS, Damaged, combinable, damaged, is_chosen, site_of
from jobs.damage.page import SPAN, page_of
from jobs.documents import documents, read_records
from jobs.errors import JobError
from jobs.jobfile.sources import Source
from jobs.readers.records import BadShard
from jobs.sources import list_sources
from jobs.storage import explained
from ops.edits.unicode import RepairUnicode
from ops.edits.whitespace import Whitespace

_SITE = pa.field("site", pa.string())  # whose strings were planted; null: the page's own

# A row for each document, in the order of the shards; one that was left clean has no kinds and no spans.
DAMAGED = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("truth", pa.string(), nullable=False),
        pa.field("kinds", pa.list_(pa.string()), nullable=False),
        pa.field("spans", pa.list_(SPAN), nullable=False),
        _SITE,
    ]
)

_GLOSSES = {"glosses", "lost_glosses"}
_BATCH_DOCUMENTS = 1000


@dataclass(frozen=True)
class Wanted:
    """Which documents, and what is planted in how many of them."""

    shards: str  # a file, folder, glob or URL
    kinds: tuple[str, ...] = KINDS
    share: float = 1.0  # of the documents
    seed: int = 0
    text: str = "text"  # the column
    sites: int | None = None  # that documents are spread over; None: the column `source` tells, where shards have it


@dataclass
class Made:
    """What the file holds."""

    path: Path
    documents: int = 0
    tidied: int = 0  # texts that were not clean before: their truth is what `repair_unicode` and `whitespace` make
    impossible: int = 0  # chosen, but none of the kinds can be planted in them
    unreadable: int = 0  # records
    by_kind: Counter[str] = field(default_factory=Counter)  # documents
    spans: Counter[str] = field(default_factory=Counter)
    span_bytes: Counter[str] = field(default_factory=Counter)


def kinds_of(told: str) -> tuple[str, ...]:
    """Kinds by name; JobError for one that is none, or that this environment cannot plant.

    >>> kinds_of("tails, repeats")
    ('repeats', 'tails')
    """
    names = {name.strip() for name in told.split(",")} - {""}
    kinds = KINDS if "all" in names else tuple(kind for kind in KINDS if kind in names)
    unknown = names - {*KINDS, "all"}
    if unknown or not kinds:
        raise JobError(f"--kinds {told!r}: {', '.join(sorted(unknown)) or 'nothing'} is no kind. Known: {_known()}.")
    several = combinable(kinds) if COMBINED in kinds else ()
    if COMBINED in kinds and len(several) < COMBINED_MIN:
        raise JobError(
            f"--kinds {told!r}: {COMBINED} needs two kinds or more beside it that can be on one page. Name it alone to "
            "combine all that can."
        )
    if _GLOSSES & {*kinds, *several} and not importlib.util.find_spec("pypinyin"):
        raise JobError(
            f"--kinds {told!r}: glosses need pypinyin, which is not installed. Install gristmill with its extra "
            "`damage`, or name other kinds."
        )
    return kinds


def write_damaged(wanted: Wanted, path: Path) -> Made:
    """Damage a share of the documents, and write all of them."""
    _refuse_place(path)
    made = Made(path)
    beside = path.with_name(path.name + ".part")
    try:
        with explained(str(path), "write"), pq.ParquetWriter(beside, DAMAGED, compression="zstd") as writer:
            for rows in _clean(wanted, made):
                writer.write_table(_damaged(rows, wanted, made))
        if not made.documents:
            raise JobError(
                f"{wanted.shards}: no record has text in the column {wanted.text!r} ({made.unreadable:,} were looked "
                "at). Name the column of texts with --text."
            )
        beside.rename(path)
    finally:
        beside.unlink(missing_ok=True)
    return made


def told(made: Made) -> Table:
    """Kinds, and how much of each was planted."""
    table = Table("kind", "documents", "spans", "bytes", box=None, header_style="bold")
    for column in table.columns[1:]:
        column.justify = "right"
    for kind in KINDS:
        if kind in made.by_kind:
            # The spans of several kinds are told with those kinds.
            spans, size = ("", "") if kind == COMBINED else (f"{made.spans[kind]:,}", f"{made.span_bytes[kind]:,}")
            table.add_row(kind, f"{made.by_kind[kind]:,}", spans, size)
    return table


def told_rest(made: Made) -> Iterator[str]:
    """What else there is to say of the documents."""
    yield f"{made.documents:,} documents: {made.path}"
    rest = {
        "can have none of the kinds, and were left clean": made.impossible,
        "were not clean before; their truth is the text repaired": made.tidied,
        "records could not be read, and were left out": made.unreadable,
    }
    yield from (f"{number:,} {what}" for what, number in rest.items() if number)


def _known() -> str:
    return ", ".join((*KINDS, "all"))


def _refuse_place(path: Path) -> None:
    """Refuse before the reading what could not be written after it."""
    if ":/" in str(path):
        raise JobError(f"{path}: damaged documents are written to a local file; copy it to a store afterwards.")
    if path.suffix != ".parquet":
        raise JobError(f"{path}: the name of the file to write ends in .parquet.")
    if not path.parent.is_dir():
        raise JobError(f"{path}: there is no folder {path.parent}. Make it, or give another path.")
    if path.exists():
        raise JobError(f"{path} is there already. Give another name, or remove it.")


def _clean(wanted: Wanted, made: Made) -> Iterator[pa.Table]:
    """Documents with their ids and tidy texts, so that the truth is what a perfect repair returns."""
    source = Source(name="clean", path=wanted.shards, columns={"text": wanted.text, "site": "source"}, origin="unknown")
    listing = list_sources([source])
    for unit in listing.units:
        try:
            for records in read_records(unit, source, listing.roots[source.name]):
                made.unreadable += len(records.unreadable)
                found = documents(records.rows, (_SITE,), source, unit.reads["path"]).select(["id", "text", "site"])
                for rows in (found.slice(at, _BATCH_DOCUMENTS) for at in range(0, len(found), _BATCH_DOCUMENTS)):
                    text = Whitespace().edit(RepairUnicode().edit(rows))["text"]
                    made.tidied += pc.sum(pc.not_equal(rows["text"], text)).as_py()
                    yield pa.table({"id": rows["id"], "text": text, "site": rows["site"]})
        except BadShard as bad:
            raise JobError(
                f"cannot read {unit.reads['path']}: {bad}. --text names the column of texts; leave out what is broken."
            ) from bad


def _damaged(rows: pa.Table, wanted: Wanted, made: Made) -> pa.Table:
    out = []
    for row in rows.to_pylist():
        document_id, text, site = row["id"], row["text"], row["site"]
        if wanted.sites is not None:
            site = site_of(document_id, wanted.sites, wanted.seed)
        chosen = is_chosen(document_id, wanted.share, wanted.seed)
        one = damaged(text, document_id, wanted.kinds, wanted.seed, site=site) if chosen else Damaged(page_of(text), ())
        spans = list(one.page.spans)
        told = {"text": one.page.text, "truth": one.page.truth, "kinds": one.kinds, "spans": spans}
        out.append({"id": document_id, "site": site, **told})
        made.impossible += chosen and not one.kinds
        made.by_kind.update(one.kinds)
        made.by_kind[COMBINED] += len(one.kinds) > 1
        made.spans.update(span["kind"] for span in spans)
        for span in spans:
            made.span_bytes[span["kind"]] += span["bytes"]
    made.documents += len(out)
    made.by_kind += Counter()  # without zeros
    return pa.Table.from_pylist(out, schema=DAMAGED)
