"""An entry of a listing: a file, and what identifies its content without reading it."""

from dataclasses import dataclass
from typing import Any

# What identifies a file's content without reading it, by store; the first that is there is used.
_IDENTITIES = ("ETag", "etag", "md5Hash", "content_md5", "mtime", "LastModified", "last_modified", "created")


@dataclass(frozen=True)
class Entry:
    """A file in a listing. `identity` changes when its content does (an etag, or a time of change)."""

    key: str
    bytes: int
    identity: str


def identified(info: dict[str, Any]) -> tuple[int, str]:
    """Return bytes and identity of what fsspec tells of a file."""
    identity = next((str(info[name]) for name in _IDENTITIES if info.get(name) is not None), "")
    return int(info["size"] or 0), identity.strip('"')
