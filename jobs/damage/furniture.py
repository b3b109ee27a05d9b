"""Blocks of lines around an article: spam above it, menus, related links and teasers, what stands below it."""

from random import Random

from jobs.damage.family import Family, block
from jobs.damage.page import Change, Page

_CHARS_MIN = 150  # of a page's text: a shorter one is no article with furniture, but furniture
_NAVIGATION_SHARE = (0.15, 0.74)  # of the characters of the page
_NAVIGATION_LINES = (8, 200)
_SITE_PAGE_CHARS = 1500  # of the page that a site's menu has such a share of
_ARTICLES = 50  # that a site's links and teasers are of
_TITLES = (5, _ARTICLES)
_TEASERS = (4, 10)


def keyword_headers(page: Page, draw: Random, family: Family) -> list[Change]:
    """Lines of search words above the text."""
    lines = family.slots(page.text, draw, "keyword_headers")["keyword_header"]
    return _furniture("keyword_headers", page, draw, family, lines)


def adult_headers(page: Page, draw: Random, family: Family) -> list[Change]:
    """Lines of an adult site's form above the text."""
    lines = family.slots(page.text, draw, "adult_headers")["adult_header"]
    return _furniture("adult_headers", page, draw, family, lines)


def navigation(page: Page, draw: Random, family: Family) -> list[Change]:
    """A list of short lines without punctuation, a few of them twice, of up to three quarters of the page.

    All pages of a site have one list; a page for which that is too long has none.
    """
    slots = family.slots(page.text, draw, "navigation")
    share = slots.chance.uniform(*_NAVIGATION_SHARE)
    chars = len(page.text) if family.site is None else _SITE_PAGE_CHARS
    wanted = share / (1 - share) * chars
    lines: list[str] = []
    least, most = _NAVIGATION_LINES
    while len(lines) < least or (len(lines) < most and sum(map(len, lines)) < wanted):
        lines.append(slots["navigation_line"])
    menu = "\n".join(lines)
    if family.site and len(menu) > _NAVIGATION_SHARE[1] * (len(menu) + len(page.text)):
        return []
    return _furniture("navigation", page, draw, family, menu)


def teasers(page: Page, draw: Random, family: Family) -> list[Change]:
    """A heading and links to other articles: their titles, or whole sentences from one template.

    Which of them, and how many, is the page's own chance; a site has one heading, and so many articles to choose from.
    """
    slots = family.slots(page.text, draw, "teasers")
    heading, template = slots["related_heading"], slots.chance.choice(slots.rules["teaser"])
    titles = [slots["related_title"] for _ in range(_ARTICLES)]
    sentences = [slots.filled(template) for _ in range(_ARTICLES)]
    articles, counts = (titles, _TITLES) if draw.random() < 1 / 2 else (sentences, _TEASERS)
    lines = draw.sample(articles, draw.randint(*counts))
    return _furniture("teasers", page, draw, family, "\n".join([heading, *lines] if heading else lines))


def tails(page: Page, draw: Random, family: Family) -> list[Change]:
    """Share this, read more, copyright."""
    return _furniture("tails", page, draw, family, family.slots(page.text, draw, "tails")["tail"])


def _furniture(kind: str, page: Page, draw: Random, family: Family, lines: str) -> list[Change]:
    if len(page.text) < _CHARS_MIN:
        return []
    return block(page.text, lines, draw.choice(family.block_places[kind]), draw)
