"""How long a run takes by the number of workers, simulated from measured times: `python -m benchmarks.scaling RUN`.

Workers take items from one queue. An item takes its model's loading, unless the worker's last item was of the same
model, and its cells' seconds, drawn from those of RUN's cells.csv; then its cells are written to the store, one worker
at a time. A worker is lost after an exponential time and replaced; its item goes back into the queue without the cells
that it had filled.
"""

from __future__ import annotations

import csv
import heapq
import random
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

WORKERS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
STUDIES = {"954 cells": (3, 318), "100,000 cells": (10, 10_000)}
"""Models, and cells of each."""


@dataclass(frozen=True)
class Setting:
    """Times in seconds.

    Parameters
    ----------
    cells : measured times of cells
    load : until a model is in memory
    write : how long a cell keeps the store busy
    life : mean time until a worker is lost
    start : until a worker that was lost is replaced
    texts : cells of an item
    """

    cells: Sequence[float]
    load: float = 20.0
    write: float = 0.01
    life: float = 6 * 3600.0
    start: float = 60.0
    texts: int = 8


def simulated(setting: Setting, models: int, cells: int, workers: int, seed: int = 0) -> float:
    """Seconds until the last cell is in the store."""
    source = random.Random(seed)
    counts = [min(setting.texts, cells - begun) for begun in range(0, cells, setting.texts)]
    queue = deque((model, count) for model in range(models) for count in counts)
    free = [(0.0, number, -1, source.expovariate(1 / setting.life)) for number in range(workers)]
    store = finished = 0.0
    while queue:
        at, number, held, death = heapq.heappop(free)
        model, count = queue.popleft()
        clock, done = at + (setting.load if model != held else 0.0), 0
        while done < count and (clock := clock + source.choice(setting.cells)) < death:
            done += 1
        if done < count:  # lost: what it filled stays
            queue.append((model, count - done))
            again = death + setting.start
            heapq.heappush(free, (again, number, -1, again + source.expovariate(1 / setting.life)))
            continue
        store = max(store, clock) + count * setting.write
        finished = max(finished, store)
        heapq.heappush(free, (store, number, model, death))
    return finished


def main(folder: str) -> None:
    """A table for each study: hours, and the share of what so many workers could do."""
    with (Path(folder) / "cells.csv").open(encoding="utf-8", newline="") as file:
        seconds = [float(row["seconds"]) for row in csv.DictReader(file) if row["status"] == "calibrated"]
    setting = Setting(seconds)
    mean = sum(seconds) / len(seconds)
    print(f"{len(seconds)} measured cells, {mean:.1f} s on average; {setting.load:.0f} s to load a model, "
          f"{setting.write} s a cell in the store, a worker lost every {setting.life / 3600:.0f} h")  # fmt: skip
    for name, (models, cells) in STUDIES.items():
        print(f"\n{name}\nworkers  hours  efficiency")
        for workers in WORKERS:
            runs = [simulated(setting, models, cells, workers, seed) for seed in range(3)]
            hours = sorted(runs)[1] / 3600
            print(f"{workers:7}  {hours:5.2f}  {models * cells * mean / 3600 / workers / hours:.0%}")


if __name__ == "__main__":
    main(*sys.argv[1:])
