"""Verdicts of datatrove's four quality filters, with their defaults. Run by bench_agreement.py, in a venv of its own.

Reads a Parquet file of `id` and `text`, writes one of `id`, and for each filter its reason, null where it keeps.
"""

import sys

import pyarrow as pa
import pyarrow.parquet as pq
from datatrove.data import Document
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)
from datatrove.utils.text import TERMINAL_PUNCTUATION

FILTERS = {
    "gopher_quality": GopherQualityFilter(),
    "gopher_repetition": GopherRepetitionFilter(),
    "fineweb_quality": FineWebQualityFilter(),
    "c4": C4QualityFilter(),
    "c4_any_end": C4QualityFilter(filter_no_terminal_punct=False),
}


def main(source: str, target: str) -> None:
    table = pq.read_table(source)
    columns: dict[str, list[str | None]] = {name: [] for name in FILTERS}
    for text in table["text"].to_pylist():
        for name, rule in FILTERS.items():
            try:
                kept = rule.filter(Document(text=text, id=""))  # C4 rewrites the text: a document for each
            except ZeroDivisionError:
                kept = (False, "division by zero")
            columns[name].append(None if kept is True else str(kept[1] if isinstance(kept, tuple) else "dropped"))
    marks = "".join(sorted(TERMINAL_PUNCTUATION))
    kinds = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    pq.write_table(pa.table({"id": table["id"], **kinds}).replace_schema_metadata({"marks": marks}), target)


if __name__ == "__main__":
    main(*sys.argv[1:])
