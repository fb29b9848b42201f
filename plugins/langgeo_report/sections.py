"""The sections Reliability, Trees and Confounds: tables and sentences from the figures of three evaluators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langgeo_core.api import Metric, Run, schema
from langgeo_report.printing import interval, meaning, number, percent, probability
from langgeo_report.reading import CONFOUNDS, RELIABILITY, TREES, rows_of

_SENTENCES = {
    "split_half": "Rank correlation of the distances from two disjoint {pieces} of every text: {value:.3f} "
    "(Spearman{interval})",
    "split_half_whole": "Predicted for whole texts by the Spearman-Brown formula: {value:.3f}",
    "noise_floor": "Mean distance between the {pieces} of one language's text: {value:.4g}",
    "floor_share": "This is {percent:.0f} % of the mean distance between languages at {share} of the text",
    "below_floor": "{percent:.1f} % of the language pairs are not significantly farther apart than {pieces} of one "
    "text (false discovery rate 5 %)",
    "same_nearest": "{percent:.0f} % of the languages have the same nearest neighbour in two {pieces}",
    "agreement": "Rank correlation of the distances, {level}: {value:.3f} (Spearman, {n} languages)",
    "variance_pair": "{percent:.0f} % of the variance of distances is common to all models and corpora",
    "variance_model": "{percent:.0f} % is specific to a model",
    "variance_corpus": "{percent:.0f} % is specific to a corpus",
    "variance_residual": "{percent:.0f} % is unexplained",
}
TREE_NAMES = {"nj": "neighbour joining", "ward": "Ward", "upgma": "average linkage"}
GROUPS = "group-support"
PARTIAL_MANTEL = (
    "The p of unique is that of a partial Mantel test, which is biased: it rejects too often if the distances and "
    "the residual of the matrix both depend on something that no other matrix here fully captures, such as location or "
    "genealogy (Raufaste & Rousset 2001; Guillot & Rousset 2013)."
)
"""The caution shown with such a p."""


@dataclass(frozen=True)
class LanguageReliability:
    """A printed row: a language's noise floor, its nearest neighbour, and the languages not significantly different."""

    id: str
    name: str
    floor: str
    nearest: str
    distance: str
    ratio: str
    below: tuple[str, ...]


@dataclass(frozen=True)
class Reliability:
    """The sentences and rows of the section; both are empty if reliability was not measured."""

    sentences: tuple[str, ...]
    rows: tuple[LanguageReliability, ...]


def reliability(run: Run, metrics: Sequence[Metric]) -> Reliability:
    """Read reliability.csv and the reliability figures of metrics.csv."""
    names = {language.id: language.name or language.id for language in run.planned}
    return Reliability(
        tuple(_sentences(metrics, run.replicates.count if run.replicates else 0)),
        tuple(_reliability_row(row, names) for row in rows_of(run, schema.RELIABILITY)),
    )


def _sentences(metrics: Sequence[Metric], replicates: int) -> Iterator[str]:
    pieces, share = ("halves", "half") if replicates == 2 else (f"pieces (1/{replicates} each)", f"1/{replicates}")
    for metric in metrics:
        if metric.evaluator == RELIABILITY and metric.metric in _SENTENCES:
            ends = interval(metric, "{:.3f}".format)
            said = _SENTENCES[metric.metric].format(
                value=metric.value,
                percent=100 * metric.value,
                interval=f", {ends} over languages" if ends else "",
                n=metric.n,
                level=metric.level,
                pieces=pieces,
                share=share,
            )
            yield f"{said[0].upper()}{said[1:]}."


def _reliability_row(row: dict[str, Any], names: dict[str, str]) -> LanguageReliability:
    floor, distance = row["floor"], row["distance"]
    return LanguageReliability(
        row["language"],
        names.get(row["language"], row["language"]),
        "" if floor is None else f"{floor:.4f}",
        names.get(row["nearest"], row["nearest"]),
        "" if distance is None else f"{distance:.4f}",
        f"{distance / floor:.2f}" if distance is not None and floor else "",
        tuple(names.get(other, other) for other in row["below_floor"].split()),
    )


@dataclass(frozen=True)
class Fit:
    """A printed row: a figure of the run, and of each baseline in the order of `TreeFit.sources`."""

    name: str
    tree: str
    meaning: str
    value: str
    interval: str
    null: str
    p: str
    n: int
    others: list[str]


@dataclass(frozen=True)
class TreeFit:
    """The rows, the baselines in further columns, and for each tree a sentence on the support of its groups."""

    sources: list[str]
    rows: list[Fit]
    groups: list[str]


def tree_fit(metrics: Sequence[Metric], replicates: int) -> TreeFit:
    """The table; it has no rows if the run's trees were not evaluated.

    Parameters
    ----------
    replicates : number of trees over which support is a share
    """
    known = [metric for metric in metrics if metric.evaluator == TREES]
    named = [metric for metric in known if metric.metric.startswith(GROUPS)]
    figures = {(metric.source, metric.metric): metric for metric in known if metric not in named}
    sources = [source for source in dict.fromkeys(source for source, _ in figures) if source != "run"]
    own = [metric for (source, _), metric in figures.items() if source == "run"]
    rows = [_fit(metric, [figures.get((other, metric.metric)) for other in sources]) for metric in own]
    return TreeFit(sources, rows, list(_groups(named, replicates)))


def _groups(named: Sequence[Metric], replicates: int) -> Iterator[str]:
    """A sentence for each tree: its families and branches, by the number of trees without a replicate with them."""
    for tree in dict.fromkeys(metric.metric.partition(":")[2] for metric in named):
        counted: dict[int, list[str]] = {}
        for metric in named:
            if metric.metric == f"{GROUPS}:{tree}":
                counted.setdefault(round(replicates * metric.value), []).append(metric.level.partition(" ")[2])
        listed = (f"{', '.join(counted[count])} ({count} of {replicates})" for count in sorted(counted, reverse=True))
        which = f"Families and branches that are clades of the tree ({TREE_NAMES.get(tree, tree)})"
        yield f"{which}, and the number of trees without one replicate that also have them: {'; '.join(listed)}."


def _fit(metric: Metric, others: Sequence[Metric | None]) -> Fit:
    name, _, tree = metric.metric.partition(":")
    return Fit(
        name,
        TREE_NAMES.get(tree, tree),
        meaning(name),
        number(metric.value),
        interval(metric),
        number(metric.null_mean),
        probability(metric.p),
        metric.n,
        [number(other.value if other else None) for other in others],
    )


@dataclass(frozen=True)
class Predictor:
    """A printed row: how one matrix is associated with the distances. Missing figures are empty.

    `p` is that of `pearson`; `unique` and `share` have 95 % intervals; `width` is the share in per cent.
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
    """A table: all pairs, the pairs within one script (any), or those of a given script.

    `caution` is a remark on how to read it; it may be empty.
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
    """The tables of the run's own figures, in the order of the file; none if they were not evaluated."""
    scopes: dict[str, dict[str, Metric]] = {}
    for metric in metrics:
        if metric.evaluator == CONFOUNDS and metric.source == "run":
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
        chance="" if whole is None or whole.null_mean is None else percent(whole.null_mean),
        p="" if whole is None else probability(whole.p),
        n=whole.n if whole else 0,
        caution=PARTIAL_MANTEL if any(row.unique_p for row in rows) else "",
        predictors=sorted(rows, key=lambda row: -row.width),
    )


def _title(scope: str) -> str:
    if not scope:
        return "All pairs of languages"
    return "Pairs within one script (any)" if scope == "within-script" else f"Within the script {scope}"


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
    return "" if metric is None else percent(metric.value)


def _interval(metric: Metric | None) -> str:
    return "" if metric is None else interval(metric, percent)
