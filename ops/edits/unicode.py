"""Unicode repair: undo mojibake where there is some, drop invisible characters, compose (NFC)."""

import re
import unicodedata
from collections.abc import Callable
from typing import Literal

import ftfy
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ops.contract import Op
from ops.kernels.buffers import one_chunk, valid_utf8
from ops.kernels.repair import HAS_INVISIBLE, HAS_MOJIBAKE, HAS_UNCOMPOSED, drop_invisible, suspects

# ftfy as it is would turn Chinese full-width punctuation and letters into ASCII and straighten quotes; we undo wrong
# decoding only. It runs at 5 MB/s, so only on documents in which a kernel (1 GB/s) saw a mojibake pair.
_DECODING_ONLY = ftfy.TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    normalization=None,
    explain=False,
)

# What the kernel flags as HAS_MOJIBAKE: a lead byte and a continuation byte, both read as Latin-1 or Windows-1252.
_PAIR = re.compile("[\u00c2-\u00f4][\u0080-\u00bf" + bytes(range(0x80, 0xA0)).decode("cp1252", "ignore") + "]")


class RepairUnicode(Op):
    """Undo UTF-8 that was read in another encoding, drop invisible characters, and compose characters (NFC).

    Not NFKC: that changes Chinese punctuation. Characters whose bytes are lost are never guessed.
    """

    op: Literal["repair_unicode"] = "repair_unicode"

    def edit(self, batch: pa.Table) -> pa.Table:
        """Repair `text`."""
        return replace_text(batch, repair_unicode(batch["text"]))


def repair_unicode(text: pa.ChunkedArray | pa.Array) -> pa.Array:
    r"""Repair each string; those without a suspicious character come back as they are.

    >>> repair_unicode(pa.array(["cafÃ©", "ä¸\xadæ–‡，“好”", "e\u0301", "zero\u200bwidth"])).to_pylist()
    ['café', '中文，“好”', 'é', 'zerowidth']
    """
    before = one_chunk(valid_utf8(text))
    repaired = _repair_once(before)
    changed = pc.not_equal(before, repaired)
    if not pc.any(changed).as_py():
        return repaired
    # Dropping and composing may bring a mojibake pair together: what changed is looked at again.
    return pc.replace_with_mask(repaired, changed, repair_unicode(repaired.filter(changed)))


def _repair_once(text: pa.Array) -> pa.Array:
    found = suspects(text)
    if (found & HAS_MOJIBAKE).any():
        text = _rewrite(text, found & HAS_MOJIBAKE != 0, _undo_mojibake)
        found = suspects(text)
    if (found & HAS_INVISIBLE).any():
        rows = pa.array(found & HAS_INVISIBLE != 0)
        text = pc.replace_with_mask(text, rows, drop_invisible(text.filter(rows)))
        # A mark parted from its letter by a zero-width character is composed only now.
        found = suspects(text)
    if (found & HAS_UNCOMPOSED).any():
        text = _rewrite(text, found & HAS_UNCOMPOSED != 0, _compose)
    return text


def replace_text(batch: pa.Table, text: pa.Array) -> pa.Table:
    """Return the batch with another text column, of the type that it had."""
    field = batch.schema.field("text")
    return batch.set_column(batch.schema.get_field_index("text"), field, text.cast(field.type))


def _undo_mojibake(text: str) -> str:
    """Fix the lines that hold a mojibake pair; ftfy looks at each line by itself anyway."""
    lines = text.split("\n")
    return "\n".join(ftfy.fix_text(line, _DECODING_ONLY) if _PAIR.search(line) else line for line in lines)


def _compose(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _rewrite(text: pa.Array, rows: NDArray[np.bool_], change: Callable[[str], str]) -> pa.Array:
    """Replace the strings marked; only those become Python objects."""
    changed = [change(text[int(row)].as_py()) for row in np.flatnonzero(rows)]
    return pc.replace_with_mask(text, pa.array(rows), pa.array(changed, pa.string()))
