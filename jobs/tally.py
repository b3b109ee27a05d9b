"""The tally: what became of a unit's records, as the numbers of its commit and the rows of its ledger."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from jobs.documents import size_histogram
from jobs.readers.records import BadShard, Unreadable
from ops.columns import QUARANTINED


class Tally:
    """What became of a unit's records: the numbers and rows that its commit and its ledger hold."""

    def __init__(self) -> None:
        self.rows_in = self.bytes_in = self.rows_kept = self.bytes_kept = 0
        self.dropped: list[pa.Table] = []
        self.cuts: list[pa.Table] = []
        self.quarantined: list[pa.Table] = []
        self._quarantined_for: Counter[str] = Counter()
        self._skipped: Counter[str] = Counter()
        self.bad_shard = ""
        self._sizes_in: list[int] = [0] * 32
        self._sizes_kept: list[int] = [0] * 32

    def read(self, batch: pa.Table) -> None:
        """Count documents read."""
        self.rows_in += batch.num_rows
        self.bytes_in += pc.sum(batch["text_bytes"]).as_py() or 0
        self._sizes_in = _added(self._sizes_in, size_histogram(batch))

    def keep(self, kept: pa.Table, dropped: pa.Table, cuts: pa.Table) -> None:
        """Count documents kept and dropped, and what was cut from them."""
        self.rows_kept += kept.num_rows
        self.bytes_kept += pc.sum(kept["text_bytes"]).as_py() or 0
        self._sizes_kept = _added(self._sizes_kept, size_histogram(kept))
        if dropped.num_rows:
            self.dropped.append(dropped)
        if cuts.num_rows:
            self.cuts.append(cuts)

    def skip(self, kinds: Mapping[str, int]) -> None:
        """Count what is no document, by kind; it is no record that was read, either."""
        self._skipped.update(kinds)

    def set_aside(self, source: str, path: str, records: Iterable[Unreadable]) -> None:
        """Count records that could not be read."""
        self._quarantine([_row(source, path, r.position, r.reason, r.raw) for r in records])

    def set_aside_shard(self, source: str, path: str, bad: BadShard) -> None:
        """Count a shard that could not be read, or not to its end, as one more record."""
        self.bad_shard = str(bad)
        self._quarantine([_row(source, path, None, bad.reason, bad.detail.encode())])

    @property
    def lacks_text(self) -> bool:
        """Whether no record could be read, most of them for having no text."""
        aside = self._quarantined_for.total()
        return aside == self.rows_in and 2 * self._quarantined_for["text_null"] > aside

    def facts(self) -> dict[str, Any]:
        """Return the numbers; raise where a record is not accounted for."""
        steps = counted(self.dropped)
        gone = sum(sum(reasons.values()) for reasons in steps.values()) + self._quarantined_for.total()
        if self.rows_in != self.rows_kept + gone:
            raise AssertionError(f"rows read {self.rows_in} != kept {self.rows_kept} + dropped and quarantined {gone}")
        return {
            "rows_in": self.rows_in,
            "bytes_in": self.bytes_in,
            "rows_kept": self.rows_kept,
            "bytes_kept": self.bytes_kept,
            "rows_dropped": steps,
            "cut": _cut(self.cuts),
            "rows_quarantined": dict(self._quarantined_for),
            "skipped": dict(sorted(self._skipped.items())),
            "bad_shard": self.bad_shard,
            "sizes_in": self._sizes_in,
            "sizes_kept": self._sizes_kept,
        }

    def _quarantine(self, rows: list[dict[str, Any]]) -> None:
        self.rows_in += len(rows)
        if rows:
            self._quarantined_for.update(row["reason"] for row in rows)
            self.quarantined.append(pa.Table.from_pylist(rows, schema=QUARANTINED))


def _row(source: str, path: str, position: int | None, reason: str, raw: bytes) -> dict[str, Any]:
    return {"source": source, "path": path, "position": position, "reason": reason, "raw": raw}


def counted(dropped: Sequence[pa.Table]) -> dict[str, dict[str, int]]:
    """Count rows of the ledger by step and reason."""
    steps: dict[str, dict[str, int]] = {}
    if dropped:
        for row in pa.concat_tables(dropped).group_by(["step", "reason"]).aggregate([([], "count_all")]).to_pylist():
            steps.setdefault(row["step"], {})[row["reason"]] = row["count_all"]
    return steps


def _cut(cuts: list[pa.Table]) -> dict[str, dict[str, int]]:
    """Count, by step, cuts, documents that have some, and bytes cut."""
    if not cuts:
        return {}
    whole = pa.concat_tables(cuts).group_by("step")
    told = whole.aggregate([([], "count_all"), ("id", "count_distinct"), ("bytes", "sum")]).to_pylist()
    return {
        row["step"]: {"cuts": row["count_all"], "documents": row["id_count_distinct"], "bytes": row["bytes_sum"]}
        for row in told
    }


def _added(one: list[int], two: list[int]) -> list[int]:
    return [a + b for a, b in zip(one, two, strict=True)]
