"""What a run gives, without what may differ between two runs: times, and which cells were in the store."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from safetensors import SafetensorError, safe_open

MAY_DIFFER = ("started", "times", "cells_calibrated", "cells_reused", "incidents", "files", "checksum")


def results(run: Path) -> dict[str, bytes]:
    """The contents of the files of a run folder by their names."""
    found = {}
    for file in sorted(run.rglob("*")):
        name = file.relative_to(run).as_posix()
        if file.is_file() and name not in ("run.log", "run.lock") and not file.name.startswith("."):
            try:
                found[name] = _content(file)
            except (OSError, ValueError, LookupError, SafetensorError):  # damaged, so none that a run gives
                found[name] = b"cannot be read"
    return found


def _content(file: Path) -> bytes:
    if file.name == "run.json":
        record = json.loads(file.read_bytes())
        return json.dumps({key: record[key] for key in sorted(record) if key not in MAY_DIFFER}).encode()
    if file.name == "cells.csv":
        with file.open(encoding="utf-8", newline="") as lines:
            rows = [{**row, "seconds": "", "status": ""} for row in csv.DictReader(lines)]
        return json.dumps(rows).encode()
    if file.suffix == ".safetensors":  # the order of the metadata differs from process to process
        with safe_open(file, "numpy") as stored:
            tensors = {name: stored.get_tensor(name).tobytes() for name in sorted(stored.keys())}
            return repr((sorted((stored.metadata() or {}).items()), tensors)).encode()
    return file.read_bytes()


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    """The names of the files that differ, or that one lacks."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def incidents(run: Path) -> str:
    """The messages of a run's incidents."""
    try:
        record = json.loads((run / "run.json").read_bytes())
        return "\n".join(incident["message"] for incident in record["incidents"])
    except (OSError, ValueError, LookupError, TypeError):
        return ""
