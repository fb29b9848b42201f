from __future__ import annotations

import random

import pytest
from pydantic import ValidationError

from langgeo_core.api import UserError
from langgeo_synthetic.corpus import World
from langgeo_synthetic.evolution import Rates, coined, evolved, first_language
from langgeo_synthetic.options import SyntheticOptions
from langgeo_synthetic.phylogeny import balanced, from_newick, private_codes, star
from langgeo_synthetic.sounds import CHANGES, CYRILLIC, KNOWN, LETTERS, SoundChange, draw_change
from langgeo_synthetic.speech import CONCEPTS, Affix, Sentence, Speaker, Speech, Thing

SMALL = {"families": 2, "branches": 2, "languages": 2, "sentences": 20}


def world(**options: object) -> World:
    return World(SyntheticOptions.model_validate({**SMALL, **options}))


@pytest.mark.parametrize(
    ("change", "word", "expected"),
    [
        (SoundChange("t", "d", "between vowels"), "tatat", "tadat"),
        (SoundChange("t", "", "final"), "tatat", "tata"),
        (SoundChange("p", "f", "initial"), "papa", "fapa"),
        (SoundChange("k", "č", "before front vowels"), "kikake", "čikače"),
        (SoundChange("a", "o", "anywhere"), "papa", "popo"),
        (SoundChange("n", "", "final"), "an", "an"),
    ],
    ids=str,
)
def test_a_sound_changes_in_its_surroundings_alone(change: SoundChange, word: str, expected: str) -> None:
    assert change.apply(word) == expected


def test_a_drawn_change_alters_enough_words_and_none_is_drawn_where_none_does() -> None:
    change = draw_change(["papa", "tala"], random.Random(0))
    assert change is not None
    assert any(change.apply(word) != word for word in ("papa", "tala"))
    assert draw_change(["ččč"], random.Random(0)) in [one for one in KNOWN if one.source == "č"]
    assert draw_change(["ŋŋ"] * 99 + ["papa"], random.Random(0)) == SoundChange("ŋ", "n", "anywhere")


def test_all_sounds_of_changes_have_a_letter_in_both_scripts() -> None:
    assert {sound for source, target, _ in CHANGES for sound in source + target} <= set(LETTERS)
    assert len(set(CYRILLIC.values())) == len(CYRILLIC) == len(set(LETTERS))


def test_a_sentence_by_hand() -> None:
    lexicon = dict.fromkeys(CONCEPTS, "x") | {"noun 0": "ba", "noun 1": "ki", "verb 0": "to", "quality 0": "lu"}
    lexicon |= {"not": "ne", "at": "an", "and": "en"}
    affixes = {
        "plural": Affix("s", "after"),
        "definite": Affix("e", "before"),
        "object": Affix("m", "after"),
        "past": Affix("d", "after"),
    }
    speech = Speech(lexicon, affixes, "sov", {"quality": True, "relation": False, "negation": True})
    dogs, cat = Thing("noun 0", "quality 0", True, True), Thing("noun 1", None, False, False)
    whole = Sentence(dogs, "verb 0", cat, "at", cat, past=True, negated=True, joined=True)
    bare = Sentence(cat, "verb 0", None, "at", None, past=False, negated=False, joined=True)
    assert speech.say([whole, bare]) == "Ki an lu ebas kim ne tod en ki to."


def test_the_most_frequent_words_come_first() -> None:
    nouns = [sentence.subject.noun for sentence in Speaker("0").sentences(2000)]
    first, tenth = (nouns.count(f"noun {rank}") / len(nouns) for rank in (0, 9))
    weights = [1 / (rank + 2.7) for rank in range(1, 161)]
    assert first == pytest.approx(weights[0] / sum(weights), abs=0.02)
    assert tenth == pytest.approx(weights[9] / sum(weights), abs=0.01)


def test_nothing_changes_at_rate_zero_and_words_are_replaced_at_theirs() -> None:
    draw = random.Random(1)
    speech = first_language(draw)
    assert evolved(speech, 1.0, Rates(0, 0, 0, 0), draw) == speech
    changed = evolved(speech, 1.0, Rates(0, 0.5, 0, 0), draw)
    kept = sum(changed.lexicon[concept] == word for concept, word in speech.lexicon.items()) / len(CONCEPTS)
    assert kept == pytest.approx(0.607, abs=0.1)
    assert changed.affixes == speech.affixes


def test_a_coined_word_is_made_of_two() -> None:
    assert coined(["bada"], random.Random(0)) == "badda"
    assert coined(["bada", "kito"], random.Random(0)) in ("badda", "badto", "kitda", "kitto")


def test_trees_have_the_shapes_asked_for() -> None:
    even = list(balanced((2, 3, 4), (3.0, 2.0, 1.0)).leaves())
    assert len(even) == 24
    assert even[0][0].name == "1.1.1"
    assert even[-1][1] == ("2", "2.3")
    assert [(leaf.name, above, leaf.length) for leaf, above in star(3, 2.0).leaves()] == [
        ("1", (), 2.0),
        ("2", (), 2.0),
        ("3", (), 2.0),
    ]


def test_newick_is_read_with_its_lengths_and_names() -> None:
    pytest.importorskip("newick")
    leaves = list(from_newick("((a:1,b:0)west:2,c:3);").leaves())
    assert [(leaf.name, leaf.length, above) for leaf, above in leaves] == [
        ("a", 1.0, ("west",)),
        ("b", 0.0, ("west",)),
        ("c", 3.0, ()),
    ]
    unmeasured = list(from_newick("((,),);").leaves())
    assert [(leaf.name, leaf.length, above) for leaf, above in unmeasured] == [
        ("1.1", 1.0, ("1",)),
        ("1.2", 1.0, ("1",)),
        ("2", 1.0, ()),
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("((a,b)", "is not one Newick tree"),
        ("", "is not one Newick tree"),
        ("(a:x,b,c);", "is not one Newick tree"),
        ("(a,b);", "has 2 leaves"),
        ("(a,b,a);", "have the same name"),
        ("(a:-1,b:1,c:1);", "an edge of length -1"),
    ],
)
def test_a_wrong_tree_is_refused(text: str, complaint: str) -> None:
    pytest.importorskip("newick")
    with pytest.raises(UserError, match=complaint):
        from_newick(text)


def test_there_are_520_private_codes() -> None:
    codes = private_codes()
    assert len(set(codes)) == len(codes) == 520
    assert (codes[0], codes[-1]) == ("qaa", "qtz")


def test_languages_have_the_lineages_of_the_tree() -> None:
    known = world().languages
    assert [(code, one.family, one.branch) for code, one in known.items()] == [
        ("qaa", "1", "1.1"),
        ("qab", "1", "1.1"),
        ("qac", "1", "1.2"),
        ("qad", "1", "1.2"),
        ("qae", "2", "2.1"),
        ("qaf", "2", "2.1"),
        ("qag", "2", "2.2"),
        ("qah", "2", "2.2"),
        ("qaa_Cyrl", "1", "1.1"),
    ]
    longitudes = sorted(one.longitude or 0.0 for code, one in known.items() if code != "qaa_Cyrl")
    assert longitudes == [-180 + 45 * step for step in range(8)]


def test_a_leaf_at_the_root_is_a_family_of_its_own() -> None:
    pytest.importorskip("newick")
    known = world(tree="(((a,b)low,c)high,d);", twin=False).languages
    assert [(one.name, one.family, one.branch, one.lineage) for one in known.values()] == [
        ("Language a", "high", "low", ("high", "low")),
        ("Language b", "high", "low", ("high", "low")),
        ("Language c", "high", "high", ("high",)),
        ("Language d", "d", "d", ()),
    ]


def test_the_classes_of_a_star_are_drawn_at_random_and_as_large_as_asked() -> None:
    branches = [
        tuple(one.branch for one in world(tree="star", seed=seed, twin=False).languages.values()) for seed in (0, 1)
    ]
    assert sorted(branches[0]) == sorted(branches[1]) == sorted(("1.1", "1.2", "2.1", "2.2") * 2)
    assert branches[0] != branches[1]


def test_every_second_language_is_written_in_a_second_script() -> None:
    plain, mixed = world(twin=False), world(twin=False, second_script=True)
    assert [one.script for one in mixed.languages.values()] == ["Latn", "Cyrl"] * (len(mixed.languages) // 2)
    assert mixed.documents("qaa") == plain.documents("qaa")
    ours, theirs = mixed.documents("qab")[0], plain.documents("qab")[0]
    assert ours.casefold() == theirs.casefold().translate(str.maketrans(CYRILLIC))
    for branch in {one.branch for one in mixed.languages.values()}:
        assert {one.script for one in mixed.languages.values() if one.branch == branch} == {"Latn", "Cyrl"}


def test_the_twin_says_the_same_in_other_letters() -> None:
    one = world()
    (first, *_), (twin, *_) = one.documents("qaa"), one.documents("qaa_Cyrl")
    assert first.casefold().translate(str.maketrans(CYRILLIC)) == twin.casefold()
    assert not any(letter.isascii() and letter.isalpha() for letter in twin)


def test_relatives_share_more_words_than_strangers() -> None:
    spoken = world(contact=0.0).speeches

    def shared(one: str, other: str) -> int:
        return sum(word == spoken[other].lexicon[concept] for concept, word in spoken[one].lexicon.items())

    assert shared("qaa", "qab") > shared("qaa", "qac") > shared("qaa", "qae")


def test_contact_makes_neighbours_alike() -> None:
    asked = world(contact=1.0, twin=False)
    alone = world(contact=0.0, twin=False)
    donors = {
        code: [donor for donor, speech in alone.speeches.items() if speech.lexicon == mine.lexicon]
        for code, mine in asked.speeches.items()
    }
    east = {code: one.longitude or 0.0 for code, one in asked.languages.items()}
    assert all((east[found[0]] - east[code]) % 360 == pytest.approx(45) for code, found in donors.items())


def test_amounts_fall_to_the_share_asked_for() -> None:
    one = world(imbalance=4.0, sentences=200, twin=False)
    amounts = [one._amount(code) for code in one.speeches]
    assert (max(amounts), min(amounts)) == (200, 50)
    assert len(one.documents("qaa")) == -(-amounts[0] // 20)


def test_parallel_languages_say_the_same() -> None:
    together, apart = world(parallel=True, contact=0.0), world(contact=0.0)

    def lengths(of: World) -> list[list[int]]:
        return [[text.count(".") for text in of.documents(code)] for code in ("qaa", "qae")]

    first, second = lengths(together)
    assert first == second
    assert lengths(apart)[0] != lengths(apart)[1]


def test_noise_replaces_its_share_of_letters_and_no_more() -> None:
    clean, noisy = (world(noise=share, sentences=100).documents("qab") for share in (0.0, 0.2))
    pairs = [pair for one, other in zip(clean, noisy, strict=True) for pair in zip(one, other, strict=True)]
    letters = [(one, other) for one, other in pairs if one.isalpha()]
    assert [one for one, other in pairs if not one.isalpha() and one != other] == []
    assert sum(one != other for one, other in letters) / len(letters) == pytest.approx(0.19, abs=0.03)


def test_the_seed_decides_everything_and_nothing_else_does() -> None:
    assert world(seed=3).documents("qac") == world(seed=3).documents("qac")
    assert world(seed=3).documents("qac") != world(seed=4).documents("qac")
    assert world(seed=3, noise=0.0, twin=False).documents("qac") == world(seed=3).documents("qac")


@pytest.mark.parametrize("options", [{"families": 1, "branches": 1, "languages": 2}, {"families": 521}])
def test_a_world_must_fit_the_codes(options: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        SyntheticOptions.model_validate(options)
