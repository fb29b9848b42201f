"""Names: unique within a kind, with a way out where two distributions claim one."""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType

import pytest

from langgeo_core.api import UserError
from langgeo_core.contract.records import KINDS, Component, Origin
from langgeo_core.hooks import hookimpl, records
from langgeo_core.plugins.discovery import Plugin
from langgeo_core.plugins.registry import Registry, plural_of


def plugin(distribution: str, *names: str, kind: str = "scorers") -> Plugin:
    """A plugin of a distribution that registers components of a kind."""
    module = ModuleType(f"plugin_of_{distribution}")

    def register() -> Iterable[Component]:
        for name in names:
            yield KINDS[kind](name, f"The {name} of {distribution}.", f"{distribution}:Class")

    setattr(module, f"langgeo_{kind}", hookimpl(register))
    return Plugin(f"plugin_{distribution}", distribution, "1.2", module.__name__, 0.0, module)


@pytest.fixture
def clashing() -> Registry:
    return Registry([plugin("first", "shared", "alone"), plugin("second", "shared"), plugin("third", "other")])


def test_a_component_by_its_name() -> None:
    entry = Registry([plugin("first", "mine")]).get("scorers", "mine")
    assert entry.component == records.Scorer("mine", "The mine of first.", "first:Class")
    assert entry.origin == Origin("first", "1.2", "plugin_first")


def test_names_are_sorted_and_kept_apart_by_kind() -> None:
    registry = Registry([plugin("first", "zulu", "alpha"), plugin("second", "alpha", kind="distances")])
    assert registry.names("scorers") == ["alpha", "zulu"]
    assert registry.names("distances") == ["alpha"]
    assert registry.get("distances", "alpha").origin.distribution == "second"
    assert registry.clashes() == []


def test_a_name_that_two_distributions_claim_is_refused_naming_both(clashing: Registry) -> None:
    with pytest.raises(UserError) as caught:
        clashing.get("scorers", "shared")
    assert caught.value.message == "the name 'shared' of scorers is claimed by first 1.2 and second 1.2"
    assert caught.value.hint == "write `first:shared` or `second:shared`"
    assert clashing.clashes() == [caught.value.message]


@pytest.mark.parametrize("distribution", ["first", "second"])
def test_the_distribution_before_the_name_tells_them_apart(clashing: Registry, distribution: str) -> None:
    assert clashing.get("scorers", f"{distribution}:shared").origin.distribution == distribution


def test_the_distribution_may_stand_before_any_name(clashing: Registry) -> None:
    assert clashing.get("scorers", "third:other") is clashing.get("scorers", "other")


@pytest.mark.parametrize("name", ["third:shared", "nobody:alone", ":", "first:", ":first"])
def test_a_distribution_without_that_name_is_refused(clashing: Registry, name: str) -> None:
    with pytest.raises(UserError, match=f"no scorer is named '{name}'"):
        clashing.get("scorers", name)


def test_a_clash_leaves_the_other_names_alone(clashing: Registry) -> None:
    assert clashing.get("scorers", "alone").origin.distribution == "first"
    assert [entry.origin.distribution for entry in clashing.all("scorers")] == ["first", "third", "first", "second"]


def test_one_distribution_that_claims_a_name_twice_is_a_clash_too() -> None:
    registry = Registry([plugin("first", "mine", "mine")])
    with pytest.raises(UserError, match=r"claimed by first 1\.2 and first 1\.2"):
        registry.get("scorers", "mine")


def test_an_unknown_name_gets_the_nearest_and_all(clashing: Registry) -> None:
    with pytest.raises(UserError) as caught:
        clashing.get("scorers", "alnoe")
    assert caught.value.message == "no scorer is named 'alnoe'"
    assert caught.value.hint == "did you mean 'alone'? known scorers: alone, other, shared"


def test_a_kind_without_components_says_so() -> None:
    with pytest.raises(UserError) as caught:
        Registry([]).get("corpora", "udhr")
    assert (caught.value.message, caught.value.hint) == ("no corpus is named 'udhr'", "known corpora: none")


def test_plugins_that_failed_are_kept_for_the_record() -> None:
    failed = Plugin("broken", "first", "1.2", "broken", 0.0, error="ImportError: no")
    assert Registry([failed, plugin("second", "mine")]).plugins[0] is failed


@pytest.mark.parametrize(("kind", "record"), KINDS.items())
def test_a_kind_is_known_in_singular_and_plural(kind: str, record: type[Component]) -> None:
    assert plural_of(kind) == plural_of(record.__name__.lower()) == kind


@pytest.mark.parametrize(("written", "meant"), [("scorer s", "scorers"), ("corpra", "corpora"), ("modle", "models")])
def test_an_unknown_kind_gets_the_nearest(written: str, meant: str) -> None:
    with pytest.raises(UserError) as caught:
        plural_of(written)
    assert caught.value.hint.startswith(f"did you mean '{meant}'? kinds: aggregators, baselines, ")
