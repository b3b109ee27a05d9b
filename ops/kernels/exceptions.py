"""Words that are split otherwise than by their characters, to be looked up by their bytes."""

import numpy as np
from numpy.typing import NDArray

from ops.kernels.compiled import inlined
from ops.kernels.eight import up_to_eight
from ops.kernels.english import EXCEPTIONS, LONGEST_EXCEPTION

_0 = np.uint64(0)
_K1 = np.uint64(0x9E3779B97F4A7C15)
_K2 = np.uint64(0xC2B2AE3D27D4EB4F)
_FILTER_SHIFT = np.uint64(51)
_BIT_SHIFT = np.uint64(48)
_7 = np.uint64(7)
_SLOT_SHIFT = np.uint64(52)
_SLOTS = 4096


def _key_of(word: str) -> int:
    """Return what `slot_of` makes of a word."""
    raw = word.encode().ljust(16, b"\0")
    one, two = (int.from_bytes(part, "little") for part in (raw[:8], raw[8:]))
    mixed = (one * int(_K1) ^ two * int(_K2)) % (1 << 64)
    return (mixed ^ mixed >> 29) * int(_K2) % (1 << 64)


def _exception_tables() -> tuple[NDArray[np.uint8], NDArray[np.uint64], NDArray[np.int64]]:
    """Return a filter of keys, an open-addressed table of them, and for each where it is split: two byte offsets.

    The filter is bits, 8 KiB of them: it is looked at for every word, and stays near.
    """
    possible = np.zeros(1 << 13, np.uint8)
    keys = np.zeros(_SLOTS, np.uint64)
    splits = np.zeros((_SLOTS, 2), np.int64)
    for word, pieces in EXCEPTIONS.items():
        key = _key_of(word)
        possible[key >> int(_FILTER_SHIFT)] |= 1 << (key >> int(_BIT_SHIFT) & 7)
        slot = key >> int(_SLOT_SHIFT)
        while keys[slot]:
            slot = (slot + 1) % _SLOTS
        keys[slot] = key
        ends = np.cumsum([len(piece.encode()) for piece in pieces])[:-1]
        splits[slot, : len(ends)] = ends
    return possible, keys, splits


_POSSIBLE, _KEYS, SPLITS = _exception_tables()


@inlined
def slot_of(one, two):  # type: ignore[no-untyped-def]
    """Return the slot of an exception, given its bytes as two numbers; -1 where it is none."""
    mixed = one * _K1 ^ two * _K2
    key = (mixed ^ mixed >> np.uint64(29)) * _K2
    if not (_POSSIBLE[key >> _FILTER_SHIFT] >> ((key >> _BIT_SHIFT) & _7)) & 1:
        return -1
    slot = np.int64(key >> _SLOT_SHIFT)
    while _KEYS[slot]:
        if _KEYS[slot] == key:
            return slot
        slot = (slot + 1) % _SLOTS
    return -1


@inlined
def exception_of(data, start, stop):  # type: ignore[no-untyped-def]
    """Return the slot of an exception, given where its bytes are; -1 where it is none."""
    size = stop - start
    if not 0 < size <= LONGEST_EXCEPTION:
        return -1
    one = up_to_eight(data, start, min(size, 8))
    two = up_to_eight(data, start + 8, size - 8) if size > 8 else _0
    return slot_of(one, two)
