"""Repeated furniture in whole jobs: counted by source and its size, whatever the shards and nights."""

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import article, cuts_of, folder_job, write_parquet

from jobs.release import Published
from jobs.spec import JobSpec

Run = Callable[[JobSpec], Published]
Texts = dict[str, str]

STEPS = '[[steps]]\nop = "repeated_furniture"\nshare_min = 0.25\n'
MENU = "Home\nNews\nAbout us"
TAIL = "All rights reserved"


def pages(count: int = 20) -> Texts:
    """A menu on all pages but the last, a notice below every fourth."""
    found = {}
    for n in range(count):
        menu = f"{MENU}\n\n" if n < count - 1 else ""
        found[f"page-{n:02d}"] = menu + article(4 * n) + (f"\n{TAIL}" if n % 4 == 0 else "")
    return found


def write(folder: Path, texts: Texts, shards: int) -> Path:
    rows = [{"id": name, "text": text, "url": None} for name, text in texts.items()]
    for n in range(shards):
        write_parquet(folder / f"part-{n}.parquet", rows[n::shards])
    return folder


def released(target: Path, number: int = 1) -> Texts:
    table = pq.read_table(target / "releases" / f"{number:04d}" / "data")
    return dict(zip(table["id"].to_pylist(), table["text"].to_pylist(), strict=True))


def clean(texts: Texts, *, tail: bool) -> Texts:
    left = {name: text.removeprefix(f"{MENU}\n\n") for name, text in texts.items()}
    return {name: text.removesuffix(f"\n{TAIL}") for name, text in left.items()} if tail else left


@pytest.mark.parametrize(("shards", "partition_bytes"), [(1, None), (7, None), (3, 16_384)])
def test_the_answer_is_the_same_however_the_work_is_cut(
    tmp_path: Path, run: Run, shards: int, partition_bytes: int | None
) -> None:
    texts = pages()
    raw = write(tmp_path / "raw", texts, shards)
    run(folder_job(raw, tmp_path / "out", steps=STEPS, partition_bytes=partition_bytes))
    assert released(tmp_path / "out") == clean(texts, tail=True)
    assert {row["kind"] for row in cuts_of(tmp_path / "out")} == {"repeated_block"}


def test_a_night_that_makes_the_source_larger_makes_a_share_smaller(tmp_path: Path, run: Run) -> None:
    """As one run over all of it: five of 20 pages have the notice, then five of 22, then of 20 again."""
    texts = pages()
    raw = write(tmp_path / "raw", texts, 3)
    run(folder_job(raw, tmp_path / "out", steps=STEPS))
    assert released(tmp_path / "out") == clean(texts, tail=True)
    more = {f"more-{n}": article(100 + 4 * n) for n in range(2)}
    write_parquet(raw / "part-9.parquet", [{"id": name, "text": text, "url": None} for name, text in more.items()])
    run(folder_job(raw, tmp_path / "out", steps=STEPS))
    assert released(tmp_path / "out", 2) == clean(texts | more, tail=False)
    once = run(folder_job(raw, tmp_path / "once", steps=STEPS))
    assert released(tmp_path / "once") == released(tmp_path / "out", 2)
    (raw / "part-9.parquet").unlink()
    again = run(folder_job(raw, tmp_path / "out", steps=STEPS))
    assert released(tmp_path / "out", 3) == clean(texts, tail=True)
    assert again.manifest["identity"] != once.manifest["identity"]


def test_dropped_documents_are_not_of_the_source(tmp_path: Path, run: Run) -> None:
    """Copies go before the lines are counted, and the source is no larger for them."""
    texts = pages()
    copies = {f"x-{n}": texts["page-19"] for n in range(20)}
    raw = write(tmp_path / "raw", texts | copies, 4)
    run(folder_job(raw, tmp_path / "out", steps='[[steps]]\nop = "exact_dedup"\n' + STEPS))
    left = released(tmp_path / "out")
    assert {**{name: text for name, text in left.items() if name in texts}} == {
        name: text for name, text in clean(texts, tail=True).items() if name in left
    }
    assert len(left) == 20
