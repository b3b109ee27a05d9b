import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warc_files import page

from jobs.readers.html_settings import Html
from jobs.readers.pages import ATTRIBUTES_MAX, OPTIONS_MAX, Page, read_page

SENTENCE = "The river runs through the valley and the people that live there walk to the market every week. "
CHINESE = "河流过山谷，住在那里的人们每个星期都和他们的狗一起走到城镇的市场去。"


def site(body: str, head: str = "") -> str:
    nav = "".join(f'<li><a href="/{n}">Menu entry {n}</a></li>' for n in range(20))
    return (
        f"<!doctype html><html><head>{head}<script>var a = 1;</script><style>p {{}}</style></head><body>"
        f"<nav><ul>{nav}</ul></nav><main><article>{body}</article></main>"
        "<aside>Related stories</aside><footer>Copyright notice</footer></body></html>"
    )


@pytest.mark.parametrize("extractor", ["resiliparse", "trafilatura"])
@pytest.mark.parametrize("said", [SENTENCE * 6, CHINESE * 12])
def test_the_main_text_without_furniture(extractor: str, said: str) -> None:
    html = site(f"<h1>The headline of this page</h1><p>{said}</p><p>{said}</p>")
    read = read_page(html, Html(extractor=extractor))
    assert isinstance(read, Page)
    assert read.text.count(said.strip()) >= 1
    assert not [word for word in ("Menu entry", "Copyright", "Related", "var a") if word in read.text]


@pytest.mark.parametrize(
    ("head", "title", "published"),
    [
        ("<title> A &amp;\n B </title>", "A & B", None),
        ("<title></title>", None, None),
        ('<meta property="article:published_time" content="2024-05-06T07:08:09Z">', None, "2024-05-06T07:08:09Z"),
        ('<meta itemprop="datePublished" content=" 2024 ">', None, "2024"),
        ('<meta name="date" content="">', None, None),
        ('<meta name="date">', None, None),
        ("<title>中文标题</title>", "中文标题", None),
        ('<meta name="date" content="first"><meta property="article:published_time" content="2">', None, "first"),
        ('<meta name="date"><meta name="pubdate" content="2024">', None, None),
        ('<meta name="DATE" content="2024"><meta property="date" content="2024">', None, None),
    ],
)
def test_title_and_date(head: str, title: str | None, published: str | None) -> None:
    read = read_page(site("<p>text</p>", head).encode(), Html())
    assert isinstance(read, Page)
    assert (read.title, read.published) == (title, published)


@pytest.mark.parametrize(
    ("head", "label", "published"),
    [
        ('<meta name="AIGC" content="1"><meta name="date" content="2024">', "1", "2024"),
        ('<meta property="aigc" content=" 生成 ">', "生成", None),
        ('<meta name="Aigc" property="article:published_time" content="both">', "both", "both"),
        ('<meta itemprop="AIGC" content="1">', None, None),
    ],
)
def test_label_and_date(head: str, label: str | None, published: str | None) -> None:
    read = read_page(site("<p>text</p>", head), Html())
    assert isinstance(read, Page)
    assert (read.aigc_label, read.published) == (label, published)


def test_only_what_is_asked_for_is_looked_for() -> None:
    html = site("<p>text</p>", '<title>A</title><meta name="aigc" content="1"><meta name="date" content="2024">')
    for told, published, label in (("url", None, None), ("published", "2024", None), ("aigc_label", None, "1")):
        read = read_page(html, Html(), told=["title", told])
        assert isinstance(read, Page)
        assert read.told == {"title": "A", "published": published, "aigc_label": label}


@pytest.mark.parametrize("html", [b"", b"   ", b"<", b"\0\0\0", b"<!doctype html>", b"<frameset><frame></frameset>"])
@pytest.mark.parametrize("extractor", ["resiliparse", "trafilatura"])
def test_a_page_without_a_text(html: bytes, extractor: str) -> None:
    read = read_page(html, Html(extractor=extractor))
    assert isinstance(read, Page)
    assert len(read.text.strip("\0\ufffd")) <= 1


HOSTILE = {
    "deep": ("<div>" * 2_100 + "x", "page_too_deep"),
    "deeper": ("<div>" * 100_000 + "x", "page_too_deep"),
    "deep list": ("<ul><li>" * 100_000 + "x", "page_too_deep"),
    "deep table": ("<table><tr><td>" * 50_000 + "x", "page_too_deep"),
    "options": ("<select>" + "<OPTION>x" * 100_000, "page_too_complex"),
    "attributes": ("<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">x", "page_too_complex"),
    "huge": ("<p>" + "word " * 500_000, "page_too_large"),
    "huge in bytes": ("<p>" + "字" * 800_000, "page_too_large"),
    "wide": ("<div>" * 200 + "<p>x" * 60_000, None),
    "open formatting": ("<b><i><u><p></b></i>" * 50_000, None),
    "open links": ("<a><p>" * 200_000, None),
    "dates": ("<head>" + '<meta name="date" content="x"><meta name="aigc">' * 20_000 + "</head>x", None),
    "comments": ("<!--" * 400_000, None),
    "null bytes": ("<p>a\0b</p>" * 100_000, None),
    "surrogates": ("<p>&#xD800;&#x110000;&#0;</p>" * 1000, None),
    "unclosed quote": ('<p title="' + "word " * 200_000, "page_too_complex"),
}


@pytest.mark.parametrize(("html", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_pages_end_soon(html: str, reason: str | None) -> None:
    began = time.process_time()
    read = read_page(html.encode(), Html())
    assert time.process_time() - began < 20
    assert read == reason if reason else isinstance(read, Page)
    if isinstance(read, Page):
        assert read.text.encode() is not None


def test_limits_are_what_they_say() -> None:
    html = site("<p>text</p>")
    assert isinstance(read_page(html, Html(page_bytes_max=len(html))), Page)
    assert read_page(html, Html(page_bytes_max=len(html) - 1)) == "page_too_large"
    nested = "<html><body>" + "<i>x</i>" * 1000 + "text <!-- --> <div>" * 9 + "text <p></p><div>"
    assert isinstance(read_page(nested, Html(depth_max=12)), Page)
    assert read_page(nested, Html(depth_max=11)) == "page_too_deep"
    assert isinstance(read_page("<div>" * 2000, Html()), Page)
    options = "<select>" + "<option>" * OPTIONS_MAX
    assert isinstance(read_page(options, Html()), Page)
    assert read_page(options + "<option>", Html()) == "page_too_complex"
    words = "<p>" + "long words of text " * ATTRIBUTES_MAX
    assert isinstance(read_page(words, Html()), Page)


def test_bytes_and_text_are_read_alike() -> None:
    assert read_page(page(3), Html()) == read_page(page(3).decode(), Html())


def test_bytes_of_no_encoding() -> None:
    assert read_page(bytes(range(128, 256)) * 40 + b"\x81\x8d\x8f\x90\x9d" * 100, Html(), "utf-8") == "unknown_encoding"


TAGS = st.sampled_from(["<p>", "</p>", "<table>", "<td>", "<a href='", "<script>", "</script>", "<!--", "-->", "<svg>"])


@given(st.lists(st.one_of(TAGS, st.text(max_size=5), st.just("\0"), st.just("<template>")), max_size=40))
@settings(max_examples=100)
def test_any_tags(parts: list[str]) -> None:
    html = "".join(parts).encode("utf-8", "ignore")
    read = read_page(html, Html())
    assert isinstance(read, Page | str)
    assert read == read_page(html, Html())
