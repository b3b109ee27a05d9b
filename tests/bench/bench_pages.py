"""Pages to text: a WARC file of pages in English and Chinese, with the furniture of the web, read on one core."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

sys.path.append(str(Path(__file__).parents[1]))

import pyarrow as pa
import pyarrow.parquet as pq
from corpus import shards_of
from machine import Cost, described, measured, middle
from warc_files import html_record, others, packed

from jobs.readers import warc
from jobs.readers.encodings import decoded
from jobs.readers.html_settings import Html
from jobs.readers.pages import read_page
from jobs.readers.warc_stream import records

PAGES = 2_000
TEXT_CHARS = 12_000  # of a page at most: then a third of it is text, as on the web or a little more
REPEATS = 3
COLUMNS = {"id": "id", "text": "text", "url": "url", "title": "title", "date": "date"}


def main() -> None:
    print(described())
    with tempfile.TemporaryDirectory(prefix="gm-bench-") as folder:
        texts = [text for shard in shards_of(Path(folder)) for text in pq.read_table(shard)["text"].to_pylist()]
    drawn = Random(17).sample(texts, min(PAGES, len(texts)))
    pages = [page(number, text[:TEXT_CHARS]).encode() for number, text in enumerate(drawn)]
    told = [page(number, text[:TEXT_CHARS]).encode("gb18030") for number, text in enumerate(drawn)]
    size = sum(map(len, pages)) / 1e6
    share = sum(len(text[:TEXT_CHARS].encode()) for text in drawn) / 1e6 / size
    print(f"{len(pages)} pages, {size:.1f} MB of HTML, {share:.0%} of it text")
    file = packed([one for n, html in enumerate(pages) for one in (html_record(n, html), *others()[1:3])], "gzip")
    print(f"as .warc.gz {len(file) / 1e6:.1f} MB, {3 * len(pages)} records")
    rate("records alone", size, lambda: sum(1 for _ in records(pa.BufferReader(file), "gzip", 2**21)))
    rate("encodings, UTF-8", size, lambda: [decoded(html) for html in pages])
    rate("encodings, GB18030, not stated", size, lambda: [decoded(html) for html in told])
    rate("pages to text, resiliparse", size, lambda: [read_page(html, Html()) for html in pages])
    few, slow = pages[:200], Html(extractor="trafilatura")
    rate("pages to text, trafilatura", sum(map(len, few)) / 1e6, lambda: [read_page(html, slow) for html in few])
    rate("WARC to records of text, resiliparse", size, lambda: list(warc.read(pa.BufferReader(file), COLUMNS, "gzip")))


def rate(what: str, size: float, work: Callable[[], object]) -> None:
    def once() -> Cost:
        with measured() as cost:
            work()
        return cost

    cost = middle([once() for _ in range(REPEATS)])
    print(f"{what}: {size / cost.cpu_s:.0f} MB of HTML per CPU second")


def page(number: int, text: str) -> str:
    """A page as content systems write them: head, scripts, menus, attributes, links within the text, footer."""
    draw = Random(number)
    metas = "".join(
        f'<meta property="og:{name}" content="{number}-{name}">' for name in ("title", "type", "url", "image")
    )
    menu = "".join(
        f'<li id="menu-item-{n}" class="menu-item menu-item-type-custom menu-item-{n}"><a href="/section/{n}/" '
        f'data-track="nav">Section {n}</a></li>'
        for n in range(draw.randrange(10, 60))
    )
    script = "window.dataLayer=window.dataLayer||[];function gtag(){dataLayer.push(arguments);}" * draw.randrange(5, 60)
    style = ".header .logo img{max-width:100%;height:auto}" * draw.randrange(10, 120)
    paragraphs = "".join(
        f'<p class="text-block" data-id="{n}">{line} <a href="/tag/{n}" rel="tag">more</a></p>\n'
        for n, line in enumerate(text.replace("<", "&lt;").split("\n"))
        if line.strip()
    )
    teasers = "".join(
        f'<div class="card"><a href="/story/{n}"><img src="/img/{n}.jpg" alt="" srcset="/img/{n}@2x.jpg 2x">'
        f"<h4>Another story {n}</h4></a></div>"
        for n in range(draw.randrange(4, 30))
    )
    return (
        f'<!doctype html><html lang="en"><head><title>Story {number}</title>{metas}<script>{script}</script>'
        f'<style>{style}</style></head><body class="single"><header><nav><ul>{menu}</ul></nav></header>'
        f'<main id="content"><article class="post"><h1>Story {number}</h1>{paragraphs}</article></main>'
        f'<aside class="related">{teasers}</aside><footer><p>Copyright, all rights reserved</p></footer></body></html>'
    )


if __name__ == "__main__":
    main()
