"""The model and the text that the benchmarks calibrate with: Gemma 3 270M, or random weights of its shape."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from langgeo_core.api import Layout, MissingPackageError
from langgeo_core.calibration.inputs import find_layout
from langgeo_core.calibration.windows import Windows, choose_windows

if TYPE_CHECKING:
    from langgeo_core.contract.protocols import LoadedModel

TOKENS, WINDOW, DAMPING = 2048, 512, 0.01
LANGUAGES = ("eng", "ukr", "tur", "vie", "swh", "fin", "hun", "ind")
SHAPE = {
    "vocab_size": 262144,
    "hidden_size": 640,
    "intermediate_size": 2048,
    "num_hidden_layers": 18,
    "num_attention_heads": 4,
    "num_key_value_heads": 1,
    "head_dim": 256,
    "sliding_window": 512,
    "query_pre_attn_scalar": 256,
    "use_cache": False,
}


@dataclass(frozen=True)
class Subject:
    """A loaded model, its layout and windows of each language."""

    name: str
    model: LoadedModel
    layout: Layout
    windows: dict[str, Windows]

    @property
    def linears(self) -> dict[str, Any]:
        """The linear layer of every weight matrix."""
        return {matrix.name: self.model.network.get_submodule(matrix.name) for matrix in self.layout.matrices}

    def weight(self, name: str) -> NDArray[np.float32]:
        """(rows, columns) float32."""
        values: NDArray[np.float32] = self.model.network.get_parameter(f"{name}.weight").detach().numpy()
        return values


@dataclass(frozen=True)
class _Random:
    """Random weights and random text; `encode` makes as many tokens as the text has words."""

    network: torch.nn.Module
    bos: int = 2
    pad: int = 0

    def encode(self, text: str) -> list[int]:
        source = random.Random(text)
        return [source.randrange(4, SHAPE["vocab_size"]) for _ in text.split()]


def load(languages: int, dtype: str = "float32", window: int = WINDOW) -> Subject:
    """The subject with the text of the first `languages` languages."""
    name, model = _model(dtype)
    layout = find_layout(model.network, model.encode("probe")[:1] * 4)
    texts = {language: model.encode(_text(name, language)) for language in LANGUAGES[:languages]}
    windows = {language: choose_windows([text], TOKENS, window, seed=0) for language, text in texts.items()}
    return Subject(name, model, layout, windows)


def _model(dtype: str) -> tuple[str, Any]:
    from langgeo_starter.gemma import Gemma270m

    try:
        return "Gemma 3 270M", Gemma270m().load(dtype)
    except MissingPackageError:
        network = _random_network().to(getattr(torch, dtype))
        return "random weights in the shape of Gemma 3 270M", _Random(network)


def _random_network() -> torch.nn.Module:
    from transformers import Gemma3TextConfig, Gemma3TextModel

    torch.manual_seed(0)
    network: torch.nn.Module = Gemma3TextModel(Gemma3TextConfig(**SHAPE)).eval()
    return network


def _text(model: str, language: str) -> str:
    from langgeo_text.udhr import Udhr

    if model.startswith("random"):
        return f"{language} word " * TOKENS
    return "\n".join(Udhr().read(language).documents)
