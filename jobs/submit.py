"""Submit a job to a running Ray head: what `ray job submit` does, with the job file and this code as working folder.

    ray job submit --working-dir FOLDER -- python -m jobs run job.toml

FOLDER holds the job file with its local paths made absolute, its profiles, and the packages `jobs` and `ops`, so that
the head and every worker run the code that was submitted. `installed` leaves the packages out, for a cluster whose
image has the wheel and its kernels compiled.
"""

import asyncio
import os
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import tomli_w

from jobs import spec as job_files
from jobs.errors import JobError
from jobs.storage import read_url

_ENDED = {"SUCCEEDED": 0, "FAILED": 1, "STOPPED": 130}


def submit_job(job: str, address: str | None, submission_id: str | None, *, installed: bool, wait: bool) -> int:
    """Submit a job file; follow it to its end unless told not to; return the exit status of the job."""
    job_files.load(job)
    client = _connect(address)
    with tempfile.TemporaryDirectory(prefix="gristmill-submit-") as folder:
        _put_job(Path(folder), job)
        if not installed:
            _put_code(Path(folder))
        name, is_new = _submit(client, Path(folder), submission_id)
    print(f"{'submitted' if is_new else 'already submitted'}: {name}", flush=True)
    return _follow(client, name) if wait else 0


def _connect(address: str | None) -> Any:
    """Connect to the head's dashboard, with the token of RAY_AUTH_TOKEN, RAY_AUTH_TOKEN_PATH or the home folder."""
    os.environ.setdefault("RAY_AUTH_MODE", "token")
    from ray.exceptions import AuthenticationError  # noqa: PLC0415 - after the environment is set
    from ray.job_submission import JobSubmissionClient  # noqa: PLC0415

    where = address or os.environ.get("RAY_API_SERVER_ADDRESS") or os.environ.get("RAY_ADDRESS")
    if not where:
        raise JobError(
            "which Ray head? Give --address http://HOST:8265, or set RAY_API_SERVER_ADDRESS. A head on this machine: "
            "cluster/head start"
        )
    try:
        return JobSubmissionClient(where)
    except (AuthenticationError, ConnectionError, RuntimeError, ValueError) as error:
        raise JobError(
            f"cannot reach the Ray head at {where}: {error}. Is it running, and is RAY_AUTH_TOKEN or "
            "RAY_AUTH_TOKEN_PATH set to its token?"
        ) from error


def _put_job(folder: Path, job: str) -> None:
    """Put the job file, and the profiles that it names, into the folder that the head unpacks."""
    raw = job_files.with_absolute_paths(tomllib.loads(Path(job).read_text(encoding="utf-8")))
    if "profiles" in raw:
        profiles = {f"profile-{number}.toml": read_url(path) for number, path in enumerate(raw["profiles"])}
        for name, text in profiles.items():
            (folder / name).write_bytes(text)
        raw["profiles"] = list(profiles)
    (folder / "job.toml").write_bytes(tomli_w.dumps(raw).encode())


def _put_code(folder: Path) -> None:
    """Put this code into the folder that the head unpacks."""
    packages = Path(__file__).parent.parent
    for package in ("jobs", "ops"):
        shutil.copytree(packages / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))


def _submit(client: Any, folder: Path, submission_id: str | None) -> tuple[str, bool]:
    """Submit; an id that exists already names the job of an earlier submission, which is followed instead."""
    try:
        name = client.submit_job(
            # The head's own python: it is started inside the environment that has gristmill's dependencies.
            entrypoint="python -m jobs run job.toml",
            submission_id=submission_id,
            runtime_env={"working_dir": str(folder), "env_vars": _passed_on()},
        )
    except RuntimeError as error:
        if submission_id and "already exists" in str(error):
            return submission_id, False
        raise JobError(f"the Ray head refused the job: {error}") from error
    return str(name), True


def _passed_on() -> dict[str, str]:
    """Variables that the job's processes need; credentials come from the cluster's own environment, never from here."""
    return {"RAY_AUTH_MODE": "token", "RAY_DATA_DISABLE_PROGRESS_BARS": "1", "NUMBA_NUM_THREADS": "1"}


def _follow(client: Any, name: str) -> int:
    """Print the job's log as it grows; return its exit status."""

    async def tail() -> None:
        async for lines in client.tail_job_logs(name):
            sys.stdout.write(lines)
            sys.stdout.flush()

    asyncio.run(tail())
    info = client.get_job_info(name)
    status = str(getattr(info.status, "value", info.status))
    print(f"{name}: {status}" + (f": {info.message}" if status == "FAILED" else ""))
    code = getattr(info, "driver_exit_code", None)
    return int(code) if code else _ENDED.get(status, 1)
