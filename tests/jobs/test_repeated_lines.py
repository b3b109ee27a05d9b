"""Repeated lines in whole jobs: counted over the corpus, cut in the next pass, each cut on record."""

import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import article, cuts_of, folder_job, write_parquet

from jobs.release import Published
from jobs.spec import JobSpec

Run = Callable[[JobSpec], Published]
Texts = dict[str, str]

LINES = '[[steps]]\nop = "repeated_lines"\ndocuments_max = 3\n'
MENU = "Home | About us | Contact the editors"
NOTICE = "All rights reserved by the publisher"
RARE = "A line that only three of the pages hold"

job = partial(folder_job, steps=LINES)


def pages() -> Texts:
    """Twelve pages: a menu above most, a notice below some, a line that three have, and one page without any."""
    found = {}
    for n in range(12):
        lines = [article(4 * n)]
        lines = [MENU if n % 2 else MENU.upper(), *lines] if n < 9 else lines
        lines += [NOTICE, ""] if n % 3 == 0 else []
        lines.insert(1, RARE) if n in (1, 2, 3) else None
        found[f"page-{n:02d}"] = "\n".join(lines)
    return found


def write(folder: Path, texts: Texts, shards: int = 3) -> Path:
    rows = [{"id": name, "text": text, "url": None} for name, text in texts.items()]
    for n in range(shards):
        write_parquet(folder / f"part-{n}.parquet", rows[len(rows) * n // shards : len(rows) * (n + 1) // shards])
    return folder


def expected(texts: Texts, documents_max: int = 3) -> Texts:
    """What is left: lines are equal whatever their case."""
    counts = Counter(line for text in texts.values() for line in {line.lower() for line in text.split("\n")})
    return {name: without(text, counts, documents_max) for name, text in texts.items()}


def without(text: str, counts: Counter[str], documents_max: int) -> str:
    lines = text.splitlines(keepends=True)
    repeated = [len(line.strip()) >= 12 and counts[line.strip("\n").lower()] > documents_max for line in lines]
    return "".join(line for line, cut in zip(lines, repeated, strict=True) if not cut)


def released(target: Path, number: int = 1) -> Texts:
    table = pq.read_table(target / "releases" / f"{number:04d}" / "data")
    return dict(zip(table["id"].to_pylist(), table["text"].to_pylist(), strict=True))


def passes(target: Path) -> set[str]:
    """Commits of the passes after the first."""
    return {
        str(path.relative_to(target)) for path in target.glob("stages/*-pass-*/commits/*") if "/01-" not in str(path)
    }


def test_lines_above_the_limit_go_and_the_ledger_says_from_where(tmp_path: Path, run: Run) -> None:
    texts = pages()
    made = run(job(write(tmp_path / "raw", texts), tmp_path / "out"))
    left = released(tmp_path / "out")
    assert left == expected(texts)
    assert RARE in left["page-01"]
    assert made.manifest["counts"] == {"read": 12, "kept": 12, "dropped": 0, "quarantined": 0}
    assert made.manifest["surveys"]["repeated_lines"] == {"repeated": 2}
    rows = cuts_of(tmp_path / "out")
    assert Counter(row["id"] for row in rows) == {
        name: (name < "page-09") + (int(name[5:]) % 3 == 0) for name in texts if left[name] != texts[name]
    }
    for name, text in texts.items():
        rest, begin = b"", 0
        for row in sorted((row for row in rows if row["id"] == name), key=lambda row: row["at"]):
            stretch = text.encode()[row["at"] : row["at"] + row["bytes"]]
            assert stretch.decode().startswith(row["text"])
            assert (row["step"], row["kind"], row["source"]) == ("repeated_lines", "repeated_line", "web")
            rest, begin = rest + text.encode()[begin : row["at"]], row["at"] + row["bytes"]
        assert (rest + text.encode()[begin:]).decode() == left[name]


def test_documents_that_earlier_surveys_dropped_do_not_count(tmp_path: Path, run: Run) -> None:
    texts = {f"page-{n}": f"{MENU}\n{article(4 * n)}" for n in range(3)}
    copies = {f"copy-{n}": texts["page-0"] for n in range(9)}
    raw = write(tmp_path / "raw", texts | copies)
    dedup = '[[steps]]\nop = "exact_dedup"\n'
    made = run(job(raw, tmp_path / "after", steps=dedup + LINES))
    assert made.manifest["counts"]["kept"] == 3
    assert all(MENU in text for text in released(tmp_path / "after").values())
    run(job(raw, tmp_path / "before", steps=LINES + "removed_share_max = 1\n" + dedup))
    assert not any(MENU in text for text in released(tmp_path / "before").values())


def test_a_unit_of_which_all_documents_are_gone(tmp_path: Path, run: Run) -> None:
    texts = {f"page-{n}": f"{MENU}\n{article(4 * n)}" for n in range(5)}
    raw = write(tmp_path / "raw", texts, 1)
    write_parquet(raw / "part-9.parquet", [{"id": "page-x", "text": texts["page-0"], "url": None}])
    keep = '[[steps]]\nop = "exact_dedup"\nkeep = ["length:low"]\n'
    made = run(job(raw, tmp_path / "out", steps=keep + LINES))
    assert made.manifest["counts"]["kept"] == 5
    assert not any(MENU in text for text in released(tmp_path / "out").values())


def test_a_night_edits_only_units_whose_lines_cross_the_limit(tmp_path: Path, run: Run, texts_read: list[str]) -> None:
    texts = pages()
    raw = write(tmp_path / "raw", texts)
    run(job(raw, tmp_path / "out"))
    before, read = passes(tmp_path / "out"), len(texts_read)
    more = {"more-0": f"{MENU}\n{article(100)}"}
    write_parquet(raw / "part-8.parquet", [{"id": i, "text": t, "url": None} for i, t in more.items()])
    run(job(raw, tmp_path / "out"))  # the menu is in one page more, and was repeated before
    assert len(passes(tmp_path / "out") - before) == 1
    assert len(texts_read) == read + 1
    assert released(tmp_path / "out", 2) == expected(texts | more)
    before = passes(tmp_path / "out")
    crossing = {"more-1": f"{RARE}\n{article(104)}"}
    write_parquet(raw / "part-9.parquet", [{"id": i, "text": t, "url": None} for i, t in crossing.items()])
    run(job(raw, tmp_path / "out"))  # one shard holds the three pages that had it
    assert len(passes(tmp_path / "out") - before) == 2
    assert released(tmp_path / "out", 3) == expected(texts | more | crossing)


def test_a_line_that_falls_below_the_limit_comes_back(tmp_path: Path, run: Run) -> None:
    texts = pages()
    raw = write(tmp_path / "raw", texts)
    run(job(raw, tmp_path / "out"))
    (raw / "part-2.parquet").unlink()
    run(job(raw, tmp_path / "out"))
    left = {name: text for name, text in texts.items() if name < "page-08"}
    assert released(tmp_path / "out", 2) == expected(left)
    assert any(NOTICE in text for text in released(tmp_path / "out", 2).values())


def test_steps_after_it_see_what_is_left(tmp_path: Path, run: Run) -> None:
    """Pages under one long menu are near each other, and not once it is cut."""
    menu = "\n".join(f"Menu entry number {n} of the site with all of its words" for n in range(20))
    texts = {f"page-{n}": f"{menu}\n{article(4 * n)}" for n in range(5)}
    raw = write(tmp_path / "raw", texts)
    near = '[[steps]]\nop = "near_dedup"\nthreshold = 0.4\nverify = "exact"\nbands = 40\nband_rows = 2\n'
    steps = LINES + "removed_share_max = 1\n"
    assert run(job(raw, tmp_path / "uncut", steps=near)).manifest["counts"]["kept"] < 5
    made = run(job(raw, tmp_path / "cut", steps=steps + near + '[[steps]]\nop = "length"\nchars_max = 1600\n'))
    assert made.manifest["counts"]["kept"] == 5


@pytest.mark.parametrize("partition_bytes", [16_384, 20_000])
def test_partitions_do_not_change_the_answer(tmp_path: Path, run: Run, partition_bytes: int) -> None:
    chosen = random.Random(1)
    lines = [f"This is the repeated line of the number {n}" for n in range(20)]
    texts = {
        f"page-{n:02d}": "\n".join(
            [*chosen.sample(lines, 3), article(4 * n), *chosen.sample(lines, 2), f"The end of {n}"]
        )
        for n in range(25)
    }
    raw = write(tmp_path / "raw", texts, 6)
    whole = run(job(raw, tmp_path / "whole"))
    parts = run(job(raw, tmp_path / "parts", partition_bytes=partition_bytes))
    assert parts.manifest["identity"] == whole.manifest["identity"]
    assert cuts_of(tmp_path / "parts") == cuts_of(tmp_path / "whole") != []
    assert released(tmp_path / "whole") == expected(texts)


def test_two_of_them(tmp_path: Path, run: Run) -> None:
    """The second one counts what the first one left, under its own limit."""
    texts = pages()
    raw = write(tmp_path / "raw", texts)
    made = run(job(raw, tmp_path / "out", steps=LINES.replace("3", "5") + LINES.replace("3", "2")))
    assert released(tmp_path / "out") == expected(expected(texts, 5), 2)
    cut = Counter((row["step"], row["text"].strip().lower()) for row in cuts_of(tmp_path / "out"))
    assert cut == {
        ("repeated_lines", MENU.lower()): 9,
        ("repeated_lines-2", NOTICE.lower()): 4,
        ("repeated_lines-2", RARE.lower()): 3,
    }
    assert [told["step"] for told in made.manifest["steps"]] == [
        "read",
        "unique_id",
        "repeated_lines",
        "repeated_lines-2",
    ]


def test_flagging_cuts_nothing(tmp_path: Path, run: Run) -> None:
    texts = pages()
    run(job(write(tmp_path / "raw", texts), tmp_path / "out", steps=LINES + 'action = "flag"\n'))
    assert released(tmp_path / "out") == texts
    shares = pq.read_table(tmp_path / "out" / "releases" / "0001" / "data")["repeated_line_share"].to_pylist()
    assert [share > 0 for share in shares] == [n < 9 or n % 3 == 0 for n in range(12)]
    assert cuts_of(tmp_path / "out") == []
