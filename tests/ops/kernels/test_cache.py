"""Where kernels are cached: old machine code must never run, and what did not change is not compiled again."""

import shutil
import subprocess
import sys
from pathlib import Path

import ops.kernels

KERNELS = Path(ops.kernels.__file__).parent
DIGEST = (
    "import pyarrow as pa; from ops.kernels.tokens import token_digests as d; print(d(pa.chunked_array([['a b']])))"
)
STATES = "from ops.kernels.cache import state_of as s; print(*(s(m) for m in ('hashing', 'tokens', 'utf8')))"


def told(code: str, folder: Path) -> list[str]:
    ran = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
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
