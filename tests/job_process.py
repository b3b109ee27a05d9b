"""Jobs in processes of their own, that tests kill: forked by a server that has imported what they need.

Python takes two seconds to import it, and a job over a few documents a tenth of that.
"""

import multiprocessing
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from jobs.progress import Progress
from jobs.run import run_job
from jobs.spec import load

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload([__name__, "loaded_kernels"])


def start(job: Path) -> ForkServerProcess:
    """Run a job file."""
    process = _FORKING.Process(target=_run, args=(str(job),))
    process.start()
    return process


def _run(job: str) -> None:
    run_job(load(job), Progress(silent=True))
