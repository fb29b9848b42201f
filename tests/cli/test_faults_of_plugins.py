"""Whatever a component raises, in whatever stage, the message names it, its plugin and its distribution."""

from __future__ import annotations

from typing import Any

import pytest
from tiny_run import PICTURES, Finished, Langgeo

from langgeo_core.api import LanggeoError, StorageError, explained
from langgeo_core.plugins.registry import installed


@pytest.mark.parametrize(
    ("kind", "name", "method", "stage"),
    [
        ("quantizers", "median", "fit", "compare"),
        ("aggregators", "mean", "aggregate", "aggregate"),
        ("embedders", "torgerson", "embed", "embed"),
        ("clusterers", "kmeans", "cluster", "cluster"),
        ("baselines", "char-ngrams", "distances", "evaluate"),
        ("exporters", "mst", "export", "report"),
    ],
)
def test_a_fault_in_any_stage(
    langgeo: Langgeo,
    own_run: Finished,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    name: str,
    method: str,
    stage: str,
) -> None:
    def broken(self: Any, *others: Any, **more: Any) -> None:
        raise ZeroDivisionError("made up")

    entry = installed().get(kind, name)
    monkeypatch.setattr(entry.component.load("factory"), method, broken)
    words = ("run", own_run.config, "--from", stage, "--out", own_run.folder, PICTURES)
    failed = langgeo("-q", *words)
    assert failed.code == 1
    assert f"the {kind.removesuffix('s')} {name} fails: ZeroDivisionError: made up\n" in failed.err
    assert f"the plugin {entry.origin.plugin} of {entry.origin.distribution} {entry.origin.version}" in failed.err
    assert "Traceback" not in failed.err
    assert "Traceback" in langgeo("-v", "-q", *words).err


def test_what_is_no_fault_of_a_plugin() -> None:
    own = StorageError("the disk is full")
    assert explained(own) is own
    assert "free some memory" in explained(MemoryError("many bytes")).hint
    assert explained(OSError(28, "No space left on device")).hint.startswith("free some space, then start")
    assert isinstance(explained(RecursionError()), LanggeoError)
