"""Alarms: a source that lost more than the job allows is told of, or no release is made; nothing is read again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import gristmill
from conftest import article, write_parquet

from jobs.errors import JobError
from jobs.progress import Progress
from jobs.release import Published
from jobs.run import run_job
from jobs.spec import JobSpec, parse

Run = Callable[[JobSpec], Published]

LENGTH = '[[steps]]\nop = "length"\nchars_min = 30\n'


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Web: 10 records, of which 3 are short and one is null. Book: 10, of which 1 is short."""
    for source, short in (("web", 3), ("book", 1)):
        texts = [article(40 * (source == "web") + 4 * n) for n in range(10 - short)] + ["short"] * short
        rows: list[dict[str, Any]] = [
            {"id": f"{source}-{n}", "text": text, "url": None} for n, text in enumerate(texts)
        ]
        if source == "web":
            rows[0]["text"] = None
        write_parquet(tmp_path / "raw" / source / "part-0.parquet", rows)
    return tmp_path / "raw"


def job_text(raw: Path, target: Path, settings: str = "", *, web: str = "", steps: str = LENGTH) -> str:
    return f"""
name = "test"
target = "{target}"
{settings}
{steps}
[[sources]]
name = "web"
path = "{raw}/web"
origin = "real"
{web}
[[sources]]
name = "book"
path = "{raw}/book"
origin = "synthetic"
[run]
engine = "inline"
"""


def job(*args: Any, **options: Any) -> JobSpec:
    return parse(job_text(*args, **options).encode(), "job.toml")


WEB = {"source": "web", "read": 10, "lost": 4, "loss_max": 0.3}
BOOK = {"source": "book", "read": 10, "lost": 1, "loss_max": 0.05}


@pytest.mark.parametrize(
    ("settings", "web", "alarms"),
    [
        ("", "", []),
        ("loss_max = 0.4", "", []),  # as many as allowed
        ("loss_max = 0.3", "", [WEB]),
        ("loss_max = 0.05", "", [{**WEB, "loss_max": 0.05}, BOOK]),
        ("loss_max = 0.05", "loss_max = 0.4", [BOOK]),
        ("", "loss_max = 0.3", [WEB]),
        ("loss_max = 0.4", "loss_max = 0", [{**WEB, "loss_max": 0.0}]),
    ],
)
def test_sources_that_lost_too_much_are_named(
    raw: Path, tmp_path: Path, run: Run, settings: str, web: str, alarms: list[dict[str, Any]]
) -> None:
    made = run(job(raw, tmp_path / "out", settings, web=web))
    assert made.manifest["alarms"] == alarms
    assert made.manifest["counts"]["kept"] == 15


class Told(Progress):
    def __init__(self) -> None:
        super().__init__(silent=True)
        self.warnings: list[str] = []

    def warn(self, message: str) -> None:
        self.warnings.append(message)


def test_an_alarm_is_a_warning(raw: Path, tmp_path: Path) -> None:
    progress = Told()
    run_job(job(raw, tmp_path / "out", "loss_max = 0.3"), progress)
    assert progress.warnings == ["the source web lost 4 of 10 documents (40.0 %), more than loss_max = 0.3"]


FAIL = 'loss_max = 0.3\non_loss = "fail"'


def test_on_loss_fail_makes_no_release_and_commits_the_rest(
    raw: Path, tmp_path: Path, run: Run, texts_read: list[str]
) -> None:
    with pytest.raises(JobError) as raised:
        run(job(raw, tmp_path / "out", FAIL))
    assert str(raised.value) == (
        "no release was made:\n"
        "  the source web lost 4 of 10 documents (40.0 %), more than loss_max = 0.3\n"
        'Look at the steps\' counts with on_loss = "report"; then correct the step, or raise loss_max.'
    )
    assert not (tmp_path / "out" / "releases").exists()
    assert len(texts_read) == 2
    texts_read.clear()
    made = run(job(raw, tmp_path / "out", FAIL.replace("0.3", "0.5")))
    assert (made.number, made.manifest["alarms"], texts_read) == (1, [], [])


def test_on_loss_fail_is_fine_where_nothing_is_wrong(raw: Path, tmp_path: Path, run: Run) -> None:
    assert run(job(raw, tmp_path / "out", FAIL, web="loss_max = 0.4")).number == 1


def test_the_command_exits_with_1(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "job.toml").write_text(job_text(raw, tmp_path / "out", FAIL))
    ended = gristmill("run", tmp_path / "job.toml")
    assert (ended.status, ended.out) == (1, "")
    assert "gristmill: no release was made:\n  the source web lost 4 of 10 documents (40.0 %)" in ended.err


@pytest.mark.parametrize(
    ("settings", "web"),
    [("loss_max = 0.3", ""), ("", "loss_max = 0.2"), ('on_loss = "fail"', "loss_max = 0.9")],
)
def test_another_limit_reads_nothing_again(
    raw: Path, tmp_path: Path, run: Run, texts_read: list[str], settings: str, web: str
) -> None:
    run(job(raw, tmp_path / "out"))
    texts_read.clear()
    stages = {file for file in (tmp_path / "out" / "stages").rglob("*") if file.is_file()}
    made = run(job(raw, tmp_path / "out", settings, web=web))
    assert texts_read == []
    assert {file for file in (tmp_path / "out" / "stages").rglob("*") if file.is_file()} == stages
    assert made.manifest["counts"]["kept"] == 15


MIX = '[[steps]]\nop = "mix"\ntokens = 200\nsynthetic_max = 0.5\n'


def test_what_a_mix_leaves_out_is_not_lost(raw: Path, tmp_path: Path, run: Run) -> None:
    made = run(job(raw, tmp_path / "out", "loss_max = 0.4", steps=LENGTH + MIX))
    assert made.manifest["alarms"] == []
    assert made.manifest["counts"]["kept"] < 8
    made = run(job(raw, tmp_path / "out", "loss_max = 0.3", steps=LENGTH + MIX))
    assert made.manifest["alarms"] == [WEB]


def test_what_surveys_drop_is_lost(raw: Path, tmp_path: Path, run: Run) -> None:
    """The three short ones are one of each other: two go, and the null record."""
    steps = '[[steps]]\nop = "exact_dedup"\nkeep = ["source:web"]\n'
    made = run(job(raw, tmp_path / "out", "loss_max = 0", steps=steps + MIX))
    assert made.manifest["alarms"] == [
        {"source": "web", "read": 10, "lost": 3, "loss_max": 0.0},
        {"source": "book", "read": 10, "lost": 1, "loss_max": 0.0},
    ]


def test_a_source_without_a_record_has_no_alarm(raw: Path, tmp_path: Path, run: Run) -> None:
    write_parquet(raw / "book" / "part-0.parquet", [])
    made = run(job(raw, tmp_path / "out", "loss_max = 0"))
    assert [alarm["source"] for alarm in made.manifest["alarms"]] == ["web"]


@pytest.mark.parametrize("records", [4, 9])
def test_a_source_without_any_text_makes_no_release(raw: Path, tmp_path: Path, records: int) -> None:
    for n in range(3):  # shards too small to be refused by themselves
        lines = "".join(f'{{"id": "{n}-{k}", "txt": "One more line of some length."}}\n' for k in range(records))
        (raw / "web" / f"more-{n}.jsonl").write_text(lines)
    (raw / "web" / "part-0.parquet").unlink()
    with pytest.raises(JobError, match=rf"'text' is null or missing in all {3 * records} records of the source web"):
        run_job(job(raw, tmp_path / "out"), Progress(silent=True))
    assert not (tmp_path / "out" / "releases").exists()
    named = job(raw, tmp_path / "out", web='columns = {text = "txt"}')
    assert run_job(named, Progress(silent=True)).manifest["counts"]["kept"] > 0
