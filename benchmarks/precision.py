"""What float32 costs: g = 1/[H⁻¹]_jj of one language against float64 sums of the same float32 activations.

`python -m benchmarks.precision` prints the table of docs/explanation/performance.md.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks import plain
from benchmarks.measure import machine
from benchmarks.subject import DAMPING, Subject, load
from langgeo_core.calibration.gram import add_rows, empty_gram, input_statistics
from langgeo_core.calibration.inputs import AllSeen, watched

Float64 = NDArray[np.float64]
FAR = 1e-3


def main() -> None:
    """One language of the subject, all inputs."""
    subject = load(1)
    errors = {"langgeo": np.empty(0), "plain way": np.empty(0)}
    for found in _errors(subject):
        errors = {way: np.concatenate([so_far, found[way]]) for way, so_far in errors.items()}
    print(f"{subject.name}, {len(errors['langgeo']):,} features, {machine()}")
    for way, values in errors.items():
        print(
            f"{way}: median {np.median(values):.1e}, 99.9 % below {np.quantile(values, 0.999):.1e}, largest "
            f"{values.max():.1e}, {np.count_nonzero(values > FAR)} above {FAR:g}"
        )


def _errors(subject: Subject) -> Any:
    """The relative errors of both ways for each distinct input."""
    windows = next(iter(subject.windows.values()))
    for grams in _grams(subject):
        exact, own = (input_statistics(gram, windows.tokens, DAMPING) for gram in grams[:2])
        other = plain.diagonals(grams[2], windows.tokens, DAMPING)[0].double().numpy()
        yield {
            "langgeo": abs(exact.inverse_diagonal / own.inverse_diagonal - 1),
            "plain way": abs(exact.inverse_diagonal / other - 1),
        }


def _grams(subject: Subject) -> list[tuple[NDArray[Any], NDArray[Any], torch.Tensor]]:
    """XᵀX of each input: in float64, in float32 by BLAS as langgeo does, in float32 by torch."""
    found = {
        name: (empty_gram(n, np.float64), empty_gram(n, np.float32), torch.zeros(n, n))
        for name, n in subject.layout.inputs.items()
    }
    last = list(found)[-1]

    def add(name: str, inputs: torch.Tensor) -> None:
        rows = inputs[0, 1:]
        for gram in found[name][:2]:
            add_rows(gram, rows.numpy())
        found[name][2].addmm_(rows.T, rows)
        if name == last:
            raise AllSeen

    network = subject.model.network
    with torch.inference_mode(), watched(network, {name: name for name in found}, add):
        for window in next(iter(subject.windows.values())).ids:
            ids = torch.tensor([[subject.model.bos or 0, *window]])
            with suppress(AllSeen):
                network(input_ids=ids, attention_mask=torch.ones_like(ids))
    return list(found.values())


if __name__ == "__main__":
    main()
