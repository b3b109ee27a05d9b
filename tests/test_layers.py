"""Who may import what, and how long files and functions may be. Read from the sources, without importing them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STORAGE_PACKAGES = {"fsspec", "s3fs", "boto3", "botocore", "aiobotocore"}

FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 50

# Longer, and why.
LONG_FILES = {
    "jobs/demo/words.py": "data: the words that the sample corpus is made of",
}
LONG_FUNCTIONS: dict[str, str] = {}


def sources(*packages: str) -> list[Path]:
    found = [file for package in packages for file in sorted((ROOT / package).rglob("*.py"))]
    assert found
    return found


def named(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(), named(file))


def imports(file: Path) -> set[str]:
    """Every module that a file imports anywhere, with the names taken from it: `a`, `a.b`, `a.b.name`."""
    found: set[str] = set()
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{named(file)}:{node.lineno}: imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "import_module":
            found |= {argument.value for argument in node.args if isinstance(argument, ast.Constant)}
    return found


def importers(package: str, files: list[Path]) -> set[str]:
    """Files that import a package or something below it."""
    return {
        named(file)
        for file in files
        if any(name == package or name.startswith(f"{package}.") for name in imports(file))
    }


@pytest.mark.parametrize("package", ["jobs", "ray", "pyarrow.fs", *sorted(STORAGE_PACKAGES)])
def test_ops_know_neither_jobs_nor_ray_nor_storage(package: str) -> None:
    assert importers(package, sources("ops")) == set()


def test_ray_is_imported_by_its_engine_and_by_submit_alone() -> None:
    assert importers("ray", sources("jobs")) == {"jobs/cluster.py", "jobs/engine.py", "jobs/submit.py"}


def test_ray_is_imported_only_where_it_is_used() -> None:
    for name in ("engine", "submit"):
        top = parsed(ROOT / "jobs" / f"{name}.py").body
        told = [ast.unparse(node) for node in top if isinstance(node, ast.Import | ast.ImportFrom)]
        assert not [line for line in told if line.startswith(("import ray", "from ray"))]


@pytest.mark.parametrize("package", ["pyarrow.fs", *sorted(STORAGE_PACKAGES)])
def test_storage_is_touched_by_one_package(package: str) -> None:
    assert all(name.startswith("jobs/storage/") for name in importers(package, sources("jobs")))


def test_storage_and_ray_packages_are_looked_for_under_the_right_names() -> None:
    assert "jobs/storage/remote.py" in importers("fsspec", sources("jobs"))
    assert "jobs/storage/remote.py" in importers("pyarrow.fs", sources("jobs"))


@pytest.mark.parametrize("package", ["tests", "cluster", "conftest", "pytest"])
def test_tests_and_cluster_are_never_imported(package: str) -> None:
    assert importers(package, sources("jobs", "ops")) == set()


# What people ask of releases, or make beside them.
BESIDE_RUNS = ["report", "explain", "diff", "tuning", "training", "damage", "demo", "trace", "clean", "console"]


@pytest.mark.parametrize("package", BESIDE_RUNS)
def test_a_run_needs_nothing_that_is_beside_it(package: str) -> None:
    flow = reached(ROOT / "jobs" / "run.py")
    assert {"jobs/spec.py", "jobs/passes.py", "jobs/release.py", "jobs/storage/local.py"} <= set(map(named, flow))
    assert importers(f"jobs.{package}", flow) == set()


def reached(file: Path) -> list[Path]:
    """Return a file and all files of ours that importing it imports."""
    found, todo = {file}, [file]
    while todo:
        names = {part for name in imports(todo.pop()) for part in (name, name.rpartition(".")[0])}
        paths = [ROOT.joinpath(*name.split(".")) for name in names if name]
        files = {one for path in paths for one in (path.with_suffix(".py"), path / "__init__.py") if one.is_file()}
        todo += files - found
        found |= files
    return sorted(found)


@pytest.mark.parametrize("package", ["random", "secrets", "uuid", "time", "datetime", "socket"])
def test_ops_know_no_clock_and_no_chance(package: str) -> None:
    assert importers(package, sources("ops")) <= {"ops/kernels/__main__.py"}  # it tells how long compiling took


def test_files_are_short() -> None:
    lengths = {named(file): len(file.read_text().splitlines()) for file in sources("jobs", "ops")}
    assert {name: lines for name, lines in lengths.items() if lines > FILE_LINES_MAX and name not in LONG_FILES} == {}
    assert all(lengths[name] > FILE_LINES_MAX for name in LONG_FILES)


def test_functions_are_short() -> None:
    """Kernels are loops that splitting would slow down; everything else is split."""
    lengths = {name: lines for name, lines in functions() if not name.startswith("ops/kernels/")}
    long = {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES_MAX}
    assert {name: lines for name, lines in long.items() if name not in LONG_FUNCTIONS} == {}
    assert set(LONG_FUNCTIONS) <= set(long)


def functions() -> Iterator[tuple[str, int]]:
    """Name and lines of every function, from its `def` on."""
    for file in sources("jobs", "ops"):
        for node in ast.walk(parsed(file)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{named(file)}:{node.name}", (node.end_lineno or 0) - node.lineno + 1


def test_everything_public_is_described() -> None:
    assert [name for file in sources("jobs", "ops") for name in undescribed(file)] == []


def undescribed(file: Path) -> Iterator[str]:
    """The module, and its public classes, functions and methods, that have no docstring.

    Methods of a class that implements a protocol, as `LocalStorage` does, are described there.
    """
    module = parsed(file)
    if not ast.get_docstring(module):
        yield named(file)
    implement = {node.name for node in module.body if isinstance(node, ast.ClassDef) and node.name in IMPLEMENTATIONS}
    for node in module.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        if not ast.get_docstring(node):
            yield f"{named(file)}:{node.name}"
        if isinstance(node, ast.ClassDef) and node.name not in implement:
            methods = [one for one in node.body if isinstance(one, ast.FunctionDef) and not one.name.startswith("_")]
            yield from (f"{named(file)}:{node.name}.{one.name}" for one in methods if not ast.get_docstring(one))


# Classes whose methods a protocol describes.
IMPLEMENTATIONS = {"LocalStorage", "ObjectStorage"}


def test_every_folder_of_code_is_a_package() -> None:
    folders = {file.parent for file in sources("jobs", "ops")}
    assert [named(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []
