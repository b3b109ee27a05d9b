"""The column has what the tokenizer counts; judges read it; texts stay."""

from pathlib import Path

import pyarrow as pa
import pytest
from pydantic import ValidationError
from tokenizer_files import SENTENCES, hugging_face
from tokenizers import Tokenizer

from ops.edits.count_tokens import CountTokens
from ops.filters.limits import Limits
from ops.kernels.bpe import estimated_tokens


def batch(texts: list[str]) -> pa.Table:
    return pa.table({"id": [str(n) for n in range(len(texts))], "text": pa.array(texts, pa.string())})


def test_without_a_file_the_column_is_the_estimate() -> None:
    table = batch([*SENTENCES, ""])
    edited = CountTokens().edit(table)
    assert edited["tokens"].to_pylist() == estimated_tokens(table["text"]).tolist()
    assert edited.select(table.column_names) == table
    assert edited.schema.field("tokens") == CountTokens().makes[0]


def test_a_file_counts_and_another_column_can_be_named(tmp_path: Path) -> None:
    path = str(hugging_face(tmp_path))
    reader = Tokenizer.from_file(path)
    edited = CountTokens(tokenizer=path, column="mine").edit(batch(SENTENCES))
    assert edited["mine"].to_pylist() == [len(reader.encode(text).ids) for text in SENTENCES]


def test_limits_judge_by_it() -> None:
    edited = CountTokens().edit(batch(["short", "long " * 100, "今天天气很好" * 50]))
    (short, *others) = Limits(column="tokens", least=50).judge(edited).to_pylist()
    assert short == {"reason": "tokens_too_low", "value": 1.0, "threshold": 50.0}
    assert others == [None, None]


def test_a_pattern_without_a_file_is_a_mistake() -> None:
    with pytest.raises(ValidationError, match="tokenizer_pattern is for"):
        CountTokens(tokenizer_pattern="gpt2")
