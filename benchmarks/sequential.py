"""Memory of sequential calibration: it does not grow with depth, and Mistral 7B's true shape fits in 12 GiB.

`python -m benchmarks.sequential` measures both, each case in a process of its own, with random weights in bfloat16.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import cores, machine

GIB = 1 << 30
SMALL = {"hidden_size": 512, "intermediate_size": 1536, "num_attention_heads": 8, "num_key_value_heads": 4}
MISTRAL = {"hidden_size": 4096, "intermediate_size": 14336, "num_attention_heads": 32, "num_key_value_heads": 8}
PUBLISHED = 524_288
"""Tokens a language in the published study."""


@dataclass(frozen=True)
class Case:
    """A random model and how it is calibrated."""

    shape: dict[str, int]
    blocks: int
    windows: int
    window: int
    mode: str = "sequential"
    dtype: str = "bfloat16"
    vocabulary: int = 2000


CASES = {
    "sequential, 6 blocks": Case(SMALL, 6, 8, 256),
    "sequential, 24 blocks": Case(SMALL, 24, 8, 256),
    "one pass, 6 blocks": Case(SMALL, 6, 8, 256, "one-pass"),
    "one pass, 24 blocks": Case(SMALL, 24, 8, 256, "one-pass"),
    "Mistral 7B's shape, 2 blocks": Case(MISTRAL, 2, 2, 4096, vocabulary=32000),
}


def main(names: list[str]) -> None:
    """Measure the named cases, or all."""
    print(machine())
    for name in names or CASES:
        with tempfile.TemporaryDirectory() as folder:
            _save(CASES[name], Path(folder))
            command = [sys.executable, "-m", "benchmarks.sequential", "--child", name, folder]
            answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        print(f"{name}: {answer['peak'] / GIB:.2f} GiB more than at the start, {answer['seconds']:.0f} s", flush=True)
        if CASES[name].shape is MISTRAL:
            _extrapolate(CASES[name], answer)


def _extrapolate(case: Case, answer: dict[str, Any]) -> None:
    """What is left of the published 524,288 tokens are hidden states: blocks are alike, and one is there at a time."""
    states = (PUBLISHED - case.windows * case.window) * case.shape["hidden_size"] * 2
    total = answer["start"] + answer["peak"] + states
    print(f"  predicted {answer['predicted'] / GIB:.2f} GiB; the whole process with {PUBLISHED} tokens, by arithmetic:")
    print(f"  {answer['start'] / GIB:.2f} + {answer['peak'] / GIB:.2f} + {states / GIB:.2f} = {total / GIB:.2f} GiB")


def _save(case: Case, folder: Path) -> None:
    """A checkpoint with one file for each block, written in turns so that little memory is needed."""
    import torch
    from accelerate import init_empty_weights
    from safetensors.torch import save_file
    from transformers import MistralConfig, MistralModel

    config = MistralConfig(
        **case.shape,
        num_hidden_layers=case.blocks,
        vocab_size=case.vocabulary,
        max_position_embeddings=8192,
        sliding_window=None,
        bos_token_id=1,
    )
    config.save_pretrained(folder)
    _tokenizer(folder)
    with init_empty_weights(include_buffers=False):
        network = MistralModel(config)
    source, weight_map = torch.Generator().manual_seed(0), {}
    for name in network.state_dict():
        part = name.split(".")[1] if name.startswith("layers.") else "rest"
        weight_map[name] = f"model-{part}.safetensors"
    for file in sorted(set(weight_map.values())):
        tensors = {}
        for name in (name for name, where in weight_map.items() if where == file):
            shape = network.state_dict()[name].shape
            drawn = torch.randn(shape, generator=source, dtype=torch.float32) * 0.02
            tensors[name] = (drawn if len(shape) > 1 else torch.ones(shape)).to(torch.bfloat16)
        save_file(tensors, folder / file, metadata={"format": "pt"})
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))


def _tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = Tokenizer(models.WordLevel({"<pad>": 0, "<s>": 1, "<unk>": 2, "word": 3}, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    made = PreTrainedTokenizerFast(tokenizer_object=words, pad_token="<pad>", bos_token="<s>", unk_token="<unk>")
    made.save_pretrained(folder)


def child(name: str, folder: Path) -> None:
    """Calibrate one case here and print {peak, start, predicted, seconds}: bytes, and seconds without loading."""
    import numpy as np
    import psutil
    import torch

    from benchmarks.measure import threads
    from benchmarks.memory import peak_of
    from langgeo_core.calibration.collect import Collector
    from langgeo_core.calibration.inputs import find_layout
    from langgeo_core.calibration.modes import Sequential, footprint, open_model
    from langgeo_core.calibration.sequential import runner
    from langgeo_core.calibration.windows import Windows
    from langgeo_core.config.schema import CalibrationSettings
    from langgeo_hf.folder import FolderModel
    from langgeo_hf.options import FolderOptions

    case = CASES[name]
    draw = np.random.default_rng(0)
    ids = draw.integers(3, case.vocabulary, (case.windows, case.window))
    windows = Windows(tuple(tuple(map(int, row)) for row in ids))
    settings = CalibrationSettings(mode=case.mode, device="cpu", dtype=case.dtype, batch=1, window=case.window)
    model = FolderModel(FolderOptions(path=str(folder)))

    def work() -> float:
        opened = open_model(model, name, settings)
        layout = find_layout(opened.model.network, [3] * 4, runner(opened.model))
        started = time.perf_counter()
        with Collector(opened.model, layout, 1, True, 0.01) as collector:
            if isinstance(opened, Sequential):
                collector.collect_together([("eng", windows, [range(len(windows.ids))])], runner(opened.model))
            else:
                collector.collect("eng", windows)
        return time.perf_counter() - started

    outline = model.outline(case.dtype)
    start = psutil.Process().memory_info().rss
    torch.manual_seed(0)
    with threads(cores()):
        peak, seconds = peak_of(work)
    predicted = footprint(outline).sequential(windows.tokens + len(windows.ids), case.window)
    print(json.dumps({"peak": peak, "start": start, "predicted": predicted, "seconds": seconds}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], Path(sys.argv[3]))
    else:
        main(sys.argv[1:])
