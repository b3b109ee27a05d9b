"""URLs: which spellings are one page, which are not, and that nothing raises; then exact dedup by them."""

from collections.abc import Callable

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.dedup.exact import ExactDedup
from ops.dedup.urls import page_key, page_keys

# Each row is one page; its first column is the key.
SAME = [
    ("example.com/", "http://example.com", "https://www.example.com/", "HTTPS://EXAMPLE.COM:443#t", "http:example.com"),
    ("example.com/", "http://example.com.", "http://example.com:80", " http://exam\nple.com ", "http://example.com/?"),
    ("example.com/", "http://ｅｘａｍｐｌｅ.com/index.html", "http://example.com//", "https://example.com/Default.aspx?utm_source=x"),
    ("example.com:8080/a", "http://example.com:8080/a", "https://www.example.com:8080/a/"),
    ("example.com/a/b", "http://example.com/a/./x/../b", "http://example.com/a\\b", "http://example.com/a/%2E/b/index.php"),
    ("example.com/a?b=1&c=2", "http://example.com/a?c=2&b=1", "http://example.com/a/?b=1&&c=2&", "http://example.com/a?fbclid=z&b=1&c=2"),
    ("example.com/a?x=2&x=1", "http://example.com/a?x=2&x=1", "http://example.com/a?x=2&UTM_Medium=m&x=1&gclid="),
    ("example.com/a?q=b+c", "http://example.com/a?q=b c", "http://example.com/a?q=b%20c", "http://example.com/a?q=b+c"),
    ("example.com/~a_(b)", "http://example.com/%7Ea_%28b%29", "http://example.com/~%61_(b)#x:~:text=y"),
    ('example.com/"{|}', 'http://example.com/"{|}', "http://example.com/%22%7b%7C%7D"),
    ("example.com/a%2Fb%25%3F", "http://example.com/a%2fb%25%3f"),
    ("example.com/shop", "http://example.com/shop;jsessionid=A1B2", "https://example.com/shop/?PHPSESSID=3"),
    ("example.com/#!/a", "http://example.com/#!/a", "https://www.example.com#!/a"),
    ("example.com/app#/b", "http://example.com/app/index.html#/b"),
    ("example.com/%zz", "http://example.com/%zz"),
    ("xn--fsqu00a.xn--fiqs8s/", "http://例子.中国", "https://www.例子。中国/", "http://XN--FSQU00A.xn--fiqs8s/index.htm"),
    (
        "zh.wikipedia.org/wiki/%E4%B8%AD%E6%96%87",
        "https://zh.wikipedia.org/wiki/中文",
        "http://zh.wikipedia.org/wiki/%e4%b8%ad%E6%96%87#历史",
    ),
    ("example.cn/%D6%D0", "http://example.cn/%d6%d0", "http://www.example.cn/%D6%D0/"),  # GBK
    ("www.example.com.evil.org/", "http://www.www.example.com.evil.org/"),
    ("www.com/", "http://www.com/", "http://www.www.com/"),
    ("bilibili.com/video/BV1?p=2", "https://www.bilibili.com/video/BV1/?spm_id_from=333&vd_source=a&p=2"),
    ("192.0.2.1/", "http://192.0.2.1", "http://0xC0.0.2.1/", "http://3221225985"),
    ("[2001:db8::1]/a", "http://[2001:DB8:0:0::1]:80/a", "https://[2001:db8::1]/a"),
    ("user:pw@example.com/a", "http://user:pw@example.com/a", "https://user:pw@EXAMPLE.com/a#b"),
    ("web.archive.org/web/2020/http://a.com/b?c=1", "https://web.archive.org/web/2020/http://a.com/b?c=1"),
    ("ftp://example.com/a", "ftp://example.com:21/a", "FTP://EXAMPLE.com/a/"),
]  # fmt: skip

# What stays apart, though it looks alike.
APART = [
    "http://example.com/a",
    "http://example.com/A",
    "http://example.com/a?",  # as the first
    "http://m.example.com/a",
    "http://example.com/a.html",
    "http://example.com/a?ref=1",
    "http://example.com/a?source=1",
    "http://example.com/a?b",
    "http://example.com/a?b=",
    "http://example.com/a?b=c%26d",
    "http://example.com/a?b=c&d",
    "http://example.com/a?b=1&b=2",
    "http://example.com/a?b=2&b=1",
    "http://example.com/a?utmost=1",
    "http://example.com/a#/1",
    "http://example.com/a#/2",
    "http://example.com/a/indexes.html",
    "http://example.com:443/a",
    "ftp://example.com/a",
    "http://user@example.com/a",
]

NO_PAGE = [
    *("", " ", "n/a", "None", "unknown", "/a/b", "a.html", "www.example.com/a", "example.com:80/a", "//example.com/a"),
    *("http://", "http:///", "https://?q", "http://[::1", "http://a b/", "http://example.com:99999/", "http://a.com\x00/"),
    *("mailto:a@example.com", "javascript:location='http://a.com/'", "data:text/html,http://a.com/", "about:blank"),
    *("urn:isbn:1", "file:///a/b", "blob:https://a.com/1", "http://xn--a/", "http://%zz/", "://a.com", "🙂"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "url"), [(key, url) for key, *urls in SAME for url in urls])
def test_one_page(key: str, url: str) -> None:
    assert page_key(url) == key


def test_pages_that_differ() -> None:
    assert len({page_key(url) for url in APART}) == len(APART) - 1


@pytest.mark.parametrize("url", NO_PAGE)
def test_no_page(url: str) -> None:
    assert page_key(url) == ""


PIECES = st.sampled_from(
    [*"/?#%&=+;:@[]. \t\\\x00", "http://", "https:", "www.", "a.com", "例子", "%e4", "%2F", "xn--", "🙂"]
)


@given(st.text(max_size=20) | st.lists(PIECES, max_size=12).map("".join))
def test_nothing_raises_and_spelling_does_not_matter(text: str) -> None:
    for url in (text, f"http://example.com/{text}"):
        key = page_key(url)
        scheme, colon, rest = url.partition("://")
        if key and colon and scheme in {"http", "https"}:
            other = {"http": "https", "https": "http"}[scheme]
            assert page_key(f"{scheme.upper()}://{rest}") == key == page_key(f" {url}\n")
            if ":80" not in rest and ":443" not in rest:
                assert page_key(f"{other}://{rest}") == key


def test_columns() -> None:
    urls = pa.chunked_array([["http://a.com", None], [], [""]], pa.string())
    assert page_keys(urls).to_pylist() == ["a.com/", "", ""]
    assert page_keys(pa.chunked_array([pa.nulls(2, pa.string())])).to_pylist() == ["", ""]


def test_exact_dedup_by_url(make_corpus: Callable, survey: Callable) -> None:
    rows = [
        {"id": "a", "url": "http://www.example.com/a/?utm_source=x", "origin": "synthetic"},
        {"id": "b", "url": "https://example.com/a", "text": "another text"},
        {"id": "c", "url": "https://example.com/A"},
        *({"id": f"none-{n}", "url": url} for n, url in enumerate([None, None, "", "", "n/a", "n/a"])),
    ]
    for op in (ExactDedup(on="url"), ExactDedup(on="url", keep=("real", "length:high"))):
        found = survey(op, make_corpus(rows))
        assert {lost: verdict["kept_id"] for lost, verdict in found.items()} == {"a": "b"}
        assert found["a"]["reason"] == "duplicate_url"
    assert survey(ExactDedup(on="url", keep=()), make_corpus(rows)).keys() == {"b"}
