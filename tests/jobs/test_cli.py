"""The command line: what each command prints and where, and what it exits with; some as processes."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import types
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from command_line import Ended, gristmill
from conftest import article, job_text, make_corpus, release_bytes


def process(*arguments: str | Path) -> Ended:
    """Run Python with the packages under test."""
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment())
    return Ended(done.returncode, done.stdout, done.stderr)


def environment() -> dict[str, str]:
    """This environment, with the packages under test first and no terminal's width."""
    root = str(Path(__file__).parents[2])
    return {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]), "COLUMNS": "100"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus, and a job over it that has not run."""
    folder = tmp_path_factory.mktemp("cli")
    make_corpus(folder / "raw")
    (folder / "job.toml").write_text(job_text(folder / "raw", folder / "new"))
    return folder


@pytest.fixture(scope="module")
def first_run(folder: Path) -> tuple[Path, Ended]:
    """A job file whose job has run once, and how that run ended."""
    job = folder / "ran.toml"
    job.write_text(job_text(folder / "raw", folder / "ran[1]"))
    return job, process("-m", "jobs", "run", job)


def test_check_says_that_a_job_is_valid(folder: Path) -> None:
    job = folder / "job.toml"
    assert gristmill("check", job) == Ended(0, f"{job}: valid, 3 sources, 6 steps, target {folder}/new\n", "")
    assert not (folder / "new").exists()


def test_check_tells_every_mistake_and_writes_to_stderr_alone(folder: Path) -> None:
    bad = folder / "bad.toml"
    bad.write_text((folder / "job.toml").read_text().replace("gopher_quality", "gofer_quality").replace("seed", "sed"))
    ended = gristmill("check", bad)
    assert (ended.status, ended.out) == (1, "")
    first, *lines = ended.err.splitlines()
    assert first == f"gristmill: {bad} is not a valid job:"
    assert [line.split(":")[0] for line in lines] == ["  steps.2", "  sed"]


def test_schema_is_json(folder: Path) -> None:
    ended = gristmill("schema", cwd=folder)
    assert (ended.status, ended.err) == (0, "")
    assert "sources" in json.loads(ended.out)["required"]


def test_plan_before_a_run(folder: Path) -> None:
    ended = gristmill("plan", folder / "job.toml")
    assert (ended.status, ended.err) == (0, "")
    assert "  web (real): 3 shards, " in ended.out
    assert "  read, repair, quality_signals: 0 units done, 5 to do (" in ended.out
    assert ended.out.endswith("no release yet\na run would read 5 units and then redo what depends on them\n")
    assert not (folder / "new").exists()


def test_run_tells_what_was_dropped_and_where_the_release_is(first_run: tuple[Path, Ended], folder: Path) -> None:
    _, ended = first_run
    assert ended.status == 0
    rows = [re.split(r"\s{2,}", line.strip()) for line in ended.out.splitlines()]
    assert rows[:6] == [
        ["step", "reason", "dropped", "share"],
        ["read", "quarantined: broken_json", "1", "0.85%"],
        ["read", "quarantined: text_null", "1", "0.85%"],
        ["gopher_quality", "too_few_words", "3", "2.56%"],
        ["exact_dedup", "exact_duplicate", "3", "2.56%"],
        ["mix", "over_budget", "11", "9.40%"],
    ]
    release = folder / "ran[1]" / "releases" / "0001"
    assert ended.out.splitlines()[6:] == [
        "read 117 = kept 98 + dropped 17 + quarantined 2",
        f"release 1: {release}",
        f"report:    {release}/report.html",
    ]
    assert pq.read_table(release / "data").num_rows == 98
    assert (release / "report.html").stat().st_size > 1000
    assert json.loads((release / "report.json").read_text())


def test_progress_without_a_terminal_is_quiet_lines_on_stderr(first_run: tuple[Path, Ended]) -> None:
    _, ended = first_run
    # A stage of more than ten seconds tells what is left: on a machine that is busy with other things, too.
    told = [line for line in ended.err.splitlines() if not line.endswith(" units left")]
    assert re.fullmatch(r"read, repair, quality_signals: 117 documents, \S+ MB of text, \S+ MB/s in \S+ s", told[0])
    assert not re.search(r"[\x1b\r]", ended.err + ended.out)
    assert len(told) <= 8


def test_a_second_run_has_nothing_to_do(first_run: tuple[Path, Ended], folder: Path) -> None:
    job, _ = first_run
    before = release_bytes(folder / "ran[1]")
    told = f"nothing to do: release 1 holds all of this already ({folder}/ran[1]/releases/0001)"
    ended = gristmill("run", job)
    assert (ended.status, ended.out, ended.err) == (0, f"{told}\n", "")
    assert release_bytes(folder / "ran[1]") == before
    assert [one.name for one in (folder / "ran[1]" / "releases").iterdir()] == ["0001"]


def test_plan_after_a_run(first_run: tuple[Path, Ended]) -> None:
    job, _ = first_run
    ended = gristmill("plan", job)
    assert ended.status == 0
    assert "  read, repair, quality_signals: 5 units done, 0 to do (0.0 MB)" in ended.out
    assert "latest release: 1\na run would read no text" in ended.out


def test_plan_after_a_new_shard(first_run: tuple[Path, Ended], folder: Path) -> None:
    job, _ = first_run
    shard = folder / "raw" / "textbook" / "more.jsonl"
    shard.write_text(json.dumps({"text": article(999)}))
    try:
        assert gristmill("plan", job).out.endswith("a run would read 1 units and then redo what depends on them\n")
    finally:
        shard.unlink()


def test_report_writes_what_is_missing(first_run: tuple[Path, Ended], folder: Path) -> None:
    job, _ = first_run
    before = release_bytes(folder / "ran[1]")
    page = folder / "ran[1]" / "releases" / "0001" / "report.html"
    page.unlink()
    assert gristmill("report", job, "--release", "1") == Ended(0, f"{page}\n", "")
    assert release_bytes(folder / "ran[1]") == before


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("web-3", ["KEPT: data/part-0000", "web: part-0.parquet, row 1"]),
        ("short-1", ["DROPPED: too_few_words, value 2 against threshold 30", "too short"]),
        ("copy-1", ["DROPPED: exact_duplicate", "kept in its place", "copy-0", "which is in the release"]),
        ("forum/posts.jsonl.gz#5", ["QUARANTINED", "broken_json"]),
    ],
)
def test_explain(first_run: tuple[Path, Ended], document: str, told: list[str]) -> None:
    job, _ = first_run
    ended = gristmill("explain", document, job)
    assert (ended.status, ended.err) == (0, "")
    assert [part for part in told if part not in ended.out] == []


def test_trace(first_run: tuple[Path, Ended]) -> None:
    job, _ = first_run
    ended = gristmill("trace", "web-3", job)
    assert (ended.status, ended.err) == (0, "")
    read = "  read      web/part-0.parquet#1\n  raw       row group 0, row 1\n  url       https://example.org/3\n"
    assert read in ended.out
    as_json = gristmill("trace", "web-3", job, "--json")
    assert (as_json.status, as_json.err) == (0, "")
    assert json.loads(as_json.out)["records"][0]["url"] == "https://example.org/3"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["trace", "nobody", "ran.toml"], "no release up to 1 has read a document 'nobody'"),
        (["withdraw", "ran.toml", "--because", "x"], "nothing to withdraw: expected one of --id, --source, --url"),
        (
            ["withdraw", "ran.toml", "--because", "x", "--id", "a", "--source", "web"],
            "--id and --source to withdraw: expected one of",
        ),
        (["explain", "nobody", "ran.toml"], "release 1 knows no document 'nobody'"),
        (["report", "ran.toml", "--release", "9"], "there is no release 9 under "),
        (["explain", "web-3", "job.toml"], "Run the job first: gristmill run JOB.toml"),
        (["run", "none.toml"], "cannot read the job file none.toml: No such file or directory."),
    ],
)
@pytest.mark.usefixtures("first_run")
def test_mistakes_of_the_user_exit_with_1(folder: Path, arguments: list[str], message: str) -> None:
    ended = gristmill(*arguments, cwd=folder)
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith("gristmill: ")
    assert message in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rum"], "gristmill: No such command 'rum'. Did you mean 'run'?\nHelp: gristmill --help\n"),
        (["run"], "gristmill: Missing argument 'JOB.toml'.\nHelp: gristmill --help\n"),
        (["check", "a.toml", "--fast"], "gristmill: No such option: --fast"),
        (["report", "a.toml", "--release", "x"], "gristmill: Invalid value for '--release': "),
        ([], ""),
    ],
)
def test_mistakes_of_usage_exit_with_2(arguments: list[str], message: str) -> None:
    ended = gristmill(*arguments)
    assert ended.status == 2
    assert ended.err.startswith(message)
    assert "Traceback" not in ended.err


def test_help_names_every_command() -> None:
    ended = gristmill("--help")
    assert ended.status == 0
    for command in ("demo", "check", "schema", "plan", "run", "submit", "report", "explain"):
        assert re.search(rf"^\W*{command} ", ended.out, re.MULTILINE)


def test_a_bug_exits_with_3_and_its_traceback(folder: Path) -> None:
    broken = "import jobs.console\ndef run_and_tell(spec): return 1 / 0\njobs.console.run_and_tell = run_and_tell\n"
    ended = process("-c", broken + "from jobs.__main__ import main\nmain()", "run", folder / "job.toml")
    assert (ended.status, ended.out) == (3, "")
    assert "ZeroDivisionError" in ended.err
    assert ended.err.endswith("gristmill: this is a bug in gristmill or in an op, not in your job file\n")


def test_what_a_submitted_job_ended_with_is_the_exit_status(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = types.SimpleNamespace(submit_job=lambda *_, **__: 7)
    monkeypatch.setitem(sys.modules, "jobs.submit", failed)
    assert gristmill("submit", folder / "job.toml") == Ended(7, "", "")


def test_interrupted_exits_with_130_and_goes_on_later(folder: Path) -> None:
    """The third unit waits, so that the signal comes when two are committed."""
    job, target = folder / "interrupted.toml", folder / "interrupted"
    job.write_text(job_text(folder / "raw", target))
    # Where the tests run in the background of a shell, the signal is ignored from the start on.
    slow = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import time, jobs.passes as passes, jobs.run\nread, seen = passes.read_records, []\n"
        "def slow(*a):\n    seen.append(1)\n    time.sleep(90 if len(seen) == 3 else 0)\n    return read(*a)\n"
        "passes.read_records = slow\nfrom jobs.__main__ import main\nmain()"
    )
    command = [sys.executable, "-c", slow, "run", str(job)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    ) as process:
        while len(list(target.glob("stages/*-pass-*/commits/*.json"))) < 2 and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1] == "gristmill: interrupted; what is committed stays, run again to go on"
    assert "Traceback" not in err
    assert "2 units done, 3 to do" in gristmill("plan", job).out
    ended = gristmill("run", job)
    assert ended.status == 0
    assert "3 units, 0.0 MB, 2 more done already" in ended.err


def test_commands_that_need_neither_ray_nor_scipy_import_neither(folder: Path) -> None:
    job = folder / "inline.toml"
    job.write_text(job_text(folder / "raw", folder / "inline", steps=""))
    commands = [["schema"], ["check", str(job)], ["plan", str(job)], ["run", str(job)], ["report", str(job)]]
    code = (
        "import sys\nfrom jobs.__main__ import main\n"
        f"for command in {commands}:\n"
        "    sys.argv[1:] = command\n"
        "    try:\n        main()\n    except SystemExit as leaving:\n        assert not leaving.code\n"
        "    assert not {'ray', 'scipy.special', 'sklearn'} & {*sys.modules}, command"
    )
    assert process("-c", code).status == 0
