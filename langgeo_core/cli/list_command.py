"""`langgeo list`."""

from __future__ import annotations

import click

from langgeo_core.cli.common import json_option, print_json, print_table


@click.command("list")
@click.argument("kind", required=False)
@json_option
def command(kind: str | None, as_json: bool) -> None:
    """List the components of a KIND (singular or plural), or of every kind.

    Example: langgeo list scorers
    """
    from langgeo_core.components import KINDS
    from langgeo_core.registry import installed, singular_or_plural

    registry = installed()
    kinds = [singular_or_plural(kind)] if kind else list(KINDS)
    found = [(name, entry) for name in kinds for entry in registry.all(name)]
    if as_json:
        print_json(
            [
                {
                    "kind": name,
                    "name": entry.component.name,
                    "summary": entry.component.summary,
                    "distribution": entry.origin.distribution,
                    "version": entry.origin.version,
                }
                for name, entry in found
            ]
        )
        return
    rows = [
        (name, entry.component.name, f"{entry.origin.distribution} {entry.origin.version}", entry.component.summary)
        for name, entry in found
    ]
    print_table(("kind", "name", "from", "summary"), rows)
    for clash in registry.clashes():
        click.echo(f"warning: {clash}", err=True)
