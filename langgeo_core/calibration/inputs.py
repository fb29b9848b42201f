"""Finds a network's weight matrices and which of them share an input, by watching short forward passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

import torch
from torch import nn

from langgeo_core.contract.errors import LanggeoError, UserError
from langgeo_core.contract.types import Layout, WeightMatrix
from langgeo_core.system.processor import inference

Run = Callable[[Sequence[Callable[[], None]]], None]
"""Runs forward passes of a network, each to its end."""
Batch = Sequence[Sequence[int]]
"""The token ids of some windows."""


class AllSeen(Exception):  # noqa: N818  it is no error
    """Raised by a hook to end a forward pass at the last input that matters."""


def one_after_another(forwards: Sequence[Callable[[], None]]) -> None:
    """Run forward passes in their order, without gradients."""
    with inference():
        for forward in forwards:
            forward()


def find_layout(network: nn.Module, probe: list[int], run: Run = one_after_another) -> Layout:
    """The linear layers of every block, in the order of the network, grouped by the tensor that feeds them.

    And the residual stream, where every block that holds some is called once, with a row of it for each token.

    A layer that is called several times in a forward pass is measured in every call that reads the text's tokens. One
    that always reads the same, such as a table of relative positions, is left out.

    Parameters
    ----------
    network : a decoder or encoder of transformers without its head
    probe : a few token ids; forward passes read these, as many others, and both in one batch

    Raises
    ------
    UserError
        If no linear layer lies in a repeated block, if one of them does not read a row for each token, if a block
        holds weights that are stacks of matrices, or if the network does not run on token ids alone.
    """
    kind, linears = type(network).__name__, dict(block_linears(network))
    stacked = [
        f"{name}.{parameter}"
        for name, module in _in_blocks(network)
        if not type(module).__name__.startswith("Conv")
        for parameter, values in module.named_parameters(recurse=False)
        if sum(size > 1 for size in values.shape) > 2
    ]
    if not linears:
        raise _refusal(network, f"{kind} has no linear layer inside a repeated block, a ModuleList", [])
    if stacked:
        raise _refusal(network, f"{len(stacked)} weights of {kind} are stacks of matrices, not linear layers", stacked)
    pair = probe, [0, *probe[:0:-1]]
    batches: list[Batch] = [pair[:1], pair[1:], pair]
    places = _hidden_places(network, linears)
    passes = _reads(network, [*linears, *places], batches, 0, run, lambda values, batch: values)
    calls = {name: _token_calls([seen[name] for seen in passes], batches, _rounding(network)) for name in linears}
    if wrong := [f"{name} {reason}" for name, reason in calls.items() if isinstance(reason, str)]:
        raise _refusal(network, f"{len(wrong)} linear layers of {kind} do not read a row for each token", wrong)
    matrices: list[WeightMatrix] = []
    owners: dict[object, str] = {}
    for name, linear in linears.items():
        if not (measured := tuple(int(place) for place in calls[name])):
            continue
        # Every tensor of the passes is still held, so that no other one can have its address.
        tensors = [passes[2][name][place] for place in measured]
        feed = measured, *((tensor.data_ptr(), tensor.shape, tensor.stride()) for tensor in tensors)
        weight, parts = linear.get_parameter("weight"), name.split(".")
        rows, columns = weight.shape if isinstance(linear, nn.Linear) else weight.shape[::-1]
        layer = next(index for index, part in enumerate(parts) if part.isdigit())
        module, owner = ".".join(parts[layer + 1 :]), owners.setdefault(feed, name)
        matrices.append(WeightMatrix(name, int(parts[layer]), module, int(rows), int(columns), owner, measured))
    found = [_token_calls([seen[name] for seen in passes], batches, _rounding(network)) == [0] for name in places]
    widths = [passes[0][name][0].shape[-1] for name in places] if all(found) else []
    if len(set(widths)) != 1:
        return Layout(tuple(matrices))
    hidden = (WeightMatrix(name, layer, "hidden", 1, widths[0], name) for layer, name in enumerate(places))
    return Layout(tuple(matrices), tuple(hidden))


def _hidden_places(network: nn.Module, linears: Iterable[str]) -> list[str]:
    """`PATH:input` of every block that has linear layers, and `PATH:output` of the last; none unless one list has all.

    The colon tells them from the paths of modules.
    """
    blocks = [path for path in block_paths(network) if any(f"{name}.".startswith(f"{path}.") for name in linears)]
    if len({path.rpartition(".")[0] for path in blocks}) > 1:
        return []
    return [*(f"{path}:input" for path in blocks), f"{blocks[-1]}:output"]


def change_by_padding(network: nn.Module, layout: Layout, pair: Batch, pad: int, run: Run) -> float:
    """By which share two windows of unequal length read otherwise together than alone; 0 where it is rounding."""
    passes = _reads(network, layout.calls, [pair[:1], pair[1:], pair], pad, run, _squares)
    changes = [
        _change(both, one, other)
        for name, places in layout.calls.items()
        for place, (one, other, both) in enumerate(zip(*(seen[name] for seen in passes), strict=False))
        if place in places
    ]
    return max(changes) if max(changes) > _rounding(network) else 0.0


def padded(windows: Batch, pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The token ids and the mask of windows, padded on the right, where causal attention never looks."""
    longest = max(map(len, windows))
    ids = torch.tensor([[*window, *[pad] * (longest - len(window))] for window in windows])
    return ids, torch.tensor([[1] * len(window) + [0] * (longest - len(window)) for window in windows])


def _reads(
    network: nn.Module,
    names: Iterable[str],
    batches: Sequence[Batch],
    pad: int,
    run: Run,
    kept: Callable[[torch.Tensor, Batch], torch.Tensor],
) -> list[dict[str, list[torch.Tensor]]]:
    """What `kept` gives of all that the named layers read in a forward pass of each batch."""
    device = next(network.parameters()).device
    current: ContextVar[int] = ContextVar("pass")
    seen: list[dict[str, list[torch.Tensor]]] = [{name: [] for name in names} for _ in batches]

    def note(name: str, values: torch.Tensor) -> None:
        seen[current.get()][name].append(kept(values, batches[current.get()]))

    def forward(place: int) -> None:
        current.set(place)
        ids, mask = (values.to(device) for values in padded(batches[place], pad))
        try:
            network(input_ids=ids, attention_mask=mask)
        except LanggeoError:
            raise
        except Exception as failure:
            reason = str(failure).strip().partition("\n")[0] or type(failure).__name__
            raise _refusal(network, f"{type(network).__name__} does not run on token ids alone", [reason]) from failure

    with watched(network, names, note):
        run([partial(forward, place) for place in range(len(batches))])
    return seen


def _token_calls(
    passes: Sequence[Sequence[torch.Tensor]], batches: Sequence[Batch], rounding: float
) -> list[int] | str:
    """Which calls of a layer read a row for each token; or what it reads instead.

    Parameters
    ----------
    passes : what the layer reads, call by call, of two windows of equal length, alone and both in one batch
    rounding : the change that is no more than rounding
    """
    if not passes[2]:
        return "is never called"
    if len(set(map(len, passes))) > 1:
        return f"is called {' or '.join(str(len(calls)) for calls in passes)} times"
    found, tokens = [], len(batches[0][0])
    for place, tensors in enumerate(zip(*passes, strict=True)):
        rows = [tensor.numel() // tensor.shape[-1] for tensor in tensors]
        if rows == [tokens, tokens, 2 * tokens]:
            one, other, both = map(_squares, tensors, batches)
            if _change(both, one, other) > rounding:
                return "mixes the rows of the windows of a batch"
            found.append(place)
        elif not all(len(tensor) and torch.equal(tensor, tensors[0]) for tensor in tensors):
            return f"reads {rows[2]} rows for {2 * tokens} tokens"
    return found


def _squares(values: torch.Tensor, batch: Batch) -> torch.Tensor:
    """(windows, features) float64: the squares summed over each window's tokens; NaN if there is no row for each."""
    longest = max(map(len, batch))
    if values.numel() != len(batch) * longest * values.shape[-1]:
        return values.new_full((len(batch), values.shape[-1]), torch.nan, dtype=torch.float64)
    windows = zip(values.reshape(len(batch), longest, -1), batch, strict=True)
    return torch.stack([rows[: len(ids)].double().square().sum(0) for rows, ids in windows])


def _change(found: torch.Tensor, *alone: torch.Tensor) -> float:
    """The mean relative difference of the window that differs most; 0 where it is not finite alone either."""
    expected = torch.cat(alone)
    total = found + expected
    change = torch.where(total == 0, 0, (found - expected).abs() / total).nan_to_num(1.0).mean(1).max()
    return float(change) if torch.isfinite(expected).all() else 0.0


def _rounding(network: nn.Module) -> float:
    """The change that is put down to rounding: half of the digits; some networks of float64 compute in float32."""
    return max(1e-6, float(torch.finfo(next(network.parameters()).dtype).eps ** 0.5))


def _refusal(network: nn.Module, message: str, examples: Sequence[str]) -> UserError:
    hint = "langgeo needs a network that runs on token ids, with torch's linear layers in the blocks of a ModuleList"
    if any("expert" in f"{name} {type(module).__name__}".lower() for name, module in _in_blocks(network)):
        hint = "mixture-of-experts layers are not supported"
    more = ", …" if len(examples) > 3 else ""
    return UserError(f"{message}{': ' if examples else ''}{', '.join(examples[:3])}{more}", hint)


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
    paths: dict[nn.Module, str] = {}
    for name, module in network.named_modules():
        if isinstance(module, nn.ModuleList) and not any(name.startswith(f"{path}.") for path in paths.values()):
            for place, block in enumerate(module):
                paths.setdefault(block, f"{name}.{place}")
    return list(paths.values())


@contextmanager
def watched(network: nn.Module, names: Iterable[str], hook: Callable[[str, torch.Tensor], None]) -> Iterator[None]:
    """Call `hook(name, input)` before each named module runs; of `PATH:output` with its output, after it."""

    def seen(name: str, module: nn.Module, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        note(name, (*arguments, *named.values()))

    def given(name: str, module: nn.Module, arguments: tuple[Any, ...], output: Any) -> None:
        note(name, output)

    def note(name: str, values: Any) -> None:
        first = values[0] if isinstance(values, tuple) else values
        if isinstance(first, torch.Tensor):
            hook(name, first.detach())

    with ExitStack() as hooks:
        for name in names:
            path, _, end = name.partition(":")
            module = network.get_submodule(path)
            if end == "output":
                hooks.callback(module.register_forward_hook(partial(given, name)).remove)
            else:
                hooks.callback(module.register_forward_pre_hook(partial(seen, name), with_kwargs=True).remove)
        yield
