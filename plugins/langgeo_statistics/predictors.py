"""What distances are held against: facts about the languages, and the run's baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from langgeo_baselines.geography import great_circles, places
from langgeo_baselines.tree import GlottologTree
from langgeo_core.api import BaselineContext, DistanceMatrix, Evaluation, Language, UserError, one_script


def predictors(evaluation: Evaluation, chosen: Literal["all"] | Sequence[str]) -> dict[str, DistanceMatrix]:
    """The chosen ones by name, or all: `script`, `geography`, `glottolog-tree` and every baseline.

    The run's own baseline comes before what would bear its name here. Where the distances are a baseline's own there
    are no others, and those chosen are passed over.

    Raises
    ------
    UserError
        If one that is chosen is none of these.
    """
    known = {**facts(evaluation.languages), **evaluation.baselines}
    if chosen == "all":
        return known
    unknown = [name for name in chosen if name not in known]
    if unknown and evaluation.baselines:
        raise UserError(
            f"the evaluator confounds has no distances for {', '.join(unknown)}; there are {', '.join(known)}",
            "name it in baselines too, or take it out of the option predictors",
        )
    return {name: known[name] for name in chosen if name in known}


def facts(languages: Sequence[Language]) -> Mapping[str, DistanceMatrix]:
    """What is known of the languages without a text."""
    ids = tuple(language.id for language in languages)
    return {
        "script": script(languages),
        "geography": DistanceMatrix(ids, great_circles(places(languages))),
        "glottolog-tree": GlottologTree().distances(BaselineContext(tuple(languages), lambda _: ())),
    }


def script(languages: Sequence[Language]) -> DistanceMatrix:
    """1 between languages in different scripts, 0 within one; missing where the script is unknown.

    Codes of one script, such as `Hans` and `Hant`, count as one; see `one_script`.
    """
    scripts = np.array([one_script(language.script) for language in languages])
    values = (scripts[:, np.newaxis] != scripts).astype(np.float64)
    values[scripts == ""] = values[:, scripts == ""] = np.nan
    np.fill_diagonal(values, 0.0)
    return DistanceMatrix(tuple(language.id for language in languages), values)
