"""What there is to choose from: components, short names of registry.yaml, language sets, bundled configs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version

from langgeo_core.config.catalog import Catalog, CatalogEntry, bundled_configs, summary_of
from langgeo_core.config.nodes import Scalar
from langgeo_core.contract.errors import UserError
from langgeo_core.plugins import registry

DATA_KINDS = {"language-sets": "language-set", "configs": "config"}
"""What is data and not a component, with its singular."""


@dataclass(frozen=True)
class Listed:
    """A name that a config can write.

    `distribution` and `version` say where it came from; `missing` names packages that it needs and that are not
    installed, `install` what to type then.
    """

    kind: str
    name: str
    summary: str
    distribution: str
    version: str
    missing: tuple[str, ...] = ()
    install: str = ""


def list_kind(kind: str, catalog: Catalog) -> Iterator[Listed]:
    """Everything of one kind, given by its plural."""
    if kind == "language-sets":
        for name, members in catalog.language_sets.items():
            summary = catalog.set_notes.get(name) or f"{len(members)} languages."
            yield Listed(kind, name, summary, "langgeo", version("langgeo"))
    elif kind == "configs":
        for name, config in bundled_configs().items():
            yield Listed(kind, name, summary_of(config.file), config.distribution, config.version)
    else:
        yield from (_component(entry) for entry in registry.installed().all(kind))
        yield from (_short_name(kind, entry) for entry in catalog.entries(kind).values())


def _component(entry: registry.Registered) -> Listed:
    component, origin = entry.component, entry.origin
    missing = tuple(component.missing_packages())
    install = component.how_to_install() if missing else ""
    return Listed(
        component.kind, component.name, component.summary, origin.distribution, origin.version, missing, install
    )


def _short_name(kind: str, entry: CatalogEntry) -> Listed:
    """A name in registry.yaml; it is as installed as the component behind it."""
    summary = f"{stands_for(entry)}{': ' if entry.note else ''}{entry.note}".removesuffix(".") + "."
    try:
        behind = _component(registry.installed().get(kind, entry.component.text))
    except UserError as failure:
        return Listed(kind, entry.name, f"{summary} {failure.message}", "registry.yaml", "")
    return Listed(kind, entry.name, summary, "registry.yaml", "", behind.missing, behind.install)


def stands_for(entry: CatalogEntry) -> str:
    """`NAME with path=/models/x`; options of several parts are left out."""
    written = [f"{key.text}={value.text}" for key, value in entry.options.entries if isinstance(value, Scalar)]
    return f"{entry.component.text} with {', '.join(written)}" if written else entry.component.text
