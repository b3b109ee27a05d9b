"""A small corpus in which much is told twice: copies and near copies over two sources, and lines on many pages."""

from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.progress import Progress
from jobs.run import run_job
from jobs.spec import parse
from jobs.storage import Storage, open_storage

MENU = "Home | About <b>us</b> | Privacy Policy"
NOTICE = "版权所有 未经许可不得转载本站内容"
ESSAY = " ".join(f"word{n} stands in its own place" for n in range(60))
RIVER = "".join(chr(0x4E00 + (n * 977) % 20_000) for n in range(200))
HOSTILE = "<script>alert('no')</script>"


def page(n: int) -> str:
    """A text of its own below a menu and above a notice."""
    return f"{MENU}\n" + " ".join(f"page{n}x{k} holds" for k in range(20)) + f"\n{NOTICE}"


WEB = {
    "essay": f"{ESSAY} and so it ends here",
    "essay-same": f"{ESSAY} and so it ends here",
    "essay-near": ESSAY.replace("word30 stands", f"word30 {HOSTILE}"),
    "river": f"{RIVER}。这是结尾。",
    **{f"page-{n}": page(n) for n in range(5)},
}
FORUM = {
    "essay-forum": f"{ESSAY} and so it ends here",
    "essay-third": ESSAY.replace("word50 stands", "word50 lies"),
    "river-near": RIVER.replace(RIVER[100], "水") + "。",
    "page-forum": page(9),
    "plain": "A forum post of its own that nobody has repeated anywhere so far.",
}

_JOB = """
name = "twice"
target = "{folder}/target"
sources = [
    {{name = "web", path = "{folder}/web/*.parquet", origin = "real"}},
    {{name = "forum", path = "{folder}/forum", origin = "real"}},
]
steps = [
    {{op = "exact_dedup", count_copies = true}},
    {{op = "near_dedup", count_copies = true}},
    {{op = "repeated_lines", documents_max = 3}},
    {{op = "length", chars_min = 10}},
]
run = {{engine = "inline"}}
"""


def make_twice_told(folder: Path) -> Storage:
    """Run the job and return its target."""
    (folder / "web").mkdir(parents=True)
    (folder / "forum").mkdir()
    pq.write_table(pa.table({"id": list(WEB), "text": list(WEB.values())}), folder / "web/a.parquet")
    posts = [orjson.dumps({"id": one, "text": text}) for one, text in FORUM.items()]
    (folder / "forum/b.jsonl").write_bytes(b"\n".join(posts) + b"\n")
    run_job(parse(_JOB.format(folder=folder).encode(), "job"), Progress(silent=True))
    return open_storage(f"{folder}/target")
