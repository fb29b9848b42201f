"""`langgeo plugins`: what is installed, and why a part of it did not load."""

from __future__ import annotations

import click

from langgeo_core.api import installed, json_option, print_json, print_table


@click.command("plugins")
@json_option
@click.option("--trace", is_flag=True, help="Show the traceback of each plugin that failed.")
def command(as_json: bool, trace: bool) -> None:
    """List the plugins with their distribution, components, the time they took to import, and why one failed.

    Example: langgeo plugins --trace
    """
    found = installed()
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
    for clash in found.clashes():
        click.echo(f"warning: {clash}", err=True)
