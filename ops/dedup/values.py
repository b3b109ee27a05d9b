"""Values: the numbers and the dates that a column spells. Whole columns, no Python for each document."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"

# The basic form of a day (20260501) is made the extended one first.
_BASIC_DAY = r"^([0-9]{4})([0-9]{2})([0-9]{2})([Tt ]|$)"
_TIME = r"(?P<hour>[0-9]{2}):?(?P<minute>[0-9]{2})(?::?(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?)?"
_OFFSET = r"(?:[Zz]|(?P<sign>[+-])(?P<offset_hours>[0-9]{2})(?::?(?P<offset_minutes>[0-9]{2}))?)"
_INSTANT = (
    f"^(?P<year>[0-9]{{4}})(?:-(?P<month>[0-9]{{2}})(?:-(?P<day>[0-9]{{2}})(?:[Tt ]{_TIME}(?: ?{_OFFSET})?)?)?)?$"
)

# Least and most of each part; 60 is a leap second.
_RANGES = {
    "month": (1, 12),
    "hour": (0, 23),
    "minute": (0, 59),
    "second": (0, 60),
    "offset_hours": (0, 23),
    "offset_minutes": (0, 59),
}


def numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Return the numbers that values of any type spell; NaN where a value is null or spells none.

    >>> numbers(pa.chunked_array([["10", " -1.5e3 ", "+.5", "1,000", "nan", "", None]])).tolist()
    [10.0, -1500.0, 0.5, nan, nan, nan, nan]
    """
    text = _trimmed(column)
    some = pc.if_else(pc.match_substring_regex(text, _NUMBER), text, pa.scalar(None, pa.string()))
    return np.asarray(pc.fill_null(pc.utf8_ltrim(some, "+").cast(pa.float64()), np.nan))


def instants(column: pa.ChunkedArray) -> NDArray[np.datetime64]:
    """Return the moments that ISO 8601 dates and times spell; NaT where a value is null or spells none.

    One without a time, a day or a month is the first moment of its day, month or year; one without an offset is UTC.

    >>> instants(pa.chunked_array([["2026-05", "2026-05-01T08:00:00.5+08:00", "2026-02-30"]])).astype(str).tolist()
    ['2026-05-01T00:00:00.000000', '2026-05-01T00:00:00.500000', 'NaT']
    """
    parts = pc.extract_regex(pc.replace_substring_regex(_trimmed(column), _BASIC_DAY, r"\1-\2-\3\4"), _INSTANT)
    fraction = pc.utf8_slice_codeunits(pc.utf8_rpad(pc.struct_field(parts, "fraction"), 6, "0"), 0, 6)
    day = _numbers_of(pc.struct_field(parts, "day"), 1)
    part = {name: _numbers_of(pc.struct_field(parts, name), least) for name, (least, _) in _RANGES.items()}
    months = ((_numbers_of(pc.struct_field(parts, "year"), 0) - 1970) * 12 + part["month"] - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    east = np.where(_true(pc.equal(pc.struct_field(parts, "sign"), "-")), -1, 1)
    minutes = part["hour"] * 60 + part["minute"] - east * (part["offset_hours"] * 60 + part["offset_minutes"])
    moments = days.astype("datetime64[us]") + (minutes * 60 + part["second"]) * 1_000_000 + _numbers_of(fraction, 0)
    known = np.asarray(pc.is_valid(parts)) & (days.astype("datetime64[M]") == months)  # no 30th of February
    for name, (least, most) in _RANGES.items():
        known &= (least <= part[name]) & (part[name] <= most)
    return np.where(known, moments, np.datetime64("NaT"))


def _trimmed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.utf8_trim_whitespace(column.cast(pa.string()))


def _true(mask: pa.ChunkedArray) -> pa.ChunkedArray:
    """Nulls as false."""
    return pc.fill_null(mask, False)  # noqa: FBT003 - a value


def _numbers_of(digits: pa.ChunkedArray, unsaid: int) -> NDArray[np.int64]:
    """Return digits as numbers; `unsaid` where there are none."""
    said = pc.if_else(_true(pc.not_equal(digits, "")), digits, str(unsaid))
    return np.asarray(said.cast(pa.int64()))
