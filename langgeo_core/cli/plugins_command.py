"""`langgeo plugins`."""

from __future__ import annotations

import click

from langgeo_core.cli.common import json_option, print_json, print_table


@click.command("plugins")
@json_option
@click.option("--trace", is_flag=True, help="Show the traceback of each plugin that failed.")
def command(as_json: bool, trace: bool) -> None:
    """List the plugins with their distribution, the time they took to import, and why one failed.

    Example: langgeo plugins --trace
    """
    from langgeo_core.plugins import discover
    from langgeo_core.registry import Registry

    plugins = Registry(discover()).plugins
    if as_json:
        print_json(
            [
                {
                    "plugin": plugin.name,
                    "distribution": plugin.distribution,
                    "version": plugin.version,
                    "module": plugin.reference,
                    "seconds": round(plugin.seconds, 4),
                    "error": plugin.error,
                }
                for plugin in plugins
            ]
        )
        return
    rows = [
        (
            plugin.name,
            f"{plugin.distribution} {plugin.version}",
            f"{plugin.seconds * 1000:.0f} ms",
            f"FAILED: {plugin.error.splitlines()[0]}" if plugin.error else "ok",
        )
        for plugin in plugins
    ]
    print_table(("plugin", "from", "import", "state"), rows)
    for plugin in plugins if trace else ():
        if plugin.trace:
            click.echo(f"\n{plugin.name}:\n{plugin.trace}", err=True)
