from collections.abc import Iterator

import pytest

from ops.kernels.tokens import count_tokens


@pytest.fixture(autouse=True, scope="module")
def words_are_tokens() -> Iterator[None]:
    """Count what can be counted on fingers: which tokenizer counts is nothing to the arithmetic of mixes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ops.mixing.mix.count_tokens", lambda strings, *_: count_tokens(strings))
        yield
