"""`langgeo new-plugin`."""

from __future__ import annotations

from pathlib import Path

import click

from langgeo_core.cli.completion import KIND


@click.command("new-plugin")
@click.argument("kind", shell_complete=KIND)
@click.argument("name")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder to write; langgeo-NAME in the current one unless given.",
)
def command(kind: str, name: str, out: Path | None) -> None:
    """Write the package of a plugin with a component NAME of a KIND, ready to install, run and test.

    Example: langgeo new-plugin scorer my-idea
    """
    from langgeo_core.plugins.registry import installed
    from langgeo_new_plugin.kits import KITS
    from langgeo_new_plugin.names import free_names
    from langgeo_new_plugin.writing import write_plugin

    names = free_names(kind, name, installed())
    folder = out or Path(names.distribution)
    files = write_plugin(names, folder)
    click.echo(f"wrote {folder}: {len(files)} files of the {names.singular} {name}")
    click.echo("next:")
    click.echo(f"  cd {folder}")
    click.echo("  pip install -e . pytest")
    click.echo("  python -m pytest")
    click.echo(f"  langgeo show {names.singular} {name}")
    click.echo(f"  langgeo run {KITS[names.kind].try_it.format(name=name)}")
    click.echo(f"the work is in {folder / names.package / names.singular}.py")
