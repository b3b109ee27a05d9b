"""Where kernels are cached: old machine code must never run, and what did not change is not compiled again."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ops.kernels

KERNELS = Path(ops.kernels.__file__).parent
DIGEST = (
    "import pyarrow as pa; from ops.kernels.tokens import token_digests as d; print(d(pa.chunked_array([['a b']])))"
)
STATES = "from ops.kernels.cache import state_of as s; print(*(s(m) for m in ('hashing', 'tokens', 'utf8')))"


def told(code: str, folder: Path, **environment: str) -> list[str]:
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=os.environ | environment if environment else None,
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.split()


def test_a_changed_kernel_and_those_that_call_it_are_compiled_anew_and_no_other(tmp_path: Path) -> None:
    shutil.copytree(KERNELS.parent, tmp_path / "ops", ignore=shutil.ignore_patterns("__pycache__"))
    hashing = tmp_path / "ops/kernels/hashing.py"
    before, states = told(DIGEST, tmp_path), told(STATES, tmp_path)
    constant = "0x9E3779B97F4A7C15"
    assert constant in hashing.read_text()
    hashing.write_text(hashing.read_text().replace(constant, "0x9E3779B97F4A7C17"))
    after = told(STATES, tmp_path)
    assert [old == new for old, new in zip(states, after, strict=True)] == [False, False, True]
    assert told(DIGEST, tmp_path) != before


def test_copies_of_the_code_share_what_was_compiled(tmp_path: Path) -> None:
    for copy in ("laptop", "upload"):
        shutil.copytree(KERNELS.parent, tmp_path / copy / "ops", ignore=shutil.ignore_patterns("__pycache__"))
    place = {"NUMBA_CACHE_DIR": "", "XDG_CACHE_HOME": str(tmp_path / "caches")}
    told(DIGEST, tmp_path / "laptop", **place)
    cached = {path: path.stat().st_mtime_ns for path in (tmp_path / "caches/gristmill/kernels").rglob("*.nb?")}
    assert cached
    told(DIGEST, tmp_path / "upload", **place)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "caches/gristmill/kernels").rglob("*.nb?")} == cached


@pytest.mark.parametrize("home", ["", "/dev/null"])
def test_a_user_without_a_home_has_a_cache_too(home: str, tmp_path: Path) -> None:
    where = "from ops.kernels.cache import _base; print(_base())"
    place = {"NUMBA_CACHE_DIR": "", "XDG_CACHE_HOME": home or "/dev/null", "HOME": home, "TMPDIR": str(tmp_path)}
    assert told(where, KERNELS.parents[1], **place) == [f"{tmp_path}/gristmill-kernels-{os.getuid()}"]


def test_functions_of_others_are_cached_as_numba_does(tmp_path: Path) -> None:
    (tmp_path / "theirs.py").write_text(
        "import ops.kernels\nfrom numba import njit\n\n"
        "@njit(cache=True)\ndef one(x):\n    return x + 1\n\nprint(one(1))\n"
    )
    ran = subprocess.run(
        [sys.executable, "theirs.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(KERNELS.parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "2\n"
    assert list((tmp_path / "__pycache__").glob("theirs.one*.nbi"))
