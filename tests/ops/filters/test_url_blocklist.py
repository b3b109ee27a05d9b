"""URL block-list: each rule by itself, however a URL is spelled, and by what is allowed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ops.filters.url_blocklist import DomainList, PageList, UrlBlocklist

GOLDEN = Path(__file__).parents[1] / "golden"
Made = Callable[..., UrlBlocklist]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """An op by lists that are given as entries."""

    def make(soft_words_max: int | None = 1, **lists: list[str]) -> UrlBlocklist:
        for name, listed in lists.items():
            (tmp_path / name).write_text("\n".join(listed))
        files: dict[str, Any] = {name: [str(tmp_path / name)] for name in lists}
        return UrlBlocklist(soft_words_max=soft_words_max, **files)

    return make


def reasons(op: UrlBlocklist, *urls: str | None) -> list[tuple[str, float] | None]:
    told = op.judge(pa.table({"url": pa.array(urls, pa.string())})).to_pylist()
    return [one and (one["reason"], one["value"]) for one in told]


@pytest.mark.parametrize(
    "url",
    [
        "https://bad.com",
        "http://BAD.com./x",
        "https://a.b.bad.com:8443/x?y#z",
        "https://user:secret@bad.com/",
        "//bad.com/x",
        "bad.com/x",
        "http:\\\\bad.com\\x",
        "https://%62ad.com/",
        "http://ｂａｄ。com/",
        "ftp://Bad.com/x",
        " https://bad.com/\n",
        "https://例子.cn/",
        "https://XN--FSQU00A.cn/",
        "http://192.0.2.1:80/x",
        "http://0xC0.0.2.1/",
        "http://[2001:DB8::1]/",
    ],
)
def test_a_host_is_blocked_however_it_is_spelled(made: Made, url: str) -> None:
    op = made(domains=["Bad.com", "例子.cn", "192.0.2.1", "[2001:db8:0::1]"])
    assert reasons(op, url) == [("blocked_domain", 1.0)]


@pytest.mark.parametrize(
    "url",
    ["https://notbad.com", "https://bad.com.cn", "https://bad.net/bad.com", "https://bad.com@good.net", "https://com"],
)
def test_a_host_that_only_looks_like_it_stays(made: Made, url: str) -> None:
    assert reasons(made(domains=["bad.com"]), url) == [None]


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        " ",
        "\0",
        "n/a",
        "http://",
        "://",
        "http:///",
        "%",
        "data:text/plain,bad",
        "🙂",
        "https://bad.com:99999/",
    ],
)
def test_what_is_no_url_stays(made: Made, url: str | None) -> None:
    op = made(domains=["bad.com"], urls=["bad.com/x"], words=["muck"], soft_words=["free"])
    assert reasons(op, url) == [None]


def test_domains_may_be_listed_in_many_ways(made: Made) -> None:
    op = made(domains=["# comment", " *.one.com ", ".two.com", "three.com.", "xn--fsqu00a.cn", "FOUR.com"])
    hosts = ["one.com", "a.one.com", "two.com", "a.two.com", "three.com", "例子.cn", "four.com"]
    assert reasons(op, *[f"https://{host}/" for host in hosts]) == [("blocked_domain", 1.0)] * 7


def test_a_top_level_domain(made: Made) -> None:
    assert reasons(made(domains=["xxx"]), "https://a.xxx/", "https://xxx.com/") == [("blocked_domain", 1.0), None]


def test_a_page_is_blocked_however_its_address_is_spelled(made: Made) -> None:
    op = made(urls=["https://www.a.com/x/index.html?b=1&a=2", "例子.cn/新闻"])
    blocked = ("blocked_url", 1.0)
    assert reasons(op, "http://a.com/x/?a=2&b=1&utm_source=z#top", "https://a.com/x", "a.com/y") == [
        blocked,
        None,
        None,
    ]
    assert reasons(op, "https://xn--fsqu00a.cn/%E6%96%B0%E9%97%BB/", "https://例子.cn/") == [blocked, None]


def test_words_are_whole(made: Made) -> None:
    op = made(words=["muck", "烂泥", "big-muck"])
    urls = ["a.com/muck", "MUCK.com", "a.com/x?q=muck&b", "a.com/%6Duck", "a.com/_muck_"]
    assert reasons(op, *urls) == [("blocked_word", 1.0)] * 5
    assert reasons(op, "a.com/amuck", "a.com/muck1", "a.com/mu-ck") == [None] * 3
    assert reasons(op, "a.com/看烂泥吧", "a.com/%E7%83%82%E6%B3%A5", "a.com/big-muck") == [
        ("blocked_word", 1.0),
        ("blocked_word", 1.0),
        ("blocked_word", 2.0),
    ]


def test_soft_words_are_counted_once_each(made: Made) -> None:
    listed = ["free", "cheap", "slots"]
    urls = ["a.com/free", "a.com/free-free", "a.com/free/cheap", "free.com/cheap-slots"]
    soft = [("too_many_soft_words", 2.0), ("too_many_soft_words", 3.0)]
    assert reasons(made(soft_words=listed), *urls) == [None, None, *soft]
    assert reasons(made(0, soft_words=listed), *urls)[0] == ("too_many_soft_words", 1.0)
    assert reasons(made(2, soft_words=listed), *urls) == [None, None, None, soft[1]]
    assert reasons(made(None, soft_words=listed), *urls) == [None] * 4


def test_allowed_domains_are_free_from_every_rule(made: Made) -> None:
    op = made(
        domains=["bad.com"],
        urls=["ok.bad.com/x"],
        words=["muck"],
        soft_words=["a", "b"],
        allowed_domains=["ok.bad.com"],
    )
    assert reasons(op, "ok.bad.com/x", "z.ok.bad.com/muck/a/b", "notok.bad.com") == [
        None,
        None,
        ("blocked_domain", 1.0),
    ]


def test_the_first_rule_is_told(made: Made) -> None:
    op = made(domains=["bad.com"], words=["muck"])
    assert reasons(op, "bad.com/muck") == [("blocked_domain", 1.0)]


OP = UrlBlocklist(
    domains=[str(GOLDEN / "domains.txt")],
    urls=[str(GOLDEN / "urls.txt")],
    words=[str(GOLDEN / "url_words.txt")],
    soft_words=[str(GOLDEN / "url_soft_words.txt")],
)  # type: ignore[arg-type]
URLS = st.lists(
    st.none()
    | st.text(max_size=20)
    | st.tuples(
        st.sampled_from(["", "http://", "//", "HTTPS://u@"]),
        st.sampled_from(["bad.example", "a.BAD.example.", "例子.中国", "forum.example", "x", "[", "a..b"])
        | st.text(max_size=5),
        st.sampled_from(["", ":80", "/thread/1", "/muck", "/%", "/%6duck/free-cheap"]) | st.text(max_size=9),
    ).map("".join),
    max_size=8,
)


@given(URLS, st.integers(0, 8))
def test_split_invariance(urls: list[str | None], cut: int) -> None:
    batch = pa.table({"url": pa.array(urls, pa.string())})
    parts = [*OP.judge(batch.slice(0, cut)).to_pylist(), *OP.judge(batch.slice(cut)).to_pylist()]
    assert OP.judge(batch).to_pylist() == parts


def test_settings() -> None:
    with pytest.raises(ValidationError, match="give a list"):
        UrlBlocklist(allowed_domains=["a.txt"])  # type: ignore[list-item]


@pytest.mark.parametrize("entry", ["bad.com/x", "https://bad.com", "two words", "a@b.com", "*", "."])
def test_what_is_no_domain(entry: str) -> None:
    with pytest.raises(ValueError, match="is no domain; expected one such as example"):
        DomainList.check(f"good.com\n{entry}\n".encode())


def test_what_is_no_page() -> None:
    with pytest.raises(ValueError, match="'two words' is no address"):
        PageList.check(b"good.com/x\ntwo words\n")
