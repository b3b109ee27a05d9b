"""moto's S3 server, one write at a time: `python tests/s3_moto.py PORT`.

On its own it looks whether a key is there, then writes it: of two that ask for `If-None-Match` at once, both may win.
"""

import sys
import threading
from typing import Any

from moto.s3.responses import S3Response
from moto.server import main

_WRITES = threading.Lock()
_put_object = S3Response.put_object


def _put_alone(self: S3Response) -> Any:
    with _WRITES:
        return _put_object(self)


if __name__ == "__main__":
    S3Response.put_object = _put_alone  # type: ignore[method-assign]
    main(["-H", "127.0.0.1", "-p", sys.argv[1]])
