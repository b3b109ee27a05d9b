"""Tokens as `ops.kernels.tokens` has them, of Python's strings: the slow twin that tests compare kernels with."""

from dataclasses import dataclass

from ops.kernels.unicode_tables import FLAGS, FOLDED, HAN_ABOVE_END, SINGLE, TABLED, WORD

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


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


def mix64(value: int) -> int:
    value = ((value ^ (value >> 33)) * 0xFF51AFD7ED558CCD) & MASK
    value = ((value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53) & MASK
    return value ^ (value >> 33)


def stir(value: int, word: int) -> int:
    value = ((value ^ word) * GOLDEN) & MASK
    return value ^ (value >> 32)


def token_hash(token: Token) -> int:
    packed, bits, value = 0, 0, 0
    for point in token.folded:
        packed |= (point if point < 0x80 else point | 0x800000) << bits
        bits += 8 if point < 0x80 else 24
    for _ in range(bits // 64):
        value = stir(value, packed & MASK)
        packed >>= 64
    return mix64(((value ^ packed) + bits * GOLDEN) & MASK)
