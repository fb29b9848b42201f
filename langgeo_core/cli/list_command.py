"""`langgeo list`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from langgeo_core.cli.common import catalog_of, json_option, print_json, print_table
from langgeo_core.cli.completion import KIND

if TYPE_CHECKING:
    from langgeo_core.cli.listing import Listed


@click.command("list")
@click.argument("kind", required=False, shell_complete=KIND)
@json_option
@click.pass_obj
def command(settings: dict[str, Any], kind: str | None, as_json: bool) -> None:
    """List the components of a KIND (singular or plural), or of every kind.

    Short names of registry.yaml stand beside the components. KIND may also be `language-sets` or `configs`.

    \b
    Examples:
      langgeo list scorers
      langgeo list configs
    """
    from dataclasses import asdict

    from langgeo_core.cli.listing import list_all, list_kind, plural_of
    from langgeo_core.plugins.registry import installed

    catalog = catalog_of(settings)
    found = list_kind(plural_of(kind), catalog) if kind else list_all(catalog)
    if as_json:
        print_json([asdict(listed) for listed in found])
        return
    print_table(("kind", "name", "from", "summary"), [_row(listed) for listed in found])
    for clash in installed().clashes():
        click.echo(f"warning: {clash}", err=True)


def _row(listed: Listed) -> tuple[str, ...]:
    lacking = f" [missing: {', '.join(listed.missing)}; type: {listed.install}]" if listed.missing else ""
    origin = f"{listed.distribution} {listed.version}".strip()
    return listed.kind, listed.name, origin, listed.summary + lacking
