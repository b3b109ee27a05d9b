"""The command line in this process: it says what a process would, which takes two seconds to start."""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from jobs.__main__ import main


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str


def gristmill(*arguments: str | Path, cwd: Path | None = None) -> Ended:
    """Run a command where no terminal is."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["gristmill", *map(str, arguments)])
        patch.setenv("COLUMNS", "100")
        if cwd:
            patch.chdir(cwd)
        with pytest.raises(SystemExit) as leaving:
            main()
    return Ended(int(leaving.value.code or 0), out.getvalue(), err.getvalue())
