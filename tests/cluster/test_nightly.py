"""The submission id of cluster/nightly.yaml, by running its script with a `gristmill` that prints what it was given."""

import hashlib
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
CRONJOB: dict[str, Any] = yaml.safe_load((ROOT / "cluster" / "nightly.yaml").read_text())
POD: dict[str, Any] = CRONJOB["spec"]["jobTemplate"]["spec"]["template"]["spec"]
GNU_DATE = subprocess.run(["date", "--utc", "--date", "@0"], capture_output=True, check=False).returncode == 0

needs_gnu = pytest.mark.skipif(not GNU_DATE or not shutil.which("sha256sum"), reason="needs GNU date and sha256sum")


def submit(folder: Path, job_name: str, spec: str) -> str:
    folder.mkdir(exist_ok=True)
    fake = folder / "gristmill"
    fake.write_text('#!/bin/sh\necho "$@"\n')
    fake.chmod(0o755)
    job = folder / "job.toml"
    job.write_text(spec)
    env = {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "JOB_NAME": job_name, "JOB_FILE": str(job)}
    (container,) = POD["containers"]
    ran = subprocess.run(container["command"], env=env, capture_output=True, text=True, check=True)
    command, path, installed, option, submission_id = ran.stdout.split()
    assert (command, path, installed, option) == ("submit", str(job), "--installed", "--submission-id")
    return submission_id


@needs_gnu
def test_id_is_name_date_and_spec(tmp_path: Path) -> None:
    minute = int(datetime(2026, 11, 21, 2, tzinfo=UTC).timestamp()) // 60
    sha8 = hashlib.sha256(b"seed = 1\n").hexdigest()[:8]
    assert submit(tmp_path, f"gristmill-nightly-{minute}", "seed = 1\n") == f"nightly-2026-11-21-{sha8}"


@needs_gnu
def test_same_night_same_id_and_another_spec_another_id(tmp_path: Path) -> None:
    first = submit(tmp_path, "gristmill-nightly-29928120", "seed = 1\n")
    assert submit(tmp_path, "gristmill-nightly-29928120", "seed = 1\n") == first
    assert submit(tmp_path, "gristmill-nightly-29928120", "seed = 2\n") != first
    assert submit(tmp_path, "gristmill-nightly-29929560", "seed = 1\n") != first


@needs_gnu
@pytest.mark.parametrize("job_name", ["by-hand", ""])
def test_job_made_by_hand_takes_today(tmp_path: Path, job_name: str) -> None:
    before = datetime.now(UTC).date()
    submission_id = submit(tmp_path, job_name, "seed = 1\n")
    assert submission_id[8:18] in {str(before), str(datetime.now(UTC).date())}


def test_nights_do_not_overlap_or_pile_up() -> None:
    spec = CRONJOB["spec"]
    assert spec["concurrencyPolicy"] == "Forbid"
    assert spec["startingDeadlineSeconds"] > 0
    assert spec["successfulJobsHistoryLimit"] > 0
    assert spec["failedJobsHistoryLimit"] > 0
    assert spec["jobTemplate"]["spec"]["activeDeadlineSeconds"] < 24 * 3600


def test_it_reaches_the_standing_cluster_with_its_token() -> None:
    cluster = yaml.safe_load((ROOT / "cluster" / "raycluster.yaml").read_text())
    name = cluster["metadata"]["name"]
    env = {variable["name"]: variable for variable in POD["containers"][0]["env"]}
    assert env["RAY_API_SERVER_ADDRESS"]["value"] == f"http://{name}-head-svc:8265"
    assert env["RAY_AUTH_MODE"]["value"] == "token"
    assert env["RAY_AUTH_TOKEN"]["valueFrom"]["secretKeyRef"] == {"name": name, "key": "auth_token"}
