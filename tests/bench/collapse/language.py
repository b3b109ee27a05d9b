"""A small language model: interpolated absolute discounting of trigrams (Chen and Goodman, 1999), with a sampler.

Documents are arrays of word numbers; number 0 begins and ends each. It is no neural model: what it shows is what
happens to counts that are drawn from and counted again.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.int64]

END = 0
STREAMS = 2_000
WORDS_MAX = 400
# Of one occurrence or less is forgotten as in English text; the others are for corpora that repeat themselves.
DISCOUNTS = (0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1.5, 3.0, 6.0, 13.0)


@dataclass(frozen=True, eq=False)
class Order:
    """Runs of words by what comes before the last one: counts, and every occurrence's last word in order of that."""

    contexts: Words  # different contexts, in order
    starts: Words  # of each one's occurrences in `follows`
    follows: Words  # the word after each occurrence, in order within a context
    runs: Words  # different runs, in order
    counts: Words  # of each run
    forgotten: NDArray[np.float64]  # of the occurrences of each context, by the discount


@dataclass(frozen=True, eq=False)
class Model:
    """Counts of one corpus, over a vocabulary of `size` words."""

    size: int
    discount: float
    unigrams: Words
    orders: tuple[Order, ...]  # after one word, after two


def train(documents: list[Words], size: int, discount: float) -> Model:
    """Count a corpus."""
    words = np.concatenate([np.concatenate([[END, END], one, [END]]) for one in documents])
    first, second, third = words[:-2], words[1:-1], words[2:]
    # After its end a document's next words are another's; what follows two ends is a first word.
    told = (second != END) | ((first == END) & (third != END))
    first, second, third = first[told], second[told], third[told]
    unigrams = np.bincount(third, minlength=size)
    return Model(
        size, discount, unigrams, tuple(_order(one, third, size, discount) for one in (second, first * size + second))
    )


def _order(context: Words, word: Words, size: int, discount: float) -> Order:
    order = np.lexsort((word, context))
    context, word = context[order], word[order]
    contexts, starts = np.unique(context, return_index=True)
    runs, counts = np.unique(context * size + word, return_counts=True)
    # A run that occurs less often than the discount is forgotten as often as it occurs.
    forgotten = np.add.reduceat(np.minimum(counts, discount), np.searchsorted(runs, contexts * size))
    return Order(contexts, np.append(starts, len(word)), word, runs, counts, forgotten)


def _found(sorted_keys: Words, keys: Words) -> tuple[Words, NDArray[np.bool_]]:
    place = np.minimum(np.searchsorted(sorted_keys, keys), max(0, len(sorted_keys) - 1))
    return place, sorted_keys[place] == keys if len(sorted_keys) else np.zeros(len(keys), np.bool_)


def probabilities(model: Model, first: Words, second: Words, word: Words) -> NDArray[np.float64]:
    """Return how probable each word is after two others."""
    total, forgotten = model.unigrams.sum(), np.minimum(model.unigrams, model.discount).sum()
    chance = np.maximum(model.unigrams[word] - model.discount, 0) / total + forgotten / total / model.size
    for order, context in zip(model.orders, (second, first * model.size + second), strict=True):
        at, known = _found(order.contexts, context)
        of = order.starts[at + 1] - order.starts[at]
        run, ran = _found(order.runs, context * model.size + word)
        count = np.where(ran, order.counts[run], 0)
        higher = np.maximum(count - model.discount, 0) / of + order.forgotten[at] / of * chance
        chance = np.where(known, higher, chance)
    return np.asarray(chance)


def tuned(documents: list[Words], size: int, held_out: list[Words]) -> Model:
    """Count a corpus, with the discount that suits held-out documents best."""
    models = [train(documents, size, discount) for discount in DISCOUNTS]
    return min(models, key=lambda model: perplexity(model, held_out))


def perplexity(model: Model, documents: list[Words]) -> float:
    """Return the perplexity of documents; words beyond the vocabulary should be one word of it."""
    first, second, word = (
        np.concatenate(parts)
        for parts in zip(
            *(
                (np.concatenate([[END, END], one])[: len(one) + 1], np.append([END], one), np.append(one, [END]))
                for one in documents
            ),
            strict=True,
        )
    )
    return float(np.exp(-np.log(probabilities(model, first, second, word)).mean()))


def sample(model: Model, words: int, draw: np.random.Generator) -> list[Words]:
    """Write documents until they have so many words, at temperature 1."""
    documents: list[Words] = []
    written = 0
    while written < words:
        lines = np.full((STREAMS, WORDS_MAX + 2), END)
        alive = np.arange(STREAMS)
        lengths = np.full(STREAMS, WORDS_MAX)
        for at in range(2, WORDS_MAX + 2):
            new = _next(model, lines[alive, at - 2], lines[alive, at - 1], draw)
            lines[alive, at] = new
            lengths[alive[new == END]] = at - 2
            alive = alive[new != END]
            if not len(alive):
                break
        for line, length in zip(lines, lengths.tolist(), strict=True):
            if length and written < words:
                documents.append(line[2 : 2 + length].copy())
                written += length
    return documents


def _next(model: Model, first: Words, second: Words, draw: np.random.Generator) -> Words:
    """Draw a word for each stream: a random occurrence's, unless the discount says to forget it and look shorter."""
    # Of single words nothing is forgotten: what the model has never seen it cannot write.
    ends = np.cumsum(model.unigrams)
    chosen = np.searchsorted(ends, draw.integers(0, ends[-1], len(first)), side="right")
    for order, context in zip(model.orders, (second, first * model.size + second), strict=True):
        at, known = _found(order.contexts, context)
        begin, end = order.starts[at], order.starts[at + 1]
        word = order.follows[begin + (draw.random(len(first)) * (end - begin)).astype(np.int64)]
        run, _ = _found(order.runs, context * model.size + word)
        keeps = draw.random(len(first)) * order.counts[run] >= model.discount
        chosen = np.where(known & keeps, word, chosen)
    return np.asarray(chosen)
