"""Loading: defaults, conversion, the round trip, and every fault told at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from annotated_types import MinLen
from config_fakes import Echo, FakeRegistered, FakeRegistry, GroupOptions, Inner, fake_catalog
from hypothesis import HealthCheck, given, settings, strategies as st
from pydantic import BaseModel

from langgeo_core.api import ConfigError, UserError
from langgeo_core.config import catalog as sources
from langgeo_core.config.load import draft_config
from langgeo_core.config.resolved import ResolvedConfig
from langgeo_core.config.schema import LIST_KEYS, CalibrationSettings, ConfigSchema
from langgeo_core.config.typed import describe_type, shapes_of
from langgeo_core.contract.records import KEYS, Command, Origin

BASE = "models: [gemma-3.1b]\ncorpora: [udhr]\nlanguages: [few, deu]\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(text: str, *overrides: str, text_folder: Path | None = None) -> ResolvedConfig:
    Path("my.yaml").write_text(text, encoding="utf-8")
    return draft_config("my.yaml", overrides, FakeRegistry(), fake_catalog(), text_folder).resolved()


def faults(text: str, *overrides: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(text, *overrides)
    return [str(problem) for problem in caught.value.problems]


def options(config: ResolvedConfig, kind: str) -> BaseModel:
    found = config.choices[kind][0].options
    assert found is not None
    return found


def test_what_is_left_out_comes_from_the_defaults(folder: Path) -> None:
    config = load(BASE)
    assert (config.settings.name, config.settings.seed) == ("my", 0)
    assert config.settings.languages == ("eng", "no", "nan", "deu")
    assert config.settings.calibration == CalibrationSettings()
    assert {kind: [chosen.name for chosen in chosen_ones] for kind, chosen_ones in config.choices.items()} == {
        "models": ["gemma-3.1b"],
        "corpora": ["udhr"],
        "scorers": ["sparsegpt"],
        "quantizers": ["median"],
        "distances": ["hamming"],
        "aggregators": ["mean"],
        "transforms": [],
        "embedders": ["torgerson"],
        "clusterers": ["kmeans", "hdbscan"],
        "evaluators": ["glottolog"],
        "baselines": ["char-ngrams"],
        "exporters": ["mst", "html"],
        "executors": ["local"],
    }


def test_build_gives_the_factory_its_options(folder: Path) -> None:
    config = load(BASE)
    built, bare = config.one("scorers").build(), config.one("distances").build()
    assert isinstance(built, Echo)
    assert (built.options, bare.options) == (config.one("scorers").options, None)


def test_text_becomes_what_the_options_declare(folder: Path) -> None:
    kmeans = (
        "{name: kmeans, k: null, seeds: 7, sizes: 4, weights: {a: 1e-3, b: 2}, names: [no, 0123], pair: [3, .5],"
        " inner: {depth: 2, label: null}, limit: ~, tags: [on]}"
    )
    config = load(BASE + f"clusterers: [{kmeans}]\nscorer: {{name: sparsegpt, diagonal: no, dead: off}}\n")
    assert options(config, "clusterers") == GroupOptions(
        k=None,
        seeds=7,
        sizes=4,
        weights={"a": 0.001, "b": 2.0},
        names=("no", "0123"),
        pair=(3, 0.5),
        inner=Inner(depth=2, label="null"),
        limit=None,
        tags=frozenset({"on"}),
    )
    assert options(config, "scorers").model_dump() == {"diagonal": "no", "damping": 0.01, "dead": False}


def test_a_list_of_one_needs_no_brackets(folder: Path) -> None:
    config = load(
        "models: {name: hub, repo: a/b}\ncorpora: udhr\nlanguages: all\n", "evaluators.glottolog.levels=branch"
    )
    assert [chosen.name for chosen in config.choices["models"]] == ["hub"]
    assert config.settings.languages == ("all",)
    assert options(config, "evaluators").model_dump()["levels"] == ("branch",)


def test_short_names_of_the_catalog_and_labels(folder: Path) -> None:
    text = BASE.replace(
        "gemma-3.1b", "mistral-7b, {name: hub, as: other, repo: c/d}, {name: mistral-7b, as: newer, revision: e}"
    )
    models = load(text, "models.mistral-7b.dtype=bfloat16").choices["models"]
    assert [chosen.name for chosen in models] == ["mistral-7b", "other", "newer"]
    assert {chosen.component.name for chosen in models} == {"hub"}
    dumped = [chosen.options.model_dump() for chosen in models if chosen.options]
    assert dumped[0] == {"repo": "mistral/seven", "revision": "abc", "dtype": "bfloat16"}
    assert dumped[2] == {"repo": "mistral/seven", "revision": "e", "dtype": "float32"}


def test_the_text_folder_replaces_corpora_and_languages_but_not_overrides(folder: Path) -> None:
    config = load("models: gemma-3.1b\ncorpora: [udhr]\nlanguages: [few]", text_folder=Path("texts"))
    assert config.one("corpora").name == "text-folder"
    assert options(config, "corpora").model_dump() == {"path": Path("texts")}
    assert config.settings.languages == ("all",)
    narrowed = load("models: gemma-3.1b", "languages=[eng, deu]", text_folder=Path("texts"))
    assert narrowed.settings.languages == ("eng", "deu")


def test_every_planted_fault_is_told_in_one_go_with_its_line(folder: Path) -> None:
    text = "\n".join(
        [
            "models: [gemma-3.2b, hub, {name: hub-pinned, dtype: float16}]",  # 1
            "corpora: []",  # 2
            "langauges: [eng]",  # 3
            "seed: -1",  # 4
            "scorer:",  # 5
            "  name: sparsegpt",  # 6
            "  diagnal: inverse",  # 7
            "  damping: 0",  # 8
            "  dead: perhaps",  # 9
            "quantizer: [median]",  # 10
            "distance: {root: yes}",  # 11
            "embedder: {name: torgerson, axes: 3}",  # 12
            "clusterers:",  # 13
            "  - name: kmeans",  # 14
            "    k: many",  # 15
            "    seeds: 1e3",  # 16
            "    inner: {depth: 0, dpth: 1}",  # 17
            "    names: [abcdefghij]",  # 18
            "    weights: {a: heavy}",  # 19
            "    pair: [1]",  # 20
            "  - kmeans",  # 21
            "calibration:",  # 22
            "  tokns: 5",  # 23
            "  short: skipp",  # 24
            "  damping: inf",  # 25
            "  window: 1",  # 26
            "seed: 4",  # 27
            "name: a/b",  # 28
        ]
    )
    found = "\n".join(
        faults(text, "evaluators.glotolog.permutations=9", "calibration.batch=x", "exporters.html.a=1", "oops")
    )
    expected = [
        "my.yaml:1: models.gemma-3.2b: no models is named 'gemma-3.2b'\n    did you mean 'gemma-3.1b'?",
        "my.yaml:1: models.hub.repo: the option 'repo' is missing and has no default\n    it must be text",
        "my.yaml:1: models.hub-pinned.dtype: must be float32 or bfloat16, got 'float16'\n    did you mean",
        "my.yaml:2: corpora: must be a list of at least 1, got an empty list",
        "my.yaml:3: langauges: unknown key 'langauges'\n    did you mean 'languages'?",
        "my.yaml:1: languages: the key 'languages' is missing",
        "my.yaml:4: seed: must be a whole number ≥ 0 and ≤ 2147483647, got '-1'",
        "my.yaml:7: scorer.diagnal: unknown option 'diagnal'\n    did you mean 'diagonal'?",
        "my.yaml:8: scorer.damping: must be a number > 0, got '0'",
        "my.yaml:9: scorer.dead: must be true or false, got 'perhaps'",
        "my.yaml:10: quantizer: must be a component's name, or a map of its name and options, got a list of 1",
        "my.yaml:11: distance: has no name\n    known distances: hamming, jaccard",
        "my.yaml:12: embedder.axes: unknown option 'axes'\n    torgerson has no options",
        "my.yaml:15: clusterers.kmeans.k: must be classes, a whole number ≥ 2 or null, got 'many'",
        "my.yaml:16: clusterers.kmeans.seeds: must be a whole number ≥ 1, got '1e3'\n    write a whole number out",
        "my.yaml:17: clusterers.kmeans.inner.depth: must be a whole number ≥ 1, got '0'",
        "my.yaml:18: clusterers.kmeans.names: names have at most 9 letters",
        "my.yaml:19: clusterers.kmeans.weights.a: must be a number, got 'heavy'",
        "my.yaml:20: clusterers.kmeans.pair: must be a list of 2, got a list of 1",
        "my.yaml:21: clusterers.kmeans: two clusterers are named 'kmeans'\n    give one of them another name with `as",
        "my.yaml:23: calibration.tokns: unknown key 'tokns'\n    did you mean 'tokens'?",
        "my.yaml:24: calibration.short: must be error, skip, cycle or use, got 'skipp'\n    did you mean 'skip'?",
        "my.yaml:25: calibration.damping: must be a number > 0, got 'inf'\n    it must be finite",
        "my.yaml:26: calibration.window: must be a whole number ≥ 2 where `calibration.unit` is tokens, got '1'",
        "my.yaml:27: the key 'seed' is written twice: my.yaml:4 and my.yaml:27",
        "my.yaml:28: name: the name becomes a folder",
        "command line: evaluators.glotolog.permutations: evaluators has no item 'glotolog'\n    did you mean 'glotto",
        "command line: calibration.batch: must be a whole number ≥ 1, got 'x'",
        "command line: exporters.html.a: unknown option 'a'",
        "command line: 'oops' is not a setting",
    ]
    assert [words for words in expected if words not in found] == []
    assert found.count("my.yaml:") + found.count("command line: ") == len(expected) + 2  # one names a line three times


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("models: [heavy]", "needs packages that are not installed: no-such-package\n    pip install 'langgeo[heavy]'"),
        ("scorer: broken", "NoSuchClass'\n    this is a bug in the plugin config_fakes of fakes 1.0"),
        ("models: [mistral-7b, mistral-7b]", "two models are named 'mistral-7b'"),
        ("models: [{name: gemma-3.1b, as: 'a/b'}]", "models.a/b.as: must be one word"),
        ("models: [{name: gemma-3.1b, as: 'a--b'}]", "models.a--b.as: must be one word"),
        ("models: [{name: gemma-3.1b, as: x}, {name: gemma-3.1b, as: X}]", "two models are named 'X'"),
        ("languages: [all, eng]", "`all` cannot be combined"),
        (
            "evaluators: [{name: glottolog, levels: [fam]}]",
            "glottolog.levels.0: must match pattern '^(family|branch)$', got 'fam'",
        ),
        (
            "languages: [deu, German]",
            "my.yaml:3: languages.1: unknown language or language set 'German'\n    did you mean `deu`",
        ),
        ("languages: [fewe]", "unknown language or language set 'fewe'\n    did you mean 'few'"),
        ("languages: ['']", "languages.0: must be text that is not empty, got nothing"),
        ("models:", "models: must be a list of at least 1, got nothing"),
        ("scorer:", "scorer: has no name"),
        ("scorer: {name:sparsegpt}", "write a space after the colon: name: sparsegpt"),
        ("calibration: 5", "calibration: must be a map, got '5'"),
        ("scorer: elsewhere:sparsegpt", "is named 'elsewhere:sparsegpt'"),
        ("baselines: [{name: char-ngrams, as: run}]", "`run` is what the tables call the run itself"),
        ("executors: [local]", "unknown key 'executors'"),
        ("executor: dask", "no executors is named 'dask'"),
    ],
)
def test_a_single_fault(folder: Path, line: str, words: str) -> None:
    key = line.split(":")[0]
    rest = [known for known in BASE.splitlines() if not known.startswith(key)]
    (found,) = faults("\n".join([*rest, line]))
    assert found.startswith("my.yaml:")
    assert words in found


def test_a_fault_of_the_registry_is_located_there(folder: Path) -> None:
    catalog = fake_catalog().overlay(_file("over.yaml", "defaults: {scorer: sparsgpt}\nmodels: {m: {component: hubb}}"))
    Path("my.yaml").write_text(BASE.replace("gemma-3.1b", "m"))
    with pytest.raises(ConfigError) as caught:
        draft_config("my.yaml", [], FakeRegistry(), catalog).resolved()
    found = "\n".join(str(problem) for problem in caught.value.problems)
    assert "over.yaml:1: scorer: no scorers is named 'sparsgpt'" in found
    assert "over.yaml:2: models.m.component: no models is named 'hubb'\n    did you mean 'hub'?" in found


def _file(name: str, text: str) -> Path:
    Path(name).write_text(text)
    return Path(name)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"a: 1\nb: \xff", "bad.yaml:2: is not UTF-8 text"),
        (b"", "bad.yaml: is empty"),
        (b"[1]", "bad.yaml:1: a config must be a map"),
        (b"a: [", "bad.yaml:1: not valid YAML"),
    ],
)
def test_files_that_are_no_config(folder: Path, raw: bytes, words: str) -> None:
    Path("bad.yaml").write_bytes(raw)
    with pytest.raises(ConfigError) as caught:
        draft_config("bad.yaml", [], FakeRegistry(), fake_catalog()).resolved()
    assert words in str(caught.value)


def test_a_byte_order_mark_is_no_text(folder: Path) -> None:
    Path("bom.yaml").write_bytes(b"\xef\xbb\xbf" + BASE.encode())
    assert draft_config("bom.yaml", [], FakeRegistry(), fake_catalog()).resolved().settings.name == "bom"


def test_bundled_configs_by_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundled = {"starter": sources.BundledConfig(_file("starter.yaml", BASE), "langgeo", "0")}
    monkeypatch.setattr(sources, "bundled_configs", lambda: bundled)
    assert draft_config("starter", [], FakeRegistry(), fake_catalog()).resolved().settings.name == "starter"
    for name in ("startr", str(folder), "\x00", "a" * 5000):
        with pytest.raises(UserError, match="nor the name of a bundled config") as caught:
            draft_config(name, [], FakeRegistry(), fake_catalog()).resolved()
        assert "bundled configs: starter" in caught.value.hint
    assert all(config.file.suffix == ".yaml" for config in sources.bundled_configs().values())


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
FLOATS = st.floats(allow_nan=False)
GROUPS = st.builds(
    GroupOptions,
    k=st.just("classes") | st.none() | st.integers(2, 10**9),
    seeds=st.integers(1, 10**12),
    sizes=st.sampled_from([1, 2, 4]),
    weights=st.dictionaries(NAMES, FLOATS, max_size=3),
    names=st.lists(NAMES, max_size=3).map(tuple),
    pair=st.tuples(st.integers(), FLOATS),
    inner=st.builds(Inner, depth=st.integers(1, 9), label=TEXTS | st.none()),
    limit=FLOATS | st.none(),
    tags=st.frozensets(NAMES, max_size=3),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    group=GROUPS,
    repo=TEXTS,
    revision=TEXTS | st.none(),
    languages=st.lists(st.sampled_from(["eng", "no", "nan", "cmn_Hant", "few"]), min_size=1, max_size=4, unique=True),
    calibration=st.builds(
        CalibrationSettings,
        tokens=st.integers(16, 10**9),
        bos=st.booleans(),
        short=st.sampled_from(["error", "skip", "cycle", "use"]),
        damping=st.floats(1e-12, 1e12),
    ),
)
def test_the_resolved_config_stands_alone(
    folder: Path,
    group: GroupOptions,
    repo: str,
    revision: str | None,
    languages: list[str],
    calibration: CalibrationSettings,
) -> None:
    start = load(BASE.replace("gemma-3.1b", "mistral-7b, {name: fakes:hub, as: other, repo: r}"))
    model = start.choices["models"][0]
    assert model.options is not None
    changed = replace(model, options=model.options.model_copy(update={"repo": repo, "revision": revision}))
    clusterer = replace(start.choices["clusterers"][0], options=group)
    choices = {**start.choices, "models": (changed, *start.choices["models"][1:]), "clusterers": (clusterer,)}
    resolved = ResolvedConfig(
        start.settings.model_copy(
            update={"languages": fake_catalog().expand(languages), "calibration": calibration, "name": "a run"}
        ),
        choices,
    )
    again = load(resolved.to_yaml())
    assert again == resolved
    assert again.differences(resolved) == []
    assert again.to_yaml() == resolved.to_yaml()


def test_a_short_name_that_hides_a_component_does_not_capture_the_resolved_config(folder: Path) -> None:
    mine = "{component: 'fakes:hub', options: {repo: a}}"
    overlay = _file("over.yaml", f"models: {{hub: {{component: gemma-3.1b}}, mine: {mine}}}")
    catalog = fake_catalog().overlay(overlay)
    for model in ("mine", "mistral-7b", "hub"):
        Path("my.yaml").write_text(BASE.replace("gemma-3.1b", model))
        first = draft_config("my.yaml", [], FakeRegistry(), catalog).resolved()
        Path("my.yaml").write_text(first.to_yaml())
        assert draft_config("my.yaml", [], FakeRegistry(), catalog).resolved() == first


@pytest.mark.parametrize(
    ("overrides", "keys"),
    [
        (["seed=1", "calibration.tokens=99"], ["seed", "calibration.tokens"]),
        (["scorer.diagonal=cholesky"], ["scorer.diagonal"]),
        (["scorer=wanda"], ["scorer"]),
        (["evaluators.glottolog.permutations=9"], ["evaluators.glottolog.permutations"]),
        (["clusterers=[hdbscan, kmeans]"], ["clusterers"]),
        (["clusterers.kmeans.inner.depth=3", "clusterers.kmeans.weights={a: 1}"], None),
        (["languages=[eng]", "corpora=[udhr, django]"], ["corpora", "languages"]),
        (["models={name: hub, as: gemma-3.1b, repo: x}"], ["models.gemma-3.1b"]),
        (["name=other"], ["name"]),
        ([], []),
    ],
)
def test_differences_are_dotted_keys(folder: Path, overrides: list[str], keys: list[str] | None) -> None:
    expected = ["clusterers.kmeans.weights.a", "clusterers.kmeans.inner.depth"] if keys is None else keys
    assert load(BASE).differences(load(BASE, *overrides)) == expected
    assert sorted(load(BASE, *overrides).differences(load(BASE))) == sorted(expected)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text("abmodels:[]{}, \n-'\"namescorer", max_size=60), st.lists(st.text(max_size=12), max_size=2))
def test_any_file_and_any_override_is_loaded_or_refused(folder: Path, text: str, overrides: list[str]) -> None:
    for whole in (text, BASE + text):
        try:
            load(whole, *overrides)
        except ConfigError as error:
            assert error.problems


def test_a_key_that_a_command_reads_is_left_to_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert faults(BASE + "counting: {a: 1}\n")[0].startswith("my.yaml:4: counting: unknown key 'counting'")
    command = FakeRegistered(Command("count", "It counts.", "x:y", config_key="counting"), Origin("x", "1", "x"))
    monkeypatch.setattr(FakeRegistry, "all", lambda self, kind: [command])
    assert "counting" not in load(BASE + "counting: {a: 1}\n").data()


def test_every_key_of_the_schema_is_described_and_known() -> None:
    fields = {**ConfigSchema.model_fields, **CalibrationSettings.model_fields}
    assert all(field.description for field in fields.values())
    others = {"name", "seed", "languages", "calibration", "reliability", "parts", "store"}
    assert set(KEYS) | others == set(ConfigSchema.model_fields)
    assert set(LIST_KEYS) < set(ConfigSchema.model_fields)
    schema = ConfigSchema.model_json_schema()
    assert sorted(schema["required"]) == ["corpora", "languages", "models"]


def test_what_a_list_may_hold_is_told() -> None:
    kinds = tuple[Literal["svg", "png", "pdf"], ...]
    assert describe_type(shapes_of(kinds)) == "a list of svg, png or pdf"
    assert describe_type(shapes_of(kinds, [MinLen(1)])) == "a list of at least 1 of svg, png or pdf"
    assert describe_type(shapes_of(tuple[str, ...], [MinLen(2)])) == "a list of at least 2"
    assert describe_type(shapes_of(tuple[int, int])) == "a list of 2"
