"""Resident memory, in a process of its own: what a test session holds would hide it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

DEPTHS = (6, 30)
SHAPE = {
    "vocab_size": 64,
    "hidden_size": 256,
    "intermediate_size": 1024,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "max_position_embeddings": 256,
}
BLOCK = 4 * (4 * 256**2 + 3 * 256 * 1024)
GRAMS = 4 * (3 * 256**2 + 1024**2)
CHILD = """
import json, sys
from pathlib import Path
from tiny_models import random_windows
from langgeo_core.calibration.collect import Collector
from langgeo_core.calibration.sequential import runner
from langgeo_core.calibration.inputs import find_layout
from langgeo_hf.folder import FolderModel
from langgeo_hf.options import FolderOptions

def model(depth):
    return FolderModel(FolderOptions(path=str(Path(sys.argv[1]) / str(depth))))

def peak():
    # ru_maxrss would start at the peak of the process that started this one.
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))

def sequential(depth):
    streamed = model(depth).load_streamed("float32")
    with Collector(streamed, find_layout(streamed.network, [3] * 4, runner(streamed)), 1, True, 0.01) as collector:
        collector.collect_together([("eng", windows, [range(len(windows.ids))])], runner(streamed))
    return peak()

def one_pass(depth):
    loaded = model(depth).load("float32")
    with Collector(loaded, find_layout(loaded.network, [3] * 4), 1, True, 0.01) as collector:
        collector.collect("eng", windows)
    return peak()

windows = random_windows(0, 32, 32)
shallow, deep = int(sys.argv[2]), int(sys.argv[3])
print(json.dumps([sequential(shallow), sequential(deep), one_pass(deep)]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_peak_of_sequential_calibration_does_not_grow_with_depth(tmp_path: Path):
    from tiny_models import tokenizer
    from transformers import LlamaConfig, LlamaModel

    for depth in DEPTHS:
        LlamaModel(LlamaConfig(**SHAPE, num_hidden_layers=depth)).save_pretrained(tmp_path / str(depth))
        tokenizer().save_pretrained(tmp_path / str(depth))
    paths = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    # With a fixed threshold glibc gives a freed tensor back at once; otherwise the peak depends on what it keeps.
    malloc = {"MALLOC_MMAP_THRESHOLD_": "65536"}
    answer = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path), *map(str, DEPTHS)],
        env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1", **malloc},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    shallow, deep, whole = json.loads(answer.splitlines()[-1])
    more = DEPTHS[1] - DEPTHS[0]
    assert deep - shallow < 0.15 * more * (BLOCK + GRAMS)
    assert whole - deep > 0.5 * more * (BLOCK + GRAMS)
