"""What `plan` says of the distances among replicates of texts."""

from __future__ import annotations

import json
from pathlib import Path

from tiny_run import Langgeo


def test_distances_among_replicates_are_predicted(langgeo: Langgeo, tiny_config: Path) -> None:
    def planned(*words: str) -> dict[str, float] | None:
        done = langgeo("plan", tiny_config, "--no-probe", "--json", *words)
        assert done.code == 0, done.err
        found: dict[str, float] | None = json.loads(done.out)["prediction"]["replicates"]
        return found

    assert planned() is None
    plain = planned("reliability.replicates=4")
    assert plain == {"count": 32, "memory": 4 * 8 * 32**2, "disk": 2 * 20 * 32**2, "seconds": 0.0}
    white = planned("reliability.replicates=4", "transforms=[whiten-within]")
    assert white is not None and white["memory"] == 12 * 8 * 32**2
    assert white["seconds"] > 0
    said = langgeo("plan", tiny_config, "--no-probe", "reliability.replicates=4", "transforms=[whiten-within]").out
    assert "distances among 32 replicates: 98.3 kB of memory, 41 kB of disk, a transform of them up to" in said
