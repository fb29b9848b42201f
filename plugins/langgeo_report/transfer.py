"""The section Transfer: how well distances rank the sources of cross-lingual transfer, and which they rank first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from langgeo_core.api import Language, Metric
from langgeo_inference.api import holm
from langgeo_report.printing import in_brackets, number, probability
from langgeo_report.reading import SIGNIFICANT, TRANSFER, Roles, marked, place_of

PICK, MINUS = "pick:", ":minus-"
SCOPES = {
    "": "All pairs",
    "residual": "Without what is common to a target, to a source and to the size of its data",
    "across-scripts": "Sources in another script than the target",
}
HIGH_IS_GOOD = ("spearman", "kendall", "ndcg")


@dataclass(frozen=True)
class Scope:
    """A table: a row for the run and for each baseline, an entry for each of `figures`; and what is significant."""

    title: str
    targets: int
    figures: list[str]
    rows: list[tuple[str, list[str]]]
    sentence: str


@dataclass(frozen=True)
class Pick:
    """A printed row: the nearest source of a target, what it scores less than the best one, and a random one."""

    target: str
    source: str
    lost: str
    chance: str
    n: int


@dataclass(frozen=True)
class Transfer:
    """A task: its tables, the picks, the worst first, and a sentence on how sure they are."""

    name: str
    scopes: list[Scope]
    picks: list[Pick]
    sure: str


def transfers(metrics: Sequence[Metric], languages: Sequence[Language], roles: Roles) -> list[Transfer]:
    """The tasks in the order of the file; none if transfer was not evaluated."""
    own = [metric for metric in metrics if metric.evaluator == TRANSFER]
    names = {one.id: one.name or one.id for one in languages}
    names = {one.iso639_3: one.name or one.id for one in languages} | names
    return [_task(task, [one for one in own if one.level == task], names, roles)
            for task in dict.fromkeys(one.level for one in own)]  # fmt: skip


def _task(task: str, metrics: Sequence[Metric], names: Mapping[str, str], roles: Roles) -> Transfer:
    picks = [one for one in metrics if one.metric.startswith(PICK) and one.source == "run"]
    picks.sort(key=lambda one: -one.value)
    scopes = [scope for key, title in SCOPES.items() if (scope := _scope(key, title, metrics, roles)) is not None]
    return Transfer(task, scopes, [_pick(one, names) for one in picks], _sure(picks))


def _scope(key: str, title: str, metrics: Sequence[Metric], roles: Roles) -> Scope | None:
    found: dict[str, dict[str, Metric]] = {}
    gaps: list[Metric] = []
    for metric in metrics:
        name, _, baseline = metric.metric.partition(MINUS)
        figure, _, scope = name.partition("@")
        if scope != key or figure.startswith(PICK):
            continue
        if baseline:
            gaps.append(metric)
        else:
            found.setdefault(metric.source, {})[figure] = metric
    if "run" not in found:
        return None
    figures = list(found["run"])
    sources = ["run", *sorted((one for one in found if one != "run"), key=lambda one: place_of(one, roles))]
    rows = [(_called(one, roles), [_entry(found[one].get(figure)) for figure in figures]) for one in sources]
    chance = [found["run"][figure].null_mean for figure in figures]
    rows.append(("by chance", [number(one) for one in chance]))
    return Scope(title, max(one.n for one in found["run"].values()), figures, rows, _differences(gaps, roles))


def _called(source: str, roles: Roles) -> str:
    return "this run" if source == "run" else marked(source, roles)


def _entry(metric: Metric | None) -> str:
    return "" if metric is None else f"{number(metric.value)} {in_brackets(metric)}".strip()


def _differences(gaps: Sequence[Metric], roles: Roles) -> str:
    """What differs significantly from the baselines, p adjusted by Holm over all differences of the table."""
    tested = [one for one in gaps if one.p is not None]
    adjusted = holm([one.p for one in tested if one.p is not None])
    told = [_difference(one, p, roles) for one, p in zip(tested, adjusted, strict=True) if p < SIGNIFICANT]
    if not tested:
        return ""
    if not told:
        return f"No significant difference from the baselines (p adjusted by Holm’s method for {len(tested)})."
    return f"This run minus a baseline (p adjusted by Holm’s method for {len(tested)}): {'; '.join(told)}."


def _difference(gap: Metric, p: float, roles: Roles) -> str:
    name, _, baseline = gap.metric.partition(MINUS)
    figure = name.partition("@")[0]
    better = (gap.value > 0) == figure.startswith(HIGH_IS_GOOD)
    word = "better" if better else "worse"
    sign = "+" if gap.value > 0 else ""
    change = f"{sign}{number(gap.value)} {in_brackets(gap)}".strip()
    return f"{word} than {marked(baseline, roles)} in {figure} ({change}, p {probability(p)})"


def _pick(metric: Metric, names: Mapping[str, str]) -> Pick:
    target, _, source = metric.metric.removeprefix(PICK).partition(":")
    called = names.get(target, target), names.get(source, source)
    return Pick(*called, number(metric.value), number(metric.null_mean), metric.n)


def _sure(picks: Sequence[Metric]) -> str:
    """How often the nearest source was the best one, and how often better than one at random."""
    if not picks:
        return ""
    best = sum(one.value <= 0 for one in picks)
    better = sum(one.null_mean is not None and one.value < one.null_mean for one in picks)
    mean = sum(one.value for one in picks) / len(picks)
    chance = sum(one.null_mean or 0.0 for one in picks) / len(picks)
    return (
        f"The nearest source is the best one for {best} of {len(picks)} targets, and better than one at random for "
        f"{better}. It scores {number(mean)} less than the best on average, a source at random {number(chance)} less."
    )
