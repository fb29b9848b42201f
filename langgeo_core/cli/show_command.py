"""`langgeo show`."""

from __future__ import annotations

from typing import Any

import click

from langgeo_core.cli.common import json_option, print_json


@click.command("show")
@click.argument("kind")
@click.argument("name")
@json_option
def command(kind: str, name: str, as_json: bool) -> None:
    """Show the component NAME of a KIND: what it does, where it comes from, its options.

    Example: langgeo show scorer sparsegpt
    """
    from langgeo_core.registry import installed, singular_or_plural

    entry = installed().get(singular_or_plural(kind), name)
    component = entry.component
    data = {
        "kind": component.kind,
        "name": component.name,
        "summary": component.summary,
        "distribution": entry.origin.distribution,
        "version": entry.origin.version,
        "factory": component.factory,
        "source": component.source,
        "requires": list(component.requires),
        "options": _options(component.load_options()),
    }
    if as_json:
        print_json(data)
        return
    click.echo(f"{component.name} ({component.kind}), {entry.origin.distribution} {entry.origin.version}")
    click.echo(f"  {component.summary}")
    if component.source:
        click.echo(f"  source: {component.source}")
    if component.requires:
        click.echo(f"  needs: {', '.join(component.requires)}")
    for option in _options(component.load_options()):
        click.echo(f"  {option['name']} = {option['default']}  [{option['type']}]")
        click.echo(f"      {option['description']}")


def _options(options: Any) -> list[dict[str, str]]:
    """Name, type, default and description of each option."""
    if options is None:
        return []
    properties = options.model_json_schema()["properties"]
    return [
        {
            "name": name,
            "type": _type(schema),
            "default": str(schema["default"]) if "default" in schema else "(required)",
            "description": schema.get("description", ""),
        }
        for name, schema in properties.items()
    ]


def _type(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    if "anyOf" in schema:
        return " | ".join(map(_type, schema["anyOf"]))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("type", "any"))
