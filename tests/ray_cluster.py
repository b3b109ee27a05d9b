"""Run a job on a Ray cluster of several raylets on this machine, and kill one of them midway by its process id.

A program of its own, for the tests and the bench: python tests/ray_cluster.py JOB.toml TARGET
"""

import os
import secrets
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

folder = tempfile.mkdtemp(prefix="gm-ray-")
os.environ |= {"RAY_TMPDIR": folder, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}

import ray  # noqa: E402 - its environment is set first
from ray.cluster_utils import Cluster  # noqa: E402

from jobs.progress import Progress  # noqa: E402
from jobs.run import run_job  # noqa: E402
from jobs.spec import load  # noqa: E402


def kill_midway(raylet: int, target: Path, done: threading.Event) -> None:
    """Kill a raylet once a few units are committed and more are left."""
    while not done.is_set():
        if len(list(target.glob("stages/01-pass-*/commits/*.json"))) >= 4:
            os.kill(raylet, signal.SIGKILL)
            print("raylet killed", flush=True)
            return
        time.sleep(0.002)


def main(job: str, target: str) -> None:
    small = {"num_cpus": 1, "object_store_memory": 100 * 1024 * 1024}
    cluster = Cluster(initialize_head=True, head_node_args=small)
    second = cluster.add_node(**small)
    ray.init(address=cluster.address, log_to_driver=False, logging_level="warning")
    raylet = second.all_processes["raylet"][0].process.pid
    done = threading.Event()
    killer = threading.Thread(target=kill_midway, args=(raylet, Path(target), done))
    killer.start()
    try:
        run_job(load(job), Progress(silent=True))
    finally:
        done.set()
        killer.join()
        ray.shutdown()
        cluster.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
