"""Perplexity of a stored model: exp of the mean, null without a token, whatever the batch; another file is refused."""

import hashlib
import io
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from ops.contract import Refusal
from ops.edits.kneser_ney import fitted
from ops.edits.model_file import NoModelError
from ops.edits.perplexity import Perplexity
from ops.edits.perplexity_model import Model, from_bytes, perplexities, to_bytes
from ops.filters.limits import Limits
from ops.kernels.ngram_model import NGramSettings, log_probabilities, table_of, words_of

TRAINED = ["The mill stands by the river.", "The mill by the river stands.", "磨坊在河边。", "河边有磨坊。", "once"]
TEXTS = [
    "The mill stands by the river.",
    "",
    "磨坊在河边。",
    "— …\n",
    "a" * 300,
    "river the by the the",
    "ру́сский текст",
]


def data(order: int = 3, bytes_max: int = 1000) -> bytes:
    settings = NGramSettings(order=order, bytes_max=bytes_max)
    return to_bytes(settings, fitted(words_of(pa.array(TRAINED), bytes_max), order), {"seed": 3})


def stored(folder: Path, content: bytes) -> Perplexity:
    file = folder / "model.npz"
    file.write_bytes(content)
    return Perplexity(model=str(file), sha256=hashlib.sha256(content).hexdigest())


def batch(texts: list[str]) -> pa.Table:
    return pa.table({"id": [str(n) for n in range(len(texts))], "text": pa.array(texts, pa.string())})


def scored(model: Model, texts: list[str]) -> list[float]:
    return perplexities(pa.array(texts, pa.string()), model.table, model.settings.bytes_max).tolist()


def test_it_is_the_exponential_of_the_mean_to_six_digits() -> None:
    model = from_bytes(data())
    sums, tokens = log_probabilities(pa.array(TEXTS), model.table, 1000)
    for found, total, count in zip(scored(model, TEXTS), sums, tokens, strict=True):
        if count:
            assert found == pytest.approx(math.exp(-total / count), rel=1e-5)
            assert found == float(f"{found:.6g}")
        else:
            assert math.isnan(found)


def test_what_it_knows_surprises_least() -> None:
    known, empty, chinese, marks, letters, shuffled, unseen = scored(from_bytes(data()), TEXTS)
    assert known < shuffled < unseen
    assert chinese < unseen
    assert letters > shuffled
    assert math.isnan(empty)
    assert math.isnan(marks)


def test_a_column_is_added_or_replaced(tmp_path: Path) -> None:
    op = stored(tmp_path, data())
    made = op.edit(batch(TEXTS))
    assert made.column_names == ["id", "text", "perplexity"]
    assert made.schema.field("perplexity") == op.makes[0]
    assert [value is None for value in made["perplexity"].to_pylist()] == [text in {"", "— …\n"} for text in TEXTS]
    assert op.edit(made) == made
    named = op.model_copy(update={"column": "other"}).edit(made)
    assert named["other"] == made["perplexity"]


def test_limits_judge_both_ends_and_keep_what_has_none(tmp_path: Path) -> None:
    made = stored(tmp_path, data()).edit(batch(TEXTS))
    found = [value for value in made["perplexity"].to_pylist() if value is not None]
    reasons = Limits(column="perplexity", least=min(found) + 0.001, most=max(found) - 0.001).judge(made).to_pylist()
    told = [reason and reason["reason"] for reason in reasons]
    assert sorted(filter(None, told)) == ["perplexity_too_high", "perplexity_too_low"]
    assert told[TEXTS.index("")] is None


def test_no_documents(tmp_path: Path) -> None:
    assert stored(tmp_path, data()).edit(batch([]))["perplexity"].to_pylist() == []


@pytest.mark.parametrize("order", [2, 3, 5])
def test_what_is_stored_is_read_as_it_was(order: int) -> None:
    grams = fitted(words_of(pa.array(TRAINED), 77), order)
    model = from_bytes(to_bytes(NGramSettings(order=order, bytes_max=77), grams, {"a": [1]}))
    assert (model.settings, model.about) == (NGramSettings(order=order, bytes_max=77), {"a": [1]})
    assert model.table.slots.tobytes() == table_of(grams.keys, grams.values).slots.tobytes()


def arrays(**changed: Any) -> bytes:
    with np.load(io.BytesIO(data())) as found:
        kept = {name: found[name] for name in found} | changed
    file = io.BytesIO()
    np.savez(file, **{name: value for name, value in kept.items() if value is not None})
    return file.getvalue()


def array(name: str) -> np.ndarray:
    with np.load(io.BytesIO(data())) as found:
        return found[name]


NO_MODELS: dict[str, Callable[[], tuple[bytes, str]]] = {
    "empty": lambda: (b"", "not a file that train-perplexity writes"),
    "cut": lambda: (data()[:-40], "not a file that train-perplexity writes"),
    "pickled": lambda: (arrays(keys_2=np.array([{}], object)), "not a file that train-perplexity writes"),
    "a classifier": lambda: (
        arrays(said=np.frombuffer(b'{"format": "gristmill classifier 1"}', np.uint8)),
        "does not say that its format is 'gristmill n-gram model 1'",
    ),
    "incomplete": lambda: (
        arrays(said=np.frombuffer(b'{"format": "gristmill n-gram model 1"}', np.uint8)),
        "is incomplete",
    ),
    "without keys": lambda: (arrays(keys_3=None), "is incomplete"),
    "too few values": lambda: (arrays(values_2=array("values_2")[1:]), "its n-grams are damaged"),
    "other numbers": lambda: (arrays(values_2=array("values_2").astype(float)), "its n-grams are damaged"),
    "no numbers": lambda: (arrays(values_1=array("values_1") * np.float32("nan")), "its n-grams are damaged"),
    "out of order": lambda: (arrays(keys_1=array("keys_1")[::-1]), "its n-grams are damaged"),
    "no words": lambda: (
        arrays(keys_1=np.empty(0, np.uint64), values_1=np.empty((0, 2), np.float32)),
        "its n-grams are damaged",
    ),
    "keys of another shape": lambda: (arrays(keys_1=np.uint64(1)), "its n-grams are damaged"),
}


@pytest.mark.parametrize("case", NO_MODELS.values(), ids=NO_MODELS)
def test_what_is_no_model_is_refused(case: Callable[[], tuple[bytes, str]], tmp_path: Path) -> None:
    content, told = case()
    with pytest.raises(NoModelError, match=told):
        from_bytes(content)
    with pytest.raises(Refusal, match=f"perplexity: .* is no model: .*{told}.*gristmill train-perplexity"):
        stored(tmp_path, content).edit(batch(TEXTS))


def test_another_file_is_refused(tmp_path: Path) -> None:
    op = stored(tmp_path, data()).model_copy(update={"sha256": "0" * 64})
    with pytest.raises(Refusal, match=r"perplexity: .* its sha256 is .* expected 0000"):
        op.edit(batch(TEXTS))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"perplexity: a worker cannot read .*none.npz"):
        Perplexity(model=str(tmp_path / "none.npz"), sha256="0" * 64).edit(batch(TEXTS))


@pytest.mark.parametrize("settings", [{"sha256": "abc"}, {"model": ""}, {"column": "Bad name"}], ids=str)
def test_settings_are_checked(settings: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match=next(iter(settings))):
        Perplexity(**{"model": "m.npz", "sha256": "0" * 64, **settings})
