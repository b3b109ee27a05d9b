"""Clients: the fsspec file system behind a URL, and Arrow's for reading from S3."""

import contextlib
import os
from functools import cache
from importlib import import_module
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.fs
from fsspec.core import split_protocol

from jobs.errors import JobError
from jobs.storage.faults import explained
from jobs.storage.ranges import PatientFile

# Stores other than AWS refuse the trailing checksums that boto3 and Arrow send by default.
os.environ.setdefault("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")
os.environ.setdefault("AWS_RESPONSE_CHECKSUM_VALIDATION", "when_required")


def open_url(url: str) -> pa.NativeFile:
    """Open any file for reading at any offset: by Arrow where it can (local, S3), else through fsspec."""
    protocol, path = split_protocol(url)
    if protocol in (None, "file", "local"):
        return pa.OSFile(path, "rb")
    if protocol in ("s3", "s3a"):
        return pa.PythonFile(PatientFile(arrow_s3().open_input_file(path)), mode="r")
    fs, path = filesystem(url)
    return pa.PythonFile(fs.open(path, "rb", cache_type="readahead"), mode="r")


def read_url(url: str) -> bytes:
    """Return a whole file's bytes."""
    with contextlib.closing(open_url(url)) as file:
        return bytes(file.read())


def filesystem(url: str) -> tuple[Any, str]:
    """Return the fsspec file system behind a URL, and the path in it."""
    protocol, _ = split_protocol(url)
    options = {"use_listings_cache": False} if protocol in ("s3", "s3a") else {}
    try:
        fs, path = fsspec.core.url_to_fs(url, **options)
    except (ImportError, ValueError) as error:
        raise JobError(
            f"cannot open {url}: {error}. Give a local path, s3://bucket/path, or a URL of a scheme whose fsspec "
            "package is installed."
        ) from error
    if options:
        with explained(url, "open"):
            fs.connect()
        # Else a PUT first waits for "100 Continue", without any limit: a stalled store would hold a worker for ever.
        fs.s3.meta.events.unregister("before-call.s3", import_module("botocore.handlers").add_expect_header)
    return fs, path


@cache
def arrow_s3() -> pa.fs.S3FileSystem:
    """Arrow's client, configured by the usual environment variables."""
    # Ten attempts: at 15 % of requests refused with SlowDown, Arrow's default of 3 failed a quarter of reads.
    return pa.fs.S3FileSystem(
        endpoint_override=os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"),
        retry_strategy=pa.fs.AwsStandardS3RetryStrategy(max_attempts=10),
        region=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
    )
