"""What the distances go with besides relatedness: the figures of the evaluator `confounds` as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from langgeo_core.api import Metric
from langgeo_report.page.numbers import interval, number, probability

EVALUATOR = "confounds"

PARTIAL_MANTEL = (
    "The p of unique is that of a partial Mantel test, which is biased: it rejects too often where the distances and "
    "what is left of the matrix both follow something that no other matrix here takes up in full, such as place or "
    "descent (Raufaste & Rousset 2001; Guillot & Rousset 2013)."
)
"""What to beware of where such a p is shown."""


@dataclass(frozen=True)
class Predictor:
    """A row: what one matrix goes with. Texts are empty where there is no figure; `width` is its share in per cent.

    `p` is that of `pearson`; `unique` and `share` come with their 95 % intervals.
    """

    name: str
    pearson: str
    spearman: str
    p: str
    alone: str
    unique: str
    unique_interval: str
    unique_p: str
    share: str
    share_interval: str
    width: float
    n: int


@dataclass(frozen=True)
class Scope:
    """A table: all pairs, those within any one script, or those of a script.

    `caution` says what to beware of in it, where there is something.
    """

    title: str
    whole: str
    interval: str
    chance: str
    p: str
    n: int
    caution: str
    predictors: list[Predictor]


def confounds(metrics: Sequence[Metric]) -> list[Scope]:
    """Tables of the run's own figures, in the order of the file; none where they were not evaluated."""
    scopes: dict[str, dict[str, Metric]] = {}
    for metric in metrics:
        if metric.evaluator == EVALUATOR and metric.source == "run":
            name, _, scope = metric.metric.partition("@")
            scopes.setdefault(scope, {})[name] = metric
    return [_scope(name, found) for name, found in scopes.items()]


def _scope(name: str, found: Mapping[str, Metric]) -> Scope:
    whole = found.get("mrm-r2")
    names = dict.fromkeys(metric.partition(":")[2] for metric in found if ":" in metric)
    rows = [_predictor(predictor, found) for predictor in names]
    return Scope(
        title=_title(name),
        whole=_percent(whole),
        interval=_interval(whole),
        chance="" if whole is None or whole.null_mean is None else _share(whole.null_mean),
        p="" if whole is None else probability(whole.p),
        n=whole.n if whole else 0,
        caution=PARTIAL_MANTEL if any(row.unique_p for row in rows) else "",
        predictors=sorted(rows, key=lambda row: -row.width),
    )


def _title(scope: str) -> str:
    if not scope:
        return "All pairs of languages"
    return "Pairs within one script, whichever" if scope == "within-script" else f"Within the script {scope}"


def _predictor(name: str, found: Mapping[str, Metric]) -> Predictor:
    pearson, spearman = found.get(f"mantel-pearson:{name}"), found.get(f"mantel-spearman:{name}")
    share, unique = found.get(f"mrm-share:{name}"), found.get(f"mrm-unique:{name}")
    return Predictor(
        name,
        number(pearson.value if pearson else None),
        number(spearman.value if spearman else None),
        probability(pearson.p if pearson else None),
        _percent(found.get(f"mrm-alone:{name}")),
        _percent(unique),
        _interval(unique),
        probability(unique.p if unique else None),
        _percent(share),
        _interval(share),
        round(100 * share.value, 2) if share else 0.0,
        pearson.n if pearson else 0,
    )


def _percent(metric: Metric | None) -> str:
    return "" if metric is None else _share(metric.value)


def _interval(metric: Metric | None) -> str:
    return "" if metric is None else interval(metric, _share)


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"
