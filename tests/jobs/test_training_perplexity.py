"""An n-gram model is trained from shards: it orders texts as one expects, and a job drops at both ends by it."""

import itertools
import random
import re
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import folder_job, write_lines, write_parquet
from typer.testing import CliRunner

from jobs.__main__ import app
from jobs.demo.words import GRAMMARS, Writer
from jobs.errors import JobError
from jobs.release import Published
from jobs.report.report import make_report
from jobs.spec import JobSpec
from jobs.storage import open_storage
from jobs.training.files import Trained
from jobs.training.perplexity import train
from jobs.training.texts import Wanted
from ops.edits.perplexity_model import Model, from_bytes, perplexities
from ops.kernels.ngram_model import NGramSettings

BOILERPLATE = {"en": "Copyright, all rights reserved by the publishers. ", "zh": "版权所有，未经许可不得转载。"}


def texts_of(language: str, count: int, seed: int = 5) -> list[str]:
    """Documents of the sample corpus, of which each ends with the same line."""
    writer = Writer(random.Random(seed), language)
    return [writer.document("sentence", (60, 200)) + "\n" + BOILERPLATE[language] for _ in range(count)]


def trained_at(wanted: Wanted, path: Path, **settings: Any) -> Trained:
    path.parent.mkdir(parents=True, exist_ok=True)
    return train(wanted, NGramSettings(**settings), path)


def model_of(made: Trained) -> Model:
    return from_bytes(made.path.read_bytes())


def typical(model: Model, texts: list[str]) -> float:
    return statistics.median(perplexities(pa.array(texts), model.table, model.settings.bytes_max).tolist())


def shuffled(text: str, language: str, draw: random.Random) -> str:
    units = text.split() if language == "en" else list(text)
    draw.shuffle(units)
    return (" " if language == "en" else "").join(units)


def gibberish(text: str, language: str, draw: random.Random) -> str:
    if language == "zh":
        return "".join(chr(draw.randrange(0x4E00, 0x9FA5)) for _ in text)
    return " ".join("".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=len(word))) for word in text.split())


@pytest.fixture(scope="module", params=["en", "zh"])
def language(request: pytest.FixtureRequest) -> str:
    assert request.param in GRAMMARS
    return str(request.param)


def test_texts_are_ordered_as_one_expects(language: str, tmp_path: Path) -> None:
    write_lines(tmp_path / "good" / "a.jsonl", texts_of(language, 800))
    model = model_of(trained_at(Wanted(str(tmp_path / "good"), None), tmp_path / "m.npz"))
    draw = random.Random(8)
    clean = [text.replace(BOILERPLATE[language], "") for text in texts_of(language, 60, seed=9)]
    found = [
        typical(model, [BOILERPLATE[language] * 20]),
        typical(model, clean),
        typical(model, [shuffled(text, language, draw) for text in clean]),
        typical(model, [gibberish(text, language, draw) for text in clean]),
    ]
    assert all(more > 1.5 * less for less, more in itertools.pairwise(found)), found
    other = {"en": "zh", "zh": "en"}[language]
    assert typical(model, texts_of(other, 20)) > found[2]


def test_the_file_depends_on_the_texts_alone(language: str, tmp_path: Path) -> None:
    texts = texts_of(language, 300)
    write_lines(tmp_path / "one" / "a.jsonl", texts)
    first = trained_at(Wanted(str(tmp_path / "one"), None), tmp_path / "one" / "m.npz")
    for n, part in enumerate((texts[200:], texts[:100][::-1], texts[100:200])):
        write_parquet(tmp_path / "many" / f"{n}.parquet", [{"id": None, "text": text, "url": None} for text in part])
    second = trained_at(Wanted(str(tmp_path / "many"), None), tmp_path / "m.npz")
    assert first.path.read_bytes() == second.path.read_bytes()
    assert first.page.read_text() == second.page.read_text()
    other = trained_at(Wanted(str(tmp_path / "many"), None, seed=1), tmp_path / "n.npz")
    assert other.sha256 != first.sha256
    assert trained_at(Wanted(str(tmp_path / "many"), None), tmp_path / "o.npz", order=2).sha256 != first.sha256


def test_copies_count_once_and_a_background_is_of_other_texts(tmp_path: Path) -> None:
    texts, rest = texts_of("en", 300), texts_of("en", 150, seed=6)
    write_lines(tmp_path / "good" / "a.jsonl", texts + [text.upper().replace(" ", "  ") for text in texts])
    write_lines(tmp_path / "rest" / "a.jsonl", rest + texts[:40])
    made = trained_at(Wanted(str(tmp_path / "good"), str(tmp_path / "rest")), tmp_path / "m.npz")
    about = made.about
    assert about["trained_on"]["documents"] + about["held_out"]["documents"] == 300
    assert 30 < about["held_out"]["documents"] < 90
    assert about["background"]["documents"] == 150
    assert about["in_both"] == 40
    assert about["read"] == {"positive": 600, "background": 190}
    alone = trained_at(Wanted(str(tmp_path / "good"), None), tmp_path / "n.npz")
    assert model_of(alone).table.slots.tobytes() == model_of(made).table.slots.tobytes()
    assert alone.about["background"] is None


def test_no_more_documents_are_held_than_one_says(tmp_path: Path) -> None:
    write_lines(tmp_path / "good" / "a.jsonl", texts_of("en", 500))
    made = trained_at(Wanted(str(tmp_path / "good"), None, documents_max=120), tmp_path / "m.npz")
    assert made.about["trained_on"]["documents"] + made.about["held_out"]["documents"] == 120
    assert made.about["read"]["positive"] == 500


def test_figures_are_of_texts_held_out(tmp_path: Path) -> None:
    """It knows those that it was trained on."""
    texts = [" ".join(random.Random(n).choices([f"w{k}" for k in range(300)], k=40)) for n in range(400)]
    write_lines(tmp_path / "good" / "a.jsonl", texts)
    made = trained_at(Wanted(str(tmp_path / "good"), None), tmp_path / "m.npz")
    held = made.about["held_out"]["percentiles"]
    assert list(held) == ["1", "5", "10", "50", "90", "95", "99"]
    assert list(held.values()) == sorted(held.values())
    assert 250 < held["50"] < 450
    assert typical(model_of(made), texts) < held["1"]
    assert sum(made.about["held_out"]["shares"]) == pytest.approx(1, abs=1e-4)


REFUSALS: dict[str, tuple[Callable[[Path], Wanted], str]] = {
    "no files": (lambda folder: Wanted(str(folder / "*.parquet"), None), "no shard matches"),
    "few": (lambda folder: Wanted(str(folder / "few"), None), "few: 99 documents have 99 distinct texts; expected at"),
    "few beside": (
        lambda folder: Wanted(str(folder / "good"), str(folder / "good")),
        "200 documents have 0 distinct texts that are not trained on",
    ),
    "column": (lambda folder: Wanted(str(folder / "good"), None, text="body"), "Name the column of texts with --text"),
}


@pytest.mark.parametrize(("wanted", "told"), REFUSALS.values(), ids=REFUSALS)
def test_refusals_say_what_to_do(wanted: Callable[[Path], Wanted], told: str, tmp_path: Path) -> None:
    write_lines(tmp_path / "good" / "a.jsonl", texts_of("en", 200))
    write_lines(tmp_path / "few" / "a.jsonl", texts_of("en", 99))
    with pytest.raises(JobError, match=told):
        trained_at(wanted(tmp_path), tmp_path / "m.npz")
    assert not (tmp_path / "m.npz").exists()


def test_a_model_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "m.html").touch()
    with pytest.raises(JobError, match=r"m\.html is there already"):
        trained_at(Wanted("none", None), tmp_path / "m.npz")


@pytest.fixture
def printed(tmp_path: Path) -> str:
    """What the command says of a model in `m.npz`."""
    write_lines(tmp_path / "good" / "a.jsonl", texts_of("en", 300))
    write_lines(tmp_path / "rest" / "a.jsonl", texts_of("en", 120, seed=6))
    arguments = [str(tmp_path / "good" / "*.jsonl"), str(tmp_path / "m.npz"), "--order", "2"]
    ended = CliRunner().invoke(app, ["train-perplexity", *arguments, "--background", str(tmp_path / "rest")])
    assert ended.exit_code == 0, ended.output
    return ended.output


def test_the_printed_lines_make_a_job_that_drops_at_both_ends(
    printed: str, tmp_path: Path, run: Callable[[JobSpec], Published]
) -> None:
    fresh = [*texts_of("en", 50, seed=77), BOILERPLATE["en"] * 9, "qzx wvp lkt " * 9, "— …"]
    write_lines(tmp_path / "raw" / "a.jsonl", fresh)
    made = run(folder_job(tmp_path / "raw", tmp_path / "out", steps=printed[printed.index("[[steps]]") :]))
    model = from_bytes((tmp_path / "m.npz").read_bytes())
    held = model.about["held_out"]["percentiles"]
    scores = perplexities(pa.array(fresh), model.table, model.settings.bytes_max)
    (limits,) = [one for one in made.manifest["steps"] if one["step"] == "limits"]
    assert limits["dropped"] == {
        "perplexity_too_low": int((scores < held["1"]).sum()),
        "perplexity_too_high": int((scores > held["99"]).sum()),
    }
    assert all(limits["dropped"].values())
    released = pq.read_table(tmp_path / "out" / "releases" / "0001" / "data")
    assert released["perplexity"].type == pa.float64()
    assert released["perplexity"].null_count == 1
    facts, page = make_report(open_storage(str(tmp_path / "out")), 1)
    (signal,) = facts["signals"]
    assert signal["reasons"] == ["perplexity_too_low", "perplexity_too_high"]
    assert [line["at"] for line in signal["thresholds"]] == [held["1"], held["99"]]
    assert "perplexity too low, perplexity too high" in page


def test_what_is_told_is_what_is_stored(printed: str, tmp_path: Path) -> None:
    page = (tmp_path / "m.html").read_text()
    model = from_bytes((tmp_path / "m.npz").read_bytes())
    held, background = model.about["held_out"], model.about["background"]
    assert background["documents"] == 120
    assert model.settings == NGramSettings(order=2)
    assert f"least  = {held['percentiles']['1']:g}" in printed
    assert f"most   = {held['percentiles']['99']:g}" in printed
    assert page.count("<polyline") == 2
    assert page.count("<blockquote") == 10
    assert "<script" not in page
    assert "http" not in page
    assert re.findall(r"[0-9a-f]{64}", printed)[0] in page
    assert str(tmp_path) not in page
