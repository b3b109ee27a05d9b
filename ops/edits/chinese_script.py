"""Chinese script: Traditional to Simplified, or back, by OpenCC."""

import functools
from typing import Literal

import numpy as np
import opencc
import pyarrow as pa
import pyarrow.compute as pc

from ops.contract import Op
from ops.cuts import replace_text, rewrite
from ops.kernels.buffers import one_chunk, valid_utf8

_CONFIGS = {"hans": "t2s", "hant": "s2t"}
_HAN = r"[\x{3400}-\x{9fff}\x{20000}-\x{323af}]"
_TIMES_MAX = 4  # what a conversion makes may be converted again, a few words of idioms


class ChineseScript(Op):
    """Write Chinese in Simplified characters, `to = "hans"`, or in Traditional ones, `to = "hant"`.

    By OpenCC's tables of words (`t2s`, `s2t`). To Simplified is nearly certain; to Traditional, one character may have
    been several, and some words come out wrong. Japanese is converted as if it were Chinese: put `languages` before.
    """

    op: Literal["chinese_script"] = "chinese_script"
    to: Literal["hans", "hant"]

    def edit(self, batch: pa.Table) -> pa.Table:
        """Convert `text`. On record is each text that changes, from its first difference on."""
        batch = replace_text(batch, valid_utf8(batch["text"]))
        has_han = np.asarray(pc.match_substring_regex(one_chunk(batch["text"]), _HAN))
        return rewrite(batch, has_han, functools.partial(_converted, self.to), f"to_{self.to}", by_line=False)


def _converted(to: str, text: str) -> str:
    for _ in range(_TIMES_MAX):
        made = _converter(to).convert(text)
        if made == text:
            break
        text = made
    return text


@functools.cache
def _converter(to: str) -> opencc.OpenCC:
    """Load the tables, once a process."""
    return opencc.OpenCC(_CONFIGS[to])
