"""Blocks of lines around an article: spam above it, menus, related links and teasers, what stands below it."""

from random import Random

from jobs.damage.family import Family, block
from jobs.damage.page import Change, Page

_CHARS_MIN = 150  # of a page's text: a shorter one is no article with furniture, but furniture
_NAVIGATION_SHARE = (0.15, 0.74)  # of the characters of the page
_NAVIGATION_LINES = (8, 200)
_TITLES = (5, 70)
_TEASERS = (4, 10)


def keyword_headers(page: Page, draw: Random, family: Family) -> list[Change]:
    """Lines of search words above the text."""
    return _furniture("keyword_headers", page, draw, family, family.slots(page.text, draw)["keyword_header"])


def adult_headers(page: Page, draw: Random, family: Family) -> list[Change]:
    """Lines of an adult site's form above the text."""
    return _furniture("adult_headers", page, draw, family, family.slots(page.text, draw)["adult_header"])


def navigation(page: Page, draw: Random, family: Family) -> list[Change]:
    """A list of short lines without punctuation, a few of them twice, of up to three quarters of the page."""
    slots = family.slots(page.text, draw)
    share = draw.uniform(*_NAVIGATION_SHARE)
    wanted = share / (1 - share) * len(page.text)
    lines: list[str] = []
    least, most = _NAVIGATION_LINES
    while len(lines) < least or (len(lines) < most and sum(map(len, lines)) < wanted):
        lines.append(slots["navigation_line"])
    return _furniture("navigation", page, draw, family, "\n".join(lines))


def teasers(page: Page, draw: Random, family: Family) -> list[Change]:
    """A heading and links to other articles: their titles, or whole sentences from one template."""
    slots = family.slots(page.text, draw)
    if draw.random() < 1 / 2:
        lines = [slots["related_title"] for _ in range(draw.randint(*_TITLES))]
    else:
        template = draw.choice(slots.rules["teaser"])
        lines = [slots.filled(template) for _ in range(draw.randint(*_TEASERS))]
    heading = slots["related_heading"]
    return _furniture("teasers", page, draw, family, "\n".join([heading, *lines] if heading else lines))


def tails(page: Page, draw: Random, family: Family) -> list[Change]:
    """Share this, read more, copyright."""
    return _furniture("tails", page, draw, family, family.slots(page.text, draw)["tail"])


def _furniture(kind: str, page: Page, draw: Random, family: Family, lines: str) -> list[Change]:
    if len(page.text) < _CHARS_MIN:
        return []
    return block(page.text, lines, draw.choice(family.block_places[kind]), draw)
