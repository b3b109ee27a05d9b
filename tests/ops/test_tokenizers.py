"""Counts are those of the tokenizer that a file holds, whatever is beside a text; a file that holds none is refused."""

import base64
import hashlib
import os
from pathlib import Path

import pyarrow as pa
import pytest
import tiktoken
from tokenizer_files import END, SENTENCES, hugging_face, ranks
from tokenizers import Tokenizer

from ops.contract import Refusal
from ops.kernels.bpe import estimated_tokens
from ops.resources import File
from ops.tokenizers import (
    ESTIMATE,
    PATTERNS,
    check,
    count_tokens,
    loaded,
    name_of,
)

TEXTS = [*SENTENCES, "", " ", "unseen: Ωμέγα 🙂 \u200d", "\r\n" * 50, "a" * 5_000, f"a page that speaks of {END}"]


@pytest.fixture
def json_file(tmp_path: Path) -> File:
    return File(str(hugging_face(tmp_path)))


@pytest.fixture
def rank_file(tmp_path: Path) -> File:
    return File(str(ranks(tmp_path)))


def test_without_a_file_tokens_are_estimated() -> None:
    texts = pa.array(TEXTS)
    assert count_tokens(texts).tolist() == estimated_tokens(texts).tolist()
    assert name_of(None, None) == ESTIMATE


def test_a_tokenizer_json_counts_as_its_own_library_does(json_file: File) -> None:
    reader = Tokenizer.from_file(json_file.path)
    found = count_tokens(pa.array(TEXTS[:-1]), json_file, None).tolist()
    assert found == [len(reader.encode(text, add_special_tokens=False).ids) for text in TEXTS[:-1]]
    assert loaded(json_file, None).number_of(END) == loaded(json_file, None).vocabulary - 1
    assert os.environ["TOKENIZERS_PARALLELISM"] == "false"


def test_names_of_special_tokens_are_text(json_file: File) -> None:
    ids = loaded(json_file, None).encode(TEXTS[-1])
    assert Tokenizer.from_file(json_file.path).decode(ids) == TEXTS[-1]
    assert max(ids) < loaded(json_file, None).vocabulary - 1


@pytest.mark.parametrize("pattern", [*PATTERNS, r"\s|\S+"])
def test_ranks_count_as_their_own_library_does(rank_file: File, pattern: str) -> None:
    of = {
        base64.b64decode(t): int(r) for t, r in (line.split() for line in Path(rank_file.path).read_text().splitlines())
    }
    reader = tiktoken.Encoding("test", pat_str=PATTERNS.get(pattern, pattern), mergeable_ranks=of, special_tokens={})
    found = [loaded(rank_file, pattern).encode(text) for text in TEXTS]
    assert found == [reader.encode_ordinary(text) for text in TEXTS]
    assert count_tokens(pa.array(TEXTS), rank_file, pattern).tolist() == [len(ids) for ids in found]


def test_patterns_are_those_of_tiktoken(monkeypatch: pytest.MonkeyPatch) -> None:
    from tiktoken_ext import openai_public  # noqa: PLC0415 - what it would download is put in its place

    monkeypatch.setattr(openai_public, "load_tiktoken_bpe", lambda *_, **__: {})
    monkeypatch.setattr(openai_public, "data_gym_to_mergeable_bpe_ranks", lambda *_, **__: {})
    theirs = {name: openai_public.ENCODING_CONSTRUCTORS[name]()["pat_str"] for name in PATTERNS}
    assert theirs == PATTERNS


@pytest.mark.parametrize("pattern", PATTERNS)
def test_white_space_without_end_is_counted(rank_file: File, pattern: str) -> None:
    (counted,) = count_tokens(pa.array(["x\n" + " " * 1_000_000 + "a"]), rank_file, pattern)
    assert counted == pytest.approx(1_000_000, rel=0.01)  # these ranks have no token of two spaces


def test_a_count_does_not_depend_on_what_is_beside_it(json_file: File, rank_file: File) -> None:
    for file, pattern in ((json_file, None), (rank_file, "cl100k_base"), (None, None)):
        together = count_tokens(pa.chunked_array([TEXTS[:4], TEXTS[4:]]), file, pattern).tolist()
        assert together == [int(count_tokens(pa.array([text]), file, pattern)[0]) for text in TEXTS]
        assert count_tokens(pa.array([], pa.string()), file, pattern).tolist() == []


def test_bytes_that_are_no_text_are_counted(json_file: File) -> None:
    broken = pa.array([b"a\xffb"], pa.binary()).view(pa.string())
    assert count_tokens(broken, json_file, None)[0] > 1


def test_a_name_tells_file_and_pattern() -> None:
    one, other = File("a.json", "1" * 64), File("b.json", "2" * 64)
    assert len({name_of(one, None), name_of(other, None), name_of(one, "gpt2"), ESTIMATE}) == 4
    assert name_of(one, None) == name_of(File("elsewhere.json", "1" * 64), None)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "two tokens|256 of the 256"),
        (b"{}", "Model missing"),
        (b'{"model": 1', "Cannot instantiate Tokenizer"),
        (b"a text of some kind", "line 1 is"),
        (b"YQ== 0\nYQ==\n", "line 2 is b'YQ=='; expected a tokenizer.json, or lines of a token in base64 and its rank"),
        (b"YQ== 0\nYg== 0\n", "two tokens have one rank"),
        (b"YQ== 0\n", "255 of the 256 bytes are no token, first 0x00"),
        (bytes(range(128, 256)), "line 1 is"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(Refusal, match="tokenizer: .*file: .*" + message.replace("(", r"\(")):
        loaded(File(str(path)), "gpt2" if data[:1] != b"{" else None)


def test_a_pattern_belongs_to_ranks(json_file: File, rank_file: File) -> None:
    with pytest.raises(ValueError, match=r"give that as tokenizer, or leave the pattern out"):
        check(None, "gpt2")
    check(rank_file, None)  # nothing is planned, nothing is read
    planned = File(rank_file.path, hashlib.sha256(Path(rank_file.path).read_bytes()).hexdigest())
    check(planned, "gpt2")
    with pytest.raises(ValueError, match=f"ranks need tokenizer_pattern.*{', '.join(PATTERNS)}"):
        check(planned, None)
    with pytest.raises(Refusal, match=r"tokenizer.json: .* leave tokenizer_pattern out"):
        loaded(json_file, "gpt2")


@pytest.mark.parametrize(
    ("pattern", "message"),
    [("cl100k", "leaves out parts of texts"), (r"\w+", "leaves out parts of texts"), ("(", "Parsing error")],
)
def test_a_pattern_that_loses_text_is_refused(rank_file: File, pattern: str, message: str) -> None:
    with pytest.raises(Refusal, match=message):
        loaded(rank_file, pattern)


def test_a_file_that_was_replaced_is_refused(tmp_path: Path) -> None:
    path = ranks(tmp_path)
    with pytest.raises(Refusal, match="is another file than the job was planned with"):
        count_tokens(pa.array(["a"]), File(str(path), "0" * 64), "gpt2")
