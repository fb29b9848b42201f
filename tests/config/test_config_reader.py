"""The YAML reader: all text, nothing constructed, everything located."""

from __future__ import annotations

import time
from itertools import pairwise
from string import ascii_lowercase

import pytest
import yaml
from config_fakes import read_yaml
from hypothesis import given, strategies as st

from langgeo_core.api import ConfigError
from langgeo_core.config.nodes import List, Map, Node, Scalar, plain, write_yaml

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TREES = st.recursive(
    TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def read(text: str) -> Node:
    return read_yaml(text, "x.yaml")


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(text)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    "text", ["no", "yes", "on", "1e-3", "0123", "0x1F", "null", "~", "2024-01-02", "1:30", "nan", ".inf", "=", "<<"]
)
def test_every_scalar_stays_text(text: str) -> None:
    assert plain(read(f"key: {text}\nlist: [{text}]")) == {"key": text, "list": [text]}


@given(TREES)
def test_reads_back_what_the_writer_wrote(tree: object) -> None:
    written = write_yaml(tree)
    assert plain(read(written)) == tree
    assert yaml.safe_load(written) == tree


@pytest.mark.parametrize("flow", [True, False])
@given(tree=TREES)
def test_reads_what_yaml_writes_in_ascii(flow: bool, tree: object) -> None:
    assert plain(read(yaml.safe_dump(tree, default_flow_style=flow))) == tree


@given(st.text(st.characters(), max_size=60) | st.text("[]{}:,-&*!|>'\"\\#%@ \n\tab\x00\x85U", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        node = read(text)
    except ConfigError as error:
        assert error.problems
    else:
        assert isinstance(node, Scalar | List | Map)


def test_marks_are_lines_of_the_source() -> None:
    tree = read("a: 1\nb:\n  c: 2\n  d:\n    - 3\n")
    assert isinstance(tree, Map)
    inner = tree.get("b")
    assert isinstance(inner, Map)
    items = inner.get("d")
    assert isinstance(items, List)
    assert (str(tree.mark_of("b")), str(inner.mark_of("c")), str(items.items[0].mark)) == (
        "x.yaml:2",
        "x.yaml:3",
        "x.yaml:5",
    )


def test_duplicate_keys_name_both_lines_and_are_all_reported() -> None:
    found = problems("a: 1\nb: 2\na: 3\nc: {d: 1, d: 2}\n")
    assert "x.yaml:1 and x.yaml:3" in found[1] or "x.yaml:1 and x.yaml:3" in found[0]
    assert len(found) == 2


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: [1, 2\nc: 3", 3, "not valid YAML"),
        ("a: 1\n\tb: 2", 2, "not valid YAML"),
        ("a: 1\n---\nb: 2", 2, "not valid YAML"),
        ("a: 1\nb: \x00", 2, "U+0000"),
        ("a: 1\nb: !!python/object/apply:os.system [ls]", 2, "tag"),
        ("a: 1\nb: !!int 3", 2, "tag"),
        ("a: &x 1\nb: *x", 1, "anchors"),
        ("a: 1\nb: *x", 2, "anchors"),
        ("a: 1\n? [b]\n: 2", 2, "a key must be text"),
    ],
)
def test_faults_are_located(text: str, line: int, words: str) -> None:
    (found,) = problems(text)
    assert found.startswith(f"x.yaml:{line}: ")
    assert words in found


def test_an_escape_beyond_unicode_is_a_fault() -> None:
    assert "not valid YAML" in problems('a: "\\UFFFFFFFF"')[0]


@pytest.mark.parametrize("text", ["", "\n", "# only a remark\n", "---\n..."])
def test_an_empty_document_is_a_fault(text: str) -> None:
    if text.startswith("---"):
        assert plain(read(text)) == ""
    else:
        assert problems(text) == ["x.yaml: is empty"]


def test_hostile_documents_cost_nothing() -> None:
    lines = [f"{new}: &{new} [*{old}, *{old}]" for old, new in pairwise(ascii_lowercase)]
    laughs = "\n".join(["a: &a [x, x]", *lines])
    started = time.perf_counter()
    assert "anchors" in problems(laughs)[0]
    assert "levels deep" in problems("[" * 100_000)[0]
    assert "levels deep" in problems("- " * 5_000)[0]
    assert time.perf_counter() - started < 10
