"""Strings within words: those that some pages of a source tell by themselves, in pages that have them once or twice."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.edits.injections import Injections, injected, parts_word
from ops.kernels.buffers import buffers_of
from ops.kernels.known_strings import known_within
from ops.rounds import Cuts, page_of

_ALONE = Injections()  # where it finds other strings, `repeated_marks` does, too: both versions rise
_AROUND = 96  # bytes that words around a place may have


def injected_strings(text: pa.Array) -> tuple[list[int], list[str]]:
    """Return row and string of what each text tells to be injected into its words."""
    found = sorted({(row, string) for row, string, _ in injected(_ALONE, text)})
    return [row for row, _ in found], [string for _, string in found]


def cuts_within_words(
    text: pa.Array, sources: NDArray[np.uint64], known: NDArray[np.uint64], levels: NDArray[np.uint8]
) -> dict[int, Cuts]:
    """Return where known strings part words of the texts, whose sources have these hashes."""
    found = known_within(text, sources, known, levels)
    _, offsets = buffers_of(text)
    first = np.searchsorted(found.rows, np.arange(len(text) + 1))
    cuts: dict[int, Cuts] = {}
    for row in np.flatnonzero(np.diff(first)).tolist():
        of = slice(first[row], first[row + 1])
        raw = page_of(text, row).encode()
        at = [(begin, end) for begin, end in (found.at[of] - offsets[row]).tolist()] if raw else []
        keys = found.keys[of].tolist()
        parting = {
            key
            for key in set(keys)
            if _parts(raw, [one for one, of_one in zip(at, keys, strict=True) if of_one == key])
        }
        made = [one for one, key in zip(at, keys, strict=True) if key in parting]
        if made:
            cuts[row] = made
    return cuts


def _parts(raw: bytes, places: Cuts) -> bool:
    """Whether a string parts words of a page: what stands between Latin letters does, what Han quotes does not."""
    sides = [
        (
            raw[max(0, start - _AROUND) : start].decode(errors="ignore"),
            raw[start:stop].decode(),
            raw[stop : stop + _AROUND].decode(errors="ignore"),
        )
        for start, stop in places
    ]
    sure = sum(
        (before[-1:].isascii() and after[:1].isascii())
        or parts_word(before + string + after, len(before), len(before + string))
        for before, string, after in sides
    )
    return 2 * sure >= len(sides) > 0
