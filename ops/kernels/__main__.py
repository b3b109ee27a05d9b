"""Compile every kernel into the cache: `python -m ops.kernels`. An image does this when it is built."""

import time

import pyarrow as pa

from ops.dedup.exact import ExactDedup
from ops.dedup.ids import UniqueId
from ops.dedup.near import NearDedup
from ops.edits.repair import Repair
from ops.filters.gopher import GopherQuality
from ops.kernels.hashing import mix64_all
from ops.mixing.mix import Mix


def compile_all() -> float:
    """Run every op that has kernels on two documents; return the seconds it took."""
    began = time.perf_counter()
    batch = pa.table(
        {
            "id": ["a", "b"],
            "text": ["one two three four five six\u200b", "一二三四五六 seven"],
            "source": ["web", "web"],
            "origin": ["real", "real"],
        }
    )
    repaired = Repair().edit(batch)
    GopherQuality().judge(repaired)
    for survey in (UniqueId(), ExactDedup(), ExactDedup(on="normalized_text"), NearDedup(), Mix()):
        sketches = survey.sketch(repaired).append_column("at", pa.array([0, 1])).append_column("id", repaired["id"])
        for phase in survey.phases():
            phase.run(sketches)
    mix64_all(pa.array([1], pa.uint64()).to_numpy())
    return time.perf_counter() - began


if __name__ == "__main__":
    print(f"kernels compiled or loaded in {compile_all():.1f} s")
