"""OpenLineage 2-0-2: what a run reads and makes, as events for a catalogue, written to a file or posted to a URL.

They hold times, and so lie outside the release. A catalogue that is away costs a warning, never the run.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import orjson

from jobs.code import code_hash
from jobs.jobfile.files import absolute
from jobs.release import Published
from jobs.spec import JobSpec

_TIMEOUT_S = 10
_SPEC = "https://openlineage.io/spec"

# Version and name of the schema of each facet.
_FACETS = {
    "inputStatistics": ("1-0-0", "InputStatisticsInputDatasetFacet"),
    "outputStatistics": ("1-0-2", "OutputStatisticsOutputDatasetFacet"),
    "version": ("1-0-1", "DatasetVersionDatasetFacet"),
    "errorMessage": ("1-0-1", "ErrorMessageRunFacet"),
}

Ended = Callable[[Published], None]


@contextmanager
def told_to_catalogue(spec: JobSpec, warn: Callable[[str], None]) -> Iterator[Ended]:
    """Send START, and COMPLETE once the function that is given was called; else FAIL, or ABORT where interrupted."""
    if not spec.run.openlineage:
        yield lambda _: None
        return
    place, run_id = spec.run.openlineage, str(uuid.uuid4())

    def tell(kind: str, **parts: Any) -> None:
        try:
            _send(place, _event(spec, run_id, kind, **parts))
        except (OSError, ValueError) as error:
            warn(f"OpenLineage: {kind} did not reach {place}: {error}. The run goes on.")

    tell("START")
    try:
        yield lambda made: tell("COMPLETE", made=made)
    except BaseException as error:
        tell("FAIL" if isinstance(error, Exception) else "ABORT", error=error)
        raise


def _send(place: str, event: dict[str, Any]) -> None:
    line = orjson.dumps(event)
    if "://" in place:
        request = Request(place, line, {"Content-Type": "application/json"})  # noqa: S310 - the job file says http(s)
        with urlopen(request, timeout=_TIMEOUT_S):  # noqa: S310 - as above
            return
    file = Path(absolute(place))
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as lines:
        lines.write(line + b"\n")


def _event(
    spec: JobSpec, run_id: str, kind: str, made: Published | None = None, error: BaseException | None = None
) -> dict[str, Any]:
    run: dict[str, Any] = {"runId": run_id}
    if error is not None:
        told = str(error) or type(error).__name__
        run["facets"] = _facet("errorMessage", message=told, programmingLanguage="Python")
    return {
        "eventType": kind,
        "eventTime": datetime.now(UTC).isoformat(),
        "producer": _producer(),
        "schemaURL": f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": run,
        "job": {"namespace": "gristmill", "name": spec.name},
        "inputs": [*_sources(spec, made), *(_dataset(reference.path) for reference in spec.references)],
        "outputs": [_output(spec, made)] if made else [],
    }


def _sources(spec: JobSpec, made: Published | None) -> Iterator[dict[str, Any]]:
    for source in spec.sources:
        facets = {}
        if made:
            counts = made.manifest["sources"].get(source.name, {"read": 0, "read_bytes": 0})
            files = {one["path"] for one in made.manifest["inputs"] if one["source"] == source.name}
            read = {"rowCount": counts["read"], "size": counts["read_bytes"], "fileCount": len(files)}
            facets = {"inputFacets": _facet("inputStatistics", **read)}
        yield _dataset(source.path) | facets


def _output(spec: JobSpec, made: Published) -> dict[str, Any]:
    files = made.manifest["files"]
    written = {
        "rowCount": sum(file["rows"] for file in files),
        "size": sum(file["bytes"] for file in files),
        "fileCount": len(files),
    }
    return _dataset(spec.target) | {
        "facets": _facet("version", datasetVersion=str(made.number)),
        "outputFacets": _facet("outputStatistics", **written),
    }


def _dataset(path: str) -> dict[str, Any]:
    """Name a place as OpenLineage does: of a store, its bucket and the key in it; of this machine, the path.

    >>> _dataset("s3://corpus/raw/*.parquet"), _dataset("/data/raw")
    ({'namespace': 's3://corpus', 'name': 'raw/*.parquet'}, {'namespace': 'file', 'name': '/data/raw'})
    """
    if "://" not in path:
        return {"namespace": "file", "name": absolute(path)}
    url = urlsplit(path)
    return {"namespace": f"{url.scheme}://{url.netloc}", "name": url.path.strip("/")}


def _facet(name: str, **fields: Any) -> dict[str, Any]:
    version, schema = _FACETS[name]
    url = f"{_SPEC}/facets/{version}/{schema}.json#/$defs/{schema}"
    return {name: {"_producer": _producer(), "_schemaURL": url, **fields}}


def _producer() -> str:
    return f"urn:gristmill:{code_hash()}"
