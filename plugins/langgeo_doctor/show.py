"""`langgeo show`: one component with its options, a set of languages, or a bundled config."""

from __future__ import annotations

from typing import Any

import click

from langgeo_core.api import (
    DATA_KINDS,
    Catalog,
    LanguageTable,
    MissingPackageError,
    Registered,
    UserError,
    catalog_of,
    complete,
    describe_type,
    field_shapes,
    fields_by_key,
    find_config,
    installed,
    json_option,
    plural_of,
    print_json,
    print_table,
    print_wrapped,
    read_text,
    stands_for,
    suggestion,
    summary_of,
    write_yaml,
)
from langgeo_core.hooks import records


@click.command("show")
@click.argument("kind", shell_complete=complete)
@click.argument("name", shell_complete=complete)
@json_option
@click.pass_obj
def command(settings: dict[str, Any], kind: str, name: str, as_json: bool) -> None:
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
        print_wrapped(f"  {note}")
    print_table(("id", "name", "family", "branch"), [(one.id, one.name, one.family, one.branch) for one in languages])


def _show_config(name: str, as_json: bool) -> None:
    file = find_config(name)
    if as_json:
        summary = summary_of(file)
        print_json({"kind": "configs", "name": name, "file": str(file), "summary": summary, "text": read_text(file)})
        return
    click.echo(read_text(file), nl=False)


def _show_component(kind: str, name: str, catalog: Catalog, as_json: bool) -> None:
    registry, short_names = installed(), catalog.entries(kind)
    short = short_names.get(name)
    if short is None and name not in registry.names(kind) and ":" not in name and short_names:
        known = {*registry.names(kind), *short_names}
        message = f"no {records.KINDS[kind].singular()} is named {name!r}"
        raise UserError(message, suggestion(name, known, f"known {kind}"))
    entry = registry.get(kind, short.component.text if short else name)
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
        print_wrapped(f"{name} (short name of registry.yaml): {stands_for(short)}")
        for line in (short.note, *write_yaml(short.given).splitlines()):
            print_wrapped(f"  {line}".rstrip())
    _print(entry, data)


def _print(entry: Registered, data: dict[str, Any]) -> None:
    component = entry.component
    click.echo(f"{component.name} ({component.kind}), {entry.origin.distribution} {entry.origin.version}")
    print_wrapped(f"  {component.summary}")
    if component.source:
        print_wrapped(f"  source: {component.source}")
    if isinstance(component, records.Transform) and not component.pairwise:
        click.echo("  the new distance of a pair depends on which languages are in the run")
    if component.requires:
        click.echo(f"  needs: {', '.join(component.requires)}")
    if data["missing"]:
        print_wrapped(f"  missing: {', '.join(data['missing'])}; type: {component.how_to_install()}")
    if component.shorthand:
        click.echo(f"  on the command line: {component.kind}.{component.name}=VALUE sets {component.shorthand}")
    for option in data["options"]:
        unit = f" {option['unit']}" if option["unit"] else ""
        print_wrapped(f"  {option['name']} = {option['default']}{unit}  [{option['type']}]")
        print_wrapped(f"      {option['description']}")


def _options(entry: Registered) -> list[dict[str, str]]:
    """Name, type with its range, default, unit and description of each option, as a config writes them."""
    component = entry.component
    try:
        options = component.load("options")
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
                "type": describe_type(field_shapes(field)),
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
