"""By how much each figure of a run exceeds that of a baseline, on the same halves of the languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import Evaluation, Incident, NumericalError, ResolvedConfig, schema
from langgeo_inference.api import Difference, ResamplingOptions, draw_halves, paired_difference
from langgeo_statistics.language_subsets import SubsetEvaluator, among, values_on

Float64 = NDArray[np.float64]


def comparison_rows(
    config: ResolvedConfig, run: Evaluation, baselines: Mapping[str, Evaluation], incidents: list[Incident]
) -> Iterator[dict[str, Any]]:
    """The rows of comparisons.csv."""
    for baseline, found in excess_over(config, run, baselines, incidents).items():
        for excess in found:
            evaluator, level, clusterer, name = excess.question
            values = (baseline, evaluator, clusterer, level, name, *astuple(excess.difference), excess.n)
            yield dict(zip(schema.COMPARISONS.header, values, strict=True))


@dataclass(frozen=True)
class Excess:
    """By how much a run's figure exceeds that of a baseline, over the `n` languages that both have."""

    question: tuple[str, str, str, str]
    difference: Difference
    n: int


def excess_over(
    config: ResolvedConfig, run: Evaluation, baselines: Mapping[str, Evaluation], incidents: list[Incident]
) -> dict[str, list[Excess]]:
    """Every figure that the run and a baseline have, over the languages of both and on the same halves of these.

    Of evaluators that can give values alone; the others would be called hundreds of times. There are as many halves as
    the largest `subsamples` of these evaluators. The run's values are computed once for all baselines of the same
    languages. If the shared languages cannot be clustered, the baseline has no comparison, and an incident says why.
    """
    able = [chosen for chosen in config.choices["evaluators"] if isinstance(chosen.build(), SubsetEvaluator)]
    resampling = [chosen.options for chosen in able if isinstance(chosen.options, ResamplingOptions)]
    halves = max((options.subsamples for options in resampling), default=ResamplingOptions().subsamples)
    read: dict[tuple[str, ...], dict[Any, Float64]] = {}
    found = {}
    for name, baseline in baselines.items():
        ids = tuple(sorted(set(run.distances.ids) & set(baseline.distances.ids)))
        drawn = draw_halves(len(ids), halves, np.random.default_rng(run.seed))
        subsets = [ids, *([ids[position] for position in half] for half in drawn)]
        try:
            if ids not in read:
                read[ids] = values_on(able, among(config, run, ids), subsets)
            theirs = values_on(able, among(config, baseline, ids), subsets)
        except NumericalError as failure:
            message = f"no comparison of the run with the baseline {name} on the languages of both: {failure.message}"
            incidents.append(Incident("evaluate", message))
        else:
            differences = {
                question: values - theirs[question] for question, values in read[ids].items() if question in theirs
            }
            found[name] = [
                Excess(question, paired_difference(float(values[0]), values[1:], len(ids)), len(ids))
                for question, values in differences.items()
                if np.isfinite(values[0])
            ]
    return found
