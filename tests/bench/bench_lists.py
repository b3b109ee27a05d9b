"""Judges by lists, one core, once compiled: MB of text or URLs per CPU second, and what millions of domains take."""

import re
import resource
import tempfile
import time
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from corpus import shards_of
from machine import described, median

from ops.contract import Judge
from ops.filters.bad_words import BadWords
from ops.filters.url_blocklist import UrlBlocklist

REPEATS = 5
URLS = 200_000
DOMAINS = 5_000_000
RARE_MAX = 3  # times that a word is in the corpus, so that about as much is found as of bad words


def main() -> None:
    print(described())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url_blocklist(folder)  # first: what it takes is seen in a process that has freed nothing
        bad_words(folder)


def bad_words(folder: Path) -> None:
    """Lists of words that the corpus has a few times each."""
    table = pa.concat_tables([pq.read_table(f, columns=["text"]) for f in shards_of(folder)]).drop_null()
    text = table["text"].cast(pa.string()).combine_chunks()
    chinese = pc.match_substring_regex(text, r"\p{Han}{20}")
    texts = {"en": text.filter(pc.invert(chinese)), "zh": text.filter(chinese)}
    words = {"en": rare(texts["en"], r"[A-Za-z]{4,}"), "zh": rare(texts["zh"], r"[\u4e00-\u9fff]{2,3}")}
    for count in (1_000, 10_000):
        for language, listed in words.items():
            (folder / f"{language}-{count}").write_text("\n".join(listed[:: max(1, len(listed) // count)][:count]))
        for languages in (["en"], ["zh"], ["en", "zh"]):
            op = BadWords(lists={language: str(folder / f"{language}-{count}") for language in languages})
            for language, some in texts.items():
                rate = some.nbytes / 1e6 / cpu_of(op, pa.table({"text": some}))
                print(f"bad_words, {count:,} words each of {', '.join(languages)}, on {language}: {rate:.0f} MB/s")


def rare(texts: pa.Array, pattern: str) -> list[str]:
    found = Counter(word.lower() for text in texts.slice(0, 3000).to_pylist() for word in re.findall(pattern, text))
    return sorted(word for word, count in found.items() if count <= RARE_MAX)


def url_blocklist(folder: Path) -> None:
    """URLs of 90 bytes, and a list of domains of 25."""
    urls = [
        f"https://www.site{n % 50_000}.example{n % 99}.co.uk/path/{n}/some-article-{n}?id={n}&x=2" for n in range(URLS)
    ]
    batch = pa.table({"url": urls})
    domains = folder / "domains.txt"
    with domains.open("w") as file:
        file.writelines(f"sub{n % 7}.some-site{n * 7919 % 10**8}.com\n" for n in range(DOMAINS))
    (folder / "words.txt").write_text("\n".join(f"word{n}x" for n in range(500)))
    before, began = resident_mb(), time.process_time()
    op = UrlBlocklist(domains=[str(domains)])
    op.judge(batch.slice(0, 1))
    took, stay = time.process_time() - began, resident_mb() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"{DOMAINS:,} domains: {took:.1f} s to load, {stay:.0f} MB stay, {peak - before:.0f} MB at most")
    both = UrlBlocklist(domains=[str(domains)], words=[str(folder / "words.txt")])
    for name, judge in {"domains": op, "domains, words": both}.items():
        print(f"url_blocklist, {name}: {URLS / cpu_of(judge, batch):,.0f} URLs/s")


def cpu_of(op: Judge, batch: pa.Table) -> float:
    op.judge(batch.slice(0, 10))
    taken = []
    for _ in range(REPEATS):
        began = time.process_time()
        op.judge(batch)
        taken.append(time.process_time() - began)
    return median(taken)


def resident_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"VmRSS:\s*(\d+)", status)[0]) / 1e3


if __name__ == "__main__":
    main()
