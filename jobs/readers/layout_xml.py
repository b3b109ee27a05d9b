"""Annotations of pages as XML in, a Rendering out: PAGE, ALTO, and hOCR as XHTML."""

import html.entities
import math
import re
from collections.abc import Callable, Iterator
from xml.etree import ElementTree as ET

from jobs.readers.layout import SOFT_HYPHEN, Block, Line, Rendering, one_line
from jobs.readers.layout_boxes import Box
from jobs.readers.records import Reason

# Lines of hOCR, and what they are read as one in: the innermost of these.
_HOCR_LINES = {"ocr_line", "ocrx_line", "ocr_textfloat", "ocr_header", "ocr_footer", "ocr_caption", "ocr_pageno"}
_HOCR_KINDS = {"ocr_header", "ocr_footer", "ocr_caption", "ocr_pageno"}
_HOCR_BLOCKS = {"ocr_page", "ocr_carea", "ocrx_block", "ocr_par"}

# No page is so deep; time grows with it, as text within text is looked at again.
_DEPTH_MAX = 256

_BBOX = re.compile(r"\bbbox\s+(-?[\d.]+)\s+(-?[\d.]+)\s+(-?[\d.]+)\s+(-?[\d.]+)")
_SURE = re.compile(r"\bx_wconf\s+([\d.]+)")
_IMAGE = re.compile(r"""\bimage\s+["']?([^"';]+)""")


def read_xml(data: str | bytes) -> Rendering | Reason:
    """Read PAGE, ALTO or hOCR, whichever it is.

    >>> page = "<PcGts><Page><TextRegion id='r'><TextLine><TextEquiv><Unicode>Pets</Unicode></TextEquiv></TextLine>"
    >>> read_xml(page + "</TextRegion></Page></PcGts>").blocks[0].lines
    (Line(text='Pets', confidence=None),)
    """
    # Entities of a file's own can be made to grow without bounds, and no writer of these formats has any.
    if b"<!ENTITY" in (data.encode() if isinstance(data, str) else data):
        return "not_a_layout"
    parser = ET.XMLParser()  # noqa: S314 - it opens no other file, and entities are refused
    parser.entity.update(html.entities.entitydefs)
    try:
        parser.feed(data)
        root = parser.close()
    except (ET.ParseError, ValueError, LookupError):  # the last two for encodings that are not known
        return "not_a_layout"
    waiting = [(root, 1)]
    while waiting:
        element, depth = waiting.pop()
        if depth > _DEPTH_MAX:
            return "page_too_deep"
        element.tag = element.tag.rpartition("}")[2]
        waiting += [(inner, depth + 1) for inner in element]
    pages = _outermost(root, _is_hocr_page if root.tag == "html" else _is_page)
    read = _READERS.get(root.tag)
    return read(root, pages) if read and pages else "not_a_layout"


def _is_page(element: ET.Element) -> bool:
    return element.tag == "Page"


def _is_hocr_page(element: ET.Element) -> bool:
    return "ocr_page" in _classes(element)


def _is_hocr_word(element: ET.Element) -> bool:
    return "ocrx_word" in _classes(element)


def _outermost(root: ET.Element, is_one: Callable[[ET.Element], bool]) -> list[ET.Element]:
    """Return elements of a kind in order, without those that lie in another."""
    found, waiting = [], [root]
    while waiting:
        element = waiting.pop()
        if is_one(element):
            found.append(element)
        else:
            waiting += reversed(element)
    return found


def _page(root: ET.Element, pages: list[ET.Element]) -> Rendering:
    """Read PAGE: regions in the order that is told, others behind them, each with those within it behind itself."""
    blocks: list[tuple[float, Block]] = []
    for number, page in enumerate(pages):
        rank = _ranks(page)
        waiting = [(page, math.inf)]
        while waiting:
            element, inherited = waiting.pop()
            at = rank.get(element.get("id", ""), inherited)
            waiting += [(inner, at) for inner in reversed(element) if inner.tag != "TextLine"]
            if element.tag == "TextRegion" and (lines := tuple(_page_lines(element))):
                blocks.append((at, Block(lines, element.get("type", ""), _points(element), number)))
    own = (one for one in root.iter() if one.tag in {"MetadataItem", "UserAttribute"})
    told = {one.get("name", ""): one.get("value") for one in own}
    image, system = pages[0].get("imageFilename"), root.findtext("Metadata/Creator")
    return _rendering(blocks, {"image": image, "system": system, **told})


def _page_lines(region: ET.Element) -> Iterator[Line]:
    lines = region.findall("TextLine")
    for line in lines:
        text, sure = _equivalent(line)
        yield Line(text or one_line([_equivalent(word)[0] for word in line.findall("Word")]), sure)
    if not lines:
        text, sure = _equivalent(region)
        yield from (Line(one, sure) for one in text.split("\n") if text)


def _equivalent(element: ET.Element) -> tuple[str, float | None]:
    """Return the first of the texts that an element may have, and how sure that is."""
    texts = sorted(element.findall("TextEquiv"), key=lambda one: _number(one.get("index")) or 0.0)
    return (texts[0].findtext("Unicode") or "", _number(texts[0].get("conf"))) if texts else ("", None)


def _ranks(page: ET.Element) -> dict[str, float]:
    """Return the place of each region in the reading order that is told, in groups within groups."""
    found: dict[str, float] = {}
    waiting = page.findall(".//ReadingOrder")
    while waiting:
        group = waiting.pop()
        named = group.get("regionRef") or group.get("REF")
        if named:
            found.setdefault(named, float(len(found)))
        indexes = [_number(inner.get("index")) for inner in group]
        inside = list(group)
        if None not in indexes:
            inside = [one for _, one in sorted(zip(indexes, inside, strict=True), key=lambda pair: pair[0] or 0.0)]
        waiting += reversed(inside)
    return found


def _points(region: ET.Element) -> Box | None:
    coords = region.find("Coords")
    points = [point.split(",") for point in ("" if coords is None else coords.get("points", "")).split()]
    numbers = [(_number(point[0]), _number(point[-1])) for point in points]
    across, down = [x for x, _ in numbers if x is not None], [y for _, y in numbers if y is not None]
    return (min(across), min(down), max(across), max(down)) if across and down else None


def _alto(root: ET.Element, pages: list[ET.Element]) -> Rendering:
    """Read ALTO: blocks in the order that is told, or as they stand; those in margins are told from others."""
    blocks: list[tuple[float, Block]] = []
    rank = _ranks(root)
    for number, page in enumerate(pages):
        waiting = [(page, math.inf, "")]
        while waiting:
            element, inherited, kind = waiting.pop()
            at = rank.get(element.get("ID", ""), inherited)
            if element.tag.endswith("Margin"):
                kind = f"{element.tag.removesuffix('Margin').lower()}-margin"
            if element.tag == "TextBlock":
                lines = tuple(_alto_line(line) for line in element.iter("TextLine"))
                blocks.append((at, Block(lines, kind, _sides(element), number)))
            else:
                waiting += [(inner, at, kind) for inner in reversed(element)]
    image = root.findtext(".//sourceImageInformation/fileName")
    system = " ".join(root.findtext(f".//{name}") or "" for name in ("softwareName", "softwareVersion"))
    return _rendering(blocks, {"image": image, "system": system.strip() or None})


def _alto_line(line: ET.Element) -> Line:
    words = line.findall("String")
    texts = [word.get("CONTENT", "") for word in words]
    if line.find("SP") is None:
        text = one_line(texts)
    else:
        text = "".join(" " if part.tag == "SP" else part.get("CONTENT", "") for part in line if part.tag != "HYP")
    # What it is written with does not matter: a hyphen, or a sign of hyphenation.
    text += SOFT_HYPHEN if line.find("HYP") is not None else ""
    return Line(text, _mean(texts, [_number(word.get("WC")) for word in words]))


def _sides(block: ET.Element) -> Box | None:
    left, top, width, height = (_number(block.get(name)) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
    if left is None or top is None or width is None or height is None:
        return None
    return left, top, left + width, top + height


def _hocr(root: ET.Element, pages: list[ET.Element]) -> Rendering:
    """Read hOCR: lines in the innermost block that has them, as they stand."""
    blocks: dict[int, tuple[ET.Element, str, int, list[Line]]] = {}
    for number, page in enumerate(pages):
        waiting = [(page, page)]
        while waiting:
            element, block = waiting.pop()
            classes = _classes(element)
            if lines := classes & _HOCR_LINES:
                kind = next(iter(lines & _HOCR_KINDS), "").removeprefix("ocr_")
                block = element if kind else block
                blocks.setdefault(id(block), (block, kind, number, []))[3].append(_hocr_line(element))
            else:
                block = element if classes & _HOCR_BLOCKS else block
                waiting += [(inner, block) for inner in reversed(element)]
    made = [
        (0.0, Block(tuple(lines), kind, _bbox(block), page, is_one_text="ocr_page" not in _classes(block)))
        for block, kind, page, lines in blocks.values()
    ]
    told = {one.get("name", ""): one.get("content") for one in root.iter("meta")}
    image = _IMAGE.search(pages[0].get("title", ""))
    return _rendering(made, {"image": image[1].strip() if image else None, "system": told.get("ocr-system"), **told})


def _hocr_line(line: ET.Element) -> Line:
    words = _outermost(line, _is_hocr_word)
    texts = [" ".join("".join(one.itertext()).split()) for one in words or [line]]
    sure = [_SURE.search(one.get("title", "")) for one in words]
    parts = [None if found is None else (_number(found[1]) or 0.0) / 100 for found in sure]
    return Line(one_line(texts), _mean(texts, parts))


def _bbox(element: ET.Element) -> Box | None:
    found = _BBOX.search(element.get("title", ""))
    numbers = [_number(one) for one in found.groups()] if found else []
    left, top, right, bottom = numbers or (None,) * 4
    if left is None or top is None or right is None or bottom is None:
        return None
    return left, top, right, bottom


def _classes(element: ET.Element) -> set[str]:
    return set(element.get("class", "").split())


def _rendering(blocks: list[tuple[float, Block]], told: dict[str, str | None]) -> Rendering:
    """Put blocks in order of page and rank, and keep what a file tells of itself."""
    blocks.sort(key=lambda one: (one[1].page, one[0]))
    return Rendering(tuple(block for _, block in blocks), {name: value for name, value in told.items() if value})


def _mean(texts: list[str], sure: list[float | None]) -> float | None:
    """Mean of what words are sure of, over their characters."""
    pairs = [(len(text), one) for text, one in zip(texts, sure, strict=False) if one is not None]
    total = sum(size for size, _ in pairs)
    return sum(size * one for size, one in pairs) / total if total else None


def _number(told: str | None) -> float | None:
    try:
        number = float(told or "nan")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


_READERS: dict[str, Callable[[ET.Element, list[ET.Element]], Rendering]] = {
    "PcGts": _page,
    "alto": _alto,
    "html": _hocr,
}
