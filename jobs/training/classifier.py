"""Training a filter: labelled texts in, a model of `ops.edits.classifier_model` out, with how well it does."""

from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.training.figures import figures
from jobs.training.files import Trained, refuse_place, written
from jobs.training.page import render
from jobs.training.texts import Texts, Wanted, read_texts
from ops.edits.classifier_model import Model, probabilities, to_bytes
from ops.kernels.hashed_ngrams import NGrams, sparse

# How far weights may go: the inverse of the penalty on their squares. Telling manuals from other texts by 40 bytes, 1
# left the probabilities off by 5.1 %, 10 by 1.8 %, 100 by 0.9 %; but the more, the more is believed of wrong labels.
_STRENGTH = 10.0
_STEPS_MAX = 1000


def train(wanted: Wanted, grams: NGrams, path: Path) -> Trained:
    """Train a classifier, and write its file and, beside it, a page with its figures."""
    refuse_place(path)
    model = trained(read_texts(wanted), grams, wanted.seed)
    return written(path, to_bytes(model), model.about, lambda name, sha256: render(name, sha256, model))


def trained(texts: Texts, grams: NGrams, seed: int) -> Model:
    """Fit a model to the texts that are not held out, and measure it on those that are."""
    seen = ~texts.is_held_out
    weights, intercept = _fitted(texts.text.filter(pa.array(seen)), texts.is_positive[seen], grams)
    about = {
        "trained_on": {"documents": int(seen.sum()), "positive": int(texts.is_positive[seen].sum())},
        "read": texts.read,
        "in_both": texts.in_both,
        "unreadable": texts.unreadable,
        "texts_sha256": texts.sha256,
        "seed": seed,
        "strength": _STRENGTH,
        "versions": {name: version(name) for name in ("scikit-learn", "scipy", "numpy")},
    }
    model = Model(grams, weights, intercept, about)
    scores = probabilities(model, texts.text.filter(pa.array(texts.is_held_out)))
    return replace(model, about=about | {"held_out": figures(texts.is_positive[texts.is_held_out], scores)})


def _fitted(text: pa.ChunkedArray, is_positive: NDArray[np.bool_], grams: NGrams) -> tuple[NDArray[np.float32], float]:
    from scipy.sparse import csr_array  # noqa: PLC0415 - 2 s to import, which other commands need not wait for
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from threadpoolctl import threadpool_limits  # noqa: PLC0415

    rows = csr_array(sparse(text, grams), shape=(len(text), 1 << grams.buckets_log2))
    with threadpool_limits(1):  # sums of several threads would differ from machine to machine
        fit = LogisticRegression(C=_STRENGTH, max_iter=_STEPS_MAX).fit(rows, is_positive)
    return fit.coef_[0].astype(np.float32), float(fit.intercept_[0])
