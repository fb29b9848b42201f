"""The only reader of weights: the tensors of a checkpoint folder by their names in a network."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from torch import nn
from transformers.conversion_mapping import get_model_conversion_mapping
from transformers.core_model_loading import WeightConverter, WeightRenaming, dot_natural_key, rename_source_key

from langgeo_core.api import StorageError, UserError
from langgeo_hf.digests import stamp_of
from langgeo_hf.weights import FLOATS, some, stored_tensors

UNREAD = ("pooler.",)
"""Parts after all measured layers, which may be missing."""
COMPUTED = (r"\.masked_bias$", r"\.causal_mask$", r"rotary_emb\.\w+$", r"(^|\.)position_ids$")
"""Tensors that old checkpoints store inside their blocks though networks compute them."""
AGAIN = "the checkpoint is incomplete or belongs to another model; download it again"


@dataclass
class _Source:
    """What a tensor of a network is made of: one stored tensor, or several that `converter` joins or divides."""

    keys: list[tuple[str, str]]
    """(pattern of the converter, name in the checkpoint)"""
    converter: Any = None
    first: str = ""
    """The name in the network under which the converter was found."""


class Checkpoint:
    """The tensors of a folder by their names in a part of a model, checked before any is read.

    Names are translated as transformers does when it loads a model, by its own tables.

    Parameters
    ----------
    model : a model of transformers, whose parameters may be on the meta device
    part : what is read of it, all of it if None

    Raises
    ------
    UserError
        If tensors are missing, of another shape or number format, or superfluous within the part's blocks.
    """

    def __init__(self, folder: Path, model: Any, part: nn.Module | None = None) -> None:
        self.folder = folder
        self._model, self._part = model, model if part is None else part
        path = next(name for name, module in model.named_modules() if module is self._part)
        self._prefix = f"{path}." if path else ""
        self._stored = stored_tensors(folder)
        self._stamps = {stored.file: stamp_of(stored.file) for stored in self._stored.values()}
        self._expected: dict[str, torch.Tensor] = {
            name: values.to("meta") for name, values in model.state_dict().items()
        }
        self._sources: dict[str, _Source] = {}
        self._superfluous: list[str] = []
        self._translate()
        self._needed = [name for name in self._expected if name.startswith(self._prefix)]
        self._check_presence()
        self._check_formats()

    def fill(self, dtype: torch.dtype) -> None:
        """Give the part its weights, floating-point ones in `dtype`; those of `UNREAD` that are missing are zero."""
        self._fill([name.removeprefix(self._prefix) for name in self._needed], dtype)
        tied = {name for name in self._needed if name not in self._sources and self._is_tied(name)}
        if tied:
            self._model.tie_weights(missing_keys=tied, recompute_mapping=False)

    def fill_outside_blocks(self, dtype: torch.dtype) -> None:
        """Give the part its weights that are in no ModuleList."""
        lists = [f"{name}." for name, module in self._part.named_modules() if isinstance(module, nn.ModuleList)]
        self._fill([name for name in self._part.state_dict() if not name.startswith(tuple(lists))], dtype)

    def _fill(self, names: list[str], dtype: torch.dtype) -> None:
        held = {name: name for name in names if self._prefix + name in self._sources}
        state = self.read(held, dtype)
        for name in set(names) - held.keys():
            if name.startswith(UNREAD):
                state[name] = torch.zeros(self._expected[self._prefix + name].shape, dtype=dtype)
        self._part.load_state_dict(state, assign=True, strict=False)

    def read(self, names: Mapping[str, str], dtype: torch.dtype) -> dict[str, torch.Tensor]:
        """Tensors on the CPU, floating-point ones in `dtype`, in memory of their own.

        Parameters
        ----------
        names : keys of the result, each with the tensor's name in the part

        Raises
        ------
        UserError
            If a tensor holds values that are not finite.
        StorageError
            If a file cannot be read, or has changed since the checkpoint was opened.
        """
        with ExitStack() as opened:
            stored = self._opened(opened)
            found = {label: self._made(self._prefix + name, stored, dtype) for label, name in names.items()}
        changed = [file for file, stamp in self._stamps.items() if stamp_of(file) != stamp]
        if changed:
            raise StorageError(f"{changed[0]} has changed since it was opened", "start the same command again")
        return found

    def _opened(self, opened: ExitStack) -> Callable[[str], torch.Tensor]:
        """Reads tensors by their names in the checkpoint, opening each file once."""
        files: dict[Path, Any] = {}

        def stored(key: str) -> torch.Tensor:
            file = self._stored[key].file
            try:
                if file not in files:
                    files[file] = opened.enter_context(safe_open(file, framework="pt"))
                values: torch.Tensor = files[file].get_tensor(key)
            except (OSError, SafetensorError) as failure:
                raise StorageError(f"{file} cannot be read: {failure}", "check the disk and the file") from failure
            return values

        return stored

    def _made(self, name: str, stored: Callable[[str], torch.Tensor], dtype: torch.dtype) -> torch.Tensor:
        source = self._sources[name]
        values = self._converted(source, stored)[name] if source.converter else stored(source.keys[0][1])
        if values.shape != self._expected[name].shape:
            raise self._misshaped([(name, tuple(values.shape))])
        if not values.is_floating_point():
            return values.clone()
        kept = getattr(self._model, "_keep_in_fp32_modules_strict", None) or ()
        if dtype is torch.bfloat16 and any(re.search(pattern, name) for pattern in kept):
            dtype = torch.float32
        return self._finite(source, values, values.clone() if values.dtype is dtype else values.to(dtype))

    def _converted(self, source: _Source, stored: Callable[[str], torch.Tensor]) -> dict[str, torch.Tensor]:
        """All tensors that a converter of transformers makes of some stored ones."""
        converter = deepcopy(source.converter)
        for pattern, key in source.keys:
            converter.add_tensor(source.first, key, pattern, lambda key=key: stored(key))
        made = converter.convert(source.first, model=self._model, config=self._model.config)
        return {name: values[0] if isinstance(values, list) else values for name, values in made.items()}

    def _finite(self, source: _Source, values: torch.Tensor, result: torch.Tensor) -> torch.Tensor:
        """The result; raises UserError where it holds NaN or infinity, also in the float32 of scores."""
        narrow = result.float() if result.dtype is torch.float64 else result
        if _is_finite(narrow):
            return result
        key = source.keys[0][1]
        what = "values too large for float32" if _is_finite(values) else "NaN or infinite values"
        raise UserError(f"{self._stored[key].file}: the tensor {key} holds {what}", "download the model again")

    def _translate(self) -> None:
        """Find the sources of the network's tensors, and which stored tensors belong to none."""
        transforms = get_model_conversion_mapping(self._model)
        renamings = [one for one in transforms if isinstance(one, WeightRenaming)]
        converters = [one for one in transforms if isinstance(one, WeightConverter)]
        by_pattern = {pattern: one for one in converters for pattern in one.source_patterns}
        base, expected = self._model.base_model_prefix, self._expected
        groups: dict[str, _Source] = {}
        for key in sorted(self._stored, key=dot_natural_key):
            name, pattern = rename_source_key(key, renamings, converters, base, expected)
            if name not in expected and key in expected:
                name, pattern = rename_source_key(key, [], [], base, expected)
            if name not in expected:
                self._superfluous.append(name)
            elif pattern is None:
                self._add(name, _Source([(key, key)]))
            elif name in groups:
                groups[name].keys.append((pattern, key))
            else:
                groups[name] = _Source([(pattern, key)], by_pattern[pattern], name)
        for first, group in groups.items():
            start, *others = group.converter.target_patterns
            for name in (first, *(first.replace(start, other) for other in others)):
                self._add(name, group)

    def _add(self, name: str, source: _Source) -> None:
        if name in self._sources:
            both = f"{self._sources[name].keys[0][1]} and {source.keys[0][1]}"
            raise UserError(f"{self.folder}: {both} are both the network's {name}", AGAIN)
        self._sources[name] = source

    def _check_presence(self) -> None:
        lacking = [name for name in self._needed if name not in self._sources and not self._is_tied(name)]
        lacking = [name for name in lacking if not name.removeprefix(self._prefix).startswith(UNREAD)]
        superfluous = self._in_blocks()
        head = self._model.get_output_embeddings()
        heads = {f"{name}.weight" for name, module in self._model.named_modules() if module is head}
        if heads & set(lacking):
            raise UserError(
                f"{self.folder} has no output head: it lacks {', '.join(sorted(heads & set(lacking)))}",
                "scorers that need a loss need a checkpoint saved with its head",
            )
        if lacking:
            count, names = len(lacking), some(name.removeprefix(self._prefix) for name in lacking)
            instead = f"; it has {some(superfluous)} instead" if superfluous else ""
            raise UserError(f"{self.folder} lacks {count} weights of the network: {names}{instead}", AGAIN)
        if superfluous:
            raise UserError(
                f"{self.folder} has {len(superfluous)} weights that its network does not: {some(superfluous)}",
                "config.json describes another network than the weights; use the one that they were saved with",
            )

    def _in_blocks(self) -> list[str]:
        """The superfluous tensors that lie in the part's blocks and are not known to be harmless."""
        lists = [f"{name}." for name, module in self._part.named_modules() if isinstance(module, nn.ModuleList)]
        harmless = (*COMPUTED, *(self._model._keys_to_ignore_on_load_unexpected or ()))
        buffers = {name for name, _ in self._part.named_buffers()}
        found = []
        for name in self._superfluous:
            inner = name.removeprefix(f"{self._model.base_model_prefix}.").removeprefix(self._prefix)
            known = inner in buffers or any(re.search(pattern, name) for pattern in harmless)
            if inner.startswith(tuple(lists)) and not known:
                found.append(inner)
        return found

    def _is_tied(self, name: str) -> bool:
        """Whether a missing tensor is another name of one that is there."""
        pairs = getattr(self._model, "all_tied_weights_keys", None) or {}
        source = pairs.get(name, name)
        group = {source, *(target for target, other in pairs.items() if other == source)}
        return len(group) > 1 and any(other in self._sources for other in group)

    def _check_formats(self) -> None:
        misshaped, strange = [], []
        for name in self._needed:
            source, expected = self._sources.get(name), self._expected[name]
            for _, key in source.keys if source else ():
                stored = self._stored[key]
                if (stored.dtype in FLOATS) != expected.is_floating_point():
                    strange.append(f"{key} ({stored.dtype})")
                if source and source.converter is None and stored.shape != tuple(expected.shape):
                    misshaped.append((name, stored.shape))
        if strange:
            raise UserError(
                f"{self.folder}: {len(strange)} tensors are stored in formats that are not supported: {some(strange)}",
                f"weights may be {', '.join(FLOATS)}; use the model that a quantised one was made from",
            )
        if misshaped:
            raise self._misshaped(misshaped)

    def _misshaped(self, found: list[tuple[str, tuple[int, ...]]]) -> UserError:
        each = (f"{name} is {shape}, expected {tuple(self._expected[name].shape)}" for name, shape in found)
        return UserError(
            f"{self.folder}: config.json and weights disagree on {len(found)} shapes: {some(each, 2)}",
            "config.json describes another network than the weights; use the one that they were saved with",
        )


class LinearWeights:
    """The linear layers of a checkpoint by their paths in a network, whose parameters may be on the meta device."""

    def __init__(self, checkpoint: Checkpoint, network: nn.Module) -> None:
        self.folder = checkpoint.folder
        self._checkpoint, self._network = checkpoint, network

    def read(self, name: str) -> NDArray[np.float32]:
        """(rows, columns) float32 of the linear layer `name`."""
        try:
            layer = self._network.get_submodule(name)
        except AttributeError as failure:
            raise UserError(f"{self.folder}: the network has no layer {name}") from failure
        values: NDArray[np.float32] = self._checkpoint.read({name: f"{name}.weight"}, torch.float32)[name].numpy()
        return values if isinstance(layer, nn.Linear) else np.ascontiguousarray(values.T)  # GPT-2's Conv1D


def _is_finite(values: torch.Tensor) -> bool:
    """Without a copy: the extremes of a tensor with NaN are NaN."""
    return not values.numel() or all(bool(torch.isfinite(extreme)) for extreme in torch.aminmax(values))
