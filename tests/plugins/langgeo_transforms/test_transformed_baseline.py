import numpy as np
import pytest

from langgeo_baselines.facts import Geography
from langgeo_core.api import BaselineContext, Language, LanguageTable, UnavailableError, baseline_role
from langgeo_transforms.angles import Whiten
from langgeo_transforms.baseline import Transformed
from langgeo_transforms.options import TransformedOptions, WhitenOptions

CODES = ("deu", "fra", "jpn", "swh", "quz", "tur", "hin", "fin")


def context(*more: Language) -> BaselineContext:
    return BaselineContext((*map(LanguageTable().lookup, CODES), *more), lambda _: ())


def transformed(**options: object) -> Transformed:
    return Transformed(TransformedOptions.model_validate({"baseline": "geography", **options}))


def test_it_is_the_baseline_and_then_the_transforms():
    given = context()
    plain = Geography().distances(given)
    expected = Whiten(WhitenOptions()).transform(plain, given.languages)
    np.testing.assert_array_equal(transformed().distances(given).values, expected.values)
    rooted = transformed(transforms=["rank", "sqrt"]).distances(given).values
    assert rooted.max() == 1
    np.testing.assert_allclose(np.sort(np.unique(rooted[np.triu_indices(8, 1)]) ** 2), np.arange(1, 29) / 28)


def test_languages_in_any_order():
    given = context()
    turned = BaselineContext(given.languages[::-1], given.documents)
    expected = transformed().distances(given).subset(CODES[::-1]).values
    np.testing.assert_allclose(transformed().distances(turned).values, expected, atol=1e-9)


def test_a_language_without_a_place_leaves_it_out():
    with pytest.raises(UnavailableError, match="cannot place nowhere"):
        transformed().distances(context(Language("nowhere", "qaa")))


def test_it_is_beside_a_run_what_its_baseline_is():
    control = {"name": "file", "path": "elsewhere", "role": "control"}
    written = ["char-ngrams", "glottolog-tree", control, {"name": "transformed", "baseline": "glottolog-tree"}]
    roles = [baseline_role({"name": "transformed", "baseline": one}) for one in written]
    assert roles == ["rival", "ceiling", "control", "ceiling"]
