"""The wheel holds the two packages, all that they read, and nothing else."""

import configparser
import email
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    (made,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"])
    return Path(made)


@pytest.fixture(scope="module")
def names(wheel: Path) -> list[str]:
    return zipfile.ZipFile(wheel).namelist()


def dist_info(wheel: Path, name: str) -> str:
    (found,) = [one for one in zipfile.ZipFile(wheel).namelist() if one.endswith(f".dist-info/{name}")]
    return zipfile.ZipFile(wheel).read(found).decode()


def test_its_name(wheel: Path) -> None:
    assert wheel.name.startswith("gristmill-")
    assert wheel.name.endswith("-none-any.whl")


def test_its_top_folders_are_the_packages(names: list[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"jobs", "ops"}
    assert len(tops) == 3


def test_it_holds_every_source_file_and_nothing_that_git_does_not(names: list[str]) -> None:
    """All files of both packages, less compiled ones."""
    files = (file for package in ("jobs", "ops") for file in (ROOT / package).rglob("*") if file.is_file())
    expected = {file.relative_to(ROOT).as_posix() for file in files if "__pycache__" not in file.parts}
    assert {name for name in names if ".dist-info/" not in name} == expected
    assert {file.suffix for file in map(Path, expected)} <= {".py", ".toml", ".html", ".npz", ".md", ".typed"}


@pytest.mark.parametrize(
    "name",
    [
        "jobs/specs/demo.toml",
        "jobs/specs/nightly.toml",
        "jobs/specs/profiles/de.toml",
        "jobs/report/page.html",
        "jobs/report/cuts.html",
        "jobs/report/duplicates.html",
        "jobs/training/classifier.html",
        "jobs/training/base.html",
        "jobs/training/perplexity.html",
        "ops/kernels/han_variants.npz",
        "ops/kernels/unicode_tables.npz",
    ],
)
def test_it_holds_the_data_that_code_reads(names: list[str], name: str) -> None:
    assert name in names


def test_its_command(wheel: Path) -> None:
    entry_points = configparser.ConfigParser()
    entry_points.read_string(dist_info(wheel, "entry_points.txt"))
    assert dict(entry_points["console_scripts"]) == {"gristmill": "jobs.__main__:main"}


def test_no_index_takes_it(wheel: Path) -> None:
    metadata = email.message_from_string(dist_info(wheel, "METADATA"))
    assert "Private :: Do Not Upload" in (metadata.get_all("Classifier") or [])
    assert metadata["Name"] == "gristmill"


def test_it_runs_unpacked_elsewhere(wheel: Path, tmp_path: Path) -> None:
    """Without the repository: what a worker has that runs from the wheel."""
    zipfile.ZipFile(wheel).extractall(tmp_path)
    imports = "import jobs, jobs.report.report, ops.kernels.utf8; from jobs.__main__ import main"
    code = f"{imports}; print(jobs.__file__); main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "check", str(tmp_path / "jobs" / "specs" / "nightly.toml")],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "NUMBA_CACHE_DIR": str(tmp_path / "cache")},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == str(tmp_path / "jobs" / "__init__.py")
