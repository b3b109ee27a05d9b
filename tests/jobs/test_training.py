"""A filter is trained from shards: it learns, its file depends on the texts alone, and a job drops by its scores."""

import os
import random
import re
from collections.abc import Callable
from pathlib import Path

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import folder_job, release_bytes, write_lines, write_parquet
from typer.testing import CliRunner

from jobs.__main__ import app
from jobs.errors import JobError
from jobs.release import Published
from jobs.spec import JobSpec
from jobs.training.classifier import train
from jobs.training.files import Trained
from jobs.training.texts import Wanted, read_texts
from ops.edits.classifier_model import from_bytes, probabilities
from ops.kernels.hashed_ngrams import NGrams

SHARED = ["the", "a", "of", "and", "to", "in", "it", "was", "that", "for", "on", "with", "as", "at", "by", "from"]
WORDS = {True: ["theorem", "proof", "lemma", "matrix", "vector"], False: ["buy", "cheap", "offer", "click", "sale"]}
HAN = "的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年"
HAN_OF = {True: ["定理证明", "矩阵向量", "引理函数"], False: ["优惠促销", "点击购买", "便宜折扣"]}

Texts = dict[bool, list[str]]


def english(count: int, seed: int = 5) -> Texts:
    draw = random.Random(seed)
    return {
        label: [" ".join(draw.choices(SHARED, k=30) + draw.choices(words, k=2)) + "." for _ in range(count)]
        for label, words in WORDS.items()
    }


def chinese(count: int, seed: int = 5) -> Texts:
    draw = random.Random(seed)
    return {
        label: ["".join(draw.choices(HAN, k=20)) + draw.choice(phrases) + "，今天。" for _ in range(count)]
        for label, phrases in HAN_OF.items()
    }


def write_classes(folder: Path, texts: Texts) -> Wanted:
    write_lines(folder / "good" / "a.jsonl", texts[True])
    write_lines(folder / "rest" / "a.jsonl", texts[False])
    return Wanted(str(folder / "good" / "*.jsonl"), str(folder / "rest"))


def trained_at(wanted: Wanted, path: Path) -> Trained:
    path.parent.mkdir(parents=True, exist_ok=True)
    return train(wanted, NGrams(buckets_log2=14), path)


@pytest.mark.parametrize("texts", [english(600), chinese(600)], ids=["english", "chinese"])
def test_it_learns(texts: Texts, tmp_path: Path) -> None:
    made = trained_at(write_classes(tmp_path, texts), tmp_path / "m.npz")
    held = made.about["held_out"]
    half = next(one for one in held["thresholds"] if one["threshold"] == 0.5)
    assert half["precision"] > 0.9
    assert half["recall"] > 0.9
    assert held["auc"] > 0.95
    assert 150 < held["documents"] < 330
    assert held["documents"] + made.about["trained_on"]["documents"] == len(set(texts[True] + texts[False]))
    assert sum(one["documents"] for one in held["calibration"]) == held["documents"]


def test_what_cannot_be_told_apart_is_told_so(tmp_path: Path) -> None:
    """The figures are of texts that the model has not seen: it knows those that it has by heart."""
    texts = english(600)[True] + english(600, seed=6)[True]
    texts = list(dict.fromkeys(texts))
    made = trained_at(write_classes(tmp_path, {True: texts[::2], False: texts[1::2]}), tmp_path / "m.npz")
    assert 0.35 < made.about["held_out"]["auc"] < 0.65


def test_the_file_depends_on_the_texts_alone(tmp_path: Path) -> None:
    texts = english(300)
    first = trained_at(write_classes(tmp_path / "one", texts), tmp_path / "one" / "m.npz")
    for n, part in enumerate((texts[True][200:], texts[True][:100][::-1], texts[True][100:200])):
        write_parquet(tmp_path / "good" / f"{n}.parquet", [{"id": None, "text": text, "url": None} for text in part])
    write_lines(tmp_path / "rest" / "z.jsonl", texts[False][150:])
    write_lines(tmp_path / "rest" / "a.jsonl", texts[False][:150])
    second = trained_at(Wanted(str(tmp_path / "good"), str(tmp_path / "rest")), tmp_path / "m.npz")
    assert first.path.read_bytes() == second.path.read_bytes()
    assert first.page.read_text() == second.page.read_text()
    other = trained_at(Wanted(str(tmp_path / "good"), str(tmp_path / "rest"), seed=1), tmp_path / "n.npz")
    assert other.sha256 != first.sha256


def test_which_texts_are_drawn_depends_on_the_texts_alone(tmp_path: Path) -> None:
    texts = english(400)
    wanted = write_classes(tmp_path / "one", texts)
    few = read_texts(Wanted(wanted.positive, wanted.background, documents_max=120))
    parts = [texts[True][n::4] for n in (3, 1, 0, 2)]
    for n, part in enumerate(parts):  # each more than once: pools are thinned out on the way
        write_lines(tmp_path / "good" / f"{n}.jsonl", part * 2)
    write_lines(tmp_path / "rest" / "a.jsonl", texts[False])
    again = read_texts(Wanted(str(tmp_path / "good"), str(tmp_path / "rest"), documents_max=120))
    assert few.is_positive.sum() == (~few.is_positive).sum() == 120
    assert again.text.to_pylist() == few.text.to_pylist()
    assert again.sha256 == few.sha256
    assert again.read == {"positive": 800, "background": 400}


def test_copies_are_not_both_trained_on_and_held_out(tmp_path: Path) -> None:
    """Nor are texts of both classes in either."""
    texts = english(300)
    copies = [text.upper().replace(" ", "  ") for text in texts[True]]
    both = texts[False][:7]
    wanted = write_classes(tmp_path, {True: texts[True] + copies + both, False: texts[False]})
    found = read_texts(wanted)
    assert found.in_both == 7
    assert found.read == {"positive": 607, "background": 300}
    assert found.is_positive.sum() == 300
    assert (~found.is_positive).sum() == 293
    folded = [text.lower().split() for text in found.text.to_pylist()]
    assert len({tuple(words) for words in folded}) == 593
    assert not {tuple(text.split()) for text in both} & {tuple(words) for words in folded}


def test_one_labelled_set(tmp_path: Path) -> None:
    texts = english(200)
    rows = [(text, 5 if label else 1) for label, part in texts.items() for text in part] + [("no label", None)]
    table = pa.table({"body": [row[0] for row in rows], "stars": pa.array([row[1] for row in rows], pa.int64())})
    pq.write_table(table, tmp_path / "all.parquet")
    wanted = Wanted(str(tmp_path / "all.parquet"), None, "body", "stars", ("4", "5"))
    one = trained_at(wanted, tmp_path / "m.npz")
    two = trained_at(write_classes(tmp_path, texts), tmp_path / "n.npz")
    assert one.sha256 == two.sha256


def few(folder: Path) -> Wanted:
    texts = english(300)
    return write_classes(folder, {True: texts[True][:99] * 3, False: texts[False]})


def other_column(folder: Path) -> Wanted:
    return Wanted(write_classes(folder, english(200)).positive, str(folder / "rest"), text="body")


def other_parquet_column(folder: Path) -> Wanted:
    pq.write_table(pa.table({"body": english(200)[True]}), folder / "a.parquet")
    return Wanted(str(folder / "a.parquet"), str(folder / "a.parquet"))


def labelled(folder: Path, column: str) -> Wanted:
    write_lines(folder / "a.jsonl", english(200)[True])
    return Wanted(str(folder), None, labels=column, positive_labels=("yes",))


REFUSALS: dict[str, tuple[Callable[[Path], Wanted], str]] = {
    "no files": (lambda folder: Wanted(str(folder / "*.parquet"), str(folder)), "no shard matches"),
    "few": (few, "297 positive documents have 99 distinct texts .* at least 100 of each class"),
    "column": (other_column, "no record has text in the column 'body'. Name the column of texts with --text"),
    "parquet column": (other_parquet_column, r"a\.parquet: no_text_column: .*--text names"),
    "no labels": (lambda folder: labelled(folder, "stars"), "no document has a label in the column 'stars'"),
    "other labels": (lambda folder: labelled(folder, "text"), "no document has the label 'yes' .* with --positive: "),
}


@pytest.mark.parametrize(("wanted", "told"), REFUSALS.values(), ids=REFUSALS)
def test_refusals_say_what_to_do(wanted: Callable[[Path], Wanted], told: str, tmp_path: Path) -> None:
    with pytest.raises(JobError, match=told):
        trained_at(wanted(tmp_path), tmp_path / "m.npz")
    assert not (tmp_path / "m.npz").exists()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("there.npz", "is there already"),
        ("page.npz", "page.html is there already"),
        ("m.bin", "ends in .npz"),
        ("none/m.npz", "there is no folder"),
        ("s3://bucket/m.npz", "written to a local file"),
    ],
)
def test_a_model_is_a_file_of_its_own(name: str, told: str, tmp_path: Path) -> None:
    for there in ("there.npz", "page.html"):
        (tmp_path / there).touch()
    path = Path(name) if "://" in name else tmp_path / name
    with pytest.raises(JobError, match=told):
        train(Wanted("none", "none"), NGrams(), path)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["a", "b"], "2 paths were given; expected POSITIVE BACKGROUND MODEL"),
        (["a", "b", "c", "d.npz"], "Quote a glob"),
        (["a", "b", "c.npz", "--labels", "x", "--positive", "1"], "expected LABELLED MODEL"),
        (["a", "c.npz", "--labels", "x"], "--labels COLUMN and --positive LABEL go together"),
    ],
)
def test_paths_that_do_not_fit_are_refused(arguments: list[str], told: str) -> None:
    ended = CliRunner().invoke(app, ["train-filter", *arguments])
    assert isinstance(ended.exception, JobError)
    assert told in str(ended.exception)


@pytest.fixture
def printed(tmp_path: Path) -> str:
    """What the command says of a model in `m.npz`."""
    texts = english(300)
    wanted = write_classes(tmp_path, texts)
    arguments = [wanted.positive, str(wanted.background), str(tmp_path / "m.npz"), "--words", "1", "--characters", "0"]
    ended = CliRunner().invoke(app, ["train-filter", *arguments])
    assert ended.exit_code == 0, ended.output
    return ended.output


def test_the_printed_lines_make_a_job(printed: str, tmp_path: Path, run: Callable[[JobSpec], Published]) -> None:
    fresh = english(40, seed=77)
    write_lines(tmp_path / "raw" / "a.jsonl", fresh[True] + fresh[False])
    steps = printed[printed.index("[[steps]]") :]
    made = run(folder_job(tmp_path / "raw", tmp_path / "out", steps=steps))
    model = from_bytes((tmp_path / "m.npz").read_bytes())
    scores = probabilities(model, pa.array(fresh[True] + fresh[False]))
    assert made.manifest["counts"]["kept"] == int((scores >= 0.5).sum())
    assert made.manifest["counts"]["dropped"] == int((scores < 0.5).sum())
    assert np.mean((scores >= 0.5) == ([True] * 40 + [False] * 40)) > 0.9
    released = pq.read_table(tmp_path / "out" / "releases" / "0001" / "data")
    assert released["classifier_score"].type == pa.float64()
    assert sorted(released["classifier_score"].to_pylist()) == sorted(scores[scores >= 0.5].tolist())


def test_a_model_that_moved_scores_nothing_again_and_may_lie_in_a_store(
    printed: str, tmp_path: Path, run: Callable[[JobSpec], Published], texts_read: list[str]
) -> None:
    write_lines(tmp_path / "raw" / "a.jsonl", english(20, seed=78)[True])
    steps = printed[printed.index("[[steps]]") :]
    run(folder_job(tmp_path / "raw", tmp_path / "out", steps=steps))
    assert len(texts_read) == 1
    with fsspec.open("memory://models/m.npz", "wb") as file:
        file.write((tmp_path / "m.npz").read_bytes())
    (tmp_path / "m.npz").unlink()
    moved = re.sub(r"(?m)^model .*$", 'model = "memory://models/m.npz"', steps)
    run(folder_job(tmp_path / "raw", tmp_path / "out", steps=moved))
    assert len(texts_read) == 1
    run(folder_job(tmp_path / "raw", tmp_path / "other", steps=moved))
    assert len(texts_read) == 2
    one, other = (release_bytes(tmp_path / name) for name in ("out", "other"))
    assert [one[name] for name in one if name.startswith("data/")] == [
        other[name] for name in other if name.startswith("data/")
    ]


def test_a_job_with_another_model_is_refused(printed: str, tmp_path: Path) -> None:
    steps = re.sub(r"[0-9a-f]{64}", "0" * 64, printed[printed.index("[[steps]]") :])
    with pytest.raises(JobError, match=r"steps.0 \(classifier\): .*m.npz is another file"):
        folder_job(tmp_path / "raw", tmp_path / "out", steps=steps)


def test_the_page_tells_the_figures(printed: str, tmp_path: Path) -> None:
    page = (tmp_path / "m.html").read_text()
    model = from_bytes((tmp_path / "m.npz").read_bytes())
    held = model.about["held_out"]
    assert page.count("<circle") == len(held["calibration"])
    assert "<script" not in page
    assert "http" not in page
    sha256 = re.findall(r"[0-9a-f]{64}", printed)[0]
    assert sha256 in page
    assert f"{held['documents']:,} others" in page
    assert model.grams == NGrams(words=1, characters=0)
    assert set(model.about["versions"]) == {"scikit-learn", "scipy", "numpy"}
    assert os.fspath(tmp_path) not in page
