"""Options that follow a key of the config, and components that options name."""

from __future__ import annotations

import pytest

from langgeo_core.api import ConfigError, installed
from langgeo_core.config.catalog import bundled_catalog
from langgeo_core.config.nodes import Mark, as_node, parse_yaml, plain
from langgeo_core.config.resolve import Resolver, build_component


def seeds(text: str) -> tuple[int, list[str]]:
    tree, _ = parse_yaml(text, "x.yaml")
    resolver = Resolver(installed(), bundled_catalog())
    (chosen,) = resolver.choices(tree)["corpora"]  # type: ignore[arg-type]
    return chosen.options.seed, [problem.where for problem in resolver.problems if "seed" in problem.where]


@pytest.mark.parametrize(
    ("text", "seed"),
    [
        ("corpora: [synthetic]", 0),
        ("seed: 7\ncorpora: [synthetic]", 7),
        ("seed: 7\ncorpora: [{name: synthetic, seed: 2}]", 2),
    ],
)
def test_an_option_follows_the_config_where_it_is_left_out(text: str, seed: int) -> None:
    assert seeds(text) == (seed, [])


def test_a_component_that_options_name_is_built_with_its_options() -> None:
    from langgeo_synthetic.corpus import Synthetic

    options = {"families": 1, "branches": 1, "languages": 3, "twin": False}
    built = build_component("corpora", {"name": "synthetic", **options})
    assert isinstance(built, Synthetic)
    assert list(built.languages()) == ["qaa", "qab", "qac"]


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("synthetik", "did you mean 'synthetic'"),
        ({"families": 2}, "has no name"),
        ({"name": "synthetic", "families": "many"}, "must be a whole number"),
        ({"name": "synthetic", "familys": 2}, "unknown option 'familys'"),
    ],
)
def test_what_is_wrong_with_a_named_component_is_told(written: str | dict[str, object], complaint: str) -> None:
    with pytest.raises(ConfigError) as refused:
        build_component("corpora", written)
    assert complaint in str(refused.value)


def test_values_become_the_text_that_a_config_would_have() -> None:
    node = as_node({"a": [1, True, None, "no"], "b": {"c": 0.5}}, Mark("here"))
    assert plain(node) == {"a": ["1", "true", "null", "no"], "b": {"c": "0.5"}}
