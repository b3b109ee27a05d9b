"""Language identification, one core, once compiled: MB of UTF-8 text per CPU second, and how many answers hold.

Over the corpus, and over pages of 4 kB in each language of the labelled sentences of the tests, which the corpus lacks:
there a model is asked about every page, unless the script decides.
"""

import random
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from bench_kernels import REPEATS, batch_of, cpu_of
from corpus import shards_of
from machine import described, median

from ops.edits.language import Language
from ops.edits.language_models import LANGUAGES
from ops.kernels.language import look

SENTENCES = Path(__file__).parents[1] / "ops" / "edits" / "languages.tsv"
PAGE_BYTES = 4096
PAGES = 500


def main() -> None:
    print(described())
    with tempfile.TemporaryDirectory() as folder:
        table = pa.concat_tables([pq.read_table(f, columns=["id", "text"]) for f in shards_of(Path(folder))])
    batches = [batch_of(part) for part in table.drop_null().to_batches(max_chunksize=1000)]
    print(f"corpus, median of {REPEATS}; asked: at least 100 MB/s")
    print(f"kernel alone: {rate_of(lambda b: look(b['text'], 2048), batches):.0f} MB/s")
    for sample in (512, 1024, 2048, 4096):
        op = Language(sample_bytes=sample)
        told = Counter(lang for batch in batches for lang in op.edit(batch)["lang"].to_pylist())
        print(f"sample of {sample} bytes: {rate_of(op.edit, batches):.0f} MB/s; {dict(told.most_common(5))}")
    print(f"pages of {PAGE_BYTES} bytes in one language")
    for model in ("cld2", "cld3"):
        op = Language(model=model)
        for label, pages in made_pages().items():
            langs = op.edit(pages)["lang"].to_pylist()
            right = sum(lang == label.split("-")[0] for lang in langs)
            print(f"{model} {label}: {rate_of(op.edit, [pages]):.0f} MB/s, {right} of {PAGES} right")
    assert {lang for batch in batches for lang in Language().edit(batch)["lang"].to_pylist()} <= LANGUAGES


def rate_of(work: Callable[[pa.Table], object], batches: list[pa.Table]) -> float:
    size = sum(batch["text"].nbytes for batch in batches) / 1e6
    cpu_of(work, batches[:1])
    return size / median([cpu_of(work, batches) for _ in range(REPEATS)])


def made_pages() -> dict[str, pa.Table]:
    """Pages of sentences in an order of their own."""
    chance = random.Random(1)
    rows = [line.split("\t") for line in SENTENCES.read_text(encoding="utf-8").splitlines()]
    made = {}
    for label in sorted({label for label, _ in rows}):
        sentences = [sentence for one, sentence in rows if one == label]
        times = PAGE_BYTES // sum(len(sentence.encode()) + 1 for sentence in sentences) + 1
        pages = [" ".join(chance.sample(sentences * times, len(sentences) * times)) for _ in range(PAGES)]
        made[label] = pa.table({"text": [page.encode()[:PAGE_BYTES].decode(errors="ignore") for page in pages]})
    return made


if __name__ == "__main__":
    main()
