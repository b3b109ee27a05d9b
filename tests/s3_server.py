"""S3 for tests: a real server process, and a proxy before it that forgets conditions and injects faults.

A test module takes the fixtures with `pytest_plugins = ("s3_server",)`. The server is moto, or the one that
GRISTMILL_TEST_S3_ENDPOINT names (its keys in the usual AWS variables). PYTEST_DONT_REWRITE: nothing is asserted here.
"""

import http.client
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
import s3fs

from jobs.storage import remote

_KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test-secret", "AWS_REGION": "us-east-1"}
_SLOW_DOWN = (
    b'<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>'
)
_OF_ONE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length", "expect"}


@dataclass(frozen=True)
class Faults:
    """What share of requests goes wrong, and how."""

    slow_down: float = 0  # 503, not applied
    reset_before: float = 0  # connection reset, not applied
    reset_after: float = 0  # connection reset, applied
    truncated: float = 0  # of GETs: half of the body
    no_conditions: bool = False  # forgets If-None-Match
    seed: int = 0

    def of(self, method: str, path: str, time: int) -> str:
        """Say what happens to the n-th request of its kind, whatever else is under way."""
        chance = random.Random(f"{self.seed} {method} {path} {time}").random()
        for name in ("slow_down", "reset_before", "reset_after", "truncated"):
            chance -= getattr(self, name)
            if chance < 0:
                return name
        return ""


class Proxy(ThreadingHTTPServer):
    """A reverse proxy before an S3 server. Keeps Host, so that signatures stay valid; one request per connection."""

    daemon_threads = True

    def __init__(self, upstream: str, faults: Faults) -> None:
        super().__init__(("127.0.0.1", 0), _Forward)
        self.upstream = upstream.removeprefix("http://").rstrip("/")
        self.faults = faults
        self.injected: Counter[str] = Counter()
        self.requests: list[str] = []
        self._times: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def fault(self, method: str, path: str) -> str:
        with self._lock:
            fault = self.faults.of(method, path, self._times[method, path])
            self._times[method, path] += 1
            self.injected[fault] += bool(fault)
            self.requests.append(f"{method} {path}")
        return fault

    def shutdown_request(self, request: Any) -> None:
        self.close_request(request)  # no FIN before a reset

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is none of the test's business."""


class _Forward(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Proxy

    def forward(self) -> None:
        self.close_connection = True
        fault = self.server.fault(self.command, self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if fault == "reset_before":
            return self._reset()
        if fault == "slow_down":
            return self._answer(503, {"Content-Type": "application/xml"}, _SLOW_DOWN)
        status, headers, answer = self._ask(body)
        if fault == "reset_after":
            return self._reset()
        self._answer(status, headers, answer, cut=fault == "truncated" and self.command == "GET")
        return None

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = forward

    def handle_expect_100(self) -> bool:
        self.send_response_only(100)
        self.end_headers()
        self.wfile.flush()
        return True

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def _ask(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        upstream = http.client.HTTPConnection(self.server.upstream, timeout=60)
        try:
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            forgotten = {"if-none-match"} if self.server.faults.no_conditions else set()
            for name, value in self.headers.items():
                if name.lower() not in _OF_ONE_CONNECTION | forgotten:
                    upstream.putheader(name, value)
            upstream.putheader("Content-Length", str(len(body)))
            upstream.endheaders(body)
            answer = upstream.getresponse()
            headers = {name: value for name, value in answer.getheaders() if name.lower() not in _OF_ONE_CONNECTION}
            if self.command == "HEAD":
                headers["Content-Length"] = answer.headers.get("Content-Length", "0")
            return answer.status, headers, answer.read()
        finally:
            upstream.close()

    def _answer(self, status: int, headers: dict[str, str], body: bytes, *, cut: bool = False) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if self.command != "HEAD" and status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) // 2] if cut else body)
        self.wfile.flush()

    def _reset(self) -> None:
        """Close so that the client sees RST instead of FIN."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextmanager
def proxy(upstream: str, faults: Faults) -> Iterator[Proxy]:
    """Run a proxy in a thread and let this process's clients use it."""
    with Proxy(upstream, faults) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            with endpoint(server.url):
                yield server
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def endpoint(url: str) -> Iterator[None]:
    """Point all S3 clients that this process and its children make from now on at an endpoint."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", url)
        patch.delenv("AWS_ENDPOINT_URL_S3", raising=False)
        for name, value in _KEYS.items():
            patch.setenv(name, os.environ.get(name, value))
        _forget_clients()
        try:
            yield
        finally:
            _forget_clients()


def _forget_clients() -> None:
    s3fs.S3FileSystem.clear_instance_cache()
    remote.arrow_s3.cache_clear()


@pytest.fixture(scope="session")
def s3_url() -> Iterator[str]:
    """The endpoint of a server that runs as long as the tests do."""
    given = os.environ.get("GRISTMILL_TEST_S3_ENDPOINT")
    if given:
        yield given
        return
    port = free_port()
    command = [sys.executable, str(Path(__file__).parent / "s3_moto.py"), str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(10)


@pytest.fixture(scope="session")
def s3_bucket(s3_url: str) -> Iterator[str]:
    """A bucket for this session, removed afterwards with all that is in it."""
    name = f"gristmill-test-{uuid.uuid4().hex[:8]}"
    with endpoint(s3_url):
        bucket = boto3.resource("s3", endpoint_url=s3_url).Bucket(name)
        bucket.create()
    yield name
    with endpoint(s3_url):
        bucket.objects.all().delete()
        bucket.delete()


@pytest.fixture
def s3(s3_url: str, s3_bucket: str) -> Iterator[str]:
    """A URL of its own for each test, below which there is nothing yet."""
    with endpoint(s3_url):
        yield f"s3://{s3_bucket}/{uuid.uuid4().hex[:8]}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError(f"the S3 server ended with {server.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the S3 server did not start")
