"""What the tests of ops share: small corpora, and the runner of surveys in its simplest form."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, settings

from ops.columns import VERDICT
from ops.contract import Op, Survey
from ops.kernels.hashing import mix64_all

# Kernels are compiled within the first example, which no deadline should count.
settings.register_profile("ops", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ops")

Verdicts = dict[str, dict]


def corpus(rows: Iterable[Mapping[str, object]]) -> pa.Table:
    """Make a table of documents; what a row does not say is made up: ids by number, source `web`, origin `real`."""
    full = [{"id": f"d{n:06d}", "text": "", "source": "web", "origin": "real", **row} for n, row in enumerate(rows)]
    return pa.table(
        {name: pa.array([row[name] for row in full], pa.string()) for name in ("id", "text", "source", "origin")}
    )


def phased(op: Op, sketches: pa.Table, partitions: int = 1) -> pa.Table:
    """Run the phases of a survey as the runner does: rows meet by key, in order of (key, address)."""
    assert isinstance(op, Survey)
    table = sketches
    for phase in op.phases():
        if phase.by is None:
            table = phase.run(table.sort_by("at"))
            continue
        part = mix64_all(np.asarray(table[phase.by])) % np.uint64(partitions)
        keys = [(phase.by, "ascending"), ("at", "ascending")]
        tables = [phase.run(table.filter(pa.array(part == n)).sort_by(keys)) for n in range(partitions)]
        table = pa.concat_tables(tables)
    assert table.schema.equals(VERDICT)
    return table.sort_by("at")


def sketched(op: Op, table: pa.Table, unit_rows: int = 1 << 20) -> pa.Table:
    """Sketch unit by unit, and give each document its id and address, as the runner does."""
    assert isinstance(op, Survey)
    made = []
    for unit, start in enumerate(range(0, max(table.num_rows, 1), unit_rows)):
        batch = table.slice(start, unit_rows)
        sketch = op.sketch(batch)
        assert sketch.num_rows == batch.num_rows
        at = pa.array((unit << 32) + np.arange(batch.num_rows, dtype=np.int64))
        made.append(sketch.append_column("id", batch["id"]).append_column("at", at))
    return pa.concat_tables(made)


def verdicts_by_id(sketches: pa.Table, verdicts: pa.Table) -> Verdicts:
    """Return {id: verdict} without addresses; asserts that each verdict is about one document of the corpus."""
    ids = dict(zip(sketches["at"].to_pylist(), sketches["id"].to_pylist(), strict=True))
    rows = verdicts.to_pylist()
    assert len({row["at"] for row in rows}) == len(rows)
    return {ids[row.pop("at")]: row for row in rows}


def surveyed(op: Op, table: pa.Table, partitions: int = 1, unit_rows: int = 1 << 20) -> Verdicts:
    """Return {id: verdict} for the documents that a survey drops."""
    sketches = sketched(op, table, unit_rows)
    return verdicts_by_id(sketches, phased(op, sketches, partitions))


@pytest.fixture(scope="session")
def make_corpus() -> Callable[..., pa.Table]:
    return corpus


@pytest.fixture(scope="session")
def survey() -> Callable[..., Verdicts]:
    return surveyed


@pytest.fixture(scope="session")
def sketch() -> Callable[..., pa.Table]:
    return sketched


@pytest.fixture(scope="session")
def phase() -> Callable[..., pa.Table]:
    return phased


@pytest.fixture(scope="session")
def by_id() -> Callable[..., Verdicts]:
    return verdicts_by_id


@pytest.fixture(scope="session")
def shuffled() -> Callable[[pa.Table, int], pa.Table]:
    return lambda table, seed: table.take(pa.array(np.random.default_rng(seed).permutation(table.num_rows)))
