"""What a config file holds before its types are known: text, lists and maps that know where they were written.

YAML is read with every scalar as text: `no`, `1e-3`, `0123`, `null` and dates stay what the user typed. Only plain
maps, lists and text are read. No object is ever constructed: only nodes are composed. Tags, anchors and aliases
are refused, so a file can neither run code nor grow beyond its own size.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import yaml
from yaml import MappingNode, Node as YamlNode, ScalarNode, SequenceNode, YAMLError
from yaml.error import MarkedYAMLError
from yaml.events import NodeEvent
from yaml.reader import ReaderError

from langgeo_core.contract.errors import ConfigError, Problem

_DEEPEST = 30
_PLAIN_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "seq", "map")}


@dataclass(frozen=True)
class Mark:
    """Where something was written; line 0 means the source as a whole."""

    source: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.source}:{self.line}" if self.line else self.source

    def at(self, path: str) -> str:
        """The mark with the dotted path of what is there, as problems print it."""
        return f"{self}: {path}" if path else str(self)


COMMAND_LINE = Mark("command line")


def line_of(problem: Problem) -> int:
    """The line that a problem names, to sort by; those without a line come last."""
    found = re.search(r":(\d+)(?=:|$)", problem.where)
    return int(found[1]) if found else 2**31


@dataclass(frozen=True)
class Scalar:
    """A piece of text. Marks take no part in comparisons, here and below."""

    text: str
    mark: Mark = field(compare=False)


@dataclass(frozen=True)
class List:
    """Items in their order."""

    items: tuple[Node, ...]
    mark: Mark = field(compare=False)


@dataclass(frozen=True)
class Map:
    """Entries in their order, keys unique."""

    entries: tuple[tuple[Scalar, Node], ...]
    mark: Mark = field(compare=False)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key.text for key, _ in self.entries)

    def get(self, key: str) -> Node | None:
        """The value under a key."""
        return next((value for known, value in self.entries if known.text == key), None)

    def mark_of(self, key: str) -> Mark:
        """Where the key was written, or else the map."""
        return next((known.mark for known, _ in self.entries if known.text == key), self.mark)

    def put(self, key: Scalar, value: Node) -> Map:
        """The map with one entry replaced in its place, or added at the end."""
        return Map(((key, value),), self.mark).over(self)

    def without(self, *keys: str) -> Map:
        """The map less some entries."""
        return replace(self, entries=tuple(entry for entry in self.entries if entry[0].text not in keys))

    def over(self, base: Map) -> Map:
        """The base with this map's entries laid over it."""
        merged = {entry[0].text: entry for entry in (*base.entries, *self.entries)}
        return replace(self, entries=tuple(merged.values()))


Node = Scalar | List | Map


def as_list(node: Node) -> List:
    """A list; anything else becomes a list of one."""
    return node if isinstance(node, List) else List((node,), node.mark)


def as_component(node: Node) -> Node:
    """The long form of a component: `NAME` becomes `{name: NAME}`."""
    if isinstance(node, Scalar):
        return Map(((Scalar("name", node.mark), node),), node.mark)
    return node


def label_of(component: Node) -> str:
    """What a component is called in a config: its `as`, or else its name; empty where it has neither."""
    if not isinstance(component, Map):
        return component.text if isinstance(component, Scalar) else ""
    label = component.get("as") or component.get("name")
    return label.text if isinstance(label, Scalar) else ""


def as_node(value: object, mark: Mark) -> Node:
    """Text, lists and maps as a node; other values are written as a config writes them."""
    if isinstance(value, Mapping):
        return Map(tuple((Scalar(str(key), mark), as_node(item, mark)) for key, item in value.items()), mark)
    if isinstance(value, list | tuple):
        return List(tuple(as_node(item, mark) for item in value), mark)
    return Scalar(value if isinstance(value, str) else json.dumps(value), mark)


def plain(node: Node) -> str | list[object] | dict[str, object]:
    """The node as text, lists and dicts."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, List):
        return [plain(item) for item in node.items]
    return {key.text: plain(value) for key, value in node.entries}


def parse_yaml(text: str, source: str, mark: Callable[[int], Mark] | None = None) -> tuple[Node | None, list[Problem]]:
    """The tree as far as it can be read (None where it cannot), and the problems of the document.

    `mark` makes the mark of a line; without it, marks are the lines of `source`.
    """
    convert = _Conversion(mark or (lambda line: Mark(source, line)))
    try:
        root = _TextLoader(text).get_single_node()
    except (YAMLError, ValueError, OverflowError) as error:  # escapes such as "\UFFFFFFFF" end in chr()
        return None, [_syntax_problem(error, text, convert.mark)]
    if root is None:
        return None, [Problem(source, "is empty")]
    return convert(root), convert.problems


def parse_map(text: str, source: str, expected: str, hint: str = "") -> tuple[Map, list[Problem]]:
    """As `parse_yaml`; raises ConfigError, which says what was expected, if the document is not a map."""
    tree, problems = parse_yaml(text, source)
    if isinstance(tree, Map):
        return tree, problems
    raise ConfigError([*problems, Problem(str(tree.mark), expected, hint)] if tree else problems)


class _TextLoader(yaml.BaseLoader):
    """Composes nodes; without implicit resolvers every untagged scalar is text."""

    _depth = 0

    def compose_node(self, parent: YamlNode | None, index: Any) -> YamlNode | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        assert isinstance(event, NodeEvent)
        if event.anchor is not None:
            problem = "anchors and aliases are not supported: write the value out"
        elif self._depth >= _DEEPEST:
            problem = f"nested more than {_DEEPEST} levels deep"
        else:
            self._depth += 1
            node = super().compose_node(parent, index)
            self._depth -= 1
            return node
        raise MarkedYAMLError(problem=problem, problem_mark=event.start_mark)  # type: ignore[arg-type]


class _Conversion:
    """Turns YAML nodes into ours and collects what is wrong with them."""

    def __init__(self, mark: Callable[[int], Mark]) -> None:
        self.mark = mark
        self.problems: list[Problem] = []

    def __call__(self, node: YamlNode) -> Node:
        mark = self._mark(node)
        if node.tag not in _PLAIN_TAGS:
            self._refuse(node, f"the tag {node.tag} is not supported", "leave it out: every value is read as text")
        if isinstance(node, ScalarNode):
            return Scalar(node.value, mark)
        if isinstance(node, SequenceNode):
            return List(tuple(self(item) for item in node.value), mark)
        assert isinstance(node, MappingNode)
        entries: dict[str, tuple[Scalar, Node]] = {}
        for key_node, value_node in node.value:
            value = self(value_node)
            if not isinstance(key_node, ScalarNode):
                self._refuse(key_node, "a key must be text, not a list or a map")
                continue
            key = Scalar(key_node.value, self._mark(key_node))
            first = entries.setdefault(key.text, (key, value))[0]
            if first is not key:
                lines = f"{first.mark} and {key.mark}"
                self._refuse(key_node, f"the key {key.text!r} is written twice: {lines}", "keep one of them")
        return Map(tuple(entries.values()), mark)

    def _mark(self, node: YamlNode) -> Mark:
        return self.mark(node.start_mark.line + 1)

    def _refuse(self, node: YamlNode, message: str, hint: str = "") -> None:
        self.problems.append(Problem(str(self._mark(node)), message, hint))


def _syntax_problem(error: Exception, text: str, mark: Callable[[int], Mark]) -> Problem:
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        code = error.character if isinstance(error.character, int) else ord(error.character)
        return Problem(str(mark(line)), f"the character U+{code:04X} is not allowed", "remove or escape it")
    if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
        context = f" {error.context}" if error.context else ""
        return Problem(str(mark(error.problem_mark.line + 1)), f"not valid YAML: {error.problem}{context}")
    return Problem(str(mark(0)), f"not valid YAML: {error}")


_BREAKS = set("\x85\u2028\u2029")  # YAML 1.1 counts them as line ends, which only double quotes keep


def write_yaml(data: Any) -> str:
    """The document of plain values (text, numbers, booleans, None, lists, dicts), in their order."""
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return text


class _Dumper(yaml.SafeDumper):
    """Never writes anchors, which the reader refuses."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if _BREAKS & set(text) else None)


_Dumper.add_representer(str, _represent_text)
