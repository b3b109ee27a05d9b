"""Withdrawals: what was withdrawn, and everything made from it, is in no later release, whatever the input has."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from conftest import article, release_bytes

from jobs.clean import clean
from jobs.console import tell_withdrawal
from jobs.errors import JobError
from jobs.explain.stories import explain
from jobs.release import Published
from jobs.report.report import make_report
from jobs.seal import seal
from jobs.spec import JobSpec, parse
from jobs.storage import open_storage
from jobs.verify import verify
from jobs.withdrawal.rules import By, withdraw, withdrawals_of

Run = Callable[[JobSpec], Published]

DEDUP = '[[steps]]\nop = "exact_dedup"\n'
LENGTH = '[[steps]]\nop = "length"\nchars_min = 50\n'


def job(raw: Path, target: Path, steps: str = "", more: str = "", partition_bytes: int = 1 << 26) -> JobSpec:
    sources = "".join(
        f'[[sources]]\nname = "{name}"\npath = "{raw}/{name}"\norigin = "{origin}"\n{said}\n'
        'columns = {parents = "made_from"}\n'
        for name, origin, said in (
            ("web", "real", 'license = "CC0-1.0"'),
            ("model", "generated", 'generator = "model@1"'),
        )
        if (raw / name).exists()
    )
    settings = f'name = "t"\ntarget = "{target}"\nseed = 5\n{more}\n'
    run = f'[run]\nengine = "inline"\npartition_bytes = {partition_bytes}\n'
    return parse((settings + sources + steps + run).encode(), "job.toml")


def shard(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def doc(id_: str, n: int, *parents: str, url: str | None = None, text: str = "") -> dict[str, Any]:
    return {"id": id_, "text": text or article(n), "made_from": list(parents), "url": url}


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """a <- b <- c <- d, and x beside them; `tiny` is dropped by length, its child is not."""
    folder = tmp_path / "raw"
    shard(folder / "web" / "one.jsonl", [doc("a", 1, url="https://a.org/1"), doc("x", 2, url="https://x.org/a.org/")])
    shard(folder / "web" / "two.jsonl", [doc("tiny", 3, text="too short"), doc("y", 4)])
    shard(folder / "model" / "one.jsonl", [doc("b", 5, "a"), doc("d", 7, "c"), doc("of tiny", 8, "tiny")])
    shard(folder / "model" / "two.jsonl", [doc("c", 6, "elsewhere", "b"), doc("e", 9, "x")])
    return folder


def ids(target: Path, number: int) -> set[str]:
    files = sorted((target / f"releases/{number:04d}/data").glob("*.parquet"))
    return {one for file in files for one in pq.read_table(file)["id"].to_pylist()}


def gone(target: Path, number: int) -> dict[str, dict[str, Any]]:
    rows = pq.read_table(target / f"releases/{number:04d}/withdrawn.parquet").to_pylist()
    assert len({row["id"] for row in rows}) == len(rows)
    return {row["id"]: row for row in rows}


@pytest.mark.parametrize(
    ("by", "value", "left"),
    [
        ("id", "a", {"x", "y", "e", "of tiny"}),
        ("id", "c", {"a", "b", "x", "y", "e", "of tiny"}),
        ("source", "model", {"a", "x", "y"}),
        ("url", "https://a.org/*", {"x", "y", "e", "of tiny"}),
        ("license", "CC0-1.0", set()),
        ("generator", "model@1", {"a", "x", "y"}),
        ("id", "tiny", {"a", "b", "c", "d", "x", "y", "e"}),  # dropped by a step, and its child goes with it
        ("id", "elsewhere", {"a", "b", "x", "y", "e", "of tiny"}),  # never in the input
        ("id", "unheard of", {"a", "b", "c", "d", "x", "y", "e", "of tiny"}),
    ],
)
def test_what_is_withdrawn_goes_with_all_that_was_made_from_it(
    by: By, value: str, left: set[str], raw: Path, tmp_path: Path, run: Run
) -> None:
    target = tmp_path / "out"
    first = run(job(raw, target, LENGTH))
    assert ids(target, 1) == {"a", "b", "c", "d", "x", "y", "e", "of tiny"}
    assert first.manifest["withdrawals"] == {}
    withdraw(open_storage(str(target)), by, value, "asked for")
    second = run(job(raw, target, LENGTH))
    assert ids(target, 2) == left
    assert second.manifest["withdrawals"]["documents_compared"] == len(left)
    assert second.manifest["counts"]["kept"] == len(left)
    again = run(job(raw, target, LENGTH))
    assert (again.number, again.is_new) == (2, False)


def test_the_ledger_and_the_list_say_which_withdrawal_and_from_what(raw: Path, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "out"
    run(job(raw, target))
    storage = open_storage(str(target))
    withdraw(storage, "id", "b", "asked for")
    withdraw(storage, "license", "CC0-1.0", "withdrawn by its owner")
    withdraw(storage, "generator", "model@0", "never used")
    made = run(job(raw, target))
    said = made.manifest["withdrawals"]
    assert [(one["by"], one["value"], one["because"]) for one in said["rules"]][:2] == [
        ("id", "b", "asked for"),
        ("license", "CC0-1.0", "withdrawn by its owner"),
    ]
    counts = [(one["withdrawn"], one["derived_from_withdrawn"], one["copy_of_withdrawn"]) for one in said["rules"]]
    assert counts == [(1, 2, 0), (4, 2, 0), (0, 0, 0)]
    rows = gone(target, 2)
    assert {id_: (row["withdrawal"], row["reason"], row["ancestor"]) for id_, row in rows.items()} == {
        "a": (2, "withdrawn", ""),
        "x": (2, "withdrawn", ""),
        "y": (2, "withdrawn", ""),
        "tiny": (2, "withdrawn", ""),
        "b": (1, "withdrawn", ""),
        "c": (1, "derived_from_withdrawn", "b"),
        "d": (1, "derived_from_withdrawn", "b"),
        "e": (2, "derived_from_withdrawn", "x"),
        "of tiny": (2, "derived_from_withdrawn", "tiny"),
    }
    assert {row["after_release"] for row in rows.values()} == {1}
    step = next(one for one in made.manifest["steps"] if one["step"] == "withdrawals")
    assert step["dropped"] == {"withdrawn": 5, "derived_from_withdrawn": 4}
    seal(storage, 2, None)
    assert verify(open_storage(str(target / "releases" / "0002"))).rows == 0


def test_it_stays_out_on_later_nights_whatever_the_input_has(raw: Path, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "out"
    run(job(raw, target))
    withdraw(open_storage(str(target)), "url", "https://a.org/*", "asked for")
    run(job(raw, target))
    # What it was made from has left the input, in the middle of the chain, too; and comes again without its address.
    (raw / "web" / "one.jsonl").unlink()
    shard(raw / "model" / "one.jsonl", [doc("of tiny", 8, "tiny")])
    run(job(raw, target))
    assert ids(target, 3) == {"tiny", "y", "of tiny", "e"}  # c is out, though neither a nor b is there
    shard(raw / "web" / "one.jsonl", [doc("a", 1), doc("x", 2)])
    shard(raw / "model" / "three.jsonl", [doc("b", 5), doc("new", 10, "d")])
    run(job(raw, target))
    assert ids(target, 4) == {"tiny", "y", "of tiny", "x", "e"}
    assert {id_: row["after_release"] for id_, row in gone(target, 4).items()} == {
        "a": 1, "b": 1, "c": 1, "d": 1, "new": 3
    }  # fmt: skip


def test_it_stays_out_when_older_releases_are_deleted(raw: Path, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "out"
    run(job(raw, target))
    withdraw(open_storage(str(target)), "id", "a", "asked for")
    (raw / "web" / "one.jsonl").unlink()
    run(job(raw, target))
    shard(raw / "model" / "one.jsonl", [doc("of tiny", 8, "tiny")])
    run(job(raw, target))
    clean(job(raw, target), 1, dry_run=False)
    made = run(job(raw, target))
    assert (made.number, made.is_new) == (3, False)
    shard(raw / "web" / "three.jsonl", [doc("z", 11)])
    run(job(raw, target))
    assert ids(target, 4) == {"tiny", "y", "of tiny", "e", "z"}


def test_accumulate_takes_a_withdrawal_for_a_reason(raw: Path, tmp_path: Path, run: Run) -> None:
    target, strict = tmp_path / "out", 'accumulate = "strict"'
    run(job(raw, target, more=strict))
    withdraw(open_storage(str(target)), "id", "a", "asked for")
    withdraw(open_storage(str(target)), "id", "x", "asked for")
    (raw / "web" / "one.jsonl").unlink()
    shard(raw / "web" / "three.jsonl", [doc("x", 2)])
    made = run(job(raw, target, more=strict))
    assert made.manifest["accumulated"] == {"since_release": 1, "removed": {"withdrawals: withdrawn": 2}}
    (raw / "web" / "two.jsonl").unlink()
    with pytest.raises(JobError, match=r"2 real documents of release 2 would be missing: tiny, y\."):
        run(job(raw, target, more=strict))


def test_a_withdrawal_is_recorded_once_and_has_a_reason(tmp_path: Path) -> None:
    storage = open_storage(str(tmp_path))
    one, is_new = withdraw(storage, "url", "https://a.org/*", "asked for")
    assert (one.number, is_new) == (1, True)
    assert withdraw(storage, "source", "web", "no licence")[0].number == 2
    assert withdraw(storage, "url", "https://a.org/*", "again") == (one, False)
    assert withdraw(storage, "url", "https://a.org/*", "but not those", copies=False)[0].number == 3
    assert [(rule.number, rule.copies) for rule in withdrawals_of(storage)] == [(1, True), (2, False), (3, False)]
    for value, because in (("", "asked for"), ("a", " ")):
        with pytest.raises(JobError, match="neither may be empty"):
            withdraw(storage, "id", value, because)


def test_nothing_else_is_done_again(raw: Path, tmp_path: Path, run: Run, texts_read: list[str]) -> None:
    run(job(raw, tmp_path / "out", DEDUP))
    withdraw(open_storage(str(tmp_path / "out")), "id", "e", "asked for")
    del texts_read[:]
    run(job(raw, tmp_path / "out", DEDUP))
    assert texts_read == []


@pytest.mark.parametrize("steps", ["", DEDUP, LENGTH])
def test_copies_of_a_text_that_somebody_wants_gone_go_too(steps: str, raw: Path, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "out"
    same = [doc("a again", 1), doc("like a", 1, text=article(1) + "."), doc("d elsewhere", 7)]
    shard(raw / "web" / "three.jsonl", same)
    shard(raw / "model" / "three.jsonl", [doc("from the copy", 20, "a again")])
    run(job(raw, target, steps))
    withdraw(open_storage(str(target)), "id", "a", "asked for")
    made = run(job(raw, target, steps))
    kept = {"x", "y", "e", "of tiny", "like a"}
    assert ids(target, 2) == (kept if steps == LENGTH else kept | {"tiny"})
    rows = {id_: (row["reason"], row["ancestor"]) for id_, row in gone(target, 2).items()}
    assert rows == {
        "a": ("withdrawn", ""),
        **dict.fromkeys(("b", "c", "d", "from the copy"), ("derived_from_withdrawn", "a")),
        **dict.fromkeys(("a again", "d elsewhere"), ("copy_of_withdrawn", "a")),
    }
    rule = made.manifest["withdrawals"]["rules"][0]
    assert (rule["copies"], rule["copy_of_withdrawn"]) == (True, 2)
    story = "\n".join(explain(open_storage(str(target)), 2, "a again"))
    assert "DROPPED: copy_of_withdrawn, by withdrawal 1, with its text, or that of what was made from it: a" in story


def test_copies_of_what_a_step_dropped_and_of_what_an_edit_made_equal(raw: Path, tmp_path: Path, run: Run) -> None:
    target, words = tmp_path / "out", tmp_path / "words.txt"
    words.write_text("casino\n")
    steps = f'[[steps]]\nop = "whitespace"\n[[steps]]\nop = "url_blocklist"\nwords = ["{words}"]\n'
    blocked = doc("blocked", 30, url="https://b.org/casino")
    spaced = [doc("spaced", 1, text=article(1).replace("\n", "  \n")), doc("free", 30)]
    shard(raw / "web" / "three.jsonl", [blocked, *spaced])
    run(job(raw, target, steps))
    assert {"spaced", "free"} <= ids(target, 1)
    assert "blocked" not in ids(target, 1)
    storage = open_storage(str(target))
    withdraw(storage, "id", "a", "asked for")
    withdraw(storage, "url", "https://b.org/*", "asked for")
    run(job(raw, target, steps))
    assert not {"a", "spaced", "blocked", "free"} & ids(target, 2)
    assert gone(target, 2)["free"]["ancestor"] == "blocked"


@pytest.mark.parametrize(("by", "value"), [("source", "web"), ("license", "CC0-1.0"), ("id", "a")])
@pytest.mark.parametrize("copies", [None, True, False])
def test_whose_copies_go_and_that_it_can_be_said(
    by: By,
    value: str,
    copies: bool | None,  # noqa: FBT001 - a parameter of the test
    raw: Path,
    tmp_path: Path,
    run: Run,
) -> None:
    target = tmp_path / "out"
    shard(raw / "model" / "three.jsonl", [doc("copy", 1)])
    withdraw(open_storage(str(target)), by, value, "asked for", copies=copies)
    run(job(raw, target))
    assert ("copy" in ids(target, 1)) == (not copies if copies is not None else by != "id")


def test_blank_texts_are_no_copies(raw: Path, tmp_path: Path, run: Run) -> None:
    shard(raw / "web" / "three.jsonl", [doc("blank", 0, text=" \n\u3000"), doc("blank too", 0, text=" \n\u3000")])
    withdraw(open_storage(str(tmp_path / "out")), "id", "blank", "asked for")
    run(job(raw, tmp_path / "out"))
    assert gone(tmp_path / "out", 1).keys() == {"blank"}


def test_one_withdrawal_takes_copies_though_another_of_the_same_does_not(raw: Path, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "out"
    storage = open_storage(str(target))
    shard(raw / "model" / "three.jsonl", [doc("copy", 1), doc("copy of b", 5), doc("copy of e", 9)])
    withdraw(storage, "source", "web", "no licence")
    run(job(raw, target))
    assert ids(target, 1) == {"copy", "copy of b", "copy of e"}
    withdraw(storage, "url", "https://a.org/*", "asked for")
    run(job(raw, target))
    assert ids(target, 2) == {"copy of e"}
    assert {id_: row["withdrawal"] for id_, row in gone(target, 2).items()} == {
        **dict.fromkeys(("a", "b", "c", "d", "copy", "copy of b"), 2),
        **dict.fromkeys(("x", "y", "e", "tiny", "of tiny"), 1),
    }


def test_a_copy_that_comes_when_the_text_and_its_releases_are_long_gone_stays_out(
    raw: Path, tmp_path: Path, run: Run
) -> None:
    target = tmp_path / "out"
    run(job(raw, target))
    withdraw(open_storage(str(target)), "id", "a", "asked for")
    (raw / "web" / "one.jsonl").unlink()
    run(job(raw, target))
    for night in (3, 4):
        shard(raw / "web" / f"{night}.jsonl", [doc(f"n{night}", 10 + night)])
        run(job(raw, target))
        clean(job(raw, target), 1, dry_run=False)
    shard(raw / "web" / "late.jsonl", [doc("late", 1), doc("late b", 5), doc("other", 40)])
    run(job(raw, target))
    assert "other" in ids(target, 5)
    assert not {"late", "late b"} & ids(target, 5)
    (tmp_path / "out" / "withdrawals" / "000001.json").unlink()
    run(job(raw, target))
    assert {"late", "late b"} <= ids(target, 6)


def test_a_withdrawal_that_was_taken_back_leaves_nothing_to_the_next_one(raw: Path, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "out"
    spec, said = job(raw, target), dict.fromkeys(("id", "source", "url", "license", "generator"))
    tell_withdrawal(spec, said | {"id": "x"}, "asked for", copies=None)
    tell_withdrawal(spec, said | {"id": "y"}, "asked for", copies=None)
    run(spec)
    (target / "withdrawals" / "000001.json").unlink()
    tell_withdrawal(spec, said | {"id": "tiny"}, "asked for", copies=None)
    assert [rule.number for rule in withdrawals_of(open_storage(str(target)))] == [2, 3]
    run(spec)
    assert gone(target, 2).keys() == {"y", "tiny", "of tiny"}
    assert {"x", "e"} <= ids(target, 2)


def _closure(rows: list[dict[str, Any]], roots: set[str]) -> set[str]:
    """Everything that descends from the roots, or has the text of something that does, the slow way."""
    found = set(roots)
    while True:
        texts = {row["text"] for row in rows if row["id"] in found}
        new = {row["id"] for row in rows if found & set(row["made_from"]) or row["text"] in texts} - found
        if not new:
            return found
        found |= new


@pytest.mark.parametrize("seed", range(4))
def test_all_descendants_of_random_forests_go_over_nights(seed: int, tmp_path: Path, run: Run) -> None:
    chosen = random.Random(seed)
    raw, target = tmp_path / "raw", tmp_path / "out"
    ever: list[dict[str, Any]] = []
    roots: set[str] = set()
    for night in range(1, 4):
        names = [f"n{number}" for number in range(40)]
        rows = [
            # Copies, parents that are not there, cycles, several parents, and other parents than the night before.
            doc(
                name,
                0,
                *chosen.sample([*names, "gone"], chosen.choice([0, 0, 1, 1, 2])),
                text=chosen.choice([f"text of {name}", f"text of {name}", f"text {chosen.randrange(20)}"]),
            )
            for name in chosen.sample(names, 30)
        ]
        for number in range(3):
            shard(raw / "model" / f"{number}.jsonl", rows[number::3])
        ever += rows
        roots.add(chosen.choice(names))
        for root in sorted(roots):
            withdraw(open_storage(str(target)), "id", root, "asked for")
        run(job(raw, target, partition_bytes=chosen.choice([16_384, 1 << 26])))
        assert gone(target, night).keys() == _closure(ever, roots)
        assert ids(target, night) == {row["id"] for row in rows} - _closure(ever, roots)


def test_any_partitioning_gives_the_same_bytes(tmp_path: Path, run: Run) -> None:
    rows = [doc(f"n{n}", n, f"n{n // 2}", text=f"text {n}") for n in range(1, 900)]
    shard(tmp_path / "raw" / "model" / "all.jsonl", rows)
    made = []
    for number, partition_bytes in enumerate((16_384, 1 << 26)):
        target = tmp_path / f"out{number}"
        withdraw(open_storage(str(target)), "id", "n3", "asked for")
        run(job(tmp_path / "raw", target, partition_bytes=partition_bytes))
        made.append({name: data for name, data in release_bytes(target).items() if name != "release.json"})
        made[-1] |= {"identity": json.loads(release_bytes(target)["release.json"])["identity"]}
    assert made[0] == made[1]
    assert len(gone(tmp_path / "out0", 1)) > 100


def test_nobody_is_shown_what_was_withdrawn(raw: Path, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "out"
    storage = open_storage(str(target))
    withdraw(storage, "id", "a", "asked for")
    run(job(raw, target))
    story = "\n".join(explain(storage, 1, "b"))
    assert "DROPPED: derived_from_withdrawn, by withdrawal 1, made from a" in story
    facts, page = make_report(storage, 1)
    for text in (article(1), article(5)):
        assert text[:60] not in story
        assert text.split("\n\n")[1][:30] not in page
        assert text.split("\n\n")[1][:30] not in json.dumps(facts)
    step = next(one for one in facts["steps"] if one["step"] == "withdrawals")
    assert sum(one["dropped"] for one in step["reasons"]) == 4


def test_the_command_says_what_it_records(raw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = job(raw, tmp_path / "out")
    said = dict.fromkeys(("id", "source", "url", "license", "generator"))
    pattern = said | {"url": "https://a.org/*"}
    tell_withdrawal(spec, pattern, "asked for", copies=None)
    assert capsys.readouterr().out == (
        "withdrawal 1 (url https://a.org/*, with copies): asked for\n"
        "the next run of the job takes it out of the release, with its copies and all that was made from them, and so "
        "do all later ones\n"
    )
    tell_withdrawal(spec, pattern, "again", copies=True)
    told = capsys.readouterr().out
    assert told.startswith("recorded before: withdrawal 1 (url https://a.org/*, with copies): asked for\n")
    tell_withdrawal(spec, said | {"source": "web"}, "no licence", copies=None)
    assert capsys.readouterr().out.startswith(
        "withdrawal 2 (source web): no licence\nthe next run of the job takes it out of the release, with all that was "
        "made from it; copies stay, and"
    )
    assert [rule.number for rule in withdrawals_of(open_storage(spec.target))] == [1, 2]
