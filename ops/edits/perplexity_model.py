"""The file of an n-gram model, and the perplexity of texts under it.

Why it is our own: KenLM, which CCNet works with (https://arxiv.org/abs/1911.00359), has no wheels, is LGPL, and would
need its text split by a program of its own.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import ValidationError

from ops.edits.kneser_ney import Fitted
from ops.edits.model_file import Kind, NoModelError, packed, unpacked
from ops.kernels.ngram_model import START, UNKNOWN, NGramSettings, Table, log_probabilities, table_of

KIND = Kind("perplexity", "train-perplexity", "gristmill n-gram model 1")

# Significant digits of a perplexity. Beyond them processors may differ: their libraries' exponentials do in the last
# bit.
_DIGITS = 6


@dataclass(frozen=True)
class Model:
    """An n-gram model."""

    settings: NGramSettings
    table: Table
    about: dict[str, Any]  # how it was trained, and what it says of texts that it had not seen


def perplexities(texts: pa.ChunkedArray | pa.Array, table: Table, bytes_max: int) -> NDArray[np.float64]:
    """Return exp(-mean log probability of a token) of each text, to six significant digits; NaN where it has none."""
    sums, tokens = log_probabilities(texts, table, bytes_max)
    exact = np.exp(-sums / np.where(tokens, tokens, np.nan))
    return np.array([float(f"{one:.{_DIGITS}g}") for one in exact.tolist()], np.float64)


def to_bytes(settings: NGramSettings, grams: Fitted, about: dict[str, Any]) -> bytes:
    """Return the file."""
    arrays: dict[str, NDArray[Any]] = {}
    for length, (keys, values) in enumerate(zip(grams.keys, grams.values, strict=True), 1):
        arrays |= {f"keys_{length}": keys, f"values_{length}": values}
    return packed(KIND, {"ngrams": settings.model_dump(), "about": about}, arrays)


def from_bytes(data: bytes) -> Model:
    """Read a file; NoModelError where it is none."""
    said, arrays = unpacked(KIND, data)
    try:
        settings = NGramSettings(**said["ngrams"])
        about = dict(said["about"])
        keys = [arrays[f"keys_{length}"] for length in range(1, settings.order + 1)]
        values = [arrays[f"values_{length}"] for length in range(1, settings.order + 1)]
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        raise NoModelError(f"what it says of itself is incomplete ({error})") from error
    if not (all(map(_is_whole, keys, values)) and np.isin([START, UNKNOWN], keys[0]).all()):
        raise NoModelError("its n-grams are damaged")
    return Model(settings, table_of(keys, values), about)


def _is_whole(keys: NDArray[Any], values: NDArray[Any]) -> bool:
    """Whether keys ascend, and each has its two numbers."""
    kinds = keys.dtype == np.uint64 and values.dtype == np.float32
    shapes = keys.ndim == 1 and values.shape == (len(keys), 2)
    return bool(kinds and shapes and (keys[1:] > keys[:-1]).all() and np.isfinite(values).all())
