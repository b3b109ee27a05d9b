"""Ranks: the order of the keep policy."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from ops.dedup.rank import best_first, rank_columns

ORIGINS = ("real", "unknown", "synthetic")
ROWS = st.lists(st.fixed_dictionaries({"text": st.text(max_size=4), "origin": st.sampled_from(ORIGINS)}), max_size=12)
KEEP = st.lists(st.sampled_from(["real", "length:high", "length:low"]), max_size=3).map(tuple)


@given(rows=ROWS, keep=KEEP, ids=st.permutations(range(12)))
def test_best_first(rows: list[dict], keep: tuple, ids: list[int], make_corpus: Callable) -> None:
    table = make_corpus({"id": f"今{ids[n]:02d}", **row} for n, row in enumerate(rows))
    ranked = table.select(["id"])
    for name, column in rank_columns(table, keep).items():
        ranked = ranked.append_column(name, column)

    def key(n: int) -> tuple:
        size = len(rows[n]["text"].encode())
        values = {"real": ORIGINS.index(rows[n]["origin"]), "length:high": -size, "length:low": size}
        return (*(values[name] for name in keep), ids[n])

    assert best_first(ranked).tolist() == sorted(range(len(rows)), key=key)
