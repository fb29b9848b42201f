"""A check, the component it is about, and how numbers are compared."""

from __future__ import annotations

import unittest
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ValidationError

from langgeo_core.api import UserError
from langgeo_core.hooks import records

Given = Mapping[str, Any] | BaseModel | Callable[[], Mapping[str, Any]] | None
"""Options as a test gives them: as they are, or as a function that makes them when they are needed."""


@dataclass(frozen=True, eq=False)
class Subject:
    """A component under test: its record, and the options or the instance that the test gave."""

    record: records.Component
    given: Given = None
    instance: Any = None

    @property
    def title(self) -> str:
        """Such as `scorer 'wanda'`."""
        return f"{type(self.record).__name__.lower()} {self.record.name!r}"

    @cached_property
    def options(self) -> BaseModel | None:
        """The validated options; None where the component has none or an instance was given.

        Raises
        ------
        UserError
            If the options do not fit.
        """
        if self.instance is not None:
            return None
        if isinstance(self.given, BaseModel):
            return self.given
        values = self.given() if callable(self.given) else (self.given or {})
        if not self.record.options:
            if values:
                raise UserError(f"the {self.title} has no options, but {', '.join(values)} is given")
            return None
        try:
            validated: BaseModel = self.record.load("options")(**values)
        except ValidationError as failure:
            lacking = [str(error["loc"][0]) for error in failure.errors() if error["type"] == "missing"]
            hint = f"pass checks(…, options={{{', '.join(f'{key!r}: …' for key in lacking)}}})" if lacking else ""
            raise UserError(f"the {self.title} cannot be built: {failure}", hint) from failure
        return validated

    def build(self) -> Any:
        """A new instance, or always the one that was given."""
        if self.instance is not None:
            return self.instance
        factory = self.record.load("factory")
        return factory() if self.options is None else factory(self.options)


@dataclass(frozen=True)
class Check:
    """One promise of a component; call it to see whether it is kept.

    Raises
    ------
    AssertionError
        Where the promise is broken, naming it.
    unittest.SkipTest
        Where it cannot be tried; pytest takes this for a skip.
    """

    subject: Subject
    function: Callable[[Any], None]

    @property
    def name(self) -> str:
        """The promise in the words of the function's name."""
        return self.function.__name__

    def __str__(self) -> str:
        return self.name

    def __call__(self) -> None:
        if missing := self.subject.record.missing_packages():
            skip(f"{', '.join(missing)} not installed: {self.subject.record.how_to_install()}")
        promise = (self.function.__doc__ or self.name).strip()
        try:
            self.function(self.subject)
        except BrokenPromiseError as failure:
            raise AssertionError(f"{self.subject.title} breaks a promise: {promise}\n  {failure}") from None
        except Exception as failure:
            failure.add_note(f"{self.subject.title} failed where this was tried: {promise}")
            raise


class BrokenPromiseError(Exception):
    """A promise is not kept; the message says how."""


def require(kept: bool, otherwise: str) -> None:
    """Raise `BrokenPromiseError` with the message where something is not kept."""
    if not kept:
        broken(otherwise)


def broken(how: str) -> NoReturn:
    """Say that the promise under test is broken, and how."""
    raise BrokenPromiseError(how)


def skip(reason: str) -> NoReturn:
    """End the check without a result, for a reason that pytest prints."""
    raise unittest.SkipTest(reason)


def same(what: str, found: ArrayLike, expected: ArrayLike, tolerance: float = 0.0) -> None:
    """Require equal arrays, NaN included, up to a share of the largest expected number."""
    one, other = np.asarray(found), np.asarray(expected)
    require(one.shape == other.shape, f"{what}: shape {one.shape} instead of {other.shape}")
    gaps = np.isnan(one) if one.dtype.kind == "f" else np.zeros(one.shape, dtype=bool)
    wanted = np.isnan(other) if other.dtype.kind == "f" else np.zeros(other.shape, dtype=bool)
    require(bool((gaps == wanted).all()), f"{what}: {gaps.sum()} entries are NaN instead of {wanted.sum()}")
    require(one.size > 0, f"{what}: there is nothing to compare, the arrays are empty")
    known = np.where(wanted, 0, other).astype(np.float64)
    off = np.abs(np.where(gaps, 0, one) - known)
    worst = np.unravel_index(int(np.argmax(np.nan_to_num(off, nan=np.inf))), off.shape)
    allowed = tolerance * float(np.abs(known).max())
    place = f"[{', '.join(map(str, worst))}]" if worst else ""
    require(bool(off[worst] <= allowed), f"{what}{place} is {one[worst]!s} instead of {other[worst]!s}")


def finite(what: str, found: NDArray[Any]) -> None:
    """Require numbers that are neither infinite nor NaN."""
    bad = np.count_nonzero(~np.isfinite(found))
    require(bad == 0, f"{bad} of {found.size} numbers of {what} are infinite or NaN")


def array(what: str, found: Any, shape: tuple[int, ...], kinds: str = "f") -> NDArray[Any]:
    """Require a numpy array of the shape, with a dtype of these kinds: `f` floating, `i` and `u` whole."""
    require(isinstance(found, np.ndarray), f"{what} is {type(found).__name__}, not a numpy array")
    require(found.shape == shape, f"{what} has shape {found.shape} instead of {shape}")
    require(found.dtype.kind in kinds, f"{what} has dtype {found.dtype}")
    kept: NDArray[Any] = found
    return kept


class Untouched:
    """Arrays as they are now, to see later whether they still are."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._arrays = dict(arrays)
        self._before = {name: values.copy() for name, values in arrays.items()}

    def check(self) -> None:
        """Require that nothing changed."""
        require(bool(self._before), "there is no array to watch")
        changed = [name for name, before in self._before.items() if not _equal(self._arrays[name], before)]
        require(not changed, f"{', '.join(changed)} changed")


def _equal(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
