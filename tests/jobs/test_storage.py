"""Storage: a folder and an object store keep the same promises; a place that cannot is refused in clear words."""

import errno
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError
from s3_server import Faults, endpoint, free_port, proxy
from s3fs import S3FileSystem
from s3fs.errors import translate_boto_error

from jobs.errors import JobError
from jobs.outbox import Outbox, open_parquet
from jobs.storage import Entry, LocalStorage, ObjectStorage, Storage, explained, glob, open_storage, open_url, probe

pytest_plugins = ("s3_server",)
pytestmark = [
    # aiohttp's sessions are closed when they are collected: https://github.com/fsspec/s3fs/issues/943
    pytest.mark.filterwarnings("ignore:.*unclosed.*:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:botocore"),
]

ODD_KEYS = [
    "a b.json",
    "日本/é.json",
    "x#y.json",
    "p%20q.json",
    "50%.json",
    "a+b.json",
    "q?r.json",
    "[z].json",
    "s*.json",
]


@pytest.fixture(params=["local", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty place of each kind."""
    return str(request.getfixturevalue("s3")) if request.param == "s3" else str(tmp_path / "target")


@pytest.fixture
def storage(url: str) -> Storage:
    return open_storage(url)


def written(storage: Storage, key: str, data: bytes) -> None:
    with storage.scratch() as path:
        path.write_bytes(data)
        storage.put(key, path)


def test_a_url_decides_the_kind() -> None:
    assert isinstance(open_storage("s3://bucket/x"), ObjectStorage)
    assert isinstance(open_storage("file:///x"), LocalStorage)
    assert open_storage("x").url == str(Path.cwd() / "x")


def test_a_second_create_is_refused_and_changes_nothing(storage: Storage) -> None:
    assert storage.create("a/b.json", b"first")
    assert not storage.create("a/b.json", b"second")
    assert not storage.create("a/b.json", b"first")
    assert storage.read("a/b.json") == b"first"


def test_of_eight_that_create_at_once_one_wins(storage: Storage) -> None:
    with ThreadPoolExecutor(8) as pool:
        for n in range(20):
            together = threading.Barrier(8)

            def attempt(who: int, key: str = f"race/{n}.json", together: threading.Barrier = together) -> bool:
                together.wait()
                return storage.create(key, f"writer {who}".encode())

            won = list(pool.map(attempt, range(8)))
            assert sum(won) == 1
            assert storage.read(f"race/{n}.json") == f"writer {won.index(True)}".encode()


def test_put_twice_is_put_once(storage: Storage) -> None:
    written(storage, "data/x.bin", b"bytes")
    written(storage, "data/x.bin", b"bytes")
    assert storage.read("data/x.bin") == b"bytes"
    assert [entry.key for entry in storage.list("data")] == ["data/x.bin"]


def test_read_of_what_is_not_there(storage: Storage) -> None:
    with pytest.raises(FileNotFoundError):
        storage.read("none.json")
    with pytest.raises(FileNotFoundError):
        storage.open("none.json")


def test_an_empty_file_is_read_as_such(storage: Storage) -> None:
    written(storage, "empty", b"")
    assert storage.read("empty") == b""


def test_list_gives_all_below_a_folder_in_order(storage: Storage) -> None:
    for key in ("a/2", "a/10", "a/1/z", "a/B", "ab/no", "a.no", "b/no"):
        storage.create(key, key.encode())
    assert [(entry.key, entry.bytes) for entry in storage.list("a")] == [
        ("a/1/z", 5),
        ("a/10", 4),
        ("a/2", 3),
        ("a/B", 3),
    ]
    assert storage.list("none") == []
    assert all(entry.identity for entry in storage.list("a"))


def test_list_gives_more_than_one_page(s3: str, s3_url: str) -> None:
    with proxy(s3_url, Faults()) as server:
        storage = ObjectStorage(s3)
        storage._fs.req_kw = {"MaxKeys": 3}
        for n in range(10):
            storage.create(f"many/{n}", b"x")
        server.requests.clear()
        assert [entry.key for entry in storage.list("many")] == [f"many/{n}" for n in range(10)]
        assert len(server.requests) == 4


def test_copy_is_the_same_file_under_another_key(storage: Storage) -> None:
    written(storage, "data/x.bin", b"bytes")
    storage.copy("data/x.bin", "releases/0001/data/part-00000.bin")
    storage.copy("data/x.bin", "releases/0001/data/part-00000.bin")
    storage.delete("data/x.bin")
    assert storage.read("releases/0001/data/part-00000.bin") == b"bytes"


def test_open_reads_at_any_offset(storage: Storage) -> None:
    table = pa.table({"n": range(10_000), "text": [f"text {n}" for n in range(10_000)]})
    with storage.scratch() as path:
        pq.write_table(table, path, row_group_size=1000)
        size = path.stat().st_size
        storage.put("data/x.parquet", path)
    with storage.open("data/x.parquet") as file:
        assert file.size() == size
        assert pq.ParquetFile(file).read_row_group(7, ["n"])["n"].to_pylist() == list(range(7000, 8000))
        file.seek(1)
        assert file.read(2) == b"AR"
    assert open_url(f"{storage.url}/data/x.parquet").read(4) == b"PAR1"


def test_a_range_shorter_than_the_words_of_a_refusal_is_asked_for_again(s3: str, s3_url: str) -> None:
    written(open_storage(s3), "a.bin", bytes(range(256)))
    with proxy(s3_url, Faults(slow_down=0.3, seed=3)) as server, open_url(f"{s3}/a.bin") as file:
        for at in range(0, 256, 8):
            file.seek(at)
            assert file.read(8) == bytes(range(at, at + 8))
    assert server.injected["slow_down"] >= 3


def test_delete_is_fine_with_what_is_not_there(storage: Storage) -> None:
    storage.create("a/x", b"x")
    storage.delete("a/x")
    storage.delete("a/x")
    storage.delete("none/x")
    assert storage.list("a") == []
    assert storage.create("a/x", b"again")


def test_scratch_leaves_nothing_behind(storage: Storage) -> None:
    def fail_halfway() -> None:
        with storage.scratch() as path:
            left.append(path)
            path.write_bytes(b"half")
            raise RuntimeError

    left: list[Path] = []
    with pytest.raises(RuntimeError):
        fail_halfway()
    assert not left[0].exists()
    written(storage, "x", b"x")
    storage.create("y", b"y")
    assert [entry.key for entry in storage.list("")] == ["x", "y"]


def test_stages_are_packed_for_a_store_and_not_for_a_disk(storage: Storage) -> None:
    outbox = Outbox(storage, "stage")
    table = pa.table({"text": ["a text"] * 100})
    stage = outbox.table("data", table)
    with outbox.parquet("released", table.schema, zstd_level=1) as write:
        write(table)
    outbox.store()
    codecs = []
    for file in (stage, outbox.files["released"]):
        with open_parquet(storage, file) as opened:
            assert opened.read().equals(table)
            codecs.append(opened.metadata.row_group(0).column(0).compression)
    outbox.close()
    assert codecs == ["UNCOMPRESSED" if storage.is_local else "LZ4", "ZSTD"]


def test_unusual_keys(storage: Storage) -> None:
    for key in ODD_KEYS:
        data = key.encode()
        assert storage.create(f"odd/{key}", data)
        assert not storage.create(f"odd/{key}", b"other")
        assert storage.read(f"odd/{key}") == storage.open(f"odd/{key}").read() == data
        storage.copy(f"odd/{key}", f"copied/{key}")
    assert [entry.key for entry in storage.list("odd")] == sorted(f"odd/{key}" for key in ODD_KEYS)
    assert [entry.key for entry in storage.list("copied")] == sorted(f"copied/{key}" for key in ODD_KEYS)
    for key in ODD_KEYS:
        storage.delete(f"copied/{key}")
    assert storage.list("copied") == []


def test_an_empty_commit_is_refused_where_it_would_be_unconditional(s3: str) -> None:
    with pytest.raises(ValueError, match=r"commits/u\.json: an empty file"):
        open_storage(s3).create("commits/u.json", b"")


# Sources


GLOBBED = ["a.parquet", "B.parquet", "c d.jsonl", "_SUCCESS", ".hidden.parquet", "sub/e.parquet", "sub/deep/f.parquet"]


@pytest.fixture
def raw(url: str) -> str:
    storage = open_storage(f"{url}/raw")
    for key in GLOBBED:
        storage.create(key, f"content of {key}".encode())
    open_storage(url).create("rawer/no.parquet", b"x")
    return storage.url


@pytest.mark.parametrize(
    ("pattern", "keys"),
    [
        ("/a.parquet", ["a.parquet"]),
        ("", sorted(GLOBBED)),
        ("/", sorted(GLOBBED)),
        ("/*.parquet", [".hidden.parquet", "B.parquet", "a.parquet"]),
        ("/[ab].parquet", ["a.parquet"]),
        ("/?.parquet", ["B.parquet", "a.parquet"]),
        ("/c d.*", ["c d.jsonl"]),
        ("/*/*.parquet", ["sub/e.parquet"]),
        ("/**/*.parquet", [".hidden.parquet", "B.parquet", "a.parquet", "sub/deep/f.parquet", "sub/e.parquet"]),
        ("/**", sorted(GLOBBED)),
        ("/*.csv", []),
        ("/none", []),
        ("/none/*", []),
    ],
)
def test_glob_gives_files_in_order_below_where_the_pattern_begins(raw: str, pattern: str, keys: list[str]) -> None:
    root, entries = glob(raw + pattern)
    assert [entry.key for entry in entries] == keys
    assert all(entry.bytes == len(f"content of {entry.key}") for entry in entries)
    assert [open_url(f"{root}/{entry.key}").read().decode() for entry in entries] == [f"content of {k}" for k in keys]


def test_what_a_glob_begins_with_may_be_a_pattern_too(raw: str) -> None:
    root, entries = glob(f"{raw.removesuffix('/raw')}/raw*/[an]*.parquet")
    assert f"{root}/raw" == raw
    assert [entry.key for entry in entries] == ["raw/a.parquet", "rawer/no.parquet"]


def test_identity_changes_with_the_content_and_only_then(storage: Storage) -> None:
    def seen() -> Entry:
        return glob(f"{storage.url}/raw/*")[1][0]

    storage.create("raw/a", b"first")
    first = seen()
    assert seen() == glob(f"{storage.url}/raw")[1][0] == glob(f"{storage.url}/raw/a")[1][0] == first
    assert first.identity
    storage.delete("raw/a")
    storage.create("raw/a", b"other")
    assert seen().bytes == first.bytes
    assert seen().identity != first.identity


def test_objects_named_like_folders_are_no_shards(s3: str) -> None:
    storage = open_storage(s3)
    storage.create("raw/a.parquet", b"x")
    written(storage, "raw/", b"")
    written(storage, "raw/sub/", b"")
    for pattern in ("raw", "raw/*", "raw/**"):
        assert [entry.key for entry in glob(f"{s3}/{pattern}")[1]] == ["a.parquet"]
    assert [entry.key for entry in storage.list("raw")] == ["raw/a.parquet"]


def test_a_link_stands_for_the_file_it_leads_to(tmp_path: Path) -> None:
    blob = tmp_path / "blobs" / "1f"
    blob.parent.mkdir()
    blob.write_bytes(b"first")
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.parquet").symlink_to(blob)
    for pattern in ("raw", "raw/*.parquet", "raw/**/*.parquet", "raw/a.parquet"):
        before = glob(f"{tmp_path}/{pattern}")[1]
        assert [(entry.key, entry.bytes) for entry in before] == [("a.parquet", 5)]
        os.utime(blob, ns=(0, blob.stat().st_mtime_ns + 10**9))
        assert glob(f"{tmp_path}/{pattern}")[1][0].identity != before[0].identity
    blob.unlink()
    with pytest.raises(JobError, match=r"raw/a\.parquet is a link to .*blobs/1f, which is not there"):
        glob(f"{tmp_path}/raw/*.parquet")


def test_a_link_to_a_folder_is_followed(tmp_path: Path) -> None:
    storage = open_storage(str(tmp_path))
    storage.create("disk/web/1.parquet", b"x")
    storage.create("raw/2.parquet", b"x")
    (tmp_path / "raw" / "web").symlink_to(tmp_path / "disk" / "web")
    for pattern in ("raw", "raw/**/*.parquet"):
        assert [entry.key for entry in glob(f"{tmp_path}/{pattern}")[1]] == ["2.parquet", "web/1.parquet"]
    assert [entry.key for entry in glob(f"{tmp_path}/raw/*/*.parquet")[1]] == ["web/1.parquet"]
    (tmp_path / "raw" / "self").symlink_to(tmp_path / "raw")
    with pytest.raises(JobError, match=r"cannot list the source .*Too many levels of symbolic links"):
        glob(f"{tmp_path}/raw")


# What a place cannot do is said at the start


def test_probe_passes_and_leaves_nothing(storage: Storage) -> None:
    probe(storage)
    assert storage.list("") == []


def test_probe_refuses_a_store_that_forgets_conditions(s3: str, s3_url: str) -> None:
    if "GRISTMILL_TEST_S3_ENDPOINT" in os.environ:
        pytest.skip("this store checks signatures, and the condition is signed")
    with proxy(s3_url, Faults(no_conditions=True)):
        with pytest.raises(JobError, match="ignores conditional writes"):
            probe(open_storage(s3))
        assert open_storage(s3).list("") == []


def test_probe_refuses_a_store_that_never_creates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LocalStorage, "create", lambda *_: False)
    with pytest.raises(JobError, match=f"cannot write to the target {tmp_path}"):
        probe(open_storage(str(tmp_path)))


def test_probe_is_not_misled_by_a_lost_answer(s3: str, s3_url: str) -> None:
    with proxy(s3_url, Lost("PUT")) as server:
        probe(open_storage(s3))
    assert server.injected["reset_after"] == 1


class Lost(Faults):
    """The first request of one method is applied and its answer lost."""

    def __init__(self, method: str) -> None:
        super().__init__()
        object.__setattr__(self, "method", method)

    def of(self, method: str, path: str, time: int) -> str:
        del path
        return "reset_after" if method == self.method and time == 0 else ""  # type: ignore[attr-defined]


@contextmanager
def wrong_bucket(s3: str) -> Iterator[str]:
    del s3
    yield "s3://gristmill-no-such-bucket/x"


@contextmanager
def closed_port(s3: str) -> Iterator[str]:
    with endpoint(f"http://127.0.0.1:{free_port()}"):
        yield s3


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    ("place", "told"),
    [
        (wrong_bucket, "s3://gristmill-no-such-bucket/x: .*NoSuchBucket.*Check"),
        (closed_port, r"s3://.*Could not connect to the endpoint URL.*127\.0\.0\.1.*Check AWS_ENDPOINT_URL"),
    ],
)
def test_a_target_that_cannot_be_reached_is_named(
    s3: str, place: Callable[[str], AbstractContextManager[str]], told: str
) -> None:
    with place(s3) as url, pytest.raises(JobError, match=f"cannot write to the target {told}"):
        probe(open_storage(url))


def test_a_source_that_cannot_be_listed_is_named(s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with wrong_bucket(s3) as url, pytest.raises(JobError, match="cannot list the source s3://gristmill-no-such-bucket"):
        glob(f"{url}/**/*.parquet")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    for pattern in ("raw", "raw/*.parquet", "raw/**/*.parquet"):
        told = rf"cannot list the source s3://.*{re.escape(pattern)}: Could not connect to the endpoint"
        with closed_port(s3) as url, pytest.raises(JobError, match=told):
            glob(f"{url}/{pattern}")


@pytest.mark.timeout(30)
def test_a_store_that_stops_answering_is_given_up(s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(S3FileSystem, "read_timeout", 0.5)
    monkeypatch.setattr(S3FileSystem, "retries", 2)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with socket.create_server(("127.0.0.1", 0)) as silent, endpoint(f"http://127.0.0.1:{silent.getsockname()[1]}"):
        with pytest.raises(JobError, match=r"cannot write to the target s3://.*Read timeout"):
            probe(open_storage(s3))
        with pytest.raises(JobError, match=r"cannot list the source s3://.*Read timeout"):
            glob(f"{s3}/raw/*.parquet")


@pytest.mark.parametrize("pattern", ["raw", "raw/*/*.parquet", "raw/**/*.parquet"])
def test_a_folder_that_cannot_be_listed_is_never_left_out(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    storage.create("raw/a/1.parquet", b"x")
    storage.create("raw/b/2.parquet", b"x")
    assert len(glob(f"{storage.url}/{pattern}")[1]) == 2
    refuse_listing(monkeypatch, "raw/b" if isinstance(storage, LocalStorage) else "raw")
    with pytest.raises(JobError, match=r"cannot list the source .*permission denied"):
        glob(f"{storage.url}/{pattern}")
    if isinstance(storage, LocalStorage):
        with pytest.raises(PermissionError):
            storage.list("raw")


def refuse_listing(monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    """Deny to list a folder: root may read anything, so the mode alone would not do."""
    scandir, pages = os.scandir, S3FileSystem._list_pages

    def local(path: str) -> Any:
        if str(path).endswith(folder):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    async def remote(self: Any, method: str, **options: Any) -> Any:
        if f"{folder}/" in options["Prefix"]:
            raise PermissionError(errno.EACCES, "Access Denied")
        async for page in pages(self, method, **options):
            yield page

    monkeypatch.setattr(os, "scandir", local)
    monkeypatch.setattr(S3FileSystem, "_list_pages", remote)


@pytest.mark.parametrize(("error", "told"), [(None, "NoSuchBucket"), ("Not here", "NoSuchBucket.*Not here")])
def test_a_store_of_few_words_is_explained_by_its_code(error: str | None, told: str) -> None:
    """Ceph sends an error's code without a message."""
    answer = {"Error": {"Code": "NoSuchBucket", "Message": error}}
    with (
        pytest.raises(JobError, match=f"cannot write to the target here: .*{told}"),
        explained("here", "write to the target"),
    ):
        raise translate_boto_error(ClientError(answer, "PutObject"))


def test_a_target_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("a file")
    with pytest.raises(JobError, match=f"cannot write to the target {tmp_path}/target: .*Check the path"):
        probe(open_storage(str(tmp_path / "target")))


def test_an_unknown_protocol_is_named() -> None:
    with pytest.raises(JobError, match="cannot open nope://x/y: "):
        open_storage("nope://x/y")
