"""Training an n-gram model: texts in, a model of `ops.edits.perplexity_model` out, with its figures."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jobs.training.files import Trained, refuse_place, written
from jobs.training.page import Tails, render_perplexity
from jobs.training.texts import Texts, Wanted, read_wanted_texts
from ops.edits.kneser_ney import Fitted, fitted
from ops.edits.perplexity_model import perplexities, to_bytes
from ops.kernels.ngram_model import START, NGramSettings, table_of, words_of

_PERCENTILES = (1, 5, 10, 50, 90, 95, 99)
_BINS = 48
_DIGITS = 6

# Texts that the page shows of either end, and their first characters.
_SHOWN = 5
_EXCERPT = 240

Perplexities = NDArray[np.float64]


def train(wanted: Wanted, settings: NGramSettings, path: Path) -> Trained:
    """Train a model, and write its file and, beside it, a page with its figures."""
    refuse_place(path)
    texts = read_wanted_texts(wanted)
    grams, about, tails = trained(texts, settings, wanted.seed)
    data = to_bytes(settings, grams, about)
    return written(path, data, about, lambda name, sha256: render_perplexity(name, sha256, settings, about, tails))


def trained(texts: Texts, settings: NGramSettings, seed: int) -> tuple[Fitted, dict[str, Any], Tails]:
    """Fit a model to the wanted texts that are not held out, and tell what it says of the others."""
    words = words_of(_of(texts, texts.is_positive & ~texts.is_held_out), settings.bytes_max)
    documents = int((words == START).sum())
    grams = fitted(words, settings.order)
    table = table_of(grams.keys, grams.values)
    held_out = _of(texts, texts.is_positive & texts.is_held_out)
    held = perplexities(held_out, table, settings.bytes_max)
    background = perplexities(_of(texts, ~texts.is_positive), table, settings.bytes_max)
    about = {
        "trained_on": {
            "documents": documents,
            "tokens": len(words) - documents,
            "known": grams.known,
            "unknown": grams.unknown,
            "ngrams": sum(map(len, grams.keys)),
            "bytes_in_memory": table.slots.nbytes,
        },
        "read": texts.read,
        "in_both": texts.in_both,
        "unreadable": texts.unreadable,
        "texts_sha256": texts.sha256,
        "seed": seed,
        "versions": {"numpy": version("numpy")},
        **figures(held, background),
    }
    return grams, about, _tails(held_out, held)


def figures(held: Perplexities, background: Perplexities) -> dict[str, Any]:
    """Tell how perplexities are distributed: percentiles, and shares of the texts between values in equal ratios.

    >>> told = figures(np.array([10.0, 20.0, 40.0, np.nan]), np.empty(0))
    >>> told["held_out"]["percentiles"]["50"], told["held_out"]["without_tokens"], told["background"]
    (20.0, 1, None)
    """
    known = np.log(np.concatenate([held, background]))
    known = known[~np.isnan(known)]
    begin, end = (known.min(), known.max()) if len(known) else (0.0, 1.0)
    bins = np.linspace(begin, end + 1e-9, _BINS + 1)
    return {
        "bins": _rounded(np.exp(bins)),
        "held_out": _distribution(held, bins),
        "background": _distribution(background, bins) if len(background) else None,
    }


def _distribution(found: Perplexities, bins: NDArray[np.float64]) -> dict[str, Any]:
    known = found[~np.isnan(found)]
    shares = np.histogram(np.log(known), bins)[0] / max(1, len(known))
    values = _rounded(np.percentile(known, _PERCENTILES)) if len(known) else [0.0] * len(_PERCENTILES)
    return {
        "documents": len(found),
        "without_tokens": len(found) - len(known),
        "percentiles": {str(name): value for name, value in zip(_PERCENTILES, values, strict=True)},
        "shares": np.round(shares, _DIGITS).tolist(),
    }


def _tails(texts: pa.ChunkedArray, found: Perplexities) -> Tails:
    """Return the texts of either end, the outermost first, by their first characters."""
    order = np.argsort(found, kind="stable")[: int((~np.isnan(found)).sum())]
    ends = {"lowest": order[:_SHOWN], "highest": order[::-1][:_SHOWN]}
    begins = pc.utf8_slice_codeunits(texts, 0, _EXCERPT)
    return {end: [(float(found[at]), begins[int(at)].as_py()) for at in rows] for end, rows in ends.items()}


def _of(texts: Texts, rows: NDArray[np.bool_]) -> pa.ChunkedArray:
    return texts.text.filter(pa.array(rows))


def _rounded(values: NDArray[np.float64]) -> list[float]:
    return [float(f"{value:.{_DIGITS}g}") for value in values.tolist()]
