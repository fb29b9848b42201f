"""YAML in which every scalar is text: `no`, `1e-3`, `0123`, `null` and dates stay what the user typed.

Only plain maps, lists and text are read. No object is ever constructed: the loader has no constructor. Tags, anchors
and aliases are refused, so a file can neither run code nor grow beyond its own size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from yaml import MappingNode, Node as YamlNode, ScalarNode, SequenceNode, YAMLError
from yaml.composer import Composer
from yaml.error import MarkedYAMLError
from yaml.events import NodeEvent
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.resolver import BaseResolver
from yaml.scanner import Scanner

from langgeo_core.config.nodes import List, Map, Mark, Node, Scalar
from langgeo_core.contract.errors import ConfigError, Problem

_DEEPEST = 30
_PLAIN_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "seq", "map")}


def read_yaml(text: str, source: str) -> Node:
    """The tree of a YAML document.

    Raises
    ------
    ConfigError
        With every problem of the document.
    """
    tree, problems = parse_yaml(text, source)
    if tree is None or problems:
        raise ConfigError(problems)
    return tree


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


class _TextLoader(Reader, Scanner, Parser, Composer, BaseResolver):
    """Composes nodes; without implicit resolvers every untagged scalar is text."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)
        Composer.__init__(self)
        BaseResolver.__init__(self)
        self._depth = 0

    def compose_node(self, parent: YamlNode | None, index: Any) -> YamlNode | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        assert isinstance(event, NodeEvent)
        if event.anchor is not None:
            raise _refusal("anchors and aliases are not supported: write the value out", event)
        if self._depth >= _DEEPEST:
            raise _refusal(f"nested more than {_DEEPEST} levels deep", event)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def _refusal(message: str, event: NodeEvent) -> MarkedYAMLError:
    return MarkedYAMLError(problem=message, problem_mark=event.start_mark)  # type: ignore[arg-type]


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
        return Map(tuple(self._entries(node)), mark)

    def _entries(self, node: MappingNode) -> list[tuple[Scalar, Node]]:
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
        return list(entries.values())

    def _mark(self, node: YamlNode) -> Mark:
        return self.mark(node.start_mark.line + 1)

    def _refuse(self, node: YamlNode, message: str, hint: str = "") -> None:
        self.problems.append(Problem(str(self._mark(node)), message, hint))


def _syntax_problem(error: Exception, text: str, mark: Callable[[int], Mark]) -> Problem:
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return Problem(str(mark(line)), f"the character U+{_code(error):04X} is not allowed", "remove or escape it")
    if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
        context = f" {error.context}" if error.context else ""
        return Problem(str(mark(error.problem_mark.line + 1)), f"not valid YAML: {error.problem}{context}")
    return Problem(str(mark(0)), f"not valid YAML: {error}")


def _code(error: ReaderError) -> int:
    return error.character if isinstance(error.character, int) else ord(error.character)
