"""Judges of what was measured: another threshold reads no text, computes no score and takes no signature again."""

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import job_text, release_bytes

from jobs.explain.stories import explain
from jobs.plan import plan_job
from jobs.release import Published
from jobs.report.report import make_report, write_report
from jobs.spec import JobSpec, parse
from jobs.storage import open_storage
from ops.edits.score import Score

Run = Callable[[JobSpec], Published]

STEPS = """
[[steps]]
op = "score"
model = "scorers:LetterShare"

[[steps]]
op = "limits"
column = "score"
least = {least}

[[steps]]
op = "near_dedup"
"""


def job(corpus: Path, target: Path, least: float = 0.05, steps: str = STEPS) -> JobSpec:
    text = job_text(corpus, target, steps=steps.replace("{least}", str(least)))
    return parse(text.encode(), "job.toml")


def released(target: Path, number: int = 1) -> dict[str, float]:
    table = pq.read_table(target / "releases" / f"{number:04d}" / "data", columns=["id", "score"])
    return dict(zip(table["id"].to_pylist(), table["score"].to_pylist(), strict=True))


def test_what_is_below_goes_and_is_accounted_for(corpus: Path, tmp_path: Path, run: Run) -> None:
    everything = run(job(corpus, tmp_path / "all", 0.0)).manifest["counts"]
    made = run(job(corpus, tmp_path / "out"))
    assert min(released(tmp_path / "out").values()) >= 0.05
    assert 0 < made.manifest["counts"]["kept"] < everything["kept"]
    told = {step["step"]: step for step in made.manifest["steps"]}
    assert list(told) == ["read", "score", "limits", "unique_id", "near_dedup"]
    low = {name for name, score in released(tmp_path / "all").items() if score < 0.05}
    assert told["limits"]["dropped"]["score_too_low"] >= len(low) > 0
    assert not low & set(released(tmp_path / "out"))


def test_another_threshold_computes_nothing_again(
    corpus: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(job(corpus, tmp_path / "out", 0.05))
    run(job(corpus, tmp_path / "at-once", 0.056))

    def never(*_: object) -> None:
        raise AssertionError("a text was scored again")

    monkeypatch.setattr(Score, "edit", never)
    monkeypatch.setattr("jobs.passes.documents", never)
    monkeypatch.setattr("ops.dedup.near.sign", never)
    again = run(job(corpus, tmp_path / "out", 0.056))
    assert again.number == 2
    assert released(tmp_path / "out", 2) == released(tmp_path / "at-once") != released(tmp_path / "out", 1)
    data = [
        {name: data for name, data in release_bytes(target, number).items() if name.startswith("data/")}
        for target, number in ((tmp_path / "out", 2), (tmp_path / "at-once", 1))
    ]
    assert data[0] == data[1]


def test_its_drops_are_explained_and_reported(corpus: Path, tmp_path: Path, run: Run) -> None:
    run(job(corpus, tmp_path / "all", 0.0))
    run(job(corpus, tmp_path / "out"))
    lost = min(set(released(tmp_path / "all")) - set(released(tmp_path / "out")))
    storage = open_storage(str(tmp_path / "out"))
    story = "\n".join(explain(storage, 1, lost))
    assert "score_too_low" in story
    assert "0.05" in story
    page = Path(write_report(storage, 1)).read_text()
    assert "score too low" in page


def test_the_report_draws_what_judges_compare(corpus: Path, tmp_path: Path, run: Run) -> None:
    run(job(corpus, tmp_path / "out"))
    facts, page = make_report(open_storage(str(tmp_path / "out")), 1)
    (told,) = facts["signals"]
    assert (told["step"], told["reasons"]) == ("limits", ["score_too_low"])
    assert told["thresholds"] == [{"profile": "", "at": 0.05}]
    assert {one["source"]: one["documents"] for one in told["series"]} == {"web": 66, "forum": 19, "textbook": 30}
    assert all(sum(one["shares"]) == pytest.approx(1, abs=0.01) for one in told["series"])
    assert told["begin"] < 0.05 < told["end"]
    assert page.count("<polyline") == 3


FIRST, TEXT, EDIT, LIMITS, SCORE, NEAR = (
    '[[steps]]\nop = "whitespace"\n',
    '[[steps]]\nop = "length"\n',
    '[[steps]]\nop = "repair_unicode"\n',
    '[[steps]]\nop = "limits"\ncolumn = "score"\nleast = 0\n',
    '[[steps]]\nop = "score"\nmodel = "scorers:LetterShare"\n',
    '[[steps]]\nop = "near_dedup"\n',
)


@pytest.mark.parametrize(
    ("steps", "segments"),
    [
        (FIRST + TEXT, [("whitespace, length", "")]),
        (FIRST + SCORE, [("whitespace", ""), ("score", "")]),
        (SCORE + LIMITS + NEAR, [("score", "limits")]),
        (SCORE + LIMITS + TEXT, [("score", "limits"), ("length", "")]),
        (
            FIRST + SCORE + LIMITS + EDIT + LIMITS,
            [("whitespace", ""), ("score", "limits"), ("repair_unicode, limits-2", "")],
        ),
    ],
)
def test_where_passes_end(corpus: Path, tmp_path: Path, steps: str, segments: list[tuple[str, str]]) -> None:
    plan = plan_job(parse(job_text(corpus, tmp_path, steps=steps).encode(), "job.toml"))
    found = [
        (", ".join(label for label, _ in one.steps), one.judges.label if one.judges else "") for one in plan.segments
    ]
    assert found == segments


def test_where_a_step_runs_is_in_no_stage(corpus: Path, tmp_path: Path) -> None:
    def folders(more: str) -> list[str]:
        steps = SCORE + more + LIMITS + NEAR
        plan = plan_job(parse(job_text(corpus, tmp_path, steps=steps).encode(), "job.toml"))
        return [one.pass_folder for one in plan.segments] + [plan.release_folder]

    assert folders("gpus = 0.5\ncpus = 2\nworkers_max = 3\n") == folders("")
    assert folders('revision = "2"\n') != folders("")
