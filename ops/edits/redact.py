"""Redact: personal data and secrets give way to placeholders, and are counted."""

import hashlib
import hmac
import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from ops.columns import with_column
from ops.contract import Op, Refusal
from ops.cuts import replace_out
from ops.edits.pii_forms import FORMS, Form, found
from ops.edits.score import loaded
from ops.kernels.buffers import Offsets, buffers_of, one_chunk
from ops.kernels.passages import FOLDING, passages

Kind = Literal[
    "private_key",
    "api_key",
    "email",
    "cn_id",
    "credit_code",
    "iban",
    "bank_card",
    "passport",
    "wechat",
    "qq",
    "phone",
    "ip",
    "private_ip",
    "plate",
    "person",
    "address",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
RECOGNISED: tuple[Kind, ...] = ("person", "address")
PII = pa.field("pii", pa.struct([*((kind, pa.int32()) for kind in KINDS), ("per_1000_chars", pa.float64())]))

# From texts to what a recogniser finds in each: from which character to which, and the kind.
Recogniser = Callable[[list[str]], Sequence[Sequence[tuple[int, int, str]]]]

_HASH_CHARS = 16
# Letters that no form is made of: a hash must not be taken for a number when a text is redacted again.
_HASH_LETTERS = str.maketrans("0123456789abcdef", "ghijklmnopqrstuv")
_WRITTEN_MANY_WAYS = frozenset(("phone", "bank_card", "cn_id", "iban", "passport", "plate"))
_PLACEHOLDER = re.compile(r"<[A-Z_]+(?:#[g-v]+)?>")


@dataclass(frozen=True)
class Span:
    """What goes: whose, from which byte to which of the column's buffer."""

    row: int
    begin: int
    end: int
    kind: str
    value: str  # as it is known by, however it is written


class Redact(Op):
    """Put `<EMAIL>`, `<CN_ID>` and the like in the place of personal data and secrets, and add their counts as `pii`.

    Numbers that have a check digit go only where it holds. What goes is in no column and no ledger; the cuts tell its
    kind, its place and what stands there now. `per_1000_chars` of `pii` is all of it by the characters of the text.

    `hash_key_variable` names an environment variable of the workers that holds a key: then a placeholder is
    `<EMAIL#...>`, with a hash by that key (HMAC-SHA256), the same for the same value. The key is stored nowhere, so put
    another one into another variable. `recogniser` names a class of yours that finds `person` and `address`.
    """

    op: Literal["redact"] = "redact"
    adds: ClassVar[tuple[pa.Field, ...]] = (PII,)
    measures: ClassVar[bool] = True
    kinds: tuple[Kind, ...] = Field(
        tuple(kind for kind in KINDS if kind != "private_ip"), min_length=1, description="what to look for"
    )
    hash_key_variable: str | None = Field(
        None,
        pattern=r"^[A-Za-z_]\w*$",
        description="the environment variable with the key of hashes; default: no hashes",
    )
    recogniser: str | None = Field(
        None,
        pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$",
        description="package.module:Class that finds persons, addresses",
    )
    arguments: dict[str, Any] = Field({}, description="keyword arguments of the recogniser")

    def edit(self, batch: pa.Table) -> pa.Table:
        """Replace what is found, and count it."""
        text = one_chunk(batch["text"])
        spans = self._spans(text)
        counts = np.zeros((len(KINDS), len(text)), np.int32)
        rows = np.array([span.row for span in spans], np.int64)
        kinds = [span.kind for span in spans]
        np.add.at(counts, (np.array([*map(KINDS.index, kinds)], np.int64), rows), 1)
        chars = np.maximum(np.asarray(pc.utf8_length(text)), 1)
        columns = [*map(pa.array, counts), pa.array(1000 * counts.sum(axis=0) / chars)]
        cuts = np.array([(span.begin, span.end) for span in spans], np.int64).reshape(-1, 2)
        by = pa.array([*map(self._placeholder, spans)], pa.string())
        redacted = replace_out(batch, rows, cuts, pa.array(kinds, pa.string()), by)
        return with_column(redacted, PII, pa.StructArray.from_arrays(columns, fields=[*PII.type]))

    def redacted(self, text: str) -> str:
        """Return one text as `edit` leaves it."""
        return str(self.edit(pa.table({"text": [text]}))["text"][0].as_py())

    def _spans(self, text: pa.Array) -> list[Span]:
        """Find what goes, in order of place."""
        data, offsets = buffers_of(text)
        forms = _forms_of(self.kinds)
        spans = []
        for row, begin, end, seen_as in passages(text).tolist():
            passage = data[begin:end].tobytes().decode()
            folded = passage if passage.isascii() else passage.translate(FOLDING)
            for first, last, kind in _found_apart(folded, forms, seen_as):
                left = begin + len(passage[:first].encode())
                right = left + len(passage[first:last].encode())
                spans.append(Span(row, left, right, kind, _known_by(kind, folded[first:last])))
        if self.recogniser is not None:
            spans += self._recognised(text, offsets, spans)
        return sorted(spans, key=lambda span: span.begin)

    def _recognised(self, text: pa.Array, offsets: Offsets, spans: Sequence[Span]) -> list[Span]:
        """Return what the recogniser finds where nothing else was found, nor a placeholder stands."""
        recognise: Recogniser = loaded("redact", str(self.recogniser), json.dumps(self.arguments, sort_keys=True))
        taken: dict[int, list[Span]] = {}
        for span in spans:
            taken.setdefault(span.row, []).append(span)
        made = []
        texts = text.to_pylist()
        for row, (one, named) in enumerate(zip(texts, recognise(texts), strict=True)):
            at = int(offsets[row])
            busy = bytearray(int(offsets[row + 1]) - at)
            for span in taken.get(row, ()):
                _claimed(busy, span.begin - at, span.end - at)
            for placeholder in _PLACEHOLDER.finditer(one):
                _claimed(busy, *_bytes(one, *placeholder.span()))
            for first, last, kind in sorted(named):
                if kind not in RECOGNISED:
                    raise Refusal(f"redact: {self.recogniser} found a {kind!r}; expected person or address")
                begin, end = _bytes(one, first, last)
                if kind in self.kinds and begin < end and _claimed(busy, begin, end):
                    made.append(Span(row, at + begin, at + end, kind, one[first:last]))
        return made

    def _placeholder(self, span: Span) -> str:
        name = span.kind.upper()
        if self.hash_key_variable is None:
            return f"<{name}>"
        key = os.environ.get(self.hash_key_variable)
        if not key:
            raise Refusal(
                f"redact: the environment variable {self.hash_key_variable} is not set on a worker; hashes need a key. "
                "Set it on all nodes, before Ray is started there."
            )
        made = hmac.new(key.encode(), f"{span.kind}\0{span.value}".encode(), hashlib.sha256).hexdigest()
        return f"<{name}#{made[:_HASH_CHARS].translate(_HASH_LETTERS)}>"


def _found_apart(folded: str, forms: tuple[Form, ...], seen_as: int) -> list[tuple[int, int, str]]:
    """Return what is found in a passage, apart from each other: of two in one place, that of the earlier form.

    Looks again as if placeholders stood there, until nothing is left that would be found later.
    """
    taken: list[tuple[int, int, str]] = []
    busy = bytearray(len(folded))
    while True:
        new = [span for span in found(folded, forms, seen_as) if _claimed(busy, *span[:2])]
        if not new:
            return taken
        taken += new
        parts, at = [], 0
        for begin, end, _ in sorted(new):
            parts += [folded[at:begin], "<" * (end - begin - 1), ">"]
            at = end
        folded = "".join([*parts, folded[at:]])


def _claimed(busy: bytearray, begin: int, end: int) -> bool:
    """Take a place, if all of it is free."""
    free = busy.find(1, begin, end) < 0
    if free:
        busy[begin:end] = b"\1" * (end - begin)
    return free


def _bytes(text: str, first: int, last: int) -> tuple[int, int]:
    """Turn places of characters into places of bytes."""
    begin = len(text[:first].encode())
    return begin, begin + len(text[first:last].encode())


def _known_by(kind: str, value: str) -> str:
    """Return a value however it was spaced or cased, for its hash."""
    if kind in _WRITTEN_MANY_WAYS:
        return re.sub(r"[^0-9A-Z]", "", value.upper())
    return value.lower() if kind == "email" else value


@cache
def _forms_of(kinds: tuple[Kind, ...]) -> tuple[Form, ...]:
    return tuple(form for form in FORMS if form.kind in kinds)
