"""OpenLineage events of runs: what its specification asks for, in a file or posted; a catalogue never stops a run."""

import json
import threading
import uuid
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from conftest import job_of, job_text

from jobs.console import run_and_tell
from jobs.errors import JobError
from jobs.release import read_manifest
from jobs.spec import JobSpec, parse, with_absolute_paths
from jobs.storage import open_storage

# What 2-0-2 requires of a RunEvent and of each facet used.
FACETS = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["_producer", "_schemaURL"],
        "properties": {
            "_producer": {"pattern": "^[a-z]+:"},
            "_schemaURL": {"pattern": "^https://openlineage.io/spec/"},
        },
    },
}
DATASETS = {
    "type": "array",
    "items": {
        "required": ["namespace", "name"],
        "properties": {"facets": FACETS, "inputFacets": FACETS, "outputFacets": FACETS},
    },
}
RUN_EVENT = {
    "type": "object",
    "required": ["eventTime", "producer", "schemaURL", "run", "job", "eventType"],
    "properties": {
        "eventType": {"enum": ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]},
        "run": {"type": "object", "required": ["runId"], "properties": {"facets": FACETS}},
        "job": {"type": "object", "required": ["namespace", "name"]},
        "inputs": DATASETS,
        "outputs": DATASETS,
    },
}


class Catalogue(BaseHTTPRequestHandler):
    """Takes events; answers with an error once `is_down`."""

    events: list[dict[str, Any]]
    is_down: bool

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.headers["Content-Type"] == "application/json"
        if not self.is_down:
            self.events.append(json.loads(body))
        self.send_response(503 if self.is_down else 201)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def catalogue() -> Iterator[tuple[str, type[Catalogue]]]:
    own = type("Own", (Catalogue,), {"events": [], "is_down": False})
    with HTTPServer(("127.0.0.1", 0), own) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/api/v1/lineage", own
        server.shutdown()


def job(raw: Path, target: Path, openlineage: str, steps: str = "") -> JobSpec:
    spec = job_of(raw, target, steps=steps)
    return spec.model_copy(update={"run": spec.run.model_copy(update={"openlineage": openlineage})})


def valid(events: list[dict[str, Any]]) -> list[str]:
    """Check each event and that all are of one run; return their kinds."""
    for event in events:
        jsonschema.validate(event, RUN_EVENT)
        assert datetime.fromisoformat(event["eventTime"]).tzinfo is not None
        uuid.UUID(event["run"]["runId"])
    assert len({event["run"]["runId"] for event in events}) == 1
    return [event["eventType"] for event in events]


def test_a_run_is_told_in_a_file(corpus: Path, tmp_path: Path) -> None:
    file = tmp_path / "lineage" / "events.jsonl"
    spec = job(corpus, tmp_path / "out", str(file))
    run_and_tell(spec)
    events = [json.loads(line) for line in file.read_text().splitlines()]
    assert valid(events) == ["START", "COMPLETE"]
    manifest = read_manifest(open_storage(spec.target), 1)
    done = events[1]
    read = {one["name"]: one["inputFacets"]["inputStatistics"] for one in done["inputs"]}
    web = read[f"{corpus}/web/*.parquet"]
    told = (web["rowCount"], web["size"], web["fileCount"])
    assert told == (manifest["sources"]["web"]["read"], manifest["sources"]["web"]["read_bytes"], 3)
    output = done["outputs"][0]
    assert (output["namespace"], output["name"]) == ("file", str(tmp_path / "out"))
    assert output["facets"]["version"]["datasetVersion"] == "1"
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == manifest["counts"]["kept"]
    assert output["outputFacets"]["outputStatistics"]["size"] == sum(one["bytes"] for one in manifest["files"])
    run_and_tell(spec)  # a run with nothing to do is a run, too
    assert len(file.read_text().splitlines()) == 4


def test_a_run_is_posted(corpus: Path, tmp_path: Path, catalogue: tuple[str, type[Catalogue]]) -> None:
    url, own = catalogue
    run_and_tell(job(corpus, tmp_path / "out", url))
    assert valid(own.events) == ["START", "COMPLETE"]


def test_a_run_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(JobError):
        run_and_tell(job(tmp_path / "none", tmp_path / "out", str(tmp_path / "events.jsonl")))
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert valid(events) == ["START", "FAIL"]
    assert "no shard matches" in events[1]["run"]["facets"]["errorMessage"]["message"]
    assert events[1]["outputs"] == []


def test_an_interrupted_run_is_aborted(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("jobs.console.run_job", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run_and_tell(job(corpus, tmp_path / "out", str(tmp_path / "events.jsonl")))
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert valid(events) == ["START", "ABORT"]


@pytest.mark.parametrize("place", ["down", "nobody", "a folder"])
def test_a_catalogue_that_is_away_costs_a_warning(
    corpus: Path,
    tmp_path: Path,
    catalogue: tuple[str, type[Catalogue]],
    place: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url, own = catalogue
    own.is_down = True
    places = {"down": url, "nobody": "http://127.0.0.1:9/", "a folder": str(tmp_path)}
    run_and_tell(job(corpus, tmp_path / "out", places[place]))
    assert (tmp_path / "out" / "releases" / "0001" / "release.json").exists()
    assert capsys.readouterr().err.count("did not reach") == 2


def test_events_change_no_release(corpus: Path, tmp_path: Path) -> None:
    run_and_tell(job_of(corpus, tmp_path / "out", steps=""))
    run_and_tell(job(corpus, tmp_path / "out", str(tmp_path / "events.jsonl")))
    assert len(list((tmp_path / "out" / "releases").iterdir())) == 1


def test_where_events_go() -> None:
    with pytest.raises(JobError, match="openlineage"):
        parse(f'{job_text("raw", "out")}openlineage = "s3://bucket/events"'.encode(), "job.toml")
    raw = {"target": "out", "sources": [], "run": {"openlineage": "events.jsonl"}}
    assert Path(with_absolute_paths(raw)["run"]["openlineage"]).is_absolute()
    raw["run"] = {"openlineage": "https://example.org/lineage"}
    assert with_absolute_paths(raw)["run"] == raw["run"]
