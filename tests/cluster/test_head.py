"""cluster/head: what it refuses before it starts; running, it answers to the token and on loopback only."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ray_head import HEAD, Head, own_head, running_head, status, token_of

needs_tools = pytest.mark.skipif(not shutil.which("bash") or not shutil.which("ps"), reason="needs bash and ps")
pytestmark = needs_tools


@pytest.fixture
def head(tmp_path: Path) -> Iterator[Head]:
    with own_head(tmp_path) as mine:
        yield mine


@pytest.fixture
def running(head: Head, tmp_path: Path) -> Iterator[tuple[Head, subprocess.Popen[bytes]]]:
    with running_head(head, tmp_path / "log") as process:
        yield head, process


def descendants(root: int) -> set[int]:
    """Ids of a process and of all that it has started, directly or not."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name, in brackets, may hold spaces; the parent is the second field after it.
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended
            continue
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def listening(pids: set[int]) -> set[tuple[str, int]]:
    """Addresses (as the kernel writes them, in hex) and ports on which these processes accept TCP connections."""
    inodes = set()
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                inodes.add(link.readlink().name.removeprefix("socket:[").removesuffix("]"))
            except OSError:
                continue
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                address, port = fields[1].split(":")
                found.add((address, int(port, 16)))
    return found


def is_loopback(address: str) -> bool:
    # 127.0.0.1, the same mapped into IPv6, and ::1, each in host byte order.
    return address in {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}


@pytest.mark.slow
def test_life_of_a_head(running: tuple[Head, subprocess.Popen[bytes]]) -> None:
    head, process = running
    assert len(list(head.sessions.iterdir())) == 1

    assert status(head, None) == 401
    assert status(head, "0" * 64) in {401, 403}
    assert status(head, token_of(head)) == 200
    assert (head.state / "token").stat().st_mode & 0o777 == 0o600

    assert head.call("env").stdout.splitlines() == [
        f"export RAY_API_SERVER_ADDRESS={head.url}",
        f"export RAY_AUTH_MODE=token RAY_AUTH_TOKEN_PATH={head.state}/token",
    ]
    again = head.call("start")
    assert again.returncode == 1
    assert f"already running (pid {process.pid})" in again.stderr

    # An entrypoint's `python` has ray, and the head accepts a job from the printed lines alone.
    command = (
        f'eval "$({HEAD} env)" && ray job submit --submission-id one -- '
        "python -c 'import ray; ray.init(); print(ray.get(ray.remote(lambda: 6 * 7).remote()))'"
    )
    ran = subprocess.run(["bash", "-c", command], env=head.env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "\n42\n" in ran.stdout

    pids = descendants(process.pid) if sys.platform == "linux" else set()
    if pids:  # after a job, so that every server is up
        listeners = listening(pids)
        assert {port for _, port in listeners} >= {int(head.env[key]) for key in head.env if key.endswith("_PORT")}
        assert [found for found in listeners if not is_loopback(found[0])] == []

    assert head.call("stop").returncode == 0
    assert process.wait(5) == 0
    assert list(head.sessions.iterdir()) == []
    assert [path.name for path in head.state.iterdir()] == ["token"]
    assert status(head, None) == 0
    deadline = time.monotonic() + 10  # Ray's last processes end a moment after `ray start`
    while left := [pid for pid in pids if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < deadline, left
        time.sleep(0.1)
    assert list(head.sessions.iterdir()) == []
    assert head.call("env").returncode == 1


@pytest.mark.parametrize(
    ("env", "error"),
    [
        ({"GRISTMILL_HEAD_PORT": "12000"}, "10002-19999"),
        ({"GRISTMILL_HEAD_PORT": "http"}, "is not a port"),
        ({"GRISTMILL_HEAD_PORT": "70000"}, "is not a port"),
        ({"GRISTMILL_HEAD_PORT": "6000", "GRISTMILL_HEAD_CLIENT_PORT": "6000"}, "given twice"),
    ],
)
def test_ports_are_checked_first(head: Head, env: dict[str, str], error: str) -> None:
    ran = head.call("start", **env)
    assert ran.returncode == 1
    assert error in ran.stderr
    assert list(head.sessions.iterdir()) == []


def test_taken_port_is_named(head: Head) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = head.call("start", GRISTMILL_HEAD_DASHBOARD_PORT=port)
    assert ran.returncode == 1
    assert f"port {port} is taken" in ran.stderr


def test_stop_and_env_without_a_head(head: Head) -> None:
    stop = head.call("stop")
    assert (stop.returncode, stop.stdout) == (0, "cluster/head: no head is running\n")
    env = head.call("env")
    assert (env.returncode, env.stdout) == (1, "")
    assert "cluster/head start" in env.stderr


def test_stop_spares_a_process_that_has_taken_the_id(head: Head) -> None:
    head.state.mkdir()
    (head.state / "pid").write_text(f"{os.getpid()}\n")
    (head.state / "started").write_text("Thu Jan  1 00:00:00 1970\n")
    assert head.call("stop").stdout == "cluster/head: no head is running\n"


def test_stop_removes_what_a_killed_head_left_and_nothing_else(head: Head) -> None:
    head.state.mkdir()
    ours, other = head.sessions / "gristmill.aB3xYz", head.sessions / "other"
    for folder in (ours, other):
        folder.mkdir()
        (head.state / "session").write_text(f"{folder}\n")
        assert head.call("stop").returncode == 0
    assert (ours.exists(), other.exists()) == (False, True)


def test_unknown_word_prints_the_help(head: Head) -> None:
    ran = head.call("restart")
    assert ran.returncode == 2
    for word in ("start", "env", "stop", *(key for key in head.env if key.startswith("GRISTMILL_HEAD_"))):
        assert word in ran.stderr
