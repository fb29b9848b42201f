"""A tiny random model, texts in eight made-up languages, a config over both, and what a command did with them."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LANGUAGES = ("deu", "eng", "fra", "ita", "nld", "por", "spa", "swe")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Outcome:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


Langgeo = Callable[..., Outcome]


def made_up_text(language: str, letters: int = 700) -> str:
    """Words whose letters follow a distribution of the language's own; the same at every call."""
    draw = random.Random(language)
    weights = [draw.random() ** 4 for _ in LETTERS]
    words = ("".join(draw.choices(LETTERS, weights, k=draw.randint(2, 9))) for _ in range(letters // 4))
    return " ".join(words)[:letters]


@dataclass(frozen=True)
class Finished:
    """A finished run and the cache that it filled."""

    folder: Path
    cache: Path
    config: Path


CONFIG = """\
models:
  - name: huggingface
    path: {model}
corpora:
  - name: text-folder
    path: {texts}
languages: all
calibration:
  tokens: 128
  window: 32
clusterers:
  - name: kmeans
    seeds: 2
    n_init: 1
evaluators:
  - name: glottolog
    permutations: 19
    subsamples: 4
exporters: [mst]
"""


def save_tiny_model(folder: Path, seed: int) -> Path:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=258,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        initializer_range=0.2,
        bos_token_id=256,
        pad_token_id=257,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        LlamaForCausalLM(config).save_pretrained(folder)
    _byte_tokenizer().save_pretrained(folder)
    return folder


def _byte_tokenizer() -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({letter: index for index, letter in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", pad_token="<pad>")


def with_files(source: Path, target: Path, changes: Mapping[str, str | bytes | None]) -> Path:
    """A copy of a folder in which some files have other contents, or are gone where that is None."""
    shutil.copytree(source, target)
    for name, content in changes.items():
        if content is None:
            (target / name).unlink()
        elif isinstance(content, bytes):
            (target / name).write_bytes(content)
        else:
            (target / name).write_text(content, encoding="utf-8")
    return target
