"""What a declared type allows: how text becomes a value of it, and how to say it in plain words."""

from __future__ import annotations

import collections.abc
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from langgeo_core.config.nodes import List, Map, Node, Scalar

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
