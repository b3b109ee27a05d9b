"""Verbatim copies: are planted ones found, of which lengths, and what does looking for them cost.

Real documents are random words of English or characters of Chinese; each synthetic one has a stretch of a real one
among its own. Whole jobs, in one process; CPU time with the step and without it.
"""

import random
import tempfile
import time
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from machine import described

from jobs.progress import Progress
from jobs.run import run_job
from jobs.spec import parse

REAL, SYNTHETIC, TOKENS = 4_000, 2_000, 600
LENGTHS = (20, 30, 40, 49, 50, 51, 75, 100, 300)


def texts(seed: int) -> tuple[dict[str, str], dict[str, str], dict[str, int]]:
    """Real texts, synthetic ones, and how many tokens each of these has of a real one."""
    chosen = random.Random(seed)
    words = ["".join(chosen.choices("abcdefghijklmnoprstuvw", k=chosen.randint(2, 9))) for _ in range(20_000)]
    alphabets = (words, " "), ([chr(code) for code in range(0x4E00, 0x9000)], "")
    real: dict[str, list[str]] = {}
    synthetic, planted = {}, {}
    for n in range(REAL):
        real[f"r{n}"] = chosen.choices(alphabets[n % 2][0], k=TOKENS)
    for n in range(SYNTHETIC):
        tokens, joint = alphabets[n % 2]
        length = LENGTHS[n // 2 % len(LENGTHS)]
        source = real[f"r{2 * chosen.randrange(REAL // 2) + n % 2}"]
        start, at = chosen.randrange(TOKENS - length + 1), chosen.randrange(TOKENS)
        own = chosen.choices(tokens, k=TOKENS)
        synthetic[f"s{n}"] = joint.join([*own[:at], *source[start : start + length], *own[at:]])
        planted[f"s{n}"] = length
    return {name: ("", " ")[int(name[1:]) % 2 == 0].join(one) for name, one in real.items()}, synthetic, planted


def run(folder: Path, step: str) -> float:
    job = f"""
name = "bench"
target = "{folder}/out-{bool(step)}"
{step}
[[sources]]
name = "books"
path = "{folder}/real.parquet"
origin = "real"
[[sources]]
name = "model"
path = "{folder}/synthetic.parquet"
origin = "synthetic"
[run]
engine = "inline"
"""
    began = time.process_time()
    run_job(parse(job.encode(), "job.toml"), Progress(silent=True))
    return time.process_time() - began


def main() -> None:
    print(described())
    real, synthetic, planted = texts(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for side, found in (("real", real), ("synthetic", synthetic)):
            pq.write_table(pa.table({"id": list(found), "text": list(found.values())}), folder / f"{side}.parquet")
        without = run(folder, "")
        seconds = run(folder, '[[steps]]\nop = "verbatim_copies"\n')
        release = pq.read_table(folder / "out-True" / "releases" / "0001" / "data").to_pylist()
    copied = {row["id"]: row["copied_tokens"] for row in release}
    size = sum(len(text.encode()) for one in (real, synthetic) for text in one.values()) / 1e6
    print(f"{size:.0f} MB: {seconds:.1f} s of CPU time, {without:.1f} s without the step")
    of = Counter(planted.values())
    for length in LENGTHS:
        hits = [copied[name] for name in synthetic if planted[name] == length and copied[name]]
        print(
            f"{length} tokens: {len(hits)} of {of[length]} found, {sum(one == length for one in hits)} of that length"
        )
    print(f"real documents with copies: {sum(copied[name] > 0 for name in real)}")


if __name__ == "__main__":
    main()
