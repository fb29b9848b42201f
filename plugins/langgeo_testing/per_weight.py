"""What a scorer that needs the gradient of the loss promises."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from langgeo_testing.check import Subject, require
from langgeo_testing.numbers import array, finite, same

if TYPE_CHECKING:
    import torch

TOKENS = 12
ROWS = 5
COLUMNS = 7
ROUNDING = 1e-5


def statistic_has_a_version(subject: Subject) -> None:
    """`statistic` names what is accumulated with its version, such as `squared-gradient/1`."""
    found = subject.build().statistic
    require(isinstance(found, str) and re.fullmatch(r"[^/\s]+/[^/\s]+", found) is not None, f"statistic is {found!r}")


def accumulates_a_number_for_each_weight(subject: Subject) -> None:
    """`accumulate` gives a finite tensor, (rows, columns), in float32 and in float64."""
    import torch

    for dtype in (torch.float32, torch.float64):
        found = subject.build().accumulate(*_window(dtype))
        require(isinstance(found, torch.Tensor), f"accumulate gives {type(found).__name__}, no tensor")
        require(tuple(found.shape) == (ROWS, COLUMNS), f"its shape is {tuple(found.shape)}, not {(ROWS, COLUMNS)}")
        finite(f"the statistic in {dtype}", _numbers(found))


def accumulates_a_sum_over_tokens(subject: Subject) -> None:
    """What is accumulated over a window is the sum of what is accumulated over its parts."""
    inputs, gradients = _window()
    scorer = subject.build()
    whole = _numbers(scorer.accumulate(inputs, gradients))
    parts = [scorer.accumulate(inputs[part], gradients[part]) for part in (slice(0, 5), slice(5, None))]
    same("the sum over two parts of a window", _numbers(parts[0]) + _numbers(parts[1]), whole, ROUNDING)


def accumulating_leaves_the_window_as_it_is(subject: Subject) -> None:
    """`accumulate` does not write into what it is given."""
    inputs, gradients = _window()
    before = inputs.clone(), gradients.clone()
    subject.build().accumulate(inputs, gradients)
    same("the inputs", inputs.numpy(), before[0].numpy())
    same("the gradients", gradients.numpy(), before[1].numpy())


def scores_are_finite_and_not_negative(subject: Subject) -> None:
    """`scores` gives a finite number that is not negative for each weight, (rows, columns)."""
    for dead in (False, True):
        statistic, weights = _matrix(subject, dead)
        scores = array("scores", subject.build().scores(statistic, weights, TOKENS), (ROWS, COLUMNS))
        finite("scores", scores)
        finite("scores as float32", scores.astype(np.float32))
        require(bool((scores >= 0).all()), f"the least score is {scores.min()}")


def scores_of_some_rows_are_those_of_the_whole(subject: Subject) -> None:
    """`scores` of some rows of a weight matrix are the same rows of the scores of all."""
    statistic, weights = _matrix(subject)
    scorer = subject.build()
    whole = scorer.scores(statistic.copy(), weights.copy(), TOKENS)
    same("the scores of rows 1 and 2", scorer.scores(statistic[1:3], weights[1:3], TOKENS), whole[1:3], 1e-6)


def same_statistic_gives_the_same_scores(subject: Subject) -> None:
    """The same statistic and weights give the same scores, and are left as they are."""
    statistic, weights = _matrix(subject)
    before = statistic.copy(), weights.copy()
    first = np.array(subject.build().scores(statistic, weights, TOKENS))
    same("the statistic afterwards", statistic, before[0])
    same("the weights afterwards", weights, before[1])
    same("the scores of a second instance", subject.build().scores(*before, TOKENS), first)


def _window(dtype: torch.dtype | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs (tokens, columns) and gradients (tokens, rows), float64 unless told."""
    import torch

    random = np.random.default_rng(0)
    inputs, gradients = random.normal(size=(TOKENS, COLUMNS)), random.normal(size=(TOKENS, ROWS))
    kind = dtype or torch.float64
    return torch.tensor(inputs, dtype=kind), torch.tensor(gradients, dtype=kind)


def _matrix(subject: Subject, dead: bool = False) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The statistic and weights, (rows, columns) float32; with `dead`, of a feature that is always zero."""
    inputs, gradients = _window()
    if dead:
        inputs[:, 2] = 0
    statistic = _numbers(subject.build().accumulate(inputs, gradients)).astype(np.float32)
    weights = np.random.default_rng(1).normal(size=(ROWS, COLUMNS)).astype(np.float32)
    weights[0, 1] = 0.0
    return statistic, weights


def _numbers(tensor: Any) -> NDArray[np.float64]:
    return np.asarray(tensor.detach().cpu().numpy(), dtype=np.float64)


CHECKS = (
    statistic_has_a_version,
    accumulates_a_number_for_each_weight,
    accumulates_a_sum_over_tokens,
    accumulating_leaves_the_window_as_it_is,
    scores_are_finite_and_not_negative,
    scores_of_some_rows_are_those_of_the_whole,
    same_statistic_gives_the_same_scores,
)
