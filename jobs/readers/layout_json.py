"""The JSON of a page's blocks in, a Rendering out: lists of blocks as layout models and annotators write them."""

import math
from collections.abc import Iterator
from typing import Any

import orjson

from jobs.readers.layout import Block, Line, Rendering, one_line
from jobs.readers.layout_boxes import Box
from jobs.readers.layout_settings import Layout
from jobs.readers.records import Reason

# As dots.ocr, MinerU, PaddleOCR, Surya, FUNSD and tables of blocks call them.
_PAGES = ("pages", "pdf_info")
_BLOCKS = ("blocks", "para_blocks", "regions", "paragraphs", "parsing_res_list", "form", "elements", "layout")
_LINES = ("lines", "text_lines")
_WORDS = ("words", "spans")
_TEXTS = ("text", "content", "block_content", "transcription")
_KINDS = ("category", "type", "block_label", "kind", "label")
_BOXES = ("bbox", "box", "block_bbox", "polygon", "poly")
_ORDERS = ("order", "reading_order", "block_order")
_PAGE_NUMBERS = ("page", "page_idx", "page_no", "page_number")
_CONFIDENCES = ("confidence", "score", "conf")

_OF_BLOCKS = {*_PAGES, *_BLOCKS, *_LINES, *_WORDS, *_TEXTS}

# Pages, blocks, blocks in blocks, lines and words.
_DEPTH_MAX = 8
_BOX_NUMBERS = 4


class _NotOneError(Exception):
    """This is no layout."""


def read_json(told: str | bytes, settings: Layout) -> Rendering | Reason:
    """Read JSON: a list of blocks, or an object with one, of pages, of blocks or of lines.

    >>> found = read_json('[{"bbox": [0, 0, 9, 2], "category": "Title", "text": "Pets"}, {"type": "image"}]', Layout())
    >>> [(block.lines[0].text, block.kind, block.box) for block in found.blocks]
    [('Pets', 'Title', (0.0, 0.0, 9.0, 2.0))]
    """
    try:
        value = orjson.loads(told)
        blocks = tuple(_blocks(value, 0, 0, are_sizes=settings.boxes == "sizes"))
    except (orjson.JSONDecodeError, _NotOneError):
        return "not_a_layout"
    beside = {} if isinstance(value, list) else {key: value[key] for key in value.keys() - _OF_BLOCKS}
    return Rendering(blocks, {key: _text(one) for key, one in beside.items()})


def _blocks(value: Any, page: int, depth: int, *, are_sizes: bool) -> Iterator[Block]:
    """Give the blocks of a list, and of what holds some: pages, a page, or a block of blocks."""
    if isinstance(value, list) and depth <= _DEPTH_MAX:
        for one in value:
            yield from _in_list(one, page, depth + 1, are_sizes=are_sizes)
    elif not isinstance(value, dict) or depth > _DEPTH_MAX:
        raise _NotOneError
    elif isinstance(pages := _first(value, _PAGES), list):
        for number, one in enumerate(pages):
            at = number if isinstance(one, list) else _page(one, number)
            yield from _blocks(one, at, depth + 1, are_sizes=are_sizes)
    elif isinstance(inner := _first(value, _BLOCKS), list):
        yield from _blocks(inner, page, depth + 1, are_sizes=are_sizes)
    elif lines := tuple(_lines(value)):
        yield Block(lines, page=page, is_one_text=False)


def _in_list(value: Any, page: int, depth: int, *, are_sizes: bool) -> Iterator[Block]:
    """Give the block that a member of a list of blocks is, or those that it holds."""
    if not isinstance(value, dict):
        raise _NotOneError
    page = _page(value, page)
    if lines := tuple(_lines(value)):
        kind, order = _first(value, _KINDS), _number(_first(value, _ORDERS))
        box = _box(_first(value, _BOXES), are_sizes=are_sizes)
        yield Block(lines, kind if isinstance(kind, str) else "", box, page, order)
    elif isinstance(inner := _first(value, _BLOCKS), list):
        yield from _blocks(inner, page, depth + 1, are_sizes=are_sizes)


def _lines(value: dict[str, Any]) -> Iterator[Line]:
    """Give the lines of a block: its text, or else those that it lists, or else one of its words."""
    listed = _first(value, _LINES)
    if isinstance(listed, list) and not _said(value):
        for one in listed:
            yield from _line(one)
    else:
        yield from _line(value)


def _line(value: Any) -> Iterator[Line]:
    if isinstance(value, str):
        value = {_TEXTS[0]: value}
    if not isinstance(value, dict):
        raise _NotOneError
    text, words = _said(value), _first(value, _WORDS)
    if not text and isinstance(words, list):
        text = one_line([_said(word) if isinstance(word, dict) else str(word) for word in words])
    if text:
        yield Line(text, _number(_first(value, _CONFIDENCES)))


def _said(value: dict[str, Any]) -> str:
    """Return the text of a block, a line or a word; an empty one where it has none, as pictures have none."""
    text = _first(value, _TEXTS)
    if not isinstance(text, str | None):
        raise _NotOneError
    return text if text and text.strip() else ""


def _first(value: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((value[name] for name in names if value.get(name) is not None), None)


def _page(value: Any, otherwise: int) -> int:
    told = _first(value, _PAGE_NUMBERS) if isinstance(value, dict) else None
    return told if isinstance(told, int) else otherwise


def _number(value: Any) -> float | None:
    """Return a finite number, or one that a string spells."""
    try:
        number = float(value) if isinstance(value, int | float | str) else math.nan
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _box(value: Any, *, are_sizes: bool) -> Box | None:
    """Return the corners of a box: of four numbers, or of points around it, in whatever order."""
    if not isinstance(value, list):
        return None
    flat = [x for one in value for x in one] if all(isinstance(one, list) for one in value) else value
    numbers = [number for one in flat if (number := _number(one)) is not None]
    if len(numbers) < len(flat) or len(numbers) < _BOX_NUMBERS or len(numbers) % 2:
        return None
    if are_sizes and len(numbers) == _BOX_NUMBERS:
        numbers = [*numbers[:2], numbers[0] + numbers[2], numbers[1] + numbers[3]]
    across, down = numbers[::2], numbers[1::2]
    return min(across), min(down), max(across), max(down)


def _text(value: Any) -> str | None:
    """Return a value that a file tells beside its blocks as a column holds it."""
    return value if isinstance(value, str | None) else orjson.dumps(value).decode()
