"""Names of files in, what they hold and how they are compressed out."""

from pathlib import PurePosixPath

from jobs.readers.compression import Compression

FORMATS = {
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".txt": "text",
    ".html": "html",
    ".htm": "html",
    ".warc": "warc",
    ".wet": "warc",
    ".hocr": "layout",
    ".tar": "tar",
}
COMPRESSIONS: dict[str, Compression] = {".gz": "gzip", ".zst": "zstd"}


def kind_of(path: str, stated: str | None = None) -> tuple[str, Compression] | None:
    """Return (format, compression) of a shard by its name; None for a file that is not one.

    >>> kind_of("a/b.jsonl.zst"), kind_of("a/_SUCCESS"), kind_of("a/part-7", "csv")
    (('jsonl', 'zstd'), None, ('csv', 'none'))
    """
    name = PurePosixPath(path)
    if any(part.startswith((".", "_")) for part in name.parts):
        return None  # markers, checkpoints and hidden files of other tools, in whatever folder
    compression = COMPRESSIONS.get(name.suffix, "none")
    suffix = name.suffix if compression == "none" else name.with_suffix("").suffix
    kind = stated or FORMATS.get(suffix)
    return (kind, compression) if kind else None
