import gzip
import io
import random
from collections.abc import Callable

import pyarrow as pa
import pytest
import zstandard

from jobs.readers import compression
from jobs.readers.compression import Damaged, chunks

Pack = Callable[[bytes], bytes]


def flushed_zstd(data: bytes) -> bytes:
    """Many small blocks in one frame, so that there is something to lose inside a piece."""
    packer = zstandard.ZstdCompressor(write_checksum=True).compressobj()
    pieces = [
        packer.compress(data[at : at + 500]) + packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
        for at in range(0, len(data), 500)
    ]
    return b"".join(pieces) + packer.flush()


def flushed_gzip(data: bytes) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as packed:
        for at in range(0, len(data), 500):
            packed.write(data[at : at + 500])
            packed.flush()
    return out.getvalue()


PACKERS = [("gzip", flushed_gzip), ("zstd", flushed_zstd), ("gzip", gzip.compress), ("zstd", zstandard.compress)]
DATA = random.Random(3).randbytes(3_000).hex().encode()


def unpack(packed: bytes, name: str) -> tuple[bytes, str | None]:
    out = []
    try:
        out.extend(chunks(pa.BufferReader(packed), name))
    except Damaged as damage:
        return b"".join(out), damage.reason
    return b"".join(out), None


@pytest.mark.parametrize(("name", "pack"), PACKERS)
@pytest.mark.parametrize("padding", [b"", b"\0" * 512])
def test_many_frames_and_padding(name: str, pack: Pack, padding: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "PIECE_BYTES", 100)
    assert unpack(b"".join([pack(DATA), pack(b""), pack(b"end"), padding]), name) == (DATA + b"end", None)


def test_skippable_frame() -> None:
    assert unpack(b"\x50\x2a\x4d\x18\x04\0\0\0abcd" + zstandard.compress(b"a"), "zstd") == (b"a", None)


@pytest.mark.parametrize(("name", "pack"), PACKERS[:2])
@pytest.mark.parametrize("piece_bytes", [64, 1 << 16])
def test_all_before_a_cut_is_given(name: str, pack: Pack, piece_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "PIECE_BYTES", piece_bytes)
    out, reason = unpack(pack(DATA)[:-2_000], name)
    assert reason == "truncated"
    assert DATA.startswith(out)
    assert len(out) >= 2_000


@pytest.mark.parametrize(("name", "pack"), PACKERS[:2])
@pytest.mark.parametrize("piece_bytes", [64, 1 << 16])
def test_all_before_a_damage_is_given(name: str, pack: Pack, piece_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "PIECE_BYTES", piece_bytes)
    whole = pack(b"first") + pack(DATA)
    at = len(whole) // 2
    out, reason = unpack(whole[:at] + b"\xff" * 400 + whole[at + 400 :], name)
    assert reason == "corrupt_compression"
    assert out[:2_000] == (b"first" + DATA)[:2_000]


@pytest.mark.parametrize(("name", "pack"), PACKERS)
def test_garbage_after_the_last_frame_is_reported(name: str, pack: Pack) -> None:
    assert unpack(pack(b"a") + b"garbage!", name) == (b"a", "corrupt_compression")


def test_pieces_do_not_change_what_a_damage_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = bytearray(flushed_gzip(DATA))
    packed[len(packed) // 2] ^= 255
    results = set()
    for piece_bytes in (7, 333, 1 << 16):
        monkeypatch.setattr(compression, "PIECE_BYTES", piece_bytes)
        results.add(unpack(bytes(packed), "gzip"))
    assert len(results) == 1
