"""A real Ray head for tests, started as a person starts one: cluster/head, with ports and folders of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

HEAD = Path(__file__).parents[1] / "cluster" / "head"
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on, below Linux's ephemeral range and outside Ray's worker range 10002-19999.

    Tests run in several processes: each looks in a place of its own, as ports are taken only later.
    """
    found: list[int] = []
    for port in range(20000 + os.getpid() * 16 % 12000, 32700):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                found.append(port)
        if len(found) == count:
            return found
    pytest.fail("no free ports")


@dataclass(frozen=True)
class Head:
    """The script with its own state folder, session folder and ports."""

    env: dict[str, str]
    state: Path
    sessions: Path
    url: str

    def call(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [HEAD, *arguments], env=self.env | env, capture_output=True, text=True, check=False, timeout=120
        )


@contextmanager
def own_head(folder: Path, cpus: int = 1) -> Iterator[Head]:
    """A head that is not started yet, with state below `folder`."""
    # Socket paths end at 104 bytes, and pytest's folders are long.
    sessions = Path("/tmp") / f"gmtest.{os.getpid()}"
    sessions.mkdir()
    ports = free_ports(4)
    names = ("PORT", "DASHBOARD_PORT", "CLIENT_PORT", "AGENT_PORT")
    env = {key: value for key, value in os.environ.items() if not key.startswith(("RAY_", "GRISTMILL_"))}
    env |= {f"GRISTMILL_HEAD_{name}": str(port) for name, port in zip(names, ports, strict=True)}
    env |= {
        "PATH": PATH,
        "GRISTMILL_HEAD_DIR": str(folder / "state"),
        "GRISTMILL_HEAD_TMP": str(sessions),
        "GRISTMILL_HEAD_CPUS": str(cpus),
        "GRISTMILL_HEAD_OBJECT_BYTES": "100000000",
    }
    try:
        yield Head(env, folder / "state", sessions, f"http://127.0.0.1:{ports[1]}")
    finally:
        shutil.rmtree(sessions)


@contextmanager
def running_head(head: Head, log_file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a head, wait until it answers, and end it."""
    with log_file.open("wb") as log:
        process = subprocess.Popen([HEAD, "start"], env=head.env, stdout=log, stderr=subprocess.STDOUT)
    try:
        deadline = time.monotonic() + 240
        while head.call("env").returncode or status(head, token_of(head)) != 200:
            assert process.poll() is None, log_file.read_text()
            assert time.monotonic() < deadline, log_file.read_text()
            time.sleep(0.5)
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(60)


def token_of(head: Head) -> str:
    return (head.state / "token").read_text()


def status(head: Head, token: str | None) -> int:
    request = urllib.request.Request(f"{head.url}/api/jobs/")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return 0
