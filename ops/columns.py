"""Names and Arrow types of a document, a verdict, a dropped document and a quarantined record."""

import pyarrow as pa

ORIGINS = ("real", "synthetic", "unknown")

# What every document has. The runner adds to these the columns that a job's sources map or that its ops add.
DOCUMENT = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("origin", pa.string(), nullable=False),
        pa.field("license", pa.string()),
        pa.field("generator", pa.string()),
        pa.field("depth", pa.int8()),
        pa.field("url", pa.string()),
    ]
)

# Between stages a document also carries where its record lies in the raw shard, so that any document can be traced.
POSITION = pa.field("position", pa.int64(), nullable=False)

# A survey's answer about a document that goes. `at` is `unit << 32 | row`; it lives within one stage.
VERDICT = pa.schema(
    [
        pa.field("at", pa.int64()),
        pa.field("reason", pa.string()),
        pa.field("value", pa.float64()),
        pa.field("threshold", pa.float64()),
        pa.field("kept_id", pa.string()),
    ]
)

# The ledger: one row for each document that was not kept. `row` counts within the unit that the step read.
DROPPED = pa.schema(
    [
        pa.field("id", pa.string()),
        pa.field("source", pa.string()),
        pa.field("row", pa.int64()),
        pa.field("position", pa.int64()),
        pa.field("step", pa.string()),
        pa.field("reason", pa.string()),
        pa.field("value", pa.float64()),
        pa.field("threshold", pa.float64()),
        pa.field("kept_id", pa.string()),
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
