"""`langgeo list`, `langgeo show` and `langgeo plugins`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from langgeo_core.cli.common import catalog_of, complete, json_option, print_json, print_table
from langgeo_core.cli.listing import DATA_KINDS, list_kind, stands_for
from langgeo_core.config.catalog import Catalog, find_config, summary_of
from langgeo_core.config.nodes import write_yaml
from langgeo_core.contract.errors import MissingPackageError, UserError, suggestion
from langgeo_core.contract.records import KINDS, Transform
from langgeo_core.plugins import registry
from langgeo_core.plugins.registry import plural_of
from langgeo_core.system.files import read_text


@click.command("list")
@click.argument("kind", required=False, shell_complete=complete)
@json_option
@click.pass_obj
def list_command(settings: dict[str, Any], kind: str | None, as_json: bool) -> None:
    """List the components of a KIND (singular or plural), or of every kind.

    Short names of registry.yaml are listed with the components. KIND may also be `language-sets` or `configs`.

    \b
    Examples:
      langgeo list scorers
      langgeo list configs
    """
    catalog = catalog_of(settings)
    found = [listed for one in ([plural_of(kind, DATA_KINDS)] if kind else KINDS) for listed in list_kind(one, catalog)]
    if as_json:
        print_json([asdict(listed) for listed in found])
        return
    rows = []
    for listed in found:
        lacking = f" [missing: {', '.join(listed.missing)}; type: {listed.install}]" if listed.missing else ""
        origin = f"{listed.distribution} {listed.version}".strip()
        rows.append((listed.kind, listed.name, origin, listed.summary + lacking))
    print_table(("kind", "name", "from", "summary"), rows)
    _warn_of_clashes(registry.installed())


def _warn_of_clashes(installed: registry.Registry) -> None:
    for clash in installed.clashes():
        click.echo(f"warning: {clash}", err=True)


@click.command("show")
@click.argument("kind", shell_complete=complete)
@click.argument("name", shell_complete=complete)
@json_option
@click.pass_obj
def show_command(settings: dict[str, Any], kind: str, name: str, as_json: bool) -> None:
    """Show the component NAME of a KIND: what it does, where it comes from, its options.

    A short name of registry.yaml is shown with what it stands for. KIND may also be `language-set` or `config`.

    \b
    Examples:
      langgeo show scorer NAME
      langgeo show language-set romance
    """
    plural, catalog = plural_of(kind, DATA_KINDS), catalog_of(settings)
    if plural == "language-sets":
        _show_set(name, catalog, as_json)
    elif plural == "configs":
        _show_config(name, as_json)
    else:
        _show_component(plural, name, catalog, as_json)


def _show_set(name: str, catalog: Catalog, as_json: bool) -> None:
    from langgeo_core.languages.table import LanguageTable

    if name not in catalog.language_sets:
        hint = suggestion(name, catalog.language_sets, "language sets")
        raise UserError(f"no language set is named {name!r}", hint)
    languages = [LanguageTable().lookup(member) for member in catalog.language_sets[name]]
    note = catalog.set_notes.get(name, "")
    if as_json:
        members = [{"id": one.id, "name": one.name, "family": one.family, "branch": one.branch} for one in languages]
        print_json({"kind": "language-sets", "name": name, "note": note, "languages": members})
        return
    click.echo(f"{name} (language-sets), {len(languages)} languages")
    if note:
        click.echo(f"  {note}")
    print_table(("id", "name", "family", "branch"), [(one.id, one.name, one.family, one.branch) for one in languages])


def _show_config(name: str, as_json: bool) -> None:
    file = find_config(name)
    if as_json:
        summary = summary_of(file)
        print_json({"kind": "configs", "name": name, "file": str(file), "summary": summary, "text": read_text(file)})
        return
    click.echo(read_text(file), nl=False)


def _show_component(kind: str, name: str, catalog: Catalog, as_json: bool) -> None:
    installed, short_names = registry.installed(), catalog.entries(kind)
    short = short_names.get(name)
    if short is None and name not in installed.names(kind) and ":" not in name and short_names:
        known = {*installed.names(kind), *short_names}
        message = f"no {KINDS[kind].singular()} is named {name!r}"
        raise UserError(message, suggestion(name, known, f"known {kind}"))
    entry = installed.get(kind, short.component.text if short else name)
    component = entry.component
    data: dict[str, Any] = {
        "kind": component.kind,
        "name": component.name,
        "summary": component.summary,
        "distribution": entry.origin.distribution,
        "version": entry.origin.version,
        "plugin": entry.origin.plugin,
        "factory": component.factory,
        "source": component.source,
        "requires": list(component.requires),
        "shorthand": component.shorthand,
        "missing": component.missing_packages(),
        "options": _options(entry),
    }
    if short:
        meaning = {"component": short.component.text, "options": short.given, "note": short.note}
        data = {**data, "name": name, "stands_for": meaning}
    if as_json:
        print_json(data)
        return
    if short:
        click.echo(f"{name} (short name of registry.yaml): {stands_for(short)}")
        for line in (short.note, *write_yaml(short.given).splitlines()):
            click.echo(f"  {line}".rstrip())
    _print(entry, data)


def _print(entry: registry.Registered, data: dict[str, Any]) -> None:
    component = entry.component
    click.echo(f"{component.name} ({component.kind}), {entry.origin.distribution} {entry.origin.version}")
    click.echo(f"  {component.summary}")
    if component.source:
        click.echo(f"  source: {component.source}")
    if isinstance(component, Transform) and not component.pairwise:
        click.echo("  the new distance of a pair depends on which languages are in the run")
    if component.requires:
        click.echo(f"  needs: {', '.join(component.requires)}")
    if data["missing"]:
        click.echo(f"  missing: {', '.join(data['missing'])}; type: {component.how_to_install()}")
    if component.shorthand:
        click.echo(f"  on the command line: {component.kind}.{component.name}=VALUE sets {component.shorthand}")
    for option in data["options"]:
        unit = f" {option['unit']}" if option["unit"] else ""
        click.echo(f"  {option['name']} = {option['default']}{unit}  [{option['type']}]")
        click.echo(f"      {option['description']}")


def _options(entry: registry.Registered) -> list[dict[str, str]]:
    """Name, type with its range, default, unit and description of each option, as a config writes them."""
    from langgeo_core.config.typed import describe, field_shapes, fields_by_key

    component = entry.component
    try:
        options = component.load_options()
    except ImportError as failure:
        lacking = f"the options of {component.name} cannot be read: {failure}"
        raise MissingPackageError(lacking, component.how_to_install()) from failure
    rows = []
    for name, field in fields_by_key(options).items() if options else ():
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        default = "(required)" if field.is_required() else _written(field.get_default(call_default_factory=True))
        rows.append(
            {
                "name": name,
                "type": describe(field_shapes(field)),
                "default": default,
                "unit": str(extra.get("unit", "")),
                "description": field.description or "",
            }
        )
    return rows


def _written(value: Any) -> str:
    """A default as a config writes it."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, list | tuple | set | frozenset):
        return f"[{', '.join(map(_written, value))}]"
    return str(value) or '""'


@click.command("plugins")
@json_option
@click.option("--trace", is_flag=True, help="Show the traceback of each plugin that failed.")
def plugins_command(as_json: bool, trace: bool) -> None:
    """List the plugins with their distribution, components, the time they took to import, and why one failed.

    Example: langgeo plugins --trace
    """
    from langgeo_core.plugins.discovery import discover

    found = registry.Registry(discover())
    if as_json:
        print_json(
            [
                {
                    "plugin": plugin.name,
                    "distribution": plugin.distribution,
                    "version": plugin.version,
                    "module": plugin.reference,
                    "components": found.of(plugin),
                    "seconds": round(plugin.seconds, 4),
                    "status": "failed" if plugin.error else "ok",
                    "error": plugin.error,
                }
                for plugin in found.plugins
            ]
        )
        return
    rows = []
    for plugin in found.plugins:
        count = sum(map(len, found.of(plugin).values()))
        state = "ok" if count else "ok, registers nothing"
        if plugin.error:
            state = f"FAILED: {plugin.error.splitlines()[0]}"
        origin, took = f"{plugin.distribution} {plugin.version}", f"{plugin.seconds * 1000:.0f} ms"
        rows.append((plugin.name, origin, str(count), took, state))
    print_table(("plugin", "from", "components", "import", "state"), rows)
    for plugin in found.plugins if trace else ():
        if plugin.trace:
            click.echo(f"\n{plugin.name}:\n{plugin.trace}", err=True)
    _warn_of_clashes(found)
