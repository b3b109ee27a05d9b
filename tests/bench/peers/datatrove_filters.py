"""Verdicts of datatrove's quality filters. Run by bench_agreement.py, in a venv of its own.

English by all four with their defaults; Chinese by three, with the limits that FineWeb-2's pipeline gives them (its
configs/cmn_Hani.yml; it has no C4). Reads a Parquet file of `id` and `text`, writes one of `id`, and for each filter
its reason, null where it keeps.
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

CHINESE = "cmn_Hani"
FILTERS = {
    "English": {
        "gopher_quality": GopherQualityFilter(),
        "gopher_repetition": GopherRepetitionFilter(),
        "fineweb_quality": FineWebQualityFilter(),
        "c4": C4QualityFilter(),
        "c4_any_end": C4QualityFilter(filter_no_terminal_punct=False),
    },
    "Chinese": {
        "gopher_quality": GopherQualityFilter(
            language=CHINESE,
            min_avg_word_length=1,
            max_avg_word_length=5,
            stop_words=list("的年在月是和日了於·為有被人中为他與後也而由"),
            max_non_alpha_words_ratio=0.735,
        ),
        "gopher_repetition": GopherRepetitionFilter(
            language=CHINESE,
            dup_para_frac=0,
            dup_line_char_frac=0,
            dup_para_char_frac=0,
            dup_line_frac=0.287,
            top_n_grams=((2, 0.256), (3, 0.201), (4, 0.171)),
            dup_n_grams=((5, 0.198), (6, 0.182), (7, 0.167), (8, 0.154), (9, 0.14), (10, 0.127)),
        ),
        "fineweb_quality": FineWebQualityFilter(
            language=CHINESE,
            short_line_thr=999,
            char_duplicates_ratio=0.1,
            line_punct_thr=0.106,
            new_line_ratio=0.178,
        ),
    },
}


def main(source: str, target: str, language: str) -> None:
    filters = FILTERS[language]
    table = pq.read_table(source)
    columns: dict[str, list[str | None]] = {name: [] for name in filters}
    for text in table["text"].to_pylist():
        for name, rule in filters.items():
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
