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

TEXT_PARTS = ("language_model.", "text_model.")
"""Name parts of the text tensors of a multimodal model."""


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files that transformers reads: a single one, or those listed in the index.

    Raises
    ------
    UserError
        If there are none, or if files listed in the index are missing.
    """
    single, index = folder / "model.safetensors", folder / "model.safetensors.index.json"
    if single.is_file():
        return [single]
    if not index.is_file():
        raise UserError(
            f"{folder} has no model.safetensors and no model.safetensors.index.json",
            "pickled weights are not supported; save the model with save_pretrained",
        )
    files = [folder / name for name in sorted(set(_json(index)["weight_map"].values()))]
    absent = [file.name for file in files if not file.is_file()]
    if absent:
        message = f"{folder} lacks {len(absent)} of {len(files)} weight files: {', '.join(absent[:3])}"
        raise UserError(message, "the download is incomplete; download the model again")
    return files


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError as failure:
        raise UserError(f"{file} is not JSON: {failure}", "download the model again") from failure


class SafetensorsWeights:
    """The linear layers of a checkpoint folder.

    Tensor names of a checkpoint may have a prefix that the network without its head lacks (`model.layers.0.…`): the
    tensor of a layer is the one whose name ends with the layer's name.
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
        for file in weight_files(self.folder):
            with safe_open(file, framework="pt") as tensors:
                found.update(dict.fromkeys(tensors.keys(), file))
        return found

    @cached_property
    def _transposed(self) -> bool:
        """Whether linear layers are stored as (inputs, outputs), as in GPT-2's Conv1D."""
        return self._config.get("model_type") in {"gpt2", "openai-gpt", "imagegpt", "decision_transformer"}

    @cached_property
    def _config(self) -> dict[str, Any]:
        config: dict[str, Any] = _json(self.folder / "config.json")
        return config

    def _find(self, key: str) -> tuple[str, Path]:
        matches = [known for known in self._files if known == key or known.endswith(f".{key}")]
        if "text_config" in self._config:
            matches = [known for known in matches if any(part in known for part in TEXT_PARTS)]
        if len(matches) != 1:
            found = ", ".join(matches) or "none"
            raise UserError(f"{self.folder}: {key} should match one tensor of the checkpoint, found {found}")
        return matches[0], self._files[matches[0]]
