"""A config after everything is decided: typed settings and options, written out so that it stands alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from langgeo_core.config.nodes import Mark, write_yaml
from langgeo_core.config.schema import Given, RunSettings
from langgeo_core.config.typed import allows_text, field_shapes
from langgeo_core.contract.records import KEYS, Component, Origin


@dataclass(frozen=True)
class Chosen:
    """One component of a run.

    Parameters
    ----------
    kind : plural, as in `records.KINDS`
    name : what the run calls it, unique within its kind: `as`, the catalog's short name or the component's name
    options : the validated options, None where the component has none
    reference : what a config writes to get this component again; empty for its name
    where : the file and line, and the dotted path, where it was chosen
    """

    kind: str
    name: str
    component: Component
    origin: Origin
    options: BaseModel | None = None
    reference: str = field(default="", compare=False)
    where: str = field(default="", compare=False)

    def build(self) -> Any:
        """A new instance from the component's factory."""
        factory = self.component.load("factory")
        return factory() if self.options is None else factory(self.options)

    def data(self) -> str | dict[str, Any]:
        """What a config writes: every option, or the name alone where there is nothing to add."""
        label = {} if self.name == self.component.name else {"as": self.name}
        options = _written_options(self.options) if self.options is not None else {}
        reference = self.reference or self.component.name
        return {"name": reference, **label, **options} if label or options else reference


@dataclass(frozen=True)
class ResolvedConfig:
    """The settings and components of a run.

    Parameters
    ----------
    choices : a tuple for each plural kind, of one component where a run has one
    marks : where each key, and each key of its map, was written; "" for the file as a whole
    """

    settings: RunSettings
    choices: Mapping[str, tuple[Chosen, ...]]
    marks: Mapping[str, Mark] = field(default_factory=dict, compare=False)

    def where(self, path: str) -> str:
        """The file and line of a dotted path, and the path, as problems print it."""
        places = (path, path.partition(".")[0], "")
        mark = next((self.marks[place] for place in places if place in self.marks), None)
        return mark.at(path) if mark else path

    def one(self, kind: str) -> Chosen:
        """The component of a kind of which a run has exactly one, such as `scorers`."""
        (chosen,) = self.choices[kind]
        return chosen

    def data(self) -> dict[str, Any]:
        """The config as plain values in the order of a config file."""
        settings = self.settings.model_dump(mode="json", exclude_none=True)
        records = [record for record in KEYS.values() if not (self.settings.matrix and record.makes_distances)]
        components: dict[str, Any] = {}
        for record in records:
            written = [chosen.data() for chosen in self.choices[record.kind]]
            components[record.key] = written[0] if record.single else written
        first = {key: settings.pop(key) for key in ("name", "seed")}
        if self.settings.matrix:
            kept = {key: value for key, value in settings.items() if key in Given.model_fields}
            return {**first, "matrix": kept.pop("matrix"), **kept, **components}
        sources = {
            key: components.pop(key) for key, record in KEYS.items() if record.makes_distances and not record.single
        }
        return {**first, **sources, **settings, **components}

    def to_yaml(self) -> str:
        """The config with nothing left to defaults; `draft_config` reads an equal one from it.

        An option that may be any text or nothing is left out where it is nothing, since `null` would be text.
        """
        return write_yaml(self.data())

    def differences(self, other: ResolvedConfig) -> list[str]:
        """The dotted keys whose values are not the same, in the order of a config.

        Where a component was replaced, its options are not compared, and neither are the components of a list that has
        other names or another order.
        """
        one, two = self._flat(), other._flat()
        changed = [path for path in dict.fromkeys((*two, *one)) if one.get(path) != two.get(path)]
        return [path for path in changed if not any(path.startswith(f"{above}.") for above in changed)]

    def _flat(self) -> dict[str, Any]:
        """A value for each dotted key; those of maps say only that they are maps."""
        found: dict[str, Any] = {}
        for key, value in self.data().items():
            if key not in KEYS:
                found.update(_leaves(key, value))
                continue
            chosen = self.choices[KEYS[key].kind]
            if not KEYS[key].single:
                found[key] = [one.name for one in chosen]
            for one in chosen:
                path, data = key if KEYS[key].single else f"{key}.{one.name}", one.data()
                found.update(_leaves(path, {} if isinstance(data, str) else {**data, "name": None}))
                found[path] = (one.origin.distribution, one.component.name)
        return found


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield path, "a map"
        for key, inner in value.items():
            yield from _leaves(f"{path}.{key}", inner)
    else:
        yield path, value


def _written_options(options: BaseModel) -> dict[str, Any]:
    """Options under their keys in a config, without those that are None where `null` would be read as text."""
    values, dumped = dict(options), options.model_dump(mode="json", by_alias=True)
    return {
        key: _written(values[name], dumped[key])
        for name, field in type(options).model_fields.items()
        for key in (field.alias or name,)
        if not (values[name] is None and allows_text(field_shapes(field)))
    }


def _written(value: Any, dumped: Any) -> Any:
    if isinstance(value, BaseModel):
        return _written_options(value)
    if isinstance(value, list | tuple):
        return [_written(item, plain) for item, plain in zip(value, dumped, strict=True)]
    if isinstance(value, dict):
        return {key: _written(item, plain) for (item, (key, plain)) in zip(value.values(), dumped.items(), strict=True)}
    if isinstance(dumped, float) and not math.isfinite(dumped):
        return str(dumped)  # YAML's own `.inf` is not what pydantic takes
    return sorted(dumped, key=str) if isinstance(value, set | frozenset) else dumped
