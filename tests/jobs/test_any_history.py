"""Any job over any history: whatever steps and settings, nights give what one run over what is there now gives.

And that however little a worker may hold: with few bytes each stage is many units, of which some find nothing.
"""

import os
import random
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from conftest import article, release_bytes, run_quietly
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs import lineage
from jobs import sorted as sorted_module
from jobs.clean import clean
from jobs.errors import JobError
from jobs.release import Published
from jobs.spec import JobSpec, parse
from jobs.surveys import keys, matching

Steps = Callable[[random.Random], str]

MENUS = ["Home | About | Contact us today", "Share this page with friends", "上一篇 下一篇 返回首页", "Read more"]
SHORT = ["", " ", "too short", "短", "\u200b", "a\x00b", "x" * 2000]
COLUMNS = ["id", "text", "url", "day", "stars", "kind", "parents"]
SCHEMA = pa.schema([(name, pa.string()) for name in COLUMNS[:-1]] + [("parents", pa.list_(pa.string()))])
SOURCES = {"web": 'origin = "real"', "forum": 'origin = "unknown"', "book": 'origin = "synthetic"\ngenerator = "m@1"'}


def text_of(chosen: random.Random) -> str:
    if chosen.random() < 0.1:
        return chosen.choice(SHORT)
    words = article(chosen.randrange(14)).split(" ")
    for _ in range(chosen.randrange(4)):
        words[chosen.randrange(len(words))] = f"edit{chosen.randrange(9)}"
    text = " ".join(words)
    before = chosen.choice(MENUS) + "\n" if chosen.random() < 0.3 else ""
    after = "\n" + chosen.choice(MENUS) if chosen.random() < 0.4 else ""
    return before + text + after


def documents(chosen: random.Random, source: str, shard: str) -> list[dict[str, object]]:
    return [
        {
            "id": f"{source}-{shard}-{n}" if chosen.random() < 0.9 else f"{source}-{chosen.randrange(8)}",
            "text": text_of(chosen),
            "url": chosen.choice([None, f"https://e{chosen.randrange(3)}.org/{chosen.randrange(9)}?utm_source=x"]),
            "day": f"2026-01-{chosen.randrange(10, 29)}",
            "stars": str(chosen.randrange(3)),
            "kind": chosen.choice("abc"),
            "parents": [f"web-{chosen.randrange(6)}" for _ in range(chosen.randrange(3))] if source == "book" else None,
        }
        for n in range(chosen.choice([0, 1, 2, 5, 9, 14]))
    ]


def write(path: Path, chosen: random.Random, shard: str) -> None:
    rows = documents(chosen, path.parent.name, shard)
    pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), path, row_group_size=7)


def another_night(raw: Path, chosen: random.Random, night: int) -> None:
    """Add shards to each source; later, change what is there, too."""
    for source in (*SOURCES, "old"):
        folder = raw / source
        folder.mkdir(parents=True, exist_ok=True)
        for n in range(chosen.randrange(night == 1, 3)):
            write(folder / f"p-{chosen.randrange(10)}-{night}-{n}.parquet", chosen, f"{night}{n}")
        if night > 1 or chosen.random() < 0.1:
            change(folder, chosen, night)


def change(folder: Path, chosen: random.Random, night: int) -> None:
    """Copy, take away, change, touch or move some shards."""
    name = f"p-{chosen.randrange(10)}-{night}"
    for what, chance in (("copy", 0.1), ("unlink", 0.4), ("write", 0.4), ("touch", 0.2), ("move", 0.2)):
        shards = sorted(folder.iterdir())
        shard = chosen.choice(shards)
        if chosen.random() > chance:
            continue
        match what:
            case "copy":
                shutil.copy(shard, folder / f"{name}-copy.parquet")
            case "unlink" if len(shards) > 1:
                shard.unlink()
            case "write":
                write(shard, chosen, f"{night}-changed")
            case "touch":
                os.utime(shard, ns=(night, 7919 * night))
            case "move":
                shard.rename(folder / f"{name}-moved.parquet")


def step(op: str, **settings_: object) -> str:
    return f'[[steps]]\nop = "{op}"\n' + "".join(f"{name} = {_toml(value)}\n" for name, value in settings_.items())


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_toml(one)}" for name, one in value.items()) + "}"
    return orjson.dumps(value).decode()


def some(chosen: random.Random, **options: list[object]) -> dict[str, object]:
    """Some of these settings."""
    return {name: chosen.choice(values) for name, values in options.items() if chosen.random() < 0.5}


KEEP: list[object] = [["real", "length:high"], ["length:low"], ["real", "day:earliest"], ["day:latest", "real"]]
OLD: list[object] = [["old"]]

STEPS: list[Steps] = [
    lambda _: step("repair"),
    lambda _: step("language"),
    lambda _: step("repeated_article"),
    lambda c: step("length", chars_min=c.randrange(1, 60)),
    lambda _: step("limits", column="stars", least=1),
    lambda c: step("quality_signals") + step("gopher_quality", en={"words_min": c.randrange(99)}, zh={"words_min": 5}),
]
SURVEYS: list[Steps] = [
    lambda c: step("exact_dedup", **some(c, on=["text", "url"], keep=KEEP, count_copies=[True], against=OLD)),
    lambda c: step(
        "near_dedup",
        **some(
            c,
            threshold=[0.5, 0.7, 0.9],
            verify=["exact"],
            keep=KEEP,
            count_copies=[True],
            against=OLD,
            compare_max=[1, 3],
            band_rows=[4],
        ),
    ),
    lambda c: step("repeated_lines", documents_max=c.randrange(1, 8), **some(c, action=["flag"], span=["sentences"])),
    lambda c: step("repeated_marks", **some(c, documents_min=[2], share_min=[0.05])),
    lambda c: step("repeated_furniture", **some(c, documents_min=[2, 3], share_min=[0.1])),
    lambda c: step("verbatim_copies", tokens_min=c.choice([10, 50]), **some(c, against=OLD)) + step("copied"),
    lambda c: step("k_anonymity", columns=["kind", "stars"], k=c.choice([2, 4])),
    lambda c: step("families", **some(c, children_per_parent_max=[1, 2], similarity=[0.5])),
    lambda _: step("importance", against=["old"]),
    lambda c: step("mix", synthetic_max=c.choice([0.1, 0.5, 1.0])),
    lambda c: step("mix", tokens=c.choice([500, 3000]), synthetic_max=0.5, **some(c, real_first=[True])),
    lambda _: step("mix", tokens=2000, synthetic_max=0.5, epochs_max=3, shares={"web": 0.5, "forum": 0.3, "book": 0.2}),
]


def steps_of(chosen: random.Random) -> str:
    """Up to five steps; one mix, the last."""
    made = [chosen.choice(chosen.choice([STEPS, SURVEYS, SURVEYS]))(chosen) for _ in range(chosen.randrange(1, 6))]
    return "".join(sorted(made, key=lambda one: '"mix"' in one)[: 1 + sum('"mix"' not in one for one in made)])


def release_of(chosen: random.Random) -> str:
    told = some(chosen, shard_bytes=[3000, 8000], format=["jsonl.zst", "mds"], order=["shuffled"])
    return "[release]\n" + "".join(f"{name} = {_toml(value)}\n" for name, value in told.items())


def job_text(raw: Path, target: Path, body: str) -> str:
    columns = ", ".join(f'{name} = "{name}"' for name in ("day", "stars", "kind", "parents"))
    sources = [("sources", name, said) for name, said in SOURCES.items()]
    if '"old"' in body:
        sources.append(("references", "old", ""))
    told = "".join(
        f'[[{kind}]]\nname = "{name}"\npath = "{raw}/{name}/*.parquet"\n{said}\ncolumns = {{{columns}}}\n'
        for kind, name, said in sources
    )
    return f'name = "any"\ntarget = "{target}"\nseed = 3\n{told}{body}[run]\nengine = "inline"\n'


def made_of(spec: JobSpec) -> Published | str:
    """What a run ends with: a release, or the reason why it refuses to make one."""
    try:
        return run_quietly(spec)
    except JobError as refused:
        return str(refused)


def with_little(spec: JobSpec, chosen: random.Random) -> Published | str:
    """Run a job whose workers may hold little, some runs less than a job file may say."""
    little = spec.run.model_copy(update={"partition_bytes": chosen.choice([300, 2000, 16384, 1 << 26])})
    with (
        mock.patch.object(keys, "RUNS_MERGED", chosen.choice([2, 4])),
        mock.patch.object(keys, "_SKETCHES_BYTES", chosen.choice([1, 3000, 1 << 24])),
        mock.patch.object(matching, "_SKETCHES_BYTES", chosen.choice([1, 3000, 1 << 24])),
        mock.patch.object(sorted_module, "_ROW_GROUP_BYTES", chosen.choice([200, 2000, 1 << 19])),
        mock.patch.object(lineage, "_GROUP_ROWS_MAX", chosen.choice([4, 30, 1 << 17])),
    ):
        return made_of(spec.model_copy(update={"run": little}))


def data_of(target: Path, made: Published) -> dict[str, bytes]:
    return {name: data for name, data in release_bytes(target, made.number).items() if name.startswith("data/")}


@given(st.integers(0, 2**32))
@settings(max_examples=4, deadline=None)
def test_nights_give_what_one_run_gives(seed: int) -> None:
    chosen = random.Random(seed)
    body = steps_of(chosen) + release_of(chosen)
    with tempfile.TemporaryDirectory(prefix="gm-history-") as folder:
        raw, nights = Path(folder) / "raw", Path(folder) / "nights"
        for night in range(1, chosen.choice([3, 4])):
            another_night(raw, chosen, night)
            whole = Path(folder) / f"whole-{night}"
            spec = parse(job_text(raw, nights, body).encode(), "job.toml")
            once = made_of(parse(job_text(raw, whole, body).encode(), "job.toml"))
            last = with_little(spec, chosen)
            if isinstance(last, str) or isinstance(once, str):
                assert last == once, body
                continue
            assert last.manifest["identity"] == once.manifest["identity"], body
            assert data_of(nights, last) == data_of(whole, once), body
            if chosen.random() < 0.3:
                clean(spec, chosen.choice([None, 1]), dry_run=False)
