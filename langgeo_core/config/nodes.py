"""What a config file holds before anybody knows its types: text, lists and maps that know where they were written."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from langgeo_core.contract.errors import Problem


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
        if self.get(key.text) is None:
            return replace(self, entries=(*self.entries, (key, value)))
        entries = tuple((key, value) if known == key else (known, old) for known, old in self.entries)
        return replace(self, entries=entries)

    def without(self, *keys: str) -> Map:
        """The map less some entries."""
        return replace(self, entries=tuple(entry for entry in self.entries if entry[0].text not in keys))

    def over(self, base: Map) -> Map:
        """The base with this map's entries laid over it."""
        merged = base
        for key, value in self.entries:
            merged = merged.put(key, value)
        return replace(merged, mark=self.mark)


Node = Scalar | List | Map


def as_list(node: Node) -> List:
    """A list; anything else becomes a list of one."""
    return node if isinstance(node, List) else List((node,), node.mark)


def as_component(node: Node) -> Node:
    """The long form of a component: `sparsegpt` becomes `{name: sparsegpt}`."""
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
