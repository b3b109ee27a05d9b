"""Hidden labels: what says of a text that a machine wrote it is harvested into a column, and only then cut."""

import base64
import json
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ops.columns import with_column
from ops.cuts import cut_out
from ops.kernels.buffers import buffers_of, one_chunk
from ops.provenance.labels import NAMES, Label, labels_in

LABEL = pa.field("aigc_label", pa.string())

_KEYS = "|".join(NAMES)
_PAIR = re.compile(rf"""["']?\b({_KEYS})\b["']?\s*[:：]\s*("[^"\n]*"|'[^'\n]*'|[^\s,}}"'][^,}}\n]*)""")
_KEY_LINE = re.compile(rf"""\s*["']?(AIGC|{_KEYS})["']?\s*[:：]|\s*[{{}}][{{}}, ]*$""")
_BLOCK = re.compile(
    r"\A(?P<before>[\s\u200b\u2060\ufeff]*)(?:---[ \t]*\r?\n(?P<yaml>(?:.*\n){1,60}?)---[ \t]*(?:\r?\n|\Z)"
    r"""|(?P<json>\{\s*["']AIGC["']\s*:\s*\{[^{}]{1,8000}\}\s*\})[ \t]*(?:\r?\n|\Z))"""
)
# What a text with a block begins with, for RE2, and the first bytes of that.
_BEGINS = r"\A[\s\x{200b}\x{2060}\x{feff}]*(---|\{\s*.AIGC)"
_FIRST = np.isin(np.arange(256), [*b"\t\n\f\r -{", 0xE2, 0xEF])

# C2PA 2.3, A.7: U+FEFF, a mark and a manifest, each byte as a variation selector.
_FIRST_SELECTORS, _MORE_SELECTORS = 0xFE00, 0xE0100
_C2PA_MAGIC = b"C2PATXT\x00"
# Other manifests: bits as characters without width. A page may have a heap of one kind by mistake.
_BITS_MIN = 16
_HIDDEN = re.compile(
    f"\ufeff[\ufe00-\ufe0f\U000e0100-\U000e01ef]{{{len(_C2PA_MAGIC)},}}"
    f"|[\u180e\u200b-\u200f\u2060-\u2064\ufeff]{{{_BITS_MIN},}}"
)
_HIDES = (
    rf"\x{{feff}}[\x{{fe00}}-\x{{fe0f}}\x{{e0100}}-\x{{e01ef}}]{{{len(_C2PA_MAGIC)}}}"
    rf"|[\x{{180e}}\x{{200b}}-\x{{200f}}\x{{2060}}-\x{{2064}}\x{{feff}}]{{{_BITS_MIN}}}"
)

_KIND = "aigc_label"


class _Found(NamedTuple):
    """What goes, from which character to which, and the label that it is; None: that has gone before."""

    begin: int
    end: int
    kind: str
    label: Label | None


def harvest(batch: pa.Table, rows: NDArray[np.bool_], invisible: NDArray[np.bool_]) -> pa.Table:
    r"""Move labels from `text` to `aigc_label`: a JSON list of what was found, or null. Only `rows` are looked at.

    A block of front matter with the keys of GB 45438-2025 is an object of those. Manifests of invisible characters, for
    which only rows that are `invisible` are searched, are `{"C2PA": base64}` or `{"zero_width": the characters}`.

    >>> both = np.array([True])
    >>> text = "---\nAIGC:\n  Label: '1'\n  ContentProducer: model-3\n---\nText."
    >>> made = harvest(pa.table({"text": [text]}), both, both)
    >>> made["text"].to_pylist(), made["aigc_label"].to_pylist()
    (['Text.'], ['[{"Label": "1", "ContentProducer": "model-3"}]'])
    """
    text = one_chunk(batch["text"])
    marked = np.zeros(len(text), np.bool_)
    beginning = np.flatnonzero(_may_begin(text) & rows)
    marked[beginning] = _matches(text, beginning, _BEGINS)
    hiding = np.flatnonzero(invisible & rows)
    marked[hiding] |= _matches(text, hiding, _HIDES)
    found = {int(row): _labels(text[int(row)].as_py(), bool(invisible[row])) for row in np.flatnonzero(marked)}
    if not any(found.values()):
        return batch if LABEL.name in batch.column_names else with_column(batch, LABEL, pa.nulls(len(text), LABEL.type))
    of = np.array([row for row, labels in found.items() for _ in labels], np.int64)
    _, offsets = buffers_of(text)
    cuts = [_bytes(text[row].as_py(), one) for row, labels in found.items() for one in labels]
    kinds = pa.array([one.kind for labels in found.values() for one in labels])
    made = cut_out(batch, of, np.array(cuts, np.int64) + offsets[of][:, None], kinds)
    old = batch[LABEL.name].to_pylist() if LABEL.name in batch.column_names else [None] * len(text)
    new = [_joined(label, found[row]) if found.get(row) else label for row, label in enumerate(old)]
    return with_column(made, LABEL, pa.array(new, LABEL.type))


def _matches(text: pa.Array, rows: NDArray[np.int64], pattern: str) -> NDArray[np.bool_]:
    """Say of each of these rows whether its text matches."""
    if not len(rows):
        return np.zeros(0, np.bool_)
    return np.asarray(pc.match_substring_regex(text.take(pa.array(rows)), pattern), np.bool_)


def _may_begin(text: pa.Array) -> NDArray[np.bool_]:
    """Say which texts begin with a byte that a block may have before it, or begin with."""
    data, offsets = buffers_of(text)
    may = np.zeros(len(text), np.bool_)
    filled = np.diff(offsets) > 0
    may[filled] = _FIRST[data[offsets[:-1][filled]]]
    return may


def _bytes(text: str, found: _Found) -> tuple[int, int]:
    begin = len(text[: found.begin].encode())
    return begin, begin + len(text[found.begin : found.end].encode())


def _joined(label: str | None, found: Sequence[_Found]) -> str:
    """Put what was found behind what a label says already."""
    # ASCII: a label of invisible characters is to be seen.
    return json.dumps([*labels_in(label or ""), *(one.label for one in found if one.label)])


def _labels(text: str, is_invisible: bool) -> list[_Found]:  # noqa: FBT001 - private
    """Find the labels of a text, in order."""
    block = _BLOCK.match(text)
    found = _front_matter(block) if block else []
    if is_invisible:
        for hidden in _HIDDEN.finditer(text, found[-1].end if found else 0):
            if label := _manifest(hidden[0]):
                found.append(_Found(hidden.start(), hidden.end(), next(iter(label)).lower(), label))
    return found


def _front_matter(block: re.Match[str]) -> list[_Found]:
    """Return the label of a block, and what goes: all of it, or the label's lines where there are others."""
    inner = block["yaml"] or block["json"]
    label: Label = {key: value.strip().strip("\"'") for key, value in _PAIR.findall(inner)}
    if "Label" not in label or not ("AIGC" in inner or "ContentProducer" in label):
        return []
    lines: list[_Found] = []
    at = block.start("yaml")
    is_of_label = others = False
    for line in (block["yaml"] or "").splitlines(keepends=True):
        # A key's own line, and those that go on from it by their indent.
        is_of_label = bool(_KEY_LINE.match(line)) or (is_of_label and line[0] in " \t")
        others |= not is_of_label and not line.isspace()
        if is_of_label:
            lines.append(_Found(at, at + len(line), _KIND, None if lines else label))
        at += len(line)
    return lines if others else [_Found(block.end("before"), block.end(), _KIND, label)]


def _manifest(run: str) -> Label | None:
    """Return what a run of invisible characters is, if it is a manifest."""
    if run[-1] >= "\ufe00" and run[-1] != "\ufeff":
        data = bytes(_byte_of(ord(char)) for char in run[1:])
        return {"C2PA": base64.b64encode(data).decode()} if data.startswith(_C2PA_MAGIC) else None
    return {"zero_width": run} if len(set(run)) > 1 else None


def _byte_of(selector: int) -> int:
    return selector - _FIRST_SELECTORS if selector < _MORE_SELECTORS else selector - _MORE_SELECTORS + 16
