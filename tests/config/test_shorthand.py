"""`evaluators.labels=x.csv`: a component of a list with its main option, in one word."""

from __future__ import annotations

import pytest
from config_fakes import read_yaml

from langgeo_core.config.nodes import Map, plain
from langgeo_core.config.overrides import apply_overrides


def shorthand(key: str, name: str) -> str:
    return "file" if (key, name) in (("evaluators", "labels"), ("evaluators", "my.labels")) else ""


def after(config: str, *overrides: str) -> object:
    tree = read_yaml(config, "x.yaml")
    assert isinstance(tree, Map)
    changed, problems = apply_overrides(tree, overrides, shorthand)
    assert problems == []
    node = changed.get("evaluators")
    assert node is not None
    return plain(node)


LABELS = {"name": "labels", "file": "x.csv"}


@pytest.mark.parametrize(
    ("config", "override", "evaluators"),
    [
        ("evaluators: [glottolog]", "evaluators.labels=x.csv", ["glottolog", LABELS]),
        ("evaluators: glottolog", "evaluators.labels=x.csv", ["glottolog", LABELS]),
        ("evaluators: []", "evaluators.labels=x.csv", [LABELS]),
        ("seed: 1", "evaluators.labels=x.csv", [LABELS]),
        ("evaluators: [labels]", "evaluators.labels=x.csv", [LABELS]),
        (
            "evaluators: [{name: labels, file: y, levels: [a]}]",
            "evaluators.labels=x.csv",
            [{**LABELS, "levels": ["a"]}],
        ),
        ("evaluators: [{name: labels, as: mine, file: y}]", "evaluators.labels=x.csv", [{**LABELS, "as": "mine"}]),
        ("evaluators: []", "evaluators.my.labels=x.csv", [{"name": "my.labels", "file": "x.csv"}]),
        ("evaluators: []", "evaluators.labels='a b.csv'", [{"name": "labels", "file": "a b.csv"}]),
    ],
)
def test_the_component_is_added_or_its_option_set(config: str, override: str, evaluators: object) -> None:
    assert after(config, override) == evaluators


def test_other_options_can_follow() -> None:
    assert after("evaluators: []", "evaluators.labels=x.csv", "evaluators.labels.levels=[a]") == [
        {**LABELS, "levels": ["a"]}
    ]


def test_a_map_replaces_the_component_as_before() -> None:
    assert after("evaluators: [labels]", "evaluators.labels={name: glottolog}") == [{"name": "glottolog"}]


def test_what_has_no_shorthand_is_refused_as_before() -> None:
    tree = read_yaml("evaluators: [glottolog]", "x.yaml")
    assert isinstance(tree, Map)
    _, (problem,) = apply_overrides(tree, ["evaluators.label=x.csv"], shorthand)
    assert "evaluators has no item 'label'" in problem.message
