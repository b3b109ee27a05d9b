"""Commits: the first that arrives counts, whatever became of the answer, and nobody else's is taken for our own."""

import errno
import threading
from pathlib import Path
from typing import Any

import pytest
from s3_server import Faults, proxy

from jobs.commits import Commit, File, Unit, commit_key, create_commit, digest, from_json, read_commit, read_commits
from jobs.outbox import Outbox
from jobs.storage import LocalStorage, Storage, open_storage
from jobs.units import Task, begin_unit

pytest_plugins = ("s3_server",)
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*unclosed.*:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:botocore"),
]

FOLDER = "stages/00-test"
OURS = Commit("u1", {"path": "a"}, {"rows_in": 3}, {"data": File("k", 3, 10, "ab")})
THEIRS = Commit("u1", {"path": "a"}, {"rows_in": 3}, {"data": File("other", 3, 10, "cd")})


@pytest.fixture(params=["local", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return open_storage(request.getfixturevalue("s3") if request.param == "s3" else str(tmp_path))


def test_a_commit_is_read_back_as_it_was(storage: Storage) -> None:
    assert read_commit(storage, FOLDER, "u1") is None
    assert create_commit(storage, FOLDER, OURS) == (OURS, False)
    assert read_commit(storage, FOLDER, "u1") == OURS


def test_the_same_commit_again_does_not_differ(storage: Storage) -> None:
    create_commit(storage, FOLDER, OURS)
    assert create_commit(storage, FOLDER, OURS) == (OURS, False)


def test_the_first_commit_wins_and_another_is_told_apart(storage: Storage) -> None:
    create_commit(storage, FOLDER, THEIRS)
    assert create_commit(storage, FOLDER, OURS) == (THEIRS, True)
    assert read_commit(storage, FOLDER, "u1") == THEIRS


def test_read_commits_gives_those_that_exist(storage: Storage) -> None:
    made = {name: Commit(name, {}, {"n": n}) for n, name in enumerate(["a", "b", "other"])}
    for commit in made.values():
        create_commit(storage, FOLDER, commit)
    assert read_commits(storage, FOLDER, ["b", "none", "a"]) == {"b": made["b"], "a": made["a"]}
    assert read_commits(storage, "stages/none", ["a"]) == {}


def test_json_is_the_same_whatever_the_order_of_keys() -> None:
    one = Commit(
        "u", {"a": 1, "b": {"x": 1, "y": "é"}}, {"n": 1, "m": 2}, {"d": OURS.files["data"], "c": THEIRS.files["data"]}
    )
    two = Commit("u", {"b": {"y": "é", "x": 1}, "a": 1}, {"m": 2, "n": 1}, dict(reversed(one.files.items())))
    assert one.to_json() == two.to_json()
    assert one.to_json().startswith(
        b'{"unit":"u","reads":{"a":1,"b":{"x":1,"y":"\xc3\xa9"}},"facts":{"m":2,"n":1},"files":{"c":'
    )
    assert from_json(one.to_json()) == one
    assert digest("s", one.reads) == digest("s", two.reads) != digest("t", one.reads)
    assert digest("ab", "c") != digest("a", "bc")


# A unit whose commit's answer is lost


def work(unit: Unit, outbox: Outbox) -> dict[str, Any]:
    with outbox.file("data", place="data", suffix="txt") as (path, count):
        path.write_text(unit.name)
        count(1)
    return {"rows_in": 1}


UNIT = Unit("u1", {"path": "a"})


def test_a_commit_that_arrived_though_it_raised_is_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create, tries = LocalStorage.create, []

    def answer_lost(self: LocalStorage, key: str, data: bytes) -> bool:
        created = create(self, key, data)
        tries.append(key)
        if len(tries) == 1:
            raise ConnectionResetError
        return created

    monkeypatch.setattr(LocalStorage, "create", answer_lost)
    monkeypatch.setattr("time.sleep", lambda _: None)
    outcome = begin_unit(UNIT, storage_url=str(tmp_path), folder=FOLDER, work=work)()
    assert (outcome.crash, outcome.mistake, outcome.differed) == ("", "", False)
    assert tries == [commit_key(FOLDER, "u1")] * 2  # the second was refused: the first had arrived
    assert outcome.commit == open_storage(str(tmp_path)).read(commit_key(FOLDER, "u1"))


def test_a_commit_whose_answer_was_lost_on_the_way_is_ours(s3: str, s3_url: str) -> None:
    with proxy(s3_url, LostCommit()) as server:
        outcome = begin_unit(UNIT, storage_url=s3, folder=FOLDER, work=work)()
        sent = [request for request in server.requests if request.startswith("PUT") and "/commits/" in request]
    assert server.injected["reset_after"] == 1
    assert len(sent) == 2  # the second was refused: the first had arrived
    assert (outcome.crash, outcome.mistake, outcome.differed) == ("", "", False)
    assert outcome.commit == open_storage(s3).read(commit_key(FOLDER, "u1"))


class LostCommit(Faults):
    """The first commit is applied and its answer lost."""

    def of(self, method: str, path: str, time: int) -> str:
        return "reset_after" if method == "PUT" and "/commits/" in path and time == 0 else ""


def test_another_attempts_other_commit_wins_and_is_reported(storage: Storage) -> None:
    def overtaken(unit: Unit, outbox: Outbox) -> dict[str, Any]:
        create_commit(storage, FOLDER, THEIRS)
        return work(unit, outbox)

    outcome = begin_unit(UNIT, storage_url=storage.url, folder=FOLDER, work=overtaken)()
    assert outcome.differed
    assert from_json(outcome.commit) == THEIRS == read_commit(storage, FOLDER, "u1")


def test_another_attempts_equal_commit_is_not_reported(storage: Storage) -> None:
    def overtaken(unit: Unit, outbox: Outbox) -> dict[str, Any]:
        begin_unit(unit, storage_url=storage.url, folder=FOLDER, work=work)()
        return work(unit, outbox)

    outcome = begin_unit(UNIT, storage_url=storage.url, folder=FOLDER, work=overtaken)()
    assert not outcome.differed
    assert len(storage.list(f"{FOLDER}/data")) == 1


def test_a_committed_unit_is_not_worked_on_again(storage: Storage) -> None:
    def never(unit: Unit, outbox: Outbox) -> dict[str, Any]:
        raise AssertionError(unit, outbox)

    create_commit(storage, FOLDER, OURS)
    outcome = begin_unit(UNIT, storage_url=storage.url, folder=FOLDER, work=never)()
    assert from_json(outcome.commit) == OURS


def test_an_empty_file_is_not_created_where_it_would_be_unconditional(s3: str) -> None:
    with pytest.raises(ValueError, match=r"commits/u1\.json: an empty file cannot be created conditionally"):
        open_storage(s3).create(commit_key(FOLDER, "u1"), b"")
    assert open_storage(s3).list(FOLDER) == []


def test_a_units_files_are_stored_while_the_next_is_worked_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put, next_has_begun = LocalStorage.put, threading.Event()

    def slow(self: LocalStorage, key: str, local: Path) -> None:
        assert next_has_begun.wait(20)
        put(self, key, local)

    def noting(unit: Unit, outbox: Outbox) -> dict[str, Any]:
        if unit.name == "u2":
            next_has_begun.set()
        return work(unit, outbox)

    monkeypatch.setattr(LocalStorage, "put", slow)
    units = [Unit(f"u{n}", {}) for n in range(1, 6)]
    outcomes = list(Task(str(tmp_path), FOLDER, noting, "run", reads_raw=False, workers=None).each(units))
    assert [outcome.unit for outcome in outcomes if outcome.commit] == [unit.name for unit in units]
    assert not list((tmp_path / "scratch").iterdir())


def test_what_cannot_be_stored_is_not_committed_and_the_others_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, broken = LocalStorage.put, "u2"

    def failing(self: LocalStorage, key: str, local: Path) -> None:
        if local.read_text() == broken:
            raise OSError(errno.EIO, "the disk is broken")
        put(self, key, local)

    monkeypatch.setattr(LocalStorage, "put", failing)
    monkeypatch.setattr("time.sleep", lambda _: None)
    units = [Unit(f"u{n}", {}) for n in range(1, 5)]
    outcomes = list(Task(str(tmp_path), FOLDER, work, "run", reads_raw=False, workers=None).each(units))
    assert [bool(outcome.commit) for outcome in outcomes] == [True, False, True, True]
    assert "the disk is broken" in outcomes[1].crash
    storage = open_storage(str(tmp_path))
    assert set(read_commits(storage, FOLDER, [unit.name for unit in units])) == {"u1", "u3", "u4"}
    assert not list((tmp_path / "scratch").iterdir())
