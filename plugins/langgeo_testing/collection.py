"""The checks of a component."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import Any

from langgeo_core.contract.records import Command, Component, Scorer
from langgeo_testing import records
from langgeo_testing.check import Check, Given, Subject


def checks(component: Component | str, name: str = "", *, options: Given = None, instance: Any = None) -> list[Check]:
    """The contract checks of a component, each a callable with a name.

    Parameters
    ----------
    component : a record, or a kind, singular or plural, of which an installed plugin has a component `name`
    name : the component's name, where `component` is a kind
    options : what the component is built with, where an option has no default or another value is to be tried; a
        function that gives it is called when a check needs it, so that it may write files first
    instance : a built component, where building needs more than options

    Raises
    ------
    UserError
        If there is no such component.
    """
    record = component if isinstance(component, Component) else _installed(component, name)
    subject = Subject(record, options, instance)
    return [Check(subject, function) for function in _functions(record)]


def _installed(kind: str, name: str) -> Component:
    from langgeo_core.plugins.registry import installed, plural_of

    return installed().get(plural_of(kind), name).component


def _functions(record: Component) -> Iterator[Callable[[Subject], None]]:
    """The checks of every record, then those of the kind."""
    per_weight = isinstance(record, Scorer) and record.per_weight
    yield from records.CHECKS
    if not isinstance(record, Command):
        yield from records.BUILT_CHECKS
    yield from importlib.import_module(f"langgeo_testing.{'per_weight' if per_weight else record.kind}").CHECKS
