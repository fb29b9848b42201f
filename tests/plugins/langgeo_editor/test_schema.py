"""`langgeo schema`: what editors are told agrees with what configs may say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from tiny_run import Finished, Langgeo

from langgeo_core.api import bundled_catalog, installed
from langgeo_editor.schema import config_schema

Validator = Draft202012Validator


class Yaml12(yaml.SafeLoader):
    """As editors read YAML: `no` and `yes` are text."""


Yaml12.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Yaml12.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))


@pytest.fixture(scope="module")
def validator() -> Validator:
    schema = config_schema(installed(), bundled_catalog())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def problems(validator: Validator, text: str) -> list[str]:
    data = yaml.load(text, Yaml12)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(data)]


def test_bundled_configs_fit(validator: Validator, langgeo: Langgeo) -> None:
    names = [listed["name"] for listed in json.loads(langgeo("list", "configs", "--json").out)]
    texts = {name: langgeo("show", "config", name).out for name in names}
    assert "starter" in texts
    assert {name: found for name, text in texts.items() if (found := problems(validator, text))} == {}


def test_what_a_run_writes_fits(validator: Validator, whole_run: Finished) -> None:
    assert problems(validator, (whole_run.folder / "config.yaml").read_text(encoding="utf-8")) == []
    assert problems(validator, whole_run.config.read_text(encoding="utf-8")) == []


GOOD = """\
name: mine
models: [{name: huggingface, as: mistral, path: /models/x}]
corpora: udhr
languages: [starter-small, no, nan, cmn_Hant]
calibration: {tokens: 1024, short: use}
scorer: {name: sparsegpt, diagonal: cholesky}
quantizer: langgeo:median
clusterers: [kmeans, {name: kmeans, as: five, k: 5}]
evaluators:
  - {name: glottolog, levels: family}
  - {name: labels, file: mine.csv}
ablate: {scorer.diagonal: [inverse, cholesky]}
"""
MATRIX = "matrix: {file: x.json, format: json, name: average}\nembedder: {name: torgerson, transform: sqrt}\n"


@pytest.mark.parametrize("text", [GOOD, MATRIX, MATRIX + "languages: [deu, eng]"], ids=["models", "matrix", "some"])
def test_good_configs_fit(validator: Validator, text: str) -> None:
    assert problems(validator, text) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("corpora: udhr", "corpora: udhrr"),
        ("corpora: udhr\n", ""),
        ("name: mine", "nmae: mine"),
        ("diagonal: cholesky", "diagonal: choleski"),
        ("diagonal: cholesky", "diagonl: cholesky"),
        ("tokens: 1024", "tokens: 0"),
        ("tokens: 1024", "tokens: many"),
        ("short: use", "short: usee"),
        ("corpora: udhr", "corpora: {name: text-folder, licence: MIT}"),
        ("k: 5", "k: clases"),
        ("k: 5", "k: -5"),
        ("as: five", "as: my five"),
        ("levels: family", "levels: [genus]"),
        ("{name: kmeans, as: five, k: 5}", "{as: five, k: 5}"),
        ("nan, cmn_Hant", "German language"),
        (", file: mine.csv", ""),
        ("langgeo:median", "mediann"),
        ("name: mine", "name: a/b"),
        ("name: mine", "matrix: {file: x.csv}"),
        ("[inverse, cholesky]", "inverse"),
    ],
)
def test_planted_mistakes_do_not_fit(validator: Validator, right: str, wrong: str) -> None:
    assert right in GOOD
    assert problems(validator, GOOD.replace(right, wrong, 1)) != []


@pytest.mark.parametrize("wrong", ["scorer: sparsegpt", "matrx: {}", "calibration: {tokens: 5}"])
def test_a_matrix_has_none_of_what_makes_distances(validator: Validator, wrong: str) -> None:
    assert problems(validator, MATRIX + wrong) != []


def test_the_format_of_a_matrix_is_that_of_a_reader(validator: Validator) -> None:
    assert problems(validator, MATRIX.replace("format: json", "format: jsn")) != []


def test_every_component_and_option_is_described(validator: Validator) -> None:
    definitions: dict[str, Any] = validator.schema["$defs"]
    for kind in ("scorers", "clusterers", "evaluators", "exporters"):
        for name in installed().names(kind):
            form = definitions[f"{kind}.{name}"]
            assert form["description"]
            options = installed().get(kind, name).component.load("options")
            declared = set(options.model_fields) if options else set()
            assert set(form["properties"]) == {"name", "as", *declared}
            assert all("description" in form["properties"][option] for option in declared)
    assert definitions["clusterers.kmeans"]["properties"]["seeds"]["default"] == 20


def test_the_command_writes_the_same_schema(langgeo: Langgeo, tmp_path: Path, validator: Validator) -> None:
    printed = json.loads(langgeo("schema").out)
    assert printed == json.loads(json.dumps(validator.schema))
    file = tmp_path / "x.json"
    assert langgeo("schema", "--out", file).out == f"{file}\n"
    assert json.loads(file.read_text(encoding="utf-8")) == printed


def test_a_registry_of_ones_own_is_in_the_schema(langgeo: Langgeo, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "models: {mine: {component: huggingface, options: {path: /x}, note: small}}\n"
        "language_sets: {nordic: [dan, swe]}\n"
    )
    schema = json.loads(langgeo("--registry", own, "schema").out)
    mine = Draft202012Validator(schema)
    text = "models: [mine, {name: mine, as: other, licence: MIT}]\ncorpora: [udhr]\nlanguages: [nordic]\n"
    assert problems(mine, text) == []
    assert schema["$defs"]["models.mine"]["properties"]["path"]["default"] == "/x"
    assert problems(mine, text.replace("licence", "license")) != []
