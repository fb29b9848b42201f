"""The text baselines against scipy's divergence over counts made one by one."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.spatial.distance import jensenshannon, pdist, squareform

from langgeo_baselines.options import ByteOptions, CharacterOptions
from langgeo_baselines.text import ByteNgrams, CharacterNgrams
from langgeo_core.api import BaselineContext, DistanceMatrix, Language, UnavailableError

Texts = Mapping[str, tuple[str, ...]]

TEXTS: Texts = {
    "deu": ("Alle Menschen sind frei und gleich", "an Würde und Rechten geboren."),
    "nld": ("Alle mensen worden vrij en gelijk in waardigheid geboren.",),
    "rus": ("Все люди рождаются свободными и равными.",),
    "cmn": ("人人生而自由，在尊嚴和權利上一律平等。", "𠀀𠀁"),
}


def context(texts: Texts) -> BaselineContext:
    """One model reads the whole of them."""
    return BaselineContext(tuple(Language(id, id) for id in texts), texts.__getitem__, {}, {"m": texts.__getitem__})


def characters(texts: Texts, **options: Any) -> DistanceMatrix:
    return CharacterNgrams(CharacterOptions(**options)).distances(context(texts))


def in_bytes(texts: Texts, **options: Any) -> DistanceMatrix:
    return ByteNgrams(ByteOptions(**options)).distances(context(texts))


def spaced(document: str) -> str:
    return f" {' '.join(unicodedata.normalize('NFC', document.casefold()).split())} "


def count(texts: Texts, n: int, encode: bool) -> list[list[int]]:
    """For each language, how often it has each n-gram of any."""
    counts = []
    for documents in texts.values():
        pieces = [spaced(document).encode() if encode else spaced(document) for document in documents]
        counts.append(Counter(piece[i : i + n] for piece in pieces for i in range(len(piece) - n + 1)))
    kinds = list({kind for count in counts for kind in count})
    return [[count[kind] for kind in kinds] for count in counts]


def by_hand(texts: Texts, n: int, encode: bool) -> np.ndarray:
    vectors = count(texts, n, encode)
    return np.array([[jensenshannon(one, other, base=2) for other in vectors] for one in vectors])


def roots(texts: Texts, n: int, encode: bool = False) -> np.ndarray:
    """(languages, n-grams) roots of the shares."""
    counts = np.array(count(texts, n, encode), dtype=float)
    return np.sqrt(counts / counts.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_characters_agree_with_scipy(n: int) -> None:
    assert np.allclose(characters(TEXTS, n=n).values, by_hand(TEXTS, n, encode=False), atol=1e-7)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_bytes_agree_with_scipy(n: int) -> None:
    assert np.allclose(in_bytes(TEXTS, n=n).values, by_hand(TEXTS, n, encode=True), atol=1e-7)


def test_without_the_root_it_is_the_divergence() -> None:
    assert np.allclose(characters(TEXTS, root=False).values, characters(TEXTS).values ** 2, rtol=1e-12)


HELLINGER = {"distance": "hellinger"}
CENTRED = {**HELLINGER, "centre": True}


@pytest.mark.parametrize("n", [1, 3, 4])
def test_hellinger_is_the_distance_of_the_roots(n: int) -> None:
    for measure, encode in ((characters, False), (in_bytes, True)):
        vectors = roots(TEXTS, n, encode)
        found = measure(TEXTS, n=n, **HELLINGER).values
        assert np.allclose(found, squareform(pdist(vectors)) / np.sqrt(2), atol=1e-12)
        assert np.allclose(measure(TEXTS, n=n, root=False, **HELLINGER).values, found**2, atol=1e-15)


@pytest.mark.parametrize("n", [1, 3, 4])
def test_centred_vectors_are_compared_by_their_angles(n: int) -> None:
    for measure, encode in ((characters, False), (in_bytes, True)):
        vectors = roots(TEXTS, n, encode)
        found = measure(TEXTS, n=n, **CENTRED).values
        assert np.allclose(found, squareform(pdist(vectors - vectors.mean(axis=0), "cosine")), atol=1e-12)


def test_three_words_by_hand() -> None:
    """Two spaces and a letter each: H² = ½ (⅓ + ⅓).

    Less their mean the three vectors point to the corners of an equilateral triangle, and the cosines are −½.
    """
    texts = {"one": ("a",), "two": ("b",), "three": ("c",)}
    apart = 1 - np.eye(3)
    assert np.allclose(characters(texts, n=1, root=False, **HELLINGER).values, apart / 3)
    assert np.allclose(characters(texts, n=1, **CENTRED).values, 1.5 * apart)


def test_centring_leaves_out_a_language_without_text_and_cannot_place_the_mean() -> None:
    known = characters(TEXTS, **CENTRED)
    more = characters({**TEXTS, "none": ()}, **CENTRED)
    assert more.lacking_pairs() == ("none",) and np.array_equal(more.subset(TEXTS).values, known.values)
    alike = characters({"one": ("ab",), "two": ("ab", "ab"), "three": ("AB",)}, n=3, **CENTRED).values
    assert np.isnan(alike[np.triu_indices(3, 1)]).all()
    assert np.isnan(characters({"one": (), "two": ()}, **CENTRED).values[0, 1])


def test_centring_needs_vectors() -> None:
    with pytest.raises(ValidationError, match="centre needs distance: hellinger"):
        CharacterOptions(centre=True)


def test_too_many_characters_for_a_number_are_said() -> None:
    """55,108 to the fourth is below 2^63, and 55,109 to the fourth is not."""
    texts = {"one": ("".join(map(chr, range(0x40000, 0x40000 + 55_107))),), "two": ("xx",)}
    with pytest.raises(UnavailableError, match="its texts have 55,109 characters, too many for n-grams of n = 4"):
        characters(texts, n=4)
    fewer = {"one": (texts["one"][0][1:],), "two": ("xx",)}
    assert characters(fewer, n=4).values[0, 1] == 1


def test_two_words_by_hand() -> None:
    """` a`, `ab`, `b ` and ` a`, `ac`, `c `: one of three bigrams is shared."""
    assert characters({"one": ("ab",), "two": ("ac",)}, root=False).values[0, 1] == pytest.approx(2 / 3)


@pytest.mark.parametrize("other", ["ÁRBOL verde", "árbol \n\t verde ", "a\u0301rbol verde", "árbol\u2003verde"])
def test_case_composition_and_white_space_do_not_count(other: str) -> None:
    for distances in (characters, in_bytes):
        assert distances({"one": ("árbol verde",), "two": (other,)}).values[0, 1] == 0


@pytest.mark.parametrize("options", [{}, HELLINGER])
def test_the_same_text_twice_is_at_distance_zero_and_nothing_shared_at_one(options: dict[str, str]) -> None:
    values = characters({"one": ("abc",), "two": ("abc", "abc"), "far": ("xyz",)}, n=3, **options).values
    assert (values[0, 1], values[0, 2]) == (0, 1)


def test_the_order_of_the_languages_does_not_matter() -> None:
    back = dict(reversed(TEXTS.items()))
    for distances in (characters, in_bytes):
        assert np.allclose(distances(back).subset(TEXTS).values, distances(TEXTS).values, rtol=1e-12)
        found = distances(back, **CENTRED).subset(TEXTS).values
        assert np.array_equal(found, distances(TEXTS, **CENTRED).values)


def test_no_gram_spans_two_documents() -> None:
    assert characters({"one": ("ab", "cd"), "two": ("cd", "ab")}).values[0, 1] == 0
    assert characters({"one": ("ab", "cd"), "two": ("ab cd",)}, n=3).values[0, 1] > 0


def test_a_language_without_text_is_missing() -> None:
    for nothing in ((), ("",), (" \n",)):
        values = characters({"one": ("ab",), "none": nothing, "two": ("ac",)}).values
        assert np.isnan(values[1, [0, 2]]).all() and np.isfinite(values[0, 2])


def test_all_languages_without_text_are_missing() -> None:
    assert characters({"one": (), "two": ()}).lacking_pairs() == ("one",)


def test_characters_cut_the_text_across_documents() -> None:
    whole = characters({"one": ("abcd", "ef"), "two": ("xyz",)})
    cut = characters({"one": ("abcd", "efgh", "ij"), "two": ("xyz",)}, characters=6)
    assert np.array_equal(cut.values, whole.values)


def test_letters_alone_are_read_on_demand() -> None:
    texts = {"one": ("ab, «cd» 12",), "two": ("ab cd",)}
    assert characters(texts).values[0, 1] > 0
    assert characters(texts, letters=True).values[0, 1] == 0
    assert characters({"one": ("क्‍ष",), "two": ("क ष",)}, letters=True).values[0, 1] > 0


@pytest.mark.parametrize("measure", [characters, in_bytes])
def test_what_the_models_read_is_compared_unless_all_is_asked_for(measure: Any) -> None:
    """With two models that read different parts the mean of both; without a model only all of the texts."""
    first = {id: documents[:1] for id, documents in TEXTS.items()}
    second = {id: (documents[0][:12],) for id, documents in TEXTS.items()}
    languages = tuple(Language(id, id) for id in TEXTS)
    both = BaselineContext(languages, TEXTS.__getitem__, {}, {"a": first.__getitem__, "b": second.__getitem__})
    kind, options = (CharacterNgrams, CharacterOptions) if measure is characters else (ByteNgrams, ByteOptions)
    mean = (measure(first).values + measure(second).values) / 2
    np.testing.assert_allclose(kind(options()).distances(both).values, mean, atol=1e-12)
    no_model = BaselineContext(languages, TEXTS.__getitem__)
    whole = kind(options(text="all"))
    np.testing.assert_array_equal(whole.distances(no_model).values, measure(TEXTS).values)
    np.testing.assert_array_equal(whole.distances(both).values, measure(TEXTS).values)
    with pytest.raises(UnavailableError, match="no model"):
        kind(options()).distances(no_model)
