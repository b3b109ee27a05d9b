"""A policy in a whole job: a source that fails it is named before any text is read; documents are counted."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import article

from jobs.errors import JobError
from jobs.release import Published
from jobs.spec import JobSpec, parse

Run = Callable[[JobSpec], Published]

HEAD = 'name = "test"\ntarget = "{target}"\n[run]\nengine = "inline"\n'
POLICY = '[[steps]]\nop = "policy"\n'


def source(name: str, raw: Path | str = "/data", **settings: object) -> str:
    said = {"name": name, "path": f"{raw}/{name}", "origin": "real"} | settings
    lines = (f"{key} = {value if isinstance(value, int) else json.dumps(value)}" for key, value in said.items())
    return "\n[[sources]]\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("policy", "settings", "told"),
    [
        (
            "licenses = ['permissive']",
            {"license": "CC-BY-NC-4.0"},
            "its license is 'CC-BY-NC-4.0'; allowed: permissive",
        ),
        ("licenses = ['permissive']", {}, "it says no license; allowed: permissive"),
        ("", {"origin": "rewrite", "depth": 2}, "its depth is 2, depth_max is 1"),
        ("depth_max = 0", {"origin": "unknown"}, "its depth is 1, depth_max is 0"),
        ("uses = ['commercial']", {"uses": ["research"]}, "its uses are research; asked for: commercial"),
        ("uses = ['commercial']", {}, "it says no uses; asked for: commercial"),
        (
            "generator_terms = ['apache-2.0']",
            {"origin": "generated", "generator_terms": "no-training"},
            "its generator_terms are 'no-training'; allowed: apache-2.0",
        ),
        ("generator_terms = ['apache-2.0']", {"origin": "rewrite"}, "it says no generator_terms; allowed: apache-2.0"),
    ],
)
def test_a_source_that_fails_as_a_whole_is_named(policy: str, settings: dict, told: str) -> None:
    good = {"license": "CC0-1.0", "uses": ["commercial"], "generator_terms": "apache-2.0"}
    text = HEAD.format(target="/data/out") + POLICY + policy + source("good", **good) + source("odd", **settings)
    with pytest.raises(JobError) as refused:
        parse(text.encode(), "job.toml")
    (line,) = str(refused.value).splitlines()[1:]
    assert line.strip().startswith(
        f"steps.0 (policy): no document of the source 'odd' would pass: {told}. Take the source"
    )


def test_verifiers_are_columns() -> None:
    text = HEAD.format(target="/data/out") + POLICY + "verified = true\n"
    unverified = text + source("web") + "columns = {verifier = 'v'}\n" + source("made", origin="generated")
    with pytest.raises(JobError, match="'made' would pass: it maps no column `verifier`"):
        parse(unverified.encode(), "job.toml")


def test_documents_that_fail_are_counted_and_terms_are_columns(tmp_path: Path, run: Run) -> None:
    raw = tmp_path / "raw"
    rows = [{"id": f"d{n}", "text": article(n), "deep": n} for n in range(4)]
    for name in ("web", "rewrites"):
        (raw / name).mkdir(parents=True)
        lines = [json.dumps(row | {"id": f"{name}-{row['id']}"}) for row in rows]
        (raw / name / "part-0.jsonl").write_text("\n".join(lines))
    rewrites = source("rewrites", raw, origin="rewrite", uses=["training"], generator_terms="apache-2.0")
    text = (
        HEAD.format(target=tmp_path / "out") + POLICY + 'uses = ["training"]\n' + source("web", raw, uses=["training"])
    )
    made = run(parse((text + rewrites + 'columns = {depth = "deep"}\n').encode(), "job.toml"))
    told = next(step for step in made.manifest["steps"] if step["step"] == "policy")
    assert told["dropped"] == {"too_deep": 2}
    assert made.manifest["documents"] == {"origin": {"real": 4, "rewrite": 2}, "depth": {"0": 5, "1": 1}}
    table = pq.read_table(tmp_path / "out" / "releases" / "0001" / "data")
    assert table["uses"].to_pylist() == [["training"]] * 6
    assert sorted(map(str, table["generator_terms"].to_pylist())) == ["None"] * 4 + ["apache-2.0"] * 2
