from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from langgeo_core.api import ConfigError, UserError
from langgeo_synthetic.controls import Pieces, Shuffled
from langgeo_synthetic.corpus import Synthetic
from langgeo_synthetic.options import PiecesOptions, ShuffledOptions, SyntheticOptions
from langgeo_testing import Check, checks

SMALL: dict[str, Any] = {"name": "synthetic", "families": 2, "branches": 1, "languages": 2, "sentences": 40}
PIECES = {"language": "qab", "count": 4, "branches": 2}
LONG = {**SMALL, "sentences": 200}
OPTIONS = {key: value for key, value in SMALL.items() if key != "name"}


@pytest.mark.parametrize("check", checks("corpora", "synthetic", options=OPTIONS), ids=str)
def test_contract_of_synthetic(check: Check) -> None:
    check()


@pytest.mark.parametrize("check", checks("corpora", "shuffled", options={"corpus": SMALL}), ids=str)
def test_contract_of_shuffled(check: Check) -> None:
    check()


@pytest.mark.parametrize(
    "check",
    checks("corpora", "pieces", options={"corpus": LONG, "language": "qab", "count": 4, "branches": 2}),
    ids=str,
)
def test_contract_of_pieces(check: Check) -> None:
    check()


def synthetic(**options: Any) -> Synthetic:
    return Synthetic(SyntheticOptions(**{**OPTIONS, **options}))


def test_a_language_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(UserError, match="no language deu") as refused:
        synthetic().read("deu")
    assert refused.value.hint == "it has qaa to qaa_Cyrl"


def test_the_identity_tells_worlds_apart() -> None:
    assert synthetic().identity() != synthetic(seed=1).identity()
    assert synthetic().scripts()["qaa_Cyrl"] == "Cyrl"


def shuffled(units: str, seed: int = 0) -> Shuffled:
    return Shuffled(ShuffledOptions.model_validate({"corpus": SMALL, "units": units, "seed": seed}))


def test_shuffled_characters_are_the_same_in_another_order() -> None:
    found = shuffled("characters").read("qac").documents
    for plain, mixed in zip(synthetic().read("qac").documents, found, strict=True):
        assert Counter(plain) == Counter(mixed)
        assert plain != mixed


def test_shuffled_words_are_the_same_in_another_order_and_spaces_stay() -> None:
    for plain, mixed in zip(synthetic().read("qac").documents, shuffled("words").read("qac").documents, strict=True):
        assert Counter(plain.split()) == Counter(mixed.split())
        assert plain.split() != mixed.split()
        assert Counter(len(part) for part in plain.split(" ")) == Counter(len(part) for part in mixed.split(" "))


def test_lines_stay_where_words_are_shuffled(tmp_path: Path) -> None:
    (tmp_path / "deu.txt").write_text("eins zwei  drei\nvier\n\nfünf", encoding="utf-8")
    corpus = {"name": "text-folder", "path": str(tmp_path)}
    (text,) = Shuffled(ShuffledOptions.model_validate({"corpus": corpus, "units": "words"})).read("deu").documents
    assert sorted(text.split()) == ["drei", "eins", "fünf", "vier", "zwei"]
    assert [part for part in text if part.isspace()] == [" ", " ", " ", "\n", "\n", "\n"]


def test_the_seed_decides_the_order_and_languages_have_their_own() -> None:
    assert shuffled("words", 1).read("qac").documents != shuffled("words").read("qac").documents
    assert shuffled("words").languages() == synthetic().languages()
    assert shuffled("words").describe()["qac"].branch == "2.1"
    assert shuffled("words").scripts()["qaa_Cyrl"] == "Cyrl"
    assert "words shuffled within documents, seed 1" in shuffled("words", 1).identity().version


def pieces(tmp_path: Path, **options: Any) -> Pieces:
    lines = "\n".join(f"line {number}" for number in range(20))
    (tmp_path / "deu.txt").write_text(f"{lines}\n\n", encoding="utf-8")
    corpus = {"name": "text-folder", "path": str(tmp_path)}
    return Pieces(PiecesOptions(**{"corpus": corpus, "language": "deu", "count": 6, "branches": 3, **options}))


def test_every_line_is_dealt_once(tmp_path: Path) -> None:
    dealt = pieces(tmp_path)
    hands = [dealt.read(language).documents[0].splitlines() for language in dealt.languages()]
    assert sorted(line for hand in hands for line in hand) == sorted(f"line {number}" for number in range(20))
    assert [len(hand) for hand in hands] == [4, 4, 3, 3, 3, 3]
    assert hands[0] != [f"line {number}" for number in range(0, 20, 6)]


def test_branches_are_dealt_evenly_and_by_the_seed(tmp_path: Path) -> None:
    branches = [[one.branch for one in pieces(tmp_path, seed=seed).describe().values()] for seed in (0, 1)]
    assert [Counter(one) for one in branches] == [Counter({"1": 2, "2": 2, "3": 2})] * 2
    assert branches[0] != branches[1]


def test_a_text_too_short_for_its_pieces_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="the text in deu has 20 lines for 24 pieces"):
        pieces(tmp_path, count=24).read("qaa")


def test_a_wrong_inner_corpus_is_told_in_plain_words() -> None:
    with pytest.raises(ConfigError) as refused:
        Shuffled(ShuffledOptions(corpus="udrh"))
    assert "no corpus is named 'udrh'" in str(refused.value)
    with pytest.raises(ConfigError) as refused:
        Shuffled(ShuffledOptions(corpus={"name": "synthetic", "noize": 0.1}))
    assert "unknown option 'noize'" in str(refused.value)
