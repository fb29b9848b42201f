"""Weight matrices read one by one from safetensors, without building the network."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open

from langgeo_core.api import UserError


class SafetensorsWeights:
    """The linear layers of a checkpoint folder.

    A checkpoint may name its tensors with a prefix that the network without its head lacks
    (`model.layers.0.…`); a layer's tensor is the one whose name ends in the layer's.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, name: str) -> NDArray[np.float32]:
        """(rows, columns) float32 of the linear layer `name`."""
        import torch

        key, file = self._find(f"{name}.weight")
        with safe_open(file, framework="pt") as tensors:
            values: NDArray[np.float32] = tensors.get_tensor(key).to(torch.float32).numpy()
        return np.ascontiguousarray(values.T) if self._transposed else values

    @cached_property
    def _files(self) -> dict[str, Path]:
        found = {}
        for file in sorted(self.folder.glob("*.safetensors")):
            with safe_open(file, framework="pt") as tensors:
                found.update(dict.fromkeys(tensors.keys(), file))
        return found

    @cached_property
    def _transposed(self) -> bool:
        """Whether the family stores linear layers as (inputs, outputs), as GPT-2's Conv1D does."""
        config: dict[str, Any] = json.loads((self.folder / "config.json").read_text(encoding="utf-8"))
        return config.get("model_type") in {"gpt2", "openai-gpt", "imagegpt", "decision_transformer"}

    def _find(self, key: str) -> tuple[str, Path]:
        matches = [known for known in self._files if known == key or known.endswith(f".{key}")]
        if len(matches) != 1:
            found = ", ".join(matches) or "none"
            raise UserError(f"{self.folder}: {key} should match one tensor of the checkpoint, found {found}")
        return matches[0], self._files[matches[0]]
