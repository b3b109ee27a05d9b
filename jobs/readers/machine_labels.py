"""Records with labels that models gave and people judged in, Records with the labels that stand out."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.readers.manifest_settings import Label
from jobs.readers.records import Reason, Records, Unreadable, unreadable
from jobs.readers.table_columns import told
from ops.columns import with_column
from ops.dedup.values import numbers

# As Prodigy, Argilla, Label Studio and people's tables call them. What is none of these is nobody's to guess.
_WORDS = {
    "accepted": "accept accepted agree approve approved correct right true valid validated yes 1",
    "rejected": "reject rejected disagree disapproved discarded incorrect wrong false invalid no 0",
    "none": "ignore ignored skip skipped pending submitted draft unsure none default",
}
_VERDICTS = {word: verdict for verdict, words in _WORDS.items() for word in words.split()}


def with_labels(found: Iterable[Records], labels: Sequence[Label]) -> Iterator[Records]:
    """Add the columns of each label; set aside records with a score that is no number, or an unknown verdict."""
    for records in found:
        for label in labels:
            records = _read(records, label)  # noqa: PLW2901 - one label after the other
        yield records


def _read(records: Records, label: Label) -> Records:
    rows = records.rows
    value, by, score, corrected, word, verifier = (
        told(rows, f"{{{label.name}.{part}}}") for part in ("value", "by", "score", "corrected", "verdict", "verifier")
    )
    verdict, is_known = _verdicts(word, label)
    is_number = pc.or_(pc.is_null(score), pc.invert(pa.array(np.isnan(numbers(score)))))
    is_same = pc.equal(corrected, value)
    verdict = pc.if_else(pc.is_valid(is_same), pc.if_else(is_same, "accepted", "corrected"), verdict)
    accepted = pc.if_else(pc.fill_null(pc.equal(verdict, "rejected"), False), None, value)  # noqa: FBT003 - a value
    stands = pc.coalesce(corrected, accepted)
    was = pc.if_else(pc.fill_null(pc.equal(stands, value), False), None, value)  # noqa: FBT003 - a value
    by = pc.if_else(pc.is_valid(value), pc.coalesce(by, pa.scalar(label.labeller, pa.string())), None)
    columns = {"": stands, "_by": by, "_score": score, "_verdict": verdict, "_was": was, "_verifier": verifier}
    for part, column in columns.items():
        if (name := label.name + part) in label.adds:
            rows = with_column(rows, pa.field(name, pa.string()), column)
    unknown, no_number = pc.invert(is_known), pc.and_(is_known, pc.invert(is_number))
    aside = [*_asides(rows, unknown, word, "no_known_verdict"), *_asides(rows, no_number, score, "not_a_score")]
    return records.leaving(rows.filter(pc.and_(is_known, is_number)), aside)


def _verdicts(word: pa.ChunkedArray, label: Label) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Return what people said of a label, null where nothing, and whether it is known what they said."""
    known = _VERDICTS | {word.strip().lower(): verdict for word, verdict in label.verdicts.items()}
    place = pc.index_in(pc.utf8_lower(word), pa.array([*known], pa.string()))
    verdicts = [None if verdict == "none" else verdict for verdict in known.values()]
    return pa.array(verdicts, pa.string()).take(place), pc.or_(pc.is_null(word), pc.is_valid(place))


def _asides(rows: pa.Table, bad: pa.ChunkedArray, values: pa.ChunkedArray, reason: Reason) -> Iterator[Unreadable]:
    for position, value in zip(rows["position"].filter(bad).to_pylist(), values.filter(bad).to_pylist(), strict=True):
        yield unreadable(position, reason, value.encode())
