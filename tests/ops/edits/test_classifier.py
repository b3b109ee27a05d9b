"""Scores of a stored model: scikit-learn's own, whatever the batch and the text; another file is refused."""

import hashlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression

from ops import resources
from ops.contract import Refusal
from ops.edits.classifier import Classifier
from ops.edits.classifier_model import Model, exact_probabilities, from_bytes, probabilities, to_bytes
from ops.edits.model_file import NoModelError
from ops.kernels.hashed_ngrams import NGrams, sparse

TEXTS = [
    "The mill stands by the river.",
    "",
    "今天天气很好。",
    "a" * 300,
    "\0 \u3000 🙂",
    "The mill 今天",
    "\U0010ffff",
]


def model(**settings: Any) -> Model:
    grams = NGrams(buckets_log2=10, **settings)
    weights = np.random.default_rng(3).normal(scale=9, size=1 << 10).astype(np.float32)
    return Model(grams, weights, 0.25, {"seed": 3})


def stored(folder: Path, data: bytes) -> Classifier:
    file = folder / "model.npz"
    file.write_bytes(data)
    return Classifier(model=str(file), sha256=hashlib.sha256(data).hexdigest())


def batch(texts: list[str]) -> pa.Table:
    return pa.table({"id": [str(n) for n in range(len(texts))], "text": pa.array(texts, pa.string())})


def test_scores_are_those_of_scikit_learn() -> None:
    made = model()
    values = sparse(pa.array(TEXTS), made.grams)
    rows = csr_array(values, shape=(len(TEXTS), 1 << 10))
    twin = LogisticRegression().fit(rows, np.arange(len(TEXTS)) % 2 == 0)
    twin.coef_, twin.intercept_ = made.weights[None].astype(float), np.array([made.intercept])
    expected = twin.predict_proba(rows)[:, 1]
    assert exact_probabilities(made, pa.array(TEXTS)) == pytest.approx(expected, abs=1e-12)
    assert probabilities(made, pa.array(TEXTS)).tolist() == np.round(expected, 6).tolist()


def test_a_column_is_added_or_replaced(tmp_path: Path) -> None:
    op = stored(tmp_path, to_bytes(model()))
    made = op.edit(batch(TEXTS))
    assert made.column_names == ["id", "text", "classifier_score"]
    assert made.schema.field("classifier_score") == op.makes[0]
    assert made["classifier_score"].null_count == 0
    assert op.edit(made) == made
    named = op.model_copy(update={"column": "other"}).edit(made)
    assert named["other"] == made["classifier_score"]


def test_no_documents(tmp_path: Path) -> None:
    assert stored(tmp_path, to_bytes(model())).edit(batch([]))["classifier_score"].to_pylist() == []


@given(st.lists(st.text(max_size=30), min_size=1, max_size=8), st.integers(0, 8))
def test_any_text_has_a_score_whatever_is_beside_it(texts: list[str], cut: int) -> None:
    made = model()
    whole = probabilities(made, pa.array(texts)).tolist()
    parts = [probabilities(made, pa.array(part, pa.string())).tolist() for part in (texts[:cut], texts[cut:])]
    assert parts[0] + parts[1] == whole
    assert all(0 <= score <= 1 for score in whole)


def test_weights_as_large_as_may_be() -> None:
    """The second and the last text are too short for an n-gram."""
    huge = Model(NGrams(buckets_log2=8), np.full(256, 3e38, np.float32), 0.0, {})
    least = Model(NGrams(buckets_log2=8), np.full(256, -3e38, np.float32), 0.0, {})
    assert probabilities(huge, pa.array(TEXTS)).tolist() == [1, 0.5, *[1] * 4, 0.5]
    assert probabilities(least, pa.array(TEXTS)).tolist() == [0, 0.5, *[0] * 4, 0.5]


def test_what_is_stored_is_read_as_it_was() -> None:
    made = model(words=3, characters=0, bytes_max=77)
    again = from_bytes(to_bytes(made))
    assert (again.grams, again.intercept, again.about) == (made.grams, made.intercept, made.about)
    assert (again.weights == made.weights).all()
    assert to_bytes(again) == to_bytes(made)


def arrays(**changed: Any) -> bytes:
    with np.load(io.BytesIO(to_bytes(model()))) as found:
        kept = {name: found[name] for name in found} | changed
    file = io.BytesIO()
    np.savez(file, **{name: value for name, value in kept.items() if value is not None})
    return file.getvalue()


def said(text: bytes) -> bytes:
    return arrays(said=np.frombuffer(text, np.uint8))


NO_MODELS: dict[str, Callable[[], tuple[bytes, str]]] = {
    "empty": lambda: (b"", "not a file that train-filter writes"),
    "text": lambda: (b"weights = 1", "not a file that train-filter writes"),
    "cut": lambda: (to_bytes(model())[:-40], "not a file that train-filter writes"),
    "pickled": lambda: (arrays(weights=np.array([{}], object)), "not a file that train-filter writes"),
    "without weights": lambda: (arrays(weights=None), "is incomplete"),
    "without words": lambda: (said(b"{"), "not a file that train-filter writes"),
    "other format": lambda: (said(b'{"format": "mine"}'), "does not say that its format is"),
    "a list": lambda: (said(b"[]"), "does not say that its format is"),
    "incomplete": lambda: (said(b'{"format": "gristmill classifier 1"}'), "is incomplete"),
    "too few weights": lambda: (arrays(weights=np.zeros(9, np.float32)), "its weights are damaged"),
    "other numbers": lambda: (arrays(weights=np.zeros(1 << 10)), "its weights are damaged"),
    "no numbers": lambda: (arrays(weights=np.full(1 << 10, np.nan, np.float32)), "its weights are damaged"),
}


@pytest.mark.parametrize("case", NO_MODELS.values(), ids=NO_MODELS)
def test_what_is_no_model_is_refused(case: Callable[[], tuple[bytes, str]], tmp_path: Path) -> None:
    data, told = case()
    with pytest.raises(NoModelError, match=told):
        from_bytes(data)
    with pytest.raises(Refusal, match=f"is no model: .*{told}"):
        stored(tmp_path, data).edit(batch(TEXTS))


def test_another_file_is_refused(tmp_path: Path) -> None:
    op = stored(tmp_path, to_bytes(model())).model_copy(update={"sha256": "0" * 64})
    with pytest.raises(Refusal, match=r"its sha256 is .* expected 0000"):
        op.edit(batch(TEXTS))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"a worker cannot read .*none.npz"):
        Classifier(model=str(tmp_path / "none.npz"), sha256="0" * 64).edit(batch(TEXTS))


@pytest.mark.parametrize("sha256", ["", "abc", "G" * 64, "0" * 65])
def test_a_model_has_a_hash(sha256: str) -> None:
    with pytest.raises(ValidationError, match="sha256"):
        Classifier(model="m.npz", sha256=sha256)


@pytest.fixture
def read_before() -> Iterator[None]:
    before = list(resources._readers)
    yield
    resources._readers[:] = before


@pytest.mark.usefixtures("read_before")
def test_a_runner_says_how_files_are_read_and_each_is_read_once() -> None:
    data, seen = to_bytes(model()), []

    def read(path: str) -> bytes:
        seen.append(path)
        return data

    resources.read_by(read)
    op = Classifier(model="store://once", sha256=hashlib.sha256(data).hexdigest())
    assert op.edit(batch(TEXTS)) == op.edit(batch(TEXTS))
    assert seen == ["store://once"]
