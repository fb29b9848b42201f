"""The arguments of an ablation, and the variants that they name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from langgeo_ablation.choices import Sweep, parse_sweep, split_choices
from langgeo_ablation.variants import Variant, make_variants, written_value
from langgeo_core.api import ConfigError, ResolvedConfig, config_of

WORDS = st.text("abcxyz019_-", min_size=1, max_size=8)
FLOWS = st.recursive(WORDS, lambda inner: st.lists(inner, max_size=3), max_leaves=8)
DIAGONAL, SCOPE = "scorer.diagonal=inverse,cholesky", "quantizer.scope=matrix,layer,global"


def test_the_product_with_fixed_settings_in_the_order_written() -> None:
    sweep = parse_sweep([DIAGONAL, "seed=7", "corpora=a,[a, b]"])
    assert sweep.swept == ("scorer.diagonal", "corpora")
    assert sweep.fixed == ("seed=7",)
    combinations = list(sweep.combinations())
    assert [tuple(choices.values()) for choices in combinations] == [
        ("inverse", "a"), ("inverse", "[a, b]"), ("cholesky", "a"), ("cholesky", "[a, b]"),
    ]  # fmt: skip
    assert sweep.overrides(combinations[3]) == ("exporters=[]", "scorer.diagonal=cholesky", "seed=7", "corpora=[a, b]")
    assert sweep.overrides() == ("exporters=[]", "seed=7")


def test_arguments_are_laid_over_the_choices_of_the_config() -> None:
    written = {"scorer": ("a", "b"), "seed": ("1", "2")}
    assert parse_sweep([], written).keys == (("scorer", ("a", "b")), ("seed", ("1", "2")))
    assert parse_sweep(["seed=5", "name=x"], written).keys == (
        ("scorer", ("a", "b")), ("seed", ("5",)), ("name", ("x",)),
    )  # fmt: skip


def test_a_component_with_options_gives_its_variant_its_name(variants_of) -> None:  # type: ignore[no-untyped-def]
    variants = variants_of("scorer=sparsegpt,{name: sparsegpt, as: other, diagonal: cholesky}")
    assert [variant.name for variant in variants] == ["baseline", "scorer=other"]
    assert variants[1].config.one("scorers").options.diagonal == "cholesky"


def test_a_choice_that_drops_the_options_of_the_config_is_another(variants_of) -> None:  # type: ignore[no-untyped-def]
    """The baseline has the diagonal that the choice `sparsegpt` alone does not have."""
    variants = variants_of("scorer.diagonal=cholesky", "scorer=sparsegpt,magnitude", "seed=0,1")
    assert variants[0].choices == {"scorer": "sparsegpt as configured", "seed": "0"}
    assert [variant.name for variant in variants[1:3]] == ["scorer=sparsegpt", "scorer=sparsegpt+seed=1"]


def test_components_of_a_list_give_their_names(variants_of) -> None:  # type: ignore[no-untyped-def]
    place = "{name: partial-out, as: without-place, confounds: [{name: geography, as: miles}]}"
    variants = variants_of(f"transforms=[],[whiten],[{place}],[{place}, whiten]")
    assert [variant.name for variant in variants[1:]] == [
        "transforms=whiten",
        "transforms=without-place",
        "transforms=without-place-whiten",
    ]


def test_a_choice_that_cannot_be_read_is_left_out_with_the_reason(variants_of) -> None:  # type: ignore[no-untyped-def]
    *_, last = variants_of("transforms=[],[whiten],[{name: partial-out, confounds: [@x]}]")
    assert last.config is None and "transforms: not valid YAML" in last.reason
    assert last.name == "transforms=partial-out-confounds-x"


def test_a_component_with_options_and_no_name_of_its_own_is_named_by_them(variants_of) -> None:  # type: ignore[no-untyped-def]
    variants = variants_of("scorer=magnitude,{name: wanda, damped: true}")
    assert [variant.name for variant in variants[1:]] == ["scorer=magnitude", "scorer=wanda-damped-true"]


def test_exporters_stay_where_they_are_asked_for() -> None:
    sweep = parse_sweep([DIAGONAL, "exporters=[mst]"])
    assert sweep.overrides() == ("exporters=[mst]",)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["seed=1"], "nothing to compare"),
        ([DIAGONAL, "scorer.diagonal=inverse"], "given twice"),
        (["seed=1,1"], "a choice is given twice"),
        (["seed"], "is not a setting"),
    ],
)
def test_what_cannot_be_an_ablation(arguments: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_sweep(arguments)


@pytest.fixture
def variants_of(tiny_config: Path) -> object:
    def load(overrides: Sequence[str]) -> ResolvedConfig:
        return config_of({"registry": None}, str(tiny_config), overrides)

    def make(*arguments: str) -> list[Variant]:
        return make_variants(parse_sweep(arguments), load)

    return make


def test_variants_are_named_by_what_differs_from_the_baseline(variants_of) -> None:  # type: ignore[no-untyped-def]
    variants = variants_of(SCOPE, DIAGONAL)
    assert [variant.name for variant in variants] == [
        "baseline", "diagonal=cholesky", "scope=layer", "scope=layer+diagonal=cholesky", "scope=global",
        "scope=global+diagonal=cholesky",
    ]  # fmt: skip
    assert variants[0].choices == {"quantizer.scope": "matrix", "scorer.diagonal": "inverse"}


def test_the_baseline_is_added_where_the_product_lacks_it(variants_of) -> None:  # type: ignore[no-untyped-def]
    variants = variants_of("quantizer.scope=layer,global", "calibration.tokens=64")
    assert [variant.name for variant in variants] == ["baseline", "scope=layer", "scope=global"]
    assert variants[0].choices == {"quantizer.scope": "matrix"}
    assert variants[0].config.settings.calibration.tokens == 64


def test_a_choice_that_does_not_resolve_is_kept_with_its_reason(variants_of) -> None:  # type: ignore[no-untyped-def]
    variants = variants_of("quantizer.scope=matrix,lyer")
    assert variants[1].config is None
    assert "quantizer.scope" in variants[1].reason
    assert "\n" not in variants[1].reason


def test_a_key_that_no_choice_can_save_is_the_users_mistake(variants_of) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ConfigError, match="scop"):
        variants_of("quantizer.scop=matrix,layer")


def test_every_choice_that_does_not_exist_is_named(variants_of) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ConfigError) as caught:
        variants_of("scorer=nosuch,wandaa", "distance=l1,l2")
    assert [problem.message for problem in caught.value.problems] == [
        "no scorer is named 'nosuch'",
        "no scorer is named 'wandaa'",
    ]


def test_names_are_unlike_and_fit_for_folders(variants_of) -> None:  # type: ignore[no-untyped-def]
    names = [variant.name for variant in variants_of("languages=all,[deu, eng, fra],[deu; eng; fra],[/deu]")]
    assert len(set(names)) == len(names) == 4
    assert not any(set(name) & set("/\\ ;[]") for name in names)


def test_written_values(tiny_config: Path) -> None:
    config = config_of({"registry": None}, str(tiny_config), ())
    keys = ("scorer", "scorer.diagonal", "calibration.tokens", "corpora", "clusterers.kmeans.seeds", "scorer.none")
    assert [written_value(config, key) for key in keys] == ["sparsegpt", "inverse", "128", "text-folder", "2", ""]


def test_a_sweep_of_nothing_has_one_combination() -> None:
    assert list(Sweep(()).combinations()) == [{}]


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("a", ["a"]),
        ("a, b ,c", ["a", "b", "c"]),
        ("udhr,[udhr, django]", ["udhr", "[udhr, django]"]),
        ("{name: x, k: [1, 2]},y", ["{name: x, k: [1, 2]}", "y"]),
        ("'a, b',c", ["'a, b'", "c"]),
        ("['a], b', c],d", ["['a], b', c]", "d"]),
        ('"a\\", b",c', ['"a\\", b"', "c"]),
        ("'it''s, so',c", ["'it''s, so'", "c"]),
        ("it's,so", ["it's", "so"]),
        ("a=b,c", ["a=b", "c"]),
    ],
)
def test_choices_are_split_outside_of_brackets(text: str, choices: list[str]) -> None:
    assert split_choices(f"x.y={text}") == ("x.y", choices)


@pytest.mark.parametrize("text", ["", "key", "=a,b", "key=", "key=a,,b", "key=a,", "key=[a,b", "key='a,b"])
def test_malformed_choices_are_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        split_choices(text)


@given(st.lists(FLOWS.map(lambda value: str(value).replace("'", "")), min_size=1, max_size=4))
def test_choices_round_trip(choices: list[str]) -> None:
    assert split_choices("key=" + ",".join(choices)) == ("key", choices)


@given(st.text(st.characters(), max_size=30) | st.text("ab,[]{}'\"\\= ", max_size=30))
def test_any_sweep_is_split_or_refused(text: str) -> None:
    try:
        _, choices = split_choices(text)
    except ConfigError:
        return
    assert choices
    assert all(choices)
