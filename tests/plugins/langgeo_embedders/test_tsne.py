import numpy as np
import pytest
from embedding_cases import between, matrix, plane
from pydantic import ValidationError

from langgeo_core.api import Embedding, NumericalError
from langgeo_embedders.maps import TSne
from langgeo_embedders.options import TSneOptions


def embed(values: np.ndarray, **options: object) -> Embedding:
    return TSne(TSneOptions.model_validate({"max_iter": 250, **options})).embed(matrix(values))


@pytest.mark.parametrize(("n", "asked", "used"), [(4, 30, 1.0), (31, 30, 10.0), (31, 4, 4.0)])
def test_perplexity_is_at_most_a_third_of_the_others(n: int, asked: float, used: float):
    embedding = embed(between(plane(n)), perplexity=asked)
    assert embedding.notes["perplexity"] == used
    assert embedding.notes["kl_divergence"] > 0


def test_another_seed_is_another_map():
    values = between(plane())
    assert not np.allclose(embed(values).coordinates, embed(values, seed=1).coordinates)


@pytest.mark.parametrize("n", [2, 3])
def test_too_few_languages_are_an_error(n: int):
    with pytest.raises(NumericalError, match=f"at least 4 languages .* got {n}"):
        embed(between(plane(n)))


def test_options_are_checked():
    for wrong in ({"perplexity": 0.5}, {"max_iter": 10}, {"seed": 2**32}):
        with pytest.raises(ValidationError):
            TSneOptions.model_validate(wrong)
