"""What a config file holds before its types are known: text, lists and maps that know where they were written.

YAML is read with every scalar as text: `no`, `1e-3`, `0123`, `null` and dates stay what the user typed. Only plain
maps, lists and text are read. No object is ever constructed: only the parser's events are read. Tags, anchors and
aliases are refused, so a file can neither run code nor grow beyond its own size.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import takewhile
from typing import Any

import yaml
from yaml import YAMLError
from yaml.error import MarkedYAMLError
from yaml.events import (
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.reader import ReaderError

from langgeo_core.contract.errors import ConfigError, Problem

_DEEPEST = 30
_PLAIN_TAGS = {None, "!", *(f"tag:yaml.org,2002:{name}" for name in ("str", "seq", "map"))}


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

    @cached_property
    def _by_key(self) -> dict[str, tuple[Scalar, Node]]:
        return {entry[0].text: entry for entry in self.entries}

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self._by_key)

    def get(self, key: str) -> Node | None:
        """The value under a key."""
        return self._by_key[key][1] if key in self._by_key else None

    def mark_of(self, key: str) -> Mark:
        """Where the key was written, or else the map."""
        return self._by_key[key][0].mark if key in self._by_key else self.mark

    def put(self, key: Scalar, value: Node) -> Map:
        """The map with one entry replaced in its place, or added at the end."""
        return Map(((key, value),), self.mark).over(self)

    def without(self, *keys: str) -> Map:
        """The map less some entries."""
        left_out = frozenset(keys)
        return replace(self, entries=tuple(entry for entry in self.entries if entry[0].text not in left_out))

    def over(self, base: Map) -> Map:
        """The base with this map's entries laid over it."""
        return replace(self, entries=tuple({**base._by_key, **self._by_key}.values()))


Node = Scalar | List | Map


def as_list(node: Node) -> List:
    """A list; anything else becomes a list of one."""
    return node if isinstance(node, List) else List((node,), node.mark)


def as_component(node: Node) -> Node:
    """The long form of a component: `NAME` becomes `{name: NAME}`."""
    return Map(((Scalar("name", node.mark), node),), node.mark) if isinstance(node, Scalar) else node


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


def written(node: Node) -> str:
    """How a message says what stands somewhere: `'abc'`, `a list of 3`, `a map`."""
    if isinstance(node, Scalar):
        return repr(node.text) if node.text else "nothing"
    if isinstance(node, List):
        return f"a list of {len(node.items)}" if node.items else "an empty list"
    return "a map"


def parse_yaml(text: str, source: str, mark: Callable[[int], Mark] | None = None) -> tuple[Node | None, list[Problem]]:
    """The tree as far as it can be read (None where it cannot), and the problems of the document.

    `mark` makes the mark of a line; without it, marks are the lines of `source`.
    """
    tree = _Tree(mark or (lambda line: Mark(source, line)))
    try:
        root = tree.read(text, _FAST)
    except (YAMLError, ValueError, OverflowError):  # escapes such as "\UFFFFFFFF" end in chr()
        tree.problems.clear()
        try:
            root = tree.read(text, yaml.BaseLoader)  # for its position, which libyaml counts in bytes, and its words
        except (YAMLError, ValueError, OverflowError) as error:
            return None, [_syntax_problem(error, text, tree.mark)]
    return (None, [Problem(source, "is empty")]) if root is None else (root, tree.problems)


def parse_map(text: str, source: str, expected: str, hint: str = "") -> tuple[Map, list[Problem]]:
    """As `parse_yaml`; raises ConfigError, which says what was expected, if the document is not a map."""
    tree, problems = parse_yaml(text, source)
    if isinstance(tree, Map):
        return tree, problems
    raise ConfigError([*problems, Problem(str(tree.mark), expected, hint)] if tree else problems)


_FAST: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""libyaml, where PyYAML was built with it."""


class _Tree:
    """Builds nodes from the events of a YAML parser and collects what is wrong with them."""

    def __init__(self, mark: Callable[[int], Mark]) -> None:
        self.mark = mark
        self.problems: list[Problem] = []

    def read(self, text: str, loader: Any) -> Node | None:
        """The one document of a text; None if there is none."""
        self._events: Iterator[Event] = yaml.parse(text, Loader=loader)
        root = None
        for event in self._events:
            if isinstance(event, NodeEvent):
                root = self._node(event, 0)
            elif isinstance(event, DocumentStartEvent) and root is not None:
                raise MarkedYAMLError(problem="a second document begins", problem_mark=_start(event))
        return root

    def _node(self, event: Any, depth: int) -> Node:
        """The node that begins with an event, read up to its end."""
        problem = ""
        if event.anchor is not None:
            problem = "anchors and aliases are not supported: write the value out"
        elif depth >= _DEEPEST:
            problem = f"nested more than {_DEEPEST} levels deep"
        if problem:
            raise MarkedYAMLError(problem=problem, problem_mark=_start(event))
        mark = self._mark(event)
        if event.tag not in _PLAIN_TAGS:
            self._refuse(event, f"the tag {event.tag} is not supported", "leave it out: every value is read as text")
        if isinstance(event, ScalarEvent):
            return Scalar(event.value, mark)
        if isinstance(event, SequenceStartEvent):
            return List(tuple(self._node(item, depth + 1) for item in self._until(SequenceEndEvent)), mark)
        entries: dict[str, tuple[Scalar, Node]] = {}
        for key_event in self._until(MappingEndEvent):
            key, value = self._node(key_event, depth + 1), self._node(next(self._events), depth + 1)
            if not isinstance(key, Scalar):
                self._refuse(key_event, "a key must be text, not a list or a map")
                continue
            first = entries.setdefault(key.text, (key, value))[0]
            if first is not key:
                lines = f"{first.mark} and {key.mark}"
                self._refuse(key_event, f"the key {key.text!r} is written twice: {lines}", "keep one of them")
        return Map(tuple(entries.values()), mark)

    def _until(self, end: type[Event]) -> Iterator[Event]:
        return takewhile(lambda event: not isinstance(event, end), self._events)

    def _mark(self, event: Event) -> Mark:
        return self.mark(_start(event).line + 1)

    def _refuse(self, event: Event, message: str, hint: str = "") -> None:
        self.problems.append(Problem(str(self._mark(event)), message, hint))


def _start(event: Event) -> Any:
    """Where an event was read: every parser says so, each with a type of its own."""
    return event.start_mark


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
