"""Redaction beyond texts: what a job's `redact` takes from them goes from what is kept and shown beside them, too.

Other steps may come before it: what they cut, records that could not be read, texts in a report. Documents between
stages are as the steps before left them.
"""

import re
from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ops.columns import with_column
from ops.edits.redact import KINDS, Redact

# What bytes that are no UTF-8 are decoded to by "surrogateescape".
_NO_UTF8 = re.compile("([\ud800-\udfff]+)")


def redactor_of(steps: Iterable[object]) -> Redact | None:
    """Return what a job's `redact` steps take together, with plain placeholders; None where it has none."""
    found = [step for step in steps if isinstance(step, Redact)]
    if not found:
        return None
    kinds = tuple(kind for kind in KINDS if any(kind in step.kinds for step in found))
    recognises = next((step for step in found if step.recogniser), found[0])
    return recognises.model_copy(update={"kinds": kinds, "hash_key_variable": None})


def redactor_of_release(manifest: dict[str, Any]) -> Redact | None:
    """Return what the job that made a release takes."""
    return redactor_of(Redact.model_validate(step) for step in manifest["job"]["steps"] if step["op"] == "redact")


def without_pii(table: pa.Table, column: str, redactor: Redact | None) -> pa.Table:
    """Redact a column of texts, of which some may be null, or of a record's bytes."""
    if redactor is None or table[column].null_count == table.num_rows:
        return table
    field = table.schema.field(column)
    if field.type == pa.binary():
        return with_column(table, field, pa.array([redact_bytes(one, redactor) for one in table[column].to_pylist()]))
    there = table[column].is_valid().combine_chunks()
    redacted = redactor.edit(pa.table({"text": table[column].drop_null()}))["text"].combine_chunks()
    return with_column(table, field, pc.replace_with_mask(table[column].combine_chunks(), there, redacted))


def redact_bytes(record: bytes | None, redactor: Redact) -> bytes | None:
    r"""Redact what of a record is UTF-8.

    >>> redact_bytes(b'{"text": "a@b.cn\xff", "tel": "13812345678"', Redact())
    b'{"text": "<EMAIL>\xff", "tel": "<PHONE>"'
    """
    if record is None:
        return None
    parts = _NO_UTF8.split(record.decode(errors="surrogateescape"))
    parts[::2] = redactor.edit(pa.table({"text": pa.array(parts[::2], pa.string())}))["text"].to_pylist()
    return "".join(parts).encode(errors="surrogateescape")
