"""What was made of the texts of Records in, the same Records with it in their place out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from jobs.readers.records import Reason, Records, Unreadable, unreadable
from ops.columns import DOCUMENT, with_column


class Made(Protocol):
    """A text, and what that which it was made of tells of itself."""

    @property
    def text(self) -> str:
        """What stands in its place."""

    @property
    def told(self) -> Mapping[str, str | None]:
        """Values by the names that `columns` may use."""


def with_made(records: Records, made: Sequence[Made | Reason], told: Mapping[str, str]) -> Records:
    """Put texts in the place of what they were made of; set aside what none was made of.

    told: our name -> the name under which it is told; it stands where the record has no value of its own
    """
    rows = records.rows
    kept = [one for one in made if not isinstance(one, str)]
    aside = tuple(_asides(rows, made))
    rows = rows.filter(pa.array([not isinstance(one, str) for one in made], pa.bool_()))
    rows = with_column(rows, DOCUMENT.field("text"), pa.array([one.text for one in kept], pa.string()))
    for name, column in told.items():
        said = pa.array([one.told.get(column) for one in kept], pa.string())
        value = pc.coalesce(rows[name], said) if name in rows.column_names else said
        rows = with_column(rows, pa.field(name, pa.string()), value)
    return records.leaving(rows, aside)


def _asides(rows: pa.Table, made: Sequence[Made | Reason]) -> Iterator[Unreadable]:
    for number, one in enumerate(made):
        if isinstance(one, str):
            was = rows["text"][number].as_py()
            yield unreadable(rows["position"][number].as_py(), one, was.encode() if isinstance(was, str) else was)
