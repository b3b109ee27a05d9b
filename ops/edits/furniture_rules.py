"""Where the furniture of pages is: the rules are compiled, and ask here what lines are by their words."""

import numpy as np
from numpy.typing import NDArray

from ops.edits.furniture_lines import told_by_words, told_of_head
from ops.kernels.buffers import Bytes
from ops.kernels.furniture import Gone, look_for_furniture, stretches_of
from ops.kernels.furniture_ends import INVITES, IS_ADDRESS, IS_TOLD, FurnitureLimits, Keywords
from ops.kernels.line_table import (
    BEGIN,
    END,
    KEYWORD,
    KEYWORD_END,
    LOOK,
    MAY_BE_HEADING,
    MAY_BE_PHRASE,
    NUMBER,
    PROSE,
    Lines,
    line_table,
)
from ops.kernels.listed_lines import Words
from ops.kernels.page_ends import HEAD_LINES
from ops.kernels.shared_grams import joined, lower_lines


def furniture(data: Bytes, texts: NDArray[np.int64], words: Words, limits: FurnitureLimits) -> Gone:
    r"""Return what goes of texts, which are n x 2, from which byte to which of a buffer.

    What is left has nothing that would go.

    >>> from ops.edits.furniture_lines import words_by_place
    >>> page = b"Share this\nThe mill stands where the river leaves the valley, by the road."
    >>> limits = FurnitureLimits(True, True, True, True, 10, 4, 0.4, 0, 0.9)
    >>> gone = furniture(np.frombuffer(page, np.uint8), np.array([[0, len(page)]]), words_by_place(), limits)
    >>> [page[at:stop] for at, stop in gone.at]
    [b'Share this\n']
    """
    lines = line_table(data, texts, words)
    _tell_by_words(lines)
    heads = _Heads(lines)
    pages = np.arange(len(texts))
    while len(pages):
        asked = look_for_furniture(lines, pages, heads.keywords(), limits)
        pages = pages[asked >= 0]
        heads.tell(asked[asked >= 0], lines.first[pages + 1])
    return stretches_of(lines)


def _tell_by_words(lines: Lines) -> None:
    """Tell which lines are phrases and headings, of those that may be."""
    may = np.flatnonzero(lines.table[:, LOOK] & (MAY_BE_PHRASE | MAY_BE_HEADING))
    raw = lines.data.data
    found = lines.table[may][:, [BEGIN, END, LOOK]].tolist()
    lines.table[may, LOOK] |= np.array(
        [told_by_words(raw[at:stop].tobytes(), look) for at, stop, look in found], np.int64
    )


class _Heads:
    """What is told of the first lines of pages, when the rules come to ask."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._parts: list[bytes] = []

    def tell(self, asked: NDArray[np.int64], ends: NDArray[np.int64]) -> None:
        """Tell of lines, and of those below them that are likely to be asked about next, before the ends of pages."""
        table, raw = self._lines.table, self._lines.data.data
        below = np.minimum(asked[:, None] + np.arange(HEAD_LINES), ends[:, None] - 1)
        heads = table[below][:, :, [NUMBER, BEGIN, END, LOOK]].tolist()
        found: list[tuple[int, int, int, int]] = []
        for head, end in zip(heads, ends.tolist(), strict=True):
            for line, at, stop, look in head[: end - head[0][0]]:
                if look & IS_TOLD:
                    continue
                told, keywords = told_of_head(raw[at:stop].tobytes(), look)
                first = len(self._parts)
                self._parts += [part.encode() for part in keywords]
                found.append((line, look | told, first, len(self._parts)))
                if look & PROSE and not keywords and not told & (INVITES | IS_ADDRESS):
                    break
        made = np.array(found, np.int64).reshape(-1, 4)
        table[made[:, :1], [LOOK, KEYWORD, KEYWORD_END]] = made[:, 1:]

    def keywords(self) -> Keywords:
        """Return the keywords of the lines that were told of."""
        return Keywords(*lower_lines(*joined(self._parts)))
