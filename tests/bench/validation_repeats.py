"""Layouts in which an article stands in its page twice, other than those that `gristmill damage` plants.

Each makes a damaged page of a clean text, or nothing of a text that cannot have it. What is right by construction is
the truth of the page: the article once.
"""

import re
from collections.abc import Callable
from random import Random

from jobs.damage.family import Family, gap_of, is_chinese, paragraphs
from jobs.damage.glosses import glosses
from jobs.damage.marks import watermarks
from jobs.damage.page import Change, Page, Piece, page_of, plant

Layout = Callable[[str, Random, Family], Page | None]

_LISTED = tuple("|+-*#>=<[{`~_:.@$\t ")  # what lines of markup begin with
_CUT = {
    True: ["……", "…", "...阅读全文", "……[查看更多]", "（未完）"],
    False: ["...", "…", "... Read more", " [...]", "... (more)"],
}


def short(text: str, draw: Random, family: Family) -> Page | None:
    """An article of one to three paragraphs, twice."""
    lines = [text[begin:end] for begin, end in paragraphs(text, 1) if _is_prose(text[begin:end])]
    gap = gap_of(text)
    article = gap.join(lines[: draw.randint(1, 3)])
    return _again(article, gap, family.slots(text, draw, "repeats")["gap"] if draw.random() < 1 / 3 else "")


def title(text: str, draw: Random, family: Family) -> Page | None:  # noqa: ARG001 - as all layouts
    """The first line twice."""
    first, _, _ = text.partition("\n")
    if len(first.encode()) > 150 or len(first) < 6 or first.startswith(_LISTED) or first.count(first[:4]) > 1:
        return None
    at = len(first)
    return plant(page_of(text), "repeats", [Change(at, at, draw.choice(["\n", gap_of(text)]) + first)])


def lead(text: str, draw: Random, family: Family) -> Page | None:  # noqa: ARG001 - as all layouts
    """The first lines, up to the first paragraph of prose, and then the article: with its title or without."""
    lines = paragraphs(text, 1)[:3]
    prose = next((number for number, (begin, end) in enumerate(lines) if _is_prose(text[begin:end])), None)
    if prose is None or len(text) < 400:
        return None
    begin = draw.choice([0, lines[prose][0]])
    end = lines[prose][1]
    return plant(page_of(text), "repeats", [Change(end, end, gap_of(text) + text[begin:end])])


def teaser(text: str, draw: Random, family: Family) -> Page | None:  # noqa: ARG001 - as all layouts
    """The first lines and part of a paragraph, cut short, and then the article."""
    lines = [one for one in paragraphs(text, 1)[:5] if _is_prose(text[slice(*one)])]
    if not lines or len(text) < 400:
        return None
    begin, end = lines[-1] if draw.random() < 0.5 else lines[0]
    at = begin + int((end - begin) * draw.uniform(0.3, 0.9))
    cut = text[:at].rstrip() + draw.choice(_CUT[is_chinese(text)]) + gap_of(text)
    return plant(page_of(text), "repeats", [Change(0, 0, cut)])


def cut_short(text: str, draw: Random, family: Family) -> Page | None:  # noqa: ARG001 - as all layouts
    """The article, and then as much of it as a teaser has: it ends within a paragraph."""
    lines = [one for one in paragraphs(text, 1)[1:] if _is_prose(text[slice(*one)])]
    if len(lines) < 3:
        return None
    begin, end = draw.choice(lines[1:])
    at = begin + int((end - begin) * draw.uniform(0.3, 0.9))
    copy = text[:at].rstrip() + draw.choice(_CUT[is_chinese(text)])
    return plant(page_of(text), "repeats", [Change(len(text), len(text), gap_of(text) + copy)])


def thrice(text: str, draw: Random, family: Family) -> Page | None:
    """Three times, with headings or none."""
    if len(paragraphs(text, 1)) < 3:
        return None
    gap = gap_of(text)
    heading = family.slots(text, draw, "repeats")["gap"]
    copy = gap + (heading + gap if heading else "") + text
    return plant(page_of(text), "repeats", [Change(len(text), len(text), copy * 2)])


def spaced(text: str, draw: Random, family: Family) -> Page | None:  # noqa: ARG001 - as all layouts
    """The second copy with other spaces: indented, or doubled, or around Latin words, and other blank lines."""
    if len(paragraphs(text, 1)) < 3 or "```" in text:
        return None
    if is_chinese(text):
        copy = re.sub(r"(?<=[\u4e00-\u9fff]) ?(?=[A-Za-z0-9])|(?<=[A-Za-z0-9]) ?(?=[\u4e00-\u9fff])", " ", text)
        copy = copy if draw.random() < 0.5 else copy.replace(" ", "")
        copy = re.sub(r"(?m)^(?=.)", "\u3000\u3000", copy) if draw.random() < 0.5 else copy
    else:
        copy = re.sub(r"(?<=[.!?]) (?=\S)", "  ", text) if draw.random() < 0.7 else text.replace(", ", ",\u00a0")
    if draw.random() < 0.5:
        copy = re.sub("\n+", draw.choice(["\n", "\n\n"]), copy)
    return plant(page_of(text), "repeats", [Change(len(text), len(text), gap_of(text) + copy)])


def furnished(text: str, draw: Random, family: Family) -> Page | None:
    """Twice with the page's tail below each copy."""
    if len(paragraphs(text, 1)) < 3 or len(text) < 400:
        return None
    gap = gap_of(text)
    tail = gap + family.slots(text, draw, "tails")["tail"]
    return plant(page_of(text), "repeats", [Change(len(text), len(text), tail + gap + text + tail)])


def line_lost(text: str, draw: Random, family: Family) -> Page | None:  # noqa: ARG001 - as all layouts
    """The second copy lacks a line or two."""
    lines = paragraphs(text, 1)
    if len(lines) < 5:
        return None
    gone = draw.sample(range(len(lines)), draw.randint(1, 2))
    copy = gap_of(text).join(text[begin:end] for n, (begin, end) in enumerate(lines) if n not in gone)
    return plant(page_of(text), "repeats", [Change(len(text), len(text), gap_of(text) + copy)])


def line_changed(text: str, draw: Random, family: Family) -> Page | None:  # noqa: ARG001 - as all layouts
    """The second copy has a word more or less, or another, in a line or two."""
    lines = paragraphs(text, 1)
    prose = [n for n, (begin, end) in enumerate(lines) if _is_prose(text[begin:end])]
    if len(lines) < 5 or len(prose) < 3:
        return None
    changed = draw.sample(prose, draw.randint(1, 2))
    copies = []
    for n, (begin, end) in enumerate(lines):
        line = text[begin:end]
        if n in changed:
            at = draw.randint(0, len(line) - 4)
            line = line[:at] + draw.choice(["", "2021", "更新", "(updated)"]) + line[at + draw.randint(1, 3) :]
        copies.append(line)
    return plant(page_of(text), "repeats", [Change(len(text), len(text), gap_of(text) + gap_of(text).join(copies))])


def marked(text: str, draw: Random, family: Family) -> Page | None:
    """One of the copies with glosses, or a watermark on its paragraphs."""
    lines = paragraphs(text, 1)
    make = glosses if is_chinese(text) and draw.random() < 0.5 else watermarks
    changes = make(page_of(text), draw, family)
    if len(lines) < 3 or not changes:
        return None
    gap = gap_of(text)
    if draw.random() < 0.5:
        return plant(plant(page_of(text), "repeats", [Change(len(text), len(text), gap + text)]), "marks", changes)
    copy = plant(page_of(text), "marks", changes).text
    return plant(page_of(text), "repeats", [Change(len(text), len(text), gap + copy)])


def glued(text: str, draw: Random, family: Family) -> Page | None:  # noqa: ARG001 - as all layouts
    """The second copy begins where the first ends, without a line end."""
    if len(paragraphs(text, 1)) < draw.randint(2, 4) or not _is_prose(text[slice(*paragraphs(text, 1)[-1])]):
        return None
    return plant(page_of(text), "repeats", [Change(len(text), len(text), text)])


def one_line(text: str, draw: Random, family: Family) -> Page | None:  # noqa: ARG001 - as all layouts
    """A text without line ends, twice in its line; half of them below a title of their own line."""
    lines = [text[begin:end] for begin, end in paragraphs(text, 1) if _is_prose(text[begin:end])]
    space = "" if is_chinese(text) else " "
    article = space.join(lines[: draw.randint(2, 30)])
    first = text.partition("\n")[0]
    head = first + "\n" if draw.random() < 0.5 and len(first.encode()) < 150 and first not in article else ""
    return _again(article, space if draw.random() < 0.7 else " ", "", head)


def rewrapped(text: str, draw: Random, family: Family) -> Page | None:  # noqa: ARG001 - as all layouts
    """The second copy with other line ends: paragraphs in one line, or each sentence in its own."""
    lines = [text[begin:end] for begin, end in paragraphs(text, 1)]
    if len(lines) < 3 or not all(map(_is_prose, lines[1:])):
        return None
    space = "" if is_chinese(text) else " "
    if draw.random() < 0.5:
        copy = space.join(lines)
    else:
        copy = re.sub("(?<=[。！？])|(?<=[.!?]) ", "\n", "\n".join(lines)).strip("\n")
    return plant(page_of(text), "repeats", [Change(len(text), len(text), gap_of(text) + copy)])


LAYOUTS: dict[str, Layout] = {
    one.__name__: one
    for one in (
        short, title, lead, teaser, cut_short, thrice, spaced, furnished, line_lost, line_changed, marked, glued,
        one_line, rewrapped,
    )
}  # fmt: skip


def _is_prose(line: str) -> bool:
    return len(line) >= 25 and not line.startswith(_LISTED) and line.rstrip("\"'”’」』)）").endswith((*".!?。！？",))


def _again(article: str, gap: str, heading: str = "", head: str = "") -> Page | None:
    """A page that has a short article twice below its first line."""
    if len(article.encode()) < 100:
        return None
    copy = gap + (heading + gap if heading else "") + article
    return Page((Piece(head + article, head + article), Piece(copy, "", "repeats")))
