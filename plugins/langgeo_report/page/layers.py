"""Where in the network the agreement lies: the figures of the evaluator `layers` as curves, sentences and a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from langgeo_core.api import Metric, holm
from langgeo_report.page.glossary import title
from langgeo_report.page.numbers import interval, number, probability
from langgeo_report.page.tested import SIGNIFICANT

EVALUATOR = "layers"
GREEDY = "nn1-greedy-"
MOST_TAKEN = 3
PREFERRED = "branch"


@dataclass(frozen=True)
class Part:
    """A figure of a part of a network alone: `kind` is whole, layer, module, depth or matrix, `name` what follows."""

    figure: str
    clusterer: str
    kind: str
    name: str
    metric: Metric


@dataclass(frozen=True)
class Choice:
    """A row of the table: a greedy choice of one kind of part at one level, as it is printed."""

    level: str
    kind: str
    promised: str
    kept: str
    whole: str
    gain: str
    interval: str
    steps: str
    taken: str


@dataclass(frozen=True)
class Network:
    """What the section says of one model."""

    name: str
    level: str
    parts: tuple[Part, ...]
    sentences: tuple[str, ...]
    choices: tuple[Choice, ...]


def networks(metrics: Sequence[Metric]) -> list[Network]:
    """One for each model, at branch level or else the last there is; none where the evaluator did not run."""
    models: dict[str, list[Metric]] = {}
    for metric in metrics:
        if metric.evaluator == EVALUATOR and metric.source == "run":
            models.setdefault(_model(metric), []).append(metric)
    return [_network(name, own) for name, own in models.items()]


def _model(metric: Metric) -> str:
    return metric.metric.partition(":")[2].rpartition("/")[0]


def _network(name: str, metrics: Sequence[Metric]) -> Network:
    levels = list(dict.fromkeys(metric.level for metric in metrics))
    level = PREFERRED if PREFERRED in levels else levels[-1]
    own = {(_unprefixed(metric), metric.clusterer): metric for metric in metrics if metric.level == level}
    return Network(name, level, tuple(_parts(own)), tuple(_sentences(own)), tuple(_choices(metrics)))


def _unprefixed(metric: Metric) -> str:
    figure, _, part = metric.metric.partition(":")
    return f"{figure}:{part.rpartition('/')[2]}"


def _parts(metrics: Mapping[tuple[str, str], Metric]) -> Iterator[Part]:
    for (text, clusterer), metric in metrics.items():
        figure, _, part = text.partition(":")
        if not figure.endswith("-lost") and "greedy" not in figure:
            kind, _, name = part.partition("-")
            yield Part(figure, clusterer, kind, name, metric)


def _sentences(metrics: Mapping[tuple[str, str], Metric]) -> Iterator[str]:
    """For the first figure: the best layer and module alone, and the ones that are missed most."""
    parts = list(_parts(metrics))
    if not parts:
        return
    figure, clusterer = parts[0].figure, parts[0].clusterer
    whole = [number(part.metric.value) for part in parts if part.kind == "whole"]
    for kind in ("layer", "module"):
        alone = [part for part in parts if (part.figure, part.clusterer, part.kind) == (figure, clusterer, kind)]
        if alone:
            best = max(alone, key=lambda part: part.metric.value)
            said = f"Of the {kind}s alone {best.name} has the best {title(figure)}, {number(best.metric.value)}"
            yield f"{said}; the whole network has {whole[0]}." if whole else f"{said}."
        lost = [one for (text, _), one in metrics.items() if text.startswith(f"{figure}-lost:{kind}-")]
        if lost:
            yield _missed(kind, lost)


def _missed(kind: str, lost: Sequence[Metric]) -> str:
    """Of the part without which the figure is lowest, which is chosen among all: its p is corrected for them."""
    most = max(lost, key=lambda metric: metric.value)
    name, change = most.metric.rpartition(f"{kind}-")[2], f"{number(most.value)} ({interval(most)})"
    if most.p is None:
        return f"The most is lost without the {kind} {name}, {change}; not tested."
    others = [metric.p for metric in lost if metric.p is not None and metric is not most]
    p = holm([most.p, *others])[0]
    tested = f"p {probability(p)} by Holm over {1 + len(others)}"
    if most.value > 0 and p < SIGNIFICANT:
        return f"Without the {kind} {name} it is lower by {change}; {tested}."
    return f"No {kind} is surely missed: the most is lost without {name}, {change}; {tested}."


def _choices(metrics: Sequence[Metric]) -> Iterator[Choice]:
    for metric in metrics:
        figure, _, kind = _unprefixed(metric).partition(":")
        if figure == f"{GREEDY}gain":
            found = {_unprefixed(one): one for one in metrics if one.level == metric.level}
            promised, kept, whole = (found[f"{GREEDY}{name}:{kind}"] for name in ("promised", "kept", "whole"))
            steps = f"{found[f'greedy-steps:{kind}'].value:.1f}"
            taken = _taken(found, kind)
            yield Choice(
                metric.level,
                kind,
                number(promised.value),
                number(kept.value),
                number(whole.value),
                number(metric.value),
                interval(metric),
                steps,
                taken,
            )


def _taken(metrics: Mapping[str, Metric], kind: str) -> str:
    """The parts that are in most of the choices."""
    start = f"greedy-taken:{'matrix' if kind == 'matrices' else kind[:-1]}-"
    shares = {text.removeprefix(start): metric.value for text, metric in metrics.items() if text.startswith(start)}
    most = sorted(shares, key=lambda name: -shares[name])[:MOST_TAKEN]
    return ", ".join(f"{name} ({shares[name]:.0%})" for name in most if shares[name])
