"""Parts of a checkpoint, read from safetensors when they are needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import nn

from langgeo_core.api import UserError
from langgeo_hf.weights import weight_files

OLD_NAMES = {".LayerNorm.weight": ".LayerNorm.gamma", ".LayerNorm.bias": ".LayerNorm.beta"}
"""Names of parameters in the network, and their names in checkpoints of the first encoders."""

UNREAD = ("pooler.",)
"""Parts after all measured layers, which may be missing."""


class Checkpoint:
    """The tensors of a folder by their names in a network.

    A checkpoint may have one prefix before all names of the network, such as `model.`; it is detected.

    Raises
    ------
    UserError
        If it lacks tensors of the network.
    """

    def __init__(self, folder: Path, network: nn.Module) -> None:
        self._folder = folder
        self._files = {name: file for file in weight_files(folder) for name in _names(file)}
        names = [name for name in network.state_dict() if not name.startswith(UNREAD)]
        self._prefix = self._found_prefix(names)
        self._check(names)

    def read_outside_blocks(self, network: nn.Module, dtype: torch.dtype) -> dict[str, torch.Tensor]:
        """The tensors of a network that are in no ModuleList."""
        lists = [f"{name}." for name, module in network.named_modules() if isinstance(module, nn.ModuleList)]
        names = [name for name in network.state_dict() if not name.startswith((*lists, *UNREAD))]
        return self.read({name: name for name in names}, dtype)

    def read(self, names: Mapping[str, str], dtype: torch.dtype) -> dict[str, torch.Tensor]:
        """Tensors on the CPU, floating-point ones in `dtype`.

        Parameters
        ----------
        names : keys of the result, each with the tensor's name in the network
        """
        keys = {label: self._key(name) for label, name in names.items()}
        with ExitStack() as opened:
            files: dict[Path, Any] = {}
            for file in dict.fromkeys(self._files[key] for key in keys.values()):
                files[file] = opened.enter_context(safe_open(file, framework="pt"))
            return {label: _as(files[self._files[key]].get_tensor(key), dtype) for label, key in keys.items()}

    def _key(self, name: str) -> str:
        key = self._prefix + name
        if key in self._files:
            return key
        return next((key.removesuffix(new) + old for new, old in OLD_NAMES.items() if key.endswith(new)), key)

    def _found_prefix(self, names: list[str]) -> str:
        """The prefix of most of the network's names in the checkpoint."""
        prefixes = {key.removesuffix(name) for name in names[:1] for key in self._files if key.endswith(name)}
        held = {prefix: sum(prefix + name in self._files for name in names) for prefix in sorted(prefixes)}
        if not held:
            raise self._unlike(names)
        return max(held, key=lambda prefix: held[prefix])

    def _check(self, names: list[str]) -> None:
        lacking = [name for name in names if self._key(name) not in self._files]
        if lacking:
            raise self._unlike(lacking)

    def _unlike(self, names: list[str]) -> UserError:
        return UserError(
            f"{self._folder} cannot be read layer by layer: it has no {', '.join(names[:3])}",
            "the checkpoint is incomplete, or has older tensor names: try calibration.mode=one-pass, or load it with "
            "transformers and save it again with save_pretrained",
        )


def _names(file: Path) -> Iterable[str]:
    with safe_open(file, framework="pt") as tensors:
        return list(tensors.keys())


def _as(values: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    return values.to(dtype) if values.is_floating_point() else values
