"""Formats of a release: documents in, files that the readers of trainers open out. One file for each."""

from jobs.formats.contract import Format
from jobs.formats.jsonl import JSONL_ZST
from jobs.formats.mds import MDS
from jobs.formats.megatron import MEGATRON
from jobs.formats.parquet import PARQUET
from jobs.formats.webdataset import WEBDATASET

FORMATS: dict[str, Format] = {
    "parquet": PARQUET,
    "jsonl.zst": JSONL_ZST,
    "mds": MDS,
    "webdataset": WEBDATASET,
    "megatron": MEGATRON,
}
