"""`langgeo list`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from langgeo_core.cli.common import catalog_of, complete, json_option, print_json, print_table
from langgeo_core.cli.listing import DATA_KINDS, list_kind
from langgeo_core.contract.records import KINDS
from langgeo_core.plugins import registry
from langgeo_core.plugins.registry import plural_of


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
    for clash in registry.installed().clashes():
        click.echo(f"warning: {clash}", err=True)
