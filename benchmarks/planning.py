"""Planning of 100,000 cells: a thousand languages, ten models and ten corpora, none of which has weights."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from benchmarks.measure import Result, machine
from langgeo_core.api import CorpusIdentity, LanguageTable, ModelIdentity, Text, config_of, make_plan
from langgeo_core.config.resolved import Chosen, ResolvedConfig
from langgeo_core.contract.records import Corpus, Model, Origin

LANGUAGES, MODELS, CORPORA = 1000, 10, 10
SECONDS, MEGABYTES = 10.0, 500.0


def own_ids() -> Iterator[str]:
    """Ids that no other one stands for."""
    table = LanguageTable()
    taken = {language.id: table.lookup(language.id).id for language in table.all()}
    others = {other for one, other in taken.items() if one != other}
    return (one for one, other in sorted(taken.items()) if one == other and one not in others)


class ManyTexts:
    """A sentence in each of the languages, another one in each corpus."""

    made = 0

    def __init__(self) -> None:
        ManyTexts.made += 1
        self._number = ManyTexts.made
        self._ids = tuple(islice(own_ids(), LANGUAGES))

    def identity(self) -> CorpusIdentity:
        """One of ten."""
        return CorpusIdentity(f"corpus-{self._number}", "1", "CC0-1.0", "made up")

    def languages(self) -> tuple[str, ...]:
        """A thousand."""
        return self._ids

    def read(self, language: str) -> Text:
        """A sentence."""
        return Text(language, (f"the sentence of {language} in corpus {self._number}",), "made up")


class NoWeights:
    """A model of which there is the name alone."""

    made = 0

    def __init__(self) -> None:
        NoWeights.made += 1
        self._number = NoWeights.made

    def identity(self) -> ModelIdentity:
        """One of ten."""
        sha = hashlib.sha256(str(self._number).encode()).hexdigest()
        return ModelIdentity(f"model-{self._number}", sha, "1", "none", "made up")

    def tokenizer(self) -> None:
        """None: a plan reads no tokens."""


def config() -> ResolvedConfig:
    """That of `starter-small` over these models, corpora and languages."""
    found = config_of({"registry": None}, "starter-small", ("calibration.tokens=16", "calibration.window=16"))
    origin = Origin("benchmarks", "1", "benchmarks")
    model = Model("many", "Many.", "benchmarks.planning:NoWeights")
    corpus = Corpus("many", "Many.", "benchmarks.planning:ManyTexts")
    models = tuple(Chosen("models", f"m{number}", model, origin, None, "many") for number in range(MODELS))
    corpora = tuple(Chosen("corpora", f"c{number}", corpus, origin, None, "many") for number in range(CORPORA))
    settings = found.settings.model_copy(update={"languages": ("all",)})
    return replace(found, settings=settings, choices={**found.choices, "models": models, "corpora": corpora})


def measured() -> dict[str, float]:
    """Seconds and peak memory of one plan in this process, its number of cells and of their addresses."""
    resolved = config()
    started = time.perf_counter()
    plan = make_plan(resolved)
    seconds = time.perf_counter() - started
    # Not getrusage: its peak begins with that of the process that started this one.
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    return {"seconds": seconds, "megabytes": peak, "cells": len(plan.cells), "keys": len({c.key for c in plan.cells})}


def run() -> list[Result]:
    """Time and memory against ten seconds and 500 MB."""
    code = "import json; from benchmarks.planning import measured; print(json.dumps(measured()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    cells = LANGUAGES * MODELS * CORPORA
    equal = found["cells"] == found["keys"] == cells
    note = (
        f"{cells:,} cells planned in {found['seconds']:.1f} s with a peak of {found['megabytes']:.0f} MB, libraries "
        f"included; equal: every cell has an address of its own; one round, {machine()}"
    )
    return [
        Result("planning-time", SECONDS / found["seconds"], 1.0, equal, "times within ten seconds", note),
        Result("planning-memory", MEGABYTES / found["megabytes"], 1.0, equal, "times within 500 MB", note),
    ]
