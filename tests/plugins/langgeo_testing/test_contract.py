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
from contract_faults import outcomes
from tiny_run import made_up_text, save_tiny_model

from langgeo_core.api import UserError, installed
from langgeo_core.hooks import records
from langgeo_testing import Check, checks, write_run
from langgeo_testing.components import Contract, RecordContract

HEAVY = ("load", "network", "weights", "head", "tokens")
"""Words in the names of the checks that read the weights of a model."""
ABOUT_RECORDS = [name for name in vars(RecordContract) if not name.startswith("_")]
"""The checks that build nothing."""
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
    ("executors", "dask"): {"workers": 1},
    ("exporters", "figures"): {"dpi": 50, "formats": ["png"]},
    ("executors", "slurm"): {"cluster": "debug"},
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


@cache
def word_lists() -> Mapping[str, Any]:
    file = folder() / "forms.csv"
    words = {
        "deu": ("hunt", "a"),
        "eng": ("dag", "a"),
        "fra": ("Sya*", "L"),
        "tur": ("kopek", "yaprak"),
        "hin": ("k", "p"),
    }
    rows = [f"{code},{number},{word}" for code, both in words.items() for number, word in enumerate(both)]
    file.write_text("\n".join(["Language_ID,Parameter_ID,Form", *rows, ""]), encoding="utf-8")
    return {"path": str(file), "shared": 2}


@cache
def transfer_scores() -> Mapping[str, Any]:
    file = folder() / "scores.csv"
    known = ("deu", "eng", "fra", "tur", "hin", "rus")
    pairs = [(one, other) for one in known for other in known if one != other]
    rows = [f"{one},{other},{(5 * place) % 17}" for place, (one, other) in enumerate(pairs)]
    file.write_text("\n".join(["target,source,score", *rows, ""]), encoding="utf-8")
    return {"file": str(file), "permutations": 19, "resamples": 9}


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
    ("evaluators", "transfer"): transfer_scores,
    ("baselines", "file"): finished_run,
    ("baselines", "blend"): {"baselines": ["char-ngrams", "geography"]},
    ("baselines", "ldnd"): word_lists,
}

ELSEWHERE = {("corpora", "hub-text"), ("embedders", "umap")}
"""Components that the tests of their plugins check: one reads a hub, importing the other compiles for half a minute."""


def bundled() -> Iterator[records.Component]:
    for kind in records.KINDS:
        for entry in installed().all(kind):
            if entry.origin.distribution == "langgeo":
                yield entry.component


def marked(record: records.Component, *values: Any, chosen: str = "") -> Any:
    marks = [pytest.mark.starter] if record.requires and record.kind in ("models", "corpora") else []
    return pytest.param(*values, id=f"{record.kind}-{record.name}{chosen}", marks=marks)


def built() -> Iterator[Any]:
    """Every component with each of the options that it is tried with."""
    for record in bundled():
        key = (record.kind, record.name)
        if key not in ELSEWHERE:
            for options in (REQUIRED.get(key, SLOW_DEFAULTS.get(key)), *OTHER_OPTIONS.get(key, ())):
                chosen = "" if callable(options) or not options else f"({','.join(map(str, options.values()))})"
                yield marked(record, record, options, chosen=chosen)


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGGEO_CACHE", str(folder() / "cache"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", str(folder() / "mlruns"))  # else it is in the current folder


def is_heavy(check: Check) -> bool:
    """Whether a check reads the weights of a real model; the plugin's own tests do."""
    record = check.subject.record
    return bool(record.requires) and record.kind == "models" and any(word in check.name.split("_") for word in HEAVY)


@pytest.mark.parametrize("record", [marked(one, one) for one in bundled() if (one.kind, one.name) not in ELSEWHERE])
def test_the_record_of_a_bundled_component(record: records.Component) -> None:
    tried = [check for check in checks(record) if check.name in ABOUT_RECORDS]
    assert len(tried) == len(ABOUT_RECORDS)
    failed, skipped = outcomes(tried)
    assert failed == {}
    assert set(skipped.values()) <= {"it has no options"} or record.missing_packages()


@pytest.mark.parametrize(("record", "options"), list(built()))
def test_a_bundled_component_keeps_its_promises(record: records.Component, options: Any) -> None:
    if missing := record.missing_packages():
        pytest.skip(f"{', '.join(missing)} not installed")
    tried = [check for check in checks(record, options=options) if check.name not in ABOUT_RECORDS]
    failed, skipped = outcomes([check for check in tried if not is_heavy(check)])
    assert failed == {}
    assert all(skipped.values())
    assert len(tried) - len(skipped) >= 4


def test_every_bundled_component_is_tried() -> None:
    known = {(record.kind, record.name) for record in bundled()}
    assert {kind for kind, _ in known} == set(records.KINDS)
    tried = {(parameter.values[0].kind, parameter.values[0].name) for parameter in built()}
    assert tried == known - ELSEWHERE
    assert {*OTHER_OPTIONS, *SLOW_DEFAULTS, *REQUIRED, *ELSEWHERE} <= known


def test_every_kind_has_checks_of_its_own() -> None:
    common = {*ABOUT_RECORDS, *(name for name in vars(Contract) if not name.startswith("_"))}
    for kind in records.KINDS:
        found = checks(installed().all(kind)[0].component)
        names = [check.name for check in found]
        assert set(ABOUT_RECORDS) <= set(names)
        assert len(set(names) - common) >= 4, kind
        assert len(names) == len(set(names))
        assert all((check.function.__doc__ or "").endswith(".") for check in found)


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
    with pytest.raises(UserError, match="the scorer 'magnitude' has no options, but a is given"):
        check()


def test_importing_the_checks_is_light() -> None:
    code = "import sys, langgeo_testing; print(*{'torch', 'transformers', 'sklearn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
