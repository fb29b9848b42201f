"""registry.yaml: what ships, what a user may lay over it, and what is refused."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from langgeo_core.api import ConfigError, LanguageTable, UserError, installed
from langgeo_core.config.catalog import Catalog, bundled_catalog, parse_catalog, registry_text
from langgeo_core.config.nodes import plain


def refusals(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse_catalog(text, "r.yaml")
    return [str(problem) for problem in caught.value.problems]


TRIGRAMS = {"name": "char-ngrams", "as": "char-trigrams", "n": "3", "distance": "hellinger", "centre": "true"}


def test_the_bundled_registry_is_sound() -> None:
    catalog = bundled_catalog()
    assert len(catalog.language_sets["starter-small"]) == 12
    for members in catalog.language_sets.values():
        assert all(re.fullmatch(r"[a-z]{3}(_\w+)?", member) for member in members)
    assert plain(catalog.defaults) == {
        "scorer": "sparsegpt",
        "quantizer": "median",
        "distance": "hamming",
        "aggregator": "mean",
        "transforms": [],
        "embedder": "torgerson",
        "executor": "local",
        "clusterers": ["kmeans", "hdbscan"],
        "evaluators": ["glottolog"],
        "baselines": ["char-ngrams", TRIGRAMS],
        "exporters": ["mst", "figures", "html"],
    }


def test_the_sets_hold_as_many_languages_as_they_say_and_all_exist() -> None:
    catalog = bundled_catalog()
    sizes = {name: len(members) for name, members in catalog.language_sets.items()}
    families = ("romance", "slavic", "germanic", "turkic", "indo-aryan", "bantu")
    assert sizes == {
        "starter-small": 12, "starter": 126, "study-106": 106, "xlm-r": 94, "unseen": 144,
        "ablation-64": 64, "udhr-django": 68,
        **dict.fromkeys(families, 10),
    }  # fmt: skip
    for name, members in catalog.language_sets.items():
        languages, aliased = LanguageTable().resolve(members)
        assert aliased == (), name
        assert len({language.id for language in languages}) == len(members)
        assert catalog.set_notes[name].endswith(".")
    assert set(catalog.language_sets["ablation-64"]) < set(catalog.language_sets["starter"])


def test_no_other_set_has_the_unseen_languages_and_all_have_a_relative() -> None:
    sets = bundled_catalog().language_sets
    chosen_from = {language for name in sets if name not in ("unseen", "study-106", "xlm-r") for language in sets[name]}
    assert not chosen_from & set(sets["unseen"])
    branches = Counter(language.branch for language in LanguageTable().resolve(sets["unseen"])[0])
    assert min(branches.values()) >= 2
    assert max(branches.values()) <= 12


@pytest.mark.parametrize(
    ("name", "ancestor"),
    [
        ("romance", "impe1234"), ("slavic", "slav1255"), ("germanic", "germ1287"), ("turkic", "turk1311"),
        ("indo-aryan", "indo1321"), ("bantu", "narr1281"),
    ],
)  # fmt: skip
def test_the_languages_of_a_family_share_an_ancestor(name: str, ancestor: str) -> None:
    languages, _ = LanguageTable().resolve(bundled_catalog().language_sets[name])
    assert [language.id for language in languages if ancestor not in language.lineage] == []


def test_the_universal_declaration_has_the_sets_that_say_so() -> None:
    pytest.importorskip("langgeo_text")
    udhr = installed().get("corpora", "udhr").component
    if udhr.missing_packages():
        pytest.skip("the texts are not installed")
    offered, sets = set(udhr.load("factory")().languages()), bundled_catalog().language_sets
    assert [name for name, members in sets.items() if not set(members) <= offered] == ["study-106", "xlm-r"]
    assert len(set(sets["study-106"]) & offered) == 91


def test_a_set_may_be_a_map_with_a_note() -> None:
    catalog = parse_catalog("language_sets: {a: {languages: [no, nan], note: two  of them}, b: [eng]}", "r")
    assert catalog.language_sets == {"a": ("no", "nan"), "b": ("eng",)}
    assert catalog.set_notes == {"a": "two of them", "b": ""}


@pytest.mark.parametrize(
    ("written", "refusal"),
    [
        ("{language: [eng]}", "r.yaml:1: language_sets.a.language: unknown key 'language'"),
        ("{note: empty}", "r.yaml:1: language_sets.a.languages: the key 'languages' is missing"),
        ("{languages: [eng], note: [x]}", "r.yaml:1: language_sets.a.note: must be text"),
    ],
)
def test_a_set_with_a_fault(written: str, refusal: str) -> None:
    assert [line for line in refusals(f"language_sets: {{a: {written}}}") if line.startswith(refusal)]


def test_entries_and_sets_are_text() -> None:
    catalog = parse_catalog(
        "models:\n  m: {component: hub, options: {revision: 0123}, note: free}\nlanguage_sets: {a: [no, nan, yes]}", "r"
    )
    entry = catalog.models["m"]
    assert (entry.component.text, plain(entry.options), entry.note) == ("hub", {"revision": "0123"}, "free")
    assert catalog.language_sets == {"a": ("no", "nan", "yes")}


def test_expansion_keeps_the_order_and_each_language_once() -> None:
    catalog = Catalog(language_sets={"a": ("eng", "deu"), "b": ("nld", "deu")})
    assert catalog.expand(["b", "fra", "a"]) == ("nld", "deu", "fra", "eng")


def test_every_fault_is_located() -> None:
    text = "\n".join(
        [
            "modles: {}",
            "corpora:",
            "  a: {components: x}",
            "  b: {component: x, licence: y, options: [1]}",
            "  'c:d': {component: x}",
            "language_sets:",
            "  s: [eng, eng, t]",
            "  t: []",
            "  all: [eng]",
            "  u: [[eng]]",
            "defaults:",
            "  scorre: x",
            "  scorer: x",
            "  scorer: y",
        ]
    )
    found = "\n".join(refusals(text))
    expected = [
        "r.yaml:1: modles: unknown key 'modles'\n    did you mean 'models'?",
        "r.yaml:3: corpora.a.component: the key 'component' is missing",
        "r.yaml:4: corpora.b.licence: unknown key",
        "r.yaml:4: corpora.b.options: must be a map",
        "r.yaml:5: corpora.c:d: the short name 'c:d' cannot name files",
        "r.yaml:7: language_sets.s: 't' is a set",
        "r.yaml:7: language_sets.s: lists eng more than once",
        "r.yaml:8: language_sets.t.languages: must be a list of at least 1, got an empty list",
        "r.yaml:9: language_sets.all: a language set cannot be named 'all'",
        "r.yaml:10: language_sets.u.languages.0: must be text that is not empty, got a list of 1",
        "r.yaml:12: defaults.scorre: unknown key 'scorre'\n    did you mean 'scorer'?",
        "r.yaml:13 and r.yaml:14",
    ]
    assert [words for words in expected if words not in found] == []


@pytest.mark.parametrize("text", ["", "[a]", "models: x", "a: [", "models: &a {}"])
def test_what_is_no_registry_is_refused(text: str) -> None:
    assert refusals(text)


@given(st.text(max_size=60))
def test_any_text_is_a_catalog_or_refused(text: str) -> None:
    try:
        parse_catalog(text, "r")
    except ConfigError as error:
        assert error.problems


def test_an_overlay_replaces_entry_by_entry(tmp_path: Path) -> None:
    models = "models: {a: {component: x}, b: {component: y}}\n"
    lower = parse_catalog(models + "language_sets: {s: [eng]}\ndefaults: {scorer: w, distance: d}", "r")
    file = tmp_path / "mine.yaml"
    file.write_text("models: {b: {component: z}}\nlanguage_sets: {t: [deu]}\ndefaults: {scorer: v}\n")
    merged = lower.overlay(file)
    assert {name: entry.component.text for name, entry in merged.models.items()} == {"a": "x", "b": "z"}
    assert merged.language_sets == {"s": ("eng",), "t": ("deu",)}
    assert plain(merged.defaults) == {"scorer": "v", "distance": "d"}
    assert str(merged.defaults.mark_of("scorer")) == f"{file}:3"


def test_an_overlay_cannot_name_a_set_like_a_language_of_another(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("language_sets: {eng: [deu]}")
    with pytest.raises(ConfigError, match="eng: a language set is named like a member"):
        Catalog(language_sets={"s": ("eng",)}).overlay(file)


def test_an_overlay_that_is_not_there_is_the_users_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"absent\.yaml cannot be read"):
        Catalog().overlay(tmp_path / "absent.yaml")


def test_the_registry_inside_an_installed_package_comes_first(tmp_path: Path) -> None:
    package = tmp_path / "site" / "langgeo_core"
    here = Path(parse_catalog.__code__.co_filename).parents[1]
    shutil.copytree(here, package, ignore=shutil.ignore_patterns("__pycache__", "data"))
    (package / "registry.yaml").write_text("language_sets: {installed: [eng]}")
    code = "from langgeo_core.config.catalog import bundled_catalog; print(list(bundled_catalog().language_sets))"
    assert printed(code, package.parent) == "['installed']"
    assert "starter-small" in registry_text()


def test_nothing_heavy_is_imported() -> None:
    heavy = {"torch", "transformers", "scipy", "sklearn"}
    code = f"import sys, langgeo_core.config.catalog, langgeo_core.config.load; print({heavy} & set(sys.modules))"
    assert printed(code, Path(__file__).parents[2]) == "set()"


def printed(code: str, folder: Path) -> str:
    command, environment = [sys.executable, "-c", code], {"PYTHONPATH": str(folder)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()
