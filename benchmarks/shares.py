"""Where a language's calibration spends its time: one cell on one thread, `python -m benchmarks.shares`.

The parts of a forward pass are shares of the time that torch's profiler gives its operations, in a pass without
hooks; Gram matrices and their reduction are timed in a pass with them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from unittest.mock import patch

import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks.measure import machine, threads
from benchmarks.subject import DAMPING, Subject, load
from langgeo_core.calibration import gram
from langgeo_core.calibration.collect import Collector
from langgeo_core.system.processor import inference

FORWARD = {
    "matrix products": ("aten::mm", "aten::addmm", "mkldnn::_linear"),
    "attention": ("attention", "softmax", "aten::bmm", "aten::baddbmm"),
}
KERNELS = {"Gram matrices": "add_rows", "their reduction": "damped"}


def main() -> None:
    """Print seconds and shares."""
    subject = load(1)
    with threads(1):
        _collected(subject)
        total, kernels = _collected(subject)
        forward = _forward(subject)
    scale = (total - sum(kernels.values())) / sum(forward.values())
    parts = {**{name: scale * seconds for name, seconds in forward.items()}, **kernels}
    print(f"{subject.name}, 2,048 tokens, {total:.1f} s, {machine()}")
    for name, seconds in sorted(parts.items(), key=lambda part: -part[1]):
        print(f"{name}: {seconds:.2f} s, {seconds / total:.0%}")


def _collected(subject: Subject) -> tuple[float, dict[str, float]]:
    """(seconds in all, seconds of each kernel)."""
    spent = dict.fromkeys(KERNELS, 0.0)

    def timed(name: str, kernel: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(kernel)
        def call(*arguments: Any) -> Any:
            started = time.perf_counter()
            try:
                return kernel(*arguments)
            finally:
                spent[name] += time.perf_counter() - started

        return call

    patches = [patch.object(gram, kernel, timed(name, getattr(gram, kernel))) for name, kernel in KERNELS.items()]
    for one in patches:
        one.start()
    started = time.perf_counter()
    with Collector(subject.model, subject.layout, 8, True, DAMPING) as collector:
        collector.collect("eng", next(iter(subject.windows.values())))
    seconds = time.perf_counter() - started
    for one in patches:
        one.stop()
    return seconds, spent


def _forward(subject: Subject) -> dict[str, float]:
    """Seconds of the parts of forward passes over the windows."""
    found = dict.fromkeys((*FORWARD, "the rest"), 0.0)
    with inference(), profile(activities=[ProfilerActivity.CPU]) as profiled:
        for window in next(iter(subject.windows.values())).ids:
            ids = torch.tensor([[subject.model.bos or 0, *window]])
            subject.model.network(input_ids=ids, attention_mask=torch.ones_like(ids))
    for event in profiled.key_averages():
        part = next((part for part, names in FORWARD.items() if any(name in event.key for name in names)), "the rest")
        found[part] += event.self_cpu_time_total / 1e6
    return found


if __name__ == "__main__":
    main()
