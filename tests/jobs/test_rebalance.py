"""Rebalancing: a rare class of the training split gets its share, by repeats within a limit and by synthetic text."""

import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.errors import JobError
from jobs.release import Published
from jobs.spec import JobSpec, parse
from ops.kernels.tokens import count_tokens

Run = Callable[[JobSpec], Published]

PAGE = (Path(__file__).parents[2] / "ops/mixing/README.md").read_text()
RECIPE = PAGE.partition("## Rebalancing")[2].partition("```toml\n")[2].partition("```")[0]
WORDS = 100

# Source, split, label, documents.
CORPUS = [
    ("web", "train", "common", 198),
    ("web", "train", "rare", 2),
    ("web", "test", "common", 20),
    ("web", "test", "rare", 2),
    ("made", "train", "rare", 60),
]


@pytest.fixture(autouse=True)
def _words_are_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.mixing.mix.count_tokens", lambda strings, *_: count_tokens(strings))


def job(folder: Path, recipe: str) -> JobSpec:
    for source in ("web", "made"):
        rows = [
            {
                "id": f"{source}-{split}-{label}-{n}",
                "text": text(source, split, label, n),
                "split": split,
                "label": label,
            }
            for name, split, label, count in CORPUS
            for n in range(count)
            if name == source
        ]
        (folder / "raw" / source).mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(rows), folder / f"raw/{source}/a.parquet")
    columns = '{text = "text", id = "id", split = "split", label = "label"}'
    sources = "".join(
        f'[[sources]]\nname = "{name}"\npath = "{folder}/raw/{name}"\norigin = "{origin}"\ncolumns = {columns}\n'
        for name, origin in (("web", "real"), ("made", "synthetic"))
    )
    run = '[release]\nshard_bytes = 100000\n[run]\nengine = "inline"\n'
    return parse(f'name = "test"\ntarget = "{folder}/out"\n{sources}{recipe}\n{run}'.encode(), "job.toml")


def text(source: str, split: str, label: str, number: int) -> str:
    own = f"{source} {split} {label} {number}"
    return own + " word" * (WORDS - 4)


def recipe(tokens: int) -> str:
    """The recipe of the page, with the size of this corpus."""
    steps = tomllib.loads(RECIPE)["steps"]
    assert [*steps[0]] == ["op", "tokens", "within", "real_first", "limits"]
    return RECIPE.replace("1_000_000_000", str(tokens))


def test_a_rare_class_gets_its_share_in_training_and_the_rest_is_left_alone(tmp_path: Path, run: Run) -> None:
    run(job(tmp_path, recipe(tokens=22_000)))
    table = pa.concat_tables(map(pq.read_table, sorted((tmp_path / "out").glob("releases/0001/data/*"))))
    rows = table.to_pylist()
    found = Counter((row["split"], row["label"], row["origin"]) for row in rows)
    assert found == {
        ("train", "common", "real"): 198,
        ("train", "rare", "real"): 8,
        ("train", "rare", "synthetic"): 14,
        ("test", "common", "real"): 20,
        ("test", "rare", "real"): 2,
    }
    times = Counter(row["id"] for row in rows)
    assert {
        times[row["id"]] for row in rows if (row["label"], row["origin"], row["split"]) != ("rare", "real", "train")
    } == {1}
    assert times["web-train-rare-0"] == times["web-train-rare-1"] == 4


def test_what_cannot_be_made_up_is_refused(tmp_path: Path, run: Run) -> None:
    with pytest.raises(JobError, match=r"limits.1 \(rare\) share"):
        run(job(tmp_path, recipe(tokens=22_000).replace("share = 0.1", "share = 0.5")))
