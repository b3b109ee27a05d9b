"""Does text that a model writes, fed back night after night, spoil the next model? The corpus decides.

    PYTHONPATH=.:tests/bench/collapse python tests/bench/collapse/bench_collapse.py --seeds 3 --generations 8

A model is trained on a release, writes text, and that is a source of the next release: every release is made by a job
with `mix`. Arms differ in their recipe alone. Prints held-out perplexity and tail coverage by generation, and writes
them as JSON and as a plot.
"""

import argparse
import json
import math
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from language import Model, perplexity, sample, tuned
from plot import plot
from world import World, make_world, named, numbered

from jobs.progress import Progress
from jobs.run import run_job
from jobs.spec import parse
from ops.tokenizers import count_tokens


@dataclass(frozen=True)
class Arm:
    """What a job reads and how it mixes that."""

    recipe: str
    reads: Literal["none", "newest", "all"] = "newest"  # of the text that models wrote
    is_real: bool = True  # whether the real text is a source after the first generation
    is_sized: bool = False  # as many tokens as there is real text: arms then differ in what they are made of alone
    written: int = 1  # how many times as many words as there is real text a model writes
    columns: str = ""  # of the sources
    steps: str = ""  # before the mix


def of_real(share: float) -> Arm:
    """So much real text, drawn anew each night."""
    return Arm(f"synthetic_max = 1\nlimits = [{{where = {{origin = 'real'}}, share = {share}}}]", is_sized=True)


ARMS: dict[str, Arm] = {
    "control": Arm("", reads="none"),
    "replace": Arm("synthetic_max = 1", is_real=False),
    "accumulate": Arm("synthetic_max = 1", reads="all"),
    "real 0.3": of_real(0.3),
    "real 0.5": of_real(0.5),
    "real 0.7": of_real(0.7),
    "default recipe": Arm(""),
    # As replace, of four times as much: what the first model finds likeliest, or what is most like real text.
    "likeliest": Arm(
        'synthetic_max = 1\nimportance = "likelihood"',
        is_real=False,
        is_sized=True,
        written=4,
        columns='{likelihood = "likelihood"}',
    ),
    "importance": Arm(
        'synthetic_max = 1\nimportance = "importance"',
        is_real=False,
        is_sized=True,
        written=4,
        steps='[[steps]]\nop = "importance"\nagainst = ["reference"]',
    ),
}

JOB = """
name = "generation"
target = "{folder}/{generation}"
seed = {seed}
[[references]]
name = "reference"
path = "{folder}/reference.jsonl"
{sources}
{steps}
[[steps]]
op = "mix"
{recipe}
[[steps]]
op = "collapse_guard"
against = ["reference"]
by = []
sample_tokens = {sample}
sample_share = 1
gates = []
[run]
engine = "inline"
"""
SOURCE = '[[sources]]\nname = "{name}"\npath = "{path}"\norigin = "{origin}"\ncolumns = {columns}\n'


@dataclass(frozen=True)
class Told:
    """What one generation's release and model are like."""

    perplexity: float
    metrics: dict[str, dict[str, float]]  # none where too little is left: a mix takes equal texts once

    @property
    def tail(self) -> float:
        """Tail coverage, to that of real text."""
        found = self.metrics.get("tail_coverage")
        return found["value"] / found["real_mean"] if found else math.nan


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--corpus", type=Path, help="folder of part-*.parquet; default: text written here")
    asked.add_argument("--source", help="of the corpus: what the column source says; default: all")
    asked.add_argument("--words", type=int, default=240_000)
    asked.add_argument("--generations", type=int, default=8)
    asked.add_argument("--seeds", type=int, default=3)
    asked.add_argument("--arms", nargs="*", default=list(ARMS), choices=list(ARMS))
    asked.add_argument("--out", type=Path, default=Path("collapse"), help="folder of collapse.json and collapse.svg")
    given = asked.parse_args()
    world = make_world(given.corpus, given.source, given.words)
    found: dict[str, list[list[Told]]] = {}
    for arm in given.arms:
        found[arm] = [list(generations(world, ARMS[arm], given.generations, seed)) for seed in range(given.seeds)]
        print(line(arm, found[arm]), flush=True)
        print(f"{'':15} refused at generation 1: {refused(found[arm])}", flush=True)
    given.out.mkdir(parents=True, exist_ok=True)
    told = {arm: [[vars(one) for one in run] for run in runs] for arm, runs in found.items()}
    (given.out / "collapse.json").write_text(json.dumps(told, indent=1))
    curves = {arm: np.mean([[one.perplexity for one in run] for run in runs], axis=0) for arm, runs in found.items()}
    (given.out / "collapse.svg").write_text(plot(curves, "generation", "held-out perplexity"))


def generations(world: World, arm: Arm, count: int, seed: int) -> Iterator[Told]:
    """Release, train, write, and again."""
    folder = Path(tempfile.mkdtemp(prefix="collapse-"))
    try:
        write(folder / "real.jsonl", "real", world.train)
        write(folder / "reference.jsonl", "reference", world.reference)
        words = sum(map(len, world.train))
        judge: Model | None = None
        for generation in range(count + 1):
            made, text = release(folder, generation, arm, seed)
            model = tuned(numbered(text, world), world.size, numbered(world.tune, world))
            judge = judge or model
            yield Told(perplexity(model, numbered(world.held_out, world)), made["metrics"])
            spoken = sample(model, arm.written * words, np.random.default_rng(seed))
            likelihoods = [-1000 * math.log(perplexity(judge, [one])) for one in spoken] if arm.columns else None
            write(folder / f"written-{generation}.jsonl", f"g{generation}", named(spoken, world), likelihoods)
    finally:
        shutil.rmtree(folder)


def release(folder: Path, generation: int, arm: Arm, seed: int) -> tuple[dict[str, Any], list[list[str]]]:
    """Run a job; return what its guard tells of the whole, and the released documents as words."""
    is_first = generation == 0
    read = {"none": [], "newest": [generation - 1], "all": [*range(generation)]}[arm.reads] if not is_first else []
    sources = [(folder / "real.jsonl", "real")] if arm.is_real or is_first else []
    sources += [(folder / f"written-{n}.jsonl", "synthetic") for n in read]
    columns = arm.columns if not is_first else ""
    recipe = arm.recipe if not is_first else ""
    if arm.is_sized and not is_first:
        real = [json.loads(row)["text"] for row in (folder / "real.jsonl").read_text().splitlines()]
        recipe += f"\ntokens = {int(count_tokens(pa.array(real)).sum())}"
    job = JOB.format(
        folder=folder,
        generation=generation,
        seed=1000 * seed + generation,  # each night draws anew
        sources="".join(
            SOURCE.format(name=path.stem, path=path, origin=origin, columns=columns or "{}") for path, origin in sources
        ),
        steps=arm.steps if not is_first else "",
        recipe=recipe,
        sample=20_000,
    )
    made = run_job(parse(job.encode(), "job.toml"), Progress(silent=True))
    data = sorted((folder / str(generation) / made.folder / "data").glob("*.parquet"))
    texts = [text for file in data for text in pq.read_table(file, columns=["text"])["text"].to_pylist()]
    return made.manifest["surveys"]["collapse_guard"]["groups"]["all"], [text.split() for text in texts]


def write(path: Path, name: str, documents: list[list[str]], likelihoods: list[float] | None = None) -> None:
    """Write documents as JSON lines, with how likely each is where that is told, in thousandths of nats a word."""
    rows = [{"id": f"{name}-{n}", "text": " ".join(document)} for n, document in enumerate(documents)]
    for row, likelihood in zip(rows, likelihoods or [], strict=False):
        row["likelihood"] = str(likelihood)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def line(arm: str, runs: list[list[Told]]) -> str:
    """One line of the table: perplexity by generation, its spread, and the tail that is left."""
    by_generation = np.array([[one.perplexity for one in run] for run in runs])
    mean = by_generation.mean(axis=0)
    tail = [np.mean([one.tail for one in at]) for at in ([run[n] for run in runs] for n in (1, -1))]
    spread = (by_generation.std(axis=0) / mean).max()
    return (
        f"{arm:15} " + " ".join(f"{one:8.0f}" for one in mean) + f"   sd {spread:.1%}, "
        f"tail coverage to real {tail[0]:.2f} -> {tail[1]:.2f}"
    )


def refused(runs: list[list[Told]]) -> str:
    """Say how many seeds' first releases lie outside real text's range, by each of the primary pair, and by margin."""
    told = []
    for name, is_low in (("tail_coverage", True), ("template_concentration", False)):
        found = [run[1].metrics[name] for run in runs]
        for margin in (0.0, 0.1):
            beyond = [
                one["value"] < one["real_low"] - margin * one["real_mean"]
                if is_low
                else one["value"] > one["real_high"] + margin * one["real_mean"]
                for one in found
            ]
            told.append(f"{name} with margin {margin:g} {sum(beyond)} of {len(runs)}")
    return ", ".join(told)


if __name__ == "__main__":
    main()
