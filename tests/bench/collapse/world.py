"""Real text for the experiment: of shards, or written here by a process with as long a tail of rare words as English.

python world.py FOLDER    # a look at what is written
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from language import WORDS_MAX, Words

UNKNOWN = "unk"
_WORD = re.compile(r"[^\W_]+")
_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "el", "or")]

_WORDS_MIN = 20  # of a paragraph of prose
_RUN = 8  # words that two paragraphs have in common only where one is copied from the other

_TYPES = 30_000
_CLASSES = 120
_TOPICS = 25


@dataclass(frozen=True, eq=False)
class World:
    """Real documents as words: to train on, to tell perplexity by, and to compare samples with."""

    train: list[list[str]]
    tune: list[list[str]]
    held_out: list[list[str]]
    reference: list[list[str]]

    @cached_property
    def vocabulary(self) -> dict[str, int]:
        """Numbers of the words of the training text, from 2; 1 is any other word, 0 a document's end."""
        words = sorted({word for document in self.train for word in document})
        return {UNKNOWN: 1} | {word: 2 + n for n, word in enumerate(words)}

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return 1 + len(self.vocabulary)


def numbered(documents: list[list[str]], world: World) -> list[Words]:
    """Return documents as numbers."""
    return [np.array([world.vocabulary.get(word, 1) for word in document]) for document in documents]


def named(documents: list[Words], world: World) -> list[list[str]]:
    """Return documents as words."""
    names = {number: word for word, number in world.vocabulary.items()}
    return [[names[int(n)] for n in document] for document in documents]


def make_world(shards: Path | None, source: str | None, words: int) -> World:
    """Take real documents until each part has its words: `words` to train on, half as many for each of the others."""
    documents = _documents_of(shards, source) if shards else _written()
    parts = []
    for part in (words, words // 2, words // 2, 4 * words):
        taken: list[list[str]] = []
        while sum(map(len, taken)) < part:
            taken.append(next(documents))
        parts.append(taken)
    return World(*parts)


def _documents_of(shards: Path, source: str | None) -> Iterator[list[str]]:
    """Give the English paragraphs of shards, without copies, in an order of chance: so that no part is of one book."""
    found, seen = [], set()
    for file in sorted(shards.glob("part-*.parquet")):
        where = [("source", "=", source)] if source else None
        for text in pq.read_table(file, columns=["text"], filters=where)["text"].to_pylist():
            for paragraph in re.split(r"\n\s*\n", text):
                words = _WORD.findall(paragraph.lower())
                if not (_WORDS_MIN <= len(words) <= WORDS_MAX and paragraph.isascii()):
                    continue
                # Copies would be held out from a model that has seen them.
                runs = {hash(tuple(words[at : at + _RUN])) for at in range(len(words) - _RUN + 1)}
                if runs.isdisjoint(seen):
                    found.append(words)
                seen |= runs
    order = np.random.default_rng(0).permutation(len(found))
    return (found[n] for n in order)


def _written() -> Iterator[list[str]]:
    """Write documents: each of a topic, which prefers some classes of words, each class with a Zipf law of its own."""
    draw = np.random.default_rng(0)
    names = [_name(n) for n in range(_TYPES)]
    # A word's class, and its weight in it: by Zipf's law over all words, so that classes differ in how rare theirs are.
    class_of = draw.integers(0, _CLASSES, _TYPES)
    weights = 1 / (np.arange(_TYPES) + 2.7) ** 1.05
    members = [np.flatnonzero(class_of == n) for n in range(_CLASSES)]
    chances = [weights[of] / weights[of].sum() for of in members]
    follows = draw.dirichlet(np.full(_CLASSES, 0.05), _CLASSES)
    topics = draw.dirichlet(np.full(_CLASSES, 0.1), _TOPICS)
    while True:
        topic = topics[draw.integers(_TOPICS)]
        steps = int(draw.integers(20, 120))
        classes = [int(draw.choice(_CLASSES, p=topic))]
        for _ in range(steps):
            mixed = follows[classes[-1]] * 0.8 + topic * 0.2
            classes.append(int(draw.choice(_CLASSES, p=mixed / mixed.sum())))
        yield [names[int(draw.choice(members[one], p=chances[one]))] for one in classes]


def _name(number: int) -> str:
    """Name a word by syllables."""
    base = len(_SYLLABLES)
    return _SYLLABLES[number % base] + (_name(number // base - 1) if number >= base else "")
