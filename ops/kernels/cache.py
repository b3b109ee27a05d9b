"""Where compiled kernels are kept: a folder for each state of a kernel's file and of all that it imports from here.

numba looks only at the file of the kernel it loads: it would go on running the old code of a function that a kernel
calls from another file. So the folder's name covers both, and a kernel is compiled anew if, and only if, what it is
made of changed. The folders are the user's, not the installation's: what was compiled on a laptop is there for the copy
of the code that a submitted job runs, and for the next clone.
"""

import contextlib
import functools
import hashlib
import os
import re
import tempfile
import unicodedata
from importlib import metadata
from pathlib import Path

from numba.core.caching import UserProvidedCacheLocator

_HERE = Path(__file__).parent
_IMPORTS = re.compile(r"^from ops\.kernels(?:\.(\w+) import| import (\w+(?:, \w+)*))", re.MULTILINE)


class KernelsLocator(UserProvidedCacheLocator):  # type: ignore[misc] # numba has no types
    """Tells numba where the kernels of this folder are cached; of other functions it says nothing.

    The folder is below NUMBA_CACHE_DIR, else among the user's caches (XDG_CACHE_HOME, ~/.cache), else, where nobody may
    write there, in a folder of the user's among temporary files.
    """

    def __init__(self, py_func: object, py_file: str) -> None:
        """Look at the file of a kernel."""
        super().__init__(py_func, py_file)
        module = Path(py_file).stem
        self._state = state_of(module)
        self._cache_path = str(_base() / f"{module}-{self._state[:12]}")

    def get_source_stamp(self) -> str:
        """Return what changes when the kernel's sources do. Not their time: a copy of them compiles nothing."""
        return self._state

    @classmethod
    def from_function(cls, py_func: object, py_file: str) -> "KernelsLocator | None":
        """Return the locator of a kernel; None for functions of others."""
        return cls(py_func, py_file) if Path(py_file).parent == _HERE else None


@functools.cache
def state_of(module: str) -> str:
    """Return a hash of a module's file, its tables, every module here that it imports, and what tables are built of."""
    files = sorted(file for name in _needed(module, set()) for file in _HERE.glob(f"{name}.*") if file.is_file())
    state = hashlib.sha256(f"{unicodedata.unidata_version} {metadata.version('ftfy')}".encode())
    for file in files:
        state.update(file.name.encode() + b"\0" + file.read_bytes())
    return state.hexdigest()


def _needed(module: str, known: set[str]) -> set[str]:
    """Add a module, and what it imports, to those that are known."""
    if module not in known:
        known.add(module)
        for one, several in _IMPORTS.findall((_HERE / f"{module}.py").read_text()):
            for name in [one] if one else several.split(", "):
                _needed(name, known)
    return known


@functools.cache
def _base() -> Path:
    stated = os.environ.get("NUMBA_CACHE_DIR")
    if stated:
        return Path(stated)
    caches = os.environ.get("XDG_CACHE_HOME")
    with contextlib.suppress(OSError, RuntimeError):  # no home, or none to write to
        folder = (Path(caches) if caches else Path.home() / ".cache") / "gristmill" / "kernels"
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    return Path(tempfile.gettempdir()) / f"gristmill-kernels-{os.getuid()}"
