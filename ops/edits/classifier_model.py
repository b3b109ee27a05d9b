"""The file of a trained classifier: weights of hashed n-grams, and what is known of how it was trained. No pickle."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import ValidationError

from ops.edits.model_file import Kind, NoModelError, packed, unpacked
from ops.kernels.hashed_ngrams import NGrams, weighted

KIND = Kind("classifier", "train-filter", "gristmill classifier 1")

# Digits of a probability. Beyond them processors may differ: their libraries' exponentials do in the last bit.
_DIGITS = 6


@dataclass(frozen=True)
class Model:
    """A linear classifier."""

    grams: NGrams
    weights: NDArray[np.float32]  # by bucket
    intercept: float
    about: dict[str, Any]  # how it was trained, and how it did on texts that it had not seen


def probabilities(model: Model, texts: pa.ChunkedArray | pa.Array) -> NDArray[np.float64]:
    """Return the probability of each text to be positive, to six digits."""
    return np.round(exact_probabilities(model, texts), _DIGITS)


def exact_probabilities(model: Model, texts: pa.ChunkedArray | pa.Array) -> NDArray[np.float64]:
    """Return the probabilities with all their digits."""
    logits = weighted(texts, model.weights, model.grams) + model.intercept
    small = np.exp(-np.abs(logits))  # at most 1: never an overflow
    exact: NDArray[np.float64] = np.where(logits >= 0, 1, small) / (1 + small)
    return exact


def to_bytes(model: Model) -> bytes:
    """Return the file: an .npz with the weights, and the rest as JSON. Equal models are equal bytes."""
    said = {"ngrams": model.grams.model_dump(), "intercept": model.intercept, "about": model.about}
    return packed(KIND, said, {"weights": model.weights})


def from_bytes(data: bytes) -> Model:
    """Read a file; NoModelError where it is none."""
    said, arrays = unpacked(KIND, data)
    try:
        grams = NGrams(**said["ngrams"])
        weights = arrays["weights"]
        model = Model(grams, weights, float(said["intercept"]), dict(said["about"]))
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        raise NoModelError(f"what it says of itself is incomplete ({error})") from error
    if weights.shape != (1 << grams.buckets_log2,) or weights.dtype != np.float32 or not np.isfinite(weights).all():
        raise NoModelError("its weights are damaged")
    return model
