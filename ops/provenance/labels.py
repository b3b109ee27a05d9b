"""Labels of GB 45438-2025 in metadata, in the forms in which they are found, as the JSON that `aigc_label` holds."""

import json
from collections.abc import Iterator
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

Label = dict[str, str]

# The names of GB 45438-2025, in force since 2025-09-01, by their small letters.
NAMES = (
    "Label",
    "ContentProducer",
    "ProduceID",
    "ReservedCode1",
    "ContentPropagator",
    "PropagateID",
    "ReservedCode2",
)
_BY_SMALL = {name.lower(): name for name in NAMES}
_OBJECT = "aigc"
# What is a label without its object: the values that `Label` has.
_VALUES = ("1", "2", "3", "AIGC")
# Labels of other kinds, as they are harvested from texts.
_MANIFESTS = ("C2PA", "zero_width")
# Metadata in metadata, and JSON within the strings of JSON.
_DEPTH_MAX = 4

# What may be one, for RE2: all else is no JSON worth reading.
_MAY_BE = r'(?i)aigc|label|c2pa|zero_width|^[\s"]*[123][\s"]*$'

# Label 1, which some write as AIGC, says that a model wrote the text; 2 says possibly, and 3 that it is suspected.
SAYS_GENERATED = r'"Label": "\s*(1|(?i:AIGC))\s*"'


def labels_told(told: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Return a JSON list of the labels in each value; null where there is none.

    >>> labels_told(pa.array(['{"AIGC": {"Label": 1, "ProduceID": "x"}}', '{"title": "Label"}', "2", None])).to_pylist()
    ['[{"Label": "1", "ProduceID": "x"}]', None, '[{"Label": "2"}]', None]
    """
    if told.null_count == len(told):
        return told
    may_be = pc.fill_null(pc.match_substring_regex(told, _MAY_BE), False)  # noqa: FBT003 - a value
    found = [json.dumps(labels) if (labels := labels_in(value)) else None for value in told.filter(may_be).to_pylist()]
    return pc.replace_with_mask(pa.nulls(len(told), pa.string()), _flat(may_be), pa.array(found, pa.string()))


def labels_in(told: str) -> list[Label]:
    """Read the labels that a string is or holds.

    >>> labels_in('{"meta": {"AIGC": {"label": "AIGC"}}}'), labels_in("1"), labels_in("no label")
    ([{'Label': 'AIGC'}], [{'Label': '1'}], [])
    """
    return [*_labels(told, _DEPTH_MAX, is_object=False)]


def _labels(value: Any, depth: int, *, is_object: bool) -> Iterator[Label]:
    """Give the labels in a value; `is_object`: it stands under the name AIGC."""
    value = _parsed(value) if isinstance(value, str) else value
    if isinstance(value, dict):
        yield from _of_object(value, depth, is_object=is_object)
    elif isinstance(value, list):
        for one in value if depth else ():
            yield from _labels(one, depth - 1, is_object=is_object)
    elif value is True and is_object:
        yield {"Label": "1"}
    elif (plain := str(value).strip().strip("\"'")).upper() in _VALUES:
        yield {"Label": plain}


def _parsed(value: str) -> Any:
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        return value


def _of_object(value: dict[str, Any], depth: int, *, is_object: bool) -> Iterator[Label]:
    manifests = {kind: value[kind] for kind in _MANIFESTS if isinstance(value.get(kind), str)}
    if label := manifests or _label(value, is_object=is_object):
        yield label
        return
    for name, one in value.items() if depth else ():
        under = name.strip().lower() == _OBJECT
        if under or isinstance(one, dict):
            yield from _labels(one, depth - 1, is_object=under)


def _label(value: dict[str, Any], *, is_object: bool) -> Label | None:
    """Return an object's label: it has `Label`, and either the name AIGC or another name of the standard."""
    known = {_BY_SMALL[name.strip().lower()]: one for name, one in value.items() if name.strip().lower() in _BY_SMALL}
    if "Label" not in known or not (is_object or len(known) > 1 or len(value) == 1):
        return None
    return {name: _text(known[name]) for name in NAMES if name in known}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip().strip("\"'")
    return "" if value is None else orjson.dumps(value).decode()


def _flat(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
