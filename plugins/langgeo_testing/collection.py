"""The checks of a component."""

from __future__ import annotations

from typing import Any

from langgeo_core.api import UserError, installed, suggestion
from langgeo_core.hooks import records
from langgeo_testing.check import Check, Given
from langgeo_testing.components import RecordContract


def checks(
    component: records.Component | str, name: str = "", *, options: Given = None, instance: Any = None
) -> list[Check]:
    """The contract checks of a component, each a callable with a name.

    Parameters
    ----------
    component : a record, or a kind (singular or plural) of which an installed plugin has a component `name`
    name : the component's name, where `component` is a kind
    options : what to build the component with, where an option has no default or another value is to be tried. A
        function that returns it is called when a check needs it, so it may write files first
    instance : a built component, where building it takes more than options

    Raises
    ------
    UserError
        If there is no such component.
    """
    record = component if isinstance(component, records.Component) else _installed(component, name)
    contract = contract_of(record)
    subject = contract(record, options, instance)
    classes = contract.__mro__[contract.__mro__.index(RecordContract) :: -1]
    names = dict.fromkeys(name for each in classes for name in vars(each))
    return [Check(subject, getattr(contract, name)) for name in names if not name.startswith("_")]


def _installed(kind: str, name: str) -> records.Component:
    for plural, record in records.KINDS.items():
        if kind in (plural, record.singular()):
            return installed().get(plural, name).component
    raise UserError(f"there is no kind {kind!r} of component", suggestion(kind, records.KINDS, "kinds"))


def contract_of(record: records.Component) -> type[RecordContract]:
    """The class whose methods are the checks of a component: those of every component, then those of its kind."""
    from langgeo_testing import components, figures, inputs, spaces, weights, work

    if isinstance(record, records.Scorer) and record.per_weight:
        return weights.PerWeightScorers
    contracts: dict[str, type[RecordContract]] = {
        "models": inputs.Models,
        "corpora": inputs.Corpora,
        "scorers": weights.Scorers,
        "quantizers": weights.Quantizers,
        "distances": weights.Distances,
        "aggregators": spaces.Aggregators,
        "transforms": spaces.Transforms,
        "embedders": spaces.Embedders,
        "clusterers": spaces.Clusterers,
        "evaluators": figures.Evaluators,
        "baselines": figures.Baselines,
        "exporters": figures.Exporters,
        "readers": figures.Readers,
        "executors": work.Executors,
        "commands": components.Commands,
    }
    return contracts[record.kind]
