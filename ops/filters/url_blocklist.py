"""URL block-list: drop documents by where they are from."""

import functools
from typing import ClassVar, Literal, NamedTuple, Self
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field, model_validator

from ops.contract import Check, Op, above, first_reason
from ops.dedup.urls import host_of, hosts, page_key
from ops.kernels.buffers import one_chunk
from ops.kernels.domains import DomainSet, domain_set, within
from ops.kernels.listed_words import Automaton, automaton, find, grouped
from ops.lists import ListFile, entries_of

_STEP = "url_blocklist"

# As a host is written: a list in which all domains are so need not be parsed. A number at the end makes it an address.
_PLAIN = r"^([a-z0-9_-]+\.)*[a-z_-][a-z0-9_-]*$"
# Keys of pages are without it.
_WWW = r"^www\."

_WORDS, _SOFT_WORDS = 1, 2  # groups of the automaton


class DomainList(ListFile):
    """A list of domains."""

    @classmethod
    def check_entries(cls, listed: pa.Array) -> None:
        """Raise ValueError where an entry is no domain."""
        _domains(listed)


class PageList(ListFile):
    """A list of pages, by their addresses."""

    @classmethod
    def check_entries(cls, listed: pa.Array) -> None:
        """Raise ValueError where an entry is no address."""
        _pages(listed)


class UrlBlocklist(Op):
    """Drop documents whose `url` is on a list. One without a URL stays.

    `domains` block a host and all below it; `urls` a page, however its address is spelled; `words` are looked for in
    the whole URL, escapes decoded, where no letter or digit is next to them; of `soft_words` a URL may have
    `soft_words_max` different ones. Hosts in `allowed_domains`, and below, are free from all rules. Values are how
    many entries of the list were found.
    """

    op: Literal["url_blocklist"] = "url_blocklist"
    reads: ClassVar[tuple[str, ...]] = ("url",)
    domains: tuple[DomainList, ...] = Field((), description="lists of domains")
    urls: tuple[PageList, ...] = Field((), description="lists of URLs")
    words: tuple[ListFile, ...] = Field((), description="lists of words that no URL may have")
    soft_words: tuple[ListFile, ...] = Field((), description="lists of words that a URL may have a few of")
    soft_words_max: int | None = Field(1, ge=0, description="different ones in a URL")
    allowed_domains: tuple[DomainList, ...] = Field((), description="lists of domains that no rule is for")

    @model_validator(mode="after")
    def _blocks_something(self) -> Self:
        if not (self.domains or self.urls or self.words or self.soft_words):
            raise ValueError("give a list: `domains`, `urls`, `words` or `soft_words`. As it is, nothing is dropped")
        return self

    def judge(self, batch: pa.Table) -> pa.Array:
        """Judge by the column `url` alone."""
        lists = _loaded(self.domains, self.urls, self.words, self.soft_words, self.allowed_domains)
        urls = pc.fill_null(one_chunk(batch["url"]), "")
        places = hosts(urls)
        judged = ~within(places, lists.allowed)

        def most(found: NDArray[np.generic], limit: int | None) -> Check:
            return above(found * judged, limit)

        words = _unescaped(urls)
        return first_reason(
            blocked_domain=most(within(places, lists.domains), 0),
            blocked_url=most(_is_page_of(urls, places, lists), 0),
            blocked_word=most(_count(words, lists.words, _WORDS), 0),
            too_many_soft_words=most(_count(words, lists.words, _SOFT_WORDS), self.soft_words_max),
        )


class _Lists(NamedTuple):
    """Lists as they are looked up."""

    domains: DomainSet
    allowed: DomainSet
    pages: pa.Array  # keys of pages
    page_hosts: DomainSet  # where those pages are
    words: Automaton


@functools.cache
def _loaded(
    domains: tuple[DomainList, ...],
    urls: tuple[PageList, ...],
    words: tuple[ListFile, ...],
    soft_words: tuple[ListFile, ...],
    allowed: tuple[DomainList, ...],
) -> _Lists:
    """Load the lists, once a process."""
    pages = entries_of(urls, _STEP)
    hard, soft = (entries_of(files, _STEP).to_pylist() for files in (words, soft_words))
    return _Lists(
        domain_set(_domains(entries_of(domains, _STEP))),
        domain_set(_domains(entries_of(allowed, _STEP))),
        _pages(pages),
        domain_set(pc.replace_substring_regex(hosts(pages), _WWW, "")),
        automaton(grouped([(_WORDS, hard), (_SOFT_WORDS, soft)])),
    )


def _domains(listed: pa.Array) -> pa.Array:
    """Return domains as hosts are written; `*.` and `.` before one mean the same. ValueError where one is none."""
    bare = pc.ascii_trim(pc.ascii_lower(listed), characters=".")
    odd = pc.invert(pc.match_substring_regex(bare, _PLAIN))
    if not pc.any(odd).as_py():
        return bare
    spelled = [_domain(one) for one in bare.filter(odd).to_pylist()]
    return pc.replace_with_mask(bare, odd, pa.array(spelled, pa.string()))


def _domain(listed: str) -> str:
    bare = listed.removeprefix("*.")
    host = "" if any(char in bare for char in "/@*") else host_of(bare)
    if not host:
        raise ValueError(f"{listed!r} is no domain; expected one such as example.com on each line")
    return host


def _pages(listed: pa.Array) -> pa.Array:
    """Return the keys of listed pages. ValueError where an entry is no address."""
    keys = pa.array([_page(url) for url in listed.to_pylist()], pa.string())
    place = pc.index(keys, "").as_py()
    if place >= 0:
        raise ValueError(f"{listed[place].as_py()!r} is no address; expected one such as example.com/page on each line")
    return keys


def _page(url: str) -> str:
    """Return the key of a page, of an address without a scheme too."""
    return page_key(url) or page_key(f"http://{url.lstrip('/')}")


def _is_page_of(urls: pa.Array, places: pa.Array, lists: _Lists) -> NDArray[np.bool_]:
    """Say which URLs are of listed pages. A key takes long to make: only of hosts that have such pages."""
    found = within(places, lists.page_hosts)
    rows = np.flatnonzero(found)
    keys = pa.array([_page(url) for url in urls.take(pa.array(rows)).to_pylist()], pa.string())
    found[rows] = np.asarray(pc.is_in(keys, value_set=lists.pages))
    return found


def _unescaped(urls: pa.Array) -> pa.Array:
    """Decode escapes such as %20 and %E6; what is no UTF-8 then becomes U+FFFD."""
    escaped = pc.match_substring(urls, "%")
    decoded = [unquote(url) for url in urls.filter(escaped).to_pylist()]
    return pc.replace_with_mask(urls, escaped, pa.array(decoded, pa.string()))


def _count(urls: pa.Array, words: Automaton, group: int) -> NDArray[np.int64]:
    return find(urls, words, np.full(len(urls), group))[:, 2]
