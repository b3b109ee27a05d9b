"""How much of what sites put on their pages a job repairs exactly, and what it changes in clean pages beside them.

    PYTHONPATH=tests/bench python tests/bench/bench_sites.py --kinds navigation,tails --list changes

Pages of a site have one watermark, menu, header, tail, and links to its articles. So many sites a language are made of
GRISTMILL_BENCH_CORPUS, half of the pages of each damaged; each site is a source of a job, whose release is compared
with the truth, kind by kind. Failures of the held-out family are never listed.

First the job is run over all documents, spread over the sites with nothing planted. What it drops as near duplicates
and what it changes there, such as a licence below each page, is told, listed, and left out of the rest: the sites are
measured by what was planted.

`--own` leaves the sites out: the corpus as it is, one source for each of its own, all of it clean. Whatever the job
changes in it is listed.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
from bench_repair import CHARS_MAX, FAMILIES, clean_texts, listed
from corpus import shards_of
from machine import described

from jobs.damage.family import is_chinese
from jobs.damage.kinds import damaged, is_chosen
from jobs.progress import Progress
from jobs.run import run_job
from jobs.spec import parse

KINDS = (
    "watermarks", "injections", "keyword_headers", "adult_headers", "navigation", "teasers", "tails", "combined",
)  # fmt: skip
STEPS = [
    "repair(watermarks=false,injections=false,furniture=false)",
    "near_dedup",
    "repeated_marks",
    "repeated_furniture",
    "repair",
]

Texts = dict[str, str]
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Page:
    """A page of a site: as it stands, as it should be, and whether anything was planted in it."""

    site: str
    text: str
    truth: str
    is_damaged: bool


def main() -> None:
    asked = arguments()
    print(described())
    print("steps:", ", ".join(asked.steps))
    with tempfile.TemporaryDirectory() as folder:
        texts = clean_texts(Path(folder))
    print(f"{'family':12} {'kind':16} {'damaged':>8} {'exact':>8} {'left whole':>11} {'clean':>8} {'changed':>8}")
    if asked.own:
        pages = {one: Page(source, texts[one], texts[one], is_damaged=False) for one, source in own_sources(texts)}
        print(told("own", "none", pages, *released(pages, asked.steps), asked.list))
        return
    pages = undamaged(texts, asked)
    left, seconds = released(pages, asked.steps)
    clean = {one: page for one, page in pages.items() if left.get(one) == page.text}
    print(told("none", "", pages, left, seconds, asked.list))
    for family in FAMILIES if asked.family == "both" else [asked.family]:
        for kind in asked.kinds.split(","):
            pages = dict(pages_of_sites(clean, family, kind, asked))
            print(told(family, kind, pages, *released(pages, asked.steps), asked.list), flush=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("steps", nargs="*", default=STEPS, help="of the job, with settings: repair(furniture=false)")
    parser.add_argument("--kinds", default=",".join(KINDS), help="with commas between")
    parser.add_argument("--family", choices=[*FAMILIES, "both"], default="both")
    parser.add_argument("--sites", type=int, default=10, help="of a language")
    parser.add_argument("--pages", type=int, default=100, help="of a site")
    parser.add_argument("--share", type=float, default=0.5, help="of the pages, which are damaged")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--own", action="store_true", help="the corpus by its own sources, all of it clean")
    parser.add_argument("--list", type=Path, help="a folder for what was changed in clean pages, and for failures")
    asked = parser.parse_args()
    if asked.list:
        asked.list.mkdir(parents=True, exist_ok=True)
    return asked


def own_sources(texts: Texts) -> Iterator[tuple[str, str]]:
    if not os.environ.get("GRISTMILL_BENCH_CORPUS"):
        raise SystemExit("--own needs GRISTMILL_BENCH_CORPUS, whose column `source` tells a document's source")
    for shard in shards_of(Path()):
        table = pq.read_table(shard, columns=["id", "source"])
        found = zip(table["id"].cast(pa.string()).to_pylist(), table["source"].to_pylist(), strict=True)
        yield from ((one, source) for one, source in found if one in texts)


def undamaged(texts: Texts, asked: argparse.Namespace) -> dict[str, Page]:
    """All documents, by chance on as many sites as are asked for."""
    ids = Random(asked.seed).sample(list(texts), len(texts))
    made = {}
    for number, one in enumerate(ids):
        site = f"{'zh' if is_chinese(texts[one]) else 'en'}-{number % asked.sites}"
        made[one] = Page(site, texts[one], texts[one], is_damaged=False)
    return made


def pages_of_sites(
    pages: dict[str, Page], family: str, kind: str, asked: argparse.Namespace
) -> Iterator[tuple[str, Page]]:
    """As many pages of each site as are asked for: those that can be damaged, and as many others."""
    room = dict.fromkeys((page.site for page in pages.values()), asked.pages)
    for one, page in pages.items():
        if len(page.text) > CHARS_MAX or not room[page.site]:
            continue
        kinds = [kind] if is_chosen(one, asked.share, asked.seed) else []
        made = damaged(page.text, one, kinds, asked.seed, FAMILIES[family], page.site)
        if bool(kinds) == bool(made.kinds):
            room[page.site] -= 1
            yield one, Page(page.site, made.page.text, made.page.truth, bool(made.kinds))


def released(pages: dict[str, Page], steps: list[str]) -> tuple[Texts, float]:
    """What a job makes of the pages, and the CPU seconds that it took."""
    with tempfile.TemporaryDirectory() as folder:
        sites = sorted({page.site for page in pages.values()})
        for site in sites:
            rows = [{"id": one, "text": page.text} for one, page in pages.items() if page.site == site]
            (Path(folder) / "raw" / site).mkdir(parents=True)
            pq.write_table(pa.Table.from_pylist(rows), Path(folder) / "raw" / site / "pages.parquet")
        began = time.process_time()
        run_job(parse(job_text(folder, sites, steps).encode(), "job.toml"), Progress(silent=True))
        seconds = time.process_time() - began
        table = pq.read_table(Path(folder) / "out" / "releases" / "0001" / "data")
        return dict(zip(table["id"].to_pylist(), table["text"].to_pylist(), strict=True)), seconds


def job_text(folder: str, sites: list[str], steps: list[str]) -> str:
    sources = "\n".join(f'[[sources]]\nname = "{one}"\npath = "{folder}/raw/{one}"\norigin = "real"' for one in sites)
    return f'name = "sites"\ntarget = "{folder}/out"\n{sources}\n{"".join(map(step_of, steps))}[run]\nengine = "inline"'


def step_of(asked: str) -> str:
    name, _, settings = asked.partition("(")
    lines = [f'op = "{name}"', *filter(None, settings.removesuffix(")").split(","))]
    return "[[steps]]\n" + "\n".join(line.strip() for line in lines) + "\n"


def told(family: str, kind: str, pages: dict[str, Page], left: Texts, seconds: float, folder: Path | None) -> str:
    """Score the pages kept: damaged ones that are exact, or as they were, and clean ones that changed."""
    hurt = {one: page for one, page in pages.items() if page.is_damaged and one in left}
    wrong = {one: (page.truth, left[one]) for one, page in hurt.items() if left[one] != page.truth}
    whole = sum(left[one] == page.text for one, page in hurt.items())
    clean = {one: page for one, page in pages.items() if not page.is_damaged and one in left}
    changed = {one: (page.text, left[one]) for one, page in clean.items() if left[one] != page.text}
    if folder and family != "held_out":
        listed(folder / f"sites.{kind}.failed.diff", wrong)
    if folder:
        listed(folder / f"sites.{family}.{kind}.clean.diff", changed)
    exact = f"{1 - len(wrong) / len(hurt):>8.2%}" if hurt else f"{'-':>8}"
    numbers = f"{len(hurt):>8,} {exact} {whole:>11,} {len(clean):>8,} {len(changed):>8,}"
    return f"{family:12} {kind:16} {numbers} {seconds:>6.0f} s"


if __name__ == "__main__":
    main()
