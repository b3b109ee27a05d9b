"""The kinds of damage, and planting them: the same for a document whatever else is in its shard."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from jobs.damage import encodings, furniture, glosses, marks, repeats
from jobs.damage.development import DEVELOPMENT
from jobs.damage.family import Family
from jobs.damage.page import Change, Page, page_of, plant

# What a text cannot have, as one without Han characters cannot have glosses, is no change.
Generator = Callable[[Page, Random, Family], list[Change]]

# In the order in which a page comes by them: what it is put together from, what is put into it, how it is written down.
GENERATORS: dict[str, Generator] = {
    "repeats": repeats.repeats,
    "keyword_headers": furniture.keyword_headers,
    "adult_headers": furniture.adult_headers,
    "navigation": furniture.navigation,
    "teasers": furniture.teasers,
    "tails": furniture.tails,
    "watermarks": marks.watermarks,
    "injections": marks.injections,
    "glosses": glosses.glosses,
    "lost_glosses": glosses.lost_glosses,
    "invisible": encodings.invisible,
    "line_ends": encodings.line_ends,
    "mojibake_latin": encodings.mojibake_latin,
    "mojibake_gbk": encodings.mojibake_gbk,
    "mojibake_lost": encodings.mojibake_lost,
}
COMBINED = "combined"
KINDS = (*GENERATORS, COMBINED)

# What is lost stays, and would spoil the finding of the rest; GBK mojibake is of lines that have nothing else.
_ALONE = ("lost_glosses", "mojibake_gbk", "mojibake_lost")
COMBINED_MIN = 2  # kinds on a page
_COMBINED_MAX = 4


@dataclass(frozen=True)
class Damaged:
    """A page, and the kinds planted in it: none where none of those asked for was possible."""

    page: Page
    kinds: tuple[str, ...]


def damaged(
    text: str,
    document_id: str,
    kinds: Sequence[str] = KINDS,
    seed: int = 0,
    family: Family = DEVELOPMENT,
    site: str | None = None,
) -> Damaged:
    r"""Plant one of the kinds in a clean text, whichever comes first by chance of those that it can have.

    Pages of one `site` have its watermark, injected string, spam, menu and notices, and links to its articles.

    >>> made = damaged("One.\nTwo.", "id-7", ["line_ends"], seed=2)
    >>> made.page.text, made.page.truth, made.kinds
    ('One.\rTwo.', 'One.\nTwo.', ('line_ends',))
    """
    draw = Random(f"{seed} {document_id}")  # noqa: S311 - planted damage, not a secret
    family = family if site is None else family.of_site(site, seed)
    for kind in (one for one in draw.sample(KINDS, len(KINDS)) if one in kinds):
        if kind == COMBINED:
            made = _combined(text, combinable(kinds), draw, family)
        else:
            made = _planted(text, [kind], draw, family)
        if made.kinds:
            return made
    return Damaged(page_of(text), ())


def site_of(document_id: str, sites: int, seed: int) -> str:
    """Which of so many sites a document is of, by chance that depends on its id alone.

    >>> site_of("id-7", 10, seed=2)
    'site-8'
    """
    return f"site-{Random(f'{seed} site {document_id}').randrange(sites)}"  # noqa: S311 - as above


def is_chosen(document_id: str, share: float, seed: int) -> bool:
    """Whether a document is among the share to be damaged; a greater share has those of a smaller one too."""
    return Random(f"{seed} share {document_id}").random() < share  # noqa: S311 - as above


def combinable(kinds: Sequence[str]) -> tuple[str, ...]:
    """Which kinds `combined` plants together: those asked for beside it, or all where it is alone.

    >>> combinable(["combined", "tails", "mojibake_lost", "repeats"]), len(combinable(["combined"]))
    (('repeats', 'tails'), 12)
    """
    among = GENERATORS if set(kinds) == {COMBINED} else kinds
    return tuple(kind for kind in GENERATORS if kind in among and kind not in _ALONE)


def _combined(text: str, kinds: Sequence[str], draw: Random, family: Family) -> Damaged:
    wanted = min(len(kinds), draw.randint(COMBINED_MIN, _COMBINED_MAX))
    made = _planted(text, sorted(draw.sample(kinds, wanted), key=kinds.index), draw, family)
    return made if len(made.kinds) >= COMBINED_MIN else Damaged(page_of(text), ())


def _planted(text: str, kinds: Sequence[str], draw: Random, family: Family) -> Damaged:
    page, planted = page_of(text), []
    for kind in kinds:
        changes = GENERATORS[kind](page, draw, family)
        if changes:
            page = plant(page, kind, changes)
            planted.append(kind)
    return Damaged(page, tuple(planted))
