"""Imported once by the server that all commands are forked from: what a command imports, and compiled code."""

from __future__ import annotations

import os
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

# GNU's OpenMP, which Numba would take, does not survive a fork.
os.environ |= {"NUMBA_THREADING_LAYER": "workqueue", "NUMBA_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}

import torch
from fault_inputs import EVERY, small_run

from langgeo_core.cli import _exit_code

torch.set_num_threads(1)
HOME = Path(tempfile.mkdtemp(prefix="langgeo-faults-"))
os.environ["LANGGEO_CACHE"] = str(HOME / "cache")
PRINTED = StringIO()
with redirect_stdout(PRINTED), redirect_stderr(PRINTED):
    config = str(small_run(HOME / "input", EVERY))
    CODES = [
        _exit_code(["-q", "run", config, "--out", str(HOME / "run")]),
        _exit_code(["explain", str(HOME / "run"), "German", "English"]),
        _exit_code(["plan", config]),
    ]
"""Of a whole run over other files than any test's. What it keeps in memory it keeps under their paths."""
