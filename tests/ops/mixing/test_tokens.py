"""What a token is to a mix: a tokenizer's, estimated, or what a column says; it names what is stored."""

from pathlib import Path

import pyarrow as pa
import pytest
from pydantic import ValidationError
from tokenizer_files import SENTENCES, hugging_face
from tokenizers import Tokenizer

from jobs.plan import plan_job
from jobs.spec import parse
from ops.contract import Refusal
from ops.mixing.mix import Mix


def batch(**columns: pa.Array) -> pa.Table:
    rows = len(SENTENCES)
    given = {"id": ["a", "b", "c"], "text": SENTENCES, "source": ["web"] * rows, "origin": ["real"] * rows}
    return pa.table({**given, **columns})


def test_a_tokenizer_of_ones_own_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ops import tokenizers  # noqa: PLC0415 - the other tests of mixes count words

    monkeypatch.setattr("ops.mixing.mix.count_tokens", tokenizers.count_tokens)
    path = str(hugging_face(tmp_path))
    reader = Tokenizer.from_file(path)
    found = Mix(tokenizer=path).sketch(batch())["tokens"].to_pylist()
    assert found == [len(reader.encode(text).ids) for text in SENTENCES]


def test_a_column_counts() -> None:
    op = Mix(tokens_from="mine")
    assert "mine" in op.needs
    assert op.sketch(batch(mine=pa.array([3, 0, 5], pa.int32())))["tokens"].to_pylist() == [3, 0, 5]


@pytest.mark.parametrize("column", [[1.5, 2, 3], [1, None, 3], [1, -1, 3], ["1", "2", "3"]])
def test_a_column_without_numbers_is_refused(column: list) -> None:
    with pytest.raises(Refusal, match="the column mine does not have a whole number for every document"):
        Mix(tokens_from="mine").sketch(batch(mine=pa.array(column)))


def test_what_counts_names_what_is_stored(tmp_path: Path) -> None:
    job = '[[sources]]\nname = "web"\npath = "raw"\norigin = "real"\n[[steps]]\nop = "mix"\n'
    (tmp_path / "one").mkdir()
    one, other = hugging_face(tmp_path, vocabulary=300), hugging_face(tmp_path / "one", vocabulary=400)

    def stored_as(settings: str) -> str:
        spec = parse(f'name = "test"\ntarget = "out"\n{job}{settings}'.encode(), "job.toml")
        return plan_job(spec).segments[0].surveys[-1].sketch_folder

    said = ["", f'tokenizer = "{one}"', f'tokenizer = "{other}"', 'tokens_from = "text"']
    assert len({stored_as(settings) for settings in said}) == len(said)
    before = stored_as(said[1])
    one.rename(tmp_path / "elsewhere.json")
    assert stored_as(f'tokenizer = "{tmp_path}/elsewhere.json"') == before


def test_tokens_are_counted_one_way() -> None:
    with pytest.raises(ValidationError, match="tokenizer and tokens_from each say what a token is"):
        Mix(tokenizer="a.json", tokens_from="mine")
