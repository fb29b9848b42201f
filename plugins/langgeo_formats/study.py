"""`json`: the layout of the published study (Shamrai & Hamolia 2025).

An object with `languages_list`, `average_distances_matrix`, and in `distances_matrices` a matrix for each model and
corpus. The last may be an object, objects in an object, or a list of matrices. A matrix is a list of rows, a flat list,
or an object of objects by language.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from langgeo_core.api import DistanceMatrix, RawMatrix, Run, UserError
from langgeo_formats.entries import Float64
from langgeo_formats.exporting import Format

AVERAGE = "average"
_NAMES = ("languages_list", "languages", "ids", "names", "labels")
_AVERAGES = ("average_distances_matrix", "average_distance_matrix", "distances", "matrix")
_SEVERAL = ("distances_matrices", "distance_matrices", "matrices")
_LABELS = ("name", "model", "model_name", "corpus", "dataset", "dataset_name")


class JsonReader:
    """Reads the study's matrices."""

    example = (
        '{"languages_list": ["deu", "eng"], "average_distances_matrix": [[0, 1], [1, 0]], '
        '"distances_matrices": {"model": {"corpus": [[0, 1], [1, 0]]}}}'
    )

    def recognises(self, beginning: str) -> float:
        """Likely where the file begins as a JSON object or list does."""
        return 0.5 * (beginning.lstrip()[:1] in ("{", "["))

    def read(self, text: str) -> list[RawMatrix]:
        """Every matrix of the file, the average first where there is one.

        Raises
        ------
        UserError
            If the object lacks the languages or any matrix, or a matrix does not fit the languages.
        """
        try:
            data = json.loads(text, object_pairs_hook=_unique)
        except (ValueError, RecursionError) as failure:
            raise UserError(f"invalid JSON: {failure}") from failure
        if "\\ud" in text.lower() and any(map(_is_surrogate, json.dumps(data, ensure_ascii=False))):
            raise UserError("a string holds an unpaired surrogate, which no text can", "write the character itself")
        if not isinstance(data, Mapping):
            raise UserError(f"expected a JSON object with {_NAMES[0]!r} and {_AVERAGES[0]!r}")
        keys = ", ".join(map(str, data))
        languages = _first(data, _NAMES)
        if languages is None:
            raise UserError(f"there is no {_NAMES[0]!r}", f"its keys are {keys}")
        if not isinstance(languages, list):
            raise UserError(f"{_NAMES[0]!r} must be a list of languages")
        names = tuple(_name(entry) for entry in languages)
        average, several = _first(data, _AVERAGES), _first(data, _SEVERAL)
        written = [] if average is None else [(AVERAGE, average)]
        written += _flattened(several, "", len(names)) if several is not None else []
        if not written:
            raise UserError("there are no distances", f"add {_AVERAGES[0]!r} or {_SEVERAL[0]!r}; its keys are {keys}")
        return [RawMatrix(names, _values(matrix, names, name), name, name == AVERAGE) for name, matrix in written]


def _is_surrogate(character: str) -> bool:
    return "\ud800" <= character <= "\udfff"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; raises UserError where a key stands twice, as only the last would count."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise UserError(f"an object has the key {twice!r} twice", "keep one of them")
    return found


def _first(data: Mapping[str, Any], keys: Sequence[str]) -> Any:
    return next((data[key] for key in keys if key in data and data[key] is not None), None)


def _name(entry: Any) -> str:
    """A language's name, or that of an object that describes it."""
    if isinstance(entry, Mapping):
        found = _first(entry, ("iso639_3", "iso", "code", "id", "name", "language"))
        return str(found if found is not None else entry)
    return str(entry)


def _flattened(value: Any, name: str, count: int) -> Iterator[tuple[str, Any]]:
    """Every matrix inside an object or list; its name joins the keys that lead to it."""
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
    """Whether these are the rows of a matrix, and not several matrices: two levels down there are numbers."""
    if isinstance(value, Mapping):
        rows = list(value.values())
        return bool(rows) and all(isinstance(row, Mapping) and _are_numbers(list(row.values())) for row in rows)
    if not isinstance(value, list) or not value:
        return False
    return _are_numbers(value) if len(value) == count * count else all(_are_numbers(row) for row in value)


def _are_numbers(row: Any) -> bool:
    return isinstance(row, list) and all(entry is None or isinstance(entry, int | float | str) for entry in row)


def _values(matrix: Any, names: Sequence[str], place: str) -> Float64:
    if isinstance(matrix, Mapping):
        matrix = [[(matrix.get(row) or {}).get(column) for column in names] for row in names]
    n = len(names)
    for entry in np.array(matrix, dtype=object).ravel():
        if isinstance(entry, str | bool):
            told = f"{place}: entries are not numbers, such as {json.dumps(entry)[:40]}"
            raise UserError(told, "write them as numbers, without quotes")
    try:
        values = np.array(matrix, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise UserError(f"{place}: rows differ in length, or entries are not numbers") from None
    if values.shape == (n * n,):
        return values.reshape(n, n)
    if values.shape != (n, n):
        shape = " x ".join(map(str, values.shape))
        raise UserError(f"{place}: a matrix of {shape} does not fit {n} languages", f"it must be {n} x {n}")
    return values


def as_json(labels: Sequence[str], average: Float64, matrices: Mapping[str, Float64]) -> str:
    """`languages_list`, `average_distances_matrix` and `distances_matrices` by name; a missing pair is null."""
    data = {
        "languages_list": list(labels),
        "average_distances_matrix": _with_nulls(average),
        "distances_matrices": {name: _with_nulls(values) for name, values in matrices.items()},
    }
    return json.dumps(data, ensure_ascii=False, allow_nan=False) + "\n"


def _with_nulls(values: Float64) -> list[list[float | None]]:
    return [[None if np.isnan(value) else float(value) for value in row] for row in values]


class JsonExporter(Format):
    """`distances.json`: every matrix covers all languages of the run, with NaN for those that it lacks."""

    file = "distances.json"

    def text(self, run: Run, names: list[str]) -> str:
        ids = run.distances.ids
        matrices = {name: spread(matrix, ids) for name, matrix in run.cell_distances.items()}
        return as_json(names, run.distances.values, matrices)


def spread(matrix: DistanceMatrix, ids: tuple[str, ...]) -> Float64:
    """(n, n) over the ids, NaN for those that the matrix lacks; its other languages are left out."""
    place = {identifier: index for index, identifier in enumerate(matrix.ids)}
    present = [index for index, identifier in enumerate(ids) if identifier in place]
    rows = [place[ids[index]] for index in present]
    values = np.full((len(ids), len(ids)), np.nan)
    values[np.ix_(present, present)] = matrix.values[np.ix_(rows, rows)]
    return values
