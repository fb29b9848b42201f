"""From a component as a config writes it to the registered record with validated options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from langgeo_core.config.catalog import Catalog, bundled_catalog
from langgeo_core.config.nodes import (
    COMMAND_LINE,
    List,
    Map,
    Mark,
    Node,
    Scalar,
    as_component,
    as_list,
    as_node,
    label_of,
)
from langgeo_core.config.resolved import Chosen
from langgeo_core.config.schema import PATHS
from langgeo_core.config.typed import build, fields_by_key
from langgeo_core.contract.errors import ConfigError, Problem, UserError, suggestion
from langgeo_core.contract.options import FromConfig
from langgeo_core.contract.records import KEYS, LABEL, Baseline, Component, Origin, is_label
from langgeo_core.plugins.registry import Registry, installed


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

    What the schema finds wrong with the form of a choice is passed over here, so that it is reported once.
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
        return {record.kind: self._choices(tree, record) for record in KEYS.values()}

    def choice(self, kind: str, node: Node) -> Chosen | None:
        """One component of a kind, as another's options name it; what is wrong with it is in `problems`."""
        written = self._read(kind, kind, node)
        return self._chosen(written) if written else None

    def _choices(self, tree: Map, record: type[Component]) -> tuple[Chosen, ...]:
        key, kind = record.key, record.kind
        node = tree.get(key)
        if node is None:
            # Lists that make distances have no default, and a config with a matrix makes none.
            if not record.makes_distances or (record.single and not tree.get("matrix")):
                message = f"no {key} is chosen, and the registry has no default"
                self._refuse(tree.mark, key, message, suggestion("", self._registry.names(kind), f"known {kind}"))
            return ()
        if record.single:
            items, paths = [node], [key]
        elif isinstance(node, Scalar) and not node.text:
            return ()
        else:
            items = list(as_list(node).items)
            paths = [f"{key}.{label_of(item) or index}" for index, item in enumerate(items)]
        written = [self._read(kind, path, item) for path, item in zip(paths, items, strict=True)]
        chosen = [(entry, self._chosen(entry)) for entry in written if entry]
        names: set[str] = set()
        for entry, one in chosen:
            if one and one.name.casefold() in names:
                message = f"two {kind} are named {one.name!r}"
                hint = "give one of them another name with `as: …`; capitals make no difference"
                self._refuse(entry.mark, entry.path, message, hint)
            elif one and isinstance(one.component, Baseline) and one.name == "run":
                message = "`run` is what the tables call the run itself"
                self._refuse(entry.mark, entry.path, message, "give the baseline another name with `as: …`")
            elif one:
                names.add(one.name.casefold())
        # Can be built: its packages are there, and its options were valid.
        sound = tuple(
            one
            for _, one in chosen
            if one and not one.component.missing_packages() and not (one.component.options and one.options is None)
        )
        if len(sound) < len(items):
            self.incomplete.add(kind)
        return sound

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
        if label is not None and not (isinstance(label, Scalar) and is_label(label.text)):
            self._refuse(node.mark_of("as"), f"{path}.as", "must be one word, since it names files", LABEL)
        text = label.text if isinstance(label, Scalar) else ""
        return _Written(kind, path, node.mark, name, text, node.without("name", "as"))

    def _chosen(self, written: _Written) -> Chosen | None:
        short = self._catalog.entries(written.kind)
        entry = short.get(written.name.text)
        name = entry.component if entry else written.name
        try:
            registered = self._registry.get(written.kind, name.text)
        except UserError as error:
            known = self._registry.names(written.kind)
            hint = error.hint
            if short and name.text not in known:
                hint = suggestion(name.text, {*known, *short}, f"known {written.kind}")
            path = f"{written.kind}.{entry.name}.component" if entry else written.path
            self._refuse(name.mark if entry else written.mark, path, error.message, hint)
            return None
        if entry:
            written = replace(written, options=written.options.over(entry.options))
        component, origin = registered.component, registered.origin
        label = written.label or (entry.name if entry else component.name)
        # A short name that is also a component's would mean the short one.
        reference = f"{origin.distribution}:{component.name}" if name.text in short else name.text
        options, where = self._options(written, component, origin), written.mark.at(written.path)
        return Chosen(written.kind, label, component, origin, options, reference, where)

    def _options(self, written: _Written, component: Component, origin: Origin) -> Any:
        """The validated options, or None."""
        missing = component.missing_packages()
        if missing:
            message = f"{component.name} needs packages that are not installed: {', '.join(missing)}"
            self._refuse(written.mark, written.path, message, component.how_to_install())
        try:
            options_class = component.load("options")
        except (ImportError, AttributeError) as error:
            if not missing:
                message = f"the options of {component.name} cannot be imported: {error}"
                self._refuse(written.mark, written.path, message, origin.bug)
            return None
        if options_class is None:
            for key, _ in written.options.entries:
                message, hint = f"unknown option {key.text!r}", f"{component.name} has no options"
                self._refuse(key.mark, f"{written.path}.{key.text}", message, hint)
            return None
        followed = self._followed(written.options, options_class)
        options, problems = build(options_class, followed, written.path, others=PATHS)
        self.problems += problems
        return options

    def _followed(self, options: Map, options_class: type[BaseModel]) -> Map:
        """The options with those that follow a key of the config put in where they are left out."""
        for name, field in fields_by_key(options_class).items():
            for marker in field.metadata:
                value = self._config.get(marker.key) if isinstance(marker, FromConfig) else None
                if value is not None and options.get(name) is None:
                    options = options.put(Scalar(name, self._config.mark_of(marker.key)), value)
        return options

    def _refuse(self, mark: Mark, path: str, message: str, hint: str = "") -> None:
        self.problems.append(Problem(mark.at(path), message, hint))


def build_component(kind: str, written: str | Mapping[str, Any]) -> Any:
    """The component of a name, or of a map of its name and options, as a config would write it.

    Options that follow the config, such as seeds, have their own defaults here.

    Parameters
    ----------
    kind : plural, such as `models`

    Raises
    ------
    ConfigError
        With everything that is wrong with the name or the options.
    """
    return _only(kind, written).build()


def baseline_role(written: str | Mapping[str, Any]) -> str:
    """The role of a baseline, one of `records.ROLES`, by how a config would write it; raises as `build_component`."""
    chosen = _only("baselines", written)
    assert isinstance(chosen.component, Baseline)
    return chosen.component.role_with(chosen.options)


def _only(kind: str, written: str | Mapping[str, Any]) -> Chosen:
    resolver = Resolver(installed(), bundled_catalog())
    chosen = resolver.choice(kind, as_node(written, COMMAND_LINE))
    if chosen is None or resolver.problems:
        raise ConfigError(resolver.problems)
    return chosen
