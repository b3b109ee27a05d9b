"""An HTML page in; its main text, title and date of publication out, or why it cannot be read.

Extractors take time that grows with the square of some counts. Limits are on those counts and on bytes, not on
seconds: the same page has the same fate on every machine.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

import numpy as np
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from jobs.readers.encodings import decoded
from jobs.readers.html_settings import Html
from jobs.readers.records import Reason

# Each takes under a second at its limit: 10,000 options 0.7 s, 10,000 attributes of one tag 0.3 s, and 100 times as
# long at ten times as many.
OPTIONS_MAX = 10_000
ATTRIBUTES_MAX = 10_000

# So few tags take a fifth of a second however deep they are, so their depth need not be looked at, which costs as much
# as parsing does.
_TAGS_OF_ANY_DEPTH = 2_000

_OPTION = re.compile(rb"<option", re.IGNORECASE)
_TAG = re.compile(rb"<[a-zA-Z]")
_LESS_THAN, _GREATER_THAN = b"<>"

# Where pages say when they were published, for Facebook, search engines and libraries.
_PUBLISHED = ", ".join(
    [
        'meta[property="article:published_time"]',
        'meta[itemprop="datePublished"]',
        *(f'meta[name="{name}"]' for name in ("date", "pubdate", "publishdate", "DC.date.issued", "dcterms.created")),
    ]
)
_LABEL = 'meta[name="aigc" i], meta[property="aigc" i]'

# What a page says of itself.
TOLD = ("title", "published", "aigc_label")


@dataclass(frozen=True)
class Page:
    """What is kept of a page. Title and date as the page says them, its spaces made one; null where it does not."""

    text: str
    title: str | None
    published: str | None
    aigc_label: str | None = None  # of GB 45438-2025, as a meta element has it

    @property
    def told(self) -> dict[str, str | None]:
        """What it says of itself, by the names that `columns` may use."""
        return {name: getattr(self, name) for name in TOLD}


def read_page(
    html: bytes | str, settings: Html, charset: str | None = None, told: Collection[str] = TOLD
) -> Page | Reason:
    """Read a page.

    charset: what the HTTP header says, if there was one; for bytes only
    told: names of what it is asked to say of itself, maybe among others
    """
    page = html.encode() if isinstance(html, str) else html
    if len(page) > settings.page_bytes_max:
        return "page_too_large"
    text = html if isinstance(html, str) else decoded(html, charset)
    if text is None:
        return "unknown_encoding"
    tags = np.count_nonzero(np.frombuffer(page, np.uint8) == _LESS_THAN)
    if (tags > OPTIONS_MAX and _has_too_many_options(page)) or _has_too_many_attributes(page):
        return "page_too_complex"
    tree = HTMLTree.parse(text)
    if tags > _TAGS_OF_ANY_DEPTH and _is_deeper(tree, settings.depth_max):
        return "page_too_deep"
    title = " ".join((tree.title or "").split()) or None
    published = _content(tree, _PUBLISHED) if "published" in told else None
    label = _content(tree, _LABEL) if "aigc_label" in told else None
    return Page(_main_text(text, tree, settings.extractor), title, published, label)


def _content(tree: HTMLTree, elements: str) -> str | None:
    """Return what the first selected element of the head says. To list them all takes 5 s where there are 1,000."""
    head = tree.head
    element = head.query_selector(elements) if head else None
    return (element.getattr("content") or "").strip() or None if element else None


def _main_text(html: str, tree: HTMLTree, extractor: str) -> str:
    if extractor == "resiliparse":
        return extract_plain_text(tree, main_content=True, alt_texts=False, comments=False)
    import trafilatura  # noqa: PLC0415 - an extra, which takes a second to load

    return trafilatura.extract(html, favor_precision=True, include_comments=False) or ""


def _is_deeper(tree: HTMLTree, depth: int) -> bool:
    return tree.document is not None and tree.document.query_selector(_deeper_than(depth)) is not None


@cache
def _deeper_than(depth: int) -> str:
    """Select an element that has so many around it; natively, as no walk over the tree in Python would be quick.

    Where there is one the first of its siblings is as deep, and only of such those around them are looked at.
    """
    return " > ".join(["*"] * depth + [":first-child"])


def _has_too_many_options(page: bytes) -> bool:
    return len(_OPTION.findall(page)) > OPTIONS_MAX


def _ends_of_tags_are_near(page: bytes) -> bool:
    """Whether no stretch without `>` is as long as so many words are; looks at a few bytes of the page alone."""
    at = 0
    while at + 2 * ATTRIBUTES_MAX < len(page):
        end = page.rfind(b">", at, at + 2 * ATTRIBUTES_MAX)
        if end < 0:
            return False
        at = end + 1
    return True


def _has_too_many_attributes(page: bytes) -> bool:
    """Whether a tag goes on for so many words without an end."""
    if _ends_of_tags_are_near(page):
        return False
    ends = np.flatnonzero(np.frombuffer(page, np.uint8) == _GREATER_THAN)
    ends = np.concatenate([[-1], ends, [len(page)]])
    for gap in np.flatnonzero(np.diff(ends) > 2 * ATTRIBUTES_MAX):
        begin, end = int(ends[gap]) + 1, int(ends[gap + 1])
        tag = _TAG.search(page, begin, end)
        if tag and len(page[tag.start() : end].split(maxsplit=ATTRIBUTES_MAX)) > ATTRIBUTES_MAX:
            return True
    return False
