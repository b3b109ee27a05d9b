"""What training leaves: the file of a model, and beside it a page that tells how it does."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.errors import JobError
from jobs.storage import explained


@dataclass(frozen=True)
class Trained:
    """What training left."""

    path: Path
    page: Path
    sha256: str
    about: dict[str, Any]


def refuse_place(path: Path) -> None:
    """Refuse before hours of reading what could not be written after them."""
    if "://" in str(path) or ":/" in str(path):
        raise JobError(f"{path}: a model is written to a local file; copy it to the store that workers read from.")
    if path.suffix != ".npz":
        raise JobError(f"{path}: the name of a model ends in .npz.")
    if not path.parent.is_dir():
        raise JobError(f"{path}: there is no folder {path.parent}. Make it, or give another path.")
    for file in (path, _page_of(path)):
        if file.exists():
            raise JobError(f"{file} is there already, and jobs may work with it. Give another name, or remove it.")


def written(path: Path, data: bytes, about: dict[str, Any], render: Callable[[str, str], str]) -> Trained:
    """Write a model and its page, which is made of the file's name and sha256."""
    made = Trained(path, _page_of(path), hashlib.sha256(data).hexdigest(), about)
    with explained(str(path), "write"):
        path.write_bytes(data)
        made.page.write_text(render(path.name, made.sha256), encoding="utf-8")
    return made


def _page_of(path: Path) -> Path:
    return path.with_suffix(".html")
