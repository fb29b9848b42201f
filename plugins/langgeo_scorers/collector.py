"""One cell of a scorer that is not separable: a statistic of each weight, from the gradient of the text's loss.

The loss is the cross-entropy of every next token of a window, summed. Hooks on the linear layers catch their inputs,
hooks on the layers' outputs the gradients; each pair is reduced and freed as soon as its gradient arrives. No parameter
needs a gradient, so that nothing of the model's size is held besides its weights and the sums.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import cross_entropy

from langgeo_core.api import Collected, Layout, NumericalError, WeightMatrix, WeightSums, Windows, protocols

NO_TARGET = -100


class GradientCollector:
    """Runs windows through a model and back, one at a time, and sums a scorer's statistic of each weight.

    A window alone in its pass needs no padding, and bounds the memory, of which most is logits: the vocabulary times
    the window's length. As elsewhere the leading special token adds no row. Of the loss it has the prediction of the
    first token, whose gradient reaches no other row of a causal model.

    Parameters
    ----------
    bos : whether to start every window with the model's first token, where it has one
    """

    def __init__(
        self, model: protocols.CausalModel, layout: Layout, scorer: protocols.PerWeightScorer, bos: bool
    ) -> None:
        self._model, self._layout, self._scorer = model, layout, scorer
        self._start = [model.bos] if bos and model.bos is not None else []
        self._sums: list[dict[str, torch.Tensor]] = []
        self._seen: Counter[str] = Counter()
        self._hooks = ExitStack()

    def __enter__(self) -> Self:
        for parameter in self._model.causal.parameters():
            self._hooks.callback(parameter.requires_grad_, parameter.requires_grad)
            parameter.requires_grad_(False)
        modules = dict(self._model.network.named_modules())
        for matrix in self._layout.matrices:
            module = modules[matrix.name]
            self._hooks.callback(module.register_forward_pre_hook(_start_gradients).remove)
            self._hooks.callback(module.register_forward_hook(partial(self._catch, matrix)).remove)
        return self

    def __exit__(self, *failure: object) -> None:
        self._hooks.close()
        self._sums = []

    def collect(self, language: str, windows: Windows) -> Collected[WeightSums]:
        """The statistic of every weight of one cell, of a whole text."""
        return self.collect_each(language, windows, [range(len(windows.ids))])[0]

    def collect_each(
        self, language: str, windows: Windows, pieces: Sequence[Sequence[int]]
    ) -> list[Collected[WeightSums]]:
        """The statistic of every weight of several pieces of a text; in memory are the sums of each.

        Parameters
        ----------
        pieces : for each the positions of its windows

        Raises
        ------
        NumericalError
            If a matrix gets no gradient or one that is not finite, with the matrix's name.
        """
        every: list[dict[str, torch.Tensor]] = [{} for _ in pieces]
        for place, window in enumerate(windows.ids):
            self._sums = [sums for sums, piece in zip(every, pieces, strict=True) if place in piece]
            if self._sums:
                self._forwards_and_back([*self._start, *window])
        collected: list[Collected[WeightSums]] = []
        for sums, piece in zip(every, pieces, strict=True):
            tokens = sum(len(windows.ids[place]) for place in piece)
            finished = {matrix.name: _finished(matrix, sums) for matrix in self._layout.matrices}
            collected.append(Collected(WeightSums(language, tokens, self._scorer.statistic, finished)))
        return collected

    def _forwards_and_back(self, window: list[int]) -> None:
        self._seen.clear()
        tokens = torch.tensor([window], device=next(self._model.causal.parameters()).device)
        # The last row has no target. To cut it off instead would copy the logits, and their gradient, once more.
        targets = torch.tensor([*window[1:], NO_TARGET], device=tokens.device)
        with torch.enable_grad():
            logits = self._model.causal(input_ids=tokens, attention_mask=torch.ones_like(tokens)).logits
            loss = cross_entropy(_real(logits.flatten(0, 1)), targets, ignore_index=NO_TARGET, reduction="sum")
            del logits
            loss.backward()  # type: ignore[no-untyped-call]

    def _catch(self, matrix: WeightMatrix, module: nn.Module, arguments: tuple[Any, ...], output: torch.Tensor) -> None:
        """Wait for the gradient of a layer's output."""
        self._seen[matrix.name] += 1
        if self._seen[matrix.name] - 1 in matrix.calls:
            output.register_hook(partial(self._add, matrix, arguments[0].detach()))  # type: ignore[no-untyped-call]

    def _add(self, matrix: WeightMatrix, inputs: torch.Tensor, gradients: torch.Tensor) -> None:
        with torch.no_grad():
            found = self._scorer.accumulate(self._rows(inputs), self._rows(gradients))
            if found.shape != (matrix.rows, matrix.columns):
                raise NumericalError(
                    f"{type(self._scorer).__name__}.accumulate gives {tuple(found.shape)} for {matrix.name}, "
                    f"whose weights are {(matrix.rows, matrix.columns)}"
                )
            for sums in self._sums:
                if matrix.name not in sums:
                    sums[matrix.name] = torch.zeros_like(found)
                sums[matrix.name] += found

    def _rows(self, tensor: torch.Tensor) -> torch.Tensor:
        """(tokens, features) of the one window, without the row of the leading token."""
        return _real(tensor.detach().reshape(-1, tensor.shape[-1])[len(self._start) :])


def _finished(matrix: WeightMatrix, sums: dict[str, torch.Tensor]) -> NDArray[np.floating]:
    total = sums.pop(matrix.name, None)
    if total is None:
        raise NumericalError(f"{matrix.name}: no gradient of the loss reaches it", "choose a separable scorer")
    if not torch.isfinite(total).all():
        raise NumericalError(
            f"{matrix.name}: a gradient is not finite",
            "the model overflows in this precision; try calibration.dtype=float32 or float64",
        )
    values: NDArray[np.floating] = total.cpu().numpy()
    return values


def _start_gradients(module: nn.Module, arguments: tuple[Any, ...]) -> None:
    """With all parameters frozen, gradients have to begin somewhere: where the first linear layers read."""
    if not arguments[0].requires_grad:
        arguments[0].requires_grad_()


def _real(tensor: torch.Tensor) -> torch.Tensor:
    return tensor if tensor.dtype == torch.float64 else tensor.to(torch.float32)
