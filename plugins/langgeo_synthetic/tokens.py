"""A tokenizer whose tokens are the bytes of UTF-8."""

from __future__ import annotations

from typing import Any

FIRST, PADDING = "<s>", "<pad>"
VOCABULARY = 258
"""The 256 bytes, what begins a window, and padding."""


def byte_tokenizer() -> Any:
    """The tokenizer as transformers saves it: a BPE without merges over the bytes."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({letter: index for index, letter in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=FIRST, pad_token=PADDING)
