"""The judge of personal data: by the share of all kinds, and by the count of one; `redact` goes before it."""

from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from ops.edits.redact import Redact
from ops.filters.pii import Pii

ONE = "a" * 993 + " a@b.cn"  # one in 1,000 characters


def reasons(texts: list[str], **set_to: Any) -> list[Any]:
    counted = Redact().edit(pa.table({"text": pa.array(texts, pa.string())})).select(["pii"])
    return [row and (row["reason"], row["value"], row["threshold"]) for row in Pii(**set_to).judge(counted).to_pylist()]


def test_a_share_above_the_limit_goes() -> None:
    assert reasons([ONE], per_1000_chars_max=1) == [None]
    assert reasons([ONE], per_1000_chars_max=0.99) == [("too_much_pii", 1.0, 0.99)]
    assert reasons([ONE, "a"], per_1000_chars_max=0) == [("too_much_pii", 1.0, 0.0), None]
    assert reasons(["电话13812345678"], per_1000_chars_max="off") == [None]
    assert reasons(["电话13812345678"]) == [("too_much_pii", pytest.approx(1000 / 13), 10.0)]


def test_each_kind_has_a_limit_of_its_own() -> None:
    text = f"{ONE} c@d.cn 13812345678 {'水' * 999}"
    assert reasons([text], counts_max={"email": 2, "phone": 1}) == [None]
    assert reasons([text], counts_max={"email": 1}) == [("too_many_email", 2.0, 1.0)]
    assert reasons([text, ONE], counts_max={"phone": 0}) == [("too_many_phone", 1.0, 0.0), None]
    with pytest.raises(ValidationError, match="counts_max"):
        Pii(counts_max={"mail": 1})
    with pytest.raises(ValidationError, match="counts_max"):
        Pii(counts_max={"email": -1})


def test_nothing_to_judge() -> None:
    assert reasons([]) == []
    assert reasons(["", " ", "\n", "x", "🙂"], per_1000_chars_max=0) == [None] * 5
