"""From a node to a pydantic model; what does not fit is said in plain words, with the place where it was written."""

from __future__ import annotations

import collections.abc
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from langgeo_core.config.nodes import List, Map, Mark, Node, Scalar, written
from langgeo_core.contract.errors import Problem, suggestion

M = TypeVar("M", bound=BaseModel)

_SUBJECT = re.compile(r"^\w+ should\b")
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


def build(
    model: type[M], node: Map, path: str = "", noun: str = "option", others: Sequence[str] = ()
) -> tuple[M | None, list[Problem]]:
    """The model with the node's values, or None and every problem.

    Parameters
    ----------
    path : dotted path of `node` in the config
    noun : what an entry of the map is called in messages, `option` or `key`
    others : dotted paths of the config's keys, one of which an unknown key may have been meant for
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
    problems = []
    for (path, _), group in grouped.items():
        too_short = group[0][1]["type"] == "too_short"
        if not (too_short and any(other.startswith(f"{path}.") for other, _ in grouped)):  # faulty items do not count
            problems.append(_problem(group[0][0], [fault for _, fault in group], noun, others))
    return None, problems


def without_faults(model: type[BaseModel], node: Map) -> Map:
    """The node without the entries that the model refuses, so that their defaults take their place."""
    while node.entries:
        try:
            model.model_validate(to_python(node, (Shape(model),)))
            break
        except ValidationError as error:
            node = _without(node, [fault["loc"] for fault in error.errors(include_url=False)])
    return node


def _without(node: Map, locations: Iterable[Sequence[str | int]]) -> Map:
    """Less the innermost entry of a map on each of pydantic's paths; less all if one names none, but the whole map."""
    inside: dict[str, list[list[str | int]]] = {}
    for first, *rest in (location or ("",) for location in locations):
        inside.setdefault(str(first), []).append(rest)
    entries = []
    for key, value in node.entries:
        paths = inside.pop(key.text, None)
        if paths is None:
            entries.append((key, value))
        elif isinstance(value, Map) and all(path and value.get(str(path[0])) for path in paths):
            entries.append((key, _without(value, paths)))
    return replace(node, entries=() if inside else tuple(entries))


def _descend(place: Place, location: tuple[str | int, ...]) -> Place:
    """Follow pydantic's path as far as the tree goes; it names members of unions too, which are not in the tree."""
    for count, part in enumerate(location):
        node, found, mark = place.node, None, place.mark
        if isinstance(node, Map) and isinstance(part, str):
            found, mark = node.get(part), node.mark_of(part)
        elif isinstance(node, List) and isinstance(part, int) and part < len(node.items):
            found, mark = node.items[part], node.items[part].mark
        if found is None:
            return replace(place, rest=location[count:])
        path = f"{place.path}.{part}".removeprefix(".")
        place = Place(path, found, part_shapes(place.shapes, part), mark, keys_of(place.shapes))
    return place


def _problem(place: Place, faults: list[ErrorDetails], noun: str, others: Sequence[str]) -> Problem:
    kind, message = faults[0]["type"], faults[0]["msg"]
    where, key = place.mark.at(place.path), place.missing
    if kind == "missing" and key:
        hint = f"it must be {describe_type(part_shapes(place.shapes, key))}"
        path = f"{place.path}.{key}".removeprefix(".")
        return Problem(place.mark.at(path), f"the {noun} {key!r} is missing and has no default", hint)
    if kind == "extra_forbidden":
        key = str(faults[0]["loc"][-1])
        meant = _elsewhere(key, others)
        return Problem(where, f"unknown {noun} {key!r}", meant or suggestion(key, place.siblings, f"known {noun}s"))
    if kind in ("value_error", "assertion_error"):  # a validator's own words
        return Problem(where, message.removeprefix("Value error, ").removeprefix("Assertion failed, "))
    if len(faults) == 1 and not kind.endswith(_TYPE_FAULTS) and not kind.startswith(_BOUND_FAULTS):
        return Problem(where, f"{_SUBJECT.sub('must', message)}, got {written(place.node)}")
    kinds, hint = [fault["type"] for fault in faults], ""
    text = place.node.text if isinstance(place.node, Scalar) else ""
    if text and choices(place.shapes):
        hint = suggestion(text, choices(place.shapes), "choices")
    elif "int_parsing" in kinds and re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", text.strip().lower()):
        hint = "write a whole number out in digits, without exponent or fraction"
    elif "finite_number" in kinds:
        hint = "it must be finite"
    return Problem(where, f"must be {describe_type(place.shapes)}, got {written(place.node)}", hint)


def _elsewhere(key: str, others: Sequence[str]) -> str:
    """A hint at the keys of a config that are called this in another place."""
    paths = [path for path in others if path.rpartition(".")[2] == key]
    told = [f"{path!r}" if "." in path else f"{path!r} at the top of the config" for path in paths]
    return f"did you mean {' or '.join(told)}?" if told else ""


# What a declared type allows, and how to say it.

_NULLS = ("null", "none", "~", "")
_WORDS = {
    int: "a whole number", float: "a number", bool: "true or false", str: "text", Path: "a path", NoneType: "null",
}  # fmt: skip
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
        elif getattr(entry, "__is_annotated_types_grouped_metadata__", False):  # faster than isinstance of a protocol
            yield from _flat(entry)
        else:
            yield entry


def field_shapes(field: FieldInfo) -> tuple[Shape, ...]:
    """The shapes of a field of a pydantic model."""
    return shapes_of(field.annotation, tuple(_flat(field.metadata)))


@cache
def _shapes_by_key(model: type[BaseModel]) -> dict[str, tuple[Shape, ...]]:
    return {key: field_shapes(field) for key, field in fields_by_key(model).items()}


@cache
def fields_by_key(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model under the keys that a config writes."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def keys_of(shapes: Sequence[Shape]) -> tuple[str, ...]:
    """The keys that a map of these shapes may have."""
    return tuple(key for shape in shapes if _is_model(shape.type) for key in fields_by_key(shape.type))


def paths_of(model: type[BaseModel], above: str = "") -> Iterator[str]:
    """The dotted paths of the keys of a model, and of those of the models inside it."""
    for key, shapes in _shapes_by_key(model).items():
        yield f"{above}{key}"
        for shape in shapes:
            if _is_model(shape.type):
                yield from paths_of(shape.type, f"{above}{key}.")


def allows_text(shapes: Sequence[Shape]) -> bool:
    """Whether any text at all is a value, `null` too."""
    return any(shape.type in (str, Any) for shape in shapes)


def part_shapes(shapes: Sequence[Shape], key: str | int) -> tuple[Shape, ...]:
    """The shapes of what lies under a key of a map or at a position of a list."""
    return tuple(part for shape in shapes for part in _part(shape.type, key))


def _part(declared: Any, key: str | int) -> tuple[Shape, ...]:
    arguments, origin = get_args(declared), get_origin(declared)
    if _is_model(declared):
        return _shapes_by_key(declared).get(str(key), ())
    if origin in _MAPS:
        return shapes_of(arguments[1])
    if origin is tuple and isinstance(key, int) and Ellipsis not in arguments:
        return shapes_of(arguments[key]) if key < len(arguments) else ()
    return shapes_of(arguments[0]) if origin in _LISTS else ()


def _is_model(declared: Any) -> bool:
    return isinstance(declared, type) and issubclass(declared, BaseModel)


def _is_list(declared: Any) -> bool:
    return declared in _LISTS or get_origin(declared) in _LISTS


def _is_uniform(declared: Any) -> bool:
    """Whether all parts of a map or list have one type."""
    origin = get_origin(declared)
    return origin in (*_MAPS, list) or (origin is tuple and Ellipsis in get_args(declared))


def to_python(node: Node, shapes: Sequence[Shape]) -> Any:
    """What pydantic is given: text, lists and dicts, with None and choices that are no text put in.

    A list of one may be written without its brackets.
    """
    if isinstance(node, Scalar) and len(shapes) == 1 and shapes[0].type is str:
        return node.text
    uniform = part_shapes(shapes, 0) if len(shapes) == 1 and _is_uniform(shapes[0].type) else None
    if isinstance(node, List):
        return [to_python(item, uniform or part_shapes(shapes, index)) for index, item in enumerate(node.items)]
    literals = _literals(shapes)
    filled = [shape for shape in shapes if shape.type not in (None, NoneType)]
    text = node.text if isinstance(node, Scalar) else None
    null_allowed = len(filled) < len(shapes) and not allows_text(shapes)
    if null_allowed and text is not None and text.lower() in _NULLS and text not in literals:
        return None
    if filled and all(_is_list(shape.type) for shape in filled) and text != "":
        return [to_python(node, part_shapes(shapes, 0))]
    if isinstance(node, Map):
        return {key.text: to_python(value, uniform or part_shapes(shapes, key.text)) for key, value in node.entries}
    return literals.get(node.text, node.text)


def _literals(shapes: Sequence[Shape]) -> dict[str, Any]:
    """The values that a Literal lists, by how a config writes them."""
    values = [value for shape in shapes if get_origin(shape.type) is Literal for value in get_args(shape.type)]
    return {value if isinstance(value, str) else str(value).lower(): value for value in values}


def choices(shapes: Sequence[Shape]) -> list[str]:
    """The words that a Literal allows."""
    return list(_literals(shapes))


def describe_type(shapes: Sequence[Shape]) -> str:
    """What a value must be: `a whole number ≥ 1`, `row, matrix or global`, `a list or null`."""
    special = [bound.words for shape in shapes for bound in shape.bounds if isinstance(bound, Wording)]
    if special:
        return special[0]
    words = [word for shape in shapes for word in choices([shape]) or [f"{_noun(shape.type)} {_bounds(shape)}".strip()]]
    return _either(words or ["a value of another type"])


def _either(words: Iterable[str]) -> str:
    *first, last = dict.fromkeys(words)
    return f"{', '.join(first)} or {last}" if first else last


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
        if not _is_list(shape.type):
            return "that is not empty" if any(least) else ""
        words = (f"at least {least[0]}" if any(least) else "", _either(choices(part_shapes([shape], 0)) or [""]))
        return " ".join(f"of {one}" for one in words if one)
    signs = [(bound, kind, sign) for bound in shape.bounds for kind, sign in _BOUNDS.items() if isinstance(bound, kind)]
    return " and ".join(f"{sign} {getattr(bound, kind.__name__.lower())}" for bound, kind, sign in signs)
