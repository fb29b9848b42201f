"""The JSON layout of the published study (Shamrai & Hamolia 2025): an average, and a matrix for each model and corpus.

An object with `languages_list`, `average_distances_matrix` and `distances_matrices`. The last may be a map, a map of
maps, or a list of matrices; a matrix is a list of rows, a flat list, or a map of maps by language.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from langgeo_core.contract.errors import UserError
from langgeo_core.contract.types import Float64
from langgeo_formats.readers.raw import RawMatrix

AVERAGE = "average"
_NAMES = ("languages_list", "languages", "ids", "names", "labels")
_AVERAGES = ("average_distances_matrix", "average_distance_matrix", "distances", "matrix")
_SEVERAL = ("distances_matrices", "distance_matrices", "matrices")
_LABELS = ("name", "model", "model_name", "corpus", "dataset", "dataset_name")


def looks_like_json(text: str) -> bool:
    """Whether it opens as an object or a list."""
    return text.lstrip()[:1] in ("{", "[")


def read_study(text: str, place: str) -> list[RawMatrix]:
    """Every matrix of the file, the average first where there is one.

    Raises
    ------
    UserError
        If the object lacks the languages or any matrix, or a matrix does not fit the languages.
    """
    data = _parsed(text, place)
    languages = _first(data, _NAMES)
    if languages is None:
        raise UserError(f"{place}: has no {_NAMES[0]!r}", f"its keys are {', '.join(map(str, data))}")
    names = tuple(_name(entry) for entry in languages)
    written = list(_written(data, len(names)))
    if not written:
        hint = f"it needs {_AVERAGES[0]!r} or {_SEVERAL[0]!r}; its keys are {', '.join(map(str, data))}"
        raise UserError(f"{place}: holds no distances", hint)
    return [RawMatrix(names, _values(matrix, names, f"{place}, {name}"), name) for name, matrix in written]


def _parsed(text: str, place: str) -> Mapping[str, Any]:
    try:
        data = json.loads(text)
    except ValueError as failure:
        raise UserError(f"{place}: is no valid JSON: {failure}") from failure
    if not isinstance(data, Mapping):
        raise UserError(f"{place}: must be an object with {_NAMES[0]!r} and {_AVERAGES[0]!r}")
    return data


def _first(data: Mapping[str, Any], keys: Sequence[str]) -> Any:
    return next((data[key] for key in keys if key in data and data[key] is not None), None)


def _name(entry: Any) -> str:
    """A language's name, or that of an object that describes it."""
    if isinstance(entry, Mapping):
        found = _first(entry, ("iso639_3", "iso", "code", "id", "name", "language"))
        return str(found if found is not None else entry)
    return str(entry)


def _written(data: Mapping[str, Any], count: int) -> Iterator[tuple[str, Any]]:
    average = _first(data, _AVERAGES)
    if average is not None:
        yield AVERAGE, average
    several = _first(data, _SEVERAL)
    if several is not None:
        yield from _flattened(several, "", count)


def _flattened(value: Any, name: str, count: int) -> Iterator[tuple[str, Any]]:
    """Every matrix below a map or list, its name the keys that lead to it."""
    if _is_matrix(value, count):
        yield name or "0", value
    elif isinstance(value, Mapping):
        labels = [str(value[key]) for key in _LABELS if isinstance(value.get(key), str)]
        for key, inner in value.items():
            if isinstance(inner, Mapping | list):
                yield from _flattened(inner, _joined(name, *(labels or [str(key)])), count)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            described = isinstance(inner, Mapping) and any(isinstance(inner.get(key), str) for key in _LABELS)
            yield from _flattened(inner, name if described else _joined(name, str(index)), count)


def _joined(*parts: str) -> str:
    return "--".join(part for part in parts if part)


def _is_matrix(value: Any, count: int) -> bool:
    """Whether these are rows, and not matrices: what lies two levels down are numbers."""
    if isinstance(value, Mapping):
        rows = list(value.values())
        return bool(rows) and all(isinstance(row, Mapping) and _are_numbers(list(row.values())) for row in rows)
    if not isinstance(value, list) or not value:
        return False
    return _are_numbers(value) if len(value) == count * count else all(_are_numbers(row) for row in value)


def _are_numbers(row: Any) -> bool:
    return isinstance(row, list) and all(entry is None or isinstance(entry, int | float) for entry in row)


def _values(matrix: Any, names: Sequence[str], place: str) -> Float64:
    if isinstance(matrix, Mapping):
        matrix = [[(matrix.get(row) or {}).get(column) for column in names] for row in names]
    n = len(names)
    try:
        values = np.array(matrix, dtype=np.float64)
    except (TypeError, ValueError):
        raise UserError(f"{place}: its rows are not of one length, or hold something else than numbers") from None
    if values.shape == (n * n,):
        return values.reshape(n, n)
    if values.shape != (n, n):
        shape = " x ".join(map(str, values.shape))
        raise UserError(f"{place}: a matrix of {shape} does not fit {n} languages", f"it must be {n} x {n}")
    return values
