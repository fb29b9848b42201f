"""A check and what it is about."""

from __future__ import annotations

import unittest
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn

from pydantic import BaseModel, ValidationError

from langgeo_core.contract.errors import UserError
from langgeo_core.contract.records import Component

Given = Mapping[str, Any] | BaseModel | Callable[[], Mapping[str, Any]] | None
"""Options as a test gives them: as they are, or as a function that makes them when they are needed."""


@dataclass(frozen=True, eq=False)
class Subject:
    """A component under test: its record, and the options or the instance that the tests gave."""

    record: Component
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
            _refuse(self.title, values)
            return None
        try:
            validated: BaseModel = self.record.load_options()(**values)
        except ValidationError as failure:
            raise _unfit(self.title, failure) from failure
        return validated

    def build(self) -> Any:
        """A new instance, or always the one that was given."""
        if self.instance is not None:
            return self.instance
        factory = self.record.load_factory()
        return factory() if self.options is None else factory(self.options)


def _refuse(title: str, values: Mapping[str, Any]) -> None:
    if values:
        raise UserError(f"the {title} has no options, and {', '.join(values)} is given")


def _unfit(title: str, failure: ValidationError) -> UserError:
    lacking = [str(error["loc"][0]) for error in failure.errors() if error["type"] == "missing"]
    hint = f"pass checks(…, options={{{', '.join(f'{key!r}: …' for key in lacking)}}})" if lacking else ""
    return UserError(f"the {title} cannot be built: {failure}", hint)


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
    function: Callable[[Subject], None]

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
    """Give up without a verdict."""
    raise unittest.SkipTest(reason)
