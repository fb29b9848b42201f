"""From a component as a config writes it to the registered record with validated options."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from pydantic import BaseModel

from langgeo_core.config.catalog import Catalog, Entry
from langgeo_core.config.nodes import COMMAND_LINE, List, Map, Mark, Node, Scalar, as_component, as_list, label_of
from langgeo_core.config.resolved import Chosen
from langgeo_core.config.schema import COMPONENT_KEYS, LIST_KEYS, MATRIX_LACKS
from langgeo_core.config.shapes import fields_by_key
from langgeo_core.config.typed import build
from langgeo_core.contract.errors import Problem, UserError, suggestion
from langgeo_core.contract.options import FromConfig
from langgeo_core.contract.records import Component, Origin

_RESERVED = ("name", "as")


class Registered(Protocol):
    """A component and the distribution it came from."""

    @property
    def component(self) -> Component: ...

    @property
    def origin(self) -> Origin: ...


class Registry(Protocol):
    """What is needed of `langgeo_core.plugins.registry.Registry`."""

    def names(self, kind: str) -> list[str]: ...

    def all(self, kind: str) -> Iterable[Registered]: ...

    def get(self, kind: str, name: str) -> Registered: ...


@dataclass(frozen=True)
class _Written:
    """A component in a config: its kind, its dotted path, its name and `as`, and its options."""

    kind: str
    path: str
    mark: Mark
    name: Scalar
    label: str
    options: Map


class Resolver:
    """Resolves the components of a config and collects what is wrong with them.

    What the schema finds wrong with the form of a choice is passed over here, so that it is told once.
    `incomplete` holds the kinds of which a component with problems was left out.
    """

    def __init__(self, registry: Registry, catalog: Catalog) -> None:
        self._registry = registry
        self._catalog = catalog
        self.problems: list[Problem] = []
        self.incomplete: set[str] = set()
        self._config = Map((), COMMAND_LINE)

    def choices(self, tree: Map) -> dict[str, tuple[Chosen, ...]]:
        """The components of every kind, in the order of the config; those with problems are left out."""
        self._config = tree
        return {kind: self._choices(tree, key, kind) for key, kind in COMPONENT_KEYS.items()}

    def choice(self, kind: str, node: Node) -> Chosen | None:
        """One component of a kind, as another's options name it; None where it has problems."""
        written = self._read(kind, kind, node)
        chosen = self._chosen(written) if written else None
        return chosen if chosen and _is_sound(chosen) else None

    def _choices(self, tree: Map, key: str, kind: str) -> tuple[Chosen, ...]:
        node = tree.get(key)
        if node is None:
            if key not in ("models", "corpora") and not (tree.get("matrix") and key in MATRIX_LACKS):
                message = f"no {key} is chosen, and the registry has no default"
                self._refuse(tree.mark, key, message, suggestion("", self._registry.names(kind), f"known {kind}"))
            return ()
        if key in LIST_KEYS and isinstance(node, Scalar) and not node.text:
            return ()
        items = as_list(node).items if key in LIST_KEYS else (node,)
        paths = [f"{key}.{label_of(item) or index}" if key in LIST_KEYS else key for index, item in enumerate(items)]
        written = [self._read(kind, path, item) for path, item in zip(paths, items, strict=True)]
        chosen = [(entry, self._chosen(entry)) for entry in written if entry]
        self._check_names(chosen)
        sound = tuple(one for _, one in chosen if one and _is_sound(one))
        if len(sound) < len(items):
            self.incomplete.add(kind)
        return sound

    def _check_names(self, found: list[tuple[_Written, Chosen | None]]) -> None:
        names: set[str] = set()
        for written, chosen in found:
            if chosen and chosen.name in names:
                message = f"two {chosen.kind} are named {chosen.name!r}"
                self._refuse(written.mark, written.path, message, "give one of them another name with `as: …`")
            elif chosen:
                names.add(chosen.name)

    def _read(self, kind: str, path: str, node: Node) -> _Written | None:
        node = as_component(node)
        if isinstance(node, List):
            return None
        assert isinstance(node, Map)
        name = node.get("name")
        if not isinstance(name, Scalar) or not name.text:
            known = [*self._registry.names(kind), *self._catalog.entries(kind)]
            run_together = next((key.text for key, _ in node.entries if key.text.startswith("name:")), "")
            hint = f"write a space after the colon: name: {run_together.removeprefix('name:')}" if run_together else ""
            self._refuse(node.mark, path, "has no name", hint or suggestion("", known, f"known {kind}"))
            return None
        label = node.get("as")
        if label is not None and not (isinstance(label, Scalar) and re.fullmatch(r"[\w.+-]+", label.text)):
            message = "must be one word of letters, digits, dots, dashes and underscores"
            self._refuse(node.mark_of("as"), f"{path}.as", message)
        text = label.text if isinstance(label, Scalar) else ""
        return _Written(kind, path, node.mark, name, text, node.without(*_RESERVED))

    def _chosen(self, written: _Written) -> Chosen | None:
        entry = self._catalog.entries(written.kind).get(written.name.text)
        name = entry.component if entry else written.name
        registered = self._registered(written, name, entry)
        if registered is None:
            return None
        if entry:
            written = replace(written, options=written.options.over(entry.options))
        component, origin = registered.component, registered.origin
        options = self._options(written, component, origin)
        label = written.label or (entry.name if entry else component.name)
        reference = name.text
        if reference in self._catalog.entries(written.kind):
            reference = f"{origin.distribution}:{component.name}"  # or the short name would be meant
        where = written.mark.at(written.path)
        return Chosen(written.kind, label, component, origin, options, reference, where)

    def _registered(self, written: _Written, name: Scalar, entry: Entry | None) -> Registered | None:
        try:
            return self._registry.get(written.kind, name.text)
        except UserError as error:
            known = self._registry.names(written.kind)
            short_names = self._catalog.entries(written.kind)
            hint = error.hint
            if short_names and name.text not in known:
                hint = suggestion(name.text, {*known, *short_names}, f"known {written.kind}")
            mark, path = (name.mark, f"{written.kind}.{entry.name}.component") if entry else (name.mark, written.path)
            self._refuse(mark, path, error.message, hint)
            return None

    def _options(self, written: _Written, component: Component, origin: Origin) -> Any:
        """The validated options, or None."""
        missing = component.missing_packages()
        if missing:
            message = f"{component.name} needs packages that are not installed: {', '.join(missing)}"
            self._refuse(written.mark, written.path, message, component.how_to_install())
        try:
            options_class = component.load_options()
        except (ImportError, AttributeError) as error:
            if not missing:
                message = f"the options of {component.name} cannot be imported: {error}"
                self._refuse(written.mark, written.path, message, origin.bug)
            return None
        if options_class is None:
            self._refuse_options(written, component)
            return None
        options, problems = build(options_class, self._followed(written.options, options_class), written.path)
        self.problems += problems
        return options

    def _followed(self, options: Map, options_class: type[BaseModel]) -> Map:
        """The options with those that follow a key of the config put in where they are left out."""
        for name, field in fields_by_key(options_class).items():
            keys = [marker.key for marker in field.metadata if isinstance(marker, FromConfig)]
            value = self._config.get(keys[0]) if keys else None
            if value is not None and options.get(name) is None:
                options = options.put(Scalar(name, self._config.mark_of(keys[0])), value)
        return options

    def _refuse_options(self, written: _Written, component: Component) -> None:
        for key, _ in written.options.entries:
            message = f"unknown option {key.text!r}"
            self._refuse(key.mark, f"{written.path}.{key.text}", message, f"{component.name} has no options")

    def _refuse(self, mark: Mark, path: str, message: str, hint: str = "") -> None:
        self.problems.append(Problem(mark.at(path), message, hint))


def _is_sound(chosen: Chosen) -> bool:
    """Whether it can be built: its packages are there, and its options were valid."""
    return not chosen.component.missing_packages() and not (chosen.component.options and chosen.options is None)
