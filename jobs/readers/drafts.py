"""Records whose text is a model's draft in, Records with the text that a person made of it, or the draft, out."""

from collections.abc import Iterable, Iterator

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from jobs.readers.chat import CORRECTIONS, SPOKEN_BY
from jobs.readers.corrections import differences
from jobs.readers.manifest_settings import Draft
from jobs.readers.records import Records, unreadable
from jobs.readers.table_columns import told
from ops.columns import DOCUMENT, with_column


def with_text_of_drafts(found: Iterable[Records], settings: Draft) -> Iterator[Records]:
    """Take a person's text where there is one, and the draft where not; set aside what has neither.

    Who wrote it is told as of chats: nothing where a person did alone, `mixed` where a person changed a draft, and what
    drafts are where nobody changed it.
    """
    (by_hand,) = settings.columns
    for records in found:
        yield _read(records, by_hand, settings.origin)


def _read(records: Records, by_hand: str, origin_of_drafts: str) -> Records:
    rows = records.rows
    draft, final = told(rows, "text"), told(rows, by_hand)
    text = pc.coalesce(final, draft)
    there = pc.is_valid(text)
    aside = [unreadable(at, "text_null", b"") for at in rows["position"].filter(pc.invert(there)).to_pylist()]
    is_changed = pc.fill_null(pc.not_equal(draft, final), False)  # noqa: FBT003 - a value
    written = pc.if_else(is_changed, "mixed", pc.if_else(pc.is_valid(draft), origin_of_drafts, None))
    rows = with_column(rows, DOCUMENT.field("text"), text)
    rows = with_column(rows, SPOKEN_BY, written)
    rows = with_column(rows, CORRECTIONS, _corrections(draft, final, is_changed))
    return records.leaving(rows.filter(there), aside)


def _corrections(draft: pa.ChunkedArray, final: pa.ChunkedArray, is_changed: pa.ChunkedArray) -> pa.Array:
    pairs = zip(draft.filter(is_changed).to_pylist(), final.filter(is_changed).to_pylist(), strict=True)
    changed = [orjson.dumps([one._asdict() for one in differences(*pair)]).decode() for pair in pairs]
    nothing = pa.nulls(len(draft), CORRECTIONS.type)
    return pc.replace_with_mask(nothing, is_changed.combine_chunks(), pa.array(changed, CORRECTIONS.type))
