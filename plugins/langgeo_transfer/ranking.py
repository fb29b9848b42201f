"""A ranking of sources that is learnt: LambdaMART over distances, from a start that is not learnt.

The start of a pair is the mean of two standardised scores: the mean nearness, and what the source is worth on average
to targets of other families. Gradient-boosted trees (Burges 2010; LightGBM) add to it. Everything is judged out of
family: families of targets are left out one after the other, and what is chosen is chosen within the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from langgeo_core.api import Language, MissingPackageError, one_script
from langgeo_transfer.distances import standardised, together
from langgeo_transfer.figures import Pairs
from langgeo_transfer.measures import ndcg, spearman

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
WEIGHTS = (2.0, 4.0)
"""What the start is multiplied by: the larger, the less the trees change."""
ROUNDS = (0, 20, 60)
"""How many trees; none leaves the start."""
FOLDS = 4
"""Into how many parts families are dealt to choose weight and rounds."""
PARAMETERS: dict[str, Any] = {
    "objective": "lambdarank", "num_leaves": 4, "learning_rate": 0.05, "min_data_in_leaf": 30, "lambda_l2": 1.0,
    "feature_fraction": 0.7, "bagging_fraction": 0.8, "bagging_freq": 1, "lambdarank_truncation_level": 1000,
    "num_threads": 1, "deterministic": True, "force_row_wise": True, "seed": 0, "verbose": -1,
}  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """What nested validation chooses."""

    weight: float
    rounds: int


CHOICES = (Choice(1.0, 0), *(Choice(weight, rounds) for weight in WEIGHTS for rounds in ROUNDS if rounds))


def lightgbm() -> Any:
    """The library; raises MissingPackageError with what to type."""
    try:
        import lightgbm as library
    except ImportError as missing:
        raise MissingPackageError("lightgbm is not installed", 'type: pip install "langgeo[rank]"') from missing
    return library


def worth(pairs: Pairs, training: Int64) -> Float64:
    """(targets, sources) the mean standardised score of each source, over training targets of other families.

    0 where there is none.
    """
    known = np.isfinite(pairs.scores)
    scores = np.where(known, standardised(pairs.scores), 0.0)[training]
    others = (pairs.families[:, None] != pairs.families[training]).astype(np.float64)
    means: Float64 = (others @ scores) / np.maximum(others @ known[training], 1)
    return np.where(known, means, np.nan)


def start(pairs: Pairs, own: Float64) -> Float64:
    """(targets, sources) how good each source looks before trees are learnt: its `worth` and the mean distance."""
    near = together(list(pairs.distances.values()))
    known = np.isfinite(near)
    return -together([np.where(known, -own, np.nan), near])


def features(pairs: Pairs, own: Float64) -> Float64:
    """(targets, sources, features): distances as they are and standardised, script, size and worth of the source."""
    columns = [one for values in pairs.distances.values() for one in (values, standardised(values))]
    columns += [_one_script(pairs.targets, pairs.sources), np.log1p(pairs.sizes), own]
    return np.stack(columns, axis=-1)


def _one_script(targets: Sequence[Language], sources: Sequence[Language]) -> Float64:
    scripts = [[one_script(one.script) for one in side] for side in (targets, sources)]
    return np.array([[float(one == other) for other in scripts[1]] for one in scripts[0]])


@dataclass(frozen=True, eq=False)
class Trees:
    """Trees that were learnt on some targets, for each weight of the start, and the `worth` of the sources."""

    boosters: dict[float, Any]
    own: Float64

    def predict(self, pairs: Pairs, rows: Int64, choice: Choice) -> Float64:
        """(rows, sources) minus the score of each source for some targets, NaN where a pair is missing."""
        begun = choice.weight * start(pairs, self.own)[rows]
        known = np.isfinite(pairs.scores[rows])
        if choice.rounds:
            table = features(pairs, self.own)[rows][known]
            begun[known] += self.boosters[choice.weight].predict(table, num_iteration=choice.rounds)
        return np.where(known, -begun, np.nan)


def learn(pairs: Pairs, training: Int64, weights: Sequence[float] = WEIGHTS, rounds: int = max(ROUNDS)) -> Trees:
    """Trees over the pairs of some targets."""
    library, own = lightgbm(), worth(pairs, training)
    known = np.isfinite(pairs.scores[training])
    table, begun = features(pairs, own)[training][known], start(pairs, own)[training]
    places = [rankdata(row[there], method="min") - 1 for row, there in zip(pairs.scores[training], known, strict=True)]
    counts = known.sum(axis=1)
    parameters = {**PARAMETERS, "label_gain": list(range(int(counts.max()) + 1))}
    boosters = {}
    for weight in weights:
        data = library.Dataset(
            table, np.concatenate(places).astype(np.int64), group=counts, init_score=weight * begun[known]
        )
        boosters[weight] = library.train(parameters, data, num_boost_round=rounds)
    return Trees(boosters, own)


def choose(pairs: Pairs, training: Int64) -> Choice:
    """The choice with the largest Spearman + NDCG@3 on parts of the training families, each learnt from the others.

    The start without trees, unless the gain over it is larger than its standard error over targets.
    """
    families = pairs.families[training]
    order = np.random.default_rng(0).permutation(np.unique(families))
    found: list[list[Float64]] = [[] for _ in CHOICES]
    for fold in range(FOLDS):
        held = np.isin(families, order[fold::FOLDS])
        if not held.any() or len(set(families[~held])) < 2:
            continue
        trees = learn(pairs, training[~held])
        for own, choice in zip(found, CHOICES, strict=True):
            own.append(agreement(pairs, trees.predict(pairs, training[held], choice), training[held]))
    if not found[0]:
        return CHOICES[0]
    values = np.array([np.concatenate(own) for own in found])
    best = int(values.mean(axis=1).argmax())
    gain = values[best] - values[0]
    return CHOICES[best] if gain.mean() > gain.std() / np.sqrt(len(gain)) else CHOICES[0]


def agreement(pairs: Pairs, distances: Float64, rows: Int64) -> Float64:
    """(rows,) Spearman's correlation plus NDCG@3 of some targets."""
    values = []
    for scores, near in zip(pairs.scores[rows], distances, strict=True):
        known = np.isfinite(scores)
        own, row = scores[known], near[None, known]
        values.append(spearman(own, row)[0] + ndcg(own, row, 3)[0])
    return np.array(values)


def out_of_family(pairs: Pairs) -> Iterator[tuple[Int64, Float64, Float64, Choice]]:
    """For each family of targets: its rows, what was learnt from the others, the start alone, and the choice."""
    for family in np.unique(pairs.families):
        held, training = np.flatnonzero(pairs.families == family), np.flatnonzero(pairs.families != family)
        choice = choose(pairs, training)
        trees = learn(pairs, training)
        yield held, trees.predict(pairs, held, choice), trees.predict(pairs, held, Choice(1.0, 0)), choice
