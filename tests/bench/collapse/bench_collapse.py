"""Does text that a model writes, fed back night after night, spoil the next model? The corpus decides.

    PYTHONPATH=.:tests/bench/collapse python tests/bench/collapse/bench_collapse.py --seeds 3 --generations 8

A model is trained on a release, writes text, and that is a source of the next release: every release is made by a job
with `mix`. Arms differ in their recipe alone. Prints held-out perplexity and tail coverage by generation, and writes
them as JSON and as a plot.
"""

import argparse
import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from language import Model, perplexity, sample, tuned
from plot import plot
from world import World, make_world, numbered

from jobs.progress import Progress
from jobs.run import run_job
from jobs.spec import parse

# What a job's recipe says, and which generations' text it reads: the newest, or all.
ARMS: dict[str, tuple[str, str]] = {
    "control": ("", "none"),
    "replace": ("synthetic_max = 1", "newest"),
    "accumulate": ("synthetic_max = 1", "all"),
    "real 0.3": ("synthetic_max = 1\nlimits = [{where = {origin = 'real'}, share = 0.3}]", "newest"),
    "real 0.5": ("synthetic_max = 1\nlimits = [{where = {origin = 'real'}, share = 0.5}]", "newest"),
    "real 0.7": ("synthetic_max = 1\nlimits = [{where = {origin = 'real'}, share = 0.7}]", "newest"),
    "default recipe": ("", "newest"),
}
# As many tokens as there is real text: so the arms differ in what they are made of, not in how much.
FIXED = {"real 0.3", "real 0.5", "real 0.7"}

JOB = """
name = "generation"
target = "{folder}/{generation}"
seed = {seed}
[[references]]
name = "reference"
path = "{folder}/reference.jsonl"
{sources}
[[steps]]
op = "mix"
{recipe}
[[steps]]
op = "collapse_guard"
against = ["reference"]
by = []
sample_tokens = {sample}
gates = []
[run]
engine = "inline"
"""
SOURCE = '[[sources]]\nname = "{name}"\npath = "{path}"\norigin = "{origin}"\n'


@dataclass(frozen=True)
class Told:
    """What one generation's release and model are like."""

    perplexity: float
    metrics: dict[str, dict[str, float]]


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
        found[arm] = [list(generations(world, arm, given.generations, seed)) for seed in range(given.seeds)]
        print(line(arm, found[arm]), flush=True)
        print(f"{'':15} refused at generation 1: {refused(found[arm])}", flush=True)
    given.out.mkdir(parents=True, exist_ok=True)
    told = {arm: [[vars(one) for one in run] for run in runs] for arm, runs in found.items()}
    (given.out / "collapse.json").write_text(json.dumps(told, indent=1))
    curves = {arm: np.mean([[one.perplexity for one in run] for run in runs], axis=0) for arm, runs in found.items()}
    (given.out / "collapse.svg").write_text(plot(curves, "generation", "held-out perplexity"))


def generations(world: World, arm: str, count: int, seed: int) -> Iterator[Told]:
    """Release, train, write, and again."""
    recipe, reads = ARMS[arm]
    folder = Path(tempfile.mkdtemp(prefix="collapse-"))
    try:
        write(folder / "real.jsonl", "real", world.train)
        write(folder / "reference.jsonl", "reference", world.reference)
        words = sum(map(len, world.train))
        for generation in range(count + 1):
            first = generation == 0
            newest = [] if first or reads == "none" else [folder / f"written-{generation - 1}.jsonl"]
            written = [folder / f"written-{n}.jsonl" for n in range(generation)] if reads == "all" else newest
            sources = [] if arm == "replace" and not first else [(folder / "real.jsonl", "real")]
            asked = recipe if not first else ""
            asked += f"\ntokens = {words}" if arm in FIXED and not first else ""
            made, text = release(folder, generation, sources + [(one, "synthetic") for one in written], asked, seed)
            vocabulary = world.vocabulary
            model = tuned(numbered(text, vocabulary), 1 + len(vocabulary), numbered(world.tune, vocabulary))
            yield Told(perplexity(model, numbered(world.held_out, vocabulary)), made["metrics"])
            write(folder / f"written-{generation}.jsonl", f"g{generation}", spoken(model, words, seed, vocabulary))
    finally:
        shutil.rmtree(folder)


def release(
    folder: Path, generation: int, sources: list[tuple[Path, str]], recipe: str, seed: int
) -> tuple[dict[str, Any], list[list[str]]]:
    """Run a job; return what its guard tells of the whole, and the released documents as words."""
    told = "".join(SOURCE.format(name=path.stem, path=path, origin=origin) for path, origin in sources)
    # Each night draws anew.
    job = JOB.format(
        folder=folder, generation=generation, seed=1000 * seed + generation, sources=told, recipe=recipe, sample=20_000
    )
    made = run_job(parse(job.encode(), "job.toml"), Progress(silent=True))
    data = sorted((folder / str(generation) / made.folder / "data").glob("*.parquet"))
    texts = [text for file in data for text in pq.read_table(file, columns=["text"])["text"].to_pylist()]
    return made.manifest["surveys"]["collapse_guard"]["groups"]["all"], [text.split() for text in texts]


def spoken(model: Model, words: int, seed: int, vocabulary: dict[str, int]) -> list[list[str]]:
    """Let a model write as much as there is real text."""
    names = {number: word for word, number in vocabulary.items()}
    return [[names[int(n)] for n in document] for document in sample(model, words, np.random.default_rng(seed))]


def write(path: Path, name: str, documents: list[list[str]]) -> None:
    """Write documents as JSON lines."""
    lines = (json.dumps({"id": f"{name}-{n}", "text": " ".join(document)}) for n, document in enumerate(documents))
    path.write_text("".join(f"{one}\n" for one in lines))


def line(arm: str, runs: list[list[Told]]) -> str:
    """One line of the table: perplexity by generation, its spread, and the tail that is left."""
    by_generation = np.array([[one.perplexity for one in run] for run in runs])
    mean = by_generation.mean(axis=0)
    tail = [
        np.mean([run[n].metrics["tail_coverage"]["value"] for run in runs])
        / np.mean([run[n].metrics["tail_coverage"]["real_mean"] for run in runs])
        for n in (1, -1)
    ]
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
