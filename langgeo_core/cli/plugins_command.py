"""`langgeo plugins`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from langgeo_core.cli.common import json_option, print_json, print_table

if TYPE_CHECKING:
    from langgeo_core.plugins.discovery import Plugin
    from langgeo_core.plugins.registry import Registry


@click.command("plugins")
@json_option
@click.option("--trace", is_flag=True, help="Show the traceback of each plugin that failed.")
def command(as_json: bool, trace: bool) -> None:
    """List the plugins with their distribution, components, the time they took to import, and why one failed.

    Example: langgeo plugins --trace
    """
    from langgeo_core.plugins.discovery import discover
    from langgeo_core.plugins.registry import Registry

    registry = Registry(discover())
    if as_json:
        print_json([_data(plugin, registry) for plugin in registry.plugins])
        return
    print_table(
        ("plugin", "from", "components", "import", "state"), [_row(plugin, registry) for plugin in registry.plugins]
    )
    for plugin in registry.plugins if trace else ():
        if plugin.trace:
            click.echo(f"\n{plugin.name}:\n{plugin.trace}", err=True)
    for clash in registry.clashes():
        click.echo(f"warning: {clash}", err=True)


def _data(plugin: Plugin, registry: Registry) -> dict[str, Any]:
    return {
        "plugin": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "module": plugin.reference,
        "components": registry.of(plugin),
        "seconds": round(plugin.seconds, 4),
        "status": "failed" if plugin.error else "ok",
        "error": plugin.error,
    }


def _row(plugin: Plugin, registry: Registry) -> tuple[str, ...]:
    count = sum(map(len, registry.of(plugin).values()))
    state = "ok" if count else "ok, registers nothing"
    return (
        plugin.name,
        f"{plugin.distribution} {plugin.version}",
        str(count),
        f"{plugin.seconds * 1000:.0f} ms",
        f"FAILED: {plugin.error.splitlines()[0]}" if plugin.error else state,
    )
