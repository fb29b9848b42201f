"""What evaluators and baselines are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from langgeo_core.contract.types.distances import DistanceMatrix, Replicates
from langgeo_core.contract.types.languages import Language
from langgeo_core.contract.types.models import WeightMatrix
from langgeo_core.contract.types.results import Clustering, Embedding


@dataclass(frozen=True, eq=False)
class NetworkParts:
    """The weight matrices behind the distances of an evaluation, and what the run would make of some of them.

    Parameters
    ----------
    models : the weight matrices of each model, in the order of the network
    distances : `distances(model, chosen)`, with `chosen` (matrices,) of which at least one is true: the distances over
        those matrices of the model, its corpora aggregated and transformed as the run's are. Files are read once
    judged : `judged(distances, seeds)`, what evaluators would be given of these distances: embedded and clustered as
        the run's are, with at most so many seeds of each clusterer whose number of clusters follows the classes, and
        without other clusterers
    """

    models: Mapping[str, tuple[WeightMatrix, ...]]
    distances: Callable[[str, NDArray[np.bool_]], DistanceMatrix]
    judged: Callable[[DistanceMatrix, int], Evaluation]


@dataclass(frozen=True)
class Evaluation:
    """What an evaluator is given.

    `labels[level][i]` is the class of `languages[i]`, or None where the policy leaves it out. `baselines` holds the
    distances of the run's baselines by name, which may have missing pairs and languages beside those evaluated; none
    where the distances are a baseline's own. `parts` is None where the distances are of no model. `replicates` are
    the distances among the replicates of these languages, None where `reliability.replicates` measured none.
    """

    languages: tuple[Language, ...]
    distances: DistanceMatrix
    embedding: Embedding
    clusterings: tuple[Clustering, ...]
    labels: Mapping[str, tuple[str | None, ...]]
    seed: int = 0
    baselines: Mapping[str, DistanceMatrix] = field(default_factory=dict)
    parts: NetworkParts | None = None
    replicates: Replicates | None = None


@dataclass(frozen=True)
class BaselineContext:
    """What a baseline is given: the languages, their texts, and what the tokenizers of the run's models make of them.

    Parameters
    ----------
    languages : those to measure
    documents : `documents(language)`, the texts in all corpora of the run in order; none for a language without text.
        Raises UnavailableError in a run that has no corpus
    tokens : for each model of the run `tokens[model](language, whole)`, (tokens,) int64 ids over all corpora in order,
        without special tokens: those that calibration reads, or with `whole` all of them. Empty in a run that has no
        model; nothing else of a model is here, and no weight is read
    passages : for each model of the run `passages[model](language)`, the text of each window that calibration reads,
        as the model's tokenizer gives it back
    """

    languages: tuple[Language, ...]
    documents: Callable[[str], tuple[str, ...]]
    tokens: Mapping[str, Callable[[str, bool], NDArray[np.int64]]] = field(default_factory=dict)
    passages: Mapping[str, Callable[[str], tuple[str, ...]]] = field(default_factory=dict)
