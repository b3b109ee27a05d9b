"""Compiled loops over Arrow buffers: UTF-8 bytes and offsets in, numbers or bytes out. No Python string on the way.

Machine code is cached, so that of all workers on a machine one compiles (6 CPU seconds) and the others load it (0.5).
`python -m ops.kernels` compiles every kernel into the cache: below NUMBA_CACHE_DIR, else beside the sources.
"""

import hashlib
import os
import tempfile
from pathlib import Path

import numba


def _cache_folder() -> Path:
    """Return a folder for this very state of the sources.

    numba looks only at the file of the kernel it loads: with one folder for all states, a kernel would go on running
    the old code of a function that it calls from another file.
    """
    here = Path(__file__).parent
    sources = hashlib.sha256()
    for file in sorted([*here.glob("*.npz"), *here.glob("*.py")]):
        sources.update(file.name.encode() + b"\0" + file.read_bytes())
    stated = os.environ.get("NUMBA_CACHE_DIR")
    beside = here / "__pycache__"
    shared = Path(tempfile.gettempdir()) / f"gristmill-kernels-{os.getuid()}"
    base = Path(stated) if stated else beside if os.access(here, os.W_OK) else shared
    return base / f"kernels-{sources.hexdigest()[:12]}"


numba.config.CACHE_DIR = str(_cache_folder())
