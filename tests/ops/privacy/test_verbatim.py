"""What `verbatim_copies` tells of spans that it is given, and what `copied` makes of that."""

import pyarrow as pa
import pytest
from pydantic import ValidationError

from ops.privacy.copied import Copied
from ops.privacy.verbatim import COPIED, VerbatimCopies

OP = VerbatimCopies(tokens_min=8)
SPAN = [*"abcdefgh"]


def told(text: str, found: list[tuple[int, str]]) -> dict[str, object]:
    batch = pa.table({"row": [4, 5, 7], "id": [*"xyz"], "text": ["", text, "other"], "origin": ["synthetic"] * 3})
    copies = pa.table(
        {
            "row": pa.array([5] * len(found), pa.int64()),
            "place": pa.array([place for place, _ in found], pa.int64()),
            "original": pa.array([name for _, name in found], pa.string()),
        }
    )
    rows = OP.apply(batch, copies).select([field.name for field in COPIED]).to_pylist()
    assert [rows[0]["copied_tokens"], rows[2]["copied_tokens"]] == [0, 0]
    return {name.removeprefix("copied_"): value for name, value in rows[1].items()}


def test_spans_that_overlap_are_counted_once() -> None:
    text = " ".join([*SPAN, "i", "j", "k", *SPAN, "x"])
    assert told(text, [(0, "r"), (1, "r"), (4, "s"), (11, "q")]) == {
        "tokens": 19,
        "share": 19 / 20,
        "longest": 9,
        "from": "r",
        "passage": "a b c d e f g h i",
    }


def test_of_equal_originals_the_least_id_is_told() -> None:
    assert told(" ".join([*SPAN, *SPAN]), [(0, "z"), (8, "b")])["from"] == "b"


def test_nothing_found() -> None:
    assert told("a b", []) == {"tokens": 0, "share": 0, "longest": 0, "from": None, "passage": None}


def test_a_long_passage_is_cut_at_200_characters() -> None:
    text = "字" * 400
    assert told(text, [(n, "r") for n in range(393)])["passage"] == "字" * 200


def test_what_was_measured_before_is_replaced() -> None:
    batch = OP.apply(pa.table({"row": [0], "text": ["a"], "copied_tokens": [7]}), _nothing())
    assert batch["copied_tokens"].to_pylist() == [0]


def _nothing() -> pa.Table:
    return pa.schema([("row", pa.int64()), *OP.labels]).empty_table()


def test_a_judge_without_limits_is_refused() -> None:
    with pytest.raises(ValidationError, match="nothing would be dropped"):
        Copied(copied_tokens_max=None)


@pytest.mark.parametrize(("most", "goes"), [(0, True), (11, True), (12, False)])
def test_the_limit_is_what_may_be(most: int, *, goes: bool) -> None:
    row = {"copied_tokens": 12, "copied_share": 0.1, "copied_longest": 12, "copied_from": "r", "copied_passage": "a b"}
    reason = Copied(copied_tokens_max=most).judge(pa.Table.from_pylist([row]))[0].as_py()
    assert (reason is not None) == goes
    assert reason is None or (reason["kept_id"], reason["passage"], reason["value"]) == ("r", "a b", 12)
