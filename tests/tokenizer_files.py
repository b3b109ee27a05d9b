"""Small tokenizers as files, made of a few sentences: a tokenizer.json, and ranks as tiktoken stores them."""

import base64
from pathlib import Path

import tokenizers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

SENTENCES = [
    "The water of the river is cold in the morning, and the children walk along it to the old school.",
    "今天天气很好，我们在河边散步，孩子们去学校。",
    "for number in range(10):\n    print(number)\n",
]
END = "<|end|>"


def hugging_face(folder: Path, *, vocabulary: int = 400) -> Path:
    """Train a byte-level tokenizer; its last token is `END`."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=vocabulary, initial_alphabet=alphabet, show_progress=False)
    made.train_from_iterator(SENTENCES * 3, trainer)
    made.add_special_tokens([tokenizers.AddedToken(END, special=True)])
    path = folder / "tokenizer.json"
    made.save(str(path))
    return path


def ranks(folder: Path, *, words: tuple[bytes, ...] = (b"th", b"the", b" the", "今".encode(), "今天".encode())) -> Path:
    """Write the ranks of all bytes and a few words."""
    tokens = [*(bytes([byte]) for byte in range(256)), *words]
    path = folder / "ranks.tiktoken"
    path.write_bytes(b"".join(b"%s %d\n" % (base64.b64encode(token), rank) for rank, token in enumerate(tokens)))
    return path
