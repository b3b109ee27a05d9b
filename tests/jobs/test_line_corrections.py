"""Line corrections in whole jobs: every cut is on record, a page of which too much would go is dropped, or flagged."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import article, cuts_of, folder_job, write_parquet

from jobs.explain.stories import explain
from jobs.release import Published
from jobs.report.report import make_report
from jobs.spec import JobSpec
from jobs.storage import open_storage

Run = Callable[[JobSpec], Published]

EDIT = '[[steps]]\nop = "line_corrections"\n'
DROP = '[[steps]]\nop = "limits"\ncolumn = "corrected_share"\nmost = 0.05\n'
TIDY = '[[steps]]\nop = "whitespace"\n'
WHITESPACE = '[[steps]]\nop = "whitespace"\n'  # an edit that cuts nothing, after one that does
MENU = "Home\nSign in | Register\n3 likes\nBUY NOW\n12"
TEXTS = {
    "plain": article(1),
    "page": f"Home \r\n{article(2)}\r\nThe river rose again… Read more\r\n",
    "zh": f"{article(3)}\n登录 | 注册",
    "menu": f"{MENU}\n{article(4)[:200]}",
}
LEFT = TEXTS | {"page": f"{article(2)}\nThe river rose again…", "zh": article(3)}


def job(tmp_path: Path, steps: str, target: str = "out") -> JobSpec:
    write_parquet(tmp_path / "raw/a.parquet", [{"id": i, "text": text, "url": None} for i, text in TEXTS.items()])
    return folder_job(tmp_path / "raw", tmp_path / target, steps=steps)


def released(target: Path) -> list[dict[str, Any]]:
    return pq.read_table(target / "releases/0001/data").to_pylist()


def drops_of(target: Path) -> list[dict[str, Any]]:
    return pa.concat_tables(pq.read_table(path) for path in target.glob("stages/*/drops/*.parquet")).to_pylist()


def test_cuts_are_on_record_and_a_page_of_menus_is_dropped(tmp_path: Path, run: Run) -> None:
    made = run(job(tmp_path, TIDY + EDIT + WHITESPACE + DROP))
    assert made.manifest["counts"] == {"read": 4, "kept": 3, "dropped": 1, "quarantined": 0}
    assert {row["id"]: row["text"] for row in released(tmp_path / "out")} == {
        name: text for name, text in LEFT.items() if name != "menu"
    }
    assert [(row["id"], row["step"], row["kind"], row["text"]) for row in cuts_of(tmp_path / "out")] == [
        ("page", "line_corrections", "one_word", "Home\n"),
        ("page", "line_corrections", "read_more", " Read more"),
        ("zh", "line_corrections", "sign_in", "\n登录 | 注册"),
    ]
    (gone,) = drops_of(tmp_path / "out")
    assert (gone["id"], gone["step"], gone["reason"]) == ("menu", "limits", "corrected_share_too_high")
    assert gone["value"] > gone["threshold"] == 0.05


def test_without_a_judge_the_page_is_kept_whole_with_its_share(tmp_path: Path, run: Run) -> None:
    run(job(tmp_path, TIDY + EDIT))
    rows = released(tmp_path / "out")
    assert {row["id"]: row["text"] for row in rows} == LEFT
    assert {row["id"]: row["corrected_share"] > 0.05 for row in rows} == {name: name == "menu" for name in TEXTS}
    assert not {"cuts"} & set(rows[0])


@pytest.mark.parametrize("name", ["page", "zh", "plain"])
def test_explain_and_the_report_tell_the_cuts(tmp_path: Path, run: Run, name: str) -> None:
    spec = job(tmp_path, TIDY + EDIT + DROP)
    run(spec)
    storage = open_storage(spec.target)
    told = "\n".join(explain(storage, 1, name))
    passed = re.search(r"line_corrections +passed(.*)", told)
    assert passed
    assert passed[1] == {"page": ", less 15 bytes in 2 cuts", "zh": ", less 16 bytes in 1 cut", "plain": ""}[name]
    assert ("line_corrections: one_word at byte 0, 5 bytes\n      | Home" in told) == (name == "page")
    assert ("sign_in at byte" in told and "| 登录 | 注册" in told) == (name == "zh")
    (cut,) = make_report(storage, 1)[0]["cuts"]
    assert (cut["step"], cut["total"]["cuts"], cut["total"]["documents"]) == ("line_corrections", 3, 2)
    assert {one["kind"] for one in cut["most_frequent"]} == {"one_word", "read_more", "sign_in"}
