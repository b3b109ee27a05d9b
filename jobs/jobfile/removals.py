"""Removals: a file of ids that may leave the real documents of a release, each with the reason."""

import pyarrow as pa
import pyarrow.compute as pc

from jobs.errors import JobError
from jobs.storage import read_url
from ops import resources
from ops.contract import Refusal
from ops.lists import entries
from ops.resources import File


class Removals(File):
    """A file with an id, a tab and a reason on each line. Lines that begin with # are none."""

    @classmethod
    def check(cls, data: bytes) -> None:
        """Raise ValueError where a line has no reason."""
        super().check(data)
        _parts(data)

    def listed(self) -> pa.Table:
        """Return `id` and `why`."""
        resources.read_by(read_url)
        try:
            parts = _parts(self.read("removals"))
        except Refusal as refusal:
            raise JobError(str(refusal)) from refusal
        return pa.table({"id": pc.list_element(parts, 0), "why": pc.list_element(parts, 1)})


def _parts(data: bytes) -> pa.Array:
    lines = entries(data)
    parts = pc.split_pattern(lines, "\t", max_splits=1)
    lacks = pc.index(pc.equal(pc.list_value_length(parts), 2), value=False).as_py()
    if lacks >= 0:
        raise ValueError(f"{lines[lacks].as_py()!r} has no reason; expected an id, a tab and a reason on each line")
    return parts
