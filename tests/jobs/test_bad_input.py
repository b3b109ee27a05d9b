"""Bad input and bad places: each ends in one message that names the thing and what to do, and nothing is lost."""

import errno
import gzip
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from command_line import Ended, gristmill
from conftest import article, job_of, job_text, release_bytes, run_quietly, write_parquet

from jobs.spec import parse
from jobs.storage import LocalStorage

ROOT = Path(__file__).parents[2]


Command = Callable[[str], Ended]


@pytest.fixture
def gristmill_run(tmp_path: Path) -> Command:
    """`gristmill run` of a job's text."""

    def run(job: str) -> Ended:
        file = tmp_path / "job.toml"
        file.write_text(job)
        return gristmill("run", file)

    return run


def refused(ended: Ended, *parts: str) -> None:
    """One message, without a traceback, that has all of the parts; nothing on standard output."""
    assert (ended.status, ended.out) == (1, "")
    lines = ended.err.splitlines()
    (first,) = [number for number, line in enumerate(lines) if line.startswith("gristmill: ")]
    message = "\n".join(lines[first:])
    assert [part for part in parts if part not in message] == []
    assert "Traceback" not in ended.err


# Places.


def test_a_source_that_is_not_there(gristmill_run: Command, corpus: Path, tmp_path: Path) -> None:
    job = job_text(corpus, tmp_path / "out")
    ended = gristmill_run(job.replace("raw/forum", "raw/nowhere"))
    refused(ended, f"source 'forum': no shard matches {corpus}/nowhere (there is no such file)", "Correct `path`")
    assert not (tmp_path / "out" / "releases").exists()
    assert gristmill_run(job).status == 0


def test_a_glob_that_matches_nothing(gristmill_run: Command, corpus: Path, tmp_path: Path) -> None:
    ended = gristmill_run(job_text(corpus, tmp_path / "out").replace("*.parquet", "*.pq"))
    refused(ended, f"source 'web': no shard matches {corpus}/web/*.pq (there is no such file)")


def test_a_folder_without_a_known_kind(gristmill_run: Command, corpus: Path, tmp_path: Path) -> None:
    (corpus / "forum" / "posts.jsonl.gz").rename(corpus / "forum" / "posts.doc")
    ended = gristmill_run(job_text(corpus, tmp_path / "out"))
    refused(ended, "source 'forum'", "1 files are there, none of a known kind", ".parquet", "state `format`")


@pytest.mark.parametrize("text", ['[[steps]]\nop = "gofer"', '[[steps]]\nop = "length"\nchars_minimum = 3'])
def test_a_wrong_job_is_refused_before_any_work(gristmill_run: Command, tmp_path: Path, text: str) -> None:
    ended = gristmill_run(job_text(tmp_path, tmp_path / "out", steps=text))
    refused(ended, "job.toml is not a valid job:\n  steps.0", "; did you mean '" if "chars" in text else "; ops: ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("place", ["{file}/out", "{file}", "/proc/none/out", "/dev/null/out", "/sys/gristmill"])
def test_a_target_that_cannot_be_written(gristmill_run: Command, corpus: Path, tmp_path: Path, place: str) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder")
    target = place.format(file=file)
    refused(gristmill_run(job_text(corpus, target)), f"cannot write to the target {target}: ", ". Check ")
    assert file.read_text() == "not a folder"


def test_a_target_without_permission(
    gristmill_run: Command, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root, who runs tests in containers, may write anywhere: the refusal is played."""

    def create(*_: object) -> bool:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(LocalStorage, "create", create)
    ended = gristmill_run(job_text(corpus, tmp_path / "out"))
    refused(ended, f"cannot write to the target {tmp_path}/out: permission denied", "Check its owner, mode or keys")


@pytest.mark.parametrize("place", ["target", "source"])
def test_a_kind_of_storage_that_is_not_known(gristmill_run: Command, corpus: Path, tmp_path: Path, place: str) -> None:
    known = str(tmp_path / "out") if place == "target" else f"{corpus}/forum"
    job = job_text(corpus, tmp_path / "out").replace(f'"{known}"', '"nowhere://corpus/x"')
    refused(gristmill_run(job), "cannot open nowhere://corpus/x: ", "nowhere")


def test_a_target_that_another_job_holds(gristmill_run: Command, corpus: Path, tmp_path: Path) -> None:
    job = job_text(corpus, tmp_path / "out")
    assert gristmill_run(job).status == 0
    before = tree(tmp_path / "out")
    ended = gristmill_run(job.replace('name = "test"', 'name = "other"'))
    refused(ended, f"the target {tmp_path}/out is held by the job 'test', not by 'other'", "a target of its own")
    assert tree(tmp_path / "out") == before


def test_limits_that_the_corpus_cannot_meet(gristmill_run: Command, corpus: Path, tmp_path: Path) -> None:
    job = job_text(corpus, tmp_path / "out", steps='[[steps]]\nop = "mix"\ntokens = 1_000_000_000')
    refused(gristmill_run(job), "the recipe cannot be met with", "tokens = 1,000,000,000 (", " would do)")
    assert not (tmp_path / "out" / "releases").exists()


# A full disk.


@pytest.mark.parametrize("part", [0.0, 0.1, 0.4, 0.7, 0.9, 0.99])
def test_a_disk_that_is_full_from_some_write_on(
    gristmill_run: Command, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: float
) -> None:
    calm, full = tmp_path / "calm", tmp_path / "full"
    with monkeypatch.context() as patch:
        writes = full_after(patch, None)
        assert gristmill_run(job_text(corpus, calm)).status == 0
    with monkeypatch.context() as patch:
        full_after(patch, int(part * len(writes)))
        refused(gristmill_run(job_text(corpus, full)), f"no space left at {full}. Nothing committed is lost", "run the")
    assert not list(full.glob("scratch/*"))
    assert gristmill_run(job_text(corpus, full)).status == 0
    assert release_bytes(full) == release_bytes(calm)


def full_after(patch: pytest.MonkeyPatch, most: int | None) -> list[str]:
    """Let storage refuse all writes after so many; return what it was asked to write."""
    asked: list[str] = []

    def wrapped(method: Any) -> Any:
        def write(self: LocalStorage, *arguments: Any) -> Any:
            asked.append(str(arguments[0]))
            if most is not None and len(asked) > most:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return method(self, *arguments)

        return write

    for name in ("create", "put", "copy"):
        patch.setattr(LocalStorage, name, wrapped(getattr(LocalStorage, name)))
    return asked


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 KiB; `grow` makes it larger."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("file systems cannot be mounted here")
    yield place
    subprocess.run(["umount", place], check=True)


def grow(place: Path, kibibytes: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={kibibytes}k", place], check=True)


def test_a_real_disk_that_is_full_again_and_again(
    gristmill_run: Command, corpus: Path, tmp_path: Path, small_disk: Path
) -> None:
    calm, full = tmp_path / "calm", small_disk / "out"
    assert gristmill_run(job_text(corpus, calm)).status == 0
    for kibibytes in (16, 60, 150, 250, 350):
        grow(small_disk, kibibytes)
        refused(gristmill_run(job_text(corpus, full)), f"no space left at {full}.", "free space")
        assert not list(full.glob("scratch/*"))
    grow(small_disk, 4000)
    assert gristmill_run(job_text(corpus, full)).status == 0
    assert release_bytes(full) == release_bytes(calm)


# Shards that cannot be read.


def test_a_shard_that_is_not_parquet(gristmill_run: Command, corpus: Path, tmp_path: Path) -> None:
    shard = corpus / "web" / "part-1.parquet"
    good = shard.read_bytes()
    shard.write_bytes(b"<html>no such bucket</html>")
    target = tmp_path / "out"
    ended = gristmill_run(job_text(corpus, target))
    refused(ended, "1 of 5 shards could not be read; no release was made:\n  web: part-1.parquet: not_parquet", "0.2")
    assert not (target / "releases").exists()
    assert len(list(target.glob("stages/*-pass-*/commits/*"))) == 5  # the others are done

    shard.write_bytes(good)
    assert gristmill_run(job_text(corpus, target)).status == 0
    assert gristmill_run(job_text(corpus, tmp_path / "calm")).status == 0
    assert parts_of(target) == parts_of(tmp_path / "calm")


@pytest.mark.parametrize("share", ["0.2", "1.0"])
def test_a_shard_that_is_not_parquet_and_may_be(
    gristmill_run: Command, corpus: Path, tmp_path: Path, share: str
) -> None:
    (corpus / "web" / "part-1.parquet").write_bytes(b"<html>no such bucket</html>")
    ended = gristmill_run(job_text(corpus, tmp_path / "out", more=f"bad_shards_max = {share}"))
    assert ended.status == 0
    assert "warning: part-1.parquet could not be read; bad_shards_max allows it" in ended.out
    manifest = json.loads((tmp_path / "out" / "releases" / "0001" / "release.json").read_text())
    assert manifest["bad_shards"] == ["part-1.parquet"]
    rows = [row for row in quarantined(tmp_path / "out") if row["reason"] == "not_parquet"]
    assert [(row["source"], row["path"], row["position"]) for row in rows] == [("web", "part-1.parquet", None)]


def test_more_bad_shards_than_allowed(gristmill_run: Command, corpus: Path, tmp_path: Path) -> None:
    for number in range(2):
        (corpus / "web" / f"part-{number}.parquet").write_bytes(b"")
    (corpus / "forum" / "posts.jsonl.gz").write_bytes(b"plain text")
    ended = gristmill_run(job_text(corpus, tmp_path / "out", more="bad_shards_max = 0.4"))
    refused(ended, "3 of 5 shards", "web: part-0.parquet: ", "web: part-1.parquet: ", "posts.jsonl.gz: not_gzip", "0.6")


def test_a_text_column_that_is_not_there(gristmill_run: Command, corpus: Path, tmp_path: Path) -> None:
    job = job_text(corpus, tmp_path / "out").replace('license = "CC0-1.0"', 'columns = {text = "content"}')
    refused(gristmill_run(job), "3 of 5 shards", "web: part-0.parquet: no_text_column", "'content'", "id, text, url")


def test_a_text_key_that_no_record_has(gristmill_run: Command, corpus: Path, tmp_path: Path) -> None:
    job = job_text(corpus, tmp_path / "out").replace("generator =", 'columns = {text = "content"}\ngenerator =')
    refused(gristmill_run(job), "1 of 5 shards", "textbook: lessons.jsonl: no_text_column", "'content'")
    assert not (tmp_path / "out" / "releases").exists()


# Records that cannot be read.


def test_bad_records_are_set_aside_and_their_neighbours_stay(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    expected = {
        *dirty_parquet(raw / "web" / "a.parquet"),
        *dirty_jsonl(raw / "forum" / "a.jsonl"),
        *dirty_csv(raw / "forum" / "b.csv"),
        *truncated(raw / "textbook" / "a.jsonl.gz", gzip.compress),
        *truncated(raw / "textbook" / "b.jsonl.zst", zstandard.compress),
        *damaged(raw / "textbook" / "c.jsonl.gz"),
    }
    steps = '[[steps]]\nop = "length"\nchars_min = 10'
    made = run_quietly(job_of(raw, tmp_path / "out", steps=steps))

    found = quarantined(tmp_path / "out")
    assert {(row["source"], row["path"], row["position"], row["reason"]) for row in found} == expected
    assert len(found) == len(expected)
    counts = made.manifest["counts"]
    assert counts["quarantined"] == len(expected)
    assert counts["read"] == counts["kept"] + counts["dropped"] + counts["quarantined"]
    released = pq.read_table(tmp_path / "out" / "releases" / "0001" / "data")
    assert released.num_rows == counts["kept"]
    ids = released["id"].to_pylist()
    assert {i for i in ids if i.startswith("web")} == {f"web-{n}" for n in (0, 2, 4)}
    assert {i for i in ids if i.startswith("forum")} == {"forum-0", "forum-7", "forum-8", "forum-20", "forum-22"}
    raws = {row["position"]: row["raw"] for row in found if row["path"] == "a.jsonl"}
    assert raws[1] == b'{"uid": "forum-1", "body": '


Place = tuple[str, str, int, str]


def dirty_parquet(path: Path) -> Iterator[Place]:
    texts = [article(n).encode() for n in range(5)]
    table = {"id": [f"web-{n}" for n in range(5)], "text": [texts[0], None, texts[2], b"\xff" + texts[3], texts[4]]}
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table(table), path)
    yield ("web", path.name, 1, "text_null")
    yield ("web", path.name, 3, "invalid_utf8")


def dirty_jsonl(path: Path) -> Iterator[Place]:
    def line(n: int, text: Any) -> bytes:
        return json.dumps({"uid": f"forum-{n}", "body": text}).encode()

    lines = {
        "": [line(0, article(10)), line(7, article(17)), line(8, article(18))],
        "broken_json": [b'{"uid": "forum-1", "body": '],
        "text_null": [line(2, None), b'{"uid": "forum-3"}'],
        "text_not_string": [line(4, 12), line(5, ["a"])],
        "not_an_object": [b'["forum-6", "text"]'],
        "invalid_utf8": [line(9, "sunk").replace(b"sunk", b"s\xfcnk")],
    }
    order = [("", 0), ("broken_json", 0), ("text_null", 0), ("text_null", 1), ("text_not_string", 0)]
    order += [("text_not_string", 1), ("not_an_object", 0), ("", 1), ("", 2), ("invalid_utf8", 0)]
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\n".join(lines[reason][n] for reason, n in order) + b"\n")
    yield from (("forum", path.name, position, reason) for position, (reason, _) in enumerate(order) if reason)


def dirty_csv(path: Path) -> Iterator[Place]:
    rows = ["uid,body", f"forum-20,{article(20)!r}", "forum-21,one,too many", f"forum-22,{article(22)!r}"]
    path.write_text("\n".join(row.replace("'", '"') for row in rows))
    yield ("forum", path.name, 1, "wrong_field_count")


def truncated(path: Path, compress: Callable[[bytes], bytes]) -> Iterator[Place]:
    """Half of the compressed bytes: some whole lines can be read, and the next one is where the shard ends."""
    lines = [json.dumps({"id": f"{path.name}-{n}", "text": article(300 + n)}).encode() for n in range(2000)]
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = compress(b"\n".join(lines))
    path.write_bytes(whole[: len(whole) // 2])
    yield ("textbook", path.name, readable_lines(path), "truncated")


def readable_lines(path: Path) -> int:
    """Lines that other tools can read: of gzip through `zlib`, of zstd through its streaming reader."""
    cut = path.read_bytes()
    if path.suffix == ".gz":
        return zlib.decompressobj(wbits=31).decompress(cut).count(b"\n")
    return zstandard.ZstdDecompressor().decompressobj().decompress(cut).count(b"\n")


def damaged(path: Path) -> Iterator[Place]:
    """A first gzip member that is whole, a second one that does not begin as one."""
    path.write_bytes(gzip.compress(json.dumps({"text": article(900)}).encode() + b"\n") + b"not gzip")
    yield ("textbook", path.name, 1, "corrupt_compression")


def test_truncated_shards_give_the_lines_before_the_cut(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    write_parquet(raw / "web" / "a.parquet", [{"id": "a", "text": article(1), "url": None}])
    write_parquet(raw / "forum" / "a.parquet", [{"id": "b", "text": article(2), "url": None}])
    ((_, _, lines, _),) = truncated(raw / "textbook" / "a.jsonl.zst", zstandard.compress)
    job = job_text(raw, tmp_path / "out", steps="").replace('columns = {text = "body", id = "uid"}', "")
    (tmp_path / "job.toml").write_text(job)
    run_quietly(parse(job.encode(), "job.toml"))
    ids = pq.read_table(tmp_path / "out" / "releases" / "0001" / "data")["id"].to_pylist()
    assert 0 < lines < 1999
    assert ids == ["a", "b", *(f"a.jsonl.zst-{n}" for n in range(lines))]


# Two runs at once.


def test_two_runs_of_one_job_at_the_same_time(gristmill_run: Command, corpus: Path, tmp_path: Path) -> None:
    calm, shared = tmp_path / "calm", tmp_path / "shared"
    assert gristmill_run(job_text(corpus, calm)).status == 0
    (tmp_path / "job.toml").write_text(job_text(corpus, shared))
    command = [sys.executable, "-m", "jobs", "run", str(tmp_path / "job.toml")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        for _ in range(2)
    ]
    ended = [(*process.communicate(timeout=120), process.returncode) for process in both]
    assert [(status, err) for _, err, status in ended if status] == []
    assert [err for _, err, _ in ended if "warning" in err or "Traceback" in err] == []
    releases = sorted(folder.name for folder in (shared / "releases").iterdir())
    assert releases == ["0001"]
    assert release_bytes(shared) == release_bytes(calm)
    assert not list(shared.glob("scratch/*"))


def tree(folder: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def parts_of(target: Path) -> dict[str, bytes]:
    return {name: data for name, data in release_bytes(target).items() if name.startswith("data/")}


def quarantined(target: Path) -> list[dict[str, Any]]:
    tables = [pq.read_table(file) for file in sorted(target.glob("stages/*/quarantine/*.parquet"))]
    return [row for table in tables for row in table.to_pylist()]
