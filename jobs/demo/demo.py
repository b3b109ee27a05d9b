"""The demo: a sample corpus of our own making, and the main job over it."""

import importlib.resources
from pathlib import Path

from jobs import spec as job_files
from jobs.console import run_and_tell
from jobs.demo.sample import make_sample


def run_demo(folder: Path) -> None:
    """Make the sample below `folder` unless it is there, and run the main job on it."""
    raw = folder / "raw"
    if not (raw / "truth.json").exists():
        print(f"making a sample corpus in {raw}", flush=True)
        make_sample(raw)
    job = folder / "job.toml"
    if not job.exists():
        template = importlib.resources.files("jobs").joinpath("specs", "demo.toml").read_text()
        job.write_text(template.replace("FOLDER", folder.resolve().as_posix()))
    print(f"job file: {job}", flush=True)
    run_and_tell(job_files.load(str(job)))
