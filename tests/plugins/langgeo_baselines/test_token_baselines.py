"""Baselines of tokens, against sets and counts made one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon, pdist, squareform

from langgeo_baselines.options import DistributionOptions, OverlapOptions
from langgeo_baselines.tokens import TokenDistribution, TokenOverlap
from langgeo_core.api import BaselineContext, DistanceMatrix, Language, UnavailableError

Tokens = Mapping[str, tuple[int, ...]]

TOKENS: Tokens = {
    "deu": (5, 1, 9, 5, 5, 2, 2, 7),
    "nld": (5, 5, 1, 3, 3, 2),
    "rus": (100, 101, 100, 9, 102),
    "cmn": (200, 201, 202),
}


def context(*models: Tokens, whole: Tokens | None = None) -> BaselineContext:
    def reader(tokens: Tokens) -> Callable[[str, bool], np.ndarray]:
        return lambda language, every: np.array((whole or {})[language] if every else tokens[language], dtype=np.int64)

    readers = {f"model-{number}": reader(tokens) for number, tokens in enumerate(models)}
    languages = tuple(Language(id, id) for id in (models[0] if models else TOKENS))
    return BaselineContext(languages, lambda language: (), readers)


def overlap(*models: Tokens, **options: object) -> DistanceMatrix:
    return TokenOverlap(OverlapOptions.model_validate(options)).distances(context(*models))


def distribution(*models: Tokens, **options: object) -> DistanceMatrix:
    return TokenDistribution(DistributionOptions.model_validate(options)).distances(context(*models))


BASELINES = (overlap, lambda *models: overlap(*models, weighted=True), distribution)


def shares(tokens: Tokens) -> list[Counter[int]]:
    return [Counter({one: n / len(found) for one, n in Counter(found).items()}) for found in tokens.values()]


def test_overlap_is_one_less_the_shared_part_of_two_sets() -> None:
    sets = [set(found) for found in TOKENS.values()]
    by_hand = [[1 - len(one & other) / len(one | other) for other in sets] for one in sets]
    assert np.array_equal(overlap(TOKENS).values, by_hand)
    assert overlap(TOKENS).values[0, 1] == 1 - 3 / 6


def test_weighted_overlap_is_of_shares() -> None:
    by_hand = [
        [1 - sum((one & other).values()) / sum((one | other).values()) for other in shares(TOKENS)]
        for one in shares(TOKENS)
    ]
    assert np.allclose(overlap(TOKENS, weighted=True).values, by_hand, rtol=1e-12, atol=1e-15)


def test_distribution_agrees_with_scipy() -> None:
    kinds = sorted({token for found in TOKENS.values() for token in found})
    vectors = [[share[kind] for kind in kinds] for share in shares(TOKENS)]
    by_hand = np.array([[jensenshannon(one, other, base=2) for other in vectors] for one in vectors])
    assert np.allclose(distribution(TOKENS).values, by_hand, atol=1e-7)
    assert np.allclose(distribution(TOKENS, root=False).values, by_hand**2, atol=1e-12)


def test_distribution_by_hellinger_and_centred() -> None:
    kinds = sorted({token for found in TOKENS.values() for token in found})
    vectors = np.sqrt([[share[kind] for kind in kinds] for share in shares(TOKENS)])
    found = distribution(TOKENS, distance="hellinger").values
    assert np.allclose(found, squareform(pdist(vectors)) / np.sqrt(2), atol=1e-12)
    centred = distribution(TOKENS, distance="hellinger", centre=True).values
    assert np.allclose(centred, squareform(pdist(vectors - vectors.mean(axis=0), "cosine")), atol=1e-12)


@pytest.mark.parametrize("measure", BASELINES)
def test_the_same_tokens_are_at_distance_zero_and_nothing_shared_at_one(measure) -> None:
    values = measure({"one": (1, 2, 2, 3), "again": (2, 3, 1, 2), "far": (4, 5)}).values
    assert (values[0, 1], values[0, 2]) == (0, 1)


@pytest.mark.parametrize("measure", BASELINES)
def test_several_models_are_averaged(measure) -> None:
    other = {language: tuple(token % 3 for token in found) for language, found in TOKENS.items()}
    mean = (measure(TOKENS).values + measure(other).values) / 2
    assert np.array_equal(measure(TOKENS, other).values, mean)
    assert not np.array_equal(measure(TOKENS).values, mean)


@pytest.mark.parametrize("measure", BASELINES)
def test_a_language_without_tokens_is_missing(measure) -> None:
    assert measure({**TOKENS, "none": ()}).lacking_pairs() == ("none",)
    assert measure({"one": (), "two": ()}).lacking_pairs() == ("one",)


@pytest.mark.parametrize("measure", BASELINES)
def test_the_order_of_the_languages_does_not_matter(measure) -> None:
    back = measure(dict(reversed(TOKENS.items())))
    assert np.allclose(back.subset(TOKENS).values, measure(TOKENS).values, rtol=1e-12)


def test_all_tokens_are_read_on_demand() -> None:
    whole = {language: (*found, 7, 7, 8) for language, found in TOKENS.items()}
    for baseline in (
        TokenOverlap(OverlapOptions(tokens="all")),
        TokenDistribution(DistributionOptions(tokens="all")),
    ):
        found = baseline.distances(context(TOKENS, whole=whole)).values
        assert np.array_equal(found, baseline.distances(context(whole, whole=whole)).values)
        assert (found[np.triu_indices(4, 1)] < 1).all()


@pytest.mark.parametrize("measure", BASELINES)
def test_a_run_without_models_has_no_tokens(measure) -> None:
    with pytest.raises(UnavailableError, match="this run has no model"):
        measure()
