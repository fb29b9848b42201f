"""From (kind, name) to the component that a plugin registered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import takewhile
from traceback import walk_tb
from types import FrameType, MappingProxyType
from typing import Any

import pluggy
from pluggy import PluginValidationError

from langgeo_core.contract import hookspecs
from langgeo_core.contract.errors import HINTS, LanggeoError, UserError, suggestion
from langgeo_core.contract.records import KINDS, LABEL, Component, Origin, is_label
from langgeo_core.plugins.discovery import GROUP, Plugin, discover, warn_of_failures


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
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(hookspecs)
        self.plugins = tuple(self._register(plugin) if plugin.module else plugin for plugin in plugins)

    def names(self, kind: str) -> list[str]:
        """The names of a kind in alphabetical order."""
        return sorted(self._found[kind])

    def all(self, kind: str) -> list[Registered]:
        """Every component of a kind, clashing ones included."""
        return [entry for name in self.names(kind) for entry in self._found[kind][name]]

    def of(self, plugin: Plugin) -> dict[str, list[str]]:
        """The names that a plugin registered, by kind; kinds without any are left out."""
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
            from packaging.utils import canonicalize_name as spelt

            entries = [entry for entry in entries if spelt(entry.origin.distribution) == spelt(distribution)]
        if len(entries) > 1:
            raise UserError(_clash(kind, short, entries), _way_out(short, entries))
        if not entries:
            hint = suggestion(name, self.names(kind), f"known {kind}")
            raise UserError(f"no {KINDS[kind].singular()} is named {name!r}", hint)
        return entries[0]

    def _register(self, plugin: Plugin) -> Plugin:
        """Take in all of a plugin's records, or none of them."""
        origin = Origin(plugin.distribution, plugin.version, plugin.name)
        try:
            records = self._records(plugin.module)
        except (Exception, SystemExit) as failure:
            error = str(failure) if isinstance(failure, UserError) else f"{type(failure).__name__}: {failure}"
            return replace(plugin, module=None, error=error)
        for record in records:
            self._found[record.kind].setdefault(record.name, []).append(Registered(record, origin))
        return plugin

    def _records(self, module: Any) -> list[Component]:
        """What a module's hooks yield."""
        self._manager.register(module)
        try:
            self._manager.check_pending()
        except PluginValidationError as failure:
            self._manager.unregister(module)
            unknown = re.search(r"unknown hook '(\w+)'", str(failure))
            if unknown is None:
                raise
            hint = suggestion(unknown[1], [f"langgeo_{kind}" for kind in KINDS], "hooks")
            raise UserError(f"there is no hook {unknown[1]}; {hint}") from failure
        records: list[Component] = []
        for kind, record_class in KINDS.items():
            for hook in getattr(self._manager.hook, f"langgeo_{kind}").get_hookimpls():
                if hook.plugin is module:
                    records.extend(_checked(hook.function(), record_class))
        return records


def _checked(yielded: Any, record_class: type[Component]) -> list[Component]:
    """The records of one hook, all of the right class."""
    hook = f"langgeo_{record_class.kind}"
    if isinstance(yielded, Component):
        raise TypeError(f"{hook} returns the record {yielded.name!r}; it must yield it")
    records = list(yielded)
    for record in records:
        if not isinstance(record, record_class):
            raise TypeError(f"{hook} must yield {record_class.__name__} records, got {record!r}")
        if not is_label(record.name):
            raise TypeError(f"{hook} yields a record whose name cannot name files: {record.name!r}; allowed: {LABEL}")
    return records


def _clash(kind: str, name: str, entries: Sequence[Registered]) -> str:
    owners = " and ".join(f"{entry.origin.distribution} {entry.origin.version}" for entry in entries)
    return f"the name {name!r} of {kind} is claimed by {owners}"


def _way_out(name: str, entries: Sequence[Registered]) -> str:
    """How to name one of the distributions that claim a name; impossible within one."""
    names = list(dict.fromkeys(f"`{entry.origin.distribution}:{name}`" for entry in entries))
    if len(names) == 1:
        return f"this is a bug in {entries[0].origin.distribution}; please report it"
    return f"write {' or '.join(names)}"


def explained(failure: BaseException) -> LanggeoError:
    """An exception as an error that names the component and the plugin whose code raised it; ours are given back."""
    if isinstance(failure, LanggeoError):
        return failure
    what = f"{type(failure).__name__}: {failure}".removesuffix(": ")
    entry, origin = _blamed([frame for frame, _ in walk_tb(failure.__traceback__)][::-1])
    bug = origin.bug if origin else "this is a bug in langgeo; please report it"
    outside = HINTS.get(failure.errno or 0) if isinstance(failure, OSError) else None
    if isinstance(failure, MemoryError):
        outside = "free some memory, or lower calibration.batch, then "
    hint = f"{outside}start the same command again" if outside else bug
    whose = f"the {entry.component.singular()} {entry.component.name} fails: " if entry else ""
    return LanggeoError(f"{whose}{what}", f"{hint} (langgeo -v shows the traceback)")


def _blamed(frames: Sequence[FrameType]) -> tuple[Registered | None, Origin | None]:
    """The component at work, or else the plugin whose code the core did not call for something of its own."""
    entries = [entry for kind in KINDS for entry in installed().all(kind)]
    classes = {entry.component.factory: entry for entry in entries}
    for frame in frames:
        for one in type(frame.f_locals.get("self")).__mro__:
            if entry := classes.get(f"{one.__module__}:{one.__qualname__}"):
                return entry, entry.origin
    modules = (str(frame.f_globals.get("__name__")) for frame in frames)
    for name in takewhile(lambda name: not name.startswith("langgeo_core."), modules):
        module = [entry for entry in entries if entry.component.factory.partition(":")[0] == name]
        package = [entry for entry in entries if re.split("[.:]", entry.component.factory)[0] == name.partition(".")[0]]
        if found := module or package:
            return (module[0] if len(module) == 1 else None), found[0].origin
    return None, None


@cache
def installed() -> Registry:
    """The registry of everything installed; failures are reported on stderr once."""
    registry = Registry(discover())
    warn_of_failures(registry.plugins)
    return registry


def components(kind: str) -> Iterator[Component]:
    """The records of a kind of everything installed."""
    return (entry.component for entry in installed().all(kind))


def plural_of(kind: str, data: Mapping[str, str] = MappingProxyType({})) -> str:
    """A kind's plural, from its singular or plural; `data` has the singulars of more kinds by their plurals.

    Raises
    ------
    UserError
        If there is no such kind.
    """
    singular = {**{plural: record.singular() for plural, record in KINDS.items()}, **data}
    for plural, single in singular.items():
        if kind in (plural, single):
            return plural
    raise UserError(f"there is no kind {kind!r} of component", suggestion(kind, singular, "kinds"))
