"""Other thresholds: what they would drop is what a run with them drops; the job file keeps its comments."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import job_text
from typer.testing import CliRunner

from jobs.__main__ import app
from jobs.errors import JobError
from jobs.jobfile.settings import changed
from jobs.release import Published
from jobs.report.report import make_report
from jobs.spec import JobSpec, load
from jobs.storage import open_storage
from jobs.tuning.tuning import examples, tune

Run = Callable[[JobSpec], Published]

STEPS = """
# How many of its letters are an e.
[[steps]]
op = "score"
model = "scorers:LetterShare"

[[steps]]
op = "score"
model = "scorers:LetterShare"
arguments = {letter = "w"}
column = "w_share"

[[steps]]
op = "limits"
column = "score"  # of the first step
least = 0.05

[[steps]]
op = "limits"
column = "w_share"
most = 0.2
"""


@pytest.fixture
def job(corpus: Path, tmp_path: Path, run: Run) -> Path:
    file = tmp_path / "job.toml"
    file.write_text(job_text(corpus, tmp_path / "out", steps=STEPS))
    run(load(str(file)))
    return file


def dropped(made: Published, step: str) -> int:
    told = next(one for one in made.manifest["steps"] if one["step"] == step)
    return sum(told["dropped"].values())


def test_trials_drop_what_runs_drop(job: Path, run: Run) -> None:
    spec = load(str(job))
    low, wide = tune(spec)[0], tune(spec)[-1]
    assert (low.step, low.reason, low.documents) == ("limits", "score_too_low", 115)
    assert (wide.step, wide.reason) == ("limits-2", "w_share_too_high")
    assert [trial.threshold for trial in low.trials if trial.is_current] == [0.05]
    assert any(not trial.is_current and 0 < trial.alone < low.documents for trial in wide.trials)
    for trial in wide.trials:
        text, other = changed(job.read_text(), str(job), spec, [f"limits-2.most={trial.threshold}"])
        job.write_text(text)
        assert dropped(run(other), "limits-2") == trial.after_others
        _, alone = changed(text, str(job), other, ["limits.least=-1"])
        assert dropped(run(alone), "limits-2") == trial.alone


def test_a_rule_that_is_off_has_trials_all_the_same(job: Path) -> None:
    reasons = {one.reason: one for one in tune(load(str(job)))}
    off = reasons["score_too_high"]
    assert not any(trial.is_current for trial in off.trials)
    assert off.trials


def test_examples_are_the_nearest_on_either_side(job: Path) -> None:
    found = examples(load(str(job)), "limits", "score_too_low")
    assert [one.goes for one in found] == [True] * 3 + [False] * 3
    assert [one.value for one in found] == sorted(one.value for one in found)
    assert all((one.value < 0.05) == one.goes and one.text for one in found)


def test_settings_are_written_and_comments_stay(job: Path) -> None:
    before = job.read_text()
    told = CliRunner().invoke(app, ["tune", str(job), "--set", "limits.least=0.056", "--write"])
    assert told.exit_code == 0
    assert "limits.score_too_low" in told.output
    assert job.read_text() == before.replace("least = 0.05", "least = 0.056")


def test_without_write_the_file_stays(job: Path) -> None:
    before = job.read_text()
    told = CliRunner().invoke(app, ["tune", str(job), "--set", "limits.least=0.056", "--rule", "limits.score_too_low"])
    assert "0.056" in told.output
    assert job.read_text() == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("limits", "is not STEP.SETTING=VALUE"),
        ("limit.least=1", "where STEP is one of score, score-2, limits, limits-2"),
        ("limits.least=low", "is not TOML"),
        ("limits.lest=1", "lest"),
        ("limits.least=[3", "is not TOML"),
        ("limits.column.x=1", "is not a table"),
    ],
)
def test_wrong_changes_are_refused(job: Path, change: str, message: str) -> None:
    with pytest.raises(JobError, match=message):
        changed(job.read_text(), "job.toml", load(str(job)), [change])


def test_an_unknown_rule_names_those_there_are(job: Path) -> None:
    with pytest.raises(JobError, match=r"Those that do: limits-2\.w_share_too_high"):
        examples(load(str(job)), "limits", "nothing")


def test_it_needs_a_run_with_the_same_measures(job: Path, tmp_path: Path) -> None:
    spec = load(str(job))
    _, other = changed(job.read_text(), str(job), spec, ['score-2.revision="2"'])
    with pytest.raises(JobError, match="Run the job first"):
        tune(other)
    _, elsewhere = changed(job.read_text(), str(job), spec, [])
    with pytest.raises(JobError, match="no release"):
        tune(elsewhere.model_copy(update={"target": str(tmp_path / "other")}))


def test_a_job_without_such_judges_is_told_so(corpus: Path, tmp_path: Path) -> None:
    file = tmp_path / "plain.toml"
    file.write_text(job_text(corpus, tmp_path / "plain", steps='[[steps]]\nop = "length"\n'))
    with pytest.raises(JobError, match="no step judges what another has measured"):
        tune(load(str(file)))


PAGE_STEPS = """
[[steps]]
op = "quality_signals"

[[steps]]
op = "page_signals"

[[steps]]
op = "gopher_quality"

[[steps]]
op = "script_mix"

[[steps]]
op = "title_spam"

[[steps]]
op = "limits"
column = "depth"
most = 3
"""


def test_rules_of_every_column_of_signals_are_tried_by_the_profiles_of_that_column(
    corpus: Path, tmp_path: Path, run: Run
) -> None:
    file = tmp_path / "page.toml"
    file.write_text(job_text(corpus, tmp_path / "page", steps=PAGE_STEPS))
    made = run(load(str(file)))
    tried = {(one.step, one.reason, one.profile): one for one in tune(load(str(file)))}
    documents = tried["gopher_quality", "too_few_words", "en"].documents
    few = tried["script_mix", "too_few_letters", "en"]
    assert few.documents == documents > 0
    assert [trial.alone for trial in few.trials if trial.is_current] == [dropped(made, "script_mix")]
    assert ("title_spam", "title_of_another_text", "en") in tried
    assert ("limits", "depth_too_high", "") in tried
    found = examples(load(str(file)), "script_mix", "too_few_letters")
    assert [one.value for one in found] == sorted(one.value for one in found)
    report, _ = make_report(open_storage(str(tmp_path / "page")), 1)
    told = [(one["step"], one["series"][0]["profile"]) for one in report["signals"]]
    assert {("gopher_quality", "en"), ("script_mix", "en"), ("title_spam", "en"), ("limits", "")} <= set(told)
