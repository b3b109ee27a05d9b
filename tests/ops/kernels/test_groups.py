"""Groups of equal rows, beside itertools."""

from itertools import groupby

import numpy as np
import pytest

from ops.kernels.groups import begins, groups_of


@pytest.mark.parametrize("rows", [[], [(3, 1)], [(3, 1), (3, 1)], [(3, 1), (3, 2), (4, 2), (4, 2), (3, 2)]])
def test_groups(rows: list[tuple[int, int]]) -> None:
    columns = np.array(rows, np.int64).reshape(-1, 2).T
    groups = [len(list(group)) for _, group in groupby(rows)]
    starts, group = groups_of(*columns)
    assert starts.tolist() == [sum(groups[:n]) for n in range(len(groups))]
    assert group.tolist() == [n for n, size in enumerate(groups) for _ in range(size)]
    assert np.flatnonzero(begins(*columns)).tolist() == starts.tolist()
    assert begins(*columns).dtype == np.bool_
