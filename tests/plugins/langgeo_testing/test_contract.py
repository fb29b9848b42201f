"""Every component that ships with langgeo keeps the promises of its kind."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from tiny_run import made_up_text, save_tiny_model

from langgeo_core.contract.errors import UserError
from langgeo_core.contract.records import KINDS, Component
from langgeo_core.plugins.registry import installed
from langgeo_testing import Check, checks
from langgeo_testing.run_folder import write_run

HEAVY = ("load", "network", "weights", "head", "tokens")
"""Words in the names of the checks that read the weights of a model."""
OTHER_OPTIONS: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("scorers", "sparsegpt"): [{"diagonal": "cholesky"}],
    ("scorers", "wanda"): [{"damped": True}],
    ("quantizers", "median"): [{"scope": "layer"}, {"scope": "global"}],
    ("quantizers", "quantile"): [{"keep": 0.2, "scope": "layer"}],
    ("aggregators", "mean"): [{"normalise": "always"}],
    ("aggregators", "distatis"): [{"squared": True}],
    ("transforms", "whiten"): [{"power": 0.5, "share": 1.0}],
    ("transforms", "local-scaling"): [{"form": "ratio", "neighbours": 2}],
    ("transforms", "partial-out"): [{"confounds": ["glottolog-tree"]}],
    ("embedders", "torgerson"): [{"transform": "sqrt", "axes": 2}],
    ("embedders", "smacof"): [{"metric": False, "n_init": 2}],
    ("clusterers", "kmeans"): [{"k": 2, "seeds": 1}],
    ("clusterers", "agglomerative"): [{"linkage": "ward"}, {"linkage": "single"}],
    ("clusterers", "hdbscan"): [{"min_cluster_size": 4, "cluster_selection_method": "leaf"}],
    ("baselines", "char-ngrams"): [{"n": 3, "letters": True, "root": False}],
}
"""What else is tried beside the defaults."""
SLOW_DEFAULTS: dict[tuple[str, str], dict[str, Any]] = {
    ("evaluators", "glottolog"): {"permutations": 19, "subsamples": 4},
    ("evaluators", "trees"): {"permutations": 19, "subsamples": 4},
    ("evaluators", "confounds"): {"permutations": 19, "subsamples": 4},
    ("embedders", "tsne"): {"max_iter": 250},
    ("corpora", "synthetic"): {"sentences": 40},
    ("models", "byte-lm"): {"steps": 2, "layers": 1, "width": 16, "heads": 2},
}


@cache
def folder() -> Path:
    made = Path(mkdtemp(prefix="langgeo-contract-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


@cache
def tiny_model() -> Mapping[str, Any]:
    return {"path": str(save_tiny_model(folder() / "model", seed=0))}


@cache
def texts() -> Mapping[str, Any]:
    target = folder() / "texts"
    target.mkdir()
    for language in ("deu", "fin", "cmn_Hans"):
        lines = textwrap.fill(made_up_text(language, 2000), width=40)
        (target / f"{language}.txt").write_text(lines, encoding="utf-8")
    return {"path": str(target)}


@cache
def classes() -> Mapping[str, Any]:
    file = folder() / "classes.csv"
    file.write_text("language,order\ndeu,SOV\neng,SVO\nfra,SVO\ntur,SOV\nhin,SOV\nrus,SVO\n", encoding="utf-8")
    return {"file": str(file), "permutations": 19, "subsamples": 4}


@cache
def finished_run() -> Mapping[str, Any]:
    return {"path": str(write_run(folder() / "run"))}


def another_corpus() -> Mapping[str, Any]:
    return {"corpus": {"name": "text-folder", **texts()}}


def one_language() -> Mapping[str, Any]:
    return {**another_corpus(), "language": "deu"}


def another_model() -> Mapping[str, Any]:
    return {"model": {"name": "huggingface", **tiny_model()}}


REQUIRED = {
    ("models", "huggingface"): tiny_model,
    ("models", "random-init"): another_model,
    ("corpora", "text-folder"): texts,
    ("corpora", "shuffled"): another_corpus,
    ("corpora", "pieces"): one_language,
    ("evaluators", "labels"): classes,
    ("baselines", "file"): finished_run,
}

ELSEWHERE = {("corpora", "hub-text"): "reads a hub, which its own tests stand in for"}
"""Components that cannot be built here."""


def bundled() -> Iterator[Component]:
    for kind in KINDS:
        for entry in installed().all(kind):
            if entry.origin.distribution == "langgeo":
                yield entry.component


def all_checks() -> Iterator[Any]:
    for record in bundled():
        key = (record.kind, record.name)
        for options in (REQUIRED.get(key, SLOW_DEFAULTS.get(key)), *OTHER_OPTIONS.get(key, ())):
            chosen = "" if callable(options) or not options else f"({','.join(map(str, options.values()))})"
            for check in checks(record, options=options):
                marks = [pytest.mark.starter] if record.requires and record.kind in ("models", "corpora") else []
                yield pytest.param(check, id=f"{record.kind}-{record.name}{chosen}-{check}", marks=marks)


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGGEO_CACHE", str(folder() / "cache"))


def builds(check: Check) -> bool:
    return check.name not in ("name_can_be_written_in_a_config", "summary_is_one_sentence", "factory_loads",
                              "options_are_described", "unknown_options_are_refused")  # fmt: skip


def is_heavy(check: Check) -> bool:
    return check.subject.record.kind == "models" and any(word in check.name.split("_") for word in HEAVY)


@pytest.mark.parametrize("check", list(all_checks()))
def test_a_bundled_component_keeps_its_promises(check: Check) -> None:
    if check.subject.record.requires and is_heavy(check):
        pytest.skip("reads the weights of a real model; its own tests do")
    if (reason := ELSEWHERE.get((check.subject.record.kind, check.subject.record.name))) and builds(check):
        pytest.skip(reason)
    check()


def test_every_bundled_component_is_checked() -> None:
    kinds = {record.kind for record in bundled()}
    assert kinds == set(KINDS)
    tried = {
        (parameter.values[0].subject.record.kind, parameter.values[0].subject.record.name) for parameter in all_checks()
    }
    assert tried == {(record.kind, record.name) for record in bundled()}
    assert {key for key in (*OTHER_OPTIONS, *SLOW_DEFAULTS, *REQUIRED)} <= tried


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_checks_beyond_those_of_every_record(kind: str) -> None:
    record = installed().all(kind)[0].component
    names = [check.name for check in checks(record)]
    common = [check.name for check in checks(installed().get("distances", "hamming").component)]
    own = [name for name in names if name not in common] if kind != "distances" else names[8:]
    assert len(own) >= 4
    assert len(names) == len(set(names))
    assert all((check.function.__doc__ or "").endswith(".") for check in checks(record))


def test_a_component_may_be_named_by_kind_and_name() -> None:
    named, given = checks("scorer", "wanda"), checks(installed().get("scorers", "wanda").component)
    assert [str(check) for check in named] == [str(check) for check in given]
    with pytest.raises(UserError, match="no scorer is named 'wnda'"):
        checks("scorers", "wnda")


def test_options_that_are_needed_and_not_given_are_named() -> None:
    (check,) = [check for check in checks("corpora", "text-folder") if check.name == "component_can_be_built"]
    with pytest.raises(UserError, match=r"pass checks\(…, options={'path': …}\)"):
        check()


def test_options_of_a_component_without_any_are_refused() -> None:
    (check,) = [
        check for check in checks("scorers", "magnitude", options={"a": 1}) if check.name == "component_can_be_built"
    ]
    with pytest.raises(UserError, match="the scorer 'magnitude' has no options, and a is given"):
        check()


def test_importing_the_checks_is_light() -> None:
    code = "import sys, langgeo_testing; print(*{'torch', 'transformers', 'sklearn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
