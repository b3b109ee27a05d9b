"""Listing sources: the files that a path, folder or glob names."""

import os
import re
from collections.abc import Callable
from typing import Any

import fsspec
from fsspec.core import split_protocol
from fsspec.implementations.local import LocalFileSystem
from fsspec.utils import glob_translate

from jobs.errors import JobError
from jobs.storage.entry import Entry, identified
from jobs.storage.faults import explained
from jobs.storage.remote import filesystem


def glob(pattern: str) -> tuple[str, list[Entry]]:
    """List the files that a path, folder or glob names; return the root that keys are relative to, and the files."""
    protocol, path = split_protocol(pattern)
    local = protocol in (None, "file", "local")
    fs, full = filesystem(os.path.abspath(path) if local else pattern)
    with explained(pattern, "list the source"):
        root, found = _matches(fs, full)
    entries = [Entry(name[len(root) :].lstrip("/"), *identified(info)) for name, info in found.items()]
    return root if local else f"{protocol}://{root}", sorted(entries, key=lambda entry: entry.key)


def matching(pattern: str) -> Callable[[str], object]:
    """Return what tells of a path whether a glob names it."""
    return re.compile(glob_translate(pattern)).match


def _matches(fs: Any, path: str) -> tuple[str, dict[str, Any]]:
    wild = min((path.index(sign) for sign in "*?[" if sign in path), default=None)
    if wild is not None:
        root = path[:wild].rpartition("/")[0]
        depth = None if "**" in path else path.count("/", wild) + 1
        fits = matching(path)
        return root, {name: info for name, info in _below(fs, root or "/", depth).items() if fits(name)}
    if fs.isfile(path):
        return path.rpartition("/")[0], {path: _followed(fs.info(path))}
    folder = path.rstrip("/")
    return folder, _below(fs, folder or "/", None)


def _below(fs: Any, folder: str, depth: int | None) -> dict[str, Any]:
    """List the files at most so many levels below a folder.

    Not by fsspec's glob and walk: they leave out a folder that could not be listed, and its documents with it.
    """
    if depth is None and not isinstance(fs, LocalFileSystem):
        return without_folders(fs.find(folder, detail=True))
    try:
        listed = {info["name"]: _followed(info) for info in fs.ls(folder, detail=True)}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    found = without_folders(listed)
    if depth != 1:
        folders = (name for name, info in listed.items() if info["type"] == "directory" and name != folder)
        for name in folders:
            found |= _below(fs, name, depth and depth - 1)
    return found


def without_folders(found: dict[str, Any]) -> dict[str, Any]:
    """Leave out folders, and the empty objects named like folders that some tools write."""
    return {name: info for name, info in found.items() if info["type"] != "directory" and not name.endswith("/")}


def _followed(info: dict[str, Any]) -> dict[str, Any]:
    """Of a local link, describe what it leads to: the link's own time of change says nothing of the content."""
    if not info.get("islink"):
        return info
    try:
        return dict(fsspec.filesystem("file").info(os.path.realpath(info["name"])))
    except FileNotFoundError:
        raise JobError(f"{info['name']} is a link to {info['destination']}, which is not there.") from None
