"""`python -m benchmarks [NAME …]`: measure, print a table, and write results.json.

Exit 1 only where a result is not equal to its reference's; how long anything takes decides nothing.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from benchmarks.measure import Result

RESULTS = Path(__file__).with_name("results.json")
BENCHMARKS = {
    "calibration": "calibration:run",
    "best-starter": "on_demand:run",
    "mplm-sim": "on_demand:run_sentences",
    "calibration-memory": "memory:run",
    "replicates": "replicates:run",
    "distances-dense": "distances:run_dense",
    "distances-numkong": "distances:run_numkong",
    "compare-7b": "comparing:run",
    "start-up": "startup:run",
    "kernels": "kernels:run",
    "prediction": "prediction:run",
    "planning": "planning:run",
    "dask-overhead": "executors:run",
}


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all anew; of results.json only the rows measured are replaced, each at once."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    if not names:
        RESULTS.unlink(missing_ok=True)
    results: list[Result] = []
    for name in names or BENCHMARKS:
        started = time.perf_counter()
        measured = _function(name)()
        _write(measured)
        results += measured
        print(f"{name}: done in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    print(table(results))
    return 0 if all(result.equal for result in results) else 1


def _function(name: str) -> Callable[[], list[Result]]:
    module, function = BENCHMARKS[name].split(":")
    found: Callable[[], list[Result]] = getattr(import_module(f"benchmarks.{module}"), function)
    return found


def _write(results: list[Result]) -> None:
    rows = {row["name"]: row for row in json.loads(RESULTS.read_text("utf-8"))} if RESULTS.is_file() else {}
    rows |= {result.name: {**asdict(result), "ratio": round(result.ratio, 3)} for result in results}
    RESULTS.write_text(json.dumps(list(rows.values()), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def table(results: list[Result]) -> str:
    """A line a result, and below them how each was measured."""
    lines = [f"{'benchmark':24}{'ratio':>8}{'target':>8}  {'equal':6}{'unit'}"]
    for result in results:
        target = "" if result.target is None else f"{result.target:g}"
        lines.append(
            f"{result.name:24}{result.ratio:8.2f}{target:>8}  {'yes' if result.equal else 'NO':6}{result.unit}"
        )
    notes = [f"{result.name}: {result.note}" for result in results]
    return "\n".join([*lines, "", *notes])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
