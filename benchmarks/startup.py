"""How long the command line takes to answer, in units of a bare interpreter."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.measure import Result, how, interleaved

ROUNDS, ALLOWANCE = 10, 20
HEAVY = ("torch", "transformers", "sklearn", "scipy", "pandas", "plotly", "numba")
COMMANDS = {"start-up --help": ["--help"], "start-up list": ["list"]}
_CHECK = "import sys; from langgeo_core.cli import _exit_code; _exit_code(sys.argv[1:]); print(*sys.modules)"


def run() -> list[Result]:
    """`langgeo --help` and `langgeo list`."""
    bare = [sys.executable, "-c", "pass"]
    commands = {name: [sys.executable, "-m", "langgeo_core", *words] for name, words in COMMANDS.items()}
    for command in commands.values():
        _output(command)
    timings = interleaved(
        {"bare": lambda: _output(bare), **{name: (lambda c=c: _output(c)) for name, c in commands.items()}},  # type: ignore[misc]
        ROUNDS,
    )
    results = []
    for name, words in COMMANDS.items():
        heavy = _heavy(words)
        note = (
            f"`langgeo {' '.join(words)}` takes {1000 * timings[name].seconds:.0f} ms, a bare `python -c pass` "
            f"{1000 * timings['bare'].seconds:.0f} ms; the ratio is {ALLOWANCE} bare starts over the time, so 1 means "
            f"as slow as {ALLOWANCE} of them; equal: the output is not empty and none of {', '.join(HEAVY)} is "
            f"imported{f' (found {heavy})' if heavy else ''}; {how(ROUNDS, 1)}"
        )
        budget = ALLOWANCE * timings["bare"].seconds / timings[name].seconds
        results.append(Result(name, budget, 1.0, bool(timings[name].value) and not heavy, "start-ups", note))
    return results


def _output(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _heavy(words: list[str]) -> list[str]:
    imported = set(_output([sys.executable, "-c", _CHECK, *words]).splitlines()[-1].split())
    return [name for name in HEAVY if name in imported]
