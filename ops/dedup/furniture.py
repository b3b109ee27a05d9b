"""Repeated furniture: cut the blocks of lines that pages of one source have in common: menus, headers, links, notices.

Sketch: a hash for each line of each document, with its source, short lines too, once; and of what lines in a row have
in common, the template of teasers. The runner counts the documents of each; an edit in the next pass cuts runs of the
frequent ones that stand as a block: first, last, or by themselves.
"""

from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from ops.contract import Op
from ops.kernels.blocks import FREQUENT, blocks
from ops.kernels.buffers import buffers_of, one_chunk
from ops.kernels.hashing import digests, mix64_all
from ops.kernels.lines import START, STOP, Pieces, distinct_spans, split
from ops.kernels.stretches import Stretches, in_common
from ops.rounds import Cuts, cut_in_rounds

_TEMPLATE_BITS = np.uint8(2)  # of a level: above them is that of a template, below them that of a line
_OF_TEMPLATE = np.uint64(1)  # set in the key of what lines in a row have in common, which is another than a line's
_TEMPLATE_LINES_MIN = 3  # in a row, which make a page's vote for a template
_TEMPLATE_SHARE_MIN = 0.2  # of a line's bytes that are of a template: prose about one thing has the same words, too


class RepeatedFurniture(Op):
    """Cut lines that many documents of one source have, where a page begins or ends with them, or has a block of them.

    Frequent is a line in at least `documents_min` documents and a share of `share_min` of its source's, or in
    `documents_max` whatever their share. `exact_dedup` and `near_dedup` belong before this step, and edits that mend
    characters: to it, the paragraphs of a page with copies are repeated. Not for code, whose licences stand first.

    Short lines count, too: what makes a menu of "Home" is that it stands among others. Above a text, the block goes up
    to its last frequent line. Elsewhere it begins with one, and lines of `beside_documents_min` documents right below
    go with it, such as links of which each page has others; sentences of one template go with the next one.

    So are lines, two or more in a row, of which a fifth of the bytes are from a template of `template_documents_min`
    documents and that share.
    """

    op: Literal["repeated_furniture"] = "repeated_furniture"
    version: ClassVar[int] = 3
    reads: ClassVar[tuple[str, ...]] = ("text", "source")
    sketched_by: ClassVar[tuple[str, ...]] = ()
    keyed_by: ClassVar[tuple[str, ...]] = ("line", "row")
    # 2 %: each of 50 links, of which a page has ten, is on one page in ten of those with links.
    share_min: float = Field(0.02, gt=0, le=1, description="share of its source's documents that have a frequent line")
    # 5: what four pages of a small source share is a quotation, or a copy that dedup has not seen.
    documents_min: int = Field(5, ge=2, description="documents that have a frequent line, at least")
    # 100, as for lines: a menu of one section of a large site is on few of its pages.
    documents_max: int = Field(100, ge=2, description="a line in so many documents of its source is frequent")
    # 3: a template is told by three lines of each, and by what its lines have in common.
    template_documents_min: int = Field(3, ge=2, description="documents that have lines of a template, at least")
    beside_documents_min: int = Field(2, ge=2, description="documents that have a line right below frequent ones")
    # 5 %: what stands between paragraphs may be a quotation, or code; one of its lines must be on many pages.
    inner_share_min: float = Field(
        0.05, gt=0, le=1, description="share of its source's documents that have a line of a block between paragraphs"
    )
    # 11: "Get the app" is one, "References" is none; four characters of Han.
    block_bytes_min: int = Field(11, ge=1, description="UTF-8 bytes of the frequent lines of a block")

    def sketch(self, batch: pa.Table) -> pa.Table:
        """Return `row` and `line` for each line of each document, and for what its lines share, once a document."""
        text, sources = one_chunk(batch["text"]), _hashes(batch["source"])
        lines = _lines(text, sources)
        rows, keys = distinct_spans(lines, 1, 1)
        stretches = _of_templates(text, sources, lines, _TEMPLATE_LINES_MIN)
        pairs = np.unique(np.column_stack([stretches.rows.astype(np.uint64), stretches.hashes]), axis=0)
        of, templates = pairs[:, 0].astype(np.int64), pairs[:, 1]
        return pa.table({"row": np.concatenate([rows, of]), "line": np.concatenate([keys, templates])})

    def keys(self, sketches: pa.Table) -> NDArray[np.uint64]:
        """Return the hashes of the lines and templates."""
        return np.asarray(sketches["line"], np.uint64)

    def repeated(self, documents: NDArray[np.int64], of: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Say how frequent a line is, as kernels.blocks has it: shared, frequent, or certain; and how a template."""
        least = np.minimum(np.maximum(self.documents_min, self.share_min * of), self.documents_max)
        is_frequent = documents >= least
        is_shared = is_frequent | (documents >= self.beside_documents_min)
        is_certain = documents >= self.inner_share_min * of
        of_line = is_shared.astype(np.uint8) + is_frequent + (is_frequent & is_certain)
        is_template = documents >= np.minimum(
            np.maximum(self.template_documents_min, self.share_min * of), self.documents_max
        )
        of_template = is_template.astype(np.uint8) * FREQUENT + (is_template & is_certain)
        return np.asarray(of_line | of_template << _TEMPLATE_BITS, np.uint8)

    def apply(self, batch: pa.Table, found: pa.Table) -> pa.Table:
        """Cut the blocks of lines whose `key` was found to be frequent, and put them on record."""
        sources = _hashes(batch["source"])
        return cut_in_rounds(
            batch,
            lambda text, rows: _blocks(text, sources[rows], found, self.block_bytes_min),
            "repeated_block",
        )


def _blocks(text: pa.Array, sources: NDArray[np.uint64], found: pa.Table, bytes_min: int) -> dict[int, Cuts]:
    """Return where the blocks of each text stand. When they are gone, others may begin or end the page."""
    data, offsets = buffers_of(text)
    lines = _lines(text, sources)
    of_lines = _levels(lines.hashes, found) & ((np.uint8(1) << _TEMPLATE_BITS) - np.uint8(1))
    levels = np.maximum(of_lines, _template_levels(text, sources, lines, found))
    made: dict[int, Cuts] = {}
    for row, (begin, end) in zip(*blocks(data, offsets, lines, levels, bytes_min), strict=True):
        made.setdefault(int(row), []).append((int(begin - offsets[row]), int(end - offsets[row])))
    return made


def _lines(text: pa.Array, sources: NDArray[np.uint64]) -> Pieces:
    """Return the lines that have a letter, each with a hash of it and its source."""
    pieces = split(text, 1, sentences=False)
    rows = np.repeat(np.arange(len(text)), np.diff(pieces.first))
    hashes = mix64_all(pieces.hashes ^ sources[rows]) & ~_OF_TEMPLATE
    return pieces._replace(hashes=np.maximum(hashes, np.uint64(2)))


def _of_templates(text: pa.Array, sources: NDArray[np.uint64], lines: Pieces, least: int) -> Stretches:
    """Return what so many lines in a row have in common, each stretch with a hash of it and its source."""
    found = in_common(text, lines, least)
    return found._replace(hashes=mix64_all(found.hashes ^ sources[found.rows]) | _OF_TEMPLATE)


def _template_levels(text: pa.Array, sources: NDArray[np.uint64], lines: Pieces, found: pa.Table) -> NDArray[np.uint8]:
    """Return how frequent the template of each line is, 0 where it has none, or too little of it.

    Nothing is looked for where no template is frequent: so it is in most sources.
    """
    made = np.zeros(len(lines.hashes), np.uint8)
    keys, levels = np.asarray(found["key"], np.uint64), np.asarray(found["level"], np.uint8) >> _TEMPLATE_BITS
    if not (levels[keys & _OF_TEMPLATE == 1]).any():
        return made
    stretches = _of_templates(text, sources, lines, 2)
    level = _levels(stretches.hashes, found) >> _TEMPLATE_BITS
    of, at, level = stretches.lines[level > 0], stretches.at[level > 0], level[level > 0]
    before = np.maximum.accumulate(np.append(0, at[:-1, 1]))
    covered = np.bincount(of, np.maximum(0, at[:, 1] - np.maximum(before, at[:, 0])), len(made))
    np.maximum.at(made, of, level)
    size = lines.at[:, STOP] - lines.at[:, START]
    made[covered < _TEMPLATE_SHARE_MIN * size] = 0
    return made


def _hashes(sources: pa.ChunkedArray) -> NDArray[np.uint64]:
    return np.asarray(digests(sources)[:, 0], np.uint64)


def _levels(keys: NDArray[np.uint64], found: pa.Table) -> NDArray[np.uint8]:
    """Return the level of each key, 0 where it was not found."""
    known = np.append(np.asarray(found["key"], np.uint64), np.uint64(0))
    level = np.append(np.asarray(found["level"], np.uint8), np.uint8(0))
    place = np.searchsorted(known[:-1], keys)
    return np.where(known[place] == keys, level[place], np.uint8(0))
