"""Chunks of bytes in, blocks of whole lines out."""

from collections.abc import Iterable, Iterator

from jobs.readers.compression import Damaged
from jobs.readers.records import BATCH_BYTES


def line_blocks(chunks: Iterable[bytes], block_bytes: int = BATCH_BYTES) -> Iterator[bytes]:
    r"""Join chunks into blocks of at least `block_bytes`, each cut at its last newline; a longer line stays whole.

    Only the last block may end without a newline. Raises Damaged, with the partial last line, after all whole lines.

    >>> list(line_blocks([b"a", b"b\nc", b"d\n", b"e"], block_bytes=2))
    [b'ab\n', b'cd\n', b'e']
    """
    pieces: list[bytes] = []
    held = 0
    try:
        for chunk in chunks:
            pieces.append(chunk)
            held += len(chunk)
            # Joining only when a newline came keeps the cost of a very long line linear.
            if held >= block_bytes and b"\n" in chunk:
                block, rest = _cut(pieces)
                yield block
                pieces, held = [rest], len(rest)
    except Damaged as damage:
        block, rest = _cut(pieces)
        if block:
            yield block
        raise Damaged(damage.reason, rest) from None
    if held:
        yield b"".join(pieces)


def _cut(pieces: list[bytes]) -> tuple[bytes, bytes]:
    """Join and cut after the last newline."""
    block = b"".join(pieces)
    cut = block.rfind(b"\n") + 1
    return block[:cut], block[cut:]
