"""`plan` tells what a mix would take before any text is read."""

import re
from pathlib import Path

from conftest import job_of, run_quietly

from jobs.preview import preview

MIX = '[[steps]]\nop = "mix"\n'


def told(lines: list[str]) -> list[str]:
    """The lines of the plan that are of mixes."""
    start = lines.index("mixes")
    return [line.strip() for line in lines[start + 1 : lines.index("", start)]]


def test_before_any_run_it_is_an_estimate(corpus: Path, tmp_path: Path) -> None:
    lines = told(preview(job_of(corpus, tmp_path / "out", steps=f"{MIX}synthetic_max = 0.2")))
    assert lines[0] == "mix: an estimate from the bytes of shards, before anything is dropped"
    assert [line.split(":")[0] for line in lines[1:]] == ["web", "forum", "textbook"]
    assert "20.0% of the mix, 1.00 epochs" in lines[3]
    assert not (tmp_path / "out").exists()  # nothing was read, and nothing made


def test_after_a_run_it_is_what_a_release_took(corpus: Path, tmp_path: Path) -> None:
    spec = job_of(corpus, tmp_path / "out", steps=f"{MIX}synthetic_max = 0.2")
    notes = run_quietly(spec).manifest["surveys"]["mix"]["sources"]
    lines = told(preview(spec))
    assert lines[0] == "mix: by the tokens that release 1 counted"
    for line in lines[1:]:
        name, planned, there = re.match(r"(\w+): ([\d,]+) of ([\d,]+) tokens", line).groups()  # type: ignore[union-attr]
        assert int(planned.replace(",", "")) == notes[name]["planned_tokens"]
        assert int(there.replace(",", "")) == notes[name]["unique_tokens"]
        assert line.endswith(f"worth {notes[name]['planned_effective_tokens']:,} unique tokens")


def test_repeats_and_what_they_are_worth(corpus: Path, tmp_path: Path) -> None:
    run_quietly(job_of(corpus, tmp_path / "out", steps=f"{MIX}synthetic_max = 1"))
    more = f"{MIX}synthetic_max = 1\ntokens = 40000\nepochs_max = 4"
    lines = told(preview(job_of(corpus, tmp_path / "out", steps=more)))
    assert all(re.search(r" [12]\.\d\d epochs", line) for line in lines[1:]), lines


def test_a_recipe_that_cannot_be_met_names_its_conflict(corpus: Path, tmp_path: Path) -> None:
    run_quietly(job_of(corpus, tmp_path / "out", steps=MIX))
    lines = told(preview(job_of(corpus, tmp_path / "out", steps=f"{MIX}tokens = 9_000_000")))
    assert len(lines) == 2
    assert "the recipe cannot be met" in lines[1]
    assert "tokens = 9,000,000" in lines[1]


def test_limits_by_columns_of_documents_are_left_out(corpus: Path, tmp_path: Path) -> None:
    limit = '[[steps.limits]]\nwhere = {lang = "en"}\nshare_max = 0.1'
    spec = job_of(corpus, tmp_path / "out", steps=f'[[steps]]\nop = "language"\n{MIX}{limit}')
    assert len(told(preview(spec))) == 4


def test_jobs_without_a_mix_tell_nothing_of_one(corpus: Path, tmp_path: Path) -> None:
    assert "mixes" not in preview(job_of(corpus, tmp_path / "out", steps=""))
