"""Overrides: what they may say, and where they land."""

from __future__ import annotations

import pytest
from config_fakes import read_yaml
from hypothesis import given, strategies as st

from langgeo_core.config.nodes import COMMAND_LINE, Map, plain
from langgeo_core.config.overrides import apply_overrides, name_of_settings, parse_override

WORDS = st.text("abcxyz019_-", min_size=1, max_size=8)
FLOWS = st.recursive(WORDS, lambda inner: st.lists(inner, max_size=3), max_leaves=8)
BASE = """
models: [gemma-3.1b, {name: hub, as: mistral, repo: a/b}]
corpora: udhr
scorer: {name: sparsegpt, diagonal: inverse, dead: no}
distance: hamming
evaluators: [glottolog]
calibration: {tokens: 10}
seed: 3
"""


def tree() -> Map:
    node = read_yaml(BASE, "x.yaml")
    assert isinstance(node, Map)
    return node


def after(*overrides: str) -> dict[str, object]:
    changed, problems = apply_overrides(tree(), overrides)
    assert problems == []
    values = plain(changed)
    assert isinstance(values, dict)
    return values


def refused(override: str) -> str:
    unchanged, problems = apply_overrides(tree(), [override])
    assert unchanged == tree()
    (problem,) = problems
    return str(problem)


@pytest.mark.parametrize(
    ("override", "key", "value"),
    [
        ("scorer=wanda", "scorer", "wanda"),
        ("scorer={name: x, diagonal: no}", "scorer", {"name": "x", "diagonal": "no"}),
        ("scorer.diagonal=cholesky", "scorer", {"name": "sparsegpt", "diagonal": "cholesky", "dead": "no"}),
        ("distance.root=yes", "distance", {"name": "hamming", "root": "yes"}),
        ("quantizer.scope=row", "quantizer", {"scope": "row"}),
        ("corpora=[udhr,django]", "corpora", ["udhr", "django"]),
        ("corpora.udhr.articles=5", "corpora", [{"name": "udhr", "articles": "5"}]),
        ("evaluators.glottolog.permutations=99", "evaluators", [{"name": "glottolog", "permutations": "99"}]),
        ("evaluators.0.permutations=99", "evaluators", [{"name": "glottolog", "permutations": "99"}]),
        ("evaluators.0=typology", "evaluators", ["typology"]),
        ("calibration.tokens=1e-3", "calibration", {"tokens": "1e-3"}),
        ("calibration.dtype=no", "calibration", {"tokens": "10", "dtype": "no"}),
        (" seed = 4 ", "seed", "4"),
        ("name='a, b'", "name", "a, b"),
        ("name=C:\\texts: #1 *x", "name", "C:\\texts: #1 *x"),
        ("name=", "name", ""),
        ("unheard.of=1", "unheard", {"of": "1"}),
    ],
)
def test_where_an_override_lands(override: str, key: str, value: object) -> None:
    assert after(override)[key] == value


def test_items_are_addressed_by_names_with_dots_and_by_labels() -> None:
    models = after("models.gemma-3.1b.dtype=float64", "models.mistral.repo=c/d")["models"]
    assert models == [{"name": "gemma-3.1b", "dtype": "float64"}, {"name": "hub", "as": "mistral", "repo": "c/d"}]


def test_later_overrides_see_earlier_ones() -> None:
    assert after("scorer=wanda", "scorer.norm=l2")["scorer"] == {"name": "wanda", "norm": "l2"}


def test_the_mark_of_an_override_is_the_command_line() -> None:
    changed, _ = apply_overrides(tree(), ["scorer.diagonal=cholesky"])
    scorer = changed.get("scorer")
    assert isinstance(scorer, Map)
    assert scorer.mark_of("diagonal") == COMMAND_LINE
    assert str(scorer.mark_of("name")) == "x.yaml:4"


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("scorer", "is not a setting"),
        ("=x", "empty key"),
        ("a..b=x", "empty key"),
        ("a." * 50 + "a=x", "more than"),
        ("evaluators.glotolog.permutations=9", "did you mean 'glottolog'?"),
        ("models.7.dtype=x", "no item '7'"),
        ("seed.x=1", "single value"),
        ("corpora=[udhr", "not valid YAML"),
        ("corpora=[udhr] x", "command line: corpora: "),
        ("corpora='a': b", "goes on after"),
        ("scorer={a: 1, a: 2}", "twice"),
    ],
)
def test_what_does_not_fit_is_a_problem(override: str, words: str) -> None:
    found = refused(override)
    assert found.startswith("command line")
    assert words in found


@given(st.text(st.characters(), max_size=30) | st.text("ab.=[]{},:'\"&*! 0", max_size=30))
def test_any_text_is_applied_or_refused(text: str) -> None:
    changed, problems = apply_overrides(tree(), [text])
    assert isinstance(changed, Map)
    assert problems or "=" in text


@given(WORDS, FLOWS)
def test_flow_values_round_trip(key: str, value: object) -> None:
    written = str(value).replace("'", "") if isinstance(value, list) else str(value)
    override = parse_override(f"{key}={written}")
    assert (override.path, plain(override.value)) == ((key,), value)


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"scorer.diagonal": "cholesky", "seed": "1"}, "diagonal=cholesky+seed=1"),
        ({"corpora": "[udhr, django]", "transforms": "[]"}, "corpora=udhr-django+transforms="),
        ({"scorer": "{name: wanda, as: w, power: 2}", "quantizer": "{name: median, scope: row}"},
         "scorer=w+quantizer=median-scope-row"),
        ({"baselines.file.path": "../a b/c.csv", "corpora.file.path": "/x"},
         "baselines.file.path=a-b-c.csv+corpora.file.path=x"),
    ],
)  # fmt: skip
def test_settings_as_the_name_of_a_folder(settings: dict[str, str], name: str) -> None:
    assert name_of_settings(settings) == name
    assert name_of_settings(settings, taken=[name]) != name
    assert len(name_of_settings({**settings, "languages": "a" * 300})) == 100
