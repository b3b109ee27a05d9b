"""Tokens as `ops.kernels.tokens` has them, of Python's strings: the slow twin that tests compare kernels with."""

from dataclasses import dataclass

from ops.kernels.unicode_tables import FLAGS, FOLDED, HAN_ABOVE_END, SINGLE, TABLED, WORD


@dataclass(frozen=True)
class Token:
    """A token, where it is in its text, and whether it is a character of a script without spaces."""

    folded: tuple[int, ...]
    at: int
    end: int
    single: bool


def tokens_of(text: str) -> list[Token]:
    """Split at what is not a word character, and around characters of scripts without spaces."""
    found: list[Token] = []
    word: list[int] = []
    for at, char in enumerate([*text, " "]):
        flags, folded = kind_of(char)
        if flags & SINGLE or not flags & WORD:
            if word:
                found.append(Token(tuple(word), at - len(word), at, single=False))
            word = []
        if flags & SINGLE:
            found.append(Token((folded,), at, at + 1, single=True))
        elif flags & WORD:
            word.append(folded)
    return found


def kind_of(char: str) -> tuple[int, int]:
    """Return the flags of a character, and what it folds to."""
    point = ord(char)
    if point < TABLED:
        return int(FLAGS[point]), int(FOLDED[point])
    return (WORD | SINGLE if point < HAN_ABOVE_END else 0), point
