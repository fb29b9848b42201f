"""From (kind, name) to the component that a plugin registered."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from langgeo_core.contract.errors import UserError
from langgeo_core.contract.records import KINDS, Component, Origin
from langgeo_core.plugins.discovery import Plugin, discover, new_manager, warn_of_failures


@dataclass(frozen=True)
class Registered:
    """A component and the distribution it came from."""

    component: Component
    origin: Origin


class Registry:
    """All components of the plugins that loaded.

    Names are unique within a kind; where two distributions claim one, `get` asks for `dist:name`.
    """

    def __init__(self, plugins: Iterable[Plugin]) -> None:
        self._found: dict[str, dict[str, list[Registered]]] = {kind: {} for kind in KINDS}
        self.plugins = tuple(self._register(plugin) if plugin.module else plugin for plugin in plugins)

    def names(self, kind: str) -> list[str]:
        """The names of a kind in alphabetical order."""
        return sorted(self._found[kind])

    def all(self, kind: str) -> list[Registered]:
        """Every component of a kind, clashing ones included."""
        return [entry for name in self.names(kind) for entry in self._found[kind][name]]

    def of(self, plugin: Plugin) -> dict[str, list[str]]:
        """The names that a plugin registered, by kind; kinds that it has none of are left out."""
        origin = Origin(plugin.distribution, plugin.version, plugin.name)
        found = {kind: [entry for entry in self.all(kind) if entry.origin == origin] for kind in KINDS}
        return {kind: [entry.component.name for entry in entries] for kind, entries in found.items() if entries}

    def clashes(self) -> list[str]:
        """One sentence for each name that several distributions claim."""
        return [
            _clash(kind, name, entries)
            for kind, names in self._found.items()
            for name, entries in names.items()
            if len(entries) > 1
        ]

    def get(self, kind: str, name: str) -> Registered:
        """The component of that name, or `dist:name`.

        Raises
        ------
        UserError
            If no plugin registers it, or several do.
        """
        distribution, _, short = name.rpartition(":")
        entries = self._found[kind].get(short, [])
        if distribution:
            entries = [entry for entry in entries if _same(entry.origin.distribution, distribution)]
        if len(entries) > 1:
            raise UserError(_clash(kind, short, entries), _way_out(short, entries))
        if not entries:
            raise UserError(f"no {KINDS[kind].__name__.lower()} is named {name!r}", self._suggestion(kind, name))
        return entries[0]

    def _suggestion(self, kind: str, name: str) -> str:
        close = difflib.get_close_matches(name, self.names(kind), n=1)
        start = f"did you mean {close[0]!r}? " if close else ""
        return f"{start}known {kind}: {', '.join(self.names(kind)) or 'none'}"

    def _register(self, plugin: Plugin) -> Plugin:
        """Take a plugin's records in, all or none of them."""
        origin = Origin(plugin.distribution, plugin.version, plugin.name)
        try:
            records = _records(plugin)
        except Exception as failure:
            return replace(plugin, module=None, error=f"{type(failure).__name__}: {failure}")
        for record in records:
            self._found[record.kind].setdefault(record.name, []).append(Registered(record, origin))
        return plugin


def _same(one: str, other: str) -> bool:
    """Whether two spellings name one distribution, as pip sees it."""
    return re.sub(r"[-_.]+", "-", one).lower() == re.sub(r"[-_.]+", "-", other).lower()


def _records(plugin: Plugin) -> list[Component]:
    manager = new_manager()
    manager.register(plugin.module)
    records: list[Component] = []
    for kind, record_class in KINDS.items():
        for yielded in getattr(manager.hook, f"langgeo_{kind}")():
            if isinstance(yielded, Component):
                raise TypeError(f"langgeo_{kind} returns the record {yielded.name!r}; it must yield it")
            records.extend(_checked(record, record_class) for record in yielded)
    return records


def _checked(record: object, record_class: type[Component]) -> Component:
    if not isinstance(record, record_class):
        raise TypeError(f"langgeo_{record_class.kind} must yield {record_class.__name__} records, got {record!r}")
    return record


def _clash(kind: str, name: str, entries: list[Registered]) -> str:
    owners = " and ".join(f"{entry.origin.distribution} {entry.origin.version}" for entry in entries)
    return f"the name {name!r} of {kind} is claimed by {owners}"


def _way_out(name: str, entries: list[Registered]) -> str:
    """How a config tells the distributions apart that claim a name; pointless within one."""
    names = list(dict.fromkeys(f"`{entry.origin.distribution}:{name}`" for entry in entries))
    if len(names) == 1:
        return f"a fault of {entries[0].origin.distribution}: tell its authors"
    return f"write {' or '.join(names)}"


@cache
def installed() -> Registry:
    """The registry of everything installed; failures are warned of once."""
    registry = Registry(discover())
    warn_of_failures(registry.plugins)
    return registry


def singular_or_plural(kind: str) -> str:
    """The registry's name for a kind, written either way.

    Raises
    ------
    UserError
        If there is no such kind.
    """
    for plural, record in KINDS.items():
        if kind in (plural, record.__name__.lower()):
            return plural
    close = difflib.get_close_matches(kind, KINDS, n=1)
    start = f"did you mean {close[0]!r}? " if close else ""
    raise UserError(f"there is no kind {kind!r} of component", f"{start}kinds: {', '.join(KINDS)}")
