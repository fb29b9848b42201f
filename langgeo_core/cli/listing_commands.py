"""`langgeo list` and `langgeo plugins`."""

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
    _warn_of_clashes(registry.installed())


def _warn_of_clashes(installed: registry.Registry) -> None:
    for clash in installed.clashes():
        click.echo(f"warning: {clash}", err=True)


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
