"""Names and Arrow types of a document, a verdict, a dropped document and a quarantined record."""

import pyarrow as pa

# Only `real` counts as real. `synthetic` is text of a model, and the next four say more exactly what it is: another
# wording of given text, text from a prompt alone, a machine's translation, people's and a model's text in one document.
ORIGINS = ("real", "synthetic", "rewrite", "generated", "translated", "mixed", "unknown")

# What every document has. The runner adds to these the columns that a job's sources map or that its ops add.
DOCUMENT = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("origin", pa.string(), nullable=False),
        pa.field("license", pa.string()),
        pa.field("generator", pa.string()),
        pa.field("depth", pa.int8()),  # generations from real text
        pa.field("parents", pa.list_(pa.string())),  # ids of what it was made from, of this job or from elsewhere
        pa.field("url", pa.string()),
    ]
)

# What a source says of what may be done with its text. Documents have these columns where a source of the job says so.
TERMS = (pa.field("uses", pa.list_(pa.string())), pa.field("generator_terms", pa.string()))

# What an origin rests on: the document's own word (`declared`), its source's word for all (`source_rule`), or a label
# that a generator left (`label`). Never a detector's score. Documents have it where documents of the job tell theirs.
ORIGIN_BASIS = pa.field("origin_basis", pa.string())

# Between stages a document also carries where its record lies in the raw shard, so that any document can be traced.
POSITION = pa.field("position", pa.int64(), nullable=False)

# A survey's answer about a document that goes, or, where the reason is null, about one that stays in the place of
# others: then `copies` tells how many, and `copy_sources` from where. `at` is `unit << 32 | row`, within one run.
VERDICT = pa.schema(
    [
        pa.field("at", pa.int64()),
        pa.field("reason", pa.string()),
        pa.field("value", pa.float64()),
        pa.field("threshold", pa.float64()),
        pa.field("kept_id", pa.string()),
        pa.field("copies", pa.int64()),
        pa.field("copy_sources", pa.list_(pa.string())),
    ]
)

# What an edit cut out of a text that it keeps: a column that lives within a pass. The runner strips it and writes its
# rows, with the document's id, source and position, and the step, to the ledger of cuts. Null where nothing was cut.
# `at` and `bytes` count UTF-8 bytes of the text that the edit was given; `text` is what was there, its first 200
# characters, or what stands there now, where nobody is to read what was. A step of several edits has the cuts of each,
# in their order: each counts in what those before it left.
CUT = pa.struct([("kind", pa.string()), ("at", pa.int64()), ("bytes", pa.int64()), ("text", pa.string())])
CUTS = pa.field("cuts", pa.list_(CUT))

# How many documents that were dropped a kept one stands for, and which sources those are of, in order of name.
COPIES = (
    pa.field("copies", pa.int64(), nullable=False),
    pa.field("copy_sources", pa.list_(pa.string()), nullable=False),
)

# Which of a document's copies a released row is: 0, 1, ... Releases of jobs whose mix may take documents more than once
# have it. A document is one in all counts; what its copies add is counted as `repeated`.
COPY = pa.field("copy", pa.int32(), nullable=False)

# What a row of either ledger begins with: a document, and the step that dropped it or cut something out of it. `row`
# counts within the unit that the step read.
_BY_STEP = pa.schema(
    [
        pa.field("id", pa.string()),
        pa.field("source", pa.string()),
        pa.field("row", pa.int64()),
        pa.field("position", pa.int64()),
        pa.field("step", pa.string()),
    ]
)

# The ledger of cuts: a row for each.
CUT_LEDGER = pa.schema([*_BY_STEP, *CUT])

# The ledger: one row for each document that was not kept. `passage` is what it has in common with a text that it may
# have nothing in common with, at most its first 200 characters; `kept_id` then names that text.
DROPPED = pa.schema(
    [
        *_BY_STEP,
        pa.field("reason", pa.string()),
        pa.field("value", pa.float64()),
        pa.field("threshold", pa.float64()),
        pa.field("kept_id", pa.string()),
        pa.field("passage", pa.string()),
    ]
)

# Records that could not be read. No position: the whole shard could not.
QUARANTINED = pa.schema(
    [
        pa.field("source", pa.string()),
        pa.field("path", pa.string()),
        pa.field("position", pa.int64()),
        pa.field("reason", pa.string()),
        pa.field("raw", pa.binary()),
    ]
)


def with_column(batch: pa.Table, field: pa.Field, column: pa.Array | pa.ChunkedArray) -> pa.Table:
    """Add a column, or put it in the place of the one that an earlier step of this kind has left."""
    place = batch.schema.get_field_index(field.name)
    return batch.append_column(field, column) if place < 0 else batch.set_column(place, field, column)
