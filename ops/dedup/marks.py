"""Repeated marks: cut the watermarks of a source, which its pages have in common, whatever they are made of.

Sketch: hashes of the strings that a great share of a page's lines have in common, and of those within its words, few
pages have any; and of the first and last sentences of each line. The runner counts the documents of each by source; an
edit in the next pass cuts those that are frequent, also in pages that have them but once.
"""

from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from ops.contract import Op
from ops.dedup.line_sentences import cuts_of_outer, outer_sentences, sentences_of
from ops.dedup.mark_places import mark_cuts
from ops.dedup.mark_strings import alike_strings, is_of_list
from ops.dedup.parted_words import cuts_within_words, injected_strings
from ops.edits.shared_marks import LINE_CHARS_MIN
from ops.kernels.alike_lines import alike_sides
from ops.kernels.buffers import buffers_of, one_chunk
from ops.kernels.hashing import digests, mix64_all
from ops.kernels.known_strings import known_strings, string_keys
from ops.kernels.stops import stops_of
from ops.rounds import Cuts, cut_in_rounds, page_of

_IS_MARK, _IS_END = 64, 128  # of a level; the rest of it tells of how many documents, in halves of an octave
_OCTAVE = 2
_Strings = tuple[list[int], list[str]]  # of each the row and the string
_IN_WORDS = np.uint64(1)  # set in the key of a string within words, which is another than that of one between sentences


class RepeatedMarks(Op):
    """Cut strings that a source puts before, after or between the sentences of its paragraphs.

    A string is a watermark if `documents_min` documents and a share `share_min` of its source's have it in a share of
    `lines_share_min` of their lines: four lines at least. Such a string goes from all pages of the source, from those
    that have it at fewer than `places_min` places only where a sentence ends before it.

    A string that `injections` finds in so many documents goes wherever it parts a word.

    So do the sentences of `end_letters_min` letters with which lines of many documents begin or end, once in each: of
    `end_documents_min` and a share of `end_share_min`, or of `end_documents_max`.
    """

    op: Literal["repeated_marks"] = "repeated_marks"
    version: ClassVar[int] = 2
    reads: ClassVar[tuple[str, ...]] = ("text", "source")
    sketched_by: ClassVar[tuple[str, ...]] = ("lines_share_min", "end_letters_min")
    keyed_by: ClassVar[tuple[str, ...]] = ("mark", "row")
    # 0.3: of the lines of clean pages few have so much in common, and no string of theirs is on 1 % of a source's.
    lines_share_min: float = Field(0.3, gt=0, le=1, description="share of a page's lines that have the string")
    # 1 %: of pages on shells 0.2 % have "$ sudo" on a third of their lines, of articles as many 如果.
    share_min: float = Field(0.01, gt=0, le=1, description="share of its source's documents of which this holds")
    documents_min: int = Field(3, ge=2, description="documents of which this holds, at least")
    places_min: int = Field(3, ge=1, description="places of a page where it goes wherever it begins or ends a line")
    # 100, as for lines: a saying with which 100 authors of one source end a paragraph is still rare.
    end_documents_max: int = Field(100, ge=2, description="a sentence in so many documents of its source is repeated")
    # 5 % and 10: small sources have watermarks, too; what nine pages end a paragraph with may be a refrain.
    end_share_min: float = Field(0.05, gt=0, le=1, description="share of its source's documents that have the sentence")
    end_documents_min: int = Field(10, ge=2, description="documents that have it, at least")
    # 12: 【某某网】 has 9, "He said so." too; 【某某国际网】 is counted.
    end_letters_min: int = Field(
        12, ge=1, description="letters and digits of what a page has once; one of a script without spaces as three"
    )

    def sketch(self, batch: pa.Table) -> pa.Table:
        """Return `row` and `mark` for the strings and the outer sentences of each document, each once a document."""
        text, sources = one_chunk(batch["text"]), _hashes(batch["source"])
        rows, ends = outer_sentences(sentences_of(text, sources, self.end_letters_min), self.end_letters_min)
        of_paragraphs, of_lists = _page_strings(text, self.lines_share_min)
        of, marks = _string_keys(*of_paragraphs, sources)
        listed, templates = _string_keys(*of_lists, sources)
        within, parting = _string_keys(*injected_strings(text), sources | _IN_WORDS)
        of_all = np.concatenate([rows, of, listed, within])
        keys = np.concatenate([ends, marks, _in_lists(templates), parting])
        return pa.table({"row": pa.array(of_all), "mark": pa.array(keys)})

    def keys(self, sketches: pa.Table) -> NDArray[np.uint64]:
        """Return the hashes."""
        return np.asarray(sketches["mark"], np.uint64)

    def repeated(self, documents: NDArray[np.int64], of: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Say of how many documents a key is, and whether that is enough for a string, and for a sentence."""
        is_mark = documents >= np.maximum(self.documents_min, self.share_min * of)
        least = np.minimum(np.maximum(self.end_documents_min, self.end_share_min * of), self.end_documents_max)
        is_end = documents >= least
        count = np.minimum(1 + np.round(_OCTAVE * np.log2(documents)), _IS_MARK - 1)
        return np.where(is_mark | is_end, count + _IS_MARK * is_mark + _IS_END * is_end, 0).astype(np.uint8)

    def apply(self, batch: pa.Table, found: pa.Table) -> pa.Table:
        """Cut the strings and sentences whose `key` was found to be frequent, and put them on record."""
        sources = _hashes(batch["source"])
        keys, levels = np.asarray(found["key"], np.uint64), np.asarray(found["level"], np.uint8)
        is_mark, is_end, is_within = levels & _IS_MARK > 0, levels & _IS_END > 0, keys & _IN_WORDS > 0
        of_words = is_mark & is_within
        counts = levels & np.uint8(_IS_MARK - 1)
        of_lines = is_mark & ~is_within & ~_is_of_template(keys, counts)

        def search(text: pa.Array, rows: NDArray[np.int64]) -> dict[int, Cuts]:
            cuts = self._marks(text, sources[rows], keys[of_lines], counts[of_lines])
            if of_words.any():
                found_within = keys[of_words], counts[of_words]
                cuts = cuts_within_words(text, sources[rows] | _IN_WORDS, *found_within) | cuts
            if is_end.any():
                sentences = sentences_of(text, sources[rows], self.end_letters_min)
                cuts = cuts_of_outer(text, sentences, keys[is_end]) | cuts
            return cuts

        return cut_in_rounds(batch, search, "repeated_mark")

    def _marks(
        self, text: pa.Array, sources: NDArray[np.uint64], keys: NDArray[np.uint64], levels: NDArray[np.uint8]
    ) -> dict[int, Cuts]:
        """Return where the known strings go from each text."""
        found = known_strings(text, sources, keys, levels)
        _, offsets = buffers_of(text)
        first = np.searchsorted(found.rows, np.arange(len(text) + 1))
        cuts = {}
        for row in np.flatnonzero(np.diff(first)).tolist():
            of = slice(first[row], first[row + 1])
            at = [(begin, end) for begin, end in (found.at[of] - offsets[row]).tolist()]
            raw = page_of(text, row).encode()
            made = mark_cuts(raw, at, found.keys[of].tolist(), self.places_min, self.end_letters_min) if raw else []
            if made:
                cuts[row] = made
        return cuts


def _hashes(sources: pa.ChunkedArray) -> NDArray[np.uint64]:
    """Return the hash of each source, an even number."""
    return np.asarray(digests(sources)[:, 0] & ~_IN_WORDS, np.uint64)


def _page_strings(text: pa.Array, share: float) -> tuple[_Strings, _Strings]:
    """Return row and string, each once a text, of the strings that such a share of its lines have.

    Those that only a list has come apart from those of paragraphs.
    """
    sides = alike_sides(text, stops_of(text), LINE_CHARS_MIN, share)
    made: tuple[_Strings, _Strings] = ([], []), ([], [])
    for row in np.flatnonzero(sides).tolist():
        page = page_of(text, row)
        for string in sorted(alike_strings(page, int(sides[row]), share)):
            rows, strings = made[is_of_list(page, string)]
            rows.append(row)
            strings.append(string)
    return made


def _in_lists(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the keys by which strings are counted that only a list of a page has."""
    return np.asarray(np.maximum(mix64_all(keys) & ~_IN_WORDS, np.uint64(2)), np.uint64)


def _is_of_template(keys: NDArray[np.uint64], counts: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Say of each key, which come in order, whether as many pages have its string in a list alone as on paragraphs."""
    of_lists = _in_lists(keys)
    place = np.minimum(np.searchsorted(keys, of_lists), len(keys) - 1)
    return np.asarray((keys[place] == of_lists) & (counts[place] >= counts))


def _string_keys(
    rows: list[int], strings: list[str], sources: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Return row and key, each once a text, of strings and of their first and last bytes."""
    keys = string_keys(pa.array(strings, pa.string()), sources[np.array(rows, np.int64)])
    pairs = np.unique(np.column_stack([np.repeat(rows, keys.shape[1]).astype(np.uint64), keys.ravel()]), axis=0)
    return pairs[:, 0].astype(np.int64), pairs[:, 1].copy()
