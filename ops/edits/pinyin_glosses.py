"""Pinyin glosses: cut the readings that stand in brackets after characters, where a text is full of them."""

from typing import Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from ops.contract import Op
from ops.cuts import cut_out
from ops.kernels.buffers import one_chunk
from ops.kernels.glosses import glosses


class PinyinGlosses(Op):
    """Cut glosses: 機(jī)器(qì)學(xué)習(xí) is 機器學習 again.

    A gloss is one syllable of pinyin in brackets, half or full width, right after a Han character. One with a tone mark
    goes where the text has at least `glosses_min` such; a lone note of how a name is read stays. One without, as in
    的(de), goes only if the character has that reading and there are `toneless_from` with a tone mark.
    """

    op: Literal["pinyin_glosses"] = "pinyin_glosses"
    glosses_min: int = Field(5, ge=1, description="glosses with a tone mark from which on they are damage")
    toneless_from: int = Field(10, ge=1, description="glosses with a tone mark from which on others are glosses, too")

    def edit(self, batch: pa.Table) -> pa.Table:
        """Cut the glosses of `text`."""
        text = one_chunk(batch["text"])
        found = glosses(text)
        toned = np.bincount(found.rows, found.toned, minlength=len(text))[found.rows]
        going = (toned >= self.glosses_min) & (found.toned | (toned >= self.toneless_from))
        kinds = pa.repeat(pa.scalar("pinyin_gloss"), int(going.sum()))
        return cut_out(batch, found.rows[going], found.cuts[going], kinds)
