from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest

from ops.kernels.tokens import count_tokens
from ops.mixing.mix import Mix


@pytest.fixture(autouse=True, scope="module")
def words_are_tokens() -> Iterator[None]:
    """Count what can be counted on fingers: which tokenizer counts is nothing to the arithmetic of mixes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ops.mixing.mix.count_tokens", lambda strings, *_: count_tokens(strings))
        yield


@pytest.fixture(scope="session")
def take(sketch: Callable, draw: Callable) -> Callable[..., Any]:
    """Run a mix; return how often each document is taken, by id, and what is told."""

    def run(op: Mix, table: pa.Table, unit_rows: int = 17) -> tuple[dict[str, int], dict[str, Any]]:
        sketches = sketch(op, table, unit_rows)
        found = draw(op, sketches)
        ids = sketches.sort_by("at")["id"].to_pylist()
        return dict(zip(ids, found.rows["times"].to_pylist(), strict=True)), found.notes

    return run
