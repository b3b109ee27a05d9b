"""Unicode repair: undo mojibake, harvest hidden labels, drop invisible characters, compose (NFC)."""

import unicodedata
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.columns import with_column
from ops.contract import Op
from ops.cuts import changed_texts, cut_out, replace_text, rewrite
from ops.edits.hidden_labels import LABEL, harvest
from ops.edits.mojibake import count_lost, undo_mixed
from ops.kernels.buffers import one_chunk, valid_utf8
from ops.kernels.gbk import read_as_gbk
from ops.kernels.latin import read_as_latin
from ops.kernels.read_again import Undone
from ops.kernels.repair import (
    HAS_INVISIBLE,
    HAS_LOST,
    HAS_MISREAD,
    HAS_MOJIBAKE,
    HAS_UNCOMPOSED,
    invisible_runs,
    suspects,
)

LOST = pa.field("mojibake_lost", pa.int64())


class RepairUnicode(Op):
    """Undo UTF-8 that was read in another encoding, drop invisible characters, and compose characters (NFC).

    Not NFKC: that changes Chinese punctuation. Characters whose bytes are lost are never guessed: `mojibake_lost`
    counts the places. Labels that say of a text that a machine wrote it go to `aigc_label` first (JSON).
    """

    op: Literal["repair_unicode"] = "repair_unicode"
    version: ClassVar[int] = 3
    adds: ClassVar[tuple[pa.Field, ...]] = (LABEL, LOST)

    def edit(self, batch: pa.Table) -> pa.Table:
        """Repair `text`, and add the columns."""
        batch = replace_text(batch, valid_utf8(batch["text"]))
        found = suspects(batch["text"])
        active = np.ones(batch.num_rows, np.bool_)
        # Dropping and composing may bring a mojibake pair together: what changed is looked at again.
        while active.any():
            made = _repair_once(batch, found * active, active)
            found, active = _looked_again(found, batch, made)
            batch = made
        batch = batch if batch.num_rows else harvest(batch, active, active)
        return with_column(batch, LOST, _lost(one_chunk(batch["text"]), found & HAS_LOST != 0))


def _repair_once(batch: pa.Table, found: NDArray[np.uint8], active: NDArray[np.bool_]) -> pa.Table:
    """Repair the texts that are active, by what is found in them."""
    for flag, kind, undo in (
        (HAS_MOJIBAKE, "mojibake", _undo_latin),
        (HAS_MOJIBAKE, "mojibake", _undo_with_ftfy),
        (HAS_MISREAD, "mojibake_gbk", _undo_gbk),
    ):
        if (found & flag).any():
            made = undo(batch, found & flag != 0, kind)
            found, _ = _looked_again(found, batch, made)
            batch = made
    invisible = found & HAS_INVISIBLE != 0
    # Stripping would destroy what is harvested: neither is there without the other.
    batch = harvest(batch, active, invisible)
    rows, cuts = invisible_runs(one_chunk(batch["text"]), invisible)
    batch = cut_out(batch, rows, cuts, pa.repeat(pa.scalar("invisible"), len(rows)))
    return rewrite(batch, found & HAS_UNCOMPOSED != 0, _compose, "uncomposed")


def _undo_latin(batch: pa.Table, rows: NDArray[np.bool_], kind: str) -> pa.Table:
    return _put(batch, read_as_latin(one_chunk(batch["text"]), rows), kind)


def _undo_with_ftfy(batch: pa.Table, rows: NDArray[np.bool_], kind: str) -> pa.Table:
    return rewrite(batch, rows, undo_mixed, kind)


def _undo_gbk(batch: pa.Table, rows: NDArray[np.bool_], kind: str) -> pa.Table:
    return _put(batch, read_as_gbk(one_chunk(batch["text"]), rows), kind)


def _put(batch: pa.Table, undone: Undone, kind: str) -> pa.Table:
    rows, cuts, puts = undone
    return cut_out(batch, rows, cuts, pa.repeat(pa.scalar(kind), len(rows)), puts)


def _looked_again(
    found: NDArray[np.uint8], before: pa.Table, after: pa.Table
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Return what is found in texts now, and which have changed: no others are looked at."""
    changed = changed_texts(before, after)
    if changed.any():
        found = found.copy()
        found[changed] = suspects(after["text"].filter(pa.array(changed)))
    return found, changed


def _lost(text: pa.Array, rows: NDArray[np.bool_]) -> pa.Array:
    counts = np.zeros(len(text), np.int64)
    for row in np.flatnonzero(rows):
        counts[row] = count_lost(text[int(row)].as_py())
    return pa.array(counts)


def _compose(text: str) -> str:
    return unicodedata.normalize("NFC", text)
