"""Job files: each mistake as the text that a user reads, all at once; and what a setting changes in the plan."""

import tomllib
from pathlib import Path
from typing import Any, get_args

import jsonschema
import numpy as np
import pytest
from conftest import job_of, job_text

from jobs.errors import JobError
from jobs.jobfile.sources import Source
from jobs.plan import JobPlan, plan_job
from jobs.spec import JobSpec, load, parse, schema, with_absolute_paths
from ops import Step
from ops.columns import ORIGINS
from ops.dedup.near import NearDedup
from ops.filters.length import Length
from ops.mixing.mix import Mix

HEAD = 'name = "test"\ntarget = "/data/out"\n'
WEB = '[[sources]]\nname = "web"\npath = "/data/web"\norigin = "real"\n'
BOOK = '[[sources]]\nname = "book"\npath = "/data/book"\norigin = "synthetic"\n'
JOB = HEAD + WEB

OPS = ", ".join(sorted(op.model_fields["op"].default for op in get_args(get_args(Step)[0])))
NEAR_DEDUP_SETTINGS = ", ".join(sorted(NearDedup.model_fields))
SOURCE_SETTINGS = ", ".join(sorted(Source.model_fields))
EXPECTED_ORIGINS = ", ".join(map(repr, ORIGINS[:-1])) + f" or {ORIGINS[-1]!r}"
JOB_SETTINGS = ", ".join(sorted(JobSpec.model_fields))


def told(text: str | bytes) -> list[str]:
    """The lines that a job file is refused with, below the first."""
    with pytest.raises(JobError) as raised:
        parse(text if isinstance(text, bytes) else text.encode(), "job.toml")
    first, *lines = str(raised.value).splitlines()
    assert first == "job.toml is not a valid job:"
    return [line.removeprefix("  ") for line in lines]


def step(op: str, settings: str = "") -> str:
    return f'[[steps]]\nop = "{op}"\n{settings}\n'


def test_the_smallest_job() -> None:
    spec = parse(JOB.encode(), "job.toml")
    assert (spec.steps, spec.run.engine, spec.sources[0].depth) == ((), "ray", None)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (JOB + step("near_dedupe"), f"steps.0: no op is named 'near_dedupe'; did you mean 'near_dedup'?; ops: {OPS}"),
        (JOB + step("zzz"), f"steps.0: no op is named 'zzz'; ops: {OPS}"),
        (JOB + "[[steps]]\nthreshold = 1", f'steps.0: a step needs op = "..."; ops: {OPS}'),
        (
            JOB + step("repair") + step("length", "chars_mn = 3"),
            "steps.1 (length) chars_mn: no such setting; did you mean 'chars_min'?; valid here: chars_max, chars_min, ",
        ),
        (
            JOB + step("quality_signals") + step("gopher_quality", "en = {word_chars_mn = 2}"),
            (
                "steps.1 (gopher_quality) en.word_chars_mn: no such setting; did you mean 'word_chars_min'?; "
                "valid here: "
                "alphabetic_words_min, bullet_lines_max, ellipses_max, ellipsis_lines_max, hashes_max, "
                "stop_words_min, word_chars_max, word_chars_min, words_max, words_min"
            ),
        ),
        (
            JOB + 'licence = "CC0"',
            f"sources.0.licence: no such setting; did you mean 'license'?; valid here: {SOURCE_SETTINGS}",
        ),
        (
            'tagret = "x"\n' + JOB,
            (f"tagret: no such setting; did you mean 'target'?; valid here: {JOB_SETTINGS}"),
        ),
        (
            JOB + "[run]\ncpu = 3",
            (
                "run.cpu: no such setting; did you mean 'cpus'?; valid here: cpus, engine, openlineage, "
                "partition_bytes, signing_key"
            ),
        ),
        (
            JOB + step("near_dedup", 'threshold = "high"'),
            (
                "steps.0 (near_dedup) threshold: input should be a valid number, unable to parse string as a number; "
                "it is 'high'"
            ),
        ),
        (
            JOB + step("near_dedup", "bands = 0"),
            "steps.0 (near_dedup) bands: input should be greater than or equal to 1; it is 0",
        ),
        (
            JOB + step("near_dedup", 'keep = ["length:hgh"]'),
            (
                "steps.0 (near_dedup) keep.0: is 'length:hgh'; expected 'real', 'source:NAME,NAME', 'length:high', "
                "'length:low', or of a column 'NAME:high', 'NAME:low', 'NAME:earliest' or 'NAME:latest'; "
                "did you mean 'length:high'?"
            ),
        ),
        (
            JOB + BOOK + step("near_dedup", 'keep = ["real", "source:web,boook"]'),
            "steps.0 (near_dedup) keep.1: no source is named 'boook'; did you mean 'book'?",
        ),
        (
            JOB + step("length") + step("exact_dedup", 'keep = ["source:high"]'),
            "steps.1 (exact_dedup) keep.0: no source is named 'high'",
        ),
        (
            JOB + 'columns = {score = "s"}\n' + step("near_dedup", 'keep = ["scores:high", "scores:low"]'),
            (
                "steps.0 (near_dedup): needs the column 'scores'; columns at that point: depth, generator, id, "
                "license, origin, parents, score, source, text, url; did you mean 'score'?"
            ),
        ),
        (
            JOB + step("exact_dedup", 'keep = ["published:latest"]'),
            "steps.0 (exact_dedup): needs the column 'published'; columns at that point: depth, ",
        ),
        (
            JOB + step("exact_dedup", 'on = "URL"'),
            "steps.0 (exact_dedup) on: is 'URL'; expected 'text', 'normalized_text' or 'url'",
        ),
        (
            JOB + step("length", "chars_min = 30\nchars_max = 3"),
            "steps.0 (length): chars_min (30) is above chars_max (3): nothing would be kept",
        ),
        (
            JOB.replace('origin = "real"', ""),
            f"sources.0.origin: is missing; expected one of {', '.join(ORIGINS)}",
        ),
        (
            JOB.replace('"real"', '"reel"'),
            f"sources.0.origin: is 'reel'; expected {EXPECTED_ORIGINS}; did you mean 'real'?",
        ),
        (JOB.replace('target = "/data/out"', ""), "target: is missing"),
        (
            JOB.replace('"test"', '"Two Words"'),
            "name: string should match pattern '^[a-z0-9][a-z0-9_-]*$'; it is 'Two Words'",
        ),
        ("seed = -1\n" + JOB, "seed: input should be greater than or equal to 0; it is -1"),
        ("bad_shards_max = 2\n" + JOB, "bad_shards_max: input should be less than or equal to 1; it is 2"),
        ("seed = true\n" + JOB, "seed: input should be a number; it is true"),
        (JOB + step("near_dedup", "bands = true"), "steps.0 (near_dedup) bands: input should be a number; it is true"),
        (JOB + "[release]\nzstd_level = true", "release.zstd_level: input should be a number; it is true"),
        ("steps = 3\n" + JOB, "steps: should be a list; it is 3"),
        ("steps = [3]\n" + JOB, "steps.0: should be a table; it is 3"),
        (HEAD + "sources = []", "sources: needs at least one entry; it is []"),
        (HEAD + "sources = [3]", "sources.0: should be a table; it is 3"),
        (JOB + "columns = 3", "sources.0.columns: should be a table; it is 3"),
        (JOB + "columns = {text = 3}", "sources.0.columns.text: input should be a valid string; it is 3"),
        (
            JOB + 'columns = {row = "a", origin_basis = "b", cuts = "d", title = "c"}',
            "sources.0.columns: cuts, origin_basis, row: set by the job, not read from shards; use another column name",
        ),
        (JOB + '[release]\nformat = "parqet"', "did you mean 'parquet'?"),
        (JOB + WEB, "sources: the name 'web' is used 2 times; names must differ"),
        ("loss_max = 2\n" + JOB, "loss_max: input should be less than or equal to 1; it is 2"),
        ('on_loss = "fial"\n' + JOB, "on_loss: is 'fial'; expected 'report' or 'fail'; did you mean 'fail'?"),
        (
            JOB + '[[references]]\nname = "old"\npath = "/old"\norigin = "real"',
            "references.0.origin: no such setting; valid here: chat, columns, format, html, layout, name, path",
        ),
        (JOB + '[[references]]\nname = "old"', "references.0.path: is missing"),
        (
            JOB + '[[references]]\nname = "old"\npath = "/old"\n' + step("near_dedup", 'against = ["odl"]'),
            "steps.0 (near_dedup) against: no reference is named 'odl'; did you mean 'old'?",
        ),
        (
            JOB + '[[references]]\nname = "web"\npath = "/old"',
            "sources: the name 'web' is used 2 times; names must differ",
        ),
        (
            JOB + BOOK + step("mix", "shares = {web = 0.5, book = 0.4}"),
            "steps.0 (mix): shares sum to 0.9; they must sum to 1",
        ),
        (
            JOB + BOOK + step("mix", "shares = {web = 0.8, boook = 0.2, book = 0}"),
            "steps.0 (mix) shares: no source is named 'boook'; did you mean 'book'?",
        ),
        (
            JOB + BOOK + step("mix", "shares = {web = 1}"),
            "steps.0 (mix) shares: the source 'book' has none; give it a share, 0 leaves it out",
        ),
        (
            JOB + step("mix", '[[steps.limits]]\nwhere = {source = ["web", "wbe"]}\ntokens_max = 9'),
            "steps.0 (mix) limits.0: no source is named 'wbe'; did you mean 'web'?",
        ),
        (
            JOB + step("mix", 'within = {source = "wbe"}'),
            "steps.0 (mix) within: no source is named 'wbe'; did you mean 'web'?",
        ),
        (
            JOB + step("mix", '[[steps.limits]]\nwhere = {origin = "synthetc"}\nshare_max = 0.1'),
            "steps.0 (mix) limits.0: no origin is named 'synthetc'; did you mean 'synthetic'?",
        ),
        (
            JOB + step("mix", "within = {source = []}"),
            "steps.0 (mix) within.source: needs at least one entry; it is []",
        ),
        (
            JOB + step("families") + step("mix", 'within = {split = "trian"}'),
            "steps.1 (mix) within: no split is named 'trian'; did you mean 'train'?",
        ),
        (
            JOB + step("mix", '[[steps.limits]]\nwhere = {source = "web"}\nshare_max = 0.1\nshare_mx = 0.1'),
            "steps.0 (mix) limits.0.share_mx: no such setting; did you mean 'share_max'?; valid here: because, ",
        ),
        (
            JOB + step("mix", 'curves = [{source = "web"}]'),
            "steps.0 (mix) curves.0.column: is missing",
        ),
        (
            JOB + BOOK + step("mix", "shares = {web = 1.5, book = -0.5}"),
            "steps.0 (mix): shares must not be negative: book = -0.5",
        ),
        (JOB + '[[steps]]\nagainst = ["old"]', f'steps.0: a step needs op = "..."; ops: {OPS}'),
        (
            JOB + step("near_dedup", 'against = ["web"]'),
            (
                "steps.0 (near_dedup) against: 'web' is a source, and documents are compared with references; add its "
                "path as [[references]] under another name"
            ),
        ),
        (
            JOB
            + BOOK
            + step(
                "nearest_records", 'numbers = ["depth"]\ntraining = ["wbe"]\nheld_out = ["web"]\nsynthetic = ["book"]'
            ),
            (
                "steps.0 (nearest_records) training: no source or reference is named 'wbe'; did you mean 'web'?; add "
                "it, or name another"
            ),
        ),
        (
            HEAD + WEB.replace("[[sources]]", "[sources]"),
            "sources: should be a list of tables, each under [[sources]]; it is {'name': 'web', ",
        ),
        (
            JOB + '[[steps]]\nop = "mix"\n[steps.limits]\nwhere = {source = "web"}\nshare_max = 0.1',
            "steps.0 (mix) limits: should be a list of tables, each under [[steps.limits]]; it is {'where': ",
        ),
        (
            JOB + '[[release]]\nformat = "parquet"',
            "release: should be a table, under [release]; it is [{'format': 'parquet'}]",
        ),
        (JOB.replace("/data/web", ""), "sources.0.path: string should have at least 1 character; it is ''"),
        (JOB.replace("/data/out", ""), "target: string should have at least 1 character; it is ''"),
        (
            JOB + 'columns = {text = ""}',
            "sources.0.columns.text: string should have at least 1 character; it is ''",
        ),
        (
            JOB.replace("/data/out", "/data/web/out"),
            (
                "sources.0.path: /data/web holds the target, /data/web/out: a run would read what another wrote. Put "
                "the target elsewhere, or give a path that leaves it out"
            ),
        ),
        (JOB.replace("/data/web", "/data/**"), "sources.0.path: /data/** holds the target, /data/out"),
        (JOB.replace("/data/web", "/data/*/**/*.tar"), "sources.0.path: /data/*/**/*.tar holds the target, /data/out"),
        (JOB.replace("/data/web", "s3://b/**/*.parquet").replace("/data/out", "s3://b/out"), "holds the target"),
        (JOB.replace("/data/web", "s3://b/").replace("/data/out", "s3://b/out"), "sources.0.path: s3://b/ holds the"),
        (
            JOB + BOOK + step("mix", "shares = {web = 0.5, book = 0.5}\nsynthetic_max = 0.2"),
            (
                "steps.0 (mix) shares: the recipe cannot be met: no text would be left; these limits conflict, change "
                "one: synthetic_max = 0.2 (0.5 would do); shares.book = 0.5 (0.2 would do)"
            ),
        ),
    ],
)
def test_a_mistake_is_told_in_one_line(text: str, line: str) -> None:
    lines = told(text)
    assert len(lines) == 1
    assert line in lines[0]


def test_every_mistake_is_told_at_once() -> None:
    assert told(
        "sede = 1\n"
        + HEAD
        + WEB
        + WEB.replace('"real"', '"reel"')
        + BOOK
        + step("near_dedup", "treshold = 0.8\nbands = 0")
        + step("xyz")
        + step("mix", "shares = {web = 0.5, book = 0.5}")
        + step("mix", "shares = {web = 0.5, bok = 0.5}")
    ) == [
        f"sources.1.origin: is 'reel'; expected {EXPECTED_ORIGINS}; did you mean 'real'?",
        "steps.0 (near_dedup) bands: input should be greater than or equal to 1; it is 0",
        f"steps.0 (near_dedup) treshold: no such setting; did you mean 'threshold'?; valid here: {NEAR_DEDUP_SETTINGS}",
        f"steps.1: no op is named 'xyz'; ops: {OPS}",
        f"sede: no such setting; did you mean 'seed'?; valid here: {JOB_SETTINGS}",
        "sources: the name 'web' is used 2 times; names must differ",
        "steps.3 (mix) shares: no source is named 'bok'; did you mean 'book'?",
        "steps.3 (mix) shares: the source 'book' has none; give it a share, 0 leaves it out",
    ]


def test_a_keep_policy_of_known_sources_and_columns() -> None:
    keep = '["real", "source:book, web", "score:high", "depth:low", "published:earliest", "length:low"]'
    columns = 'columns = {score = "s", published = "p"}\n'
    spec = parse((JOB + columns + BOOK + step("near_dedup", f"keep = {keep}")).encode(), "job.toml")
    assert isinstance(spec.steps[0], NearDedup)
    assert len(spec.steps[0].keep) == 6


def test_a_wrong_setting_hides_no_other_mistake_of_a_keep_policy() -> None:
    lines = told(JOB + step("near_dedup", 'keep = ["source:wbe"]') + step("length", "chars_mn = 3"))
    assert [line.partition(":")[0] for line in lines] == ["steps.1 (length) chars_mn", "steps.0 (near_dedup) keep.0"]


def test_a_wrong_step_hides_no_column_mistake_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Length, "reads", ("text", "lang"))
    lines = told(JOB + step("length") + step("nothing") + step("length"))
    assert [line.partition(":")[0] for line in lines] == ["steps.1", "steps.0 (length)"]


def test_a_source_without_a_name_is_told_alone() -> None:
    assert told(JOB.replace('name = "web"', "") + step("mix", "shares = {web = 1}")) == ["sources.0.name: is missing"]


def test_a_column_that_nothing_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Length, "reads", ("text", "lang"))
    assert told(JOB + 'columns = {langs = "l"}\n' + step("whitespace") + step("length")) == [
        (
            "steps.1 (length): needs the column 'lang'; columns at that point: depth, generator, id, langs, license, "
            "origin, parents, source, text, url; did you mean 'langs'?. Add a step that makes it before this one, or "
            "map it in a source's "
            "`columns`."
        )
    ]


def test_a_column_that_a_source_maps_or_a_step_adds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Length, "reads", ("text", "lang"))
    mapped = parse((JOB + 'columns = {lang = "l"}\n' + step("length")).encode(), "job.toml")
    assert [field.name for field in mapped.extra_columns] == ["lang"]
    monkeypatch.setattr("ops.edits.repair.Repair.adds", mapped.extra_columns)
    assert parse((JOB + step("repair") + step("length")).encode(), "job.toml")
    assert told(JOB + step("length") + step("repair"))[0].startswith("steps.0 (length): needs the column 'lang'")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"name = test", "job.toml is not TOML: Invalid value (at line 1, column"),
        (b"[[steps]\n", "Strings need quotes; lists of tables are [[steps]]."),
        (b"a = 1\na = 2", "job.toml is not TOML: Cannot overwrite a value (at "),
        (b"a = 1\na = 2", "Say each setting and each table once; lists of tables are [[steps]]."),
        (
            b"# one\n# caf\xe9\n",
            "job.toml is not UTF-8 text: line 2 has the byte 0xe9, which begins no character. Save it as UTF-8.",
        ),
        (
            b"steps = [{tokens = 99999999999999999999}]",
            "steps.0.tokens: 99999999999999999999 takes more than 64 bits; give a smaller one",
        ),
    ],
)
def test_not_a_toml_file(text: bytes, message: str) -> None:
    with pytest.raises(JobError) as raised:
        parse(text, "job.toml")
    assert message in str(raised.value)


def test_a_mark_that_a_file_is_utf_8_is_no_mistake() -> None:
    assert parse(b"\xef\xbb\xbf" + JOB.encode(), "job.toml").name == "test"


def test_weights_in_a_file_are_of_the_sources(tmp_path: Path) -> None:
    (tmp_path / "weights.toml").write_text("web = 1.0\nboook = 0.5\n")
    job = JOB + BOOK + step("mix", f'tokens = 9\nweights_file = "{tmp_path}/weights.toml"')
    assert told(job) == [
        "steps.0 (mix) weights_file: no source is named 'boook'; did you mean 'book'?",
        "steps.0 (mix) weights_file: the source 'book' has none; give it a weight, 0 leaves it out",
    ]
    assert parse(job.encode(), "job.toml", with_files=False)  # a release is looked at though the file be another now


def test_a_target_beside_what_is_read_is_fine() -> None:
    for path in ("/data/ou", "/data/*.parquet", "/data/out-of-print", "/data/raw/**", "/data/**/*.warc.gz"):
        assert parse(JOB.replace("/data/web", path).encode(), "job.toml")


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(
        JobError, match=r"cannot read the job file .*none.toml: No such file or directory. Give the path"
    ):
        load(str(tmp_path / "none.toml"))
    with pytest.raises(JobError, match="Is a directory"):
        load(str(tmp_path))


def test_the_ready_job_files_are_valid() -> None:
    specs = Path(__file__).parents[2] / "jobs" / "specs"
    assert {file.name for file in specs.iterdir()} >= {"demo.toml", "nightly.toml"}
    for file in specs.glob("*.toml"):
        assert load(str(file)).steps


def test_seeds() -> None:
    steps = step("mix") + step("mix", "seed = 3")
    spec = parse(("seed = 17\n" + JOB + steps).encode(), "job.toml")
    assert [one.seed for one in spec.steps if isinstance(one, Mix)] == [17, 3]
    unsaid = parse((JOB + steps).encode(), "job.toml")
    assert [one.seed for one in unsaid.steps if isinstance(one, Mix)] == [0, 3]


def test_labels_differ() -> None:
    spec = parse((JOB + step("length") + step("repair") + step("length")).encode(), "job.toml")
    assert spec.labels == ("length", "repair", "length-2")


@pytest.mark.parametrize(
    ("origin", "depth", "generation"), [("real", "", 0), ("synthetic", "", 1), ("unknown", "", 1), ("real", "2", 2)]
)
def test_depth_defaults_by_origin(origin: str, depth: str, generation: int) -> None:
    text = JOB.replace('"real"', f'"{origin}"') + (f"depth = {depth}" if depth else "")
    source = parse(text.encode(), "job.toml").sources[0]
    assert source.generations(np.array([origin == "real"])).tolist() == [generation]


def test_local_paths_are_made_absolute() -> None:
    old = '[[references]]\nname = "old"\npath = "old"\n'
    raw = tomllib.loads(HEAD.replace("/data/out", "out") + WEB.replace("/data/web", "s3://bucket/web") + old)
    lists = {"op": "bad_words", "lists": {"en": "en.txt", "zh": "s3://b/zh.txt"}, "allowed": ["a"]}
    raw["steps"] = [{"op": "classifier", "model": "m.npz"}, {"op": "score", "model": "a:B"}, lists]
    raw["steps"].append({"op": "url_blocklist", "domains": ["d.txt"], "soft_words_max": 3})
    raw["profiles"] = ["de.toml", "s3://bucket/fr.toml"]
    absolute = with_absolute_paths(raw)
    here = Path.cwd()
    assert [step.get("model") for step in absolute["steps"]] == [str(here / "m.npz"), "a:B", None, None]
    assert absolute["steps"][2] == lists | {"lists": {"en": str(here / "en.txt"), "zh": "s3://b/zh.txt"}}
    assert absolute["steps"][3] == raw["steps"][3] | {"domains": [str(here / "d.txt")]}
    assert absolute["references"] == [{"name": "old", "path": str(Path.cwd() / "old")}]
    assert absolute["profiles"] == [str(Path.cwd() / "de.toml"), "s3://bucket/fr.toml"]
    assert absolute["target"] == str(Path.cwd() / "out")
    assert absolute["sources"][0]["path"] == "s3://bucket/web"
    assert raw["target"] == "out"


# What a setting changes: folders of stages.


def plan_of(*changes: tuple[str, str], more: str = "") -> JobPlan:
    text = job_text("/raw", "/target")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return plan_job(parse((text + more).encode(), "job.toml"))


def folders(plan: JobPlan) -> dict[str, str]:
    found = {"release": plan.release_folder}
    for segment in plan.segments:
        found["pass"] = segment.pass_folder
        if segment.judges:
            found["judges"] = segment.judges.folder
        for survey in segment.surveys:
            found[survey.label] = survey.folder
            found[f"{survey.label} sketch"] = survey.sketch_folder
    return found


def changed(plan: JobPlan) -> set[str]:
    before, after = folders(plan_of()), folders(plan)
    assert before.keys() == after.keys()
    return {name for name in before if before[name] != after[name]}


def test_run_settings_are_in_no_stage() -> None:
    other = plan_of(('engine = "inline"', 'engine = "ray"\ncpus = 1\npartition_bytes = 20_000'))
    assert other == plan_of()


@pytest.mark.parametrize(
    ("old", "new", "stages"),
    [
        ('op = "near_dedup"', 'op = "near_dedup"\nthreshold = 0.7', {"near_dedup", "mix"}),
        ('op = "near_dedup"', 'op = "near_dedup"\ncompare_max = 9', {"near_dedup", "mix"}),
        ('op = "near_dedup"', 'op = "near_dedup"\nbands = 9', {"near_dedup", "near_dedup sketch", "mix"}),
        ("synthetic_max = 0.2", "synthetic_max = 0.1", {"mix"}),
        ("seed = 17", "seed = 18", {"mix", "mix sketch"}),
        ("shard_bytes = 8000", "shard_bytes = 9000", {"release"}),
        ("shard_bytes = 8000", "shard_bytes = 8000\nzstd_level = 1", {"release"}),
        ("words_min = 30", "words_min = 31", {"judges", "unique_id", "exact_dedup", "near_dedup", "mix"}),
        (
            'op = "quality_signals"',
            'op = "quality_signals"\nwords = "whitespace"',
            set(folders(plan_of())) - {"release"},
        ),
        (
            'op = "near_dedup"',
            'op = "near_dedup"\ncount_copies = true',
            {"near_dedup", "mix", "release"},
        ),
        ("seed = 17", 'seed = 17\nloss_max = 0.1\non_loss = "fail"', set()),
        ('path = "/raw/web/*.parquet"', 'path = "/raw/web/*.parquet"\nloss_max = 0.1', set()),
        ('target = "/target"', 'target = "/other"', set()),
        ('path = "/raw/forum"', 'path = "/elsewhere"', set()),
    ],
)
def test_a_setting_changes_only_what_depends_on_it(old: str, new: str, stages: set[str]) -> None:
    assert changed(plan_of((old, new))) == stages


def test_a_new_source_changes_no_stage() -> None:
    assert changed(plan_of(("[release]", BOOK + "[release]"))) == set()


def test_a_new_column_changes_every_stage() -> None:
    assert changed(plan_of(('id = "uid"', 'id = "uid", lang = "l"'))) == set(folders(plan_of()))


def test_an_ops_new_version_changes_its_stages(monkeypatch: pytest.MonkeyPatch) -> None:
    before = folders(plan_of())
    monkeypatch.setattr("ops.dedup.near.NearDedup.version", 99)
    after = folders(plan_of())
    assert {name for name in before if before[name] != after[name]} == {
        "near_dedup",
        "near_dedup sketch",
        "mix",
    }


def test_planning_is_pure() -> None:
    assert plan_job(job_of("/raw", "/target")) == plan_job(job_of("/raw", "/target"))


# The JSON Schema says the same as the checks.


def test_schema_accepts_good_jobs() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(tomllib.loads(job_text("/raw", "/target")), schema())
    for file in (Path(__file__).parents[2] / "jobs" / "specs").glob("*.toml"):
        jsonschema.validate(tomllib.loads(file.read_text()), schema())


def test_schema_accepts_profiles_and_rules_that_are_off() -> None:
    text = 'profiles = ["de.toml"]\n' + JOB + step("quality_signals")
    text += step("gopher_quality", 'en = {words_min = "off"}\nprofiles = {de = {words_min = 30, words_max = "off"}}')
    jsonschema.validate(tomllib.loads(text), schema())


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Two Words"},
        {"seed": -1},
        {"seed": "x"},
        {"bad_shards_max": 2},
        {"tagret": "x"},
        {"sources": []},
        {"sources": [{"name": "web", "path": "/data"}]},
        {"steps": [{"op": "near_dedupe"}]},
        {"steps": [{"op": "near_dedup", "threshold": 2}]},
        {"steps": [{"op": "near_dedup", "treshold": 0.8}]},
        {"steps": [{"threshold": 0.8}]},
        {"steps": [{"op": "near_dedup", "keep": ["longest"]}]},
        {"steps": [{"op": "near_dedup", "keep": ["source:"]}]},
        {"release": {"format": "parqet"}},
        {"run": {"engine": "rey"}},
        {"profiles": "de.toml"},
        {"steps": [{"op": "gopher_quality", "en": {"words_min": "of"}}]},
        {"steps": [{"op": "gopher_quality", "profiles": {"de": {"words_mn": 3}}}]},
    ],
)
def test_schema_refuses_bad_jobs(change: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(JOB) | change, schema())
