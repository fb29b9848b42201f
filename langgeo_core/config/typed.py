"""From a node to a pydantic model; what does not fit is said in plain words, with the place where it was written."""

from __future__ import annotations

import collections.abc
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from langgeo_core.config.nodes import List, Map, Mark, Node, Scalar
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
    sound = node
    try:
        model.model_validate(to_python(node, (Shape(model),)))
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            path, inner = [], node.get(str(fault["loc"][0])) if fault["loc"] else None
            for key, after in zip(fault["loc"], (*fault["loc"][1:], ""), strict=True):
                if inner is None:
                    break
                path.append(str(key))
                inner = inner.get(str(after)) if isinstance(inner, Map) else None
            sound = _without(sound, path)
    return sound


def _without(node: Map, path: Sequence[str]) -> Map:
    """Without the entry at a path; without any where the path is empty, since the entry at fault is not known."""
    if len(path) < 2:
        return node.without(*path) if path else Map((), node.mark)
    inner = node.get(path[0])
    if not isinstance(inner, Map):
        return node
    return node.put(Scalar(path[0], node.mark_of(path[0])), _without(inner, path[1:]))


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


# What a declared type allows, and how to say it.

_NULLS = ("null", "none", "~", "")
_WORDS = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "text",
    Path: "a path",
    NoneType: "null",
}
_LISTS = (list, tuple, set, frozenset, collections.abc.Sequence, collections.abc.Set, collections.abc.Iterable)
_MAPS = (dict, collections.abc.Mapping)
_BOUNDS = {annotated_types.Ge: "≥", annotated_types.Gt: ">", annotated_types.Le: "≤", annotated_types.Lt: "<"}


@dataclass(frozen=True)
class Wording:
    """Put into `Annotated`: the words for a type that its parts would not explain."""

    words: str


@dataclass(frozen=True)
class Shape:
    """One type that a value may have, with the bounds on it."""

    type: Any
    bounds: tuple[Any, ...] = ()


def shapes_of(annotation: Any, bounds: Sequence[Any] = ()) -> tuple[Shape, ...]:
    """The types of a union one by one, a single type alone."""
    if hasattr(annotation, "__value__"):  # a name for a type, such as pydantic's JsonValue
        return shapes_of(annotation.__value__, bounds)
    if get_origin(annotation) is Annotated:
        inner, *extra = get_args(annotation)
        return shapes_of(inner, (*bounds, *_flat(extra)))
    if get_origin(annotation) in (Union, UnionType):
        return tuple(shape for member in get_args(annotation) for shape in shapes_of(member, bounds))
    return (Shape(annotation, tuple(bounds)),)


def _flat(metadata: Iterable[Any]) -> Iterable[Any]:
    for entry in metadata:
        if isinstance(entry, FieldInfo):
            yield from entry.metadata
        elif isinstance(entry, annotated_types.GroupedMetadata):
            yield from _flat(entry)
        else:
            yield entry


def field_shapes(field: FieldInfo) -> tuple[Shape, ...]:
    """The shapes of a field of a pydantic model."""
    return shapes_of(field.annotation, tuple(_flat(field.metadata)))


def fields_by_key(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model under the keys that a config writes."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def keys_of(shapes: Sequence[Shape]) -> tuple[str, ...]:
    """The keys that a map of these shapes may have."""
    return tuple(key for shape in shapes if _is_model(shape.type) for key in fields_by_key(shape.type))


def allows_text(shapes: Sequence[Shape]) -> bool:
    """Whether any text at all is a value, `null` too."""
    return any(shape.type in (str, Any) for shape in shapes)


def part_shapes(shapes: Sequence[Shape], key: str | int) -> tuple[Shape, ...]:
    """The shapes of what lies under a key of a map or at a position of a list."""
    return tuple(part for shape in shapes for part in _part(shape.type, key))


def _part(declared: Any, key: str | int) -> tuple[Shape, ...]:
    arguments = get_args(declared)
    if _is_model(declared):
        field = fields_by_key(declared).get(str(key))
        return field_shapes(field) if field else ()
    if get_origin(declared) in _MAPS:
        return shapes_of(arguments[1])
    if get_origin(declared) is tuple and isinstance(key, int) and Ellipsis not in arguments:
        return shapes_of(arguments[key]) if key < len(arguments) else ()
    return shapes_of(arguments[0]) if get_origin(declared) in _LISTS else ()


def _is_model(declared: Any) -> bool:
    return isinstance(declared, type) and issubclass(declared, BaseModel)


def _is_list(declared: Any) -> bool:
    return declared in _LISTS or get_origin(declared) in _LISTS


def to_python(node: Node, shapes: Sequence[Shape]) -> Any:
    """What pydantic is given: text, lists and dicts, with None and choices that are no text put in.

    A list of one may be written without its brackets.
    """
    if isinstance(node, List):
        return [to_python(item, part_shapes(shapes, index)) for index, item in enumerate(node.items)]
    if isinstance(node, Scalar) and _is_null(node.text, shapes):
        return None
    if _only_lists(shapes) and not (isinstance(node, Scalar) and not node.text):
        return [to_python(node, part_shapes(shapes, 0))]
    if isinstance(node, Map):
        return {key.text: to_python(value, part_shapes(shapes, key.text)) for key, value in node.entries}
    return _literals(shapes).get(node.text, node.text)


def _is_null(text: str, shapes: Sequence[Shape]) -> bool:
    allowed = any(shape.type in (None, NoneType) for shape in shapes)
    return allowed and not allows_text(shapes) and text.lower() in _NULLS and text not in _literals(shapes)


def _only_lists(shapes: Sequence[Shape]) -> bool:
    filled = [shape for shape in shapes if shape.type not in (None, NoneType)]
    return bool(filled) and all(_is_list(shape.type) for shape in filled)


def _literals(shapes: Sequence[Shape]) -> dict[str, Any]:
    """The values that a Literal lists, by how a config writes them."""
    values = [value for shape in shapes if get_origin(shape.type) is Literal for value in get_args(shape.type)]
    return {value if isinstance(value, str) else str(value).lower(): value for value in values}


def choices(shapes: Sequence[Shape]) -> list[str]:
    """The words that a Literal allows."""
    return list(_literals(shapes))


def describe(shapes: Sequence[Shape]) -> str:
    """What a value must be: `a whole number ≥ 1`, `row, matrix or global`, `a list or null`."""
    special = [bound.words for shape in shapes for bound in shape.bounds if isinstance(bound, Wording)]
    if special:
        return special[0]
    words = [word for shape in shapes for word in _words(shape)]
    *first, last = dict.fromkeys(words) or ["a value of another type"]
    return f"{', '.join(first)} or {last}" if first else last


def _words(shape: Shape) -> list[str]:
    if get_origin(shape.type) is Literal:
        return choices([shape])
    return [" ".join([_noun(shape.type), _bounds(shape)]).strip()]


def _noun(declared: Any) -> str:
    if declared in _WORDS or declared is None:
        return _WORDS[declared or NoneType]
    if _is_list(declared):
        length = len(get_args(declared)) if get_origin(declared) is tuple and Ellipsis not in get_args(declared) else 0
        return f"a list of {length}" if length else "a list"
    if _is_model(declared) or declared in _MAPS or get_origin(declared) in _MAPS:
        return "a map"
    return f"of type {getattr(declared, '__name__', declared)}"


def _bounds(shape: Shape) -> str:
    if shape.type not in (int, float):
        least = [bound.min_length for bound in shape.bounds if isinstance(bound, annotated_types.MinLen)]
        if not any(least):
            return ""
        return f"of at least {least[0]}" if _is_list(shape.type) else "that is not empty"
    parts = []
    for bound in shape.bounds:
        for kind, sign in _BOUNDS.items():
            if isinstance(bound, kind):
                parts.append(f"{sign} {getattr(bound, kind.__name__.lower())}")
    return " and ".join(parts)
