"""A few sentences on how far the run can be trusted, and the numbers that they are based on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langgeo_core.api import Metric
from langgeo_core.hooks import records
from langgeo_inference.api import DROWNED, FEW, TINY
from langgeo_report.deciding import OVER, Compared, Tested, compared, decisive, listed, named, strongest
from langgeo_report.printing import class_interval, probability, spread
from langgeo_report.reading import ACROSS, BY_SCRIPT, RELIABILITY, SIGNIFICANT, Excesses, of_score_card

DEGENERATE = "cannot tell languages apart"
UNKNOWN = "No metric of this run can be tested against chance, so it is unknown whether the map is better than chance."
PLACES = {
    "ahead": "better than",
    "behind": "worse than",
    "mixed": "better in one figure and worse in another than",
    "level": "not significantly different from",
    "untested": "without a paired test against",
}
"""How a run compares with something that is no text baseline."""
BY_FIGURE = {
    "ahead": "better",
    "behind": "worse",
    "level": "not significantly different",
    "untested": "without a paired test",
}
"""How a figure of the run compares with the strongest text baseline's."""
KINDS = {
    "rivals": "",
    "facts": " (facts about the languages)",
    "runs": " (another run)",
    "controls": " (not trained)",
    "ceilings": " (ceiling, built from the classification itself)",
}
"""The groups of baselines in `Evidence`, and the remark after their names."""


@dataclass(frozen=True)
class Evidence:
    """The deciding figures, and each baseline compared with them, by its role.

    Parameters
    ----------
    drowned : the share of language pairs below the noise floor, if it is at least `DROWNED`
    """

    figures: list[Tested]
    rivals: Mapping[str, list[Compared]]
    facts: Mapping[str, list[Compared]]
    runs: Mapping[str, list[Compared]]
    controls: Mapping[str, list[Compared]]
    ceilings: Mapping[str, list[Compared]]
    drowned: float | None = None

    @property
    def signal(self) -> list[Tested]:
        """The figures that are significantly above chance."""
        return [figure for figure in self.figures if figure.exceeds_chance]

    @property
    def untestable(self) -> bool:
        """Whether every figure is as high as it can be, and still not significantly above chance."""
        return not self.signal and all(figure.metric.value > 1 - TINY for figure in self.figures)

    @property
    def strongest(self) -> list[Compared]:
        """For each deciding figure that rivals have too, the comparison with the strongest of them."""
        rows = [row for of_one in self.rivals.values() for row in of_one]
        by_figure = [[row for row in rows if row.metric is figure.metric] for figure in self.figures]
        return [strongest(found) for found in by_figure if found]

    @property
    def comparisons(self) -> list[Compared]:
        """The deciding figures beside those of every baseline."""
        groups = self.rivals, self.facts, self.runs, self.controls, self.ceilings
        return [row for group in groups for rows in group.values() for row in rows]

    @property
    def languages(self) -> int:
        """The largest number of languages of a deciding figure."""
        return max(figure.metric.n for figure in self.figures)


@dataclass(frozen=True)
class Verdict:
    """The sentences, their tone (`good`, `weak`, `none` or `unknown`), and the evidence for them."""

    text: str
    tone: str
    evidence: Evidence

    def differences(self, excesses: Excesses) -> tuple[Excesses, list[Compared]]:
        """All that may be marked as significant, and what of it the verdict tested; nothing of too few languages."""
        few = bool(self.evidence.figures) and self.evidence.untestable
        return ({}, []) if few else (excesses, self.evidence.comparisons)


def verdict(
    record: Mapping[str, Any],
    metrics: Sequence[Metric],
    excesses: Excesses | None = None,
    roles: Mapping[str, str] | None = None,
) -> Verdict:
    """The deciding figures compared with chance, scripts and baselines; or the verdict in run.json, if it has one.

    Parameters
    ----------
    roles : `Run.baseline_roles`; a baseline without a role is a rival
    """
    found = evidence(metrics, excesses or {}, roles or {})
    if record.get("status") == "degenerate":
        return Verdict(_sentence(record.get("verdict") or DEGENERATE), "none", found)
    if not found.figures:
        return Verdict(_sentence(str(record.get("verdict") or UNKNOWN)), "unknown", found)
    return Verdict(_sentence(str(record.get("verdict") or " ".join(_sentences(found)))), _tone(found), found)


def evidence(metrics: Sequence[Metric], excesses: Excesses, roles: Mapping[str, str]) -> Evidence:
    """Rivals, facts and other runs are corrected together.

    Controls and ceilings answer other questions: each group apart.
    """
    scores = of_score_card(metrics)
    figures = decisive(scores)
    role_of = {metric.source: roles.get(metric.source, "rival") for metric in scores if metric.source != "run"}

    def beside(*wanted: str) -> Mapping[str, list[Compared]]:
        return compared(
            [one.metric for one in figures],
            scores,
            excesses,
            {name for name, role in role_of.items() if role in wanted},
        )

    others = beside("rival", "facts", "run")
    groups = {role: {name: rows for name, rows in others.items() if role_of[name] == role} for role in records.ROLES}
    return Evidence(
        figures,
        groups["rival"],
        groups["facts"],
        groups["run"],
        beside("control"),
        beside("ceiling"),
        _drowned(metrics),
    )


def _drowned(metrics: Sequence[Metric]) -> float | None:
    shares = [metric.value for metric in metrics if (metric.evaluator, metric.metric) == (RELIABILITY, "below_floor")]
    return next((share for share in shares if share >= DROWNED), None)


def _sentences(found: Evidence) -> Iterator[str]:
    """What it comes to, then what that rests on."""
    if found.drowned is not None:
        yield from _lost_in_noise(found, found.drowned)
    elif found.untestable:
        yield _too_few(found)
    elif found.signal:
        yield from _conclusion(found)
    else:
        yield f"No signal: the agreement of the map with {_classes(found)} is not significantly above chance."
    if found.languages < FEW and not found.untestable:
        yield f"{found.languages} languages are too few for conclusions."
    if found.drowned is None and not found.untestable:
        yield from _against_chance(found)
    if found.drowned is None and found.signal:
        yield from _beside(found)


def _conclusion(found: Evidence) -> Iterator[str]:
    """Whether the model tells more than the texts; nothing where no text baseline was compared."""
    places = {row.place for row in found.strongest}
    if {"ahead", "behind"} <= places:
        yield "Better than chance; better than text baselines in one figure, and worse in another."
    elif "ahead" in places:
        yield "Better than chance, and in at least one figure better than every text baseline."
    elif places & {"behind", "level"}:
        yield "Better than chance, but there is no evidence that the model adds information beyond text baselines."


def _beside(found: Evidence) -> Iterator[str]:
    yield from _against_scripts(found)
    yield from _against_texts(found.strongest)
    yield from _against_others("what is known of the languages", found.facts)
    yield from _against_others("other runs", found.runs)
    for name, rows in found.controls.items():
        yield _training(found, name, rows)


def _lost_in_noise(found: Evidence, share: float) -> Iterator[str]:
    """For distances below the noise floor: no agreement is evidence, and baselines do not matter."""
    pairs = f"{percent(share)} of the language pairs"
    yield f"No signal: {pairs} are not significantly farther apart than replicates of one text."
    if found.signal:
        yield f"The agreement with {_classes(found)} {listed(found.signal)} is therefore not evidence."
    else:
        yield f"The agreement of the map with {_classes(found)} is not significantly above chance either."


def _classes(found: Evidence) -> str:
    level = found.figures[0].metric.level
    return f"the languages’ {level} classes" if level else "the known classes of the languages"


def _too_few(found: Evidence) -> str:
    most = probability(max(figure.p for figure in found.figures))
    return (
        f"Too few languages to test: the agreement of the map with {_classes(found)} is perfect, but so few languages "
        f"({found.languages} with another one of their class) agree as well by chance too often (adjusted p {most})."
    )


def _against_chance(found: Evidence) -> Iterator[str]:
    """Every deciding figure beside its null."""
    metrics = {figure.metric.metric for figure in found.figures}
    how = "by mean average precision " if metrics & set(OVER) else ""
    rest = [_beside_null(figure) for figure in found.figures if not figure.exceeds_chance]
    if found.signal:
        but = f", but not {listed(rest)}" if rest else ""
        signal = listed(map(_beside_null, found.signal))
        yield f"The map agrees with {_classes(found)} significantly above chance {how}{signal}{but}."
    else:
        yield f"Tested {how}{listed(rest)}."
    if "map" in metrics and ACROSS not in metrics:
        yield (
            "Across scripts it is not tested, because no class has languages in two known scripts, or no two "
            "languages share one."
        )


def _beside_null(figure: Tested) -> str:
    """`across scripts (0.54, by chance 0.28 with labels shuffled within scripts)`."""
    metric = figure.metric
    how = " with labels shuffled within scripts" if metric.metric == ACROSS else ""
    return f"{figure} ({_number(metric.value)}, by chance {_number(metric.null_mean)}{how})"


def _against_scripts(found: Evidence) -> Iterator[str]:
    if any(figure.exceeds_scripts for figure in found.signal):
        yield "Script alone does not explain this."
    elif any(figure.script_p is not None for figure in found.signal):
        yield "Script alone may explain this (not significant when labels are shuffled within scripts)."


def _against_texts(strongest: Sequence[Compared]) -> Iterator[str]:
    """Each figure beside that of its strongest text baseline, named with the paired difference."""
    places: dict[str, list[str]] = {}
    for row in strongest:
        places.setdefault(row.place, []).append(f"{row} ({row.other.source}{_paired(row)})")
    parts = [f"{said} {listed(places[place])}" for place, said in BY_FIGURE.items() if place in places]
    if parts:
        yield f"Compared with the strongest text baseline, it is {'; '.join(parts)}."


def _paired(row: Compared) -> str:
    """`, 0.36 [0.05, 0.67]`; with p where the interval, which is not adjusted, alone would say something else."""
    if row.excess is None:
        return ""
    undone = (
        row.place == "level" and row.p is not None and row.p >= SIGNIFICANT and (row.excess.above or row.excess.below)
    )
    return f", {row.excess}" + (f", p {probability(row.p)} adjusted for all comparisons" if undone else "")


def _against_others(what: str, others: Mapping[str, list[Compared]]) -> Iterator[str]:
    places = _placed(others)
    parts = [f"{said} {listed(places[place])}" for place, said in PLACES.items() if place in places]
    if parts:
        yield f"Compared with {what}, it is {'; '.join(parts)}."


def _placed(baselines: Mapping[str, list[Compared]]) -> Mapping[str, list[str]]:
    """The baselines by how the run compares with them; figures are named unless the result holds for all of them."""
    places: dict[str, list[str]] = {}
    for name, rows in baselines.items():
        above, below = [row for row in rows if row.above], [row for row in rows if row.below]
        if above and below:
            place, decisive_rows = "mixed", rows
        elif above or below:
            place, decisive_rows = ("ahead", above) if above else ("behind", below)
        else:
            place, decisive_rows = ("level" if any(row.p is not None for row in rows) else "untested"), rows
        by = f" ({listed(decisive_rows)})" if len(decisive_rows) < len(rows) else ""
        places.setdefault(place, []).append(f"{name}{by}")
    return places


def _training(found: Evidence, name: str, rows: Sequence[Compared]) -> str:
    """How much of the run's excess over chance an untrained control reaches, and what training adds."""
    signal = [figure.metric for figure in found.signal]
    shares = [_share(row) for row in rows if row.metric in signal]
    given = f"Without training, {name} reaches {listed(shares)} of this run’s excess over chance" if shares else ""
    credited = [row for row in rows if row.above]
    added = listed(f"{row.excess} ({row})" for row in credited) if credited else "nothing significant"
    return f"{given or f'{name} is an untrained control'}; training adds {added}."


def _share(row: Compared) -> str:
    chance = row.metric.null_mean or 0.0
    return f"{percent((row.other.value - chance) / (row.metric.value - chance))} ({row})"


def _tone(found: Evidence) -> str:
    if found.untestable and found.drowned is None:
        return "unknown"
    if not found.signal or found.drowned is not None:
        return "none"
    scripts = [figure for figure in found.signal if figure.script_p is not None]
    beaten = all(
        any(row.above for row in rows) and not any(row.below for row in rows)
        for rows in (found.strongest, *found.facts.values(), *found.controls.values())
        if rows
    )
    beyond_scripts = not scripts or any(figure.exceeds_scripts for figure in scripts)
    return "good" if beaten and beyond_scripts and found.languages >= FEW else "weak"


def percent(share: float) -> str:
    """`36 %`."""
    return f"{100 * share:.0f} %".replace("-", "−")


def _sentence(text: str) -> str:
    finished = text if text.endswith((".", "!", "?")) else f"{text}."
    return finished[0].upper() + finished[1:]


def small_print(evidence: Evidence) -> list[str]:
    """The numbers behind the verdict, a line each: figures with their nulls, then baselines with differences."""
    if not evidence.figures:
        return []
    return [
        *map(_figure_line, evidence.figures),
        *_baseline_lines(evidence),
        "p is adjusted by Holm’s method: for the figures listed, and for differences over all baselines and figures "
        "compared. Differences are this run minus the baseline. Intervals are 95 % over languages and not adjusted.",
    ]


def _figure_line(figure: Tested) -> str:
    metric = figure.metric
    null = f"{_number(metric.null_mean)} {spread(metric.null_sd, 2)}".strip()
    level = f" at level {metric.level}" if metric.level else ""
    name = named(metric)
    by_script = metric.metric in BY_SCRIPT
    labels = "labels shuffled within scripts" if by_script else "shuffled labels"
    text = f"{name[:1].upper()}{name[1:]}{level}: {_number(metric.value)} against {null} for {labels}"
    text += f", p {probability(figure.p)}"
    if figure.script_p is not None and not by_script:
        text += f"; {_number(metric.extras.get('script_null_mean'))} within scripts, p {probability(figure.script_p)}"
    over_classes = f"; 95 % interval over classes {ends}" if (ends := class_interval(metric)) else ""
    return f"{text}; {metric.n} languages{over_classes}."


def _baseline_lines(evidence: Evidence) -> Iterator[str]:
    groups: dict[str, Mapping[str, list[Compared]]] = {kind: getattr(evidence, kind) for kind in KINDS}
    for kind, baselines in groups.items():
        for name, rows in baselines.items():
            yield f"{name}{KINDS[kind]}: {'; '.join(_difference(row, kind != 'ceilings') for row in rows)}."


def _difference(row: Compared, tested: bool) -> str:
    reached = f"{named(row.metric)} {_number(row.other.value)}"
    if row.other.n != row.metric.n:
        reached += f" on {row.other.n} languages"
    if not tested:
        return reached
    if row.excess is None or row.p is None:
        return f"{reached}, no paired test"
    return f"{reached}, difference {row.excess}, p {probability(row.p)}"


def _number(value: float | None) -> str:
    return f"{value or 0.0:z.2f}".replace("-", "−")
