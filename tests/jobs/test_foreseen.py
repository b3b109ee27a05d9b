"""`plan` tells what a mix would take before any text is read."""

import re
from pathlib import Path

import pytest
from conftest import job_of, job_text, run_quietly

from jobs.preview import preview
from jobs.release import Published
from jobs.spec import parse

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


FAMILIES = '[[steps]]\nop = "families"\nshares = {train = 0.6, test = 0.4}\nsimilarity = "off"\n'
IN_TRAINING = f'{FAMILIES}{MIX}within = {{split = "train"}}\n'


def is_of_the_run(lines: list[str], made: Published) -> bool:
    """Whether a plan tells of each source what the run has on record."""
    found = {}
    for line in lines:
        if parts := re.match(r"(\w+): ([\d,]+) of ([\d,]+) tokens, ([\d.]+)%.* worth ([\d,]+) unique tokens$", line):
            numbers = [float(part.replace(",", "")) for part in parts.groups()[1:]]
            found[parts.group(1)] = numbers
    notes = made.manifest["surveys"]["mix"]["sources"]
    names = ("planned_tokens", "unique_tokens", "planned_share", "planned_effective_tokens")
    ran = {name: [float(one[column]) for column in names] for name, one in notes.items()}
    assert {*ran} <= {*found}
    return all(found[name] == [a, b, round(100 * c, 1), d] for name, (a, b, c, d) in ran.items()) and not any(
        number for name in {*found} - {*ran} for number in found[name]
    )


@pytest.mark.parametrize(
    "steps",
    [
        f"{MIX}tokens = 9_000\nepochs_max = 4\nsynthetic_max = 0.5",
        f'{FAMILIES}{MIX}within = {{split = "test"}}\nsynthetic_max = 0.2',
        f"{IN_TRAINING}tokens = 9_000\nepochs_max = 4\nsynthetic_max = 0.5",
        f'{FAMILIES}{MIX}within = {{source = ["web", "textbook"]}}\nsynthetic_max = 0.2',
        f'[[steps]]\nop = "language"\n{MIX}[[steps.limits]]\nwhere = {{lang = "zh"}}\nshare_max = 0.1',
    ],
)
def test_after_a_run_it_is_what_that_run_planned(corpus: Path, tmp_path: Path, steps: str) -> None:
    spec = job_of(corpus, tmp_path / "out", steps=steps)
    made = run_quietly(spec)
    lines = told(preview(spec))
    assert lines[0] == "mix: by the tokens that release 1 counted"
    assert is_of_the_run(lines, made)
    ran = [cell["tokens"] for cell in made.manifest["surveys"]["mix"]["cells"] if not cell["is_mixed"]]
    assert lines[4:] == ([f"outside `within`: {sum(ran):,} tokens, which stay as they are"] if ran else [])
    assert bool(ran) == ("within" in steps)


def test_another_recipe_is_planned_as_it_then_runs(corpus: Path, tmp_path: Path) -> None:
    run_quietly(job_of(corpus, tmp_path / "out", steps=IN_TRAINING))
    asked = job_of(corpus, tmp_path / "out", steps=f"{IN_TRAINING}tokens = 3_000\nsynthetic_max = 0.1")
    lines = told(preview(asked))
    assert lines[0] == "mix: by the tokens that release 1 counted"
    assert is_of_the_run(lines, run_quietly(asked))


def test_where_documents_are_taken_otherwise_it_is_rough_and_says_so(corpus: Path, tmp_path: Path) -> None:
    run_quietly(job_of(corpus, tmp_path / "out", steps=f"{IN_TRAINING}synthetic_max = 1"))
    for more in ('within = {split = "test"}\n', "tokens = 3_000\nepochs_max = 2\n"):
        steps = f"{FAMILIES}{MIX}{more}synthetic_max = 1"
        first, *lines = told(preview(job_of(corpus, tmp_path / "out", steps=steps)))
        assert first.startswith("mix: by the tokens that release 1 counted, roughly: it mixed other documents")
        assert [line.split(":")[0] for line in lines[:3]] == ["web", "forum", "textbook"]


def test_before_any_run_splits_are_by_the_shares_of_families(corpus: Path, tmp_path: Path) -> None:
    def supply(steps: str) -> list[int]:
        lines = told(preview(job_of(corpus, tmp_path / "out", steps=steps)))
        return [int(re.search(r"of ([\d,]+) tokens", line)[1].replace(",", "")) for line in lines[1:4]]  # type: ignore[index]

    whole, training = supply(f"{MIX}synthetic_max = 1"), supply(f"{IN_TRAINING}synthetic_max = 1")
    # What is not real is in the training split alone.
    assert training == [round(0.6 * whole[0]), round(0.6 * whole[1]), whole[2]]
    lines = told(preview(job_of(corpus, tmp_path / "out", steps=f"{IN_TRAINING}synthetic_max = 1")))
    assert lines[0].endswith("before anything is dropped; splits by the shares of families")


def test_what_a_curve_repeats_is_left_to_it(corpus: Path, tmp_path: Path) -> None:
    curve = 'curves = [{source = "web", column = "lang_confidence", drop_share = 0.4}]'
    spec = job_of(corpus, tmp_path / "out", steps=f'[[steps]]\nop = "language"\n{MIX}{curve}')
    assert [line.endswith("repeated by its curve") for line in told(preview(spec))[1:]] == [True, False, False]


def test_what_nothing_has_counted_yet_is_told(corpus: Path, tmp_path: Path) -> None:
    language = '[[steps]]\nop = "language"\n'
    limit = '[[steps.limits]]\nwhere = {lang_script = "Hans"}\nshare_max = 0.1'
    spec = job_of(corpus, tmp_path / "out", steps=f'{language}{MIX}within = {{lang = "en"}}\n{limit}')
    lines = told(preview(spec))
    assert lines[1] == "planned without limits and within by lang, lang_script: no release has counted by that yet"
    assert [line.split(":")[0] for line in lines[2:]] == ["web", "forum", "textbook"]
    run_quietly(job_of(corpus, tmp_path / "out", steps=f"{language}{MIX}"))
    assert told(preview(spec))[:2] == ["mix: by the tokens that release 1 counted", lines[1]]


def test_a_source_that_no_release_has_read_is_planned_by_its_bytes(corpus: Path, tmp_path: Path) -> None:
    text = job_text(corpus, tmp_path / "out", steps=MIX)
    before, textbook, after = re.split(r'(\[\[sources\]\]\nname = "textbook".*?\n\n)', text, flags=re.DOTALL)
    run_quietly(parse((before + after).encode(), "job.toml"))
    lines = told(preview(parse((before + textbook + after).encode(), "job.toml")))
    assert lines[0].endswith("release 1 counted; textbook, which it did not read, by the bytes of shards")
    assert not re.match(r"textbook: 0 of", lines[3])


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


def test_jobs_without_a_mix_tell_nothing_of_one(corpus: Path, tmp_path: Path) -> None:
    assert "mixes" not in preview(job_of(corpus, tmp_path / "out", steps=""))
