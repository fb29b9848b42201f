"""A byte-level tokenizer, and training a small language model from scratch on the processor."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import LlamaConfig, LlamaForCausalLM

from langgeo_core.api import NumericalError
from langgeo_synthetic.options import ByteLmOptions

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


Int64 = NDArray[np.int64]

LONGEST = 4096
"""Positions of the model, so that calibration may use longer windows than training."""

WARM_UP = 0.05
"""Share of the steps over which the learning rate rises; then it falls as a cosine to a tenth."""

WEIGHT_DECAY, LARGEST_GRADIENT = 0.1, 1.0
LAST = 20
"""Steps at the end whose mean loss is recorded."""


def architecture(options: ByteLmOptions, first: int, padding: int) -> LlamaConfig:
    """A Llama with tied embeddings and a feed-forward width of 8/3 of the width, rounded up to eights."""
    return LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=options.width,
        intermediate_size=8 * math.ceil(options.width / 3),
        num_hidden_layers=options.layers,
        num_attention_heads=options.heads,
        num_key_value_heads=options.heads,
        max_position_embeddings=LONGEST,
        tie_word_embeddings=True,
        bos_token_id=first,
        eos_token_id=first,
        pad_token_id=padding,
    )


def train(config: LlamaConfig, texts: Sequence[Int64], options: ByteLmOptions) -> tuple[Any, float]:
    """A trained network with its head, and its last loss in nats a byte.

    Every sequence is the first token and a random window of all texts joined, so that languages are seen in
    proportion to the size of their texts.

    Parameters
    ----------
    texts : token ids of each language, at least a window altogether

    Raises
    ------
    NumericalError
        If the loss becomes infinite.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(options.seed)
        network = LlamaForCausalLM(config).train()
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=options.learning_rate, betas=(0.9, 0.95), weight_decay=WEIGHT_DECAY
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, options.steps))
    losses = [_step(network, optimizer, schedule, batch) for batch in _batches(texts, config.bos_token_id, options)]
    if not all(map(math.isfinite, losses)):
        raise NumericalError("the loss of byte-lm became infinite", "lower `learning_rate`")
    return network.eval(), float(np.mean(losses[-LAST:])) if losses else math.log(VOCABULARY)


def _rate(step: int, steps: int) -> float:
    """The learning rate as a share of the highest."""
    rising = (step + 1) / max(1, WARM_UP * steps)
    return min(rising, 0.55 + 0.45 * math.cos(math.pi * step / max(1, steps)))


def _batches(texts: Sequence[Int64], first: int, options: ByteLmOptions) -> Iterator[torch.Tensor]:
    """(batch, window + 1) token ids for each step."""
    mixture = np.concatenate(texts)
    draw = np.random.default_rng(options.seed)
    offsets = np.arange(min(options.window, len(mixture)))
    for _ in range(options.steps):
        starts = draw.integers(0, len(mixture) - len(offsets) + 1, size=options.batch)
        windows = mixture[starts[:, np.newaxis] + offsets]
        yield torch.from_numpy(np.hstack([np.full((options.batch, 1), first), windows]))


def _step(network: Any, optimizer: Any, schedule: Any, batch: torch.Tensor) -> float:
    loss = network(input_ids=batch, labels=batch).loss
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), LARGEST_GRADIENT)
    optimizer.step()
    schedule.step()
    return float(loss.detach())
