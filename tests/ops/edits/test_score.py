"""A model of the user's own: one number a text, whatever the batch; clear refusals where it does not give that."""

import pyarrow as pa
import pytest
from pydantic import ValidationError
from scorers import LetterShare

from ops.contract import Refusal, Workers
from ops.edits import score
from ops.edits.score import Score

TEXTS = ["eel", "", "bee", "x" * 50, "the end"]
SHARES = [2 / 3, None, 2 / 3, 0.0, 2 / 7]


def batch(texts: list[str] = TEXTS) -> pa.Table:
    return pa.table({"id": [str(n) for n in range(len(texts))], "text": texts})


def test_a_number_for_each_text() -> None:
    op = Score(model="scorers:LetterShare", column="ease")
    made = op.edit(batch())
    assert made["ease"].to_pylist() == SHARES
    assert made.drop_columns("ease") == batch()
    assert [field.name for field in op.makes] == ["ease"]


@pytest.mark.parametrize("size", [1, 2, 64])
def test_calls_hold_no_more_texts_than_asked_for(size: int) -> None:
    made = Score(model="scorers:LetterShare", batch_documents=size, arguments={"letter": "n", "notes": ""}).edit(
        batch()
    )
    assert made["score"].to_pylist() == [0.0, None, 0.0, 0.0, 1 / 7]
    model = score.loaded("score", "scorers:LetterShare", '{"letter": "n", "notes": ""}')
    assert isinstance(model, LetterShare)
    assert max(model.sizes[-5:]) <= size or size == 1


def test_the_model_is_loaded_once() -> None:
    op = Score(model="scorers:LetterShare", arguments={"letter": "z"})
    op.edit(batch())
    first = score.loaded("score", op.model, '{"letter": "z"}')
    op.edit(batch())
    assert score.loaded("score", op.model, '{"letter": "z"}') is first


def test_no_documents() -> None:
    made = Score(model="scorers:LetterShare").edit(
        batch([]).cast(pa.schema([("id", pa.string()), ("text", pa.string())]))
    )
    assert made["score"].type == pa.float64()
    assert made.num_rows == 0


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("scorers:OneForAll", "gave 1 numbers for 5 texts"),
        ("scorers:NotFinite", "not finite"),
        ("scorers:Missing", "has no attribute 'Missing'"),
        ("no_such_package.scorers:Model", "No module named 'no_such_package'"),
    ],
)
def test_refusals_say_what_the_model_must_do(model: str, told: str) -> None:
    with pytest.raises(Refusal, match=told):
        Score(model=model).edit(batch())


@pytest.mark.parametrize("model", ["scorers", "scorers:", ":LetterShare", "a b:C", "a:b.c"])
def test_a_model_is_a_module_and_a_class(model: str) -> None:
    with pytest.raises(ValidationError, match="model"):
        Score(model=model)


def test_it_asks_for_workers() -> None:
    assert Score(model="a:B", gpus=0.5, workers_max=3).workers == Workers(3, 1, 0.5)
