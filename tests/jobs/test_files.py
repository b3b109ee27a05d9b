"""Files that steps name: their content names stages, their paths do not; what is wrong with them is told at once."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import job_of, job_text, release_bytes

from jobs.errors import JobError
from jobs.explain.stories import explain
from jobs.plan import plan_job
from jobs.release import Published
from jobs.spec import JobSpec, load, parse
from jobs.storage import open_storage
from ops.edits.classifier_model import Model, to_bytes
from ops.kernels.hashed_ngrams import NGrams

Run = Callable[[JobSpec], Published]

STEPS = """
[[steps]]
op = "url_blocklist"
urls = ["{urls}"]

[[steps]]
op = "bad_words"
lists = {{en = "{words}"}}
char_share_max = 0.001
"""


def dropped(made: Published) -> dict[str, dict[str, int]]:
    """What the two judges dropped."""
    steps = {step["step"]: step["dropped"] for step in made.manifest["steps"]}
    return {name: steps[name] for name in ("url_blocklist", "bad_words") if steps[name]}


def test_another_content_judges_again_and_another_path_does_not(
    corpus: Path, tmp_path: Path, run: Run, texts_read: list[str]
) -> None:
    urls, words, target = tmp_path / "urls.txt", tmp_path / "words.txt", tmp_path / "out"
    urls.write_text("example.org/4\nhttps://www.example.org/5/\n")
    words.write_text("w8x0\n")
    first = run(job_of(corpus, target, steps=STEPS.format(urls=urls, words=words)))
    assert dropped(first) == {"url_blocklist": {"blocked_url": 2}, "bad_words": {"too_many_bad_word_chars": 1}}
    texts_read.clear()

    moved = words.rename(tmp_path / "moved.txt")
    again = run(job_of(corpus, target, steps=STEPS.format(urls=urls, words=moved)))
    assert (again.number, again.is_new, texts_read) == (1, False, [])

    moved.write_text("w8x0\nw9x0\n")
    other = run(job_of(corpus, target, steps=STEPS.format(urls=urls, words=moved)))
    assert (other.number, other.is_new) == (2, True)
    assert dropped(other)["bad_words"] == {"too_many_bad_word_chars": 2}
    assert texts_read
    assert release_bytes(target, 1) != release_bytes(target, 2)


def test_a_manifest_tells_the_content(corpus: Path, tmp_path: Path, run: Run) -> None:
    (tmp_path / "list.txt").write_text("w8x0\n")
    made = run(
        job_of(corpus, tmp_path / "out", steps=STEPS.format(urls=tmp_path / "list.txt", words=tmp_path / "list.txt"))
    )
    sha256 = hashlib.sha256(b"w8x0\n").hexdigest()
    assert made.manifest["job"]["steps"][0]["urls"] == [sha256]
    assert made.manifest["job"]["steps"][1]["lists"] == {"en": sha256}


def test_a_list_that_changed_after_planning_is_refused(corpus: Path, tmp_path: Path, run: Run) -> None:
    words = tmp_path / "words.txt"
    words.write_text("w8x0\n")
    spec = job_of(corpus, tmp_path / "out", steps=STEPS.format(urls=words, words=words))
    words.write_text("w9x0\n")
    with pytest.raises(JobError, match=r"words.txt is another file than the job was planned with"):
        run(spec)


def test_a_list_that_went_after_planning_is_refused(corpus: Path, tmp_path: Path, run: Run) -> None:
    words = tmp_path / "words.txt"
    words.write_text("w8x0\n")
    spec = job_of(corpus, tmp_path / "out", steps=STEPS.format(urls=words, words=words))
    words.unlink()
    with pytest.raises(JobError, match=r"a worker cannot read .*words.txt"):
        run(spec)


def test_paths_are_relative_to_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "a.txt").write_text("word\n")
    text = job_text("/raw", "/target", steps=STEPS.format(urls="lists/a.txt", words="lists/a.txt"))
    monkeypatch.chdir(tmp_path)
    step = parse(text.encode(), "job.toml").steps[0]
    assert step.urls[0].path == str(tmp_path / "lists" / "a.txt")  # type: ignore[union-attr]


def mistakes(steps: str) -> str:
    with pytest.raises(JobError) as told:
        job_of("/raw", "/target", steps=steps)
    return str(told.value)


def test_every_mistake_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    for name, data in {"empty": b"", "blank": b"\n# none\n", "latin": b"one\ncaf\xe9\n", "page": b"a.com/x\n"}.items():
        (tmp_path / name).write_bytes(data)
    steps = f"""
[[steps]]
op = "url_blocklist"
domains = ["{tmp_path}/none.txt", "{tmp_path}", "{tmp_path}/page"]
words = ["{tmp_path}/blank", 3]

[[steps]]
op = "bad_words"
lists = {{en = "{tmp_path}/latin", zh = "{tmp_path}/empty", cn = "{tmp_path}/empty"}}
allowed_lists = ["nowhere://x/a.txt"]
words_max = -1
"""
    told = mistakes(steps).splitlines()
    for place, what in [
        ("steps.0 (url_blocklist) domains.0: there is no file", "none.txt"),
        ("steps.0 (url_blocklist) domains.1: cannot read", "directory"),
        ("steps.0 (url_blocklist) domains.2: ", "page: 'a.com/x' is no domain"),
        ("steps.0 (url_blocklist) words.0: ", "blank: the list has no entries"),
        ("steps.0 (url_blocklist) words.1: ", "should be the path or URL of a file; it is 3"),
        ("steps.1 (bad_words) lists.en: ", "latin: line 2 is not UTF-8"),
        ("steps.1 (bad_words) lists.zh: ", "empty: the file is empty"),
        ("steps.1 (bad_words) lists.cn: ", "'cn' is no language"),
        ("steps.1 (bad_words) allowed_lists.0: cannot open nowhere://x/a.txt", "nowhere"),
        ("steps.1 (bad_words) words_max: ", "-1"),
    ]:
        assert [line for line in told if line.strip().startswith(place) and what in line], (place, what, told)


def test_a_model_is_named_by_its_content(tmp_path: Path) -> None:
    data = to_bytes(Model(NGrams(buckets_log2=10), np.zeros(1 << 10, np.float32), 0.0, {}))
    sha256 = hashlib.sha256(data).hexdigest()
    (tmp_path / "a.npz").write_bytes(data)
    (tmp_path / "b.npz").write_bytes(data)
    step = '[[steps]]\nop = "classifier"\nmodel = "{}/{}.npz"\n'
    plans = [
        plan_job(job_of("/raw", "/target", steps=step.format(tmp_path, name) + pinned))
        for name in ("a", "b")
        for pinned in ("", f'sha256 = "{sha256}"\n')
    ]
    assert len({plan.segments[0].pass_folder for plan in plans}) == 1
    told = mistakes(step.format(tmp_path, "a") + f'sha256 = "{"0" * 64}"\n')
    assert f"a.npz is another file: its sha256 is {sha256}" in told
    (tmp_path / "a.npz").write_bytes(b"{}")
    assert "steps.0 (classifier) model: " in (told := mistakes(step.format(tmp_path, "a")))
    assert "a.npz: it is not a file that train-filter writes" in told


def test_a_release_can_be_looked_at_without_the_lists(corpus: Path, tmp_path: Path, run: Run) -> None:
    words, job = tmp_path / "words.txt", tmp_path / "job.toml"
    words.write_text("w8x0\n")
    job.write_text(job_text(corpus, tmp_path / "out", steps=STEPS.format(urls=words, words=words)))
    run(load(str(job)))
    words.unlink()
    spec = load(str(job), with_files=False)
    assert "too_many_bad_word_chars" in "\n".join(explain(open_storage(spec.target), 1, "web-8"))
    with pytest.raises(JobError, match="there is no file"):
        load(str(job))
