"""Models as a user may bring them, for the step `score`."""

import os
from collections.abc import Sequence
from pathlib import Path


class LetterShare:
    """The share of a text's characters that are one letter. Leaves a note of its process when it is loaded."""

    def __init__(self, letter: str = "e", notes: str = "") -> None:
        self.letter = letter
        self.sizes: list[int] = []
        if notes:
            with (Path(notes) / "loaded").open("a") as file:
                file.write(f"{os.getpid()}\n")

    def __call__(self, texts: Sequence[str]) -> list[float | None]:
        self.sizes.append(len(texts))
        return [text.count(self.letter) / len(text) if text else None for text in texts]


class OneForAll:
    """Forgets that it was asked about several texts."""

    def __call__(self, texts: Sequence[str]) -> list[float]:  # noqa: ARG002
        return [1.0]


class NotFinite:
    """Divides by zero, as numpy does."""

    def __call__(self, texts: Sequence[str]) -> list[float]:
        return [float("nan") for _ in texts]
