"""Finds a network's weight matrices and which of them share an input, by watching one short forward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import Any

import torch
from torch import nn

from langgeo_core.contract.errors import UserError
from langgeo_core.contract.types import Layout, WeightMatrix

Hook = Callable[[str, torch.Tensor], None]


class AllSeen(Exception):  # noqa: N818  it is no error
    """Raised by a hook to end a forward pass at the last input that matters."""


def find_layout(network: nn.Module, probe: list[int]) -> Layout:
    """The linear layers of every block, in the order of the network, grouped by the tensor that feeds them.

    Parameters
    ----------
    network : a decoder or encoder of transformers without its head
    probe : a few token ids for the forward pass

    Raises
    ------
    UserError
        If no linear layer lies in a repeated block, if one of them is not reached by a forward pass, or if a
        block holds weights that are stacks of matrices.
    """
    linears = dict(block_linears(network))
    if not linears:
        raise UserError(
            f"{type(network).__name__} has no linear layer inside a repeated block",
            "langgeo reads decoders whose blocks lie in a torch ModuleList",
        )
    stacked = [
        f"{name}.{parameter}"
        for name, module in _in_blocks(network)
        if not type(module).__name__.startswith("Conv")
        for parameter, values in module.named_parameters(recurse=False)
        if values.dim() > 2
    ]
    if stacked:
        raise UserError(
            f"{len(stacked)} weights of {type(network).__name__} are stacks of matrices, not linear layers: "
            f"{', '.join(stacked[:3])}, …",
            "mixture-of-experts layers are not supported",
        )
    feeds = _watch(network, linears, probe)
    unreached = [name for name in linears if name not in feeds]
    if unreached:
        raise UserError(
            f"{len(unreached)} linear layers of {type(network).__name__} are not reached by every token: "
            f"{', '.join(unreached[:3])}, …",
            "mixture-of-experts layers are not supported",
        )
    matrices = []
    for name, linear in linears.items():
        weight, parts = linear.get_parameter("weight"), name.split(".")
        rows, columns = weight.shape if isinstance(linear, nn.Linear) else weight.shape[::-1]
        place = next(index for index, part in enumerate(parts) if part.isdigit())
        module = ".".join(parts[place + 1 :])
        matrices.append(WeightMatrix(name, int(parts[place]), module, int(rows), int(columns), feeds[name]))
    return Layout(tuple(matrices))


def block_linears(network: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """(path, module) of the linear layers below a ModuleList; embeddings, norms and heads lie outside."""
    for name, module in _in_blocks(network):
        if isinstance(module, nn.Linear) or type(module).__name__ == "Conv1D":
            yield name, module


def _in_blocks(network: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    blocks = [name for name, module in network.named_modules() if isinstance(module, nn.ModuleList)]
    for name, module in network.named_modules():
        if any(name.startswith(f"{block}.") for block in blocks):
            yield name, module


def block_paths(network: nn.Module) -> list[str]:
    """The paths of a network's blocks: the entries of every ModuleList that lies in no other."""
    paths: list[str] = []
    for name, module in network.named_modules():
        if isinstance(module, nn.ModuleList) and not any(name.startswith(f"{path}.") for path in paths):
            paths += [f"{name}.{place}" for place in range(len(module))]
    return paths


@contextmanager
def watched(network: nn.Module, names: dict[str, str], hook: Hook) -> Iterator[None]:
    """Call `hook(label, input)` before each named module runs; `names` maps paths to labels."""

    def seen(label: str, module: nn.Module, arguments: tuple[Any, ...]) -> None:
        hook(label, arguments[0].detach())

    with ExitStack() as hooks:
        for name, label in names.items():
            hooks.callback(network.get_submodule(name).register_forward_pre_hook(partial(seen, label)).remove)
        yield


def _watch(network: nn.Module, linears: dict[str, nn.Module], probe: list[int]) -> dict[str, str]:
    """For each linear layer the name of the first one that reads the same tensor."""
    held: list[tuple[torch.Tensor, str]] = []
    feeds: dict[str, str] = {}

    def note(name: str, tensor: torch.Tensor) -> None:
        # Tensors are held until the pass ends: a freed one's address could return.
        place = tensor.data_ptr(), tensor.shape, tensor.stride()
        owner = next((first for one, first in held if (one.data_ptr(), one.shape, one.stride()) == place), name)
        held.append((tensor, owner))
        feeds[name] = owner
        if len(feeds) == len(linears):
            raise AllSeen

    device = next(network.parameters()).device
    ids = torch.tensor([probe], device=device)
    with torch.inference_mode(), watched(network, {name: name for name in linears}, note), suppress(AllSeen):
        network(input_ids=ids, attention_mask=torch.ones_like(ids))
    return feeds
