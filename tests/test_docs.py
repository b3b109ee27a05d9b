"""The documentation says what is there, and its examples run."""

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import get_args

import numpy as np
import pyarrow as pa
import pytest

from jobs.__main__ import app
from jobs.spec import parse
from ops import Step
from ops.contract import Refusal
from ops.mixing.mix import Mix
from ops.mixing.recipe import Cells, plan

REPOSITORY = Path(__file__).parents[1]
README = (REPOSITORY / "README.md").read_text()


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_every_op_is_in_the_readme() -> None:
    ops = [op.model_fields["op"].default for op in get_args(get_args(Step)[0])]
    assert [op for op in ops if f"| `{op}` |" not in README] == []


def test_every_command_is_in_the_readme() -> None:
    commands = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
    assert [name for name in commands if f"`gristmill {name}" not in README] == []


def test_the_job_file_of_the_readme_is_valid() -> None:
    assert parse(blocks(README, "toml")[0].encode(), "README.md").name == "nightly"


def test_the_profile_of_the_filters_page_is_valid(tmp_path: Path) -> None:
    page = (REPOSITORY / "ops" / "filters" / "README.md").read_text()
    (tmp_path / "de.toml").write_text(next(one for one in blocks(page, "toml") if "stop_words" in one))
    job = f"profiles = ['{tmp_path}/de.toml']\n" + blocks(README, "toml")[0].replace('"repair"', '"language"')
    gopher = next(step for step in parse(job.encode(), "README.md").steps if step.op == "gopher_quality")
    assert gopher.model_dump()["profiles"]["de"]["word_chars_max"] == 15


def test_the_recipe_of_the_mixing_page_is_valid_and_its_refusal_is_what_is_said() -> None:
    page = (REPOSITORY / "ops" / "mixing" / "README.md").read_text()
    step = tomllib.loads(blocks(page, "toml")[0])["steps"][0]
    assert [asked.value for asked in Mix.model_validate(step).recipe.limits] == [0.5, 0.25, 200_000_000]

    columns = {"source": ["web", "textbook"], "origin": ["real", "synthetic"]}
    asked = Mix(tokens=10_000, shares={"web": 0.9, "textbook": 0.1}).recipe
    with pytest.raises(Refusal) as refused:
        plan(Cells(columns, np.array([7_000, 10_000])), asked)
    assert str(refused.value) in " ".join(page.split())


@pytest.mark.parametrize("spec", sorted((REPOSITORY / "jobs" / "specs").glob("*.toml")), ids=lambda path: path.name)
def test_ready_job_files_are_valid(spec: Path) -> None:
    assert parse(spec.read_bytes(), spec.name).steps


def test_the_map_of_jobs_shows_all_that_is_there() -> None:
    """Modules by their names, folders with a slash behind them."""
    page, jobs = (REPOSITORY / "jobs" / "README.md").read_text().split("## Clean")[0], REPOSITORY / "jobs"
    modules = {file.stem for file in jobs.glob("[!_]*.py")}
    folders = {f"{folder.name}/" for folder in jobs.iterdir() if folder.is_dir() and folder.name != "__pycache__"}
    assert set(re.findall(r"`([a-z_]+/?)`", page)) == modules | folders


@pytest.mark.parametrize("package", ["surveys", "withdrawal"])
def test_the_map_of_a_package_shows_all_that_is_in_it(package: str) -> None:
    folder = REPOSITORY / "jobs" / package
    shown = set(re.findall(r"`([a-z]+)`", (folder / "README.md").read_text()))
    assert {file.stem for file in folder.glob("[!_]*.py")} - shown == set()


PAGES = [
    REPOSITORY / "README.md",
    *(page for top in ("ops", "jobs", "cluster") for page in (REPOSITORY / top).rglob("*.md")),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", page.read_text()) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_op_of_the_guide_works() -> None:
    names: dict[str, type] = {"__name__": "guide"}
    exec(blocks((REPOSITORY / "ops" / "README.md").read_text(), "python")[0], names)
    judge = names["Digits"]()
    reasons = judge.judge(pa.table({"text": ["12345 a", "no digits", ""]})).to_pylist()
    assert [reason and reason["reason"] for reason in reasons] == ["too_many_digits", None, None]


@pytest.mark.slow
def test_the_ray_data_example_runs(tmp_path: Path) -> None:
    example = tmp_path / "example.py"
    example.write_text(blocks(README, "python")[0])
    environment = {
        "PATH": str(Path(sys.executable).parent),
        "PYTHONPATH": str(REPOSITORY),
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": "0" * 64,
        "RAY_USAGE_STATS_ENABLED": "0",
        "HOME": str(tmp_path),
        "NUMBA_CACHE_DIR": os.environ["NUMBA_CACHE_DIR"],
    }
    # Short: Ray's socket paths end at 107 bytes.
    with tempfile.TemporaryDirectory(prefix="gm-ray-", ignore_cleanup_errors=True) as folder:
        command = [sys.executable, str(example)]
        environment["RAY_TMPDIR"] = folder
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert ran.stdout.strip().splitlines()[-1] == "1"
