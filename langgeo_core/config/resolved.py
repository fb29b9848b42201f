"""A config after everything is decided: typed settings and options, written out so that it stands alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from langgeo_core.config.nodes import Mark
from langgeo_core.config.schema import COMPONENT_KEYS, MATRIX_LACKS, SINGLE_KEYS, RunSettings
from langgeo_core.config.shapes import allows_text, field_shapes
from langgeo_core.config.writer import write_yaml
from langgeo_core.contract.records import Component, Origin


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
        factory = self.component.load_factory()
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
        components: dict[str, Any] = {}
        for key, kind in self._component_keys().items():
            written = [chosen.data() for chosen in self.choices[kind]]
            components[key] = written[0] if key in SINGLE_KEYS else written
        first = {key: settings.pop(key) for key in ("name", "seed")}
        if self.settings.matrix:
            settings.pop("calibration"), settings.pop("reliability"), settings.pop("parts")
            return {**first, "matrix": settings.pop("matrix"), **settings, **components}
        sources = {key: components.pop(key) for key in ("models", "corpora")}
        return {**first, **sources, **settings, **components}

    def _component_keys(self) -> dict[str, str]:
        """The keys that this config has, with their kinds."""
        lacking = MATRIX_LACKS if self.settings.matrix else ()
        return {key: kind for key, kind in COMPONENT_KEYS.items() if key not in lacking}

    def to_yaml(self) -> str:
        """The config with nothing left to defaults; `load_config` gives an equal one from it.

        An option that may be any text or nothing is left out where it is nothing, since `null` would be text.
        """
        return write_yaml(self.data())

    def differences(self, other: ResolvedConfig) -> list[str]:
        """The dotted keys whose values are not the same, in the order of a config."""
        return list(dict.fromkeys(_differences(self._comparable(), other._comparable())))

    def _comparable(self) -> dict[str, Any]:
        """The config with its components under their names, so that a difference has a path of names."""
        data = self.data()
        for key, kind in self._component_keys().items():
            components = {chosen.name: _Named(chosen) for chosen in self.choices[kind]}
            data[key] = next(iter(components.values())) if key in SINGLE_KEYS else _Several(components)
        return data


class _Named(dict[str, Any]):
    """A component's options and which component it is: another one makes the options incomparable."""

    def __init__(self, chosen: Chosen) -> None:
        data = chosen.data()
        super().__init__({} if isinstance(data, str) else data)
        self["name"] = (chosen.origin.distribution, chosen.component.name)


class _Several(dict[str, Any]):
    """Components of one kind in their order: other names, or another order, make the whole list different."""


def _differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    both_maps = isinstance(one, dict) and isinstance(other, dict)
    if both_maps and _alike(one, other):
        for key in dict.fromkeys((*one, *other)):
            yield from _differences(one.get(key), other.get(key), f"{path}.{key}" if path else key)
    elif both_maps or one != other:
        yield path


def _alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    if isinstance(one, _Named):
        return bool(one["name"] == other["name"])
    return not isinstance(one, _Several) or list(one) == list(other)


def _written_options(options: BaseModel) -> dict[str, Any]:
    """Options under their keys in a config, without those that are None where `null` would be read as text."""
    dumped = options.model_dump(mode="json", by_alias=True)
    return {
        field.alias or name: _written(getattr(options, name), dumped[field.alias or name])
        for name, field in type(options).model_fields.items()
        if not (getattr(options, name) is None and allows_text(field_shapes(field)))
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
