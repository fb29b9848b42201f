"""What every component promises: its record, its options, its methods."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ValidationError

from langgeo_core.contract import protocols
from langgeo_core.contract.records import Scorer
from langgeo_testing.check import Subject, broken, require

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST_SUMMARY = 120


def name_can_be_written_in_a_config(subject: Subject) -> None:
    """A name is lower-case letters and digits, its words joined by dashes."""
    require(NAME.fullmatch(subject.record.name) is not None, f"the name is {subject.record.name!r}")


def summary_is_one_sentence(subject: Subject) -> None:
    """The summary is one line of at most 120 characters that ends with a full stop."""
    summary = subject.record.summary
    require(summary == summary.strip() and summary.endswith("."), f"the summary is {summary!r}")
    require(len(summary.splitlines()) == 1, f"the summary has {len(summary.splitlines())} lines: {summary!r}")
    require(len(summary) <= LONGEST_SUMMARY, f"the summary has {len(summary)} characters: {summary!r}")


def factory_loads(subject: Subject) -> None:
    """The factory can be imported and called."""
    try:
        factory = subject.record.load_factory()
    except (ImportError, AttributeError) as failure:
        broken(f"factory={subject.record.factory!r}: {failure}")
    require(callable(factory), f"factory={subject.record.factory!r} is {factory!r}")


def options_are_described(subject: Subject) -> None:
    """The options are a pydantic model in which every field has a description, for `langgeo show`."""
    model = _options_class(subject)
    if model is not None:
        bare = [name for name, field in model.model_fields.items() if not (field.description or "").strip()]
        require(not bare, f"{model.__name__} describes no {', '.join(bare)}: write Field(…, description=…)")


def unknown_options_are_refused(subject: Subject) -> None:
    """The options forbid keys that they do not know, as subclasses of `langgeo_core.api.Options` do."""
    model = _options_class(subject)
    if model is None:
        return
    try:
        model(**{"no-such-option": 1})
    except ValidationError as failure:
        refused = any(error["type"] == "extra_forbidden" for error in failure.errors())
    else:
        refused = False
    require(refused, f"{model.__name__} takes the unknown key 'no-such-option'")


def options_survive_a_config(subject: Subject) -> None:
    """Options that a run writes into its config.yaml are the same when they are read again."""
    if subject.options is not None:
        written = subject.options.model_dump(mode="json", by_alias=True)
        again = type(subject.options).model_validate(written)
        require(again == subject.options, f"{subject.options!r} becomes {again!r}")


def component_can_be_built(subject: Subject) -> None:
    """The factory builds the component from its options, or without arguments where it has none."""
    subject.build()


def component_has_what_its_kind_asks_for(subject: Subject) -> None:
    """The component has every attribute and method of its protocol in `langgeo_core.contract.protocols`."""
    per_weight = isinstance(subject.record, Scorer) and subject.record.per_weight
    protocol = protocols.PerWeightScorer if per_weight else getattr(protocols, type(subject.record).__name__)
    built = subject.build()
    missing = [name for name in _members(protocol) if not hasattr(built, name)]
    require(not missing, f"{type(built).__name__} has no {', '.join(missing)}")
    methods = [name for name in _members(protocol) if name not in protocol.__annotations__]
    plain = [name for name in methods if not callable(getattr(built, name))]
    require(not plain, f"{', '.join(plain)} of {type(built).__name__} cannot be called")


def _members(protocol: Any) -> list[str]:
    found = (*getattr(protocol, "__annotations__", {}), *vars(protocol))
    return list(dict.fromkeys(name for name in found if not name.startswith("_")))


def _options_class(subject: Subject) -> type[BaseModel] | None:
    try:
        model = subject.record.load_options()
    except (ImportError, AttributeError) as failure:
        broken(f"options={subject.record.options!r}: {failure}")
    if model is None:
        return None
    require(isinstance(model, type) and issubclass(model, BaseModel), f"{model!r} is no pydantic model")
    found: type[BaseModel] = model
    return found


CHECKS = (
    name_can_be_written_in_a_config,
    summary_is_one_sentence,
    factory_loads,
    options_are_described,
    unknown_options_are_refused,
    options_survive_a_config,
)
BUILT_CHECKS = (component_can_be_built, component_has_what_its_kind_asks_for)
"""Of every component that a factory builds: of all kinds but commands."""
