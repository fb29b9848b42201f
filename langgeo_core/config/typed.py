"""Builds a pydantic model from a node; what does not fit is said in plain words, where it was written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from langgeo_core.config.nodes import List, Map, Mark, Node, Scalar
from langgeo_core.config.shapes import Shape, choices, describe, keys_of, part_shapes, to_python
from langgeo_core.contract.errors import Problem, suggestion

M = TypeVar("M", bound=BaseModel)

_SUBJECT = re.compile(r"^\w+ should\b")
_OWN_WORDS = ("value_error", "assertion_error")
_TYPE_FAULTS = ("_parsing", "_type", "_size", "too_short", "too_long", "literal_error", "enum", "finite_number")
_BOUND_FAULTS = ("greater_than", "less_than", "int_from_float", "missing")


@dataclass(frozen=True)
class Place:
    """A point of a tree: the dotted path, what is written there, what may be, and what may stand beside it.

    `rest` is what is left of pydantic's path: a missing key, or the members of a union.
    """

    path: str
    node: Node
    shapes: tuple[Shape, ...]
    mark: Mark
    siblings: tuple[str, ...] = ()
    rest: tuple[str | int, ...] = ()

    @property
    def missing(self) -> str:
        """The key that is not there, if that is all that is left of the path."""
        return self.rest[0] if len(self.rest) == 1 and isinstance(self.rest[0], str) else ""


def build(model: type[M], node: Map, path: str = "", noun: str = "option") -> tuple[M | None, list[Problem]]:
    """The model with the node's values, or None and every problem.

    Parameters
    ----------
    path : dotted path of `node` in the config
    noun : what an entry of the map is called in messages, `option` or `key`
    """
    shapes = (Shape(model),)
    try:
        return model.model_validate(to_python(node, shapes)), []
    except ValidationError as error:
        faults = error.errors(include_url=False)
    root = Place(path, node, shapes, node.mark)
    grouped: dict[tuple[str, str], list[tuple[Place, ErrorDetails]]] = {}
    for fault in faults:
        place = _descend(root, fault["loc"])
        missing = place.missing if fault["type"] == "missing" else ""
        grouped.setdefault((place.path, missing), []).append((place, fault))
    groups = [group for group in grouped.values() if not _follows(group, grouped)]
    return None, [_problem(group[0][0], [fault for _, fault in group], noun) for group in groups]


def without_faults(model: type[BaseModel], node: Map) -> Map:
    """The node without the entries that the model refuses, so that their defaults take their place."""
    try:
        model.model_validate(to_python(node, (Shape(model),)))
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            node = _without(node, fault["loc"])
    return node


def _without(node: Map, location: tuple[str | int, ...]) -> Map:
    """Without the innermost entry that a path names through maps alone."""
    key, inner = str(location[0]), node.get(str(location[0]))
    if isinstance(inner, Map) and len(location) > 1 and inner.get(str(location[1])) is not None:
        return node.put(Scalar(key, node.mark_of(key)), _without(inner, location[1:]))
    return node.without(key)


def _follows(group: list[tuple[Place, ErrorDetails]], paths: Iterable[tuple[str, str]]) -> bool:
    """Whether a list is only too short because pydantic does not count its faulty items."""
    place, fault = group[0]
    return fault["type"] == "too_short" and any(path.startswith(f"{place.path}.") for path, _ in paths)


def _descend(place: Place, location: tuple[str | int, ...]) -> Place:
    """Follow pydantic's path as far as the tree goes; it names members of unions too, which are not in the tree."""
    for count, part in enumerate(location):
        found = _child(place.node, part)
        if found is None:
            return replace(place, rest=location[count:])
        node, mark = found
        path = f"{place.path}.{part}" if place.path else str(part)
        place = Place(path, node, part_shapes(place.shapes, part), mark, keys_of(place.shapes))
    return place


def _child(node: Node, part: str | int) -> tuple[Node, Mark] | None:
    if isinstance(node, Map) and isinstance(part, str):
        value = node.get(part)
        return (value, node.mark_of(part)) if value is not None else None
    if isinstance(node, List) and isinstance(part, int) and part < len(node.items):
        return node.items[part], node.items[part].mark
    return None


def _problem(place: Place, faults: list[ErrorDetails], noun: str) -> Problem:
    kind, message = faults[0]["type"], faults[0]["msg"]
    if kind == "missing" and place.missing:
        return _missing(place, noun)
    where = place.mark.at(place.path)
    if kind == "extra_forbidden":
        key = str(faults[0]["loc"][-1])
        return Problem(where, f"unknown {noun} {key!r}", suggestion(key, place.siblings, f"known {noun}s"))
    if kind in _OWN_WORDS:
        return Problem(where, message.removeprefix("Value error, ").removeprefix("Assertion failed, "))
    if len(faults) == 1 and not _is_plain_fault(kind):
        return Problem(where, f"{_SUBJECT.sub('must', message)}, got {_written(place.node)}")
    expected = f"must be {describe(place.shapes)}, got {_written(place.node)}"
    return Problem(where, expected, _hint(place, [fault["type"] for fault in faults]))


def _is_plain_fault(kind: str) -> bool:
    return kind.endswith(_TYPE_FAULTS) or kind.startswith(_BOUND_FAULTS)


def _missing(place: Place, noun: str) -> Problem:
    name = place.missing
    path = f"{place.path}.{name}" if place.path else name
    hint = f"it must be {describe(part_shapes(place.shapes, name))}"
    return Problem(place.mark.at(path), f"the {noun} {name!r} is missing and has no default", hint)


def _written(node: Node) -> str:
    if isinstance(node, Scalar):
        return repr(node.text) if node.text else "nothing"
    if isinstance(node, List):
        return f"a list of {len(node.items)}" if node.items else "an empty list"
    return "a map"


def _hint(place: Place, kinds: list[str]) -> str:
    text = place.node.text if isinstance(place.node, Scalar) else ""
    if choices(place.shapes) and text:
        return suggestion(text, choices(place.shapes), "choices")
    if "int_parsing" in kinds and _as_float(text) is not None:
        return "write a whole number out in digits, without exponent or fraction"
    return "it must be finite" if "finite_number" in kinds else ""


def _as_float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
